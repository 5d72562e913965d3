"""--timeout bounds a test under a model whole: what is not finished is unknown, in every command and format."""

import json
import re
import sys
import time
from pathlib import Path

import pytest

from litmus.suite import step as step_module

READS = "\n".join(f"    r{i} = READ_ONCE(x);" for i in range(1000))
BRANCHES = "\n".join(f"    r{i} = READ_ONCE(x); if (r{i}) WRITE_ONCE(y, {i});" for i in range(30))
LONG = {
    "specialising": READS,
    "exploring paths": BRANCHES,
}

COMMANDS = [
    ("run",),
    ("run", "--format", "herd"),
    ("run", "--format", "json"),
    ("check",),
    ("check", "--format", "json"),
    ("check", "-j", "2"),
    ("bench",),
    ("bench", "--format", "json"),
]


@pytest.fixture(params=sorted(LONG))
def long_test(request, tmp_path):
    path = tmp_path / "long.lit"
    threads = f"thread A {{\n{LONG[request.param]}\n}}\nthread B {{ WRITE_ONCE(x, 1); }}\n"
    path.write_text(f'litmus "long"\nmodels lkmm;\nint x, y;\n{threads}forbid seven: A.r0 == 7;\n')
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_stage_outlasts_the_limit(litmus, long_test, command):
    started = time.monotonic()
    ran = litmus(*command, "--timeout", "0.2", long_test)
    assert time.monotonic() - started < 20
    assert ran.status == 3
    assert "Ok" not in ran.out
    if "json" in command:
        assert json.loads(ran.out)
    else:
        assert "time limit of 0.2 s reached" in ran.out + ran.err


def test_the_limit_is_for_each_test_anew(litmus, long_test, tmp_path):
    short = tmp_path / "short.lit"
    short.write_text('litmus "short"\nmodels sc;\nint x;\nthread A { WRITE_ONCE(x, 1); }\nforbid two: x == 2;\n')
    ran = litmus("check", "--timeout", "0.5", long_test, short)
    assert ran.status == 3
    assert ran.out.endswith("1 hold, 0 fail, 1 unknown (timed out: 1)\n")


def test_more_events_than_are_computed_with_is_an_error(litmus, tmp_path):
    path = tmp_path / "huge.litmus"
    fences = "\n".join(" DMB SY ;" for _ in range(4100))
    path.write_text(f"AArch64 huge\n{{ 0:X1=x; }}\n P0 ;\n{fences}\nexists (x=0)\n")
    ran = litmus("run", path)
    assert ran.status == 2
    assert "huge.litmus:4100:2: error: an execution performs more than 4096 events up to here" in ran.err


RING = 24


@pytest.fixture
def ring(tmp_path):
    """A test with 2**24 states, of which some are found in any time that allows for a start, and with a condition that
    no state fulfils."""
    path = tmp_path / "ring.lit"
    shared = " ".join(f"int x{i};" for i in range(RING))
    threads = "\n".join(
        f"thread T{i} {{ WRITE_ONCE(x{i}, 1); int r = READ_ONCE(x{(i + 1) % RING}); }}" for i in range(RING)
    )
    observed = " || ".join(f"T{i}.r == 2" for i in range(RING))
    path.write_text(f'litmus "ring"\nmodels x86;\n{shared}\n{threads}\nforbid two: {observed};\n')
    return path


def started(lines):
    """Return the number of states that are said to have been found, and that are shown."""
    (said,) = (
        re.search(r"(\d+) states? (found )?so far", line) for line in lines if "so far" in line and "Never" not in line
    )
    return int(said[1]), sum(f"T{RING - 1}.r=" in line for line in lines)


@pytest.mark.parametrize("engine", ["explicit", "sat"])
class TestWhatWasLearned:
    """A time limit leaves the outcomes that were found before it."""

    @pytest.fixture(autouse=True)
    def solver(self, engine):
        if engine == "sat":
            pytest.importorskip("pysat")

    def test_run(self, litmus, ring, engine):
        ran = litmus("run", "--engine", engine, "--timeout", "1", ring)
        said, shown = started(ran.out.splitlines())
        assert 0 < said == shown < 2**RING
        assert "Never so far" in ran.out
        assert ran.out.splitlines()[-3].endswith("unknown")

    def test_json(self, litmus, ring, engine):
        found = json.loads(litmus("run", "--engine", engine, "--timeout", "1", "--format", "json", ring).out)
        assert 0 < len(found["states"]) < 2**RING
        assert not found["complete"]
        assert found["assertions"][0]["verdict"] == "unknown"

    def test_herd_says_so_beside_the_answers(self, litmus, ring, engine):
        if engine == "sat":
            pytest.skip("herd's format counts executions")
        ran = litmus("run", "--timeout", "1", "--format", "herd", ring)
        assert ran.out == ""
        said, shown = started(ran.err.splitlines())
        assert said > shown == 20
        assert f"and {said - 20} more" in ran.err


UNKNOWN_IN = {
    "text": "unknown  two",
    "json": '"verdict": "unknown"',
    "junit": "time limit of 0.3 s reached",
    "sarif": "time limit of 0.3 s reached",
    "github": "time limit of 0.3 s reached",
    "tap": "not ok 1",
}
"""How each format tells that a test did not end in time."""


