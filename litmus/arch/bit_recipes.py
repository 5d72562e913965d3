"""Operations on one bit of a word that others share: bitmaps, page flags, bit locks.

Documentation/atomic_bitops.txt of the kernel says what each returns and orders; `test_and_set_bit_lock` orders only
where it takes the lock.
"""

from collections.abc import Iterator

from litmus.arch.recipe import NUMBER, WAS, Read, Recipe, Require, Step, Update, Write, both, compute, negation
from litmus.program.term import Term

MASK = both("<<", 1, NUMBER)
BIT = both("&", both(">>", WAS, NUMBER), 1)
SET, CLEAR, CHANGE = compute("|", WAS, MASK), compute("&~", WAS, MASK), compute("^", WAS, MASK)

ARGUMENTS = ("nr", "ptr")

PAGE_FLAGS = {
    "Page": "test_bit",
    "SetPage": "set_bit",
    "ClearPage": "clear_bit",
    "__SetPage": "__set_bit",
    "__ClearPage": "__clear_bit",
    "TestSetPage": "test_and_set_bit",
    "TestClearPage": "test_and_clear_bit",
}
"""What include/linux/page-flags.h makes of a flag: prefix of the accessor -> bit operation."""

PAGE_LOCK = {"lock_page": "bit_spin_lock", "trylock_page": "bit_spin_trylock", "unlock_page": "bit_spin_unlock"}
"""The lock on the flag ``Locked`` (mm/filemap.c): `folio_lock` waits asleep instead of spinning."""


def bit_recipes() -> dict[str, Recipe]:
    """Return every bit operation."""
    table = dict(_atomic()) | dict(_plain()) | dict(_locks())
    return table | {name: table[operation] for name, operation in PAGE_LOCK.items()}


def _function(*steps: Step, value: Term | None = None) -> Recipe:
    return Recipe(ARGUMENTS, steps, value, "bool")


def _atomic() -> Iterator[tuple[str, Recipe]]:
    yield "test_bit", _function(Read("once"), value=BIT)
    yield "test_bit_acquire", _function(Read("acquire"), value=BIT)
    shortcuts = {"set": (SET, negation(BIT)), "clear": (CLEAR, BIT), "change": (CHANGE, None)}
    for name, (new, shortcut) in shortcuts.items():
        yield f"{name}_bit", _function(Update("bit", "relaxed", new))
        yield f"test_and_{name}_bit", _function(Update("bit", "full", new, shortcut=shortcut), value=BIT)


def _plain() -> Iterator[tuple[str, Recipe]]:
    for name, new in (("set", SET), ("clear", CLEAR), ("change", CHANGE)):
        yield f"__{name}_bit", _function(Read("plain"), Write("plain", new))
        yield f"__test_and_{name}_bit", _function(Read("plain"), Write("plain", new), value=BIT)


def _locks() -> Iterator[tuple[str, Recipe]]:
    attempt = Update("bit", "lock", SET, shortcut=negation(BIT))
    yield "test_and_set_bit_lock", _function(attempt, value=BIT)
    yield "clear_bit_unlock", _function(Update("bit", "unlock", CLEAR))
    # As asm-generic/bitops/lock.h has it; RISC-V does more than it must here.
    yield "__clear_bit_unlock", _function(Read("once"), Write("release", CLEAR))
    yield "bit_spin_lock", _function(Update("bit", "lock", SET), Require(negation(BIT)))
    yield "bit_spin_trylock", _function(attempt, value=negation(BIT))
    yield "bit_spin_unlock", _function(Update("bit", "unlock", CLEAR))
