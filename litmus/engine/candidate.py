"""The candidates of an event structure: the writes that reads may take, the orders of co, the values that follow."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from itertools import product
from operator import itemgetter

from litmus.event.structure import INIT, READING, WRITING, Event, EventStructure
from litmus.program.computation import Computation, computation
from litmus.program.term import (
    THIN_AIR,
    Address,
    Apply,
    FinalLocation,
    Leaf,
    ReadValue,
    Term,
    UndefinedOperation,
    Value,
    holds,
    leaves,
    substitute,
)
from litmus.relation import bits

EventValues = tuple[Value | None, ...]
"""What each event reads or writes, by its number; of an update what it reads; None for fences."""


class Candidates:
    """The choices that one event structure leaves open.

    ``sources`` are the writes that each read may take, ``writes`` the writes of each location but the initial ones,
    which ``initial`` gives. ``rf_may``, ``co_must`` and ``co_may`` bound every candidate.
    """

    def __init__(self, structure: EventStructure) -> None:
        self.structure = structure
        self.n = len(structure.events)
        self.reads = [e.number for e in structure.events if e.kind in READING]
        self.writes: dict[str, list[int]] = {}
        self.initial: dict[str, int] = {}
        for event in structure.events:
            if event.kind in WRITING and event.location is not None:
                if event.thread == INIT:
                    self.initial[event.location] = event.number
                else:
                    self.writes.setdefault(event.location, []).append(event.number)
        self.sources = {r: self._sources(r) for r in self.reads}
        self.rf_may = bits.from_pairs(((w, r) for r in self.reads for w in self.sources[r]), self.n)
        self.co_must, self.co_may = self._coherence_bounds()
        self._needed = {
            e.number: _reads(e.value) for e in structure.events if e.kind in WRITING and e.value is not None
        }
        self._contents = {write: computation(self.content(write), key_of) for write in self._needed}
        self._constraints: dict[int, list[tuple[frozenset[int], Computation]]] = {}
        for constraint in structure.constraints:
            needed, computed = _reads(constraint), computation(constraint, key_of)
            for read in needed:
                self._constraints.setdefault(read, []).append((needed, computed))

    @cached_property
    def _constant(self) -> list[Value | None]:
        """What events read or write, where that is the same in every candidate."""
        return [e.value if isinstance(e.value, (int, Address)) else None for e in self.structure.events]

    @cached_property
    def _variable(self) -> list[tuple[int, Computation]]:
        """What gives that of the others, by their numbers."""
        return [
            (e.number, itemgetter(e.number) if e.kind == "U" else computation(e.value, key_of))
            for e in self.structure.events
            if e.value is not None and (e.kind == "U" or not isinstance(e.value, (int, Address)))
        ]

    @cached_property
    def _seen(self) -> frozenset[str]:
        return _observed(self.structure)

    def narrowed(self, sources: Mapping[int, list[int]], co_must: int) -> "Candidates":
        """Return the candidates in which reads take some of these writes, and co has at least these pairs."""
        found = copy(self)
        found.sources = dict(sources)
        found.rf_may = bits.from_pairs(((w, r) for r, writes in sources.items() for w in writes), self.n)
        found.co_must = bits.closure(co_must, self.n)
        found.co_may = self.co_may & ~bits.inverse(found.co_must, self.n)
        return found

    def _sources(self, read: int) -> list[int]:
        """The writes to the read's location, but for the write of its own instruction, as in herd7. That a
        load-exclusive does not read from its own store-exclusive is for the model to say."""
        location = self.structure.events[read].location
        assert location is not None
        own = self.structure.relations["amo"] >> (read * self.n) & ((1 << self.n) - 1)
        found = [self.initial[location]] if location in self.initial else []
        own |= 1 << read
        return found + [w for w in self.writes.get(location, []) if not own >> w & 1]

    def _coherence_bounds(self) -> tuple[int, int]:
        must = may = 0
        for location, writes in self.writes.items():
            if location in self.initial:
                must |= bits.from_pairs(((self.initial[location], w) for w in writes), self.n)
            together = sum(1 << write for write in writes)
            may |= bits.cartesian(together, together, self.n) & ~bits.set_identity(together, self.n)
        return must, must | may

    def updates(self) -> Iterator[tuple[list[int], list[int]]]:
        """Yield, for each location, all its writes and the reads that are part of an update."""
        for location, writes in self.writes.items():
            reads = [
                r for r in self.reads if self.structure.events[r].location == location and self._partner(r) is not None
            ]
            if location in self.initial:
                yield [self.initial[location], *writes], reads

    def partner(self, read: int) -> int:
        """Return the write of the update that a read belongs to."""
        write = self._partner(read)
        assert write is not None
        return write

    def _partner(self, read: int) -> int | None:
        if self.structure.events[read].kind == "U":
            return read
        row = (self.structure.relations["rmw"] >> (read * self.n)) & ((1 << self.n) - 1)
        return row.bit_length() - 1 if row else None

    def known(self, write: int, known: Mapping[int, Value]) -> bool:
        """Whether the values of ``known`` tell what a write writes."""
        needed = self._needed[write]
        return not needed or needed <= known.keys()

    def needed(self, write: int) -> frozenset[int]:
        """Return the reads whose values tell what a write writes."""
        return self._needed[write]

    def content(self, write: int) -> Term:
        """Return what a write writes, as a term over reads."""
        term = self.structure.events[write].value
        assert term is not None
        return term

    def computes(self, write: int) -> bool:
        """Whether a write's value is computed from reads, rather than a constant or a copy."""
        return isinstance(self.content(write), Apply)

    def propagate(self, assigned: Mapping[int, int], known: dict[int, Value]) -> bool:
        """Extend ``known`` with every read whose write's value is known.

        ``assigned`` gives the write that each read takes. Returns False where the values contradict the control path or
        an operation on them has no meaning.
        """
        try:
            return self._consistent(known, self._settle(assigned, known))
        except UndefinedOperation:
            return False

    def _settle(self, assigned: Mapping[int, int], known: dict[int, Value]) -> list[int]:
        """Find out the values that can be known; return the reads that have got one."""
        found: list[int] = []
        pending = [(read, write) for read, write in assigned.items() if read not in known]
        while pending:
            left = []
            for read, write in pending:
                if self.known(write, known):
                    known[read] = self._contents[write](known)
                    found.append(read)
                else:
                    left.append((read, write))
            if len(left) == len(pending):
                break
            pending = left
        return found

    def _consistent(self, known: Mapping[int, Value], recent: Iterable[int]) -> bool:
        """Whether the path's constraints hold that became decidable with some reads."""
        for read in recent:
            for needed, constraint in self._constraints.get(read, ()):
                if needed <= known.keys() and not holds(constraint(known)):
                    return False
        return True

    def values(self, assigned: Mapping[int, int], known: Mapping[int, Value]) -> EventValues | None:
        """Return what every event reads or writes; None where no values fit."""
        try:
            grounded = self._grounded(assigned, known)
            if grounded is None:
                return None
            values = list(self._constant)
            for number, computed in self._variable:
                values[number] = computed(grounded)
            return tuple(values)
        except UndefinedOperation:
            return None

    def _grounded(self, assigned: Mapping[int, int], known: Mapping[int, Value]) -> Mapping[int, Value] | None:
        """Give the reads that only justify each other a value of their own.

        A cycle of copies fits any value. Where something is computed from it that depends on the value, the candidate
        is dropped, as herd7 does: it has no solution, or as many as there are values.
        """
        if len(known) == len(assigned):
            return known
        values = dict(known)
        for read in sorted(assigned):  # so that the same rf gives the same values, however it was found
            while read not in values:
                circular = self._circular(read, assigned, values)
                values[circular] = Address(THIN_AIR, circular)
                self._settle(assigned, values)
        for term in self.structure.final.values():
            evaluate(term, values)
        return values if self._consistent(values, values) else None

    def _circular(self, read: int, assigned: Mapping[int, int], values: Mapping[int, Value]) -> int:
        """Return a read on the circle of unknown values that ``read`` takes its value from."""
        seen: set[int] = set()
        while read not in seen:
            seen.add(read)
            read = min(self._needed[assigned[read]] - values.keys())
        return read

    def final_writes(self) -> Iterator[int]:
        """Yield each choice of one final write for every location that the test asks for, as a set of events.

        Nobody sees which write is last elsewhere: as in herd7, there is no choice of it (herd/mem.ml, all_finals).
        """
        seen = self._seen
        options = [
            self.writes.get(location, [initial]) for location, initial in self.initial.items() if location in seen
        ]
        for chosen in product(*options):
            yield sum(1 << write for write in chosen)

    def agrees(self, last: Mapping[str, int], final: int) -> bool:
        """Whether the last writes include those of ``final``, as `final_writes` yields them."""
        return not final & ~sum(1 << write for write in last.values())

    def lasts(self, co: int, final: int = -1) -> Iterator[dict[str, int]]:
        """Yield each choice of last writes by location: writes that co, which may leave some unordered, puts before no
        other, those of ``final`` where it has one. Where the test does not look there is no choice (`final_writes`)."""
        seen = self._seen
        options = [
            [w for w in self._maximal(writes, co) if final >> w & 1] if name in seen else self._maximal(writes, co)[:1]
            for name, writes in self.writes.items()
        ]
        for chosen in product(*options):
            yield {**self.initial, **dict(zip(self.writes, chosen, strict=True))}

    def _maximal(self, writes: list[int], co: int) -> list[int]:
        together = sum(1 << write for write in writes)
        return [w for w in writes if not co >> (w * self.n) & together & ~(1 << w)]

    def towards(self, last: Mapping[str, int]) -> int:
        """Return the co of which no more is said than the first write of each location, and the last where the test
        looks: elsewhere any may be."""
        seen = self._seen
        pairs = (
            (w, last[name]) for name, writes in self.writes.items() if name in seen for w in writes if w != last[name]
        )
        return self.co_must | bits.from_pairs(pairs, self.n)


