"""Enumerating in blocks: reads are assigned one by one until the rest is small enough to be judged at once.

A block takes about as long whether many of its candidates are executions or few; where few are, searching on is
quicker. So the size of blocks follows what was found in them.
"""

from collections.abc import Callable, Iterator
from math import prod

from litmus.dataclass import dataclass
from litmus.deadline import Deadline
from litmus.engine.block.block import Block, Judge
from litmus.engine.block.choice import Choices, NotInBlocks, only_orders, orders_of, size
from litmus.engine.candidate import Candidates
from litmus.engine.explicit import Choice
from litmus.engine.goals import Goals
from litmus.engine.sat.choice import may_be_circular
from litmus.engine.search import Partial, ReadsFrom, ReadsSearch, forced_coherence
from litmus.relation import bits

FIRST = 1 << 12
"""How many candidates the first block has at most."""

LARGEST = 1 << 16
"""How many candidates a block has at most: a table of them still fits a processor's nearest caches."""

SMALLEST = 1 << 6
"""With fewer candidates, they are judged one by one."""

FEW = 1 << 7
"""Blocks with fewer executions than one in so many candidates are too large."""


def fits(candidates: Candidates) -> bool:
    """Whether the candidates of an event structure can be judged together."""
    structure = candidates.structure
    return not structure.divided and not may_be_circular(candidates)


@dataclass(slots=True)
class BlockSearch:
    """The search for the executions of an event structure, in blocks where that can be done."""

    candidates: Candidates
    choice: Choice
    goals: Goals
    deadline: Deadline
    spend: Callable[[int], None]
    """Called with the steps that are made; raises when there are none left, or time is up."""
    stands_for: int
    any_order: bool = False
    """Whether one order of writes is enough for each rf, since nobody asks for the number of executions."""
    _limit: int = FIRST

    def _tick(self) -> None:
        self.spend(1)

    def run(self) -> Iterator[Block | ReadsFrom]:
        """Yield blocks, and each rf that has to be completed by itself."""
        reads = ReadsSearch(self.candidates, self.choice.compiled, self._tick)
        judge = Judge(self.choice, self.goals, self.deadline, self.stands_for)
        for partial, completions in reads.partials(self._enough):
            try:
                found = [*self._found(judge, partial)]
            except NotInBlocks:
                self._limit = 1
                found = [None]
            for each in found:
                if each is None:
                    yield from completions
                elif not isinstance(each, Block) or each.accepted:
                    yield each

    def _enough(self, partial: Partial) -> bool:
        """Whether so little is left open that the rest is a block."""
        return prod(map(len, partial.open.values())) <= self._limit

    def _found(self, judge: Judge, partial: Partial) -> Iterator[Block | ReadsFrom | None]:
        """Yield what the completions of a partial rf are, or None where they have to be looked at one by one."""
        left = prod(map(len, partial.open.values()))
        forced = forced_coherence(self.candidates, self.choice.compiled, partial.rf, self._tick)
        if forced is None:
            return
        must = self.candidates.co_must | forced
        orders = orders_of(self.candidates, must, LARGEST // SMALLEST)
        count = left * size(orders) if orders is not None else left
        if not SMALLEST <= count <= LARGEST or (orders is None and not self.any_order):
            yield None
            return
        self.spend(count // SMALLEST)
        if orders is None:
            yield from self._in_one_order(judge, partial, must)
        else:
            block = judge.judged(Choices.of(self.candidates, partial.assigned, partial.open, orders))
            self._adapt(count, block.accepted.bit_count())
            yield block

    def _in_one_order(self, judge: Judge, partial: Partial, must: int) -> Iterator[Block | ReadsFrom]:
        orders = only_orders(self.candidates, must)
        choices = Choices.of(self.candidates, partial.assigned, partial.open, orders)
        block, open_ = judge.judged_in_one_order(choices, must)
        self._adapt(choices.space.size, block.accepted.bit_count())
        yield block
        for combination in bits.members(open_):
            yield block.reads_from(combination)

    def _adapt(self, candidates: int, executions: int) -> None:
        """Take larger blocks where many candidates are executions, smaller ones where few are."""
        if executions * FEW < candidates:
            self._limit = max(1, self._limit // 4)
        else:
            self._limit = min(LARGEST, 4 * self._limit)
