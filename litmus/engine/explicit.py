"""The explicit engine: chooses rf read by read, then co location by location, and prunes with the model as it goes."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from litmus.engine.basis import basis_of
from litmus.engine.specialise import Compiled, Judge, Values, compile_instance, compile_values, passes
from litmus.event.structure import INIT, EventStructure
from litmus.program.term import (
    THIN_AIR,
    Address,
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
from litmus.relation.model import Axiom, Basis, Effect, Instance, Model, NeedsReadsFrom


class OutOfTime(Exception):
    """The time limit passed before the enumeration was complete."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted candidate: ``values`` by event number, and ``last`` the co-maximal write of each location."""

    structure: EventStructure
    reads_from: int
    coherence: int
    values: tuple[Value | None, ...]
    last: Mapping[str, int]
    flags: frozenset[str]
    instance: Instance


@dataclass(frozen=True, slots=True)
class _Specialised:
    """A model instance made ready for one structure shape and one set of rf and co candidates."""

    instance: Instance
    compiled: Compiled
    flags: tuple[Axiom, ...]
    flag_values: Values


@dataclass(slots=True)
class Enumerator:
    """Enumerates the executions of event structures under one model, sharing work between equal shapes."""

    model: Model
    deadline: float | None = None
    candidates: int = 0
    """How many complete candidates were judged so far."""
    _cache: dict[object, tuple[_Specialised, ...]] = field(default_factory=dict)

    def executions(self, structure: EventStructure) -> Iterator[Accepted]:
        """Yield each execution of ``structure`` that the model accepts.

        Raises:
            OutOfTime: when the deadline passes.
            ModelError: where the model is wrong.
        """
        search = _Search(structure, self)
        basis = basis_of(structure)
        try:
            choices = self._specialised(basis, search)
        except NeedsReadsFrom:
            yield from self._with_concrete_reads(search, basis)
            return
        for choice in choices:
            if choice.compiled.possible:
                yield from search.run(choice)

    def _specialised(self, basis: Basis, search: "_Search") -> tuple[_Specialised, ...]:
        rf = (0, search.rf_may)
        co = (search.co_must, search.co_may)
        key = (basis.shape, basis.reads_from, basis.final_writes, rf, co)
        found = self._cache.get(key)
        if found is None:
            found = tuple(_specialise(i, rf, co) for i in self.model.instances(basis))
            self._cache[key] = found
        return found

    def _with_concrete_reads(self, search: "_Search", basis: Basis) -> Iterator[Accepted]:
        """For models that generate co, or match on sets, from a concrete rf and concrete final writes."""
        for reads_from, values in search.choose_reads(None):
            for final in search.final_writes():
                concrete = basis_of(search.structure, reads_from, final)
                for instance in self.model.instances(concrete):
                    yield from search.run_concrete(instance, reads_from, final, values)

    def tick(self) -> None:
        """Stop where the deadline has passed."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise OutOfTime


def _specialise(instance: Instance, rf: tuple[int, int], co: tuple[int, int]) -> _Specialised:
    flags = tuple(a for a in instance.axioms if a.effect is not Effect.REQUIRE)
    values = compile_values(instance.graph, [a.node for a in flags], rf, co)
    return _Specialised(instance, compile_instance(instance, rf, co), flags, values)


class _Search:
    """The choices that one event structure leaves open."""

    def __init__(self, structure: EventStructure, owner: Enumerator) -> None:
        self.structure = structure
        self.owner = owner
        self.n = len(structure.events)
        events = structure.events
        self.reads = [e.number for e in events if e.kind == "R"]
        self.writes: dict[str, list[int]] = {}
        self.initial: dict[str, int] = {}
        for event in events:
            if event.kind == "W" and event.location is not None:
                if event.thread == INIT:
                    self.initial[event.location] = event.number
                else:
                    self.writes.setdefault(event.location, []).append(event.number)
        self.sources = {r: self._sources(r) for r in self.reads}
        self.rf_may = bits.from_pairs(((w, r) for r in self.reads for w in self.sources[r]), self.n)
        self.co_must, self.co_may = self._coherence_bounds()
        self.pending = [
            (frozenset(leaf.event for leaf in leaves(c) if isinstance(leaf, ReadValue)), c)
            for c in structure.constraints
        ]

    def _sources(self, read: int) -> list[int]:
        """The writes to the read's location, but for the write of its own read-modify-write."""
        location = self.structure.events[read].location
        assert location is not None
        own = self.structure.relations["rmw"]
        found = [self.initial[location]] if location in self.initial else []
        return found + [w for w in self.writes.get(location, []) if not own >> (read * self.n + w) & 1]

    def _coherence_bounds(self) -> tuple[int, int]:
        must = may = 0
        for location, writes in self.writes.items():
            if location in self.initial:
                must |= bits.from_pairs(((self.initial[location], w) for w in writes), self.n)
            may |= bits.from_pairs(((a, b) for a in writes for b in writes if a != b), self.n)
        return must, must | may

    # -- values ---------------------------------------------------------------------------------------------------

    def _value(self, event: int, known: Mapping[int, Value]) -> Value | None:
        term = self.structure.events[event].value
        assert term is not None
        return _evaluate(term, known)

    def _propagate(self, assigned: Mapping[int, int], known: dict[int, Value]) -> bool:
        """Extend ``known`` with every read whose write's value is known; False where an operation has no meaning."""
        changed = True
        while changed:
            changed = False
            for read, write in assigned.items():
                if read not in known:
                    try:
                        value = self._value(write, known)
                    except UndefinedOperation:
                        return False
                    if value is not None:
                        known[read] = value
                        changed = True
        return True

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
                self._propagate(assigned, values)
        written = (self.structure.events[assigned[read]].value for read in values.keys() - known.keys())
        if all(isinstance(term, ReadValue) for term in written) and self._consistent(values):
            return values
        return None

    def _consistent(self, known: Mapping[int, Value]) -> bool:
        for needed, constraint in self.pending:
            if needed <= known.keys():
                try:
                    value = _evaluate(constraint, known)
                except UndefinedOperation:
                    return False
                if value is None or not holds(value):
                    return False
        return True

    def _event_values(self, known: Mapping[int, Value]) -> tuple[Value | None, ...] | None:
        values: list[Value | None] = []
        for event in self.structure.events:
            try:
                values.append(None if event.value is None else _evaluate(event.value, known))
            except UndefinedOperation:
                return None
        return tuple(values)

    # -- rf -------------------------------------------------------------------------------------------------------

    def choose_reads(self, choice: _Specialised | None) -> Iterator[tuple[int, tuple[Value | None, ...]]]:
        """Yield every rf with values that satisfy the path; pruned by the model where one is given."""
        judge = None if choice is None else choice.compiled.partial
        if judge is not None and not judge(0, self.co_must):
            return
        order = sorted(self.reads, key=lambda r: len(self.sources[r]))
        sources = {
            r: [w for w in self.sources[r] if judge is None or judge(1 << (w * self.n + r), self.co_must)]
            for r in order
        }
        yield from self._choose(order, sources, 0, {}, {}, 0, judge)

    def _choose(
        self,
        order: Sequence[int],
        sources: Mapping[int, Sequence[int]],
        depth: int,
        assigned: Mapping[int, int],
        known: Mapping[int, Value],
        rf: int,
        judge: Judge | None,
    ) -> Iterator[tuple[int, tuple[Value | None, ...]]]:
        if depth == len(order):
            grounded = self._grounded(assigned, known)
            values = None if grounded is None else self._event_values(grounded)
            if values is not None:
                yield rf, values
            return
        self.owner.tick()
        read = order[depth]
        for write in sources[read]:
            following = rf | 1 << (write * self.n + read)
            now = {**assigned, read: write}
            extended = dict(known)
            if not self._propagate(now, extended) or not self._consistent(extended):
                continue
            if depth and judge is not None and not judge(following, self.co_must):
                continue
            yield from self._choose(order, sources, depth + 1, now, extended, following, judge)

    # -- co -------------------------------------------------------------------------------------------------------

    def run(self, choice: _Specialised) -> Iterator[Accepted]:
        """Yield the accepted executions under one specialised instance."""
        for rf, values in self.choose_reads(choice):
            if choice.instance.coherence is not None:
                yield from self._generated(choice, rf, values)
                continue
            for co, last in self._choose_coherence(rf, choice.compiled):
                self.owner.candidates += 1
                if choice.compiled.exact(rf, co):
                    yield self._accept(choice, rf, co, values, last)

    def _generated(self, choice: _Specialised, rf: int, values: tuple[Value | None, ...]) -> Iterator[Accepted]:
        """The model made co itself, from static relations only."""
        assert choice.instance.coherence is not None
        (co,) = compile_values(
            choice.instance.graph, [choice.instance.coherence], (rf, rf), (self.co_must, self.co_may)
        )(rf, self.co_must)
        self.owner.candidates += 1
        if choice.compiled.exact(rf, co):
            yield self._accept(choice, rf, co, values, self._last(co))

    def _choose_coherence(self, rf: int, compiled: Compiled) -> Iterator[tuple[int, Mapping[str, int]]]:
        last = dict(self.initial)
        groups: list[tuple[str, list[int]]] = []
        for location, writes in self.writes.items():
            if len(writes) == 1:
                last[location] = writes[0]
            else:
                groups.append((location, writes))
        co = self.co_must
        if not groups:
            yield co, last
            return
        forced = self._forced(rf, groups, compiled)
        if forced is None:
            return
        yield from self._order(rf, groups, 0, co | forced, forced, last, compiled)

    def _forced(self, rf: int, groups: Sequence[tuple[str, list[int]]], compiled: Compiled) -> int | None:
        """The co edges that the model forces pair by pair; None where a pair can be ordered neither way."""
        forced, n = 0, self.n
        for _, writes in groups:
            for i, a in enumerate(writes):
                for b in writes[i + 1 :]:
                    forth, back = 1 << (a * n + b), 1 << (b * n + a)
                    if not compiled.partial(rf, self.co_must | forced | forth):
                        if not compiled.partial(rf, self.co_must | forced | back):
                            return None
                        forced |= back
                    elif not compiled.partial(rf, self.co_must | forced | back):
                        forced |= forth
        return forced

    def _order(
        self,
        rf: int,
        groups: Sequence[tuple[str, list[int]]],
        index: int,
        co: int,
        forced: int,
        last: Mapping[str, int],
        compiled: Compiled,
    ) -> Iterator[tuple[int, Mapping[str, int]]]:
        if index == len(groups):
            yield co, last
            return
        location, writes = groups[index]
        for order, final in self._extensions(rf, writes, co, forced, compiled):
            yield from self._order(rf, groups, index + 1, order, forced, {**last, location: final}, compiled)

    def _extensions(
        self, rf: int, remaining: list[int], co: int, forced: int, compiled: Compiled
    ) -> Iterator[tuple[int, int]]:
        """Yield co extended by each total order of the writes that the model does not refute, with its last write."""
        if len(remaining) == 1:
            yield co, remaining[0]
            return
        self.owner.tick()
        n = self.n
        for write in remaining:
            others = [w for w in remaining if w != write]
            if any(forced >> (other * n + write) & 1 for other in others):
                continue
            following = co
            for other in others:
                following |= 1 << (write * n + other)
            if following != co and not compiled.partial(rf, following):
                continue
            yield from self._extensions(rf, others, following, forced, compiled)

    def _last(self, co: int) -> dict[str, int]:
        last = dict(self.initial)
        for location, writes in self.writes.items():
            last[location] = next(w for w in writes if not any(co >> (w * self.n + o) & 1 for o in writes if o != w))
        return last

    # -- answers --------------------------------------------------------------------------------------------------

    def _accept(
        self,
        choice: _Specialised,
        rf: int,
        co: int,
        values: tuple[Value | None, ...],
        last: Mapping[str, int],
    ) -> Accepted:
        found = choice.flag_values(rf, co) if choice.flags else ()
        flags = frozenset(a.name for a, value in zip(choice.flags, found, strict=True) if passes(a, value, self.n))
        return Accepted(self.structure, rf, co, values, last, flags, choice.instance)

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

    def run_concrete(
        self, instance: Instance, rf: int, final: int, values: tuple[Value | None, ...]
    ) -> Iterator[Accepted]:
        """Yield the executions of an instance over a concrete rf; its co is its own, or every order with these ends."""
        choice = _specialise(instance, (rf, rf), (self.co_must, self.co_may))
        if not choice.compiled.possible:
            return
        if instance.coherence is not None:
            yield from self._generated(choice, rf, values)
            return
        for co, last in self._choose_coherence(rf, choice.compiled):
            if all(final >> write & 1 for write in last.values()):
                self.owner.candidates += 1
                if choice.compiled.exact(rf, co):
                    yield self._accept(choice, rf, co, values, last)


def _evaluate(term: Term, known: Mapping[int, Value]) -> Value | None:
    """Return the value of a term over reads, or None where a read that it needs is not known."""
    if isinstance(term, (int, Address)):
        return term
    if isinstance(term, ReadValue):
        return known.get(term.event)

    def lookup(leaf: Leaf) -> Term | None:
        return known.get(leaf.event) if isinstance(leaf, ReadValue) else None

    value = substitute(term, lookup)
    return value if isinstance(value, (int, Address)) else None
