"""One order of writes for each choice of rf, where nobody asks for all of them.

Whatever must be acyclic together with co forces pairs of co. What is reached from a write comes after it. Where a read
is reached from a write, the write that it takes comes after that one, if the model relates a read to what overwrites
the write that it takes. Where these contradict each other there is no order; elsewhere the writes that are left without
one come in that of their numbers. Whether the model accepts the order that was chosen so has to be asked; where it does
not, another one may do.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from litmus.dataclass import dataclass
from litmus.deadline import Deadline
from litmus.engine.block.choice import Choices, bounds
from litmus.engine.block.evaluate import Evaluator
from litmus.engine.block.grid import Cells, Grid, Wanted, add
from litmus.engine.block.space import Table
from litmus.engine.candidate import Candidates
from litmus.engine.explicit import Choice
from litmus.engine.specialise import bounds_of, compile_values, ordering
from litmus.relation import bits
from litmus.relation.model import Axiom


@dataclass(frozen=True, slots=True)
class Rules:
    """What a model wants acyclic together with co, over an event structure.

    ``overwritten`` are, for each of these checks, triples of a read, a write that it may take and another one: where it
    takes the first, and that comes before the other one in co, the read is related to the other one.
    """

    axioms: tuple[Axiom, ...]
    overwritten: tuple[tuple[tuple[int, int, int], ...], ...]


def rules_of(candidates: Candidates, choice: Choice, deadline: Deadline) -> Rules:
    """Return the rules of a model over an event structure. It subtracts nothing that depends on rf or co."""
    instance, n = choice.instance, candidates.n
    axioms = ordering(instance.graph, choice.compiled.live)
    known = bounds_of(instance, (0, candidates.rf_may), (candidates.co_must, candidates.co_may), deadline)
    values = compile_values(instance.graph, [axiom.node for axiom in axioms], known, deadline)
    found: list[list[tuple[int, int, int]]] = [[] for _ in axioms]
    for read, writes in candidates.sources.items():
        for write in writes:
            deadline.check()
            for other in writes:
                pair = write * n + other
                if candidates.co_may >> pair & 1:
                    related = values(1 << (write * n + read), candidates.co_must | 1 << pair)
                    for triples, relation in zip(found, related, strict=True):
                        if relation >> (read * n + other) & 1:
                            triples.append((read, write, other))
    return Rules(axioms, tuple(map(tuple, found)))


@dataclass(frozen=True, slots=True)
class Ordering:
    """The choice of an order for the candidates of a block, under one instance of a model."""

    choice: Choice
    rules: Rules
    choices: Choices
    must: int
    """The pairs of co that all candidates have."""
    deadline: Deadline

    def evaluator(self, rf: Grid, co: Grid, axioms: Sequence[Axiom]) -> Evaluator:
        """Return what evaluates these checks for a co, or for what is known of it."""
        instance = self.choice.instance
        may = self.choices.candidates.co_may & ~bits.inverse(self.must, self.choices.candidates.n)
        known = bounds_of(instance, bounds(rf), (self.must, may), self.deadline)
        made = Evaluator(instance.graph, known, {"rf": rf, "co": co}, self.choices.space.full, self.deadline)
        made.prepare(axioms)
        return made

    def forced(self, rf: Grid) -> tuple[Grid, Table]:
        """Return the pairs of co that follow from rf, and where these contradict each other."""
        n, co, clash = self.choices.candidates.n, Grid(self.must), 0
        while True:
            cells: Cells = {}
            evaluator = self.evaluator(rf, co, self.rules.axioms)
            for axiom, overwritten in zip(self.rules.axioms, self.rules.overwritten, strict=True):
                for bit, table in self._follows(evaluator.grid(axiom.node), rf, overwritten):
                    if not self.must >> bit & 1:
                        add(cells, bit, table)
            if cells == co.open:
                break
            co = Grid(self.must, cells)
        for bit, table in co.open.items():
            back = bit % n * n + bit // n
            clash |= table if self.must >> back & 1 else table & co.open.get(back, 0)
        return co, clash

    def _follows(
        self, relation: Grid, rf: Grid, overwritten: Sequence[tuple[int, int, int]]
    ) -> Iterator[tuple[int, Table]]:
        """Yield the pairs of co that follow from what must be acyclic together with it."""
        candidates, full = self.choices.candidates, self.choices.space.full
        n, asked = candidates.n, candidates.co_may
        for read, _, other in overwritten:
            asked |= 1 << (other * n + read)
        reached = Wanted(n, full, 0, asked).closure(relation, self.deadline.check).open
        for bit, table in reached.items():
            if candidates.co_may >> bit & 1:
                yield bit, table
        for read, write, other in overwritten:
            place = write * n + read
            taken = full if rf.sure >> place & 1 else rf.open.get(place, 0)
            if table := taken & reached.get(other * n + read, 0):
                yield other * n + write, table

    def completed(self, co: Grid) -> Grid:
        """Return an order of all writes that has the pairs of a co without contradictions."""
        order = _Order(self.choices.candidates.n, self.choices.space.full, self.must, dict(co.open))
        for writes in self.choices.candidates.writes.values():
            for one, other in combinations(writes, 2):
                self.deadline.check()
                order.settle(writes, one, other)
        return Grid(self.must, {bit: table for bit, table in order.cells.items() if not self.must >> bit & 1})


@dataclass(frozen=True, slots=True)
class _Order:
    """Transitive orders of writes, to which pairs are added."""

    n: int
    full: Table
    must: int
    cells: Cells

    def _before(self, one: int, other: int) -> Table:
        place = one * self.n + other
        return self.full if one == other or self.must >> place & 1 else self.cells.get(place, 0)

    def settle(self, writes: Sequence[int], one: int, other: int) -> None:
        """Put a write before another where they have no order, with all that follows."""
        free = self.full & ~(self._before(one, other) | self._before(other, one))
        if free:
            for place, table in list(self._following(writes, one, other, free)):
                add(self.cells, place, table)

    def _following(self, writes: Sequence[int], one: int, other: int, free: Table) -> Iterator[tuple[int, Table]]:
        early = [(write, table) for write in writes if (table := self._before(write, one) & free)]
        late = [(write, table) for write in writes if (table := self._before(other, write))]
        for first, here in early:
            for second, there in late:
                if table := here & there:
                    yield first * self.n + second, table
