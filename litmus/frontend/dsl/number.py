"""Integer literals."""

import re

from litmus.errors import ParseError
from litmus.frontend.dsl.node import Node

_DIGITS = r"(?:0[xX](?P<hex>[0-9a-fA-F]+)|0(?P<octal>[0-7]+)|(?P<decimal>\d+))"
_LITERAL = re.compile(_DIGITS + r"(?:[uU]?[lL]{0,2}|[lL]{1,2}[uU])")
_BASES = {"hex": 16, "octal": 8, "decimal": 10}
NAMED = {"true": 1, "false": 0, "NULL": 0}
"""The names that stand for numbers."""


def number(word: Node) -> int:
    """Return the value of a literal as C reads it: decimal, 0x hexadecimal, 0 octal, U and L suffixes.

    Raises:
        ParseError: where it is none, or does not fit 64 bits.
    """
    match = _LITERAL.fullmatch(word.word)
    if match is None:
        raise ParseError(f"'{word.word}' is not a number", word.span, hint="decimal, 0x hexadecimal or 0 octal")
    if match["decimal"] and len(match["decimal"]) > 1 and match["decimal"][0] == "0":
        raise ParseError(f"'{word.word}' is not an octal number", word.span)
    value = next(int(match[kind], base) for kind, base in _BASES.items() if match[kind])
    if value >= 1 << 64:
        raise ParseError(f"'{word.word}' does not fit 64 bits", word.span)
    return value


def small(word: Node, what: str, most: int) -> int:
    """Return the value of a literal that must be between 1 and ``most``.

    Raises:
        ParseError: where it is not.
    """
    value = number(word)
    if not 1 <= value <= most:
        raise ParseError(f"{what} must be between 1 and {most}", word.span)
    return value
