"""The candidates of an event structure: the writes that reads may take, the orders of co, the values that follow."""

from collections.abc import Iterator, Mapping
from itertools import product

from litmus.event.structure import INIT, EventStructure
from litmus.program.term import (
    THIN_AIR,
    Address,
    Apply,
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
"""What each event reads or writes, by its number; None for fences."""


class Candidates:
    """The choices that one event structure leaves open.

    ``sources`` are the writes that each read may take, ``writes`` the writes of each location but the initial ones,
    which ``initial`` gives. ``rf_may``, ``co_must`` and ``co_may`` bound every candidate.
    """

    def __init__(self, structure: EventStructure) -> None:
        self.structure = structure
        self.n = len(structure.events)
        self.reads = [e.number for e in structure.events if e.kind == "R"]
        self.writes: dict[str, list[int]] = {}
        self.initial: dict[str, int] = {}
        for event in structure.events:
            if event.kind == "W" and event.location is not None:
                if event.thread == INIT:
                    self.initial[event.location] = event.number
                else:
                    self.writes.setdefault(event.location, []).append(event.number)
        self.sources = {r: self._sources(r) for r in self.reads}
        self.rf_may = bits.from_pairs(((w, r) for r in self.reads for w in self.sources[r]), self.n)
        self.co_must, self.co_may = self._coherence_bounds()
        self._constraints = [(_reads(c), c) for c in structure.constraints]
        self._needed = {e.number: _reads(e.value) for e in structure.events if e.kind == "W" and e.value is not None}

    def _sources(self, read: int) -> list[int]:
        """The writes to the read's location, but for the write of its own instruction, as in herd7. That a
        load-exclusive does not read from its own store-exclusive is for the model to say."""
        location = self.structure.events[read].location
        assert location is not None
        own = self.structure.relations["amo"] >> (read * self.n) & ((1 << self.n) - 1)
        found = [self.initial[location]] if location in self.initial else []
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
        row = (self.structure.relations["rmw"] >> (read * self.n)) & ((1 << self.n) - 1)
        return row.bit_length() - 1 if row else None

    def known(self, write: int, known: Mapping[int, Value]) -> bool:
        """Whether the values of ``known`` tell what a write writes."""
        return self._needed[write] <= known.keys()

    def computes(self, write: int) -> bool:
        """Whether a write's value is computed from reads, rather than a constant or a copy."""
        return isinstance(self._written(write), Apply)

    def propagate(self, assigned: Mapping[int, int], known: dict[int, Value]) -> bool:
        """Extend ``known`` with every read whose write's value is known.

        ``assigned`` gives the write that each read takes. Returns False where the values contradict the control path or
        an operation on them has no meaning.
        """
        before = len(known)
        try:
            self._settle(assigned, known)
            return self._consistent(known, before)
        except UndefinedOperation:
            return False

    def _settle(self, assigned: Mapping[int, int], known: dict[int, Value]) -> None:
        pending = [(read, write) for read, write in assigned.items() if read not in known]
        while True:
            ready = [(read, write) for read, write in pending if self.known(write, known)]
            if not ready:
                return
            for read, write in ready:
                value = evaluate(self._written(write), known)
                assert value is not None
                known[read] = value
            pending = [(read, write) for read, write in pending if read not in known]

    def _written(self, write: int) -> Term:
        term = self.structure.events[write].value
        assert term is not None
        return term

    def _consistent(self, known: Mapping[int, Value], before: int = 0) -> bool:
        """Whether the path's constraints hold that became decidable since ``before`` values were known."""
        recent = set(list(known)[before:])
        for needed, constraint in self._constraints:
            if not needed.isdisjoint(recent) and needed <= known.keys():
                value = evaluate(constraint, known)
                if value is None or not holds(value):
                    return False
        return True

    def values(self, assigned: Mapping[int, int], known: Mapping[int, Value]) -> EventValues | None:
        """Return what every event reads or writes; None where no values fit."""
        try:
            grounded = self._grounded(assigned, known)
            if grounded is None:
                return None
            return tuple(None if e.value is None else evaluate(e.value, grounded) for e in self.structure.events)
        except UndefinedOperation:
            return None

    def _grounded(self, assigned: Mapping[int, int], known: Mapping[int, Value]) -> Mapping[int, Value] | None:
        """Give the reads that only justify each other a value of their own.

        A cycle of plain copies fits any value; one that computes has no solution that an axiomatic model could mean,
        and its candidate is dropped, as herd7 does.
        """
        if len(known) == len(assigned):
            return known
        values = dict(known)
        for read in assigned:
            if read not in values:
                values[read] = Address(THIN_AIR, read)
                self._settle(assigned, values)
        written = (self._written(assigned[read]) for read in values.keys() - known.keys())
        if all(isinstance(term, ReadValue) for term in written) and self._consistent(values):
            return values
        return None

    def final_writes(self) -> Iterator[int]:
        """Yield each choice of one final write for every location, as a set of events."""

        def choose(locations: list[list[int]], chosen: int) -> Iterator[int]:
            if not locations:
                yield chosen
                return
            for write in locations[0]:
                yield from choose(locations[1:], chosen | 1 << write)

        options = [self.writes.get(location, [initial]) for location, initial in self.initial.items()]
        yield from choose(options, 0)

    def chosen_last(self, co: int, final: int) -> dict[str, int] | None:
        """Return the writes of ``final`` by location, None where co has a later one. A model may leave writes without
        order (C11's orders those of atomic accesses only), so that co alone does not tell which is last."""
        last = dict(self.initial)
        for location, writes in self.writes.items():
            last[location] = next(w for w in writes if final >> w & 1)
            if co >> (last[location] * self.n) & sum(1 << write for write in writes):
                return None
        return last

    def lasts(self, co: int) -> Iterator[dict[str, int]]:
        """Yield each choice of last writes by location: writes that co, which may leave some unordered, puts before no
        other."""
        locations = list(self.writes)
        for chosen in product(*(self._maximal(writes, co) for writes in self.writes.values())):
            yield {**self.initial, **dict(zip(locations, chosen, strict=True))}

    def _maximal(self, writes: list[int], co: int) -> list[int]:
        together = sum(1 << write for write in writes)
        return [w for w in writes if not co >> (w * self.n) & together & ~(1 << w)]

    def towards(self, last: Mapping[str, int]) -> int:
        """Return the co of which no more is said than the first and the last write of each location."""
        pairs = ((w, last[location]) for location, writes in self.writes.items() for w in writes if w != last[location])
        return self.co_must | bits.from_pairs(pairs, self.n)


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
