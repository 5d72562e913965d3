"""Integer literals."""

import re

from litmus.errors import ParseError
from litmus.frontend.dsl.node import Node
from litmus.program.types import TYPES, Type

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


def literal_type(word: Node) -> Type:
    """Return the type of a literal: the first of C's list (C17 6.4.4.1) that it fits."""
    text = word.word.lower()
    suffix = text[len(text.rstrip("ul")) :]
    unsigned, decimal = "u" in suffix, not text.startswith("0")
    kinds = ["long", "u64"] if "l" in suffix else ["int", "unsigned int", "long", "u64"]
    for type_ in map(TYPES.__getitem__, kinds):
        if (unsigned and type_.signed) or (decimal and not unsigned and not type_.signed and type_.name != "u64"):
            continue
        if number(word) < 1 << (8 * type_.size - type_.signed):
            return type_
    return TYPES["u64"]


def small(word: Node, what: str, most: int) -> int:
    """Return the value of a literal that must be between 1 and ``most``.

    Raises:
        ParseError: where it is not.
    """
    value = number(word)
    if not 1 <= value <= most:
        raise ParseError(f"{what} must be between 1 and {most}", word.span)
    return value
