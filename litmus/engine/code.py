"""Straight-line Python code for the nodes of a model that depend on rf or co, over one event structure."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, TypeAlias

from litmus.deadline import Deadline
from litmus.relation import bits
from litmus.relation.bounding import Bounds
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Check
from litmus.relation.node import (
    Node,
    Operator,
    bound_variables,
    components,
    depending,
    group_of,
    is_monotone,
    reachable,
    schedule,
    universe_of,
)
from litmus.relation.solve import unsettled

Judge: TypeAlias = Callable[[int, int], bool]
Values: TypeAlias = Callable[[int, int], tuple[int, ...]]


@lru_cache(maxsize=512)
def _compiled(source: str) -> CodeType:
    """Tests have the same code over and over, with other constants."""
    return compile(source, "<model>", "exec")


class Emitter:
    """Writes the straight-line code of a set of nodes."""

    def __init__(self, graph: Graph, bounds: Mapping[Node, Bounds], deadline: Deadline, *, exact: bool) -> None:
        self.graph = graph
        self.bounds = bounds
        self.deadline = deadline
        self.exact = exact
        self.n = universe_of(graph)
        self.lines: list[str] = []
        self.names: dict[Node, str] = {}
        self.constants: dict[str, object] = {
            "SEQ": bits.sequence,
            "THROUGH": bits.sequence_through,
            "BACK": bits.inverse_sequence,
            "AFTER": bits.after_constant,
            "BEFORE": bits.before_constant,
            "ACYCLIC": bits.acyclic,
            "ACYCLIC_WITHIN": bits.acyclic_within,
            "COL": bits.first_column(self.n),
            "FULL": (1 << self.n) - 1,
            "INV": bits.inverse,
            "CLO": bits.closure,
            "CLO_THROUGH": bits.closure_through,
            "CART": bits.cartesian,
            "SETID": bits.set_identity,
            "DOM": bits.domain,
            "UNSETTLED": unsettled,
            "COD": bits.codomain,
            "TICK": self.deadline.check,
            "N": self.n,
            "ID": bits.identity(self.n),
        }

    def judge(self, axioms: Sequence[Axiom]) -> Judge:
        """Return a function that is False where one of the axioms fails."""
        for axiom in axioms:
            value = self._emit(axiom.node, "    ")
            test = {
                Check.EMPTY: value,
                Check.IRREFLEXIVE: f"{value} & ID",
                Check.ACYCLIC: f"not {self._acyclic(axiom.node, value)}",
            }[axiom.check]
            self.lines.append(f"    if {'not ' if axiom.negated else ''}({test}): return False")
        self.lines.append("    return True")
        judge: Judge = self._function()
        return judge

    def values(self, nodes: Sequence[Node]) -> Values:
        """Return a function that gives the values of the nodes."""
        names = [self._emit(node, "    ") for node in nodes]
        self.lines.append(f"    return ({''.join(name + ', ' for name in names)})")
        values: Values = self._function()
        return values

    def _function(self) -> Any:
        source = "def made(rf, co):\n" + "\n".join(self.lines) + "\n"
        namespace = dict(self.constants)
        # The text is made here, from node numbers and fixed words only: nothing of the user's reaches it.
        exec(_compiled(source), namespace)
        return namespace["made"]

    def _constant(self, value: int) -> str:
        return "0" if value == 0 else self._table(value)

    def _table(self, value: object) -> str:
        name = f"C{len(self.constants)}"
        self.constants[name] = value
        return name

    def _emit(self, node: Node, indent: str) -> str:
        if node in self.names:
            return self.names[node]
        self.deadline.check()
        low, high = self.bounds[node]
        if low == high:
            name = self._constant(low)
        elif self.graph.operators[node] is Operator.VARIABLE:
            payload = self.graph.payloads[node]
            assert isinstance(payload, str)
            name = payload
        elif self.graph.operators[node] is Operator.FIXPOINT:
            self._emit_group(node, indent)
            return self.names[node]
        else:
            name = self._name(node, self._code(node, indent), indent)
        self.names[node] = name
        return name

    def _name(self, node: Node, code: str, indent: str) -> str:
        """Name what some code computes; what is a name already keeps it."""
        if code.isidentifier():
            return code
        name = f"v{node}"
        self.lines.append(f"{indent}{name} = {code}")
        return name

    def _code(self, node: Node, indent: str) -> str:
        operator, operands = self.graph.operators[node], self.graph.operands[node]
        if operator is Operator.DIFFERENCE:
            left = self._emit(operands[0], indent)
            low, high = self.bounds[operands[1]]
            if low != high and not self.exact:
                return f"{left} & {self._constant(~high)}"
            return f"{left} & ~{self._emit(operands[1], indent)}"
        if operator is Operator.SEQUENCE and (masked := self._restriction(operands[0], operands[1], indent)):
            return masked
        if operator is Operator.SEQUENCE and self._begins_with_inverse_of_few(operands):
            (inverted,) = self.graph.operands[operands[0]]
            return f"BACK({self._emit(inverted, indent)}, {self._emit(operands[1], indent)}, N)"
        if operator is Operator.UNION:
            return " | ".join(self._emit(o, indent) for o in operands if self.bounds[o] != (0, 0))
        names = [self._emit(o, indent) for o in operands]
        match operator:
            case Operator.INTERSECTION:
                return " & ".join(names)
            case Operator.SEQUENCE:
                return self._sequence(operands, names)
            case Operator.CARTESIAN:
                return f"CART({names[0]}, {names[1]}, N)"
            case Operator.CLOSURE:
                return self._closure(operands[0], names[0])
            case _:
                function = {
                    Operator.INVERSE: "INV",
                    Operator.IDENTITY: "SETID",
                    Operator.DOMAIN: "DOM",
                    Operator.CODOMAIN: "COD",
                }[operator]
                return f"{function}({names[0]}, N)"

    def _sequence(self, operands: tuple[Node, ...], names: list[str]) -> str:
        """Only the events are gone through that can be in between; a constant side is taken apart once. Where it is so
        large that this costs too much, rows are taken apart."""
        if self.n > bits.MANY:
            return f"SEQ({names[0]}, {names[1]}, N)"
        (left, left_high), (right, right_high) = (self.bounds[o] for o in operands)
        through = bits.between(left_high, right_high, self.n)
        if left == left_high:
            return f"AFTER({self._table(bits.columns(left, self.n, through))}, {names[1]}, N)"
        if right == right_high:
            return f"BEFORE({names[0]}, {self._table(bits.rows(right, self.n, through))}, COL)"
        return f"THROUGH({names[0]}, {names[1]}, {self._table(bits.places(through, self.n))}, COL, FULL)"

    def _begins_with_inverse_of_few(self, operands: tuple[Node, ...]) -> bool:
        """Whether a sequence is `rf^-1 ; r`, as in fr: rf has a pair for each read at most."""
        first = operands[0]
        if self.n > bits.MANY or self.graph.operators[first] is not Operator.INVERSE:
            return False
        (inverted,) = self.graph.operands[first]
        low, high = self.bounds[inverted]
        return low != high and self.graph.operators[inverted] is Operator.VARIABLE

    def _closure(self, operand: Node, name: str) -> str:
        if self.n > bits.MANY:
            return f"CLO({name}, N)"
        high = self.bounds[operand][1]
        return f"CLO_THROUGH({name}, {self._table(bits.places(bits.between(high, high, self.n), self.n))}, COL, FULL)"

    def _acyclic(self, node: Node, name: str) -> str:
        """Only what can be on a cycle is looked at."""
        if self.n > bits.MANY:
            return f"ACYCLIC({name}, N)"
        return f"ACYCLIC_WITHIN({name}, {self._table(bits.cyclic_rows(self.bounds[node][1], self.n))})"

    def _restriction(self, left: Node, right: Node, indent: str) -> str | None:
        """``[S] ; r`` and ``r ; [S]`` with a constant set are masks."""
        n, identity = self.n, bits.identity(self.n)
        low, high = self.bounds[left]
        if low == high and not low & ~identity:
            return f"{self._emit(right, indent)} & {self._constant(bits.rows_of(bits.domain(low, n), n))}"
        low, high = self.bounds[right]
        if low == high and not low & ~identity:
            columns = bits.cartesian((1 << n) - 1, bits.codomain(low, n), n)
            return f"{self._emit(left, indent)} & {self._constant(columns)}"
        return None

    def _emit_group(self, node: Node, indent: str) -> None:
        """Iterate as `relation.solve.solve` does: the bodies in turn, each with the newest values, until none grows."""
        group = group_of(self.graph, node)
        xs, bodies = self.graph.fixpoints[group]
        self._hoist(xs, bodies, indent)
        outside = dict(self.names)
        variables = {x: f"x{x}" for x in xs}
        self.lines.append(f"{indent}{' = '.join(variables.values())} = 0")
        seen = None if is_monotone(self.graph, group) else f"s{group}"
        if seen:
            self.lines.append(f"{indent}{seen} = set()")
        self.lines.append(f"{indent}while True:")
        inner = indent + "    "
        if self.n > bits.MANY:
            self.lines.append(f"{inner}TICK()")
        if seen:
            self._stop_at_repetition(seen, xs, inner)
        self.lines.extend(f"{inner}o{x} = x{x}" for x in xs)
        for x, body in zip(xs, bodies, strict=True):
            self.names = {**outside, **variables}
            self.lines.append(f"{inner}x{x} = {self._emit(body, inner)}")
        self.lines.append(f"{inner}if not ({' | '.join(f'x{x} & ~o{x}' for x in xs)}): break")
        self.names = {**outside, **{m: f"x{xs[component]}" for m, component in components(self.graph, group)}}

    def _stop_at_repetition(self, seen: str, xs: tuple[Node, ...], indent: str) -> None:
        """Raise an error where equations that are not monotone come round to values that they had before."""
        state = f"({''.join(f'x{x}, ' for x in xs)})"
        error = f"UNSETTLED({self._table(self.graph)}, {xs!r})"
        self.lines.append(f"{indent}if {state} in {seen}: raise {error}")
        self.lines.append(f"{indent}{seen}.add({state})")

    def _hoist(self, xs: tuple[Node, ...], bodies: tuple[Node, ...], indent: str) -> None:
        """Emit what the bodies use and the loop does not change."""
        inside = depending(self.graph, reachable(self.graph, bodies), set(xs))
        for node in schedule(self.graph, bodies, bound_variables(self.graph) - self.names.keys()):
            if node not in inside:
                self._emit(node, indent)
