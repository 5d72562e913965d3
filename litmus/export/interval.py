"""Which integers the variables and locations of a test may hold, in any candidate of any model.

Herd's C has no loops that are exported, so that each instruction is executed at most once: a value is derived through
each at most once, and as many rounds over them as there are instructions reach every value; values that only justify
each other, out of thin air, are no candidates. What still grows after many rounds may be anything, so that long tests
take no more than rounds and instructions make. A ``u64`` of 2^63 or more counts as the negative number with its bits.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from litmus.arch.compile import compile_for
from litmus.arch.ranges import operation_bounds
from litmus.dataclass import dataclass, field
from litmus.program.instruction import Assign, Fence, Instruction, Load, ReadModifyWrite, Store, StoreConditional
from litmus.program.program import Program
from litmus.program.term import Address, Apply, Register, Term, Value

Interval: TypeAlias = tuple[int, int]
NUMBER: Interval = (-(1 << 80), 1 << 80)
"""What stands for integers that nothing is known of."""

_ROUNDS = 200

_TRUTHS = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||", "!"})
Place: TypeAlias = Address | tuple[int, str]
"""A location by its address, or a variable by the number of its thread and its name."""


def intervals(program: Program) -> Mapping[Place, Interval]:
    """Return an interval of the integers that each location and variable may hold; none where these are addresses only.

    Raises:
        LitmusError: where the program does not compile.
    """
    found = _Search()
    for location in program.locations:
        found.add(location.address, _of(location.initial))
    threads = compile_for(program, "lkmm").threads
    for number, (thread, code) in enumerate(zip(program.threads, threads, strict=True)):
        for target in (i.target for i in code if isinstance(i, Assign)):
            found.add((number, target), (0, 0))  # what its thread leaves alone is 0 at the end
        for register, value in thread.registers.items():
            found.add((number, register), _of(value))
    for rounds in range(sum(map(len, threads)) + 1):
        before = dict(found.known)
        found.widening = rounds >= _ROUNDS
        for number, code in enumerate(threads):
            for instruction in code:
                found.execute(number, instruction)
        if found.known == before:
            break
    return found.known


def _of(value: Value) -> Interval | None:
    return (seen(value), seen(value)) if isinstance(value, int) else None


def seen(value: int) -> int:
    """Return a number as what has 64 bits counts it."""
    return value - (1 << 64) if 1 << 63 <= value < 1 << 64 else value


def join(found: Iterable[Interval | None]) -> Interval | None:
    """Return the smallest interval that holds those that are there."""
    known = [interval for interval in found if interval is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


@dataclass(slots=True)
class _Search:
    known: dict[Place, Interval] = field(default_factory=dict)
    widening: bool = False
    """Whether what still grows may be anything."""

    def add(self, place: Place, interval: Interval | None) -> None:
        """Let a place hold more."""
        if interval is not None:
            low, high = join((interval, self.known.get(place))) or NUMBER
            bounded = max(low, NUMBER[0]), min(high, NUMBER[1])
            self.known[place] = NUMBER if self.widening and bounded != self.known.get(place) else bounded

    def execute(self, thread: int, instruction: Instruction) -> None:
        """Let the places that an instruction sets hold what it may set them to."""
        match instruction:
            case Assign(target, value):
                self.add((thread, target), self._term(thread, value))
            case Load(target=str() as target, address=address):
                self.add((thread, target), self._content(address))
            case Store(address=address, value=value) | StoreConditional(address=address, value=value):
                self._store(address, self._term(thread, value))
            case ReadModifyWrite(old=old, address=address, new=new):
                self.add((thread, old.name), self._content(address))
                self._store(address, self._term(thread, new))
            case Fence(result=str() as target):
                self.add((thread, target), NUMBER)

    def _places(self, address: Term) -> list[Address]:
        """The locations at an address; all there are where it depends on what is read."""
        return [address] if isinstance(address, Address) else [p for p in self.known if isinstance(p, Address)]

    def _content(self, address: Term) -> Interval | None:
        return join(self.known.get(place) for place in self._places(address))

    def _store(self, address: Term, interval: Interval | None) -> None:
        for place in self._places(address):
            self.add(place, interval)

    def _term(self, thread: int, term: Term) -> Interval | None:
        """What a term may be; None where it is an address."""
        match term:
            case int():
                return seen(term), seen(term)
            case Register(name):
                return self.known.get((thread, name))
            case Apply(operator) if operator in _TRUTHS:
                return 0, 1
            case Apply("ite", (_, positive, negative)):
                return join((self._term(thread, positive), self._term(thread, negative)))
            case Apply("u64", operands):
                return self._term(thread, Apply("s64", operands))
            case Apply(operator, operands):
                parts = [self._term(thread, operand) for operand in operands]
                return None if None in parts else operation_bounds(operator, *parts) or NUMBER
        return None
