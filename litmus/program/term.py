"""Values: integers, addresses, and operations over registers or over what reads return.

One term language serves instructions (leaves: registers), event structures (leaves: reads) and final conditions
(leaves: observables). :func:`apply` folds constants, so a term without leaves is always an ``int`` or an
:class:`Address`.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from litmus.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Register:
    """A register of the thread at hand."""

    name: str


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The address ``offset`` bytes into the object ``symbol``."""

    symbol: str
    offset: int = 0


THIN_AIR = "out-of-thin-air"
"""The symbol of the addresses that stand for values which nothing but a cycle of copies justifies. Nothing is known of
such a value: an operation has one only where it has the same for all (herd7's symbols ``S1``, lib/symbValue.ml)."""


@dataclass(frozen=True, slots=True)
class ReadValue:
    """The value that the read event number ``event`` returns."""

    event: int


@dataclass(frozen=True, slots=True)
class FinalRegister:
    """The last value of a register; ``thread`` is an index."""

    thread: int
    register: str


@dataclass(frozen=True, slots=True)
class FinalLocation:
    """The last value, in coherence order, of the location called ``name``."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator applied to terms that are not all constant; see :data:`OPERATORS` for the operators."""

    operator: str
    operands: tuple["Term", ...]


Value: TypeAlias = int | Address
Leaf: TypeAlias = Register | ReadValue | FinalRegister | FinalLocation
Term: TypeAlias = Value | Leaf | Apply


def wrap(value: Value, bits: int, signed: bool) -> Value:
    """Return ``value`` as an integer type of ``bits`` bits holds it; addresses pass unchanged."""
    if isinstance(value, Address):
        return value
    value &= (1 << bits) - 1
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def _quotient(left: int, right: int) -> int:
    """C division: truncates towards zero. Division by zero is undefined in C; as on AArch64 it gives 0 here."""
    if right == 0:
        return 0
    magnitude = abs(left) // abs(right)
    return magnitude if (left < 0) == (right < 0) else -magnitude


def _remainder(left: int, right: int) -> int:
    return left if right == 0 else left - right * _quotient(left, right)


_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
    "%": _remainder,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<<": lambda a, b: a << (b & 63),
    ">>": lambda a, b: a >> (b & 63),
    "<": lambda a, b: int(a < b),
    "<=": lambda a, b: int(a <= b),
    ">": lambda a, b: int(a > b),
    ">=": lambda a, b: int(a >= b),
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "&&": lambda a, b: int(bool(a) and bool(b)),
    "||": lambda a, b: int(bool(a) or bool(b)),
    "=>": lambda a, b: int(not a or bool(b)),
}

_UNARY: dict[str, Callable[[int], int]] = {"neg": lambda a: -a, "~": lambda a: ~a, "!": lambda a: int(not a)}

WRAPS = {f"{sign}{bits}": (bits, sign == "s") for sign in "su" for bits in (8, 16, 32, 64)}
"""The unary conversions ``s8 u8 … s64 u64``, with their bits and signedness."""

BINARY_OPERATORS = frozenset(_ARITHMETIC)
UNARY_OPERATORS = frozenset(_UNARY) | frozenset(WRAPS)
"""Operators of :class:`Apply`; ``ite`` (three operands) is the only other one."""


class UndefinedOperation(Exception):
    """An operation on addresses that means nothing, as multiplying two of them."""


def _from_thin_air(value: Value) -> bool:
    return isinstance(value, Address) and value.symbol == THIN_AIR


def _on_thin_air(operator: str, left: Value, right: Value) -> Value:
    match operator, left, right:
        case (("+" | "|" | "^"), _, 0) | (("-" | "<<" | ">>"), _, 0):
            return left
        case (("+" | "|" | "^"), 0, _):
            return right
        case (("^" | "-"), _, _) if left == right:
            return 0
        case (("&" | "*"), _, 0) | (("&" | "*"), 0, _):
            return 0
    raise UndefinedOperation(operator)


