"""Sets and relations of many candidates at once: what is in all of them, and tables for the rest."""

from collections.abc import Callable, Mapping

from litmus.dataclass import dataclass, field
from litmus.engine.block.space import Table
from litmus.relation import bits


@dataclass(frozen=True, slots=True)
class Grid:
    """A set or relation in the bits of `relation.bits`. ``sure`` are in it in every candidate; those in ``open`` where
    their table says so."""

    sure: int = 0
    open: Mapping[int, Table] = field(default_factory=dict)

    def at(self, combination: int) -> int:
        """Return its bits in one candidate."""
        return self.sure | sum(1 << bit for bit, table in self.open.items() if table >> combination & 1)


Cells = dict[int, Table]


def add(cells: Cells, bit: int, table: Table) -> None:
    """Add that a bit is there where a table says so."""
    if table:
        known = cells.get(bit)
        cells[bit] = table if known is None else known | table


@dataclass(frozen=True, slots=True)
class Wanted:
    """The bits of a node to be found out, and the operations on grids that find them out, over ``n`` events."""

    n: int
    full: Table
    sure: int
    """What is in it in any case."""
    open: int
    """What may be in it, and is asked for."""

    def grid(self, cells: Cells) -> Grid:
        """Return a node that has these cells."""
        return Grid(self.sure, cells)

    def union(self, left: Grid, right: Grid) -> Grid:
        """``left | right``."""
        cells = {bit: table for bit, table in left.open.items() if self.open >> bit & 1}
        for bit, table in right.open.items():
            if self.open >> bit & 1:
                add(cells, bit, table)
        return self.grid(cells)

    def intersection(self, left: Grid, right: Grid) -> Grid:
        """``left & right``."""
        cells: Cells = {}
        for bit, table in left.open.items():
            if self.open >> bit & 1:
                add(cells, bit, table if right.sure >> bit & 1 else table & right.open.get(bit, 0))
        for bit, table in right.open.items():
            if (self.open & left.sure) >> bit & 1:
                add(cells, bit, table)
        return self.grid(cells)

    def difference(self, left: Grid, right: Grid) -> Grid:
        """``left \\ right``."""
        cells: Cells = {}
        for bit in bits.members(self.open & left.sure):
            add(cells, bit, self.full ^ right.open.get(bit, 0))
        for bit, table in left.open.items():
            if (self.open & ~right.sure) >> bit & 1:
                add(cells, bit, table ^ table & right.open.get(bit, 0))
        return self.grid(cells)

    def sequence(self, left: Grid, right: Grid) -> Grid:
        """``left ; right``."""
        n, row = self.n, (1 << self.n) - 1
        following = rows(right, n)
        cells: Cells = {}
        for bit, table in left.open.items():
            origin, middle = divmod(bit, n)
            wanted, base = self.open >> (origin * n) & row, origin * n
            if wanted:
                for to in bits.members(right.sure >> (middle * n) & wanted):
                    add(cells, base + to, table)
                for to, other in following.get(middle, {}).items():
                    if wanted >> to & 1:
                        add(cells, base + to, table & other)
        for middle, targets in following.items():
            for origin in bits.members(bits.domain(left.sure & column(middle, n), n)):
                wanted, base = self.open >> (origin * n) & row, origin * n
                for to, other in targets.items():
                    if wanted >> to & 1:
                        add(cells, base + to, other)
        return self.grid(cells)

    def moved(self, operand: Grid, to: Callable[[int], int]) -> Grid:
        """Each bit goes to another place: of a relation to the inverse, the domain or the codomain, of a set to the
        identity on it."""
        cells: Cells = {}
        for bit, table in operand.open.items():
            place = to(bit)
            if self.open >> place & 1:
                add(cells, place, table)
        return self.grid(cells)

    def cartesian(self, left: Grid, right: Grid) -> Grid:
        """``left * right`` of sets."""
        cells: Cells = {}
        for bit in bits.members(self.open):
            origin, to = divmod(bit, self.n)
            add(cells, bit, self._member(left, origin) & self._member(right, to))
        return self.grid(cells)

    def _member(self, events: Grid, event: int) -> Table:
        return self.full if events.sure >> event & 1 else events.open.get(event, 0)

    def closure(self, relation: Grid, check: Callable[[], None]) -> Grid:
        """``relation+`` (Warshall): ``relation`` has all that the wanted pairs need."""
        after = _edges(relation, self.n, self.full)
        before: dict[int, set[int]] = {}
        for origin, targets in after.items():
            for to in targets:
                before.setdefault(to, set()).add(origin)
        for middle in [event for event in after if event in before]:
            check()
            onward = list(after[middle].items())
            for origin in list(before[middle]):
                way = after[origin][middle]
                for to, table in onward:
                    _extend(after[origin], to, both(way, table, self.full), self.full)
                    before.setdefault(to, set()).add(origin)
        n = self.n
        cells = {
            i * n + j: table
            for i, targets in after.items()
            for j, table in targets.items()
            if table and self.open >> (i * n + j) & 1
        }
        return self.grid(cells)


def column(event: int, n: int) -> int:
    """Return all pairs that end in an event."""
    return bits.first_column(n) << event


def rows(relation: Grid, n: int) -> dict[int, dict[int, Table]]:
    """Return what each event may be related to, without what it is in any case."""
    found: dict[int, dict[int, Table]] = {}
    for bit, table in relation.open.items():
        origin, to = divmod(bit, n)
        found.setdefault(origin, {})[to] = table
    return found


def both(one: Table, other: Table, full: Table) -> Table:
    """Return where both hold; nothing is computed where one always does."""
    return other if one is full else one if other is full else one & other


def _extend(targets: dict[int, Table], to: int, table: Table, full: Table) -> None:
    known = targets.get(to)
    if known is None:
        targets[to] = table
    elif known is not full:
        targets[to] = full if table is full else known | table


def _edges(relation: Grid, n: int, full: Table) -> dict[int, dict[int, Table]]:
    """Return what each event is related to: where that is in any case, with ``full`` itself as the table."""
    found = rows(relation, n)
    for origin, to in bits.pairs(relation.sure, n):
        found.setdefault(origin, {})[to] = full
    return found


def cyclic(relation: Grid, within: int, n: int, full: Table, check: Callable[[], None]) -> Table:
    """Return where a relation has a cycle; only the pairs of ``within`` can be on one.

    The events are taken out one after the other, those with the fewest ways through them first, and each way through
    one becomes an edge. An edge from an event to itself is a cycle.
    """
    cut = Grid(relation.sure & within, {bit: t for bit, t in relation.open.items() if within >> bit & 1})
    after = _edges(cut, n, full)
    before: dict[int, dict[int, Table]] = {}
    found = 0
    for origin, targets in after.items():
        found |= targets.pop(origin, 0)
        for to, table in targets.items():
            before.setdefault(to, {})[origin] = table
    left = set(after) & set(before)
    while left:
        check()
        event = min(left, key=lambda e: len(before[e]) * len(after[e]))
        left.remove(event)
        for origin, first in before[event].items():
            targets = after[origin]
            del targets[event]
            for to, second in after[event].items():
                way = both(first, second, full)
                if origin == to:
                    found |= way
                elif way:
                    _extend(targets, to, way, full)
                    before[to][origin] = targets[to]
        for to in after.pop(event):
            before[to].pop(event, None)
        del before[event]
    return found
