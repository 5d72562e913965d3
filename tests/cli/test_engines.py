"""Which engine answers, and what is printed where it does not count."""

import json

import pytest

pytest.importorskip("pysat")

BUFFER = """litmus "sb"
int x; int y;
thread A { WRITE_ONCE(x, 1); smp_mb(); int r = READ_ONCE(y); }
thread B { WRITE_ONCE(y, 1); smp_mb(); int r = READ_ONCE(x); }
forbid both_stale: A.r == 0 && B.r == 0;
allow one_stale: A.r == 0 && B.r == 1;
"""
RACE = """litmus "race"
int x;
thread A { x = 1; }
thread B { int r = READ_ONCE(x); if (r == 1) { int s = x; } }
forbid seen: B.r == 2;
"""
COUNTERS = """litmus "counters"
atomic_t x;
thread A[{n}] {{ int r = atomic_fetch_inc(&x); }}
require all: x == {n};
"""


@pytest.fixture
def test(tmp_path):
    def write(text):
        path = tmp_path / "T.lit"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("engine", ["auto", "explicit", "sat"])
@pytest.mark.parametrize("text", [BUFFER, RACE, COUNTERS.format(n=3)])
def test_engines_find_the_same_states_and_flags(litmus, test, text, engine):
    path = test(text)
    reference = json.loads(litmus("run", "-m", "lkmm", "--engine", "explicit", "--format", "json", path).out)
    found = json.loads(litmus("run", "-m", "lkmm", "--engine", engine, "--format", "json", path).out)
    assert found["engines"] == ["sat" if engine == "sat" else "explicit"]
    states = [sorted(map(str, (state["state"] for state in answer["states"]))) for answer in (reference, found)]
    assert states[0] == states[1]
    assert reference["flags"].keys() == found["flags"].keys()
    told = [
        [(a["name"], a["observation"], a["verdict"]) for a in answer["assertions"]] for answer in (reference, found)
    ]
    assert told[0] == told[1]
    assert (found["executions"] is None) == (engine == "sat")


def test_states_without_numbers(litmus, test):
    out = litmus("run", "-m", "lkmm", "--engine", "sat", test(BUFFER)).out
    assert "3 states, executions not counted" in out
    assert "forbid both_stale: A.r == 0 && B.r == 0  Never" in out


def test_only_the_verdict(litmus, test):
    ran = litmus("run", "-m", "lkmm", "--verdict-only", test(BUFFER))
    assert ran.status == 0
    assert "state" not in ran.out
    assert "one_stale" in ran.out
    ran = litmus("run", "-m", "lkmm", "--verdict-only", "--format", "herd", test(RACE))
    assert ran.out == "Flag data-race\nObservation race Never\n"


def test_auto_goes_over_to_the_solver_where_there_is_much_to_enumerate(litmus, test):
    """Sixteen increments in any order, half of them by threads that do more: one state, and 16! executions."""
    more = "thread A[{n}] {{ int r = atomic_fetch_inc(&x); }}\n"
    path = test(COUNTERS.replace(more, more + more.replace("A[", "B[").replace("; }}", "; smp_mb(); }}")).format(n=8))
    found = json.loads(litmus("run", "-m", "lkmm", "--format", "json", path).out)
    assert "sat" in found["engines"]
    assert [state["state"] for state in found["states"]] == [{"x": 16}]
    assert found["assertions"][0]["verdict"] == "fails"
    assert litmus("check", "-m", "lkmm", path).status == 1


def test_equal_threads_are_not_much_to_enumerate(litmus, test):
    found = json.loads(litmus("run", "-m", "lkmm", "--format", "json", test(COUNTERS.format(n=16))).out)
    assert (found["engines"], found["executions"]) == (["explicit"], 20922789888000)


@pytest.mark.parametrize("option", ["--counts", "--timelines", "--format=herd"])
def test_what_counts_is_not_for_the_solver(litmus, test, option):
    ran = litmus("run", "--engine", "sat", option, test(BUFFER))
    assert ran.status == 2
    assert "does not count executions" in ran.err


@pytest.mark.parametrize("option", ["--counts", "--timelines"])
def test_a_verdict_only_is_no_list(litmus, test, option):
    assert litmus("run", "--verdict-only", option, test(BUFFER)).status == 2


