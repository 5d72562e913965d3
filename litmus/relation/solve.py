"""The bits of expressions, with all variables known."""

from collections.abc import Callable, Mapping, Sequence

from litmus.deadline import NEVER, Deadline
from litmus.errors import ModelError
from litmus.relation import bits
from litmus.relation.node import Node, Nodes, Operator, depending, reachable, schedule
from litmus.source import Span


def unsettled(graph: Nodes, variables: tuple[Node, ...]) -> ModelError:
    """Return the error that these recursive definitions, which are not monotone, never come to an end."""
    found = [graph.origins[str(graph.payloads[x])] for x in variables]
    return unsettled_names([name for name, _ in found], found[0][1])


def unsettled_names(names: Sequence[str], span: Span) -> ModelError:
    """As `unsettled`, of names that are defined at ``span``."""
    listed = " and ".join(f"'{name}'" for name in names)
    return ModelError(f"the recursion of {listed} does not settle: it comes round to values that it had before", span)


def evaluate(graph: Nodes, roots: tuple[Node, ...], environment: Mapping[str, int]) -> tuple[int, ...]:
    """Return the bits of ``roots`` with the variables as ``environment`` says. The graph's universe must be known.

    Raises:
        KeyError: where a variable has no value.
    """
    values = _values(graph, roots, {}, environment)
    return tuple(values[root] for root in roots)


def solve(
    graph: Nodes,
    variables: tuple[Node, ...],
    bodies: tuple[Node, ...],
    environment: Mapping[str, int],
    known: Mapping[Node, int] | None = None,
    deadline: Deadline = NEVER,
) -> tuple[int, ...]:
    """Return the solution of a fixpoint group by iteration from the empty relations.

    The bodies are evaluated in turn, each with the newest values, until none grows: the least solution where the bodies
    are monotone, and herd7's answer where they are not (the matching of RCU critical sections). ``known`` gives the
    variables of the groups around this one.

    Raises:
        ModelError: where the iteration never ends, because a state comes back.
    """
    values = _values(graph, (), known or {}, environment)
    needed = reachable(graph, bodies)
    inside = depending(graph, needed, set(variables))
    for node in needed:
        if node not in inside and node not in values:
            values |= _values(graph, (node,), values, environment)
    foreign = {x for group in graph.fixpoints for x in group[0]} - set(variables) - set(values)
    turns = [[x for x in schedule(graph, (body,), foreign) if x in inside and x not in variables] for body in bodies]
    current = dict.fromkeys(variables, 0)
    seen: set[tuple[int, ...]] = set()
    while (state := tuple(current.values())) not in seen:
        deadline.check()
        seen.add(state)
        before = dict(current)
        for variable, body, nodes in zip(variables, bodies, turns, strict=True):
            values |= current
            for node in nodes:
                values[node] = _value(graph, node, graph.universe or 0, values, environment, {})
            current[variable] = values[body]
        if not any(current[x] & ~before[x] for x in variables):
            return tuple(current.values())
    raise unsettled(graph, variables)


def _values(
    graph: Nodes, roots: tuple[Node, ...], known: Mapping[Node, int], environment: Mapping[str, int]
) -> dict[Node, int]:
    n = graph.universe
    assert n is not None
    values = dict(known)
    solved: dict[int, tuple[int, ...]] = {}
    bound = {x for variables, _ in graph.fixpoints for x in variables}
    for node in schedule(graph, roots, bound - set(known)):
        if node not in values:
            values[node] = _value(graph, node, n, values, environment, solved)
    return values


def _value(
    graph: Nodes,
    node: Node,
    n: int,
    values: Mapping[Node, int],
    environment: Mapping[str, int],
    solved: dict[int, tuple[int, ...]],
) -> int:
    payload, operands = graph.payloads[node], graph.operands[node]
    match graph.operators[node]:
        case Operator.CONSTANT:
            assert isinstance(payload, int)
            return payload
        case Operator.VARIABLE:
            assert isinstance(payload, str)
            return environment[payload]
        case Operator.FIXPOINT:
            assert isinstance(payload, int)
            if payload not in solved:
                bound = {x: v for x, v in values.items() if graph.operators[x] is Operator.VARIABLE}
                solved[payload] = solve(graph, *graph.fixpoints[payload], environment, bound)
            return solved[payload][operands[0]]
        case operator:
            return compute(operator, tuple(values[o] for o in operands), n)


OPERATIONS: Mapping[Operator, Callable[..., int]] = {
    Operator.SEQUENCE: bits.sequence,
    Operator.CARTESIAN: bits.cartesian,
    Operator.INVERSE: bits.inverse,
    Operator.CLOSURE: bits.closure,
    Operator.IDENTITY: bits.set_identity,
    Operator.DOMAIN: bits.domain,
    Operator.CODOMAIN: bits.codomain,
}
"""What computes the operators that are not bitwise, from the bits of their operands and the number of events."""


def compute(operator: Operator, operands: tuple[int, ...], n: int) -> int:
    """Return the bits of one inner node from the bits of its operands."""
    match operator:
        case Operator.UNION:
            return operands[0] | operands[1]
        case Operator.INTERSECTION:
            return operands[0] & operands[1]
        case Operator.DIFFERENCE:
            return operands[0] & ~operands[1]
        case _:
            return OPERATIONS[operator](*operands, n)
