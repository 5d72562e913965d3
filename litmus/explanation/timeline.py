"""Executions told step by step, as kernel mails tell them: who does what, and what is read and written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from litmus.dataclass import dataclass, replace
from litmus.engine.base import Execution, State
from litmus.explanation.order import Edge, Order, order
from litmus.explanation.step import Group, Step, apart, groups, step, union
from litmus.program.term import Address
from litmus.relation import bits

FREE, ORDERED = 1, 6
"""What it costs to tell two steps of a thread the other way round: where nothing but po relates them, and where one is
a fence or depends on the other."""

COMPARED = 64
"""Of a large class of executions so many are tried for the one that is the easiest to tell."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """An execution in an order in which every read returns what the last write told before it left.

    ``sequential`` says that program order is kept as well. ``coherent`` is False where there is no such order at all;
    then program order is kept, and values may seem to come from the future. ``represents`` executions end in the same
    state with the same rf.
    """

    execution: Execution
    steps: tuple[Step, ...]
    sequential: bool
    coherent: bool = True
    represents: int = 1

    @property
    def state(self) -> State:
        """The final state."""
        return self.execution.state


def timelines(executions: Iterable[Execution]) -> tuple[Timeline, ...]:
    """Return one timeline for each class of executions with the same final state and the same rf: first those that
    sequential consistency has too."""
    classes: dict[tuple[State, frozenset[tuple[str, str]]], list[Execution]] = {}
    for execution in executions:
        classes.setdefault((execution.state, _sources(execution)), []).append(execution)
    told = [_best(members) for members in classes.values()]
    return tuple(sorted(told, key=lambda t: (not t.sequential, [(isinstance(v, Address), v) for _, v in t.state])))


def _sources(execution: Execution) -> frozenset[tuple[str, str]]:
    places = [f"{e.number} {e.thread} {e.origin.label}" for e in execution.structure.events]
    return frozenset((places[write], places[read]) for write, read in bits.pairs(execution.reads_from, len(places)))


def _best(executions: Sequence[Execution]) -> Timeline:
    told = [timeline(execution) for execution in executions[:COMPARED]]
    chosen = min(told, key=lambda t: (not t.coherent, sum(len(s.ahead_of) for s in t.steps)))
    return replace(chosen, represents=len(executions))


def timeline(execution: Execution) -> Timeline:
    """Return the steps of ``execution`` in an order that explains the values read."""
    parts = list(groups(execution))
    found = _ordered(execution, parts)
    if found is None:
        parts = [part for group in parts for part in apart(execution, group)]
        found = _ordered(execution, parts)
    coherent = found is not None
    found = found or Order(tuple(range(len(parts))), ())
    steps = tuple(step(execution, parts[index], _passed(execution, parts, found, index)) for index in found.sequence)
    return Timeline(execution, steps, coherent and not found.inverted, coherent)


def _passed(execution: Execution, parts: Sequence[Group], found: Order, index: int) -> tuple[str, ...]:
    """The labels of what stands before step ``index`` in its thread and is told after it."""
    events = execution.structure.events
    return tuple(events[parts[early][0]].origin.label for early, late in found.inverted if late == index)


def _ordered(execution: Execution, parts: Sequence[Group]) -> Order | None:
    of = {number: index for index, group in enumerate(parts) for number in group}
    edges = {(of[a], of[b]) for a, b in _communication(execution) if a in of and b in of}
    return order(len(parts), sorted((a, b) for a, b in edges if a != b), _program(execution, parts))


def _communication(execution: Execution) -> Iterator[Edge]:
    edges = execution.reads_from | execution.coherence | from_reads(execution)
    return bits.pairs(edges, len(execution.structure.events))


def from_reads(execution: Execution) -> int:
    """Return fr: each read before the writes that coherence puts after the one it reads from."""
    n = len(execution.structure.events)
    return bits.sequence(bits.inverse(execution.reads_from, n), execution.coherence, n) & ~bits.identity(n)


def _program(execution: Execution, parts: Sequence[Group]) -> Mapping[Edge, int]:
    """Program order between steps, with what it costs to break it."""
    structure = execution.structure
    n = len(structure.events)
    dependent = bits.closure(union(structure.relations, "addr", "data", "ctrl", "rmw", "lxsx"), n)
    threads = [structure.events[group[0]].thread for group in parts]
    fences = [any(structure.events[number].kind == "F" for number in group) for group in parts]
    costs: dict[Edge, int] = {}
    for a, b in combinations(range(len(parts)), 2):
        if threads[a] == threads[b]:
            depends = any(dependent >> (x * n + y) & 1 for x in parts[a] for y in parts[b])
            costs[a, b] = ORDERED if fences[a] or fences[b] or depends else FREE
    return costs
