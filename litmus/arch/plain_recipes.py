"""Marked accesses, barriers, RCU, SRCU and locks.

Locks are words: a spinlock or mutex holds 0 or 1; an rwlock counts its readers in steps of 0x200 with 0xff for a
writer, as kernel/locking/qrwlock.c does. The kernel's model knows spinlocks only, so rwlocks and mutexes are, under it
too, the acquire and release updates that their fast paths are made of: an unlock before a lock orders nothing more.
A lock operation that would wait is one that happens later: executions in which it meets a held lock are not there.
"""

from collections.abc import Iterator

from litmus.arch.recipe import (
    COOKIE,
    IGNORED,
    UNTIL,
    VALUE,
    WAS,
    Barrier,
    Read,
    Recipe,
    Require,
    Step,
    Update,
    Write,
    both,
)
from litmus.program.term import Term

Named = Iterator[tuple[str, Recipe]]

FENCES = (
    "barrier",
    "smp_mb",
    "smp_rmb",
    "smp_wmb",
    "smp_mb__before_atomic",
    "smp_mb__after_atomic",
    "smp_mb__after_spinlock",
    "smp_mb__after_unlock_lock",
    "smp_mb__after_srcu_read_unlock",
    "smp_acquire__after_ctrl_dep",
    "rcu_read_lock",
    "rcu_read_unlock",
    "synchronize_rcu",
)

SYNONYMS = {
    "cpu_relax": "barrier",  # a hint to the processor, and a compiler barrier (vdso/processor.h)
    "mb": "smp_mb",
    "rmb": "smp_rmb",
    "wmb": "smp_wmb",
    "synchronize_rcu_expedited": "synchronize_rcu",
    "srcu_down_read": "srcu_read_lock",
    "srcu_up_read": "srcu_read_unlock",
    "synchronize_srcu_expedited": "synchronize_srcu",
    "atomic_cond_read_relaxed": "smp_cond_load_relaxed",
    "atomic_cond_read_acquire": "smp_cond_load_acquire",
    "rcu_access_pointer": "rcu_dereference",
    "rcu_dereference_raw": "rcu_dereference",
}

FREE = both("==", WAS, 0)
READER, WRITER, NO_WRITER = 0x200, 0xFF, both("==", both("&", WAS, 0x1FF), 0)


def plain_recipes() -> dict[str, Recipe]:
    """Return every primitive that is neither an atomic operation nor a bit operation."""
    table = dict(_accesses()) | {name: Recipe((), (Barrier(name),)) for name in FENCES}
    table |= dict(_srcu()) | dict(_locks())
    return table | {name: table[original] for name, original in SYNONYMS.items()}


def _accesses() -> Named:
    for name, row in (("READ_ONCE", "once"), ("smp_load_acquire", "acquire"), ("rcu_dereference", "once")):
        yield name, Recipe(("ptr",), (Read(row),), WAS, "*ptr")
    for name, row in (
        ("WRITE_ONCE", "once"),
        ("smp_store_release", "release"),
        ("smp_store_mb", "mb"),
        ("rcu_assign_pointer", "assign"),
        ("RCU_INIT_POINTER", "once"),
    ):
        yield name, Recipe(("ptr", "value"), (Write(row, VALUE),))
    for order in ("relaxed", "acquire"):
        steps = (Read(f"cond_{order}", until=True),)
        yield f"smp_cond_load_{order}", Recipe(("ptr", UNTIL), steps, WAS, "*ptr")


def _srcu() -> Named:
    # The cookie is the value read, and unlocking writes it back: that is how the model pairs the two.
    yield "srcu_read_lock", Recipe(("ptr",), (Read("srcu_lock"),), WAS)
    yield "srcu_read_unlock", Recipe(("ptr", "cookie"), (Write("srcu_unlock", COOKIE),))
    yield "synchronize_srcu", Recipe(("ptr",), (Barrier("synchronize_srcu", located=True),))


def _locks() -> Named:
    for prefix in ("spin", "raw_spin"):
        yield from _spellings(prefix, "lock", (Update("lock", "spin", 1), Require(FREE)))
        yield from _spellings(prefix, "trylock", (Update("lock", "try", 1, FREE),), FREE)
        yield from _spellings(prefix, "unlock", (Write("unlock", 0),))
        yield f"{prefix}_is_locked", Recipe(("ptr",), (Read("is_locked"),), both("!=", WAS, 0), "bool")
    yield from _spellings("read", "lock", (Update("op", "acquire", both("+", WAS, READER)), Require(NO_WRITER)))
    attempt = Update("unless", "acquire", both("+", WAS, READER), NO_WRITER)
    yield "read_trylock", Recipe(("ptr",), (attempt,), NO_WRITER, "bool")
    yield from _spellings("read", "unlock", (Update("op", "release", both("-", WAS, READER)),))
    yield from _spellings("write", "lock", (Update("cmpxchg", "acquire", WRITER), Require(FREE)))
    # Each looks at the lock before it tries, and fails by that look (queued_write_trylock, __mutex_trylock_common).
    yield "write_trylock", Recipe(("ptr",), (Update("unless", "acquire", WRITER, FREE),), FREE, "bool")
    yield from _spellings("write", "unlock", (Write("release", 0),))
    yield "mutex_lock", Recipe(("ptr",), (Update("cmpxchg", "acquire", 1), Require(FREE)))
    yield "mutex_trylock", Recipe(("ptr",), (Update("unless", "acquire", 1, FREE),), FREE, "bool")
    yield "mutex_unlock", Recipe(("ptr",), (Update("cmpxchg", "release", 0),))
    yield "mutex_is_locked", Recipe(("ptr",), (Read("once"),), both("!=", WAS, 0), "bool")


def _spellings(prefix: str, action: str, steps: tuple[Step, ...], result: Term | None = None) -> Named:
    """Interrupt and bottom-half variants differ in what they mask, which no memory model sees."""
    for suffix in ("", "_irq", "_bh"):
        yield f"{prefix}_{action}{suffix}", Recipe(("ptr",), steps, result, "bool")
    saved = "_irqrestore" if action == "unlock" else "_irqsave"
    yield f"{prefix}_{action}{saved}", Recipe(("ptr", IGNORED), steps, result, "bool")
