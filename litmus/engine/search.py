"""Choosing rf read by read and co write by write, with a compiled model to prune what cannot be completed.

The whole model is asked about a partial choice only where enough choices are left for the answer to pay; the cheap
axioms are asked every time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import factorial
from typing import TypeVar

from litmus.dataclass import dataclass, replace
from litmus.engine.candidate import Candidates, EventValues
from litmus.engine.specialise import Compiled
from litmus.program.term import Value
from litmus.relation.bits import closure, inverse

WORTH = 8
"""How many complete choices must be left for the whole model to be asked about a partial one."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The writes of a location, and the reads of the updates among them.

    ``earlier`` gives for each of these reads those of updates whose writes the model puts before its own in co.
    """

    writes: tuple[int, ...]
    reads: tuple[int, ...]
    earlier: Mapping[int, frozenset[int]]


ReadsFrom = tuple[int, EventValues, bool]
"""An rf with the values that follow from it, and whether the quick axioms are all that it can fail."""
Coherence = tuple[int, Mapping[str, int], bool]
"""A co with the last write of each location, and whether the quick axioms were asked about all of it."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A partial rf: the write that each assigned read takes, what the others may take, and the values known so far.

    ``settled`` are the writes of exclusive locations for which it is decided which update, if any, takes them, and
    ``safe`` tells that no completion fails an axiom that is not quick.
    """

    assigned: Mapping[int, int]
    open: Mapping[int, Sequence[int]]
    known: Mapping[int, Value]
    rf: int
    settled: frozenset[int] = frozenset()
    safe: bool = False

    @property
    def many(self) -> bool:
        """Whether so many complete choices are left, at most, that the whole model is worth asking."""
        choices = 1
        for sources in self.open.values():
            choices *= len(sources)
            if not 0 < choices < WORTH:
                break
        return choices >= WORTH


@dataclass(frozen=True, slots=True)
class ReadsSearch:
    """The search for every rf whose values satisfy the control path and that ``model``, if given, does not refute.

    Where the model lets no two updates take the same write, an update is chosen for each write whose value is known
    rather than a write for each update: so the values of a chain of updates are known from its beginning.
    """

    candidates: Candidates
    model: Compiled | None
    tick: Callable[[], None]
    """Called now and then; raises when time is up."""

    def run(self) -> Iterator[ReadsFrom]:
        """Yield every rf that is left, with the values of all events."""
        return self._choose(*self._begin())

    def partials(self, enough: Callable[[Partial], bool]) -> Iterator[tuple[Partial, Iterator[ReadsFrom]]]:
        """Yield partial choices that have every rf that is left among their completions, each in one of them, and with
        each choice its completions. What is ``enough`` is not divided further."""
        root, chains = self._begin()

        def below(reached: Partial) -> Iterator[Partial] | None:
            return None if not reached.open or enough(reached) else self._branches(reached, chains)

        for partial in _leaves(root, below):
            yield partial, self._choose(partial, chains)

    def _begin(self) -> tuple[Partial, Sequence[Chain]]:
        candidates, model = self.candidates, self.model
        if model is None:
            return Partial({}, candidates.sources, {}, 0), ()
        sources = {r: [w for w in choices if self._reads(model, r, w)] for r, choices in candidates.sources.items()}
        return Partial({}, sources, {}, 0), exclusive_updates(candidates, model, self.tick)

    def _reads(self, model: Compiled, read: int, write: int) -> bool:
        """Whether the model lets a read take a write, whatever else is chosen."""
        self.tick()
        return model.quick(1 << (write * self.candidates.n + read), self.candidates.co_must)

    def _choose(self, partial: Partial, chains: Sequence[Chain]) -> Iterator[ReadsFrom]:
        for leaf in _leaves(partial, lambda reached: self._branches(reached, chains) if reached.open else None):
            values = self.candidates.values(leaf.assigned, leaf.known)
            if values is not None:
                yield leaf.rf, values, leaf.safe

    def _branches(self, partial: Partial, chains: Sequence[Chain]) -> Iterator[Partial]:
        self.tick()
        for chain in chains:
            write = self._next_link(partial, chain)
            if write is not None:
                yield from self._link(partial, chain, write)
                return
        read = min(partial.open, key=lambda r: len(partial.open[r]))
        for write in partial.open[read]:
            yield from self._assign(partial, read, write)

    def _next_link(self, partial: Partial, chain: Chain) -> int | None:
        """A write of the chain whose value is known and that an update may still take."""
        for write in chain.writes:
            free = write not in partial.settled and any(write in partial.open.get(r, ()) for r in chain.reads)
            if free and self.candidates.known(write, partial.known):
                return write
        return None

    def _link(self, partial: Partial, chain: Chain, write: int) -> Iterator[Partial]:
        """Let each update in turn take the write, then none."""
        rest = {
            read: [w for w in sources if w != write] if read in chain.reads else sources
            for read, sources in partial.open.items()
        }
        settled = replace(partial, open=rest, settled=partial.settled | {write})
        rooted = self._rooted(settled, chain)
        for read in chain.reads:
            # Where this is the only way on, every other open update comes later, in co too.
            late = not rooted and not chain.earlier[read].isdisjoint(partial.open)
            if write in partial.open.get(read, ()) and not late:
                yield from self._assign(settled, read, write)
        if rooted and all(rest.values()):
            yield settled

    def _rooted(self, partial: Partial, chain: Chain) -> bool:
        """Whether the updates that are left can be reached from a write that is not one of theirs.

        If not they take each other's writes in a circle, and a circle of computed values has no solution.
        """
        left = [read for read in chain.reads if read in partial.open]
        partners = {self.candidates.partner(read) for read in left}
        if not left or not all(self.candidates.computes(write) for write in partners):
            return True
        return any(
            write not in partial.settled and write not in partners and any(write in partial.open[r] for r in left)
            for write in chain.writes
        )

    def _assign(self, partial: Partial, read: int, write: int) -> Iterator[Partial]:
        assigned, known = {**partial.assigned, read: write}, dict(partial.known)
        if self.candidates.propagate(assigned, known):
            rf = partial.rf | 1 << (write * self.candidates.n + read)
            left = {r: sources for r, sources in partial.open.items() if r != read}
            following = Partial(assigned, left, known, rf, partial.settled, partial.safe)
            judged = self._judged(following)
            if judged is not None:
                yield judged

    def _judged(self, partial: Partial) -> Partial | None:
        """Return a partial choice that may be completed, None where the model refutes it."""
        if self.model is None:
            return partial
        many = partial.many and not partial.safe
        judge = self.model.partial if many else self.model.quick
        if not judge(partial.rf, self.candidates.co_must):
            return None
        return replace(partial, safe=True) if many and self._safe(self.model, partial) else partial

    def _safe(self, model: Compiled, partial: Partial) -> bool:
        n = self.candidates.n
        most = sum(1 << (write * n + read) for read, writes in partial.open.items() for write in writes)
        return model.safe(partial.rf | most, self.candidates.co_may)


def exclusive_updates(candidates: Candidates, model: Compiled, tick: Callable[[], None]) -> Sequence[Chain]:
    """Return the locations with several updates of which no two may take the same write, by the model's own word."""
    chains = (
        Chain(tuple(writes), tuple(reads), _earlier(candidates, model, reads))
        for writes, reads in candidates.updates()
        if len(reads) > 2
    )
    return tuple(c for c in chains if _exclusive(candidates, model, c, tick) and _forward(candidates, model, c))


