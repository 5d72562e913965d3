"""Enumerating in blocks: reads are assigned one by one until the rest is small enough to be judged at once.

A block takes about as long whether many of its candidates are executions or few; where few are, searching on is
quicker. So the size of blocks follows what was found in them.
"""

from collections.abc import Callable, Iterator
from math import prod

from litmus.dataclass import dataclass
from litmus.deadline import Deadline
from litmus.engine.block.block import Block, Judge
from litmus.engine.block.choice import Choices, Orders, orders_of, size
from litmus.engine.block.evaluate import NotInBlocks
from litmus.engine.candidate import Candidates
from litmus.engine.explicit import Choice
from litmus.engine.goals import Goals
from litmus.engine.sat.choice import may_be_circular
from litmus.engine.search import Partial, ReadsFrom, ReadsSearch, forced_coherence

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
    _limit: int = FIRST

    def _orders(self, rf: int) -> Orders | None:
        """The orders of writes that are left with at least this rf; None where that are too many, or none."""
        forced = forced_coherence(self.candidates, self.choice.compiled, rf, self._tick)
        if forced is None:
            return None
        return orders_of(self.candidates, self.candidates.co_must | forced, LARGEST // SMALLEST)

    def _tick(self) -> None:
        self.spend(1)

    def run(self) -> Iterator[Block | ReadsFrom]:
        """Yield blocks, and each rf that has to be completed by itself."""
        reads = ReadsSearch(self.candidates, self.choice.compiled, self._tick)
        judge = Judge(self.choice, self.goals, self.deadline, self.stands_for)
        for partial, completions in reads.partials(self._enough):
            block = self._block(judge, partial)
            if block is None:
                yield from completions
            elif block.accepted:
                yield block

    def _enough(self, partial: Partial) -> bool:
        """Whether so little is left open that the rest is a block."""
        return prod(map(len, partial.open.values())) <= self._limit

    def _block(self, judge: Judge, partial: Partial) -> Block | None:
        left = prod(map(len, partial.open.values()))
        orders = self._orders(partial.rf)
        count = left * size(orders) if orders is not None else 0
        if orders is None or not SMALLEST <= count <= LARGEST:
            return None
        self.spend(count // SMALLEST)
        try:
            block = judge.judged(Choices.of(self.candidates, partial.assigned, partial.open, orders))
        except NotInBlocks:
            self._limit = 1
            return None
        self._adapt(count, block.accepted.bit_count())
        return block

    def _adapt(self, candidates: int, executions: int) -> None:
        """Take larger blocks where many candidates are executions, smaller ones where few are."""
        if executions * FEW < candidates:
            self._limit = max(1, self._limit // 4)
        else:
            self._limit = min(LARGEST, 4 * self._limit)
