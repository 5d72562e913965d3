"""Which tests changed, between files and between models."""

import json

import pytest

from litmus.suite.changes import Told, change
from litmus.suite.status import Status

MP = """litmus "mp"
models lkmm, sc;
int x = 0, y = 0;
thread W { WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); }
thread R { int a = READ_ONCE(y); int b = READ_ONCE(x); }
forbid stale: R.a == 1 && R.b == 0;
variant ordered { forbid stale: R.a == 1 && R.b == 0 && R.b == 1; }
"""


@pytest.fixture
def test_file(tmp_path):
    path = tmp_path / "mp.lit"
    path.write_text(MP)
    return path


@pytest.fixture
def results(litmus, test_file):
    """Writes what a command says of the test under a model to a file."""

    def write(name, command, *arguments):
        path = test_file.parent / name
        path.write_text(litmus(command, test_file, "--format", "json", *arguments).out)
        return path

    return write


def test_two_models(litmus, test_file):
    found = litmus("compare", "lkmm", "sc", test_file)
    assert found.status == 1
    assert found.out == (
        "mp: changed\n  stale: Sometimes, fails -> Never, holds\n  - R.a=1; R.b=0\n"
        "mp/ordered: changed\n  - R.a=1; R.b=0\n"
        "2 compared: 2 changed, 0 unknown, 0 the same\n"
    )
    same = litmus("compare", "lkmm@v5.4", "lkmm", test_file)
    assert (same.status, same.out) == (0, "2 compared: 0 changed, 0 unknown, 2 the same\n")


def test_json(litmus, test_file):
    found = litmus("compare", "sc", "lkmm", test_file, "--format", "json")
    first, second = map(json.loads, found.out.splitlines())
    assert first == {
        "test": "mp",
        "model": None,
        "change": "changed",
        "note": None,
        "claims": [{"name": "stale", "before": "Never, holds", "after": "Sometimes, fails"}],
        "gone": [],
        "new": ["R.a=1; R.b=0"],
    }
    assert second["claims"] == []


@pytest.mark.parametrize("command", ["run", "check"])
def test_two_files(litmus, results, command):
    before, after = results("a.json", command, "-m", "lkmm"), results("b.json", command, "-m", "sc")
    assert litmus("compare", before, before).status == 0
    found = litmus("compare", before, after)
    assert found.status == 1
    assert "mp: changed\n  stale: Sometimes, " in found.out
    assert ("- R.a=1; R.b=0" in found.out) is (command == "run")


def test_what_is_only_in_one(litmus, results):
    both, one = results("a.json", "run"), results("b.json", "run", "-m", "lkmm")
    found = litmus("compare", both, one)
    assert found.status == 1
    assert f"mp under sc: changed (only in {both})\n" in found.out
    assert found.out.endswith("4 compared: 2 changed, 0 unknown, 2 the same\n")


def test_errors_are_not_taken_for_the_same(litmus, results, tmp_path):
    good = results("good.json", "check")
    (tmp_path / "mp.lit").write_text("litmus {")
    bad = results("bad.json", "check")
    assert litmus("compare", good, bad).status == 1
    again = litmus("compare", bad, bad)
    assert again.status == 3
    assert again.out.endswith("1 compared: 0 changed, 1 unknown, 0 the same\n")


def test_tests_of_the_same_name_are_told_apart(litmus, results, tmp_path):
    path = results("a.json", "run")
    path.write_text(path.read_text() * 2)
    assert litmus("compare", path, path).out.startswith("8 compared: 0 changed")


def test_what_is_not_complete_is_unknown(litmus, test_file):
    found = litmus("compare", "lkmm@v5.4", "lkmm", test_file, "--timeout", "0.0000001")
    assert found.status == 3
    assert found.out.endswith("2 compared: 0 changed, 2 unknown, 0 the same\n")


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (Told({"a": "Never"}, frozenset("xy")), Told({"a": "Never"}, frozenset("xy")), Status.OK),
        (Told({"a": "Never"}, frozenset("xy")), Told({"a": "Never"}, frozenset("x")), Status.FAILED),
        (Told({"a": "Never"}, frozenset("xy")), Told({"a": "unknown"}, frozenset("x"), False), Status.UNKNOWN),
        (Told({"a": "Never"}, frozenset("xy")), Told({"a": "unknown"}, frozenset("z"), False), Status.FAILED),
        (Told({"a": "unknown"}, frozenset("x"), False), Told({"a": "unknown"}, frozenset("y"), False), Status.UNKNOWN),
        (Told({"a": "Never"}), Told({"b": "Never"}), Status.FAILED),
    ],
)
def test_what_is_known_to_have_changed(before, after, status):
    assert change("t", None, before, after).status is status


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("{\n", "not a result of a test"),
        ("[]\n", "not a result"),
        ('{"test": 1}\n', "not a result"),
    ],
)
def test_what_is_no_result(litmus, tmp_path, text, message):
    path = tmp_path / "a.json"
    path.write_text(text)
    found = litmus("compare", path, path)
    assert found.status == 2
    assert message in found.err


def test_wrong_arguments(litmus, test_file, tmp_path):
    assert litmus("compare", "lkmm", "lkmn", test_file).status == 2
    assert litmus("compare", tmp_path / "gone", tmp_path / "gone").status == 2
    assert litmus("compare", "lkmm", "sc", test_file, "-m", "sc").status == 2
