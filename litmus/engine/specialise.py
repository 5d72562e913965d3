"""A model instance turned into one Python function for the structure at hand.

Every node gets bounds: what it holds at least and at most, whatever rf and co are chosen. A node whose bounds agree is
a constant, an axiom that its upper bound satisfies is dropped, and what is left becomes straight-line code over big
integers. The code computes *lower* bounds from lower bounds of rf and co, so it may judge a partial choice: where it
finds a violation, no completion of the choice passes. On a complete choice it is exact for monotone nodes; where a
model subtracts something that depends on rf or co, a second, exact function is made for complete choices.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from litmus.dataclass import dataclass
from litmus.deadline import NEVER, Deadline
from litmus.engine.code import Emitter, Judge, Values
from litmus.relation.bounding import Bounds
from litmus.relation.bounds import bound_nodes, settled
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Check, Effect, Instance, passes
from litmus.relation.node import Node, Operator, children, universe_of

Function = TypeVar("Function", bound=Callable[[int, int], Any])


@dataclass(frozen=True, slots=True)
class Compiled:
    """``partial(rf, co)`` is False where no completion of the choice passes; ``exact(rf, co)`` judges a complete one.

    ``quick`` is ``partial`` for the axioms that cost little (coherence and atomicity in most models).
    ``ordered(rf, co)`` are relations that the model wants acyclic together with co: co may not contradict their
    closures.
    ``safe(rf, co)`` of what rf and co are at most is True only where all completions pass the axioms that ``quick``
    leaves out, so that it judges a complete choice exactly.
    ``possible`` False means that no execution of the structure exists at all.
    """

    quick: Judge
    partial: Judge
    exact: Judge
    ordered: Values
    safe: Judge
    monotone: bool
    possible: bool
    rest: Judge
    """Judges a complete choice that ``quick`` lets pass, exactly."""
    live: tuple[Axiom, ...]
    """The axioms that the structure alone does not decide."""


def bounds_of(instance: Instance, rf: Bounds, co: Bounds, deadline: Deadline = NEVER) -> Mapping[Node, Bounds]:
    """Return the bounds of what an instance checks, and of its own co."""
    if instance.bounding is not None:
        return instance.bounding(rf, co, deadline)
    own = () if instance.coherence is None else (instance.coherence,)
    return bound_nodes(instance.graph, (*(a.node for a in instance.axioms), *own), {"rf": rf, "co": co}, deadline)


def compile_instance(instance: Instance, bounds: Mapping[Node, Bounds], deadline: Deadline = NEVER) -> Compiled:
    """Specialise the REQUIRE axioms of a model instance to the bounds that its nodes have (`bounds_of`)."""
    graph = instance.graph
    required = tuple(a for a in instance.axioms if a.effect is Effect.REQUIRE)
    live: list[Axiom] = []
    for axiom in required:
        low, high = bounds[axiom.node]
        verdicts = {passes(axiom, low, universe_of(graph)), passes(axiom, high, universe_of(graph))}
        if verdicts == {False}:
            return _refuted(axiom)
        if verdicts != {True}:
            live.append(axiom)
    costs = {a: _cost(graph, a.node, bounds) for a in live}
    live.sort(key=lambda a: costs[a])
    prunable = [a for a in live if not a.negated]
    cheap = [a for a in prunable if costs[a] <= QUICK]
    monotone = len(prunable) == len(live) and not _subtracting(graph, [a.node for a in live], bounds)

    def judge(axioms: Sequence[Axiom], *, exact: bool) -> Judge:
        return later(lambda: Emitter(graph, bounds, deadline, exact=exact).judge(axioms)) if axioms else _always

    partial = judge(prunable, exact=False)
    quick = partial if len(cheap) == len(prunable) else judge(cheap, exact=False)
    exact = partial if monotone else judge(live, exact=True)
    costly = [a for a in prunable if costs[a] > QUICK]
    # Nothing is subtracted, so that what is most comes of what is most.
    rest = judge(costly, exact=False) if monotone else exact
    safe = rest if monotone and costly else _never
    ordered = [a.node for a in cheap if a.check is Check.ACYCLIC and _contains_coherence(graph, a.node)]
    ordered_values = later(lambda: Emitter(graph, bounds, deadline, exact=False).values(ordered))
    return Compiled(quick, partial, exact, ordered_values, safe, monotone, possible=True, rest=rest, live=tuple(live))


def _refuted(by: Axiom) -> Compiled:
    """What an instance becomes where an axiom fails, whatever rf and co are."""
    return Compiled(_never, _never, _never, _nothing, _never, monotone=True, possible=False, rest=_never, live=(by,))


def later(make: Callable[[], Function]) -> Function:
    """Return a function that is made when it is first called."""
    made: Function | None = None

    def call(rf: int, co: int) -> Any:
        nonlocal made
        if made is None:
            made = make()
        return made(rf, co)

    return call  # type: ignore[return-value]


def _subtracting(graph: Graph, roots: Sequence[Node], bounds: Mapping[Node, Bounds]) -> bool:
    """Whether something that is not settled is subtracted."""
    return any(
        graph.operators[x] is Operator.DIFFERENCE and not settled(bounds, graph.operands[x][1])
        for x in _unsettled(graph, roots, bounds)
    )


def _unsettled(graph: Graph, roots: Sequence[Node], bounds: Mapping[Node, Bounds]) -> set[Node]:
    """The nodes that depend on rf or co, among those that the roots need."""
    found: set[Node] = set()
    stack = [root for root in roots if not settled(bounds, root)]
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(x for x in children(graph, node) if not settled(bounds, x))
    return found


def ordering(graph: Graph, axioms: Sequence[Axiom]) -> tuple[Axiom, ...]:
    """Return the checks that want co acyclic, together with something else or alone."""
    wanted = (a for a in axioms if a.check is Check.ACYCLIC and not a.negated)
    return tuple(axiom for axiom in wanted if _contains_coherence(graph, axiom.node))


def _contains_coherence(graph: Graph, node: Node) -> bool:
    """Whether the node is co, or a union with co."""
    if graph.operators[node] is Operator.UNION:
        return any(_contains_coherence(graph, operand) for operand in graph.operands[node])
    return graph.operators[node] is Operator.VARIABLE and graph.payloads[node] == "co"


QUICK = 6
"""How many compositions and closures an axiom may need to count as cheap."""


def _cost(graph: Graph, node: Node, bounds: Mapping[Node, Bounds]) -> int:
    """How many compositions and closures depend on rf or co."""
    return sum(graph.operators[x] in _COSTLY for x in _unsettled(graph, (node,), bounds))


_COSTLY = frozenset({Operator.SEQUENCE, Operator.CLOSURE, Operator.FIXPOINT})


def compile_values(
    graph: Graph, nodes: Sequence[Node], bounds: Mapping[Node, Bounds], deadline: Deadline = NEVER
) -> Values:
    """Return a function that gives the exact values of ``nodes`` on a complete choice of rf and co."""
    return later(lambda: Emitter(graph, bounds, deadline, exact=True).values(nodes)) if nodes else _nothing


def _never(_rf: int, _co: int) -> bool:
    return False


def _always(_rf: int, _co: int) -> bool:
    return True


def _nothing(_rf: int, _co: int) -> tuple[int, ...]:
    return ()