def _forward(candidates: Candidates, model: Compiled, chain: Chain) -> bool:
    """Whether the model puts an update's write behind the write that it takes."""
    n = candidates.n
    return not any(
        _orderable(candidates, model, 1 << (write * n + read), 1 << (candidates.partner(read) * n + write))
        for read in chain.reads
        for write in chain.writes
        if write in candidates.sources[read]
    )


def _orderable(candidates: Candidates, model: Compiled, rf: int, co: int) -> bool:
    """Whether co may have these pairs, with at least this rf. The model may not be asked beyond the bounds of co."""
    return not co & ~candidates.co_may and model.quick(rf, candidates.co_must | co)


def _earlier(candidates: Candidates, model: Compiled, reads: Sequence[int]) -> Mapping[int, frozenset[int]]:
    n, partner = candidates.n, {read: candidates.partner(read) for read in reads}

    def precedes(one: int, other: int) -> bool:
        return one != other and not _orderable(candidates, model, 0, 1 << (partner[other] * n + partner[one]))

    return {read: frozenset(one for one in reads if precedes(one, read)) for read in reads}


def _exclusive(candidates: Candidates, model: Compiled, chain: Chain, tick: Callable[[], None]) -> bool:
    """Whether every two updates that take the same write contradict the model in either order."""
    n = candidates.n
    for i, one in enumerate(chain.reads):
        for other in chain.reads[i + 1 :]:
            tick()
            mine, yours = candidates.partner(one), candidates.partner(other)
            orders = (1 << (mine * n + yours), 1 << (yours * n + mine))
            for write in chain.writes:
                if write in candidates.sources[one] and write in candidates.sources[other]:
                    rf = 1 << (write * n + one) | 1 << (write * n + other)
                    behind = sum(1 << (write * n + w) for w in (mine, yours) if w != write)
                    if any(_orderable(candidates, model, rf, behind | order) for order in orders):
                        return False
    return True


