"""Expressions over sets and relations as a hash-consed graph of typed nodes.

A node is an index into a :class:`Graph`. Leaves are constants and variables. The same graph serves three moments:

* a model as text, all leaves symbolic (no ``universe``);
* a model over one event structure: static leaves are constants, and folding leaves only what depends on rf and co;
* a model over one candidate: everything is constant.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from litmus.relation import bits

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
    FIXPOINT = "fixpoint"  # (component, group): component of a least fixpoint, see Graph.fixpoint
    VARIABLE = "variable"
    CONSTANT = "constant"


class Unsettled(Exception):
    """Recursive definitions, not monotone, whose iteration does not come to an end."""


@dataclass(slots=True)
class Graph:
    """A growing graph of hash-consed nodes.

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
    _known: dict[tuple[object, ...], Node] = field(default_factory=dict)

    def _node(
        self, operator: Operator, operands: tuple[int, ...], sort: Sort, payload: int | str | None = None
    ) -> Node:
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
        return self._node(Operator.CONSTANT, (), sort, value)

    def variable(self, name: str, sort: Sort) -> Node:
        """The variable called ``name``."""
        return self._node(Operator.VARIABLE, (), sort, name)

    def empty(self, sort: Sort) -> Node:
        """The empty set or relation."""
        return self.constant(0, sort)

    def value(self, node: Node) -> int | None:
        """The bits of a constant node, None for any other."""
        payload = self.payloads[node] if self.operators[node] is Operator.CONSTANT else None
        return payload if isinstance(payload, int) else None

    def _both(self, left: Node, right: Node) -> tuple[int, int] | None:
        a, b = self.value(left), self.value(right)
        return None if a is None or b is None else (a, b)

    def union(self, left: Node, right: Node) -> Node:
        """``left | right``."""
        sort = self.sorts[left]
        if constants := self._both(left, right):
            return self.constant(constants[0] | constants[1], sort)
        if left == right or self.value(right) == 0:
            return left
        if self.value(left) == 0:
            return right
        return self._node(Operator.UNION, (min(left, right), max(left, right)), sort)

    def intersection(self, left: Node, right: Node) -> Node:
        """``left & right``."""
        sort = self.sorts[left]
        if constants := self._both(left, right):
            return self.constant(constants[0] & constants[1], sort)
        if left == right:
            return left
        if self.value(left) == 0 or self.value(right) == 0:
            return self.empty(sort)
        return self._node(Operator.INTERSECTION, (min(left, right), max(left, right)), sort)

    def difference(self, left: Node, right: Node) -> Node:
        """``left \\ right``."""
        sort = self.sorts[left]
        if constants := self._both(left, right):
            return self.constant(constants[0] & ~constants[1], sort)
        if left == right or self.value(left) == 0:
            return self.empty(sort)
        if self.value(right) == 0:
            return left
        return self._node(Operator.DIFFERENCE, (left, right), sort)

    def sequence(self, left: Node, right: Node) -> Node:
        """``left ; right``."""
        if self.value(left) == 0 or self.value(right) == 0:
            return self.empty(Sort.RELATION)
        if constants := self._both(left, right):
            return self.constant(bits.sequence(*constants, self._n()), Sort.RELATION)
        return self._node(Operator.SEQUENCE, (left, right), Sort.RELATION)

    def inverse(self, relation: Node) -> Node:
        """``relation^-1``."""
        return self._fold(Operator.INVERSE, relation, Sort.RELATION, bits.inverse)

    def closure(self, relation: Node) -> Node:
        """``relation+``."""
        return self._fold(Operator.CLOSURE, relation, Sort.RELATION, bits.closure)

    def identity(self, events: Node) -> Node:
        """``[events]``."""
        return self._fold(Operator.IDENTITY, events, Sort.RELATION, bits.set_identity)

    def domain(self, relation: Node) -> Node:
        """The set of events that the relation relates to something."""
        return self._fold(Operator.DOMAIN, relation, Sort.SET, bits.domain)

    def codomain(self, relation: Node) -> Node:
        """The set of events that something is related to."""
        return self._fold(Operator.CODOMAIN, relation, Sort.SET, bits.codomain)

    def cartesian(self, left: Node, right: Node) -> Node:
        """``left * right``."""
        if self.value(left) == 0 or self.value(right) == 0:
            return self.empty(Sort.RELATION)
        if constants := self._both(left, right):
            return self.constant(bits.cartesian(*constants, self._n()), Sort.RELATION)
        return self._node(Operator.CARTESIAN, (left, right), Sort.RELATION)

    def _fold(self, operator: Operator, operand: Node, sort: Sort, compute: Callable[[int, int], int]) -> Node:
        value = self.value(operand)
        if value == 0:
            return self.empty(sort)
        if value is not None:
            return self.constant(compute(value, self._n()), sort)
        return self._node(operator, (operand,), sort)

    def _n(self) -> int:
        assert self.universe is not None, "constants other than the empty ones need a universe"
        return self.universe

    def everything(self) -> Node:
        """The set of all events (cat: ``_``)."""
        if self.universe is None:
            return self.variable("_", Sort.SET)
        return self.constant((1 << self.universe) - 1, Sort.SET)

    def full(self, sort: Sort) -> Node:
        """All events, or all pairs."""
        everything = self.everything()
        return everything if sort is Sort.SET else self.cartesian(everything, everything)

    def complement(self, node: Node) -> Node:
        """``~node``."""
        return self.difference(self.full(self.sorts[node]), node)

    def optional(self, relation: Node) -> Node:
        """``relation?``: with the identity on all events."""
        return self.union(relation, self.identity(self.everything()))

    def reflexive_closure(self, relation: Node) -> Node:
        """``relation*``."""
        return self.optional(self.closure(relation))

    def fixpoint(self, variables: tuple[Node, ...], bodies: tuple[Node, ...]) -> tuple[Node, ...]:
        """The least solution of ``variable_i = body_i``, one node for each variable.

        ``variables`` are fresh VARIABLE nodes that occur nowhere but in ``bodies``. A body must use them monotonically
        for the solution to be the least one; evaluation iterates from the empty relations in any case.
        """
        bodies = self._without_empty_components(variables, bodies)
        grown = [(x, b) for x, b in zip(variables, bodies, strict=True) if self.value(b) != 0]
        left = dict(zip((x for x, _ in grown), self._grown(grown), strict=True))
        return tuple(left.get(x, b) for x, b in zip(variables, bodies, strict=True))

    def _grown(self, equations: list[tuple[Node, Node]]) -> tuple[Node, ...]:
        """The solution of equations none of which is known to be empty."""
        variables, bodies = tuple(x for x, _ in equations), tuple(b for _, b in equations)
        if set(variables).isdisjoint(reachable(self, bodies)):
            return bodies
        if len(equations) == 1 and (closed := self._as_closure(*equations[0])) is not None:
            return (closed,)
        solution = self._constant_fixpoint(variables, bodies)
        if solution is not None:
            return tuple(self.constant(v, self.sorts[x]) for v, x in zip(solution, variables, strict=True))
        group = len(self.fixpoints)
        self.fixpoints.append((variables, bodies))
        return tuple(self._node(Operator.FIXPOINT, (i,), self.sorts[x], group) for i, x in enumerate(variables))

    def _without_empty_components(self, variables: tuple[Node, ...], bodies: tuple[Node, ...]) -> tuple[Node, ...]:
        """Replace by the empty body what stays empty however far the iteration goes.

        Where every body of some components folds to the empty one once their variables do, they never grow.
        """
        empty = {x: self.empty(self.sorts[x]) for x in variables}
        while empty:
            folded = dict(zip(variables, self.substitute(bodies, empty), strict=True))
            grown = [x for x in empty if self.value(folded[x]) != 0]
            if not grown:
                return tuple(folded[x] for x in variables)
            for x in grown:
                del empty[x]
        return bodies

    def _as_closure(self, variable: Node, body: Node) -> Node | None:
        """``x = r | x ; x`` with r free of x is ``r+``, a common way to write it."""
        twice = self._node(Operator.SEQUENCE, (variable, variable), Sort.RELATION)
        terms = set(self._terms(body))
        if twice not in terms:
            return None
        rest = tuple(terms - {twice})
        if variable in reachable(self, rest):
            return None
        union = self.empty(Sort.RELATION)
        for term in sorted(rest):
            union = self.union(union, term)
        return self.closure(union)

    def _terms(self, node: Node) -> Iterator[Node]:
        if self.operators[node] is Operator.UNION:
            for operand in self.operands[node]:
                yield from self._terms(operand)
        else:
            yield node

    def substitute(self, roots: tuple[Node, ...], replacements: Mapping[Node, Node]) -> tuple[Node, ...]:
        """Return the roots with variables replaced by other nodes, folded anew. Fixpoints inside stay as they are."""
        mapped = dict(replacements)
        for node in reachable(self, roots):
            operands = self.operands[node]
            if node in mapped:
                continue
            if self.operators[node] is Operator.FIXPOINT or not any(mapped.get(o, o) != o for o in operands):
                mapped[node] = node
            else:
                mapped[node] = self.apply(self.operators[node], tuple(mapped[o] for o in operands))
        return tuple(mapped[root] for root in roots)

    def apply(self, operator: Operator, operands: tuple[Node, ...]) -> Node:
        """Return the node of an operator that has operands, folded."""
        match operator:
            case Operator.UNION:
                return self.union(*operands)
            case Operator.INTERSECTION:
                return self.intersection(*operands)
            case Operator.DIFFERENCE:
                return self.difference(*operands)
            case Operator.SEQUENCE:
                return self.sequence(*operands)
            case Operator.CARTESIAN:
                return self.cartesian(*operands)
            case Operator.INVERSE:
                return self.inverse(*operands)
            case Operator.CLOSURE:
                return self.closure(*operands)
            case Operator.IDENTITY:
                return self.identity(*operands)
            case Operator.DOMAIN:
                return self.domain(*operands)
            case Operator.CODOMAIN:
                return self.codomain(*operands)
            case _:
                raise AssertionError(operator)

    def _constant_fixpoint(self, variables: tuple[Node, ...], bodies: tuple[Node, ...]) -> tuple[int, ...] | None:
        if self.universe is None:
            return None
        if _free(self, variables, bodies):
            return None
        return solve(self, variables, bodies, {})


