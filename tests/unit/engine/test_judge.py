"""Verdicts: what a complete enumeration proves, and what an incomplete one does not."""

import pytest

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.deadline import deadline_in
from litmus.engine.base import Limits, Observation, Result, Verdict
from litmus.engine.judge import check
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.source import Source


def _check(text: str, model: str = "sc", limits: Limits | None = None, *, spins: bool = False) -> Result:
    program = parse(Source("test.lit", text))[0]
    compiled = compile_for(program, model)
    limits = limits or Limits()
    structures = unfold(program, compiled.threads, model, limits.unroll, spins=spins)
    endless = unfold(program, compiled.threads, model, limits.unroll, spins=spins, endless=True)
    return check(program, structures, load_model(model), limits, endless)


MESSAGE_PASSING = """litmus "mp"
int x; int y;
thread A { WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); }
thread B { int a = READ_ONCE(y); int b = READ_ONCE(x); }
"""


def test_forbid_holds_where_no_execution_ends_so() -> None:
    (tally,) = _check(MESSAGE_PASSING + "forbid stale: B.a == 1 && B.b == 0;").tallies
    assert (tally.verdict, tally.observation, tally.positive, tally.negative) == (
        Verdict.HOLDS,
        Observation.NEVER,
        0,
        3,
    )


def test_forbid_fails_with_a_witness() -> None:
    (tally,) = _check(MESSAGE_PASSING + "forbid stale: B.a == 1 && B.b == 0;", "lkmm").tallies
    assert tally.verdict is Verdict.FAILS
    assert tally.witness is not None


def test_allow_and_require() -> None:
    result = _check(MESSAGE_PASSING + "allow both: B.a == 1 && B.b == 1; require one: B.a == 0 || B.b == 1;")
    assert [t.verdict for t in result.tallies] == [Verdict.HOLDS, Verdict.HOLDS]


SPIN = """litmus "spin"
int x; int y;
thread A { WRITE_ONCE(y, 1); smp_store_release(&x, 1); }
thread B { int a; do { a = smp_load_acquire(&x); } while (a == 0); int b = READ_ONCE(y); }
"""


def test_a_bound_that_was_met_leaves_forbid_unknown() -> None:
    result = _check(SPIN + "forbid stale: B.b == 0;", "lkmm")
    assert result.bound_reached
    assert result.tallies[0].verdict is Verdict.UNKNOWN
    assert result.tallies[0].reason == "bounded: loop at B:4 unrolled 2 times"


def test_a_bound_that_was_met_does_not_take_back_a_witness() -> None:
    assert _check(SPIN + "allow fresh: B.b == 1;", "lkmm").tallies[0].verdict is Verdict.HOLDS


def test_waiting_without_a_loop_is_proved() -> None:
    text = SPIN.replace("do { a = smp_load_acquire(&x); } while (a == 0);", "await (smp_load_acquire(&x) == 1);")
    assert _check(text.replace("int a;", "") + "forbid stale: B.b == 0;", "lkmm").tallies[0].verdict is Verdict.HOLDS


def test_a_time_limit_that_passed_leaves_everything_unknown() -> None:
    result = _check(MESSAGE_PASSING + "forbid stale: B.a == 1 && B.b == 0;", limits=Limits(deadline=deadline_in(0.0)))
    assert result.unknown
    assert result.tallies[0].verdict is Verdict.UNKNOWN


def test_nothing_holds_of_no_execution() -> None:
    text = 'litmus "stuck"\nint x;\nthread A { await (READ_ONCE(x) == 1); int r = READ_ONCE(x); }\n'
    result = _check(text + "forbid nothing: A.r == 0;")
    assert result.executions == 0
    assert result.tallies[0].verdict is Verdict.FAILS
    assert result.tallies[0].reason == "DEADLOCK: no execution ends"
    assert result.deadlock


STUCK = "await (READ_ONCE(x) == 1);"
DEADLOCKS = {
    # what A does; how allow, forbid and require of a deadlock fare
    "waits": (STUCK, "holds fails holds"),
    "locks twice": ("spin_lock(&l); spin_lock(&l);", "holds fails holds"),
    "never ends": ("while (1) ;", "holds fails holds"),
    "ends": ("WRITE_ONCE(x, 1);", "fails holds fails"),
    "may wait or end": ("if (!READ_ONCE(y)) await (READ_ONCE(x) == 1);", "holds fails fails"),
    "assumes": ("assume (READ_ONCE(x) == 1);", "unknown unknown unknown"),
    "is cut": ("while (atomic_inc_return(&a)) ;", "unknown unknown unknown"),
    "is cut or ends": ("if (READ_ONCE(y)) while (atomic_inc_return(&a)) ;", "unknown unknown fails"),
    "is kept waiting by what is cut": (
        "await (READ_ONCE(x) == 1); } thread C { while (atomic_inc_return(&a) < 5) ; WRITE_ONCE(x, 1);",
        "unknown unknown unknown",
    ),
}


@pytest.mark.parametrize(("body", "expected"), DEADLOCKS.values(), ids=DEADLOCKS)
@pytest.mark.parametrize("model", ["sc", "lkmm"])
def test_a_deadlock_is_that_an_execution_gets_stuck(body: str, expected: str, model: str) -> None:
    declared = 'litmus "t" int x, y; atomic_t a; spinlock_t l;'
    claims = "allow one: deadlock; forbid two: deadlock; require three: deadlock;"
    result = _check(f"{declared} thread A {{ {body} }} thread B {{ WRITE_ONCE(y, 1); }} {claims}", model, spins=True)
    assert " ".join(tally.verdict for tally in result.tallies) == expected
    assert result.deadlock is (expected == "holds fails holds")