@dataclass(frozen=True, slots=True)
class _Order:
    """A partial co: the locations that are left, with their writes, and of the first of them the writes without order.

    ``last`` gives the last write of the others.
    """

    co: int
    left: tuple[int, ...]
    locations: tuple[tuple[str, tuple[int, ...]], ...]
    last: Mapping[str, int]
    asked: bool
    """Whether the quick axioms let this co pass."""

    def placed(self, write: int, co: int, *, asked: bool) -> "_Order":
        """Return what is left once a write comes before all the others of its location, as ``co`` has it."""
        left = tuple(other for other in self.left if other != write)
        if len(left) > 1:
            return _Order(co, left, self.locations, self.last, asked)
        (location, _), *following = self.locations
        last = {**self.last, location: left[0]}
        return _Order(co, following[0][1] if following else (), tuple(following), last, asked)


@dataclass(frozen=True, slots=True)
class CoherenceSearch:
    """The search for every co that the model does not refute, given a complete rf."""

    candidates: Candidates
    model: Compiled
    rf: int
    tick: Callable[[], None]
    safe: bool = False
    """Whether the quick axioms are all that can fail."""
    asked: bool = False
    """Whether they let this rf pass with the least co."""

    def run(self) -> Iterator[Coherence]:
        """Yield every co that is left, with the last write of each location."""
        candidates = self.candidates
        last = {**candidates.initial, **{x: writes[0] for x, writes in candidates.writes.items() if len(writes) == 1}}
        groups = tuple((x, tuple(writes)) for x, writes in candidates.writes.items() if len(writes) > 1)
        if not groups:
            yield candidates.co_must, last, self.asked
            return
        forced = forced_coherence(candidates, self.model, self.rf, self.tick)
        if forced is None:
            return
        must = candidates.co_must | forced
        before = inverse(must, candidates.n)
        root = _Order(must, groups[0][1], groups, last, self.asked and must == candidates.co_must)
        for leaf in _leaves(root, lambda order: self._extensions(order, before) if order.locations else None):
            yield leaf.co, leaf.last, leaf.asked

    def _extensions(self, order: _Order, before: int) -> Iterator[_Order]:
        """Put each write in turn before the others of its location; ``before`` is what is forced, turned round."""
        self.tick()
        n, left = self.candidates.n, sum(1 << write for write in order.left)
        many = _many_orders(len(order.left) - 1) and not self.safe
        judge = self.model.partial if many else self.model.quick
        for write in order.left:
            others = left & ~(1 << write)
            if (before >> (write * n)) & others:
                continue
            following = order.co | others << (write * n)
            if following == order.co:
                yield order.placed(write, following, asked=order.asked)
            elif judge(self.rf, following):
                yield order.placed(write, following, asked=True)


def forced_coherence(candidates: Candidates, model: Compiled, rf: int, tick: Callable[[], None]) -> int | None:
    """Return the co edges that follow, with at least this rf, from what must be acyclic together with co; None where
    they contradict."""
    n, must = candidates.n, candidates.co_must
    free = candidates.co_may & ~must
    forced = 0
    while True:
        tick()
        reach = 0
        for relation in model.ordered(rf, must | forced):
            reach |= closure(relation, n)
        following = forced | reach & free
        if following & inverse(following, n):
            return None
        if following == forced:
            return forced
        forced = following


def _many_orders(writes: int) -> bool:
    return writes >= WORTH or factorial(writes) >= WORTH


Choice = TypeVar("Choice")


def _leaves(root: Choice, below: Callable[[Choice], Iterator[Choice] | None]) -> Iterator[Choice]:
    """Yield the leaves of a search tree, however deep it is; ``below`` gives what follows a choice, None for a leaf."""
    levels = [iter((root,))]
    while levels:
        choice = next(levels[-1], None)
        if choice is None:
            levels.pop()
        elif (following := below(choice)) is None:
            yield choice
        else:
            levels.append(following)