@pytest.fixture
def counter(tmp_path):
    """A test that takes a solver minutes: that no update of fourteen is lost, where it matters who made which."""
    path = tmp_path / "counter.lit"
    threads = "\n".join(f"thread T{i} {{ int r = atomic_fetch_inc(&x); }}" for i in range(14))
    own = " || ".join(f"T{i}.r == {i}" for i in range(14))
    path.write_text(f'litmus "counter"\nmodels lkmm;\natomic_t x;\n{threads}\nforbid two: x != 14 && ({own});\n')
    return path


@pytest.mark.parametrize("engine", ["explicit", "sat"])
@pytest.mark.parametrize("style", UNKNOWN_IN)
def test_every_format_of_a_check_says_unknown(litmus, ring, counter, engine, style):
    if engine == "sat":
        pytest.importorskip("pysat")
    test = counter if engine == "sat" else ring
    ran = litmus("check", "--engine", engine, "--timeout", "0.3", "--format", style, test)
    assert ran.status == 3
    assert UNKNOWN_IN[style] in ran.out


def test_the_herd_format_of_a_check_prints_no_half_of_an_answer(litmus, ring):
    ran = litmus("check", "--timeout", "0.3", "--format", "herd", ring)
    assert ran.status == 3
    assert "Test ring" not in ran.out


def test_check_tells_what_was_learned(litmus, ring):
    ran = litmus("check", "--engine", "explicit", "--timeout", "1", ring)
    assert "found Never so far" in ran.out
    said, shown = started([line for line in ran.out.splitlines() if "expected" not in line])
    assert said > shown == 20
    told = json.loads(litmus("check", "--engine", "explicit", "--timeout", "1", "--format", "json", ring).out)
    assert told["verdict"] == "unknown"
    assert 20 < len(told["so_far"]) < 2**RING


def test_what_is_settled_before_the_limit_is_no_unknown(litmus, ring):
    """One execution proves that something is possible."""
    ring.write_text(ring.read_text().replace("forbid two:", "allow one: T0.r == 0 || T0.r == 1;\nforbid two:"))
    ran = litmus("check", "--engine", "explicit", "--timeout", "1", ring)
    assert "ok       one" in ran.out
    assert "unknown  two" in ran.out
    assert ran.status == 3


SHORT = 'litmus "{}"\nmodels lkmm, sc;\nint x;\nthread A {{ WRITE_ONCE(x, 1); }}\nforbid two: x == 2;\n'


@pytest.fixture
def stuck(tmp_path, monkeypatch):
    """Three tests, in the second of which something goes on for ever: reading it, or its evaluation under sc."""
    from litmus.engine import judge
    from litmus.frontend import dispatch

    monkeypatch.setattr(step_module, "MARGIN", 0.3)
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.lit").write_text(SHORT.format(name))

    def reading(source, *rest, real=dispatch.parse):
        while '"b"' in source.text:
            pass
        return real(source, *rest)

    def checking(program, found, model, limits, *rest, real=judge.check):
        while program.title == "b" and model.name == "sc" and limits.deadline.at is not None:
            pass
        return real(program, found, model, limits, *rest)

    def put(where):
        place, function = {"reading": (dispatch, reading), "evaluating": (judge, checking)}[where]
        monkeypatch.setattr(place, "parse" if where == "reading" else "check", function)
        return tmp_path

    return put


@pytest.mark.parametrize("jobs", [1, 2])
def test_reading_a_file_is_bounded(litmus, stuck, jobs):
    ran = litmus("check", "--timeout", "0.5", "--no-cache", "-j", jobs, stuck("reading"))
    assert ran.status == 3
    assert ran.err.endswith("b.lit: unknown: time limit of 0.5 s reached while it was read\n")
    assert ran.out.endswith("5 expectations: 4 hold, 0 fail, 1 unknown (timed out: 1)\n")


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("style", ["text", "json"])
def test_what_does_not_look_at_the_clock_is_ended(litmus, stuck, jobs, style):
    """Only that test, under that model."""
    ran = litmus("check", "--timeout", "0.5", "--no-cache", "-j", jobs, "--format", style, stuck("evaluating"))
    assert (ran.status, ran.err) == (3, "")
    if style == "text":
        assert "time limit of 0.5 s reached" in ran.out
        assert ran.out.endswith("6 expectations: 5 hold, 0 fail, 1 unknown (timed out: 1)\n")
        return
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert [(line["test"], line["model"]) for line in found if line["status"] == "timed out"] == [("b", "sc")]
    assert len(found) == 6


def test_a_limit_of_the_configuration_is_as_hard(litmus, stuck, monkeypatch):
    monkeypatch.chdir(stuck("reading"))
    Path("litmus.toml").write_text('paths = ["."]\n[[path]]\nmatch = "b.lit"\ntimeout = 0.3\n')
    ran = litmus("check", "--no-cache", "-j1")
    assert (ran.status, ran.err) == (3, "b.lit: unknown: time limit of 0.3 s reached while it was read\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is only bounded on Linux")
@pytest.mark.parametrize("jobs", [1, 2])
def test_memory_is_bounded_for_each_file(litmus, stuck, jobs, monkeypatch):
    from litmus.engine import judge

    def checking(program, *rest, real=judge.check):
        kept = []
        while program.title == "b":
            kept.append(bytearray(2**20))
        return real(program, *rest)

    folder = stuck("reading")
    monkeypatch.undo()
    monkeypatch.setattr(judge, "check", checking)
    ran = litmus("check", "--memory", 200, "--no-cache", "-j", jobs, folder)
    assert ran.status == 3
    assert ran.err.endswith("b.lit: unknown: it takes more memory than it may\n")
    assert ran.out.endswith("5 expectations: 4 hold, 0 fail, 1 unknown\n")