ENGINES = ("explicit", "sat")


def _buffers(count):
    """Loads and stores in a circle, so many times: values may come out of thin air."""
    threads = (
        [(f"lw x{5 + i},0(x{a})" for i, (a, _) in enumerate(places)) for places in _places(count)],
        [(f"sw x{5 + i},0(x{b})" for i, (_, b) in enumerate(places)) for places in _places(count)],
    )
    rows = [" | ".join(row) for part in threads for row in zip(*part, strict=True)]
    held = "; ".join(f"{t}:x{20 + i}=v{i}" for t in (0, 1) for i in range(2 * count))
    registers = "; ".join(f"{t}:x{5 + i}" for t in (0, 1) for i in range(count))
    code = "".join(f" {row} ;\n" for row in rows)
    return f"RISCV T\n{{ {held}; }}\n P0 | P1 ;\n{code}locations [{registers};]\nexists (0:x5=0)\n"


def _places(count):
    """The registers that hold the addresses, for loads and stores: those of P0 and of P1."""
    pairs = [(20 + 2 * i, 21 + 2 * i) for i in range(count)]
    return pairs, [(b, a) for a, b in pairs]


@pytest.mark.parametrize("count", [1, 2])
def test_the_solver_finds_values_out_of_thin_air(litmus, tmp_path, count):
    """Under a model that forbids nothing, there are such: both engines find the same."""
    path, cat = tmp_path / "T.litmus", tmp_path / "any.cat"
    path.write_text(_buffers(count))
    cat.write_text('include "cos.cat" empty 0 as anything')
    found = [litmus("run", "--model", cat, "--engine", engine, "--format", "json", path) for engine in ENGINES]
    assert [ran.status for ran in found] == [3, 3]
    states = [sorted(str(state["state"]) for state in json.loads(ran.out)["states"]) for ran in found]
    assert len(states[0]) == 2**count
    assert states[0] == states[1]


def test_what_the_solver_cannot_be_asked_is_an_error_where_it_is_asked_for(litmus, tmp_path):
    """There are thousands of executions in which values come out of thin air."""
    path, cat = tmp_path / "T.litmus", tmp_path / "any.cat"
    path.write_text(_buffers(6))
    cat.write_text('include "cos.cat" empty 0 as anything')
    ran = litmus("run", "--model", cat, "--engine", "sat", path)
    assert ran.status == 2
    assert "in more than 1024 executions values depend on themselves" in ran.err
    assert litmus("run", "--model", cat, path).out


BUG = """litmus "bug"
int x;
thread A { WRITE_ONCE(x, 1); }
thread B { int r = READ_ONCE(x); if (r == 1) BUG_ON(1); }
allow either: x == 1;
require bug;
"""


@pytest.mark.parametrize("engine", ["explicit", "sat"])
def test_executions_without_a_bug_are_seen_though_nothing_else_is_asked_of_them(litmus, test, engine):
    ran = litmus("check", "-m", "lkmm", "--engine", engine, test(BUG))
    assert ran.status == 1
    assert "expected required" in ran.out
    assert "found Sometimes" in ran.out


FILTERED = BUFFER.replace("forbid both_stale", "filter A.r == 5;\nforbid both_stale")
STUCK = """litmus "stuck"
int x;
thread A { await (READ_ONCE(x) == 1); }
forbid never: x == 1;
"""


@pytest.mark.parametrize("engine", ["explicit", "sat"])
@pytest.mark.parametrize(
    ("text", "word"), [(FILTERED, "no execution that ends passes the filter"), (STUCK, "DEADLOCK")]
)
def test_nothing_that_passes_is_told_from_nothing_that_ends(litmus, test, engine, text, word):
    ran = litmus("check", "-m", "lkmm", "--engine", engine, test(text))
    assert ran.status == 1
    assert word in ran.out


@pytest.mark.parametrize("engine", ["explicit", "sat"])
def test_a_filter_drops_executions(litmus, test, engine):
    text = BUFFER.replace("forbid both_stale", "filter A.r == 1;\nforbid both_stale").replace("allow one", "forbid one")
    assert litmus("check", "-m", "lkmm", "--engine", engine, test(text)).status == 0
