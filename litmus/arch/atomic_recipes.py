"""Atomic read-modify-writes, exchanges and reference counters.

What each returns and the order of its operands: Documentation/atomic_t.txt, include/linux/atomic/atomic-instrumented.h
and include/linux/refcount.h of the kernel. An operation that returns a value is fully ordered unless it says otherwise
by its suffix; one that returns nothing has no ordering; a conditional one that fails has none.
"""

from collections.abc import Iterator

from litmus.arch.recipe import (
    DONE,
    LIMIT,
    LOCAL,
    NEW,
    NOW,
    OLD,
    VALUE,
    WAS,
    Barrier,
    Let,
    Read,
    Recipe,
    SetLocal,
    Step,
    Update,
    When,
    Write,
    both,
    choose,
    compute,
)
from litmus.program.term import Term

Named = Iterator[tuple[str, Recipe]]

ORDERS = {"": "full", "_relaxed": "relaxed", "_acquire": "acquire", "_release": "release"}
"""Suffix -> row."""

WIDTHS = {"atomic_": "int", "atomic64_": "s64", "atomic_long_": "long"}
"""Prefix -> the type of the counter."""

_ARITHMETIC: dict[str, tuple[str, Term]] = {
    "add": ("+", VALUE),
    "sub": ("-", VALUE),
    "inc": ("+", 1),
    "dec": ("-", 1),
}
_BITWISE: dict[str, tuple[str, Term]] = {
    "and": ("&", VALUE),
    "or": ("|", VALUE),
    "xor": ("^", VALUE),
    "andnot": ("&~", VALUE),
}


def atomic_recipes() -> dict[str, Recipe]:
    """Return every ``atomic_``, ``atomic64_`` and ``atomic_long_`` primitive, the exchanges and ``refcount_``."""
    table = dict(_exchanges("", "*ptr"))
    for prefix, width in WIDTHS.items():
        table |= _accesses(prefix, width)
        table |= _operations(prefix, width)
        table |= _exchanges(prefix, width)
        table |= _tests(prefix)
        table |= _conditionals(prefix, width)
    return table | dict(_refcounts())


def _accesses(prefix: str, width: str) -> Named:
    for suffix, load, store in (("", "once", "once"), ("_acquire", "acquire", ""), ("_release", "", "release")):
        if load:
            yield f"{prefix}read{suffix}", Recipe(("ptr",), (Read(load),), WAS, width)
        if store:
            yield f"{prefix}set{suffix}", Recipe(("ptr", "value"), (Write(store, VALUE),))


def _operands(operand: Term) -> tuple[str, ...]:
    return ("value", "ptr") if operand == VALUE else ("ptr",)


def _operations(prefix: str, width: str) -> Named:
    for name, (operator, operand) in (_ARITHMETIC | _BITWISE).items():
        parameters, new = _operands(operand), compute(operator, WAS, operand)
        yield f"{prefix}{name}", Recipe(parameters, (Update("op", "noreturn", new),))
        for suffix, row in ORDERS.items():
            steps = (Update("op", row, new),)
            yield f"{prefix}fetch_{name}{suffix}", Recipe(parameters, steps, WAS, width)
            if name in _ARITHMETIC:
                yield f"{prefix}{name}_return{suffix}", Recipe(parameters, steps, NOW, width)


def _exchanges(prefix: str, width: str) -> Named:
    same = both("==", WAS, OLD)
    attempt = (Let("done", same), SetLocal(choose(same, OLD, WAS)))
    for suffix, row in ORDERS.items():
        yield f"{prefix}xchg{suffix}", Recipe(("ptr", "value"), (Update("op", row, VALUE),), WAS, width)
        swap = Update("cmpxchg", row, NEW, same)
        yield f"{prefix}cmpxchg{suffix}", Recipe(("ptr", "old", "new"), (swap,), WAS, width)
        yield f"{prefix}try_cmpxchg{suffix}", Recipe(("ptr", LOCAL, "new"), (swap, *attempt), DONE, "bool")


