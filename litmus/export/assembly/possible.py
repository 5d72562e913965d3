"""Which values the registers and locations of a compiled program may hold, in any candidate of any model.

Numbers are intervals, addresses sets. Each instruction is executed at most as often as loops turn, so that so many
rounds over all of them reach every value; values that only justify each other, out of thin air, are no candidates.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from litmus.arch.ranges import operation_bounds
from litmus.dataclass import dataclass, field, replace
from litmus.program.instruction import Assign, Branch, Instruction, Jump, Label, Load, ReadModifyWrite, Store
from litmus.program.program import Program
from litmus.program.term import Address, Apply, Register, Term, Value

Interval: TypeAlias = tuple[int, int]
Place: TypeAlias = Address | tuple[int, str]
"""A location by its address, or a register by the number of its thread and its name."""

ANY: Interval = (-(1 << 80), 1 << 80)
"""What stands for integers that nothing is known of."""

_TRUTHS = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||", "!"})
_FEW = 64
"""The most offsets that an address is followed to."""


@dataclass(frozen=True, slots=True)
class Possible:
    """A set of values: the integers of an interval (None: none), and addresses."""

    numbers: Interval | None = None
    addresses: frozenset[Address] = frozenset()

    def __or__(self, other: "Possible") -> "Possible":
        return Possible(join(self.numbers, other.numbers), self.addresses | other.addresses)

    def within(self, low: int, high: int) -> bool:
        """Whether all are integers from ``low`` to ``high``."""
        return not self.addresses and (self.numbers is None or (low <= self.numbers[0] and self.numbers[1] <= high))

    @property
    def negative(self) -> bool:
        """Whether one of them may be a negative number."""
        return self.numbers is not None and self.numbers[0] < 0


def join(one: Interval | None, other: Interval | None) -> Interval | None:
    """Return the smallest interval that holds two."""
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def exactly(value: Value) -> Possible:
    """Return the set of one value."""
    return Possible(addresses=frozenset({value})) if isinstance(value, Address) else Possible((value, value))


PATIENCE = 100_000
"""How many instructions are gone through before what still grows may be anything: a thousand increments would add up
one by one."""


@dataclass(slots=True)
class Knowledge:
    """What each place may hold. ``moved`` are the symbols into which addresses are computed from other addresses,
    ``indexed`` those of them by steps that are not the same at all times."""

    declared: frozenset[Address]
    known: dict[Place, Possible] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    indexed: set[str] = field(default_factory=set)

    def of(self, thread: int, term: Term) -> Possible:
        """Return what a term over the registers of a thread may be."""
        match term:
            case int() | Address():
                return exactly(term)
            case Register(name):
                return self.known.get((thread, name), exactly(0))
            case Apply(operator) if operator in _TRUTHS:
                return self._truth(thread, term)
            case Apply("ite", (_, positive, negative)):
                return self.of(thread, positive) | self.of(thread, negative)
            case Apply(operator, operands):
                return self._applied(operator, [self.of(thread, operand) for operand in operands])
        return Possible(ANY)

    def targets(self, thread: int, address: Term) -> frozenset[Address]:
        """Return the locations that an address may be of."""
        return self.of(thread, address).addresses & self.declared

    def _truth(self, thread: int, term: Apply) -> Possible:
        """A comparison, decided where the intervals do not overlap."""
        match term.operator, [self.of(thread, operand).numbers for operand in term.operands]:
            case (("<" | "<=" | ">" | ">=") as operator, [(a, b), (c, d)]):
                always = {"<": b < c, "<=": b <= c, ">": a > d, ">=": a >= d}[operator]
                never = {"<": a >= d, "<=": a > d, ">": b <= c, ">=": b < c}[operator]
                return Possible((int(always), int(not never)))
            case "!=", [(a, b), (c, d)] if b < c or d < a:
                return exactly(1)
            case ("&&", [(a, b), (c, d)]) if (a > 0 or b < 0) and (c > 0 or d < 0):
                return exactly(1)
        return Possible((0, 1))

    def _applied(self, operator: str, operands: Sequence[Possible]) -> Possible:
        numbers = [operand.numbers for operand in operands]
        addresses = frozenset(self._addresses(operator, operands))
        if any(operand.addresses for operand in operands):
            found = None if addresses and operator in "+-" and not _difference(operands) else ANY
            if None not in numbers:
                found = join(found, operation_bounds(operator, *numbers) or ANY)
            return Possible(found, addresses)
        return Possible(None if None in numbers else operation_bounds(operator, *numbers) or ANY)

    def _addresses(self, operator: str, operands: Sequence[Possible]) -> Iterator[Address]:
        if len(operands) == 1:
            yield from operands[0].addresses
            return
        left, right = operands
        for base, other in ((left, right), (right, left)):
            for address in base.addresses:
                yield from self._moved(operator, address, other.numbers, first=base is left)

    def _moved(self, operator: str, address: Address, by: Interval | None, *, first: bool) -> Iterator[Address]:
        if by is None or (operator == "-" and not first):
            return
        if operator not in "+-":
            yield address  # as it is, where the other operand is 0
            return
        low, high = by if operator == "+" else (-by[1], -by[0])
        if low < high:
            self.indexed.add(address.symbol)
        for target in sorted(self.declared):
            distance = target.offset - address.offset
            if target.symbol == address.symbol and low <= distance <= high:
                if distance:
                    self.moved.add(address.symbol)
                yield target

    def add(self, place: Place, more: Possible) -> None:
        """Let a place hold more."""
        known = self.known.get(place, Possible()) | more
        if known.numbers is not None:
            known = replace(known, numbers=(max(known.numbers[0], ANY[0]), min(known.numbers[1], ANY[1])))
        self.known[place] = known

    def widen(self, before: Mapping[Place, Possible]) -> None:
        """Let every place that holds more than before hold any number, so that it stops growing."""
        for place, known in list(self.known.items()):
            if known != before.get(place):
                self.add(place, Possible(ANY))

    def content(self, places: Iterable[Address]) -> Possible:
        """Return what locations may hold, taken together."""
        found = Possible()
        for place in places:
            found |= self.known.get(place, Possible())
        return found

    def execute(self, thread: int, instruction: Instruction) -> None:
        """Let the places that an instruction sets hold what it may set them to."""
        match instruction:
            case Assign(target, value):
                self.add((thread, target), self.of(thread, value))
            case Load(target=str() as target, address=address):
                self.add((thread, target), self.content(self.targets(thread, address)))
            case Store(address=address, value=value):
                self._store(thread, address, value)
            case ReadModifyWrite(old=old, address=address, new=new):
                self.add((thread, old.name), self.content(self.targets(thread, address)))
                self._store(thread, address, new)

    def _store(self, thread: int, address: Term, value: Term) -> None:
        for place in self.targets(thread, address):
            self.add(place, self.of(thread, value))


def _difference(operands: Sequence[Possible]) -> bool:
    return len(operands) == 2 and all(operand.addresses for operand in operands)


def possible_values(program: Program, threads: Sequence[tuple[Instruction, ...]], unroll: int) -> Knowledge:
    """Return what the places of a compiled program may hold."""
    found = Knowledge(frozenset(location.address for location in program.locations))
    for location in program.locations:
        found.add(location.address, exactly(location.initial))
    for number, (thread, code) in enumerate(zip(program.threads, threads, strict=True)):
        for target in _own(code):
            found.add((number, target), exactly(0))  # what its thread leaves alone is 0 at the end
        for register, value in thread.registers.items():
            found.add((number, register), exactly(value))
    turns, instructions = unroll + 1 if any(map(loops, threads)) else 1, sum(map(len, threads))
    for done in range(turns * instructions + 1):
        before = dict(found.known)
        for number, code in enumerate(threads):
            for instruction in code:
                found.execute(number, instruction)
        if found.known == before:
            break
        if done * instructions > PATIENCE:
            found.widen(before)
    return found


def _own(code: Iterable[Instruction]) -> Iterator[str]:
    """The variables of the source that are set: others are always set before they are used."""
    return (i.target for i in code if isinstance(i, Assign) and not i.target.startswith("%"))


def loops(code: Sequence[Instruction]) -> bool:
    """Whether some jump goes back."""
    places: Mapping[str, int] = {i.name: at for at, i in enumerate(code) if isinstance(i, Label)}
    return any(places[i.target] <= at for at, i in enumerate(code) if isinstance(i, Jump | Branch))
