"""Constants of conditions whose type is not the one that their value alone gives them, as `1u`.

Such a constant is the conversion to its type, not carried out: ``Apply("u32", (1,))``.
"""

from litmus.program.term import Apply, Term
from litmus.program.types import TYPES, Type

_SUFFIXES = {"u32": "U", "s64": "L", "u64": "UL"}


def typed_literal(term: Term) -> tuple[int, Type] | None:
    """Return the value and the type of such a constant, None of anything else."""
    match term:
        case Apply(operator, (int(value),)) if operator in _SUFFIXES:
            return value, TYPES[operator]
    return None


def literal_text(term: Term) -> str | None:
    """Return such a constant as C writes it, None for anything else."""
    match term:
        case Apply(operator, (int(value),)) if operator in _SUFFIXES:
            return f"{value}{_SUFFIXES[operator]}"
    return None
