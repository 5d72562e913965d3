"""Final conditions in herd's syntax, whose atoms only say that a register or a location has a value."""

from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import TypeAlias

from litmus.arch.inference import constant_type
from litmus.arch.ranges import common, type_bounds
from litmus.dataclass import dataclass
from litmus.errors import UnsupportedError
from litmus.export.interval import Interval
from litmus.export.number import represented
from litmus.program.literal import typed_literal
from litmus.program.term import (
    Address,
    Apply,
    FinalLocation,
    FinalRegister,
    Leaf,
    Term,
    Value,
    holds,
    leaves,
    substitute,
    wrap,
)
from litmus.program.types import INT, Type
from litmus.source import Span

CONNECTIVES = {"&&": "/\\", "||": "\\/", "=>": "=>"}
NEGATIONS = {"==": "!=", "!=": "=="}


Observable: TypeAlias = FinalRegister | FinalLocation

CASES = 1024
"""The most combinations of values that a condition is written out over."""

FEW = 64
"""As many where herd7 has other words for it."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What conditions speak of: the ``name`` of a register or a location, its ``type``, the ``values`` that it may hold
    where these are few numbers, the name of what is at an ``address``, and the ``meaning`` of a term in C."""

    name: Callable[[Observable], str]
    type: Callable[[Observable], Type]
    values: Callable[[Observable], Interval | None]
    address: Callable[[Address], str]
    meaning: Callable[[Term], Term]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Writes conditions. ``computed`` gives the name of a register that holds a term over the registers of one thread
    when the thread ends."""

    known: Observed
    computed: Callable[[int, Term, Span | None], str]
    span: Span | None

    def text(self, term: Term) -> str:
        """Return ``term`` as a condition, without outer parentheses.

        Raises:
            UnsupportedError: where it compares memory in a way that herd's conditions cannot.
        """
        match term:
            case int() | Address():
                return "true" if holds(term) else "false"
            case Apply() if (literal := typed_literal(term)) is not None:
                return "true" if literal[0] else "false"
            case Apply("!", (operand,)):
                return self._negated(operand)
            case Apply(operator, (left, right)) if operator in CONNECTIVES:
                return f"{self._operand(left, operator)} {CONNECTIVES[operator]} {self._operand(right, operator)}"
            case Apply("==" | "!=", (FinalRegister() | FinalLocation(), FinalRegister() | FinalLocation())) if (
                reduced := self._without_comparison(term)
            ):
                return reduced
            case Apply(("==" | "!=") as operator, (FinalRegister() | FinalLocation() as left, right)) if atomic(right):
                equal = self._equal(left, right)
                return equal if operator == "==" else self._not(equal)
            case FinalRegister() | FinalLocation():
                return f"not ({self.known.name(term)}=0)"
            case _:
                return self._reduced(term)

    def _without_comparison(self, term: Term) -> str | None:
        """Return a comparison of what is observed with something else that is, which litmus7 and klitmus7 do not read,
        as one with values; None where that cannot be."""
        if any(isinstance(x, FinalRegister | FinalLocation) and self.known.type(x).pointer for x in leaves(term)):
            return None
        try:
            return self._reduced(term, FEW)
        except UnsupportedError:
            return None

    def _equal(self, left: Observable, right: Term) -> str:
        """Return the atom that compares what is observed with a value, or with something else that is."""
        type_ = self.known.type(left)
        match right:
            case Address():
                return f"{self.known.name(left)}={self.known.address(right)}"
            case FinalRegister() | FinalLocation():
                return f"{self.known.name(left)}={self._alike(type_, right)}"
        value, its = typed_literal(right) or self._untyped(right)
        found = value if type_.pointer else _equal_value(type_, value, common(type_, its))
        number = None if found is None else represented(found, found, type_)
        return "false" if number is None else f"{self.known.name(left)}={number[0]}"

    @staticmethod
    def _untyped(term: Term) -> tuple[int, Type]:
        assert isinstance(term, int)
        return term, constant_type(term)

    def _alike(self, type_: Type, other: Observable) -> str:
        """Return how something is written whose values stand for themselves as those of ``type_`` do."""
        its = self.known.type(other)
        modular = any(not t.signed and t.size >= INT.size for t in (type_, its))
        if modular and (type_.size, type_.signed) != (its.size, its.signed):
            message = f"herd's conditions cannot compare a value of type {type_} with one of type {its}"
            raise UnsupportedError(message, self.span, hint="compare both with constants")
        name = self.known.name(other)
        return f"[{name}]" if isinstance(other, FinalLocation) else name  # a location without brackets is its address

    @staticmethod
    def _not(text: str) -> str:
        return "true" if text == "false" else f"not ({text})"

    def _operand(self, term: Term, above: str) -> str:
        text = self.text(term)
        nested = isinstance(term, Apply) and term.operator in CONNECTIVES and term.operator != above
        return f"({text})" if nested or " \\/ " in text else text

    def _negated(self, term: Term) -> str:
        match term:
            case FinalRegister() | FinalLocation():
                return f"{self.known.name(term)}=0"
            case Apply(operator, operands) if operator in NEGATIONS:
                return self.text(Apply(NEGATIONS[operator], operands))
            case _:
                return f"not ({self.text(term)})"

    def _reduced(self, term: Term, most: int = CASES) -> str:
        """A term that herd has no words for: computed by its thread where it is about one thread's registers, else
        written out over all values that what it mentions may have."""
        found = [leaf for leaf in dict.fromkeys(leaves(term)) if isinstance(leaf, FinalRegister | FinalLocation)]
        threads = {leaf.thread for leaf in found if isinstance(leaf, FinalRegister)}
        if len(threads) == 1 and all(isinstance(leaf, FinalRegister) for leaf in found):
            return f"not ({(thread := threads.pop())}:{self.computed(thread, term, self.span)}=0)"
        choices = [range(low, high + 1) for low, high in filter(None, map(self.known.values, found))]
        if len(choices) == len(found) and prod(map(len, choices)) <= most:
            return self._cases(term, found, choices)
        raise UnsupportedError("herd's conditions cannot compute with final values of memory", self.span)

    def _cases(self, term: Term, found: Sequence[Observable], choices: Sequence[range]) -> str:
        """The values for which ``term`` holds."""
        cases, meaning = [], self.known.meaning(term)
        for values in product(*choices):
            chosen: dict[Leaf, Term] = dict(zip(found, values, strict=True))
            result = substitute(meaning, chosen.get)
            if isinstance(result, Value) and holds(result):
                atoms = (self._equal(leaf, value) for leaf, value in zip(found, values, strict=True))
                cases.append(" /\\ ".join(atoms))
        return " \\/ ".join(cases) if cases else "false"


def atomic(term: Term) -> bool:
    """Whether a term stands on the right of herd's comparisons."""
    return not isinstance(term, Apply) or typed_literal(term) is not None


def _equal_value(type_: Type, number: int, compared: Type) -> int | None:
    """Return the value of a type that is equal to a number where both are converted to the type ``compared``."""
    wanted, found = _wrapped(number, compared), _wrapped(number, type_)
    inside = type_bounds(type_)[0] <= found <= type_bounds(type_)[1]
    return found if inside and _wrapped(found, compared) == wanted else None


def _wrapped(number: int, type_: Type) -> int:
    value = wrap(number, 8 * type_.size, type_.signed)
    assert isinstance(value, int)
    return value
