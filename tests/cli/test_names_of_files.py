"""Files whose names are no text, or have what formats take for something else: every format can name them."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

TEST = 'litmus "t"\nmodels sc;\nint x = 0;\nthread P { WRITE_ONCE(x, 1); }\nrequire one: x == 2;\n'
NAMES = [b"no\xfftext.lit", "h\u00fcr,1: 100%.lit".encode(), b"two\nlines.lit", b"{0}[1](2).lit", b"'<&\">.lit"]
FORMS = ("text", "json", "junit", "sarif", "github", "tap", "herd")


@pytest.fixture(params=NAMES, ids=[str(n) for n in range(len(NAMES))])
def name(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        Path(os.fsdecode(request.param)).write_text(TEST)
    except OSError:
        pytest.skip("there is no such name here")
    Path("bad.lit").write_text("litmus")
    return os.fsdecode(request.param)


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_every_format(name, encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path(__file__).parents[2])}
    outputs = [word for form in FORMS for word in ("--output", f"{form}=out.{form}")]
    for form in ("text", "github") if encoding.startswith("utf") else ("json",):
        command = [
            sys.executable,
            "-m",
            "litmus",
            "check",
            "-j1",
            "--format",
            form,
            *outputs,
            name,
            "bad.lit",
            "gone.lit",
        ]
        ran = subprocess.run(command, env=environment, capture_output=True)
        assert ran.returncode == 2
        assert b"Traceback" not in ran.stderr
    assert ET.parse("out.junit").getroot().get("tests") == "3"
    (run,) = json.loads(Path("out.sarif").read_bytes())["runs"]
    places = [result["locations"] for result in run["results"]]
    uri = places[0][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert places[2] == []  # what the command line names and is not there is in no file
    assert (
        os.fsencode(name).replace(b"%", b"%25").replace(b"\n", b"%0A").replace(b":", b"%3A").replace(b",", b"%2C")
        in Path("out.github").read_bytes()
    )
    assert Path("out.tap").read_text(errors="replace").endswith("1..3\n")
