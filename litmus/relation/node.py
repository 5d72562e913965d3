"""The nodes of expressions over sets and relations, hash-consed, and the ways through them.

A node is an index. Leaves are constants and variables; the nodes of a group of recursive definitions (FIXPOINT) lead to
the bodies of the group.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias

from litmus.dataclass import dataclass, field
from litmus.source import Span

Node: TypeAlias = int


class Sort(StrEnum):
    """What a node denotes."""

    SET = "set"
    RELATION = "relation"


class Operator(StrEnum):
    """The operators of inner nodes; the ones that exist for both sorts are marked."""

    UNION = "union"  # both
    INTERSECTION = "intersection"  # both
    DIFFERENCE = "difference"  # both
    SEQUENCE = "sequence"
    INVERSE = "inverse"
    CLOSURE = "closure"  # transitive; * and ? are unions with identity
    CARTESIAN = "cartesian"  # set, set -> relation
    IDENTITY = "identity"  # set -> relation
    DOMAIN = "domain"  # relation -> set
    CODOMAIN = "codomain"  # relation -> set
    FIXPOINT = "fixpoint"  # (component, group): component of a least fixpoint, see `Graph.fixpoint`
    VARIABLE = "variable"
    CONSTANT = "constant"


@dataclass(slots=True)
class Nodes:
    """A growing store of hash-consed nodes.

    ``universe`` is the number of events where it is known; constants other than the empty ones exist only then.
    """

    universe: int | None = None
    operators: list[Operator] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    sorts: list[Sort] = field(default_factory=list)
    payloads: list[int | str | None] = field(default_factory=list)
    """The value of a CONSTANT, the name of a VARIABLE."""
    fixpoints: list[tuple[tuple[Node, ...], tuple[Node, ...]]] = field(default_factory=list)
    """For each group: its variables and their bodies."""
    origins: dict[str, tuple[str, Span]] = field(default_factory=dict)
    """For variables of groups, by their names: what the model calls them, and where it defines them."""
    _known: dict[tuple[object, ...], Node] = field(default_factory=dict)

    def node(self, operator: Operator, operands: tuple[int, ...], sort: Sort, payload: int | str | None = None) -> Node:
        """The node of an operator with operands, as it is: no folding."""
        key = (operator, operands, sort, payload)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.operators)
            self.operators.append(operator)
            self.operands.append(operands)
            self.sorts.append(sort)
            self.payloads.append(payload)
        return found

    def constant(self, value: int, sort: Sort) -> Node:
        """The constant set or relation with these bits."""
        return self.node(Operator.CONSTANT, (), sort, value)

    def variable(self, name: str, sort: Sort) -> Node:
        """The variable called ``name``."""
        return self.node(Operator.VARIABLE, (), sort, name)

    def empty(self, sort: Sort) -> Node:
        """The empty set or relation."""
        return self.constant(0, sort)

    def value(self, node: Node) -> int | None:
        """The bits of a constant node, None for any other."""
        payload = self.payloads[node] if self.operators[node] is Operator.CONSTANT else None
        return payload if isinstance(payload, int) else None


def reachable(graph: Nodes, roots: tuple[Node, ...]) -> list[Node]:
    """Return the nodes that ``roots`` depend on, bodies of fixpoints included, operands before their users.

    Nodes are made after what they are computed from, so that the order is that of their numbers.
    """
    operators, operands = graph.operators, graph.operands
    seen: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(children(graph, node) if operators[node] is Operator.FIXPOINT else operands[node])
    return sorted(seen)


def children(graph: Nodes, node: Node) -> tuple[Node, ...]:
    """Return the nodes that ``node`` is computed from; for a fixpoint, the bodies of its group."""
    if graph.operators[node] is Operator.FIXPOINT:
        group = graph.payloads[node]
        assert isinstance(group, int)
        return graph.fixpoints[group][1]
    return graph.operands[node]


def depending(graph: Nodes, order: list[Node], variables: set[Node]) -> set[Node]:
    """Return the nodes that depend on some of the variables; ``order`` has operands before their users."""
    found = set(variables)
    for node in order:
        if not found.isdisjoint(children(graph, node)):
            found.add(node)
    return found


def schedule(graph: Nodes, roots: tuple[Node, ...], bound: set[Node]) -> list[Node]:
    """Return what ``roots`` depend on, operands before users, without what depends on the variables ``bound``.

    The inside of a fixpoint is left out so: `solve` evaluates it.
    """
    order = reachable(graph, roots)
    inside: set[Node] = set()
    for node in order:
        if node in bound or (inside and not inside.isdisjoint(_seen_from_outside(graph, node, bound))):
            inside.add(node)
    return [node for node in order if node not in inside]


def _seen_from_outside(graph: Nodes, node: Node, bound: set[Node]) -> tuple[Node, ...]:
    """What a node depends on; of a group, the variables of groups around it that its bodies mention."""
    group = graph.payloads[node]
    if graph.operators[node] is not Operator.FIXPOINT or not isinstance(group, int):
        return graph.operands[node]
    return tuple(free_variables(graph, *graph.fixpoints[group]) & bound)


def free_variables(graph: Nodes, variables: tuple[Node, ...], bodies: tuple[Node, ...]) -> set[Node]:
    """The variables that the bodies of a group mention and no group among them binds."""
    needed = reachable(graph, bodies)
    groups = {graph.payloads[x] for x in needed if graph.operators[x] is Operator.FIXPOINT}
    inner = {x for g in groups if isinstance(g, int) for x in graph.fixpoints[g][0]}
    return {x for x in needed if graph.operators[x] is Operator.VARIABLE} - set(variables) - inner


def is_monotone(graph: Nodes, group: int) -> bool:
    """Whether no body of the group subtracts something that depends on the group's variables."""
    xs, bodies = graph.fixpoints[group]
    needed = reachable(graph, bodies)
    inside = depending(graph, needed, set(xs))
    return not any(
        graph.operators[node] is Operator.DIFFERENCE and graph.operands[node][1] in inside for node in needed
    )


def bound_variables(graph: Nodes) -> set[Node]:
    """Return the variables that fixpoints bind."""
    return {x for variables, _ in graph.fixpoints for x in variables}


def group_of(graph: Nodes, node: Node) -> int:
    """Return the group of a FIXPOINT node."""
    group = graph.payloads[node]
    assert isinstance(group, int)
    return group


def components(graph: Nodes, group: int) -> Iterator[tuple[Node, int]]:
    """Yield the FIXPOINT nodes of a group, each with its component."""
    for node, operator in enumerate(graph.operators):
        if operator is Operator.FIXPOINT and graph.payloads[node] == group:
            yield node, graph.operands[node][0]


def universe_of(graph: Nodes) -> int:
    """Return the number of events, which is known."""
    assert graph.universe is not None
    return graph.universe