def _on_addresses(operator: str, left: Value, right: Value) -> Value:
    match operator, left, right:
        case "+", Address(symbol, offset), int(number):
            return Address(symbol, offset + number)
        case "+", int(number), Address(symbol, offset):
            return Address(symbol, offset + number)
        case "-", Address(symbol, offset), int(number):
            return Address(symbol, offset - number)
        case "-", Address(one, a), Address(other, b) if one == other:
            return a - b
        case "==", _, _:
            return int(left == right)
        case "!=", _, _:
            return int(left != right)
        case (("<" | "<=" | ">" | ">="), Address(one, a), Address(other, b)) if one == other:
            return _ARITHMETIC[operator](a, b)
        case (("&&" | "||" | "=>"), _, _):
            return _ARITHMETIC[operator](_truth(left), _truth(right))
        case "^", Address(), Address() if left == right:
            return 0
        case (("&" | "*"), _, 0):
            return 0
        case (("&" | "*"), 0, _):
            return 0
        case (("|" | "^" | "<<" | ">>"), _, 0):
            return left
        case (("|" | "^"), 0, _):
            return right
    raise UndefinedOperation(operator)


def _truth(value: Value) -> int:
    return 1 if isinstance(value, Address) else int(value != 0)


def evaluate(operator: str, operands: tuple[Value, ...]) -> Value:
    """Return the value of an operator on constants.

    Raises:
        UndefinedOperation: where an address takes part in an operation that has no meaning for it.
    """
    if operator in ("ite", "!") and _from_thin_air(operands[0]):
        raise UndefinedOperation(operator)
    if operator == "ite":
        return operands[1] if _truth(operands[0]) else operands[2]
    if len(operands) == 1:
        (operand,) = operands
        if operator in WRAPS:
            return wrap(operand, *WRAPS[operator])
        if operator == "!":
            return 1 - _truth(operand)
        if isinstance(operand, Address):
            raise UndefinedOperation(operator)
        return _UNARY[operator](operand)
    left, right = operands
    if isinstance(left, int) and isinstance(right, int):
        return _ARITHMETIC[operator](left, right)
    if _from_thin_air(left) or _from_thin_air(right):
        return _on_thin_air(operator, left, right)
    return _on_addresses(operator, left, right)


def apply(operator: str, *operands: Term) -> Term:
    """Return the term ``operator(operands)``, folded where the operands are constant or an identity decides it.

    Raises:
        UndefinedOperation: as :func:`evaluate`.
    """
    if len(operands) == 2 and type(operands[0]) is int and type(operands[1]) is int:
        return _ARITHMETIC[operator](operands[0], operands[1])
    constants = tuple([o for o in operands if isinstance(o, (int, Address))])
    if len(constants) == len(operands):
        return evaluate(operator, constants)
    match operator, operands:
        case (("^" | "-"), (left, right)) if left == right:
            return 0
        case (("==" | "<=" | ">="), (left, right)) if left == right:
            return 1
        case (("!=" | "<" | ">"), (left, right)) if left == right:
            return 0
        case (("&" | "*" | "&&"), (left, right)) if left == 0 or right == 0:
            return 0
        case (("+" | "|" | "^" | "-" | "<<" | ">>"), (left, 0)):
            return left
        case (("+" | "|" | "^"), (0, right)):
            return right
        case "ite", (int() | Address() as condition, positive, negative):
            return positive if _truth(condition) else negative
    return Apply(operator, operands)


def substitute(term: Term, lookup: Callable[[Leaf], Term | None]) -> Term:
    """Return ``term`` with every leaf for which ``lookup`` gives a term replaced by it, and folded again.

    What is to the right of a ``&&`` or ``||`` that its left side decides is not looked at.
    """
    if isinstance(term, Apply):
        operator, operands = term.operator, term.operands
        if len(operands) != 2:
            return apply(operator, *[substitute(o, lookup) for o in operands])
        left = substitute(operands[0], lookup)
        if type(left) is int and (left == 0 if operator == "&&" else left != 0 and operator == "||"):
            return int(left != 0)
        return apply(operator, left, substitute(operands[1], lookup))
    if isinstance(term, (int, Address)):
        return term
    found = lookup(term)
    return term if found is None else found


def leaves(term: Term) -> Iterator[Leaf]:
    """Yield the leaves of ``term`` from left to right, with repetitions."""
    pending = [term]
    while pending:
        term = pending.pop()
        if isinstance(term, Apply):
            pending += reversed(term.operands)
        elif not isinstance(term, (int, Address)):
            yield term


def holds(value: Value) -> bool:
    """Return whether a C condition with this value is true."""
    return bool(_truth(value))
