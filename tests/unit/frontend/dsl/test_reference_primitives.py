"""What the specification says of the primitives: values, locks, barriers, grace periods, what cannot be expressed."""

import re
import sys
from pathlib import Path

import pytest

from litmus.errors import LitmusError
from litmus.frontend.dsl.parse import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

sys.path.insert(0, str(Path(__file__).parent))

from verdicts import wrong

ORDERS = ("", "_relaxed", "_acquire", "_release")
VALUES = {
    # a primitive, the old value, what it returns and what it leaves
    **{f"xchg{o}(&x, 3)": (1, 1, 3) for o in ORDERS},
    **{f"cmpxchg{o}(&x, 1, 3)": (1, 1, 3) for o in ORDERS},
    **{f"cmpxchg{o}(&x, 2, 3) ": (1, 1, 1) for o in ORDERS},
    **{f"try_cmpxchg{o}(&x, &old, 3)": (1, 1, 3) for o in ORDERS},
    **{f"atomic_{op}_return{o}(2, &a)": (5, new, new) for o in ORDERS for op, new in (("add", 7), ("sub", 3))},
    **{f"atomic_{op}_return{o}(&a)": (5, new, new) for o in ORDERS for op, new in (("inc", 6), ("dec", 4))},
    **{
        f"atomic_fetch_{op}{o}(6, &a)": (5, 5, new)
        for o in ORDERS
        for op, new in (("add", 11), ("sub", -1), ("and", 4), ("or", 7), ("xor", 3), ("andnot", 1))
    },
    **{f"atomic_fetch_{op}{o}(&a)": (5, 5, new) for o in ORDERS for op, new in (("inc", 6), ("dec", 4))},
    **{f"atomic_xchg{o}(&a, 2)": (5, 5, 2) for o in ORDERS},
    **{f"atomic_cmpxchg{o}(&a, 5, 2)": (5, 5, 2) for o in ORDERS},
    **{f"atomic_try_cmpxchg{o}(&a, &old5, 2)": (5, 1, 2) for o in ORDERS},
    **{f"{p}_fetch_add{o}(1, &{v})": (5, 5, 6) for o in ORDERS for p, v in (("atomic64", "b"), ("atomic_long", "c"))},
    "atomic_sub_and_test(5, &a)": (5, 1, 0), "atomic_dec_and_test(&a)": (5, 0, 4),
    "atomic_inc_and_test(&a)": (-1, 1, 0),
    "atomic_add_negative(-6, &a)": (5, 1, -1), "atomic_add_unless(&a, 1, 5)": (5, 0, 5),
    "atomic_add_unless(&a, 1, 4)": (5, 1, 6), "atomic_inc_not_zero(&a)": (0, 0, 0),
    "atomic_inc_not_zero(&a) ": (5, 1, 6),
    "atomic_dec_if_positive(&a)": (0, -1, 0), "atomic_dec_if_positive(&a) ": (5, 4, 4),
    "atomic_read(&a)": (5, 5, 5), "atomic_read_acquire(&a)": (5, 5, 5), "READ_ONCE(x)": (1, 1, 1),
    "smp_load_acquire(&x)": (1, 1, 1), "smp_cond_load_relaxed(&x, VAL == 1)": (1, 1, 1),
    "smp_cond_load_acquire(&x, VAL)": (1, 1, 1), "rcu_dereference(x)": (1, 1, 1), "rcu_access_pointer(x)": (1, 1, 1),
    "refcount_read(&ref)": (2, 2, 2), "refcount_dec_and_test(&ref)": (1, 1, 0),
    "refcount_dec_and_test(&ref) ": (2, 0, 1),
    "refcount_inc_not_zero(&ref)": (2, 1, 3), "refcount_sub_and_test(2, &ref)": (2, 1, 0),
}  # fmt: skip
EFFECTS = {
    **{
        f"atomic_{op}(6, &a);": (5, new)
        for op, new in (("add", 11), ("sub", -1), ("and", 4), ("or", 7), ("xor", 3), ("andnot", 1))
    },
    "atomic_inc(&a);": (5, 6), "atomic_dec(&a);": (5, 4), "atomic_set(&a, 9);": (5, 9),
    "atomic_set_release(&a, 9);": (5, 9), "WRITE_ONCE(x, 9);": (1, 9), "smp_store_release(&x, 9);": (1, 9),
    "smp_store_mb(x, 9);": (1, 9), "rcu_assign_pointer(x, 9);": (1, 9), "refcount_set(&ref, 9);": (2, 9),
    "refcount_inc(&ref);": (2, 3), "refcount_add(2, &ref);": (2, 4),
}  # fmt: skip
PLACES = {"a": "atomic_t a", "b": "atomic64_t b", "c": "atomic_long_t c", "ref": "refcount_t ref", "x": "long x"}


