"""An order to tell the steps of an execution in.

Communication (rf, co, fr) relates events of one location, and in every execution of a coherent model it is acyclic by
itself; so there always is an order in which each read returns what the last write before it left. Where program order
fits in as well, the execution is one of sequential consistency; where it does not, some steps are told earlier than
they stand in their thread, and the fewest and weakest such inversions are sought.
"""

import heapq
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from litmus.dataclass import dataclass

Edge: TypeAlias = tuple[int, int]

EXACT = 16
"""Up to so many steps the cheapest order is searched for; beyond, each step is chosen by what it costs at once."""


@dataclass(frozen=True, slots=True)
class Order:
    """``sequence`` lists all steps; ``inverted`` holds the pairs of program order that it breaks."""

    sequence: tuple[int, ...]
    inverted: tuple[Edge, ...]


def order(size: int, required: Sequence[Edge], program: Mapping[Edge, int]) -> Order | None:
    """Return an order of ``0 … size-1`` that has every edge of ``required`` and breaks as little as possible of
    ``program``, whose values say how much breaking an edge costs; None where ``required`` itself is cyclic."""
    before = [0] * size
    for source, target in required:
        before[target] |= 1 << source
    costs = [[(source, cost) for (source, other), cost in program.items() if other == target] for target in range(size)]
    sequence = _cheapest(size, before, costs) if size <= EXACT else _greedy(size, before, costs)
    if sequence is None:
        return None
    place = {step: index for index, step in enumerate(sequence)}
    return Order(sequence, tuple(sorted(edge for edge in program if place[edge[0]] > place[edge[1]])))


Costs: TypeAlias = Sequence[Sequence[tuple[int, int]]]


def _ready(size: int, before: Sequence[int], done: int) -> list[int]:
    return [step for step in range(size) if not done >> step & 1 and not before[step] & ~done]


def _price(step: int, costs: Costs, done: int) -> int:
    return sum(cost for source, cost in costs[step] if not done >> source & 1)


def _cheapest(size: int, before: Sequence[int], costs: Costs) -> tuple[int, ...] | None:
    """Dijkstra over the sets of steps already told; among equals the order that stays with a thread."""
    queue: list[tuple[int, int, tuple[int, ...], int]] = [(0, 0, (), 0)]
    seen: set[int] = set()
    while queue:
        paid, switches, told, done = heapq.heappop(queue)
        if len(told) == size:
            return told
        if done in seen:
            continue
        seen.add(done)
        for step in _ready(size, before, done):
            switch = int(bool(told) and step != told[-1] + 1)
            item = (paid + _price(step, costs, done), switches + switch, (*told, step), done | 1 << step)
            heapq.heappush(queue, item)
    return None


def _greedy(size: int, before: Sequence[int], costs: Costs) -> tuple[int, ...] | None:
    told: list[int] = []
    done = 0
    while len(told) < size:
        ready = _ready(size, before, done)
        if not ready:
            return None
        last = told[-1] if told else -1
        chosen = min(ready, key=lambda step: (_price(step, costs, done), step != last + 1, step))
        told.append(chosen)
        done |= 1 << chosen
    return tuple(told)
