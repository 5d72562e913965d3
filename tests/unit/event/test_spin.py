"""Which turns of loops are left out, because they only wait; which are kept or counted, and where the bound cuts."""

import pytest

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.engine.base import Limits, Result
from litmus.engine.judge import check
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.source import Source

MODELS = ("sc", "x86", "armv8", "power", "riscv", "lkmm")


def found(text: str, model: str = "lkmm", unroll: int = 2, *, spins: bool = True) -> Result:
    program = parse(Source("test.lit", text))[0]
    code = compile_for(program, model).threads
    structures = unfold(program, code, model, unroll, spins=spins)
    return check(program, structures, load_model(model), Limits(unroll))


def reader(loop: str, condition: str = "allow late: B.s == 0;", declared: str = "int x, y;") -> str:
    """A test in which one thread waits for the message of another, and then reads what it is about."""
    sender = "thread A { WRITE_ONCE(y, 1); smp_store_release(&x, 1); }"
    return f'litmus "t" {declared} {sender}\nthread B {{ {loop} int s = READ_ONCE(y); }} {condition}'


WAITING = {
    "empty body": "while (!READ_ONCE(x)) ;",
    "idle body": "while (!READ_ONCE(x)) { cpu_relax(); barrier(); }",
    "fence": "while (!READ_ONCE(x)) smp_rmb();",
    "acquire": "while (smp_load_acquire(&x) != 1) cpu_relax();",
    "do": "int r; do { r = READ_ONCE(x); } while (r == 0);",
    "endless for": "for (;;) { if (READ_ONCE(x)) break; cpu_relax(); }",
    "variable": "int r = 0; while (!r) r = READ_ONCE(x);",
    "continue": "while (1) { if (!READ_ONCE(x)) continue; break; }",
    "goto": "[again] r = READ_ONCE(x); if (!r) goto again;",
    "two reads": "while (!READ_ONCE(x) && !READ_ONCE(y)) ;",
    "either read": "while (!READ_ONCE(x) || !READ_ONCE(y)) ;",
    "a read beside": "while (!READ_ONCE(x)) { int t = READ_ONCE(y); if (t) smp_mb(); }",
    "comparison": "while (cmpxchg(&x, 1, 2) != 1) cpu_relax();",
    "own comparison": "int r; do { r = READ_ONCE(x); } while (!r || cmpxchg_acquire(&x, r, 2) != r);",
    "loop in loop": "while (!READ_ONCE(x)) { while (!READ_ONCE(y)) cpu_relax(); }",
    "await": "await (READ_ONCE(x));",
    "awaited read": "smp_cond_load_acquire(&x, VAL);",
    "last read kept": "int n = 0; while (!READ_ONCE(x)) n = READ_ONCE(y);",
    "function": "while (!seen()) ;",
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("loop", WAITING.values(), ids=WAITING)
def test_a_loop_that_waits_ends_with_what_it_waits_for(loop: str, model: str) -> None:
    define = "define seen() = READ_ONCE(x);" if "seen" in loop else ""
    result = found(reader(loop, declared=f"int x, y; {define}"), model, 1)
    assert not result.unknown
    unrolled = found(reader(loop, declared=f"int x, y; {define}"), model, 3, spins=False)
    assert set(result.states) == set(unrolled.states)


LOCKS = {
    "spin_trylock": ("spinlock_t l;", "while (!spin_trylock(&l)) cpu_relax();", "spin_unlock(&l);"),
    "mutex_trylock": ("struct mutex l;", "while (!mutex_trylock(&l)) ;", "mutex_unlock(&l);"),
    "cmpxchg": ("int l;", "while (cmpxchg_acquire(&l, 0, 1)) ;", "smp_store_release(&l, 0);"),
    "look first": ("int l;", "do { while (READ_ONCE(l)) ; } while (cmpxchg(&l, 0, 1));", "smp_store_release(&l, 0);"),
    "xchg": ("int l;", "while (xchg_acquire(&l, 1)) ;", "smp_store_release(&l, 0);"),
    "look, then xchg": ("int l;", "do { while (READ_ONCE(l)) ; } while (xchg(&l, 1));", "smp_store_release(&l, 0);"),
    "bit": ("int l;", "while (test_and_set_bit_lock(3, &l)) ;", "clear_bit_unlock(3, &l);"),
    "or": ("atomic_t l;", "while (atomic_fetch_or_acquire(2, &l) & 2) ;", "atomic_fetch_andnot_release(2, &l);"),
    "awaited": ("int l;", "await (!xchg(&l, 1));", "smp_store_release(&l, 0);"),
    "ticket": (
        "atomic_t next; int owner;",
        "int t = atomic_fetch_add(1, &next); while (smp_load_acquire(&owner) != t) ;",
        "smp_store_release(&owner, t + 1);",
    ),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("declared", "lock", "unlock"), LOCKS.values(), ids=LOCKS)
def test_locks_made_of_loops_exclude(declared: str, lock: str, unlock: str, model: str) -> None:
    body = f"{lock} int c = READ_ONCE(x); WRITE_ONCE(x, c + 1); {unlock}"
    result = found(f'litmus "t" int x; {declared} thread A[2] {{ {body} }} require both: x == 2;', model, 1)
    assert not result.unknown
    assert [tally.verdict for tally in result.tallies] == ["holds"]


CUT = {
    "writes": "while (!READ_ONCE(x)) WRITE_ONCE(z, 1);",
    "exchanges": "while (xchg(&x, 2) != 3) ;",
    "counts what it reads": "int n = 0; while (!READ_ONCE(x)) n++; WRITE_ONCE(z, n);",
    "adds up what it reads": "int n = 0; while (!READ_ONCE(x)) n += READ_ONCE(y); WRITE_ONCE(z, n);",
    "is in a section": "while (!READ_ONCE(x)) { rcu_read_lock(); rcu_read_unlock(); }",
}


@pytest.mark.parametrize("loop", CUT.values(), ids=CUT)
def test_a_loop_that_does_more_than_wait_is_bounded(loop: str) -> None:
    result = found(reader(loop, declared="int x, y, z;"))
    assert result.unknown == ("bounded: loop at B:2 unrolled 2 times",)
    assert result.bound_reached


def test_what_is_only_observed_counts_too() -> None:
    """The same loop waits where nobody asks how often it has turned."""
    loop = "int n = 0; while (!READ_ONCE(x)) n++;"
    assert not found(reader(loop)).unknown
    assert found(reader(loop, "allow late: B.n == 1;")).unknown


COUNTED = {
    "for": ("for (int i = 0; i < 5; i++) WRITE_ONCE(x, i);", 4),
    "while": ("int i = 7; while (i) { WRITE_ONCE(x, i); i--; }", 1),
    "break": ("int i = 0; while (1) { WRITE_ONCE(x, i); if (i == 4) break; i++; }", 4),
    "do": ("int i = 0; do { i++; WRITE_ONCE(x, i); } while (i < 4);", 4),
    "in a loop": ("for (int i = 0; i < 3; i++) for (int j = 0; j < 4; j++) WRITE_ONCE(x, 10 * i + j);", 23),
    "or early": ("for (int i = 0; i < 4 && !READ_ONCE(y); i++) WRITE_ONCE(x, i);", 3),
}


@pytest.mark.parametrize(("loop", "last"), COUNTED.values(), ids=COUNTED)
def test_a_loop_that_counts_is_followed_to_its_end(loop: str, last: int) -> None:
    result = found(f'litmus "t" int x, y; thread A {{ {loop} }} require end: x == {last};', unroll=1)
    assert not result.unknown
    assert [tally.verdict for tally in result.tallies] == ["holds"]


def test_a_loop_that_counts_for_long_is_bounded() -> None:
    result = found('litmus "t" int x; thread A { for (int i = 0; i < 1000; i++) ; } forbid end: x == 1;')
    assert result.unknown == ("bounded: loop at A:1 unrolled 256 or more times",)


def test_a_loop_within_a_loop_has_its_own_bound_in_each_turn() -> None:
    loop = "int i = 0; while (i < 3) { int n = 0; while (n < 1) n = atomic_add_return(1, &y); i++; }"
    result = found(f'litmus "t" int x; atomic_t y; thread A {{ {loop} }} require end: y == 3;', unroll=1)
    assert not result.unknown


RACES = {
    "a plain read waits": ("x = 1;", "while (!x) ;"),
    "a plain read beside": ("y = 1; smp_store_release(&x, 1);", "while (!smp_load_acquire(&x)) { int t = y; }"),
    "a plain write": ("x = 1; smp_store_release(&x, 2);", "while (smp_load_acquire(&x) != 2) ;"),
    "a plain write awaited": ("x = 1; smp_store_release(&x, 2);", "await (smp_load_acquire(&x) == 2);"),
}


@pytest.mark.parametrize(("writer", "waiting"), RACES.values(), ids=RACES)
def test_a_race_of_a_turn_that_only_waits_is_found(writer: str, waiting: str) -> None:
    text = f'litmus "t" int x, y; thread A {{ {writer} }} thread B {{ {waiting} }} forbid data_race;'
    for unroll in (1, 2):
        result = found(text, unroll=unroll)
        assert not result.unknown
        assert result.flags["data-race"]


def test_a_bug_in_a_turn_that_only_waits_is_found() -> None:
    text = reader("while (!READ_ONCE(x)) BUG_ON(READ_ONCE(y) == 1);", "")
    result = found(text)
    assert not result.unknown
    assert next(t for t in result.tallies if t.assertion.reserved == "bug").positive


def test_a_failed_exchange_is_seen_by_its_own_thread() -> None:
    """Behind a turn that wrote back what it had read, B may read that: it need not have seen what others wrote."""
    text = """litmus "t" int l = 1, x, d;
    thread A { WRITE_ONCE(d, 1); smp_store_release(&l, 1); WRITE_ONCE(x, 1); }
    thread B { while (xchg_relaxed(&l, 1) && !READ_ONCE(x)) ; int r = READ_ONCE(l); int s = READ_ONCE(d); }
    allow own: B.r == 1 && B.s == 0;"""
    for model in MODELS:
        short, long = found(text, model), found(text, model, 4, spins=False)
        assert not short.unknown
        assert set(short.states) == set(long.states)


def test_every_turn_is_followed_where_nobody_may_wait() -> None:
    result = found(reader("while (!READ_ONCE(x)) ;"), spins=False)
    assert result.unknown == ("bounded: loop at B:2 unrolled 2 times",)
    assert not found(reader("await (READ_ONCE(x));"), spins=False).unknown
