"""The least and the greatest bits of every node of a model, by one Python function for all event structures.

A model is worked out for thousands of structures. To fold its graph anew for each, node by node, took longer than the
operations on bits; here the graph stays as it is, and each node gets what it holds at least and at most there.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from litmus.deadline import NEVER, Deadline
from litmus.relation.graph import Graph
from litmus.relation.node import Node, Operator, depending, is_monotone, reachable
from litmus.relation.solve import OPERATIONS, unsettled

Bounds: TypeAlias = tuple[int, int]
"""What a node holds at least and at most."""

CHOSEN = ("rf", "co")
"""The variables that stay open over an event structure."""


class NotBounded(Exception):
    """The graph has something that this module does not write code for."""


class Bounding:
    """The bounds of what ``roots`` of a symbolic graph depend on, over any event structure.

    Raises:
        NotBounded: where a recursive definition that depends on rf or co subtracts itself, or holds another.
    """

    def __init__(self, graph: Graph, roots: tuple[Node, ...]) -> None:
        writer = _Writer(graph, reachable(graph, roots))
        self._made = writer.function()
        self.variables = writer.variables

    def bounds(
        self, leaves: Mapping[str, int], n: int, rf: Bounds, co: Bounds, deadline: Deadline = NEVER
    ) -> dict[Node, Bounds]:
        """Return the bounds of every node over ``n`` events, where ``leaves`` are the other variables.

        Raises:
            ModelError: where the iteration of a recursive definition never ends.
            OutOfTime: when the deadline passes.
        """
        found: dict[Node, Bounds] = self._made(leaves, n, (*rf, *co), deadline.check)
        return found


class _Writer:
    """Writes the code: one name for a node that rf and co do not matter to, two for any other.

    `[S] ; r` and `r ; [S]` with a set that they do not matter to are masks, made once for each set.
    """

    def __init__(self, graph: Graph, order: list[Node]) -> None:
        self.graph = graph
        self.order = order
        chosen = {x for x in order if graph.operators[x] is Operator.VARIABLE and graph.payloads[x] in CHOSEN}
        self.dynamic = depending(graph, order, chosen)
        self.groups = {self._group(x): x for x in reversed(order) if graph.operators[x] is Operator.FIXPOINT}
        self.inside = {g: self._inside(g) for g in self.groups}
        self.lines: list[str] = []
        self.indent = "    "
        self.masks: set[str] = set()
        self.names: dict[str, Any] = {
            **{o.name: f for o, f in OPERATIONS.items()},
            "UNSETTLED": unsettled,
            "GRAPH": graph,
        }
        everywhere = set().union(*self.inside.values())
        self.variables = frozenset(
            str(graph.payloads[x])
            for x in order
            if graph.operators[x] is Operator.VARIABLE and x not in everywhere and x not in chosen
        )
        for node in order:
            if node not in everywhere:
                self._node(node)

    def _group(self, node: Node) -> int:
        group = self.graph.payloads[node]
        assert isinstance(group, int)
        return group

    def _inside(self, group: int) -> set[Node]:
        """The variables of a group and what depends on them in its bodies."""
        variables, bodies = self.graph.fixpoints[group]
        inside = depending(self.graph, reachable(self.graph, bodies), set(variables))
        if any(self.graph.operators[x] is Operator.FIXPOINT for x in inside):
            raise NotBounded
        if not self.dynamic.isdisjoint(inside.union(bodies)) and not is_monotone(self.graph, group):
            raise NotBounded
        return inside

    def function(self) -> Callable[..., dict[Node, Bounds]]:
        """Return the function."""
        result = ", ".join(f"{x}: ({self._low(x)}, {self._high(x)})" for x in self.order)
        lines = ["def made(leaves, n, chosen, tick):", "    everything = (1 << n) - 1", *self.lines]
        # The text is made here, from node numbers, quoted names and fixed words.
        exec(compile("\n".join([*lines, f"    return {{{result}}}\n"]), "<bounds>", "exec"), self.names)
        made: Callable[..., dict[Node, Bounds]] = self.names["made"]
        return made

    def _low(self, node: Node) -> str:
        return f"l{node}" if node in self.dynamic else f"v{node}"

    def _high(self, node: Node) -> str:
        return f"h{node}" if node in self.dynamic else f"v{node}"

    def _line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    def _node(self, node: Node) -> None:
        if self.graph.operators[node] is Operator.FIXPOINT:
            self._fixpoint(node)
        elif node not in self.dynamic:
            self._line(f"v{node} = {self._single(node)}")
        elif self.graph.operators[node] is Operator.VARIABLE:
            place = 2 * CHOSEN.index(str(self.graph.payloads[node]))
            self._line(f"l{node}, h{node} = chosen[{place}], chosen[{place + 1}]")
        else:
            low, high = self._pair(node)
            same = " and ".join(f"l{o} == h{o}" for o in self.graph.operands[node] if o in self.dynamic)
            self._line(f"l{node} = {low}")
            self._line(f"h{node} = l{node} if {same} else {high}")

    def _single(self, node: Node) -> str:
        match self.graph.operators[node]:
            case Operator.CONSTANT:
                return str(self.graph.payloads[node])
            case Operator.VARIABLE if self.graph.payloads[node] == "_":
                return "everything"
            case Operator.VARIABLE:
                return f"leaves[{self.graph.payloads[node]!r}]"
            case _:
                return self._pair(node)[0]

    def _pair(self, node: Node) -> tuple[str, str]:
        """The code of the two bounds of an inner node."""
        operator, operands = self.graph.operators[node], self.graph.operands[node]
        lows, highs = [self._low(o) for o in operands], [self._high(o) for o in operands]
        match operator:
            case Operator.UNION:
                return " | ".join(lows), " | ".join(highs)
            case Operator.INTERSECTION:
                return " & ".join(lows), " & ".join(highs)
            case Operator.DIFFERENCE:
                return f"{lows[0]} & ~{highs[1]}", f"{highs[0]} & ~{lows[1]}"
            case Operator.SEQUENCE if (mask := self._mask(operands)) is not None:
                kept, name = mask
                return f"{self._low(kept)} & {name}", f"{self._high(kept)} & {name}"
            case _:
                return f"{operator.name}({', '.join(lows)}, n)", f"{operator.name}({', '.join(highs)}, n)"

    def _mask(self, operands: tuple[Node, ...]) -> tuple[Node, str] | None:
        """What is left of a sequence with an identity, and the mask that the identity is."""
        left, right = operands
        for side, identity, kept in (("rows", left, right), ("columns", right, left)):
            if self.graph.operators[identity] is Operator.IDENTITY and identity not in self.dynamic:
                (events,) = self.graph.operands[identity]
                name = f"{side}{events}"
                if name not in self.masks:
                    self.masks.add(name)
                    pair = f"v{events}, everything" if side == "rows" else f"everything, v{events}"
                    self._line(f"{name} = CARTESIAN({pair}, n)")
                return kept, name
        return None

    def _fixpoint(self, node: Node) -> None:
        group = self._group(node)
        if self.groups[group] == node:
            self._loop(group)
        variable = self.graph.fixpoints[group][0][self.graph.operands[node][0]]
        for mine, its in ((self._low(node), self._low(variable)), (self._high(node), self._high(variable))):
            self._line(f"{mine} = {its}")

    def _loop(self, group: int) -> None:
        """Iterate as `relation.solve.solve` does: the bodies in turn, each with the newest values, until none grows."""
        variables, bodies = self.graph.fixpoints[group]
        if not self.dynamic.isdisjoint(bodies):
            self.dynamic |= self.inside[group]
        self._prepare_masks(group)
        names = list(dict.fromkeys(name for x in variables for name in (self._low(x), self._high(x))))
        self._line(f"{' = '.join(names)} = 0")
        self._line("seen = set()")
        self._line("while True:")
        self.indent += "    "
        self._line("tick()")
        self._line(f"before = ({''.join(f'{name}, ' for name in names)})")
        self._line(f"if before in seen: raise UNSETTLED(GRAPH, {variables!r})")
        self._line("seen.add(before)")
        for variable, body in zip(variables, bodies, strict=True):
            self._body(group, variable, body)
        grown = " or ".join(f"{name} & ~before[{i}]" for i, name in enumerate(names))
        self._line(f"if not ({grown}): break")
        self.indent = self.indent[:-4]

    def _body(self, group: int, variable: Node, body: Node) -> None:
        for node in reachable(self.graph, (body,)):
            if node in self.inside[group] and node not in self.graph.fixpoints[group][0]:
                self._node(node)
        for mine, its in {self._low(variable): self._low(body), self._high(variable): self._high(body)}.items():
            self._line(f"{mine} = {its}")

    def _prepare_masks(self, group: int) -> None:
        """Make the masks before the loop that use them in it."""
        for node in self._sequences(group):
            self._mask(self.graph.operands[node])

    def _sequences(self, group: int) -> Iterator[Node]:
        return (x for x in self.inside[group] if self.graph.operators[x] is Operator.SEQUENCE)
