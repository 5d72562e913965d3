"""The formats of `litmus check`, several at once, each read as its readers read it."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

INPUT = Path(__file__).parents[1] / "golden" / "input"
EMPTY = "C g\n{ x=0; }\nP0(int *x)\n{\n\tint r0;\n\tr0 = READ_ONCE(*x);\n}\nfilter (0:r0=1)\n~exists (0:r0=2)\n"
QUESTION = EMPTY.replace("filter (0:r0=1)\n~exists", "exists")
MAYBE = QUESTION.replace("C g\n", "C g\n(* Result: Maybe *)\n")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("wrong.lit", "loops.lit", "race.litmus"):
        shutil.copy(INPUT / name, tmp_path)
    Path("empty.litmus").write_text(EMPTY)
    Path("question.litmus").write_text(QUESTION)
    Path("maybe.litmus").write_text(MAYBE)
    Path("bad.lit").write_text('litmus "x" {\n')


FILES = ("wrong.lit", "empty.litmus", "question.litmus", "maybe.litmus", "bad.lit")


def test_junit(litmus):
    ran = litmus("check", "-j1", *FILES, "--output", "junit=out/junit.xml")
    assert ran.status == 2
    root = ET.parse("out/junit.xml").getroot()
    assert root.tag == "testsuites"
    cases = {(case.get("classname"), case.get("name")): case for case in root.iter("testcase")}
    assert cases["wrong", "both [sc]"].find("*") is None
    failure = cases["wrong", "both [lkmm]"].find("failure")
    assert failure is not None
    assert "WRITE_ONCE(x, 1)" in failure.text
    assert cases["g", "g [lkmm]"].find("failure").get("type") == "no execution"
    assert cases["question.litmus", "checks nothing"].find("error") is not None
    assert cases["bad.lit", "does not parse"].find("error") is not None
    assert cases["g", "Result [lkmm]"].find("skipped") is not None
    for suite in (root, *root.iter("testsuite")):
        for name, tags in {"failures": "failure", "errors": "error", "skipped": "skipped", "tests": "testcase"}.items():
            if (suite.tag, name) != ("testsuites", "skipped"):  # which Jenkins' schema does not have
                assert int(suite.get(name)) == len(list(suite.iter(tags)))


def test_sarif(litmus):
    litmus("check", "-j1", *FILES, "--output", "sarif=out.sarif")
    log = json.loads(Path("out.sarif").read_text())
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert run["tool"]["driver"]["name"] == "litmuskit"
    for result in run["results"]:
        assert result["ruleId"] == rules[result["ruleIndex"]]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result["locations"]:
            valid(location["physicalLocation"])
    assert {result["ruleId"] for result in run["results"]} == {
        "forbidden", "no-execution", "checks-nothing", "does-not-parse",
    }  # fmt: skip
    prints = [json.dumps(result["partialFingerprints"]) for result in run["results"]]
    assert len(set(prints)) == len(prints)


def valid(physical):
    region = physical["region"]
    assert physical["artifactLocation"]["uri"] in FILES
    assert 1 <= region["startLine"] <= region["endLine"]
    assert min(region["startColumn"], region["endColumn"]) >= 1


def test_the_counterexample_is_a_code_flow(litmus):
    litmus("check", "wrong.lit", "--output", "sarif=out.sarif")
    (result,) = json.loads(Path("out.sarif").read_text())["runs"][0]["results"]
    ((flow,),) = [flow["threadFlows"] for flow in result["codeFlows"]]
    steps = flow["locations"]
    assert [step["executionOrder"] for step in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        valid(step["location"]["physicalLocation"])
    lines = Path("wrong.lit").read_text().splitlines()
    shown = [lines[step["location"]["physicalLocation"]["region"]["startLine"] - 1].strip() for step in steps]
    assert sorted(shown) == sorted(
        ["WRITE_ONCE(x, 1);", "int r = READ_ONCE(y);", "WRITE_ONCE(y, 1);", "int r = READ_ONCE(x);",
         "forbid both: A.r == 0 && B.r == 0;"]
    )  # fmt: skip
    assert shown[-1].startswith("forbid both")


def test_github(litmus):
    ran = litmus("check", "-j1", *FILES, "--format", "github")
    *annotations, summary = ran.out.splitlines()
    parts = [re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.+)", line) for line in annotations]
    assert all(parts)
    line = Path("wrong.lit").read_text().splitlines().index("forbid both: A.r == 0 && B.r == 0;") + 1
    assert parts[0][2].startswith(f"file=wrong.lit,line={line},endLine={line},col=1,endColumn=")
    assert "%0A" in parts[0][3]
    assert [part[2].rpartition("title=")[2] for part in parts][1:] == [
        "g g [lkmm]%3A no execution", "checks nothing", "does not parse", "does not parse",
    ]  # fmt: skip
    assert summary.startswith("4 expectations: ")


def test_tap(litmus):
    lines = litmus("check", "-j1", *FILES, "--format", "tap").out.splitlines()
    assert lines[0] == "TAP version 14"
    points = [line for line in lines if re.match(r"(not )?ok ", line)]
    assert lines[-1] == f"1..{len(points)}"
    assert [re.match(r"(not )?ok (\d+) - ", point)[2] for point in points] == [
        str(n) for n in range(1, len(points) + 1)
    ]
    assert points[0] == "not ok 1 - wrong both [lkmm]"
    assert points[1] == "ok 2 - wrong both [sc]"
    assert any(point.endswith("# SKIP expects nothing") for point in points)


def test_json_has_errors_too(litmus):
    found = [json.loads(line) for line in litmus("check", "-j1", *FILES, "--format", "json").out.splitlines()]
    assert [each["status"] for each in found] == [
        "fails", "holds", "no execution", "checks nothing", "expects nothing", "does not parse", "does not parse",
    ]  # fmt: skip
    assert {each["file"] for each in found if "error" in each} == {"question.litmus", "bad.lit"}


def test_herd(litmus):
    out = litmus("check", "race.litmus", "--format", "herd").out
    assert "Observation race-of-ours Sometimes 1 1" in out
    assert "States" in out


def test_several_at_once_say_what_each_says_alone(litmus):
    alone = {form: litmus("check", "-j1", *FILES, "--format", form).out for form in ("text", "json", "tap", "github")}
    options = [word for form in alone for word in ("--output", f"{form}=out/{form}")]
    litmus("check", "-j1", *FILES, *options)
    for form, text in alone.items():
        assert Path("out", form).read_text() == text


@pytest.mark.parametrize(
    ("arguments", "counted"),
    [
        (("loops.lit", "--timeout", "1e-9"), "timed out"),
        (("empty.litmus",), "no execution: 1"),
        (("question.litmus",), "checks nothing: 1"),
        (("bad.lit",), "does not parse: 2"),
    ],
)
def test_what_is_no_pass_is_counted(litmus, arguments, counted):
    ran = litmus("check", *arguments)
    assert ran.status != 0
    assert counted in ran.out.splitlines()[-1]
    assert " 0 hold" in ran.out or "nothing was checked" in ran.out


def test_a_bound_is_counted(litmus):
    Path("spin.lit").write_text(
        'litmus "s"\nmodels lkmm;\nint x;\nint y;\nthread A { WRITE_ONCE(x, 1); }\n'
        "thread B { while (READ_ONCE(x) == 0) { WRITE_ONCE(y, 1); } int r = READ_ONCE(y); }\nforbid never: B.r == 7;\n"
    )
    ran = litmus("check", "spin.lit")
    assert ran.status == 3
    assert ran.out.endswith("0 hold, 0 fail, 1 unknown (bound met: 1)\n")


@pytest.mark.parametrize("option", ["jnit=x", "junit", "junit=", "=x", "sarif=wrong.lit/x", "json=."])
def test_outputs_that_cannot_be(litmus, option):
    ran = litmus("check", "wrong.lit", "--output", option)
    assert (ran.status, ran.out) == (2, "")
    assert "error: " in ran.err


def test_one_file_holds_one_format(litmus):
    ran = litmus("check", "wrong.lit", "--output", "json=x", "--output", "tap=./x")
    assert (ran.status, ran.out) == (2, "")
    assert "'x' is named twice" in ran.err


def test_what_an_earlier_run_wrote_is_no_answer(litmus, monkeypatch):
    Path("x.json").write_text("old")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("litmus.suite.checking.judge", interrupted)
    assert litmus("check", "-j1", "wrong.lit", "--no-cache", "--output", "json=x.json").status == 130
    (said,) = map(json.loads, Path("x.json").read_text().splitlines())
    assert (said["file"], said["status"]) == ("wrong.lit", "not run")


def test_a_bar_on_a_terminal():
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "litmus", "check", "-j1", "--no-settings", "wrong.lit", "race.litmus"]
    ran = subprocess.Popen(command, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "99"})
    os.close(theirs)
    shown = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.close(ours)
    assert ran.wait() == 1
    text = shown.decode()
    assert "2/2" in text
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", text)
    assert "FAIL  both  expected forbidden" in plain
    assert "4 expectations: " in plain


def test_results_with_errors_can_be_compared(litmus):
    litmus("check", "-j1", *FILES, "--output", "json=out.json")
    ran = litmus("compare", "out.json", "out.json")
    assert (ran.status, ran.err) == (3, "")  # what has an error is no answer, so nothing says that it is the same
