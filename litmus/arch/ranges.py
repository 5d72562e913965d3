"""Which integers a term can be, and the conversions that C makes where a value changes its type.

A conversion is written only where the value might not fit: most never overflow, and terms stay small.
"""

from collections.abc import Mapping
from typing import TypeAlias

from litmus.program.term import Address, Apply, Register, Term, evaluate
from litmus.program.types import INT, TYPES, Type

Bounds: TypeAlias = tuple[int, int] | None
"""The least and the greatest value, or None where nothing is known."""

Types: TypeAlias = Mapping[str, Type | None]

POINTER_SIZE = 8
_WORD = 64

_TRUTH = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||", "=>", "!"})


def type_bounds(type_: Type) -> tuple[int, int]:
    """Return the least and the greatest value of an integer type."""
    if is_bool(type_):
        return 0, 1
    bits = 8 * type_.size
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if type_.signed else (0, (1 << bits) - 1)


def is_bool(type_: Type) -> bool:
    """Whether conversion to the type is a test for zero."""
    return type_.is_bool


def bounds(term: Term, types: Types) -> Bounds:
    """Return bounds of a term over registers of known types, each of which holds a value of its type."""
    match term:
        case int():
            return term, term
        case Register(name):
            type_ = types.get(name)
            return None if type_ is None or type_.pointer else type_bounds(type_)
        case Apply(operator, _) if operator in _TRUTH:
            return 0, 1
        case Apply("ite", (_, positive, negative)):
            return _union(bounds(positive, types), bounds(negative, types))
        case Apply(operator, operands):
            return operation_bounds(operator, *(bounds(operand, types) for operand in operands))
    return None


def operation_bounds(operator: str, *operands: Bounds) -> Bounds:
    """Return bounds of an operation, computed exactly, on numbers that are within bounds."""
    match operands:
        case (operand,):
            return _unary(operator, operand)
        case ((_, _) as one, (_, _) as other):
            return _binary(operator, one, other)
    return None


def _union(one: Bounds, other: Bounds) -> Bounds:
    return None if one is None or other is None else (min(one[0], other[0]), max(one[1], other[1]))


def _unary(operator: str, operand: Bounds) -> Bounds:
    if operator in TYPES:
        low, high = type_bounds(TYPES[operator])
        return operand if operand is not None and low <= operand[0] and operand[1] <= high else (low, high)
    if operand is None:
        return None
    low, high = operand
    return (-high, -low) if operator == "neg" else (~high, ~low)


def _binary(operator: str, one: tuple[int, int], other: tuple[int, int]) -> Bounds:
    match operator:
        case "+":
            return one[0] + other[0], one[1] + other[1]
        case "-":
            return one[0] - other[1], one[1] - other[0]
        case "*":
            return _corners([a * b for a in one for b in other])
        case "/" if other[0] > 0:
            return _corners([abs(a) // b * (1 if a >= 0 else -1) for a in one for b in other])
        case "%" if other[0] > 0:
            most = other[1] - 1
            return max(min(one[0], 0), -most), min(max(one[1], 0), most)
        case "&" if one[0] >= 0 or other[0] >= 0:
            return 0, min(b[1] for b in (one, other) if b[0] >= 0)
        case "&" | "|" | "^":
            return _bitwise(one, other)
        case "<<" if other[0] >= 0 and other[1] < _WORD:
            return _corners([a << b for a in one for b in other])
        case ">>" if other[0] >= 0 and other[1] < _WORD:
            return _corners([a >> b for a in one for b in other])
    return None


def _corners(values: list[int]) -> tuple[int, int]:
    return min(values), max(values)


def _bitwise(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    bits = max(max(high, ~low).bit_length() for low, high in (one, other))
    return (0 if one[0] >= 0 and other[0] >= 0 else -(1 << bits)), (1 << bits) - 1


def fits(term: Term, type_: Type, types: Types) -> bool:
    """Whether every value of the term is one of the type."""
    known = bounds(term, types)
    low, high = type_bounds(type_)
    return known is not None and low <= known[0] and known[1] <= high


def convert(term: Term, type_: Type | None, types: Types) -> Term:
    """Return the term converted to a type; pointers and unknown types change nothing."""
    if type_ is None or type_.pointer or isinstance(term, Address) or fits(term, type_, types):
        return term
    if is_bool(type_):
        return int(term != 0) if isinstance(term, int) else Apply("!=", (term, 0))
    operator = f"{'s' if type_.signed else 'u'}{8 * type_.size}"
    return evaluate(operator, (term,)) if isinstance(term, int) else Apply(operator, (term,))


def promoted(type_: Type | None) -> Type:
    """Return the type that arithmetic computes in: C's integer promotion; what is unknown counts as ``int``."""
    return INT if type_ is None or (not type_.pointer and type_.size < INT.size) else type_


def common(left: Type | None, right: Type | None) -> Type:
    """Return the common type of C's usual arithmetic conversions."""
    one, other = promoted(left), promoted(right)
    if one.pointer or other.pointer:
        return one if one.pointer else other
    if one.size != other.size:
        return one if one.size > other.size else other
    return other if one.signed else one
