"""Threads that do the same, and the order among them that may be assumed.

Let several threads have the same events and dependencies, and let nothing that is asked mention one of them. Renaming
them makes an execution of an execution: the model knows events by their kinds, tags, locations and relations only, and
values stay what they are. It changes no final value of a location, no register of another thread, and no flag. In every
execution co orders the first writes of these threads, which are to one location; renaming the threads by that order
gives an execution with the same answer in which these writes come in the order of the threads. So it is enough to look
for those. As no two ways to rename the threads put these writes in the same order, each such execution stands for as
many as there are ways, of which it is the only one in order.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import factorial, prod

from litmus.dataclass import dataclass
from litmus.engine.candidate import Candidates
from litmus.event.structure import WRITING, EventStructure
from litmus.program.term import FinalRegister, Leaf, ReadValue, Term, leaves, substitute
from litmus.relation import bits


@dataclass(frozen=True, slots=True)
class Ordered:
    """The candidates in which threads that do the same come in order, and for how many others each stands, itself
    included."""

    candidates: Candidates
    ways: int


def ordered(candidates: Candidates, asked: Iterable[Term]) -> Ordered:
    """Put threads that do the same in order. ``asked`` are the terms that the answer depends on."""
    groups = list(_alike(candidates, asked))
    if not groups:
        return Ordered(candidates, 1)
    order = bits.from_pairs((pair for group in groups for pair in pairwise(group)), candidates.n)
    narrowed = candidates.narrowed(candidates.sources, candidates.co_must | order)
    return Ordered(narrowed, prod(factorial(len(group)) for group in groups))


def in_order(candidates: Candidates, asked: Iterable[Term]) -> Candidates:
    """Return the candidates in which threads that do the same come in order."""
    return ordered(candidates, asked).candidates


def _alike(candidates: Candidates, asked: Iterable[Term]) -> Iterator[Sequence[int]]:
    """Yield the first writes of several threads that do the same."""
    structure = candidates.structure
    seen = {leaf.thread for term in asked for leaf in leaves(term) if isinstance(leaf, FinalRegister)}
    threads = [events for thread, events in _threads(structure).items() if thread not in seen]
    # Most threads differ at a glance.
    similar = list(_several(threads, lambda events: _accesses(structure, events)))
    if not similar or _across_threads(structure):
        return
    for group in similar:
        for same in _several(group, lambda events: _form(structure, events)):
            first = next((i for i, event in enumerate(same[0]) if structure.events[event].kind in WRITING), None)
            if first is not None:
                yield [events[first] for events in same]


def _several(
    threads: Iterable[Sequence[int]], key: Callable[[Sequence[int]], Hashable]
) -> Iterator[list[Sequence[int]]]:
    """Yield the groups of more than one thread with the same key."""
    groups: dict[Hashable, list[Sequence[int]]] = {}
    for events in threads:
        groups.setdefault(key(events), []).append(events)
    return (group for group in groups.values() if len(group) > 1)


def _accesses(structure: EventStructure, events: Sequence[int]) -> Hashable:
    return tuple((structure.events[number].kind, structure.events[number].location) for number in events)


def _threads(structure: EventStructure) -> dict[int, Sequence[int]]:
    found: dict[int, list[int]] = {}
    for event in structure.events:
        if event.thread >= 0:
            found.setdefault(event.thread, []).append(event.number)
    return dict(found)


def _across_threads(structure: EventStructure) -> bool:
    """Whether some relation of the structure relates events of different threads: none that we know of does."""
    n, inside = len(structure.events), 0
    for events in _threads(structure).values():
        mask = sum(1 << event for event in events)
        inside |= bits.cartesian(mask, mask, n)
    return any(relation & ~inside for relation in structure.relations.values())


def _form(structure: EventStructure, events: Sequence[int]) -> Hashable:
    """What a thread does, whichever numbers its events have."""
    base, n = events[0], len(structure.events)
    mask = sum(1 << event for event in events)

    def shifted(leaf: Leaf) -> Term | None:
        return ReadValue(leaf.event - base) if isinstance(leaf, ReadValue) else None

    def moved(term: Term | None) -> Term | None:
        return None if term is None else substitute(term, shifted)

    inside = bits.cartesian(mask, mask, n)
    relations = tuple(
        (name, tuple((i - base, j - base) for i, j in bits.pairs(relation & inside, n)))
        for name, relation in sorted(structure.relations.items())
    )
    constraints = frozenset(moved(c) for c in structure.constraints if _reads(c) & mask)
    done = tuple(
        (event.kind, event.location, event.address, event.tags, moved(event.value))
        for event in (structure.events[number] for number in events)
    )
    return done, relations, constraints


def _reads(term: Term) -> int:
    return sum(1 << event for event in {leaf.event for leaf in leaves(term) if isinstance(leaf, ReadValue)})
