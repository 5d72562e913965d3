"""The formats for other programs: every level, and characters that have a meaning there."""

import json
import xml.etree.ElementTree as ET

import pytest

from litmus.report.github import annotation
from litmus.report.junit import junit
from litmus.report.record import ERROR, FAIL, KNOWN, OPEN, PASS, UNKNOWN, WARNING, Moment, Place, Record
from litmus.report.sarif import RULES, rule, sarif
from litmus.report.tap import comment, point

HERE = Place("a b/t,1.lit", 3, 1, 3, 9)
STATUS = {
    PASS: "holds", OPEN: "expects nothing", KNOWN: "known deviation", FAIL: "fails", UNKNOWN: "timed out",
    ERROR: "does not parse", WARNING: "warning",
}  # fmt: skip


def record(level, message="m", **given):
    about = (
        {} if level in (ERROR, WARNING) else {"test": "t", "model": "lkmm", "assertion": "a", "expected": "forbidden"}
    )
    return Record(level, STATUS[level], message, HERE, **{**about, **given})


ALL = [record(level) for level in STATUS]


def test_junit_of_every_level():
    root = ET.fromstring(junit(ALL))
    assert [case.find("*").tag if len(case) else None for case in root.iter("testcase")] == [
        None, "skipped", "skipped", "failure", "error", "error",
    ]  # fmt: skip


def test_junit_of_nothing():
    assert ET.fromstring(junit([])).get("tests") == "0"


@pytest.mark.parametrize("text", ["a < b && c > \"d\" 'e'", "]]>", "\x00\x1b[31m\ufffe", "two\nlines\t."])
def test_junit_says_any_text(text):
    root = ET.fromstring(junit([record(FAIL, text)]))
    legal = "".join("\ufffd" if c in "\x00\x1b\ufffe" else c for c in text)
    assert root.find(".//failure").get("message") == legal
    assert root.find(".//failure").text == legal


def test_sarif_of_every_level():
    (run,) = json.loads(sarif(ALL, "1.0"))["runs"]
    assert [result["level"] for result in run["results"]] == ["note", "error", "error", "error", "warning"]
    assert run["results"][0]["suppressions"][0]["kind"] == "external"
    assert run["properties"] == {"held": 1}
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert set(places) == {"a%20b/t%2C1.lit"}


def test_a_step_without_a_place_is_a_step():
    (run,) = json.loads(sarif([record(FAIL, moments=(Moment("A", "x = 1"),))], "1.0"))["runs"]
    ((flow,),) = [flow["threadFlows"] for flow in run["results"][0]["codeFlows"]]
    assert [step["location"]["message"]["text"] for step in flow["locations"]] == ["A: x = 1", "the condition"]


def test_every_rule_is_described():
    assert {rule(each) for each in ALL if each.level not in (PASS, OPEN)} <= RULES.keys()
    assert rule(record(FAIL, assertion="DATARACE", expected="no data race")) == "data-race"
    assert rule(record(FAIL, assertion="Result", expected="Never")) == "observation"


def test_annotations_of_every_level():
    assert [annotation(each).partition(" ")[0] for each in ALL] == [
        "", "", "::notice", "::error", "::error", "::error", "::warning",
    ]  # fmt: skip


def test_annotations_escape():
    told = annotation(record(FAIL, "50%: a,b\nc"))
    assert told.startswith("::error file=a b/t%2C1.lit,line=3,endLine=3,col=1,endColumn=9,title=t a [lkmm]%3A fails::")
    assert told.endswith("::50%25: a,b%0Ac\n")


def test_points_of_every_level():
    lines = [point(1, each).splitlines()[0] for each in ALL[:-1]]
    assert lines == [
        "ok 1 - t a [lkmm]",
        "ok 1 - t a [lkmm] # SKIP expects nothing",
        "not ok 1 - t a [lkmm] # TODO known deviation",
        "not ok 1 - t a [lkmm]",
        "not ok 1 - t a [lkmm]",
        "not ok 1 - does not parse: m",
    ]
    assert comment(ALL[-1]) == "# warning: m\n"
    assert point(2, record(ERROR, "# TODO\n\\")).startswith("not ok 2 - does not parse: \\# TODO \\\\\n")
