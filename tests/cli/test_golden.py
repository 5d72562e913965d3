"""Every printed format, byte by byte. `pytest --promote` rewrites the files in tests/golden."""

import re
from pathlib import Path

import pytest

INPUT = Path(__file__).parents[1] / "golden" / "input"

CASES = {
    "check.txt": ("check", "locked.lit", "pin.lit", "race.litmus", "sb.litmus", "wrong.lit"),
    "check.jsonl": ("check", "--format", "json", "pin.lit", "wrong.lit", "race.litmus"),
    "matrix.txt": ("check", "--matrix", "matrix.lit", "pin.lit", "race.litmus", "sb.litmus", "wrong.lit"),
    "matrix.jsonl": ("check", "--matrix", "--format", "json", "matrix.lit", "sb.litmus"),
    "run.txt": ("run", "pin.lit", "sb.litmus", "race.litmus", "--counts"),
    "run.herd.txt": ("run", "--format", "herd", "sb.litmus", "race.litmus"),
    "run-lit.herd.txt": ("run", "--format", "herd", "--model", "lkmm", "pin.lit", "wrong.lit", "locked.lit"),
    "run.jsonl": ("run", "--format", "json", "wrong.lit", "sb.litmus"),
    "timelines-pin-lkmm.txt": ("run", "--timelines", "--model", "lkmm", "pin.lit"),
    "timelines-wrong.txt": ("run", "--timelines", "wrong.lit"),
    "timelines-locked-power.txt": ("run", "--timelines", "--model", "power", "locked.lit"),
    "timelines-sb.txt": ("run", "--timelines", "sb.litmus"),
    "loops.txt": ("check", "loops.lit"),
    "loops-run.txt": ("run", "--model", "lkmm", "loops.lit"),
    "graph.dot": ("graph", "--model", "armv8", "--test", "pin/no_wmb", "pin.lit"),
    "graph.svg": ("graph", "--model", "armv8", "--test", "pin/no_wmb", "--format", "svg", "pin.lit"),
}


@pytest.mark.parametrize("name", CASES)
def test_format(litmus, golden, monkeypatch, name):
    monkeypatch.chdir(INPUT)
    golden(name, timeless(litmus(*CASES[name]).out))


def timeless(text):
    text = re.sub(r"(?m)^(Time \S+) [\d.]+$", r"\1 0.00", text)
    return re.sub(r'"seconds": [\d.e-]+', '"seconds": 0.0', text)


@pytest.mark.parametrize("file", ["locked.lit", "pin.lit", "wrong.lit"])
def test_export(litmus, golden, monkeypatch, tmp_path, file):
    monkeypatch.chdir(INPUT)
    assert litmus("export", file, "--to", "herd", "--arch", "lkmm", "--lower", "-o", tmp_path).status == 0
    for path in sorted(tmp_path.iterdir()):
        golden(f"export/{path.name}", path.read_text())


@pytest.mark.parametrize("arch", ["lkmm", "armv8"])
def test_export_of_bits_apart(litmus, golden, monkeypatch, tmp_path, arch):
    monkeypatch.chdir(INPUT)
    assert litmus("export", "pin.lit", "--arch", arch, "--split-bits", "-o", tmp_path).status == 0
    for path in sorted(tmp_path.rglob("pin.*.litmus")):
        golden(f"export/split-bits/{arch}/{path.name}", path.read_text())