def key_of(leaf: ReadValue) -> int:
    """Return the number of a read, by which values are looked up in `EventValues`."""
    return leaf.event


def written(event: Event, values: EventValues) -> Value | None:
    """Return what an event writes, by the values of all events."""
    if event.kind != "U" or event.value is None:
        return values[event.number]
    reads = {read: value for read in _reads(event.value) if (value := values[read]) is not None}
    return evaluate(event.value, reads)


def _observed(structure: EventStructure) -> frozenset[str]:
    """The locations, or their pieces, whose last value the conditions of a program mention, or it lists."""
    program = structure.program
    terms = [*program.observed, *(assertion.condition for assertion in program.assertions)]
    if program.filter is not None:
        terms.append(program.filter)
    names = {leaf.name for term in terms for leaf in leaves(term) if isinstance(leaf, FinalLocation)}
    pieces = (leaf for name in names if name in structure.divided for leaf in leaves(structure.divided[name]))
    return frozenset(names.union(piece.name for piece in pieces if isinstance(piece, FinalLocation)))


def _reads(term: Term) -> frozenset[int]:
    return frozenset(leaf.event for leaf in leaves(term) if isinstance(leaf, ReadValue))


def evaluate(term: Term, known: Mapping[int, Value]) -> Value | None:
    """Return the value of a term over reads, or None where a read that it needs is not known."""
    if isinstance(term, (int, Address)):
        return term
    if isinstance(term, ReadValue):
        return known.get(term.event)

    def lookup(leaf: Leaf) -> Term | None:
        return known.get(leaf.event) if isinstance(leaf, ReadValue) else None

    value = substitute(term, lookup)
    return value if isinstance(value, (int, Address)) else None