def test_what_a_filter_leaves_out_has_ended() -> None:
    text = 'litmus "t" int x; thread A { WRITE_ONCE(x, 1); } filter x == 2; forbid one: x == 3; forbid two: deadlock;'
    result = _check(text)
    assert [(t.verdict, t.reason) for t in result.tallies] == [
        (Verdict.FAILS, "no execution that ends passes the filter"),
        (Verdict.HOLDS, None),
    ]
    assert not result.deadlock


def test_waiting_for_each_other_is_a_deadlock() -> None:
    threads = (
        "thread A { await (READ_ONCE(y)); WRITE_ONCE(x, 1); } thread B { await (READ_ONCE(x)); WRITE_ONCE(y, 1); }"
    )
    for model in ("sc", "x86", "armv8", "power", "riscv", "lkmm"):
        result = _check(f'litmus "t" int x, y; {threads} forbid deadlock; forbid end: x == 1;', model)
        assert [t.verdict for t in result.tallies] == [Verdict.FAILS, Verdict.FAILS]


def test_deadlock_can_be_asked_for() -> None:
    text = 'litmus "stuck"\nint x;\nthread A { await (READ_ONCE(x) == 1); }\nallow stuck: deadlock;'
    assert _check(text).tallies[0].verdict is Verdict.HOLDS


def test_a_filter_leaves_out_the_other_executions() -> None:
    (tally,) = _check(MESSAGE_PASSING + "filter B.a == 1; require fresh: B.b == 1;").tallies
    assert (tally.verdict, tally.positive, tally.negative) == (Verdict.HOLDS, 1, 0)


@pytest.mark.parametrize(("write", "verdict"), [("x = 1;", Verdict.FAILS), ("WRITE_ONCE(x, 1);", Verdict.HOLDS)])
def test_data_races_are_asserted_like_conditions(write: str, verdict: Verdict) -> None:
    text = f'litmus "race"\nint x;\nthread A {{ {write} }}\nthread B {{ int r = READ_ONCE(x); }}\n'
    assert _check(text + "forbid race: data_race;", "lkmm").tallies[0].verdict is verdict


def test_an_access_outside_every_object_is_never_a_pass() -> None:
    text = 'litmus "null"\nint x; int *p = NULL;\nthread A { int *q = READ_ONCE(p); int r = READ_ONCE(*q); }\n'
    (tally,) = _check(text + "forbid one: A.r == 1;").tallies
    assert tally.verdict is Verdict.UNKNOWN
    assert "outside" in (tally.reason or "")


def test_a_value_out_of_thin_air_is_never_a_pass() -> None:
    text = (
        'litmus "oota"\nint x; int y;\nthread A { int r = x; y = r; }\nthread B { int r = y; x = r; }\n'
        "forbid magic: A.r == 42;"
    )
    program = parse(Source("test.lit", text))[0]
    compiled = compile_for(program, "lkmm")
    model = load_model("weak.cat", read_file=lambda path: '"weak"\nempty 0 as nothing\n' if "weak" in path else None)
    result = check(program, unfold(program, compiled.threads, "lkmm", 2), model, Limits())
    assert result.tallies[0].verdict is Verdict.UNKNOWN


DIVIDED = """litmus "divided"
int x = 1; int y;
thread A {{ int r = READ_ONCE(x); int q = {value}; WRITE_ONCE(y, q); }}
thread B {{ WRITE_ONCE(x, {written}); }}
forbid never: y == 7;
allow seen: y == 6;
"""


@pytest.mark.parametrize(
    ("value", "written", "reason"),
    [
        ("6 / r", 0, "a division by zero (test.lit:3:42) is reachable"),
        ("6 % r + 6", 0, "a remainder by zero (test.lit:3:42) is reachable"),
        ("3 << r", -1, "a shift of 32 bits by less than 0 or no less than that (test.lit:3:42) is reachable"),
        ("6 / r", 2, None),
        ("r ? 6 / r : 0", 0, None),
        ("r && 6 / r == 6 ? 6 : 0", 0, None),
    ],
)
def test_what_means_nothing_in_c_leaves_forbid_unknown(value: str, written: int, reason: str | None) -> None:
    result = _check(DIVIDED.format(value=value, written=written))
    never, seen = result.tallies
    assert result.unknown == ((reason,) if reason else ())
    assert never.verdict is (Verdict.UNKNOWN if reason else Verdict.HOLDS)
    assert seen.verdict is Verdict.HOLDS


def test_nothing_depends_on_the_check_of_a_divisor() -> None:
    """No machine branches for it: on armv8 the write may come before the read."""
    text = """litmus "lb"
    int x = 1; int y = 1;
    thread A { int r = READ_ONCE(x); int q = 6 / r; WRITE_ONCE(y, 2); }
    thread B { int r = READ_ONCE(y); int q = 6 / r; WRITE_ONCE(x, 2); }
    allow lb: A.r == 2 && B.r == 2;
    """
    (tally,) = _check(text, "armv8").tallies
    assert tally.verdict is Verdict.HOLDS
