"""Register events: the reads and writes of registers and the branches of a path, as events beside the memory events.

Some models of the field (the Arm architecture's own) define dependencies over them. They are made from the trace of a
path after it was explored, so that paths for all other models stay small.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from litmus.dataclass import dataclass, field, replace
from litmus.event.path import Pairs, Path, PathEvent, Step
from litmus.program.instruction import (
    Assign,
    Assume,
    Branch,
    Fence,
    Label,
    Load,
    ReadModifyWrite,
    SecondHalf,
    Store,
    StoreConditional,
)
from litmus.program.term import Apply, Leaf, ReadValue, Register, Term, leaves, substitute

DATA_PORT = frozenset({"DATA"})
"""The tag of a register read that feeds the value of a store."""
BRANCH = frozenset({"BCC"})
"""The tag of the event of a conditional branch."""
REGISTER_KINDS = ("Rreg", "Wreg")
"""The kinds of accesses to registers, whose location is the register."""
NO_TAGS: frozenset[str] = frozenset()

PairList = list[tuple[int, int]]


def with_registers(path: Path) -> Path:
    """Return the path with its register events and branches, and the relations between them."""
    tracer = _Tracer(path)
    for step in path.trace:
        tracer.step(step)
    return tracer.finished()


def _halves(swap: ReadModifyWrite) -> list[SecondHalf]:
    """Return what a compare-and-swap does to its one place, or to both."""
    assert isinstance(swap.expected, Register)
    first = SecondHalf(swap.old, swap.new, swap.expected)
    return [first] if swap.second is None else [first, swap.second]


def _registers(terms: Iterable[Term | None]) -> Iterator[str]:
    seen: set[str] = set()
    for term in terms:
        for leaf in leaves(term) if term is not None else ():
            if isinstance(leaf, Register) and leaf.name not in seen:
                seen.add(leaf.name)
                yield leaf.name


@dataclass(slots=True)
class _Tracer:
    path: Path
    events: list[PathEvent] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    """The new number of each event of the path."""
    writers: dict[str, int] = field(default_factory=dict)
    """The last write of each register."""
    data: PairList = field(default_factory=list)
    ctrl: PairList = field(default_factory=list)
    rf_reg: PairList = field(default_factory=list)

    def step(self, step: Step) -> None:
        """Add the events of one executed instruction: register reads, memory events or branch, register writes."""
        match step.instruction:
            case Assign(target, Apply(_, (condition, first, second)), picks=True):
                self._pick(step, target, condition, first if step.way == "first" else second)
            case Assign(target, value, _):
                self._relate(self._reads(step, [value]), [self._write(step, target)])
            case Load(target=target, address=address):
                self._access(step, address, [], target)
            case Store(address=address, value=value):
                self._access(step, address, [value], None)
            case StoreConditional(address=address, value=value, second=second, status=status, carries=carries):
                self._exclusive(step, address, [value, second], status, carries)
            case ReadModifyWrite(address=address, expected=Register()) as swap:
                self._compare_and_swap(step, address, _halves(swap))
            case ReadModifyWrite(old=old, address=address, new=new, condition=condition):
                self._update(step, address, [new, condition], old.name)
            case Fence(location=location, value=value, result=result):
                self._access(step, location, [value], result)
            case Branch(condition=condition) | Assume(condition=condition):
                self._branch(step, condition)
            case _:
                pass

    def _access(self, step: Step, address: Term | None, values: list[Term | None], target: str | None) -> None:
        addressing, feeding = self._reads(step, [address]), self._reads(step, values, DATA_PORT)
        accesses = self._accesses(step)
        self._relate([*addressing, *feeding], accesses)
        if target is not None:
            self._relate(accesses, [self._write(step, target)])

    def _exclusive(
        self, step: Step, address: Term, values: list[Term | None], status: str | None, carries: bool
    ) -> None:
        addressing, feeding = self._reads(step, [address]), self._reads(step, values, DATA_PORT)
        accesses = self._accesses(step)
        self._relate([*addressing, *feeding], accesses)
        if status is not None:
            written = self._write(step, status)
            self.ctrl.extend((access, written) for access in accesses if carries)

    def _update(self, step: Step, address: Term, values: list[Term | None], old: str) -> None:
        addressing = self._reads(step, [address])
        feeding = self._reads(step, values, DATA_PORT, but=old)
        accesses = self._accesses(step)
        reads, writes = self._apart(accesses)
        self._relate(addressing, accesses)
        self._relate(feeding, writes)
        if any(leaf == Register(old) for v in values if v is not None for leaf in leaves(v)):
            self._relate(reads, writes)
        self._relate(reads, [self._write(step, old)])

    def _compare_and_swap(self, step: Step, address: Term, halves: Sequence[SecondHalf]) -> None:
        addressing = self._reads(step, [address])
        compared = [self._reads(step, [half.expected], DATA_PORT) for half in halves]
        stored = [self._reads(step, [half.new], DATA_PORT) if self._swaps(step) else [] for half in halves]
        reads, writes = self._apart(self._accesses(step))
        comparison = self._add(self._event(step, "B", NO_TAGS, None))
        written = [self._write(step, half.old.name) for half in halves]
        self._relate(addressing, [*reads, *writes])
        self._relate([number for numbers in (*compared, reads) for number in numbers], [comparison])
        for data, goals in zip(stored, self._by_access(writes), strict=False):
            self._relate(data, goals)
        for register, wanted, found in zip(written, compared, self._by_access(reads), strict=True):
            self._relate(wanted if step.way == "expected" else found, [register])
        picks = [*writes, *written] if step.way in ("expected", "picked") else writes
        self.ctrl.extend((comparison, goal) for goal in picks)

    def _pick(self, step: Step, target: str, condition: Term, chosen: Term) -> None:
        deciding = self._reads(step, [condition])
        decision = self._add(self._event(step, "B", NO_TAGS, None))
        origins = self._reads(step, [chosen], DATA_PORT)
        written = self._write(step, target)
        self._relate(deciding, [decision])
        self._relate(origins, [written])
        self.ctrl.extend((decision, goal) for goal in (origins or [written]))

    def _branch(self, step: Step, condition: Term) -> None:
        reads = self._reads(step, [condition])
        if reads:
            self._relate(reads, [self._add(self._event(step, "B", BRANCH, None))])

    def _reads(
        self, step: Step, terms: list[Term | None], tags: frozenset[str] = NO_TAGS, but: str | None = None
    ) -> list[int]:
        found = []
        for name in _registers(terms):
            if name != but:
                number = self._add(self._event(step, "Rreg", tags, name))
                if name in self.writers:
                    self.rf_reg.append((self.writers[name], number))
                found.append(number)
        return found

    def _write(self, step: Step, register: str) -> int:
        self.writers[register] = self._add(self._event(step, "Wreg", NO_TAGS, register))
        return self.writers[register]

    def _accesses(self, step: Step) -> list[int]:
        for old in range(step.first, step.end):
            self.numbers[old] = self._add(self.path.events[old])
        return [self.numbers[old] for old in range(step.first, step.end)]

    def _apart(self, accesses: Iterable[int]) -> tuple[list[int], list[int]]:
        """Return the reads and the writes of an update."""
        found = list(accesses)
        return [n for n in found if self.events[n].kind == "R"], [n for n in found if self.events[n].kind == "W"]

    def _by_access(self, events: Iterable[int]) -> list[list[int]]:
        """Return the events of each access in turn: one, or several where it is divided."""
        of = {number: self.events[number].access for number in events}
        grouped = groupby(of, key=lambda number: number if of[number] < 0 else ~of[number])
        return [list(group) for _, group in grouped]

    def _swaps(self, step: Step) -> bool:
        """Whether a compare-and-swap writes the new value: not the old one back, and not nothing."""
        return step.way != "read back" and self.path.events[step.end - 1].kind == "W"

    def _event(self, step: Step, kind: str, tags: frozenset[str], register: str | None) -> PathEvent:
        assert not isinstance(step.instruction, Label), "a label performs no event"
        origin = step.instruction.origin
        return PathEvent(kind, register, None, None, tags, origin, step.instance)

    def _add(self, event: PathEvent) -> int:
        self.events.append(event)
        return len(self.events) - 1

    def _relate(self, sources: Iterable[int], targets: Iterable[int]) -> None:
        goals = list(targets)
        self.data.extend((source, target) for source in sources for target in goals)

    def finished(self) -> Path:
        """Return the path over the new numbers."""
        path, numbers = self.path, self.numbers

        def moved(pairs: Pairs) -> Pairs:
            return tuple((numbers[i], numbers[j]) for i, j in pairs)

        return path.related(
            moved,
            events=tuple(
                e if e.value is None else replace(e, value=_renumbered(e.value, numbers)) for e in self.events
            ),
            constraints=tuple(_renumbered(c, numbers) for c in path.constraints),
            registers={name: _renumbered(value, numbers) for name, value in path.registers.items()},
            iico_data=tuple(self.data),
            iico_ctrl=tuple(self.ctrl),
            rf_reg=tuple(self.rf_reg),
        )


def _renumbered(term: Term, numbers: Mapping[int, int]) -> Term:
    def lookup(leaf: Leaf) -> Term | None:
        return ReadValue(numbers[leaf.event]) if isinstance(leaf, ReadValue) else None

    return substitute(term, lookup)
