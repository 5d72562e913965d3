"""Which values the variables and locations of a compiled program may hold, whatever the model, and however often loops
turn; and terms without the conversions that change none of these.

An interval of integers for each place, and whether it may hold an address; the least that holds what the code may set
it to. What grows and grows is taken to be any number.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from litmus.arch.ranges import operation_bounds, type_bounds
from litmus.dataclass import dataclass, field
from litmus.program.instruction import Assign, Fence, Instruction, Load, ReadModifyWrite, Store, StoreConditional
from litmus.program.program import Program
from litmus.program.term import (
    WRAPS,
    Address,
    Apply,
    FinalLocation,
    FinalRegister,
    Register,
    Term,
    Value,
)
from litmus.program.types import TYPES

_MOST = 1 << 80


@dataclass(frozen=True, slots=True)
class Range:
    """Integers from ``low`` to ``high`` (none where ``low`` is greater), and addresses too if ``address``."""

    low: int
    high: int
    address: bool = False

    def join(self, other: "Range") -> "Range":
        """Return what holds the values of both."""
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Range(max(low, -_MOST), min(high, _MOST), self.address or other.address)

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The least and the greatest integer, None where there is none."""
        return (self.low, self.high) if self.low <= self.high else None


NOTHING = Range(_MOST, -_MOST)
ADDRESS = Range(_MOST, -_MOST, address=True)
ANY = Range(-_MOST, _MOST, address=True)
_TRUTH, _ZERO = Range(0, 1), Range(0, 0)
_TRUTHS = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||", "!", "=>"})
_ENDS = [type_bounds(TYPES[name]) for name in WRAPS]
_LEAST, _GREATEST = frozenset(low for low, _ in _ENDS), frozenset(high for _, high in _ENDS)
_ROUNDS = 8
"""After so many what still grows is taken to be anything of its type: chains of copies are longer only in odd tests."""

Place: TypeAlias = Address | tuple[int, str]
"""A location by its address, or a variable by the number of its thread and its name."""


def ranges(program: Program, threads: Sequence[Sequence[Instruction]]) -> "Ranges":
    """Return what the places of a program may hold when ``threads``, its code, run."""
    found = Ranges({location.name: location.address for location in program.locations})
    for location in program.locations:
        found.add(location.address, _of(location.initial))
    for number, thread in enumerate(program.threads):
        for register, value in thread.registers.items():
            found.add((number, register), _of(value))
    rounds = 0
    while found.grown:
        rounds += 1
        found.widening, found.grown = rounds > _ROUNDS, False
        for number, code in enumerate(threads):
            for instruction in code:
                found.execute(number, instruction)
    return found


def _of(value: Value) -> Range:
    return Range(value, value) if isinstance(value, int) else ADDRESS


@dataclass(slots=True)
class Ranges:
    """What each place may hold. ``names`` are the locations by name."""

    names: dict[str, Address]
    known: dict[Place, Range] = field(default_factory=dict)
    grown: bool = True
    widening: bool = False

    def add(self, place: Place, more: Range) -> None:
        """Let a place hold more."""
        before = self.known.get(place, NOTHING)
        after = before.join(more)
        if after != before:
            self.known[place] = _widened(after) if self.widening else after
            self.grown = True

    def execute(self, thread: int, instruction: Instruction) -> None:
        """Let the places that an instruction sets hold what it may set them to."""
        match instruction:
            case Assign(target, value):
                self.add((thread, target), self.of(thread, value))
            case Load(target=str() as target, address=address):
                self.add((thread, target), self._content(address))
            case Store(address=address, value=value):
                self._store(address, self.of(thread, value))
            case ReadModifyWrite(old=old, address=address, new=new):
                self.add((thread, old.name), self._content(address))
                self._store(address, self.of(thread, new))
            case StoreConditional(status=str() as target) | Fence(result=str() as target):
                self.add((thread, target), ANY)

    def _places(self, address: Term) -> list[Address]:
        """The locations at an address; all there are where it depends on what is read."""
        return [address] if isinstance(address, Address) else list(self.names.values())

    def _content(self, address: Term) -> Range:
        return _joined(self.known.get(place, _ZERO) for place in self._places(address))

    def _store(self, address: Term, value: Range) -> None:
        for place in self._places(address):
            self.add(place, value)

    def of(self, thread: int, term: Term) -> Range:
        """Return what a term over the registers of a thread, or over final values, may be."""
        match term:
            case int() | Address():
                return _of(term)
            case Register(name):
                return self._register(thread, name)
            case FinalRegister(number, name):
                return self._register(number, name)
            case FinalLocation(name):
                return self._content(self.names[name])
            case Apply(operator) if operator in _TRUTHS:
                return _TRUTH
            case Apply("ite", (_, positive, negative)):
                return self.of(thread, positive).join(self.of(thread, negative))
            case Apply(operator, operands):
                return _applied(operator, [self.of(thread, operand) for operand in operands])
        return ANY

    def _register(self, thread: int, name: str) -> Range:
        """What is not assigned, at all or yet, is 0."""
        return self.known.get((thread, name), NOTHING).join(_ZERO)

    def fits(self, thread: int, term: Term, conversion: str) -> bool:
        """Whether a conversion (``s32`` …) leaves whatever a term may be as it is; addresses it always does."""
        bits, signed = WRAPS[conversion]
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        found = self.of(thread, term)
        return (low <= found.low and found.high <= high) or found.bounds is None

    def simplified(self, thread: int, term: Term) -> Term:
        """Return a term without the conversions, of truth values to truth values too, that change nothing."""
        match term:
            case Apply(operator, operands):
                inner = tuple(self.simplified(thread, operand) for operand in operands)
                if operator == "!=" and inner[1] == 0 and isinstance(inner[0], Apply) and inner[0].operator in _TRUTHS:
                    return inner[0]
                if operator in WRAPS and self.fits(thread, inner[0], operator):
                    return inner[0]
                return Apply(operator, inner)
        return term


def _widened(found: Range) -> Range:
    """Return a range whose ends are those of types: what is converted to a type goes no further."""
    low = max((end for end in _LEAST if end <= found.low), default=-_MOST)
    high = min((end for end in _GREATEST if end >= found.high), default=_MOST)
    return Range(low, high, found.address)


def _joined(found: Iterable[Range]) -> Range:
    result = NOTHING
    for more in found:
        result = result.join(more)
    return result


def _applied(operator: str, operands: list[Range]) -> Range:
    """Return what an operator makes. With an address it makes an address, 0, or its other operand, and of two their
    difference, which may be any number."""
    addresses = sum(operand.address for operand in operands)
    if addresses > 1 and operator == "-":
        return ANY
    bounds = [operand.bounds for operand in operands]
    found = operation_bounds(operator, *bounds)
    if not addresses:
        return Range(*found) if found is not None else ANY
    numbers = Range(*found) if found is not None else NOTHING if None in bounds else ANY
    return _joined([ADDRESS, _ZERO, numbers, *operands])
