"""The choices of rf and co that a partial choice leaves open, as one space."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import prod

from litmus.dataclass import dataclass
from litmus.engine.block.grid import Cells, Grid, add
from litmus.engine.block.space import Space, Table
from litmus.engine.candidate import Candidates
from litmus.relation import bits
from litmus.relation.bounding import Bounds


class NotInBlocks(Exception):
    """These candidates have to be judged one by one."""


Orders = Mapping[str, Sequence[tuple[int, ...]]]
"""For each location the orders that its writes may come in."""


def orders_of(candidates: Candidates, must: int, most: int) -> Orders | None:
    """Return the orders of the writes of each location that contain ``must``, None where that are more than ``most``,
    taken together."""
    found: dict[str, Sequence[tuple[int, ...]]] = {}
    left = most
    for location, writes in candidates.writes.items():
        extensions = []
        for order in _extensions(tuple(writes), must, candidates.n):
            extensions.append(order)
            if len(extensions) > left:
                return None
        if not extensions:
            return None
        left //= len(extensions)
        found[location] = extensions
    return found


def only_orders(candidates: Candidates, must: int) -> Orders:
    """Return the orders of those locations whose writes may come in one order only."""
    firsts = {x: [*islice(_extensions(tuple(w), must, candidates.n), 2)] for x, w in candidates.writes.items()}
    return {location: found for location, found in firsts.items() if len(found) == 1}


def _extensions(writes: tuple[int, ...], must: int, n: int) -> Iterator[tuple[int, ...]]:
    """Yield the orders of some writes in which none comes before one that must precede it."""
    if not writes:
        yield ()
    for write in writes:
        if not any(must >> (other * n + write) & 1 for other in writes if other != write):
            for rest in _extensions(tuple(other for other in writes if other != write), must, n):
                yield (write, *rest)


@dataclass(frozen=True, slots=True)
class Choices:
    """The candidates with some reads assigned, the others open, and co among some orders."""

    candidates: Candidates
    space: Space
    assigned: Mapping[int, int]
    reads: tuple[int, ...]
    """The reads that are open: their writes are the first choices of the space, the orders of locations the others."""
    locations: tuple[str, ...]
    sources: Mapping[int, Sequence[tuple[int, Table]]]
    """The writes that each read may take, each with where it does."""
    orders: Mapping[str, Sequence[tuple[tuple[int, ...], Table]]]
    order: Grid | None = None
    """The co that was chosen for each choice of rf, where one is enough: then there are no orders to choose from."""

    @classmethod
    def of(
        cls, candidates: Candidates, assigned: Mapping[int, int], left: Mapping[int, Sequence[int]], orders: Orders
    ) -> "Choices":
        """Return all completions of a partial rf, with each of the orders."""
        several = tuple(location for location, found in orders.items() if len(found) > 1)
        space = Space((*map(len, left.values()), *(len(orders[location]) for location in several)))
        tables = iter(space.options())
        always = {read: [(write, space.full)] for read, write in assigned.items()}
        sources = {**always, **{read: list(zip(writes, next(tables), strict=True)) for read, writes in left.items()}}
        ordered = {
            location: list(zip(found, next(tables) if location in several else [space.full], strict=True))
            for location, found in orders.items()
        }
        return cls(candidates, space, assigned, tuple(left), several, sources, ordered)

    def rf(self) -> Grid:
        """Return rf in tables."""
        n = self.candidates.n
        sure = bits.from_pairs(((write, read) for read, write in self.assigned.items()), n)
        cells: Cells = {}
        for read in self.reads:
            for write, table in self.sources[read]:
                if table == self.space.full:
                    sure |= 1 << (write * n + read)
                else:
                    cells[write * n + read] = table
        return Grid(sure, cells)

    def co(self) -> Grid:
        """Return co in tables."""
        if self.order is not None:
            return self.order
        n, cells, sure = self.candidates.n, dict[int, Table](), self.candidates.co_must
        for found in self.orders.values():
            for order, table in found:
                for place, write in enumerate(order):
                    for later in order[place + 1 :]:
                        add(cells, write * n + later, table)
        sure |= sum(1 << bit for bit, table in cells.items() if table == self.space.full and not sure >> bit & 1)
        return Grid(sure, {bit: table for bit, table in cells.items() if not sure >> bit & 1})

    def lasts(self, location: str) -> Sequence[tuple[int, Table]]:
        """Return the writes that may be the last to a location, each with where it is."""
        if location not in self.orders:
            if location in self.candidates.writes:
                raise NotInBlocks
            initial = self.candidates.initial.get(location)
            return [] if initial is None else [(initial, self.space.full)]
        found: dict[int, Table] = {}
        for order, table in self.orders[location]:
            add(found, order[-1], table)
        return list(found.items())

    def at(self, combination: int) -> tuple[dict[int, int], dict[str, int]]:
        """Return the write that each read takes, and the last of each location, in one candidate."""
        taken = self.space.taken(combination)
        assigned = dict(self.assigned)
        for read, option in zip(self.reads, taken, strict=False):
            assigned[read] = self.sources[read][option][0]
        if self.order is not None:
            (last,) = self.candidates.lasts(self.order.at(combination))
            return assigned, last
        last = {**self.candidates.initial, **{x: found[0][0][-1] for x, found in self.orders.items()}}
        for location, option in zip(self.locations, taken[len(self.reads) :], strict=True):
            last[location] = self.orders[location][option][0][-1]
        return assigned, last


def bounds(grid: Grid) -> Bounds:
    """Return what is in a relation at least and at most."""
    return grid.sure, grid.sure | sum(1 << bit for bit in grid.open)


def size(orders: Orders) -> int:
    """Return how many ways there are to order all writes."""
    return prod(len(found) for found in orders.values())
