"""A model instance turned into one Python function for the structure at hand.

Every node gets bounds: what it holds at least and at most, whatever rf and co are chosen. A node whose bounds agree is
a constant, an axiom that its upper bound satisfies is dropped, and what is left becomes straight-line code over big
integers. The code computes *lower* bounds from lower bounds of rf and co, so it may judge a partial choice: where it
finds a violation, no completion of the choice passes. On a complete choice it is exact for monotone nodes; where a
model subtracts something that depends on rf or co, a second, exact function is made for complete choices.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, TypeVar

from litmus.dataclass import dataclass
from litmus.deadline import NEVER, Deadline
from litmus.relation import bits
from litmus.relation.bounding import Bounds
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Check, Effect, Instance, passes
from litmus.relation.node import Node, Operator, children, depending, is_monotone, reachable, schedule
from litmus.relation.solve import compute, unsettled

Judge = Callable[[int, int], bool]
Values = Callable[[int, int], tuple[int, ...]]
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
        verdicts = {passes(axiom, low, _universe(graph)), passes(axiom, high, _universe(graph))}
        if verdicts == {False}:
            return Compiled(_never, _never, _never, _nothing, _never, monotone=True, possible=False, live=(axiom,))
        if verdicts != {True}:
            live.append(axiom)
    costs = {a: _cost(graph, a.node, bounds) for a in live}
    live.sort(key=lambda a: costs[a])
    prunable = [a for a in live if not a.negated]
    cheap = [a for a in prunable if costs[a] <= QUICK]
    monotone = len(prunable) == len(live) and not _subtracting(graph, [a.node for a in live], bounds)

    def judge(axioms: Sequence[Axiom], *, exact: bool) -> Judge:
        return later(lambda: _Emitter(graph, bounds, deadline, exact=exact).judge(axioms)) if axioms else _always

    partial = judge(prunable, exact=False)
    quick = partial if len(cheap) == len(prunable) else judge(cheap, exact=False)
    exact = partial if monotone else judge(live, exact=True)
    costly = [a for a in prunable if costs[a] > QUICK]
    # Nothing is subtracted, so that what is most comes of what is most.
    safe = judge(costly, exact=False) if monotone and costly else _never
    ordered = [a.node for a in cheap if a.check is Check.ACYCLIC and _contains_coherence(graph, a.node)]
    ordered_values = later(lambda: _Emitter(graph, bounds, deadline, exact=False).values(ordered))
    return Compiled(quick, partial, exact, ordered_values, safe, monotone, possible=True, live=tuple(live))


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
        graph.operators[x] is Operator.DIFFERENCE and not _settled(bounds, graph.operands[x][1])
        for x in _unsettled(graph, roots, bounds)
    )


def _settled(bounds: Mapping[Node, Bounds], node: Node) -> bool:
    low, high = bounds[node]
    return low == high


def _unsettled(graph: Graph, roots: Sequence[Node], bounds: Mapping[Node, Bounds]) -> set[Node]:
    """The nodes that depend on rf or co, among those that the roots need."""
    found: set[Node] = set()
    stack = [root for root in roots if not _settled(bounds, root)]
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(x for x in children(graph, node) if not _settled(bounds, x))
    return found


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
    return later(lambda: _Emitter(graph, bounds, deadline, exact=True).values(nodes)) if nodes else _nothing


def _never(_rf: int, _co: int) -> bool:
    return False


def _always(_rf: int, _co: int) -> bool:
    return True


def _nothing(_rf: int, _co: int) -> tuple[int, ...]:
    return ()


def _universe(graph: Graph) -> int:
    assert graph.universe is not None
    return graph.universe


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
    for node in schedule(graph, roots, _bound_variables(graph) - bounds.keys()):
        if node in bounds:
            continue
        deadline.check()
        if graph.operators[node] is Operator.FIXPOINT:
            _bound_group(graph, _group(graph, node), bounds, variables, deadline)
        else:
            bounds[node] = _bound(graph, node, bounds, variables)


def _bound_variables(graph: Graph) -> set[Node]:
    return {x for variables, _ in graph.fixpoints for x in variables}


def _group(graph: Graph, node: Node) -> int:
    group = graph.payloads[node]
    assert isinstance(group, int)
    return group


def _components(graph: Graph, group: int) -> Iterator[tuple[Node, int]]:
    """Yield the FIXPOINT nodes of a group, each with its component."""
    for node, operator in enumerate(graph.operators):
        if operator is Operator.FIXPOINT and graph.payloads[node] == group:
            yield node, graph.operands[node][0]


def _bound(graph: Graph, node: Node, bounds: dict[Node, Bounds], variables: dict[str, Bounds]) -> Bounds:
    n = _universe(graph)
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
    everything = (1 << _universe(graph) ** 2) - 1
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
    for node, component in _components(graph, group):
        bounds[node] = current[xs[component]]


@lru_cache(maxsize=512)
def _compiled(source: str) -> CodeType:
    """Tests have the same code over and over, with other constants."""
    return compile(source, "<model>", "exec")


class _Emitter:
    """Writes the straight-line code of a set of nodes."""

    def __init__(self, graph: Graph, bounds: Mapping[Node, Bounds], deadline: Deadline, *, exact: bool) -> None:
        self.graph = graph
        self.bounds = bounds
        self.deadline = deadline
        self.exact = exact
        self.n = _universe(graph)
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
        if not nodes:
            return _nothing
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
        group = _group(self.graph, node)
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
        self.names = {**outside, **{m: f"x{xs[component]}" for m, component in _components(self.graph, group)}}

    def _stop_at_repetition(self, seen: str, xs: tuple[Node, ...], indent: str) -> None:
        """Raise an error where equations that are not monotone come round to values that they had before."""
        state = f"({''.join(f'x{x}, ' for x in xs)})"
        error = f"UNSETTLED({self._table(self.graph)}, {xs!r})"
        self.lines.append(f"{indent}if {state} in {seen}: raise {error}")
        self.lines.append(f"{indent}{seen}.add({state})")

    def _hoist(self, xs: tuple[Node, ...], bodies: tuple[Node, ...], indent: str) -> None:
        """Emit what the bodies use and the loop does not change."""
        inside = depending(self.graph, reachable(self.graph, bodies), set(xs))
        for node in schedule(self.graph, bodies, _bound_variables(self.graph) - self.names.keys()):
            if node not in inside:
                self._emit(node, indent)


__all__ = ["Compiled", "bound_nodes", "bounds_of", "compile_instance", "compile_values", "later", "passes"]
