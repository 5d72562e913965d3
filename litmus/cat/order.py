"""Orders and equivalences that are enumerated or iterated to."""

from collections.abc import Iterator

from litmus.cat.value import ClassRelation, Collection, Value
from litmus.relation import bits


def linear_extensions(events: int, order: int, n: int) -> Iterator[int]:
    """Yield the strict total orders of a set of events that extend a relation; none where a cycle meets the set."""
    # Paths through events outside the set order events inside it, too.
    closed = bits.closure(order, n) & bits.cartesian(events, events, n)
    if not bits.irreflexive(closed, n):
        return
    before = bits.inverse(closed, n)
    full = (1 << n) - 1

    def extend(left: int, placed: int, relation: int) -> Iterator[int]:
        if not left:
            yield relation
            return
        for event in bits.members(left):
            if not (before >> event * n) & full & left:
                rest = left & ~(1 << event)
                yield from extend(rest, placed | 1 << event, relation | rest << event * n)

    yield from extend(events, 0, 0)


def linearised_classes(classes: list[int], pairs: frozenset[tuple[int, int]]) -> Value:
    """Total orders of sets of events: the sets are numbered, and the numbers ordered."""
    nodes = list(dict.fromkeys([*classes, *(c for pair in pairs for c in pair)]))
    number = {c: i for i, c in enumerate(nodes)}
    n = len(nodes)
    wanted = sum(1 << number[c] for c in dict.fromkeys(classes))
    order = bits.from_pairs(((number[a], number[b]) for a, b in pairs), n)
    orders = (
        ClassRelation(frozenset((nodes[i], nodes[j]) for i, j in bits.pairs(found, n)))
        for found in linear_extensions(wanted, order, n)
    )
    return Collection("relation over sets of events", orders)


def bisimilar(steps: set[tuple[int, int]], candidates: set[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """The largest part of the candidates such that what one of a pair steps to, the other steps to a partner of."""
    following: dict[int, set[int]] = {}
    for a, b in steps:
        following.setdefault(a, set()).add(b)

    def matched(a: int, b: int, kept: set[tuple[int, int]]) -> bool:
        after_b = following.get(b, set())
        return all(any((x, y) in kept for y in after_b) for x in following.get(a, set()))

    kept = candidates
    while True:
        remaining = {(a, b) for a, b in kept if a == b or (matched(a, b, kept) and matched(b, a, kept))}
        if remaining == kept:
            return frozenset(kept)
        kept = remaining
