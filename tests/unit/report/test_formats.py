"""The formats for other programs: every level, and characters that have a meaning there."""

import json
import xml.etree.ElementTree as ET

import pytest

from litmus.report.github import annotation
from litmus.report.junit import junit
from litmus.report.record import ERROR, FAIL, KNOWN, OPEN, PASS, UNKNOWN, WARNING, Moment, Place, Record, place
from litmus.report.sarif import RULES, rule, sarif
from litmus.report.tap import comment, point
from litmus.source import Source

HERE = Place("a b/t,1.lit", 3, 1, 3, 9)
STATUS = {
    PASS: "holds", OPEN: "expects nothing", KNOWN: "known deviation", FAIL: "fails", UNKNOWN: "timed out",
    ERROR: "does not parse", WARNING: "warning",
}  # fmt: skip


def record(level, message="m", place=HERE, **given):
    about = (
        {} if level in (ERROR, WARNING) else {"test": "t", "model": "lkmm", "assertion": "a", "expected": "forbidden"}
    )
    return Record(level, STATUS[level], message, place, **{**about, **given})


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
    assert root.find(".//failure").text == f"a b/t,1.lit:3:1: {legal}"


SCHEMA = {
    "testsuites": ({"testsuite"}, {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package",
         "file", "log", "url"},
    ),
    "testcase": ({"skipped", "error", "failure", "system-out", "system-err"}, {"name", "time", "classname", "group"}),
    **dict.fromkeys(("skipped", "error", "failure"), (set(), {"type", "message"})),
}  # fmt: skip
"""Elements and attributes of elements that Jenkins' junit-10.xsd has, as far as we could write them."""


@pytest.mark.parametrize("records", [[], ALL, [*ALL, record(FAIL, place=None)]])
def test_junit_has_what_its_schema_has(records):
    for element in ET.fromstring(junit(records)).iter():
        children, attributes = SCHEMA[element.tag]
        assert {child.tag for child in element} <= children
        assert set(element.keys()) <= attributes
        if element.tag == "testsuite":
            assert {"name", "tests", "failures", "errors"} <= set(element.keys())


def test_sarif_of_every_level():
    (run,) = json.loads(sarif(ALL, "1.0"))["runs"]
    assert [result["level"] for result in run["results"]] == ["note", "error", "error", "error", "warning"]
    assert run["results"][0]["suppressions"][0]["kind"] == "external"
    assert run["properties"] == {"held": 1}
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert set(places) == {"a%20b/t%2C1.lit"}


def messages(found):
    """All messages in a log."""
    if isinstance(found, dict):
        yield from [found["text"]] if "text" in found else []
        yield from (text for value in found.values() for text in messages(value))
    elif isinstance(found, list):
        yield from (text for value in found for text in messages(value))


def test_messages_have_no_placeholders_and_no_links():
    """Sections 3.11.5 and 3.11.6 of the standard; the schema says nothing of that."""
    told = sarif([record(FAIL, "P0 { x[0](1) } {0}", moments=(Moment("A", "t[i](x) = {1}"),))], "1.0")
    found = list(messages(json.loads(told)))
    assert "t a [lkmm]: P0 {{ x[0] (1) }} {{0}}" in found
    assert "A: t[i] (x) = {{1}}" in found


@pytest.mark.parametrize(
    ("file", "artifact"),
    [
        ("a/b.lit", {"uri": "a/b.lit", "uriBaseId": "%SRCROOT%"}),
        ("/a b/c.lit", {"uri": "file:///a%20b/c.lit"}),
        ("h\u00fcr: 100%.lit", {"uri": "h%C3%BCr%3A%20100%25.lit", "uriBaseId": "%SRCROOT%"}),
        ("no\udcfftext", {"uri": "no%FFtext", "uriBaseId": "%SRCROOT%"}),
    ],
)
def test_files_are_uris(file, artifact):
    (run,) = json.loads(sarif([record(FAIL, place=Place(file, 1, 1, 1, 2))], "1.0"))["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"] == artifact


@pytest.mark.parametrize("file", ["no\udcfftext", "\x1b[31m", "a\nb", "a\u0085b"])
@pytest.mark.parametrize("form", [sarif, junit, lambda records, *_: point(1, records[0])])
def test_any_name_of_a_file_can_be_written(file, form):
    told = form([record(FAIL, file, place=Place(file, 1, 1, 1, 2))], *["1.0"] * (form is sarif))
    told.encode()
    assert "\x1b" not in told


def test_options_of_the_command_line_are_no_files():
    for name in ("command line", "--model", "-I", "--no-settings"):
        assert place(Source(name, "x").span(0, 1)) is None
    for name in ("-x.lit", "command line.lit", "a b", "--x/y"):
        assert place(Source(name, "x").span(0, 1)) == Place(name, 1, 1, 1, 2)


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


def test_diagnostics_are_one_block_of_yaml():
    """Every line of it begins with two columns, or readers take it for its end."""
    told = point(1, record(FAIL, "  one\n\n  ...\n---\ntwo", place=Place("it's\n...", 1, 2, 1, 3)))
    first, *lines = told.splitlines()
    assert first == "not ok 1 - t a [lkmm]"
    assert all(line.startswith("  ") for line in lines)
    assert (lines[0], lines[-1]) == ("  ---", "  ...")
    assert [line for line in lines if line in ("  ---", "  ...")] == ["  ---", "  ..."]
    assert "    file: 'it''s ...'" in lines
