"""Choosing rf read by read and co write by write, with a compiled model to prune what cannot be completed.

The whole model is asked about a partial choice only where enough choices are left for the answer to pay; the cheap
axioms are asked every time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import factorial

from litmus.engine.candidate import Candidates, EventValues
from litmus.engine.specialise import Compiled
from litmus.program.term import Value
from litmus.relation.bits import closure

WORTH = 8
"""How many complete choices must be left for the whole model to be asked about a partial one."""

ReadsFrom = tuple[int, EventValues]
"""An rf with the values that follow from it."""
Coherence = tuple[int, Mapping[str, int]]
"""A co with the last write of each location."""


@dataclass(frozen=True, slots=True)
class ReadsSearch:
    """The search for every rf whose values satisfy the control path and that ``model``, if given, does not refute."""

    candidates: Candidates
    model: Compiled | None
    tick: Callable[[], None]
    """Called now and then; raises when time is up."""
    order: Sequence[int] = field(init=False)
    sources: Mapping[int, Sequence[int]] = field(init=False)
    ahead: Sequence[int] = field(init=False)
    """How many choices are left when so many reads are assigned."""

    def __post_init__(self) -> None:
        model, candidates = self.model, self.candidates
        n, must = candidates.n, candidates.co_must
        sources = {
            r: [w for w in choices if model is None or model.quick(1 << (w * n + r), must)]
            for r, choices in candidates.sources.items()
        }
        order = sorted(sources, key=lambda r: len(sources[r]))
        ahead = [1]
        for read in reversed(order):
            ahead.append(ahead[-1] * len(sources[read]))
        object.__setattr__(self, "sources", sources)
        object.__setattr__(self, "order", order)
        object.__setattr__(self, "ahead", list(reversed(ahead)))

    def run(self) -> Iterator[ReadsFrom]:
        """Yield every rf that is left, with the values of all events."""
        if self.model is None or self.model.partial(0, self.candidates.co_must):
            yield from self._choose(0, {}, {}, 0)

    def _choose(
        self, depth: int, assigned: Mapping[int, int], known: Mapping[int, Value], rf: int
    ) -> Iterator[ReadsFrom]:
        if depth == len(self.order):
            values = self.candidates.values(assigned, known)
            if values is not None:
                yield rf, values
            return
        self.tick()
        read = self.order[depth]
        for write in self.sources[read]:
            following = rf | 1 << (write * self.candidates.n + read)
            now, extended = {**assigned, read: write}, dict(known)
            if self.candidates.propagate(now, extended) and self._possible(depth + 1, following):
                yield from self._choose(depth + 1, now, extended, following)

    def _possible(self, depth: int, rf: int) -> bool:
        if self.model is None:
            return True
        judge = self.model.partial if self.ahead[depth] >= WORTH else self.model.quick
        return judge(rf, self.candidates.co_must)


@dataclass(frozen=True, slots=True)
class CoherenceSearch:
    """The search for every co that the model does not refute, given a complete rf."""

    candidates: Candidates
    model: Compiled
    rf: int
    tick: Callable[[], None]

    def run(self) -> Iterator[Coherence]:
        """Yield every co that is left, with the last write of each location."""
        candidates = self.candidates
        last = {**candidates.initial, **{x: writes[0] for x, writes in candidates.writes.items() if len(writes) == 1}}
        groups = [(location, writes) for location, writes in candidates.writes.items() if len(writes) > 1]
        forced = self._forced([writes for _, writes in groups])
        if forced is not None:
            yield from self._order(groups, candidates.co_must | forced, forced, last)

    def _forced(self, groups: Sequence[Sequence[int]]) -> int | None:
        """The co edges that follow from what must be acyclic together with co; None where they contradict each other."""
        n, must = self.candidates.n, self.candidates.co_must
        pairs = [(a * n + b, b * n + a) for writes in groups for i, a in enumerate(writes) for b in writes[i + 1 :]]
        forced = 0
        while True:
            reach = 0
            for relation in self.model.ordered(self.rf, must | forced):
                reach |= closure(relation, n)
            following = forced
            for forth, back in pairs:
                if reach >> forth & 1:
                    if reach >> back & 1:
                        return None
                    following |= 1 << forth
                elif reach >> back & 1:
                    following |= 1 << back
            if following == forced:
                return forced
            forced = following

    def _order(
        self, groups: Sequence[tuple[str, list[int]]], co: int, forced: int, last: Mapping[str, int]
    ) -> Iterator[Coherence]:
        if not groups:
            yield co, last
            return
        (location, writes), *rest = groups
        for order, final in self._extensions(writes, co, forced):
            yield from self._order(rest, order, forced, {**last, location: final})

    def _extensions(self, remaining: list[int], co: int, forced: int) -> Iterator[tuple[int, int]]:
        """Yield co extended by each total order of the writes, with its last write."""
        if len(remaining) == 1:
            yield co, remaining[0]
            return
        self.tick()
        n = self.candidates.n
        judge = self.model.partial if factorial(len(remaining) - 1) >= WORTH else self.model.quick
        for write in remaining:
            others = [w for w in remaining if w != write]
            if any(forced >> (other * n + write) & 1 for other in others):
                continue
            following = co
            for other in others:
                following |= 1 << (write * n + other)
            if following == co or judge(self.rf, following):
                yield from self._extensions(others, following, forced)
