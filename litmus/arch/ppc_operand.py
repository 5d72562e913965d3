"""Power registers, and how values pass through them. Source: Power ISA v3.1, book I."""

import re

from litmus.arch.assembly import Bank, Line, clipped
from litmus.program.term import Term

_REGISTER = re.compile(r"r([0-9]|[12][0-9]|3[01])|cr[0-7]")


def canonical(name: str) -> str:
    """Return the register's own name, ``%%p`` for one without a number. Raises KeyError for what is no register."""
    if name.startswith("%"):
        return f"%{name}"
    if not _REGISTER.fullmatch(name):
        raise KeyError(name)
    return name


BANK = Bank(canonical)
WORDS = Bank(canonical, lambda _: True)
"""The registers of a thread in which nothing looks at an upper half: they hold 32 bits."""


def bits(line: Line) -> int:
    """Return how many bits the registers of the thread hold."""
    return 32 if line.bank is WORDS else 64


def word(line: Line, value: Term, conversion: str = "s32") -> Term:
    """Return the low 32 bits of a value, which are all there is where registers hold words."""
    return value if line.bank is WORDS and not isinstance(value, int) else clipped(conversion, value)


def wrapped(line: Line, value: Term) -> Term:
    """Return a result that may leave the range of the registers, cut to it."""
    return clipped(f"s{bits(line)}", value)
