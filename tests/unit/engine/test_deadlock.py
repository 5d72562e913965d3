"""Executions that get stuck, where others may end."""

from collections.abc import Iterator

import pytest

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.deadline import OutOfTime, deadline_in
from litmus.engine.base import EngineName, Limits, Observation, Result, Verdict
from litmus.engine.judge import check
from litmus.event.structure import EventStructure
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.source import Source

DECLARED = """litmus "t" int x, y, z; spinlock_t l, m; struct mutex mu; rwlock_t rw; atomic_t a;
struct srcu_struct s, t; struct page { page_flag Locked; } page;
"""
MODELS = ("sc", "x86", "armv8", "power", "riscv", "lkmm")


def _check(threads: str, model: str, claims: str = "forbid deadlock;", limits: Limits | None = None) -> Result:
    program = parse(Source("t.lit", DECLARED + threads + claims))[0]
    code, limits = compile_for(program, model).threads, limits or Limits()

    def found(*, endless: bool) -> Iterator[EventStructure]:
        return unfold(program, code, model, limits.unroll, spins=True, endless=endless, deadline=limits.deadline)

    return check(program, found(endless=False), load_model(model), limits, found(endless=True))


def _threads(*bodies: str) -> str:
    return " ".join(f"thread {name} {{ {body} }}" for name, body in zip("ABC", bodies, strict=False))


def _nested(take: str, give: str, one: str, other: str) -> str:
    return " ".join((take.format(one), take.format(other), give.format(other), give.format(one)))


SPIN = ("spin_lock(&{});", "spin_unlock(&{});")
EXCHANGE = ("while (xchg(&{}, 1)) cpu_relax();", "smp_store_release(&{}, 0);")
COMPARE = ("while (cmpxchg(&{}, 0, 1) != 0) ;", "smp_store_release(&{}, 0);")
TRY = ("while (!spin_trylock(&{})) cpu_relax();", "spin_unlock(&{});")
LOCKS = {
    "spinlocks": (*SPIN, "l", "m"),
    "xchg": (*EXCHANGE, "x", "y"),
    "cmpxchg": (*COMPARE, "x", "y"),
    "try": (*TRY, "l", "m"),
}


@pytest.mark.parametrize("kind", LOCKS)
@pytest.mark.parametrize("model", MODELS)
def test_two_locks_in_opposite_order_get_stuck_and_in_one_order_do_not(kind: str, model: str) -> None:
    take, give, one, other = LOCKS[kind]
    forth, back = _nested(take, give, one, other), _nested(take, give, other, one)
    (crossed,) = _check(_threads(forth, back), model).tallies
    (straight,) = _check(_threads(forth, forth), model).tallies
    assert (crossed.verdict, crossed.observation) == (Verdict.FAILS, Observation.SOMETIMES)
    assert crossed.reason is not None
    assert crossed.reason.startswith("an execution gets stuck: A at A:")
    assert (straight.verdict, straight.observation) == (Verdict.HOLDS, Observation.NEVER)