def _place(call: str) -> str:
    """Return the name of what a call is on: its address, or for the macros that take a place the place itself."""
    named = re.findall(r"&(\w+)", call)
    return next((name for name in named if name in PLACES), "x")


@pytest.mark.parametrize("call", VALUES)
def test_what_primitives_return_and_leave(call: str) -> None:
    before, returned, after = VALUES[call]
    place = _place(call)
    code = f"long old = 1; int old5 = 5; long r = {call};"
    claim = f"require it: A.r == {returned} && {place} == {after};"
    text = f'litmus "t" {PLACES[place]} = {before}; thread A {{ {code} }} {claim}'
    assert not wrong(text)


@pytest.mark.parametrize("call", EFFECTS)
def test_what_primitives_leave(call: str) -> None:
    before, after = EFFECTS[call]
    place = _place(call)
    assert not wrong(f'litmus "t" {PLACES[place]} = {before}; thread A {{ {call} }} require it: {place} == {after};')


BARRIERS = """barrier smp_mb smp_rmb smp_wmb mb rmb wmb smp_mb__before_atomic smp_mb__after_atomic
smp_mb__after_spinlock smp_mb__after_unlock_lock""".split()


@pytest.mark.parametrize("barrier", BARRIERS)
def test_barriers_are_on_every_model(barrier: str) -> None:
    assert not wrong(
        f'litmus "t" int x; thread A {{ WRITE_ONCE(x, 1); {barrier}(); r = READ_ONCE(x); }} require it: A.r == 1;'
    )


@pytest.mark.parametrize("full", ["smp_mb", "mb"])
def test_a_full_barrier_forbids_store_buffering(full: str) -> None:
    threads = " ".join(
        f"thread {t} {{ WRITE_ONCE({x}, 1); {full}(); r = READ_ONCE({y}); }}" for t, x, y in ("Axy", "Byx")
    )
    assert not wrong(f'litmus "t" int x, y; {threads} forbid both: A.r == 0 && B.r == 0;')


LOCKS = {
    "spin": ("spinlock_t", "spin_lock(&l);", "spin_unlock(&l);"),
    "spin irq": ("spinlock_t", "spin_lock_irq(&l);", "spin_unlock_irq(&l);"),
    "spin bh": ("spinlock_t", "spin_lock_bh(&l);", "spin_unlock_bh(&l);"),
    "spin irqsave": ("spinlock_t", "spin_lock_irqsave(&l, f);", "spin_unlock_irqrestore(&l, f);"),
    "raw": ("raw_spinlock_t", "raw_spin_lock(&l);", "raw_spin_unlock(&l);"),
    "write": ("rwlock_t", "write_lock(&l);", "write_unlock(&l);"),
    "mutex": ("struct mutex", "mutex_lock(&l);", "mutex_unlock(&l);"),
    "spin trylock": ("spinlock_t", "while (!spin_trylock(&l)) cpu_relax();", "spin_unlock(&l);"),
    "mutex trylock": ("struct mutex", "while (!mutex_trylock(&l)) cpu_relax();", "mutex_unlock(&l);"),
    "bit": ("unsigned long", "while (test_and_set_bit_lock(0, &l)) cpu_relax();", "clear_bit_unlock(0, &l);"),
}


@pytest.mark.parametrize("kind", LOCKS)
def test_locks_exclude(kind: str) -> None:
    type_, take, give = LOCKS[kind]
    code = f"unsigned long f = 0; {take} r = READ_ONCE(x); WRITE_ONCE(x, r + 1); {give}"
    text = f'litmus "t" int x; {type_} l; thread A[2] {{ {code} }} require both: x == 2; forbid deadlock;'
    assert not wrong(text)


