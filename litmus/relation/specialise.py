"""A symbolic graph over one event structure: static leaves become constants, and everything folds."""

from collections.abc import Mapping
from typing import TypeAlias

from litmus.deadline import NEVER, Deadline
from litmus.relation import bits
from litmus.relation.graph import Graph
from litmus.relation.node import Node, Operator, reachable
from litmus.relation.solve import compute


def specialise(
    graph: Graph, roots: tuple[Node, ...], leaves: Mapping[str, int], universe: int
) -> tuple[Graph, tuple[Node, ...]]:
    """Return a new graph over ``universe`` events, and the roots in it.

    A variable in ``leaves`` becomes that constant, ``_`` all events; every other variable stays one.
    """
    return Plan(graph, roots).specialise(leaves, universe)


class Plan:
    """The way from a symbolic graph to one over an event structure, worked out once for many structures."""

    def __init__(self, graph: Graph, roots: tuple[Node, ...]) -> None:
        self.graph = graph
        self.roots = roots
        bound = {x for variables, _ in graph.fixpoints for x in variables}
        self._steps = tuple(
            (node, graph.operators[node], graph.operands[node], graph.payloads[node])
            for node in reachable(graph, roots)
            if node not in bound
        )
        self._bound = tuple(bound)
        self._divided: dict[frozenset[str], tuple[tuple[_Step, ...], tuple[_Step, ...]]] = {}

    def variables(self) -> frozenset[str]:
        """Return the names of the variables that the roots depend on, those of fixpoints apart."""
        return frozenset(p for _, operator, _, p in self._steps if operator is Operator.VARIABLE and isinstance(p, str))

    def specialise(
        self, leaves: Mapping[str, int], universe: int, deadline: Deadline = NEVER
    ) -> tuple[Graph, tuple[Node, ...]]:
        """As the function of this name, until the deadline."""
        target = Graph(universe=universe, origins=self.graph.origins)
        work = _Work(self.graph, target, {**leaves, "_": (1 << universe) - 1}, deadline)
        for x in self._bound:
            work.nodes[x] = target.variable(str(self.graph.payloads[x]), self.graph.sorts[x])
        static, dynamic = self._parts(frozenset(work.leaves))
        deadline.check()
        work.compute(static)
        for node, operator, operands, payload in dynamic:
            deadline.check()
            work.step(node, operator, operands, payload)
        return target, tuple(work.node(root) for root in self.roots)

    def _parts(self, names: frozenset[str]) -> tuple[tuple["_Step", ...], tuple["_Step", ...]]:
        """Return the steps that variables of these names settle, and the others; fixpoints are among the others."""
        found = self._divided.get(names)
        if found is None:
            static: set[Node] = set()
            for node, operator, operands, payload in self._steps:
                if operator is Operator.VARIABLE:
                    settled = payload in names
                else:
                    settled = operator is not Operator.FIXPOINT and static.issuperset(operands)
                if settled:
                    static.add(node)
            found = (
                tuple(step for step in self._steps if step[0] in static),
                tuple(step for step in self._steps if step[0] not in static),
            )
            self._divided[names] = found
        return found


_Step: TypeAlias = tuple[Node, Operator, tuple[int, ...], int | str | None]


class _Work:
    """One specialisation under way. Bits stay bits, and become constants only where something dynamic uses them."""

    __slots__ = ("bits", "deadline", "leaves", "nodes", "solved", "source", "target", "universe")

    def __init__(self, source: Graph, target: Graph, leaves: Mapping[str, int], deadline: Deadline) -> None:
        self.deadline = deadline
        self.source = source
        self.target = target
        self.leaves = leaves
        self.universe = target.universe or 0
        self.bits: dict[Node, int] = {}
        self.nodes: dict[Node, Node] = {}
        self.solved: dict[int, tuple[Node, ...]] = {}

    def node(self, node: Node) -> Node:
        """Return what a node of the source is in the target."""
        found = self.nodes.get(node)
        if found is None:
            found = self.nodes[node] = self.target.constant(self.bits[node], self.source.sorts[node])
        return found

    def compute(self, steps: tuple[_Step, ...]) -> None:
        """Compute nodes that depend on nothing but leaves."""
        found, leaves, n = self.bits, self.leaves, self.universe
        operators, sources = self.source.operators, self.source.operands
        for node, operator, operands, payload in steps:
            if operator is Operator.UNION:
                found[node] = found[operands[0]] | found[operands[1]]
            elif operator is Operator.INTERSECTION:
                found[node] = found[operands[0]] & found[operands[1]]
            elif operator is Operator.VARIABLE:
                found[node] = leaves[str(payload)]
            elif operator is Operator.CONSTANT:
                assert isinstance(payload, int)
                found[node] = payload
            elif operator is not Operator.SEQUENCE:
                found[node] = compute(operator, tuple([found[o] for o in operands]), n)
            elif operators[operands[0]] is Operator.IDENTITY:
                found[node] = bits.from_members(found[sources[operands[0]][0]], found[operands[1]], n)
            elif operators[operands[1]] is Operator.IDENTITY:
                found[node] = bits.to_members(found[operands[0]], found[sources[operands[1]][0]], n)
            else:
                found[node] = bits.sequence(found[operands[0]], found[operands[1]], n)

    def step(self, node: Node, operator: Operator, operands: tuple[int, ...], payload: int | str | None) -> None:
        """Map one node whose operands are mapped."""
        match operator:
            case Operator.CONSTANT:
                assert isinstance(payload, int)
                self.bits[node] = payload
            case Operator.VARIABLE:
                self._variable(node, str(payload))
            case Operator.FIXPOINT:
                assert isinstance(payload, int)
                self._keep(node, self._solution(payload)[operands[0]])
            case _ if all(o in self.bits for o in operands):
                self.bits[node] = compute(operator, tuple(self.bits[o] for o in operands), self.universe)
            case _:
                self._keep(node, self.target.apply(operator, tuple(self.node(o) for o in operands)))

    def _keep(self, node: Node, mapped: Node) -> None:
        value = self.target.value(mapped)
        if value is None:
            self.nodes[node] = mapped
        else:
            self.bits[node] = value

    def _variable(self, node: Node, name: str) -> None:
        value = self.leaves.get(name)
        if value is None:
            self.nodes[node] = self.target.variable(name, self.source.sorts[node])
        else:
            self.bits[node] = value

    def _solution(self, group: int) -> tuple[Node, ...]:
        if group not in self.solved:
            variables, bodies = self.source.fixpoints[group]
            self.solved[group] = self.target.fixpoint(
                tuple(self.nodes[x] for x in variables), tuple(self.node(body) for body in bodies), self.deadline
            )
        return self.solved[group]
