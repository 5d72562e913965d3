"""Sets and relations over ``n`` events as Python integers.

A set has bit ``i`` for event ``i``. A relation is the n×n matrix in row-major order: bit ``i * n + j`` is the pair
``(i, j)``. Union, intersection and difference are ``|``, ``&`` and ``& ~`` of the integers; the rest is here.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from litmus.relation import rows as by_rows

MANY = 256
"""With more events than this, compositions and closures are computed row by row."""


@lru_cache(maxsize=256)
def identity(n: int) -> int:
    """The identity relation on ``n`` events."""
    return from_rows([1 << i for i in range(n)], n)


@lru_cache(maxsize=256)
def first_column(n: int) -> int:
    """The relation of every event to event 0: multiplied by a set, it gives that set in every row."""
    return from_rows([1] * n, n)


def members(events: int) -> Iterator[int]:
    """Yield the events of a set in ascending order."""
    while events:
        low = events & -events
        yield low.bit_length() - 1
        events ^= low


def pairs(relation: int, n: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of a relation in lexicographic order."""
    for bit in members(relation):
        yield divmod(bit, n)


def from_pairs(edges: Iterable[tuple[int, int]], n: int) -> int:
    """The relation that holds exactly the given pairs."""
    if n > MANY:
        return _from_many_pairs(edges, n)
    relation = 0
    for i, j in edges:
        relation |= 1 << (i * n + j)
    return relation


def _from_many_pairs(edges: Iterable[tuple[int, int]], n: int) -> int:
    related = [0] * n
    for i, j in edges:
        related[i] |= 1 << j
    return from_rows(related, n)


def from_rows(related: Sequence[int], n: int) -> int:
    """The relation of each event to the events of its row."""
    return by_rows.join(related, n)


def rows_of(events: int, n: int) -> int:
    """``events × everything``: full rows for the members of the set."""
    return cartesian(events, (1 << n) - 1, n)


def cartesian(left: int, right: int, n: int) -> int:
    """``left × right``."""
    if n > MANY:
        return from_rows([right if left >> i & 1 else 0 for i in range(n)], n)
    relation = 0
    for i in members(left):
        relation |= right << (i * n)
    return relation


def set_identity(events: int, n: int) -> int:
    """``[events]``: the identity on a set."""
    if n > MANY:
        return from_rows([events & 1 << i for i in range(n)], n)
    relation = 0
    for i in members(events):
        relation |= 1 << (i * (n + 1))
    return relation


def sequence(left: int, right: int, n: int) -> int:
    """``left ; right``: relational composition."""
    if not left or not right:
        return 0
    if n > MANY:
        return by_rows.sequence(left, right, n)
    return sequence_through(left, right, places(codomain(left, n), n), first_column(n), (1 << n) - 1)


def from_members(events: int, relation: int, n: int) -> int:
    """``[events] ; relation``: the pairs that begin in a set."""
    return relation & rows_of(events, n) if events and relation else 0


def to_members(relation: int, events: int, n: int) -> int:
    """``relation ; [events]``: the pairs that end in a set."""
    if not events or not relation:
        return 0
    return relation & (cartesian((1 << n) - 1, events, n) if n > MANY else first_column(n) * events)


def inverse(relation: int, n: int) -> int:
    """``relation^-1``."""
    if n <= MANY and relation.bit_count() * 3 <= 2 * n:
        result = 0
        while relation:
            low = relation & -relation
            i, j = divmod(low.bit_length() - 1, n)
            result |= 1 << (j * n + i)
            relation ^= low
        return result
    # The digits, highest first, are the rows from the last to the first, each reversed; so are those of the result.
    digits = format(relation, f"0{n * n}b")
    return int("".join([digits[j::n] for j in range(n)]), 2)


def closure(relation: int, n: int) -> int:
    """``relation+``: transitive closure (Warshall)."""
    if not relation:
        return 0
    if n > MANY:
        return by_rows.closure(relation, n)
    return closure_through(relation, places(codomain(relation, n), n), first_column(n), (1 << n) - 1)


def domain(relation: int, n: int) -> int:
    """The events related to something."""
    if n > MANY:
        return by_rows.domain(relation, n)
    full = (1 << n) - 1
    result, bit = 0, 1
    while relation:
        if relation & full:
            result |= bit
        relation >>= n
        bit <<= 1
    return result


def between(left: int, right: int, n: int) -> int:
    """The events through which pairs of ``left ; right`` go."""
    return codomain(left, n) & domain(right, n)


def places(events: int, n: int) -> tuple[tuple[int, int], ...]:
    """Each event of a set with the place where its row begins."""
    return tuple((j, j * n) for j in members(events))


def sequence_through(left: int, right: int, through: tuple[tuple[int, int], ...], column: int, full: int) -> int:
    """``left ; right`` where only events of which these are the `places` can be in between.

    ``column`` is the `first_column`, ``full`` the set of all events.
    """
    result = 0
    for j, shift in through:
        row = (right >> shift) & full
        if row:
            sources = (left >> j) & column
            if sources:
                result |= sources * row
    return result


