"""Terms as functions of the values of their leaves, for terms that are computed again and again.

What a function returns or raises is what :func:`litmus.program.term.substitute` does with all leaves replaced.
"""

from collections.abc import Callable, Hashable, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from litmus.program.term import (
    BINARY_OPERATORS,
    WRAPS,
    Address,
    Apply,
    Leaf,
    Term,
    Value,
    evaluate,
    wrap,
)

Computation: TypeAlias = Callable[[Any], Value]
"""Computes a term from what gives the values of leaves by their keys: a tuple or a mapping.

Raises:
    UndefinedOperation: as `term.evaluate`.
"""

Keys: TypeAlias = Callable[[Any], Hashable]
"""Gives the key of a leaf."""

_TRUTHS = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||", "=>", "!"})
"""The operators that give 0 or 1."""


def computation(term: Term, key: Keys) -> Computation:
    """Return the function that computes a term."""
    if isinstance(term, Apply):
        return _applied(term.operator, term.operands, key)
    return _constant(term) if isinstance(term, (int, Address)) else itemgetter(key(term))


def _constant(value: Value) -> Computation:
    return lambda _: value


def _applied(operator: str, operands: Sequence[Term], key: Keys) -> Computation:
    if operator in ("&&", "||"):
        return _junction(operator, operands[0], operands[1], key)
    if operator == "==" and type(operands[1]) is int and not isinstance(operands[0], (int, Address, Apply)):
        return _equality(operands[0], operands[1], key)
    parts = [computation(operand, key) for operand in operands]
    if operator in BINARY_OPERATORS:
        left, right = parts
        return lambda given: evaluate(operator, (left(given), right(given)))
    if operator in WRAPS:
        (part,), (bits, signed) = parts, WRAPS[operator]
        return lambda given: wrap(part(given), bits, signed)
    return lambda given: evaluate(operator, tuple([part(given) for part in parts]))


def _equality(leaf: Leaf, number: int, key: Keys) -> Computation:
    place = key(leaf)

    def equal(given: Any) -> Value:
        value = given[place]
        return int(value == number) if type(value) is int else evaluate("==", (value, number))

    return equal


def _junction(operator: str, left: Term, right: Term, key: Keys) -> Computation:
    """Compute no more than what decides."""
    terms = _flat(operator, left, right)
    if not all(isinstance(term, Apply) and term.operator in _TRUTHS for term in terms):
        return _of_any(operator, computation(left, key), computation(right, key))
    parts = [computation(term, key) for term in terms]
    return _conjunction(parts) if operator == "&&" else _disjunction(parts)


def _flat(operator: str, left: Term, right: Term) -> list[Term]:
    """Return the operands of an operator applied to its own results, from left to right."""
    found: list[Term] = []
    pending = [right, left]
    while pending:
        term = pending.pop()
        if isinstance(term, Apply) and term.operator == operator:
            pending += reversed(term.operands)
        else:
            found.append(term)
    return found


def _conjunction(parts: Sequence[Computation]) -> Computation:
    def all_hold(given: Any) -> Value:
        for part in parts:
            if not part(given):
                return 0
        return 1

    return all_hold


def _disjunction(parts: Sequence[Computation]) -> Computation:
    def one_holds(given: Any) -> Value:
        for part in parts:
            if part(given):
                return 1
        return 0

    return one_holds


def _of_any(operator: str, left: Computation, right: Computation) -> Computation:
    """Compute a junction of what may be addresses, which decide nothing alone."""
    decides = operator == "||"

    def computed(given: Any) -> Value:
        first = left(given)
        if type(first) is int and (first != 0) is decides:
            return int(decides)
        return evaluate(operator, (first, right(given)))

    return computed
