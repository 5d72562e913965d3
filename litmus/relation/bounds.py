"""The least and the greatest bits of the nodes of a graph over an event structure, node by node.

`relation.bounding` does the same by code that is made once for many structures.
"""

from collections.abc import Container, Iterator, Mapping

from litmus.deadline import NEVER, Deadline
from litmus.relation.bounding import Bounds
from litmus.relation.graph import Graph
from litmus.relation.node import (
    Node,
    Operator,
    bound_variables,
    components,
    group_of,
    is_monotone,
    schedule,
    universe_of,
)
from litmus.relation.solve import compute


def bound_nodes(
    graph: Graph, roots: tuple[Node, ...], variables: dict[str, Bounds], deadline: Deadline = NEVER
) -> dict[Node, Bounds]:
    """Return the least and the greatest bits of every node that ``roots`` depend on."""
    bounds: dict[Node, Bounds] = {}
    _bound_all(graph, roots, bounds, variables, deadline)
    return bounds


def _bound_all(
    graph: Graph,
    roots: tuple[Node, ...],
    bounds: dict[Node, Bounds],
    variables: dict[str, Bounds],
    deadline: Deadline,
) -> None:
    for node in schedule(graph, roots, bound_variables(graph) - bounds.keys()):
        if node in bounds:
            continue
        deadline.check()
        if graph.operators[node] is Operator.FIXPOINT:
            _bound_group(graph, group_of(graph, node), bounds, variables, deadline)
        else:
            bounds[node] = _bound(graph, node, bounds, variables)


def _bound(graph: Graph, node: Node, bounds: dict[Node, Bounds], variables: dict[str, Bounds]) -> Bounds:
    n = universe_of(graph)
    operator, payload = graph.operators[node], graph.payloads[node]
    if operator is Operator.CONSTANT:
        assert isinstance(payload, int)
        return payload, payload
    if operator is Operator.VARIABLE:
        assert isinstance(payload, str)
        return variables[payload]
    operands = [bounds[o] for o in graph.operands[node]]
    if operator is Operator.DIFFERENCE:
        (low, high), (less, more) = operands
        return low & ~more, high & ~less
    low = compute(operator, tuple(o[0] for o in operands), n)
    if all(o[0] == o[1] for o in operands):
        return low, low
    return low, compute(operator, tuple(o[1] for o in operands), n)


def _bound_group(
    graph: Graph, group: int, bounds: dict[Node, Bounds], variables: dict[str, Bounds], deadline: Deadline
) -> None:
    """Bound every component of a fixpoint by iterating on pairs of bounds.

    Where the bodies subtract what they define, iteration says nothing: the bounds are then empty and everything.
    """
    xs, bodies = graph.fixpoints[group]
    everything = (1 << universe_of(graph) ** 2) - 1
    current: dict[Node, Bounds] = dict.fromkeys(xs, (0, 0) if is_monotone(graph, group) else (0, everything))
    while True:
        scope = {**bounds, **current}
        _bound_all(graph, bodies, scope, variables, deadline)
        following = {
            x: (current[x][0] | scope[b][0], current[x][1] | scope[b][1]) for x, b in zip(xs, bodies, strict=True)
        }
        if following == current or not is_monotone(graph, group):
            break
        current = following
    bounds |= scope
    for node, component in components(graph, group):
        bounds[node] = current[xs[component]]


def settled(bounds: Mapping[Node, Bounds], node: Node) -> bool:
    """Whether a node is a constant, whatever rf and co are."""
    low, high = bounds[node]
    return low == high


def in_turn(graph: Graph, bounds: Mapping[Node, Bounds], root: Node, done: Container[Node]) -> Iterator[Node]:
    """Yield the nodes that are to be computed for ``root``, each after what it is computed from, but for those that are
    ``done``, as what is yielded has to be when the next is asked for. A constant needs nothing, and a recursive
    definition sees to its bodies."""
    work = [root]
    while work:
        node = work[-1]
        alone = node in done or settled(bounds, node) or graph.operators[node] is Operator.FIXPOINT
        missing = [] if alone else [operand for operand in graph.operands[node] if operand not in done]
        if missing:
            work += missing
            continue
        work.pop()
        if node not in done:
            yield node