def reachable(graph: Graph, roots: tuple[Node, ...]) -> list[Node]:
    """Return the nodes that ``roots`` depend on, bodies of fixpoints included, operands before their users."""
    seen: set[Node] = set()
    order: list[Node] = []
    stack: list[tuple[Node, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
            continue
        if node in seen:
            continue
        seen.add(node)
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(children(graph, node)) if child not in seen)
    return order


def children(graph: Graph, node: Node) -> tuple[Node, ...]:
    """Return the nodes that ``node`` is computed from; for a fixpoint, the bodies of its group."""
    if graph.operators[node] is Operator.FIXPOINT:
        group = graph.payloads[node]
        assert isinstance(group, int)
        return graph.fixpoints[group][1]
    return graph.operands[node]


def evaluate(graph: Graph, roots: tuple[Node, ...], environment: Mapping[str, int]) -> tuple[int, ...]:
    """Return the bits of ``roots`` with the variables as ``environment`` says. The graph's universe must be known.

    Raises:
        KeyError: where a variable has no value.
    """
    values = _values(graph, roots, {}, environment)
    return tuple(values[root] for root in roots)


def solve(
    graph: Graph,
    variables: tuple[Node, ...],
    bodies: tuple[Node, ...],
    environment: Mapping[str, int],
    known: Mapping[Node, int] | None = None,
) -> tuple[int, ...]:
    """Return the solution of a fixpoint group by iteration from the empty relations.

    The bodies are evaluated in turn, each with the newest values, until none grows: the least solution where the bodies
    are monotone, and herd7's answer where they are not (the matching of RCU critical sections). ``known`` gives the
    variables of the groups around this one.
    """
    values = _values(graph, (), known or {}, environment)
    needed = reachable(graph, bodies)
    inside = depending(graph, needed, set(variables))
    for node in needed:
        if node not in inside and node not in values:
            values |= _values(graph, (node,), values, environment)
    foreign = {x for group in graph.fixpoints for x in group[0]} - set(variables) - set(values)
    turns = [
        [x for x in schedule(graph, (body,), foreign) if x in inside and x not in variables] for body in bodies
    ]
    current = dict.fromkeys(variables, 0)
    for _ in range(_turn_limit(graph, variables)):
        before = dict(current)
        for variable, body, nodes in zip(variables, bodies, turns, strict=True):
            values |= current
            for node in nodes:
                values[node] = _value(graph, node, graph.universe or 0, values, environment, {})
            current[variable] = values[body]
        if not any(current[x] & ~before[x] for x in variables):
            return tuple(current.values())
    raise Unsettled


def _turn_limit(graph: Graph, variables: tuple[Node, ...]) -> int:
    """Turns after which monotone bodies have settled, each turn adding at least one pair."""
    n = graph.universe or 0
    return n * n * len(variables) + 2


def depending(graph: Graph, order: list[Node], variables: set[Node]) -> set[Node]:
    """Return the nodes that depend on some of the variables; ``order`` has operands before their users."""
    found = set(variables)
    for node in order:
        if any(c in found for c in children(graph, node)):
            found.add(node)
    return found


def _values(
    graph: Graph, roots: tuple[Node, ...], known: Mapping[Node, int], environment: Mapping[str, int]
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


def schedule(graph: Graph, roots: tuple[Node, ...], bound: set[Node]) -> list[Node]:
    """Return what ``roots`` depend on, operands before users, without what depends on the variables ``bound``.

    The inside of a fixpoint is left out so: `solve` evaluates it.
    """
    order = reachable(graph, roots)
    inside: set[Node] = set()
    for node in order:
        if node in bound or any(c in inside for c in _seen_from_outside(graph, node, bound)):
            inside.add(node)
    return [node for node in order if node not in inside]


def _seen_from_outside(graph: Graph, node: Node, bound: set[Node]) -> tuple[Node, ...]:
    """What a node depends on; of a group, the variables of groups around it that its bodies mention."""
    group = graph.payloads[node]
    if graph.operators[node] is not Operator.FIXPOINT or not isinstance(group, int):
        return graph.operands[node]
    return tuple(_free(graph, *graph.fixpoints[group]) & bound)


def _free(graph: Graph, variables: tuple[Node, ...], bodies: tuple[Node, ...]) -> set[Node]:
    """The variables that the bodies of a group mention and no group among them binds."""
    needed = reachable(graph, bodies)
    groups = {graph.payloads[x] for x in needed if graph.operators[x] is Operator.FIXPOINT}
    inner = {x for g in groups if isinstance(g, int) for x in graph.fixpoints[g][0]}
    return {x for x in needed if graph.operators[x] is Operator.VARIABLE} - set(variables) - inner


def _value(
    graph: Graph,
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


def compute(operator: Operator, operands: tuple[int, ...], n: int) -> int:
    """Return the bits of one inner node from the bits of its operands."""
    match operator:
        case Operator.UNION:
            return operands[0] | operands[1]
        case Operator.INTERSECTION:
            return operands[0] & operands[1]
        case Operator.DIFFERENCE:
            return operands[0] & ~operands[1]
        case Operator.SEQUENCE:
            return bits.sequence(operands[0], operands[1], n)
        case Operator.CARTESIAN:
            return bits.cartesian(operands[0], operands[1], n)
        case Operator.INVERSE:
            return bits.inverse(operands[0], n)
        case Operator.CLOSURE:
            return bits.closure(operands[0], n)
        case Operator.IDENTITY:
            return bits.set_identity(operands[0], n)
        case Operator.DOMAIN:
            return bits.domain(operands[0], n)
        case Operator.CODOMAIN:
            return bits.codomain(operands[0], n)
        case _:
            raise AssertionError(operator)