def inverse_sequence(left: int, right: int, n: int) -> int:
    """``left^-1 ; right``, for a left side of few pairs."""
    full = (1 << n) - 1
    result = 0
    while left:
        low = left & -left
        left ^= low
        i, j = divmod(low.bit_length() - 1, n)
        row = (right >> (i * n)) & full
        if row:
            result |= row << (j * n)
    return result


def closure_through(relation: int, through: tuple[tuple[int, int], ...], column: int, full: int) -> int:
    """``relation+`` where only events of which these are the `places` can be in between."""
    for k, shift in through:
        row = (relation >> shift) & full
        if row:
            sources = (relation >> k) & column
            if sources:
                relation |= sources * row
    return relation


def components(relation: int, n: int) -> Iterator[int]:
    """Yield the sets of events that reach each other and themselves."""
    closed = closure(relation, n)
    both = closed & inverse(closed, n)
    left = domain(both & identity(n), n)
    while left:
        row = both >> ((left & -left).bit_length() - 1) * n & ((1 << n) - 1)
        yield row
        left &= ~row


def cyclic_rows(relation: int, n: int) -> tuple[tuple[int, int, int], ...]:
    """For `acyclic_within`: each event that is on a cycle, as a set, with the place of its row and those that share a
    cycle with it; the last event first."""
    found = {j: (1 << j, j * n, together) for together in components(relation, n) for j in members(together)}
    return tuple(found[j] for j in sorted(found, reverse=True))


def columns(relation: int, n: int, following: int = -1) -> tuple[tuple[int, int], ...]:
    """For `after_constant`: each event that something is related to, of those in ``following``, with its sources in the
    first column."""
    column = first_column(n)
    return tuple((j * n, (relation >> j) & column) for j in members(codomain(relation, n) & following))


def rows(relation: int, n: int, preceding: int = -1) -> tuple[tuple[int, int], ...]:
    """For `before_constant`: each event related to something, of those in ``preceding``, with its row."""
    full = (1 << n) - 1
    return tuple((j, (relation >> (j * n)) & full) for j in members(domain(relation, n) & preceding))


def after_constant(left: tuple[tuple[int, int], ...], right: int, n: int) -> int:
    """``left ; right`` for a left side given as its `columns`."""
    full = (1 << n) - 1
    result = 0
    for shift, sources in left:
        row = (right >> shift) & full
        if row:
            result |= sources * row
    return result


def before_constant(left: int, right: tuple[tuple[int, int], ...], column: int) -> int:
    """``left ; right`` for a right side given as its `rows`; ``column`` is the `first_column`."""
    result = 0
    for j, row in right:
        sources = (left >> j) & column
        if sources:
            result |= sources * row
    return result


def codomain(relation: int, n: int) -> int:
    """The events that something is related to (cat: ``range``)."""
    half = (1 << (n - 1).bit_length()) >> 1 if n else 0
    while half:  # the upper half of the rows onto the lower
        relation |= relation >> (half * n)
        half >>= 1
    return relation & ((1 << n) - 1)


def acyclic(relation: int, n: int) -> bool:
    """Whether the relation has no cycle.

    Events without a successor among those left are taken away, the last first, for program order runs upwards.
    """
    rows = _by_event(relation, n)
    return _peeled(rows, sum(bit for bit, _ in rows))


def acyclic_within(relation: int, cyclic: tuple[tuple[int, int, int], ...]) -> bool:
    """Whether the relation has no cycle, where ``cyclic`` are the `cyclic_rows` of one that contains it."""
    rows, left = [], 0
    for bit, shift, together in cyclic:
        row = (relation >> shift) & together
        if row:
            rows.append((bit, row))
            left |= bit
    return _peeled(rows, left)


def _peeled(rows: list[tuple[int, int]], left: int) -> bool:
    """Whether all events go when those without a successor among the rest are taken away again and again.

    ``left`` are the events that have a row.
    """
    while rows:
        kept = []
        for event in rows:
            if event[1] & left:
                kept.append(event)
            else:
                left ^= event[0]
        if len(kept) == len(rows):
            return False
        rows = kept
    return True


def _by_event(relation: int, n: int) -> list[tuple[int, int]]:
    """Each event that is related to something, the last first, as a set, with the set of what it is related to."""
    if n > MANY:
        rows = [(1 << i, row) for i, row in enumerate(by_rows.split(relation, n)) if row]
    else:
        rows, bit, full = [], 1, (1 << n) - 1
        while relation:
            row = relation & full
            if row:
                rows.append((bit, row))
            relation >>= n
            bit <<= 1
    rows.reverse()
    return rows


def irreflexive(relation: int, n: int) -> bool:
    """Whether no event is related to itself."""
    return not relation & identity(n)