STUCK = {
    # threads, and whether an execution gets stuck on sc and on the other models
    "three in a circle": (
        _threads(_nested(*SPIN, "l", "m"), "spin_lock(&m); mutex_lock(&mu); mutex_unlock(&mu); spin_unlock(&m);",
                 "mutex_lock(&mu); spin_lock(&l); spin_unlock(&l); mutex_unlock(&mu);"),
        "FAILS FAILS",
    ),
    "a reader and a writer": (
        _threads("read_lock(&rw); lock_page(page); unlock_page(page); read_unlock(&rw);",
                 "lock_page(page); write_lock(&rw); write_unlock(&rw); unlock_page(page);"),
        "FAILS FAILS",
    ),
    "two readers": (
        _threads("read_lock(&rw); lock_page(page); unlock_page(page); read_unlock(&rw);",
                 "lock_page(page); read_lock(&rw); read_unlock(&rw); unlock_page(page);"),
        "HOLDS HOLDS",
    ),
    "a wake-up without barriers": (
        _threads("WRITE_ONCE(y, 1); if (!READ_ONCE(x)) await (!READ_ONCE(y));",
                 "WRITE_ONCE(x, 1); if (READ_ONCE(y)) WRITE_ONCE(y, 0);"),
        "HOLDS FAILS",
    ),
    "a wake-up with barriers": (
        _threads("WRITE_ONCE(y, 1); smp_mb(); if (!READ_ONCE(x)) await (!READ_ONCE(y));",
                 "WRITE_ONCE(x, 1); smp_mb(); if (READ_ONCE(y)) WRITE_ONCE(y, 0);"),
        "HOLDS HOLDS",
    ),
    "a value that is overwritten": (
        _threads("await (READ_ONCE(x) == 1);", "WRITE_ONCE(x, 1); WRITE_ONCE(x, 2);"), "FAILS FAILS",
    ),
    "a value that stays": (
        _threads("await (READ_ONCE(x) == 1);", "WRITE_ONCE(x, 2); WRITE_ONCE(x, 1);"), "HOLDS HOLDS",
    ),
    "two values that never are together": (
        _threads("await (READ_ONCE(x) && READ_ONCE(y));", "WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); WRITE_ONCE(x, 0);"),
        "FAILS FAILS",
    ),
    "what an assumption leaves out": (_threads("assume (READ_ONCE(x)); await (READ_ONCE(y));", "WRITE_ONCE(x, 1);"),
                                      "FAILS FAILS"),
    "a thread that waits with what it read before": (
        _threads("int r = READ_ONCE(x); await (READ_ONCE(y) == r);", "WRITE_ONCE(x, 1);"), "FAILS FAILS",
    ),
    "a thread that has ended with the lock": (
        _threads("spin_lock(&l);", "spin_lock(&l); spin_unlock(&l);"), "FAILS FAILS",
    ),
    "a condition load": (_threads("r = smp_cond_load_acquire(&x, VAL == 1);", "WRITE_ONCE(x, 1);"), "HOLDS HOLDS"),
    "a condition load that misses": (
        _threads("r = smp_cond_load_relaxed(&x, VAL == 1);", "xchg(&x, 1); xchg(&x, 2);"), "FAILS FAILS",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STUCK)
@pytest.mark.parametrize("model", MODELS)
def test_what_gets_stuck(name: str, model: str) -> None:
    threads, expected = STUCK[name]
    (tally,) = _check(threads, model).tallies
    assert tally.verdict is Verdict[expected.split()[model != "sc"]]


GRACE = {
    # a reader that waits for what comes after the grace period, and one that does not
    "stuck": ("rcu_read_lock(); await (READ_ONCE(x)); rcu_read_unlock();", "synchronize_rcu(); WRITE_ONCE(x, 1);"),
    "fine": ("await (READ_ONCE(x)); rcu_read_lock(); rcu_read_unlock();", "synchronize_rcu(); WRITE_ONCE(x, 1);"),
    "stuck in itself": ("rcu_read_lock(); synchronize_rcu(); rcu_read_unlock();", "WRITE_ONCE(x, 1);"),
    "stuck by a section never closed": ("rcu_read_lock();", "synchronize_rcu();"),
    "stuck in srcu": (
        "int i = srcu_read_lock(&s); await (READ_ONCE(x)); srcu_read_unlock(&s, i);",
        "synchronize_srcu(&s); WRITE_ONCE(x, 1);",
    ),
    "fine in another domain": (
        "int i = srcu_read_lock(&s); await (READ_ONCE(x)); srcu_read_unlock(&s, i);",
        "synchronize_srcu(&t); WRITE_ONCE(x, 1);",
    ),
}


@pytest.mark.parametrize("name", GRACE)
def test_grace_periods_wait_for_sections(name: str) -> None:
    (tally,) = _check(_threads(*GRACE[name]), "lkmm").tallies
    assert tally.verdict is (Verdict.FAILS if name.startswith("stuck") else Verdict.HOLDS)


def test_other_answers_are_as_without_the_question() -> None:
    threads = _threads(_nested(*SPIN, "l", "m") + "r = READ_ONCE(x);", _nested(*SPIN, "m", "l") + "WRITE_ONCE(x, 1);")
    for model in MODELS:
        plain, asked = (_check(threads, model, "exists seen: x == 1;" + more) for more in ("", "forbid deadlock;"))
        assert plain.states == asked.states
        one, other = plain.tallies[0], asked.tallies[0]
        assert (one.positive, one.negative, one.verdict) == (other.positive, other.negative, other.verdict)
        assert (plain.executions, plain.unknown, plain.deadlock) == (asked.executions, asked.unknown, asked.deadlock)


def test_all_of_them_or_one() -> None:
    claims = "allow one: deadlock; require all: deadlock; exists question: deadlock;"
    some = _check(_threads("await (READ_ONCE(x) == 1);", "WRITE_ONCE(x, 1); WRITE_ONCE(x, 2);"), "sc", claims)
    every = _check(_threads("await (READ_ONCE(y));", "WRITE_ONCE(x, 1);"), "sc", claims)
    assert [t.verdict for t in some.tallies] == [Verdict.HOLDS, Verdict.FAILS, Verdict.HOLDS]
    assert [t.verdict for t in every.tallies] == [Verdict.HOLDS, Verdict.HOLDS, Verdict.HOLDS]
    assert every.deadlock


def test_a_thread_that_is_cut_may_still_let_the_other_go() -> None:
    """No execution that is found ends, and yet this is no deadlock: the loop would have to be followed further."""
    result = _check(_threads("await (READ_ONCE(x));", "while (atomic_inc_return(&a) < 9) ; WRITE_ONCE(x, 1);"), "sc")
    assert not result.deadlock
    assert result.unknown == ("bounded: loop at B:3 unrolled 2 times",)
    assert result.tallies[0].verdict is Verdict.UNKNOWN


def test_a_time_limit_makes_only_the_deadlock_unknown() -> None:
    threads = _threads(_nested(*SPIN, "l", "m"), _nested(*SPIN, "l", "m"))
    program = parse(Source("t.lit", DECLARED + threads + "forbid deadlock; forbid never: x == 1;"))[0]
    code = compile_for(program, "sc").threads

    def late() -> Iterator[EventStructure]:
        raise OutOfTime
        yield

    result = check(
        program,
        unfold(program, code, "sc", 2, spins=True),
        load_model("sc"),
        Limits(deadline=deadline_in(1000)),
        late(),
    )
    assert [t.verdict for t in result.tallies] == [Verdict.UNKNOWN, Verdict.HOLDS]


def test_both_engines_find_it() -> None:
    for engine in (EngineName.EXPLICIT, EngineName.SAT):
        for forth, verdict in ((("l", "m"), Verdict.HOLDS), (("m", "l"), Verdict.FAILS)):
            threads = _threads(_nested(*SPIN, "l", "m"), _nested(*SPIN, *forth))
            (tally,) = _check(threads, "armv8", limits=Limits(engine=engine)).tallies
            assert tally.verdict is verdict


def test_nothing_is_said_where_nobody_looked() -> None:
    program = parse(Source("t.lit", DECLARED + _threads("WRITE_ONCE(x, 1);") + "forbid deadlock;"))[0]
    structures = unfold(program, compile_for(program, "sc").threads, "sc", 2)
    (tally,) = check(program, structures, load_model("sc")).tallies
    assert (tally.verdict, tally.reason) == (Verdict.UNKNOWN, "executions that get stuck were not looked for")
