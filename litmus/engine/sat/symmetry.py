"""Threads that do the same, and the order among them that may be assumed.

Let several threads have the same events and dependencies, and let nothing that is asked mention one of them. Renaming
them makes an execution of an execution: the model knows events by their kinds, tags, locations and relations only, and
values stay what they are. It changes no final value of a location, no register of another thread, and no flag. In every
execution co orders the first writes of these threads, which are to one location; renaming the threads by that order
gives an execution with the same answer in which these writes come in the order of the threads. So it is enough to look
for those.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import pairwise

from litmus.engine.candidate import Candidates
from litmus.event.structure import WRITING, EventStructure
from litmus.program.term import FinalRegister, Leaf, ReadValue, Term, leaves, substitute
from litmus.relation import bits


def in_order(candidates: Candidates, asked: Iterable[Term]) -> Candidates:
    """Return the candidates in which threads that do the same come in order. ``asked`` are the terms that the answer
    depends on."""
    order = bits.from_pairs(_ordered_writes(candidates, asked), candidates.n)
    return candidates.narrowed(candidates.sources, candidates.co_must | order) if order else candidates


def _ordered_writes(candidates: Candidates, asked: Iterable[Term]) -> Iterator[tuple[int, int]]:
    if _across_threads(candidates.structure):
        return
    seen = {leaf.thread for term in asked for leaf in leaves(term) if isinstance(leaf, FinalRegister)}
    groups: dict[Hashable, list[Sequence[int]]] = {}
    for thread, events in _threads(candidates.structure).items():
        if thread not in seen:
            groups.setdefault(_form(candidates.structure, events), []).append(events)
    for group in groups.values():
        first = next((i for i, event in enumerate(group[0]) if _is_write(candidates, event)), None)
        if first is not None:
            yield from ((one[first], other[first]) for one, other in pairwise(group))


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


def _is_write(candidates: Candidates, event: int) -> bool:
    return candidates.structure.events[event].kind in WRITING


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