def test_readers_do_not_exclude_each_other_but_writers() -> None:
    reader = "read_lock(&l); r = READ_ONCE(x); s = READ_ONCE(x); read_unlock(&l);"
    writer = "write_lock(&l); WRITE_ONCE(x, 1); WRITE_ONCE(x, 2); write_unlock(&l);"
    text = f'litmus "t" models lkmm, armv8; int x; rwlock_t l; thread A {{ {reader} }} thread B {{ {writer} }} '
    assert not wrong(text + "forbid half: A.r == 1 || A.s == 1; require same: A.r == A.s;")


def test_rcu_and_srcu() -> None:
    for lock, unlock, sync, state in (
        ("rcu_read_lock();", "rcu_read_unlock();", "synchronize_rcu();", ""),
        ("rcu_read_lock();", "rcu_read_unlock();", "synchronize_rcu_expedited();", ""),
        (
            "int i = srcu_read_lock(&ss);",
            "srcu_read_unlock(&ss, i);",
            "synchronize_srcu(&ss);",
            "struct srcu_struct ss;",
        ),
        (
            "int i = srcu_down_read(&ss);",
            "srcu_up_read(&ss, i);",
            "synchronize_srcu_expedited(&ss);",
            "struct srcu_struct ss;",
        ),
    ):
        reader = f"thread A {{ {lock} r = READ_ONCE(x); s = READ_ONCE(y); {unlock} }}"
        writer = f"thread B {{ WRITE_ONCE(y, 1); {sync} WRITE_ONCE(x, 1); }}"
        assert not wrong(
            f'litmus "t" models lkmm; {state} int x, y; {reader} {writer} forbid late: A.r == 1 && A.s == 0;'
        )


def test_what_a_model_cannot_express_is_an_error_that_names_it() -> None:
    (program,) = parse(
        Source("t.lit", 'litmus "t" models x86; int x; thread A { synchronize_rcu(); } forbid it: x == 1;')
    )
    with pytest.raises(LitmusError) as caught:
        evaluate(program, "x86", Settings())
    assert "synchronize_rcu" in caught.value.render()
    assert "x86" in caught.value.render()
    assert "lkmm" in caught.value.render()


@pytest.mark.parametrize("prefix", ["atomic", "atomic64", "atomic_long"])
def test_counters_are_spelled_in_three_ways(prefix: str) -> None:
    code = " ".join(
        (
            f"{prefix}_set(&v, 5); {prefix}_add(3, &v); {prefix}_inc(&v); r = {prefix}_read(&v);",
            f"s = {prefix}_sub_return_release(2, &v); t = {prefix}_fetch_or_acquire(8, &v); u = {prefix}_xchg(&v, 1);",
            f"w = {prefix}_cmpxchg_relaxed(&v, 1, 0); x = {prefix}_inc_not_zero(&v); y = {prefix}_dec_and_test(&v);",
        )
    )
    claim = "A.r == 9 && A.s == 7 && A.t == 7 && A.u == 15 && A.w == 1 && A.x == 0 && A.y == 0 && v == -1"
    assert not wrong(f'litmus "t" {prefix}_t v; thread A {{ {code} }} require it: {claim};')


def test_whether_a_lock_is_held_can_be_asked() -> None:
    code = "r = spin_is_locked(&l); spin_lock(&l); s = spin_is_locked(&l); t = spin_trylock(&l); spin_unlock(&l);"
    text = f'litmus "t" spinlock_t l; thread A {{ {code} }} require it: A.r == 0 && A.s == 1 && A.t == 0;'
    assert not wrong(text)


def test_the_barrier_after_an_srcu_section() -> None:
    code = "int i = srcu_read_lock(&ss); WRITE_ONCE({0}, 1); srcu_read_unlock(&ss, i); {2} r = READ_ONCE({1});"
    barrier = "smp_mb__after_srcu_read_unlock();"
    threads = " ".join(f"thread {t} {{ {code.format(x, y, barrier)} }}" for t, x, y in ("Axy", "Byx"))
    text = f'litmus "t" models lkmm; struct srcu_struct ss; int x, y; {threads} forbid both: A.r == 0 && B.r == 0;'
    assert not wrong(text)