def _tests(prefix: str) -> Named:
    for name in ("sub", "inc", "dec"):
        operator, operand = _ARITHMETIC[name]
        update = Update("op", "full", compute(operator, WAS, operand))
        yield f"{prefix}{name}_and_test", Recipe(_operands(operand), (update,), both("==", NOW, 0), "bool")
    for suffix, row in ORDERS.items():
        update = Update("op", row, both("+", WAS, VALUE))
        yield f"{prefix}add_negative{suffix}", Recipe(("value", "ptr"), (update,), both("<", NOW, 0), "bool")


def _conditionals(prefix: str, width: str) -> Named:
    differs, positive = both("!=", WAS, LIMIT), both(">", WAS, 0)
    add, inc, dec = both("+", WAS, VALUE), both("+", WAS, 1), both("-", WAS, 1)
    unless = (Update("unless", "full", add, differs),)
    yield f"{prefix}fetch_add_unless", Recipe(("ptr", "value", "limit"), unless, WAS, width)
    yield f"{prefix}add_unless", Recipe(("ptr", "value", "limit"), unless, differs, "bool")
    for name, new, condition in (
        ("inc_not_zero", inc, both("!=", WAS, 0)),
        ("inc_unless_negative", inc, both(">=", WAS, 0)),
        ("dec_unless_positive", dec, both("<=", WAS, 0)),
    ):
        yield f"{prefix}{name}", Recipe(("ptr",), (Update("unless", "full", new, condition),), condition, "bool")
    yield f"{prefix}dec_if_positive", Recipe(("ptr",), (Update("unless", "full", dec, positive),), dec, width)


def _refcounts() -> Named:
    """Saturation is not modelled: a counter that overflows or is taken below zero counts on."""
    yield "refcount_set", Recipe(("ptr", "value"), (Write("once", VALUE),))
    yield "refcount_set_release", Recipe(("ptr", "value"), (Write("release", VALUE),))
    yield "refcount_read", Recipe(("ptr",), (Read("once"),), WAS, "unsigned int")
    add, inc, dec = both("+", WAS, VALUE), both("+", WAS, 1), both("-", WAS, 1)
    yield "refcount_add", Recipe(("value", "ptr"), (Update("op", "relaxed", add),))
    yield "refcount_inc", Recipe(("ptr",), (Update("op", "relaxed", inc),))
    yield "refcount_dec", Recipe(("ptr",), (Update("op", "release", dec),))
    held = both("!=", WAS, 0)
    for suffix, row in (("", "relaxed"), ("_acquire", "acquire")):
        taken: tuple[Step, ...] = (Update("unless", row, inc, held),)
        yield f"refcount_inc_not_zero{suffix}", Recipe(("ptr",), taken, held, "bool")
        taken = (Update("unless", row, add, held),)
        yield f"refcount_add_not_zero{suffix}", Recipe(("value", "ptr"), taken, held, "bool")
    yield "refcount_dec_and_test", Recipe(("ptr",), _released(dec, both("==", WAS, 1)), both("==", WAS, 1), "bool")
    last = both("==", WAS, VALUE)
    yield "refcount_sub_and_test", Recipe(("value", "ptr"), _released(both("-", WAS, VALUE), last), last, "bool")
    several = both("!=", WAS, 1)
    yield "refcount_dec_not_one", Recipe(("ptr",), (Update("unless", "release", dec, several),), several, "bool")
    only = both("==", WAS, 1)
    yield "refcount_dec_if_one", Recipe(("ptr",), (Update("cmpxchg", "release", 0, only),), only, "bool")


def _released(new: Term, last: Term) -> tuple[Step, ...]:
    """Release, and acquire where the last reference went (Documentation/core-api/refcount-vs-atomic.rst): on machines
    by a barrier behind the control dependency; the kernel's model knows nothing that does so for plain writes."""
    behind = Barrier("smp_acquire__after_ctrl_dep")
    return (Update("op", "release", new, acquired=last), When(last, (behind,)))
