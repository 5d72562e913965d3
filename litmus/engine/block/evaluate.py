"""The checks of a model over many candidates at once.

A node is worked out where its bounds leave it open and where some check can see it: what is asked of a node tells what
is asked of its operands.
"""

from collections.abc import Iterable, Mapping

from litmus.dataclass import dataclass, field
from litmus.deadline import Deadline
from litmus.engine.block.choice import NotInBlocks
from litmus.engine.block.grid import Grid, Wanted, cyclic
from litmus.engine.block.space import Table, union
from litmus.relation import bits
from litmus.relation.bounding import Bounds
from litmus.relation.bounds import in_turn, settled
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Check, passes
from litmus.relation.node import Node, Operator, depending, group_of, is_monotone, reachable, universe_of


@dataclass(slots=True)
class Evaluator:
    """Evaluates nodes of a graph for all candidates that ``variables``, rf and co, have."""

    graph: Graph
    bounds: Mapping[Node, Bounds]
    variables: Mapping[str, Grid]
    full: Table
    deadline: Deadline
    _asked: dict[Node, int] = field(default_factory=dict)
    _done: dict[Node, Grid] = field(default_factory=dict)
    n: int = field(init=False)

    def __post_init__(self) -> None:
        self.n = universe_of(self.graph)

    def prepare(self, axioms: Iterable[Axiom]) -> None:
        """Find out what has to be known of each node to judge these checks.

        Raises:
            NotInBlocks: where a recursive definition subtracts itself or holds another one.
        """
        for axiom in axioms:
            self._ask(axiom.node, self._seen(axiom))
        roots = tuple(self._asked)
        for node in reversed(reachable(self.graph, roots)):
            asked = self._asked.get(node, 0)
            if asked and not settled(self.bounds, node):
                for operand, part in self._parts(node, asked):
                    self._ask(operand, part)

    def _seen(self, axiom: Axiom) -> int:
        """What of its node a check looks at."""
        n, high = self.n, self.bounds[axiom.node][1]
        match axiom.check:
            case Check.EMPTY:
                return high
            case Check.IRREFLEXIVE:
                return high & bits.identity(n)
            case Check.ACYCLIC:
                return high & _within(high, n)

    def settles(self, axiom: Axiom) -> bool:
        """Whether a check has the same outcome in all candidates."""
        return len({passes(axiom, bound, self.n) for bound in self.bounds[axiom.node]}) == 1

    def _ask(self, node: Node, part: int) -> None:
        self._asked[node] = self._asked.get(node, 0) | part & self.bounds[node][1]

    def _parts(self, node: Node, asked: int) -> list[tuple[Node, int]]:
        """What is asked of the operands of a node where this is asked of it."""
        n, operands = self.n, self.graph.operands[node]
        everything = (1 << n) - 1
        match self.graph.operators[node]:
            case Operator.UNION:
                return [(operand, asked) for operand in operands]
            case Operator.INTERSECTION:
                left, right = operands
                return [(left, asked & self.bounds[right][1]), (right, asked & self.bounds[left][1])]
            case Operator.DIFFERENCE:
                left, right = operands
                return [(left, asked & ~self.bounds[right][0]), (right, asked & self.bounds[left][1])]
            case Operator.SEQUENCE:
                left, right = operands
                before, after = bits.inverse(self.bounds[left][1], n), bits.inverse(self.bounds[right][1], n)
                return [(left, bits.sequence(asked, after, n)), (right, bits.sequence(before, asked, n))]
            case Operator.INVERSE:
                return [(operands[0], bits.inverse(asked, n))]
            case Operator.CLOSURE:
                back = bits.inverse(self.bounds[node][1], n) | bits.identity(n)
                return [(operands[0], bits.sequence(back, bits.sequence(asked, back, n), n))]
            case Operator.CARTESIAN:
                return [(operands[0], bits.domain(asked, n)), (operands[1], bits.codomain(asked, n))]
            case Operator.IDENTITY:
                return [(operands[0], bits.domain(asked, n))]
            case Operator.DOMAIN:
                return [(operands[0], bits.rows_of(asked, n))]
            case Operator.CODOMAIN:
                return [(operands[0], bits.cartesian(everything, asked, n))]
            case Operator.FIXPOINT:
                return [(body, self.bounds[body][1]) for body in self._group(node)]
            case _:
                return []

    def _group(self, node: Node) -> tuple[Node, ...]:
        """The bodies of a recursive definition."""
        group = group_of(self.graph, node)
        variables, bodies = self.graph.fixpoints[group]
        inside = depending(self.graph, reachable(self.graph, bodies), set(variables))
        nested = any(self.graph.operators[x] is Operator.FIXPOINT and group_of(self.graph, x) != group for x in inside)
        if nested or not is_monotone(self.graph, group):
            raise NotInBlocks
        return bodies

    def passed(self, axiom: Axiom) -> Table:
        """Return where a check passes, which has been prepared."""
        if self.settles(axiom):
            return self.full if passes(axiom, self.bounds[axiom.node][0], self.n) else 0
        failed = self._failed(axiom)
        return failed if axiom.negated else self.full ^ failed

    def _failed(self, axiom: Axiom) -> Table:
        """Where a check, its negation apart, fails."""
        relation, seen = self.grid(axiom.node), self._seen(axiom)
        if axiom.check is Check.ACYCLIC:
            return cyclic(relation, seen, self.n, self.full, self.deadline.check)
        if relation.sure & seen:
            return self.full
        return union([table for bit, table in relation.open.items() if seen >> bit & 1])

    def grid(self, root: Node) -> Grid:
        """Return a node, as far as it has been asked for."""
        for node in in_turn(self.graph, self.bounds, root, self._done):
            self._done[node] = self._computed(node)
        return self._done[root]

    def _computed(self, node: Node) -> Grid:
        self.deadline.check()
        low, high = self.bounds[node]
        if low == high:
            return Grid(low)
        match self.graph.operators[node]:
            case Operator.VARIABLE:
                name = self.graph.payloads[node]
                assert isinstance(name, str)
                return self.variables[name]
            case Operator.FIXPOINT:
                return self._solved(node)
            case operator:
                wanted = Wanted(self.n, self.full, low, self._asked.get(node, 0) & high & ~low)
                return self._applied(operator, [self._done[o] for o in self.graph.operands[node]], wanted)

    def _applied(self, operator: Operator, operands: list[Grid], wanted: Wanted) -> Grid:
        n = self.n
        match operator:
            case Operator.UNION:
                return wanted.union(*operands)
            case Operator.INTERSECTION:
                return wanted.intersection(*operands)
            case Operator.DIFFERENCE:
                return wanted.difference(*operands)
            case Operator.SEQUENCE:
                return wanted.sequence(*operands)
            case Operator.CARTESIAN:
                return wanted.cartesian(*operands)
            case Operator.CLOSURE:
                return wanted.closure(operands[0], self.deadline.check)
            case Operator.INVERSE:
                return wanted.moved(operands[0], lambda bit: bit % n * n + bit // n)
            case Operator.IDENTITY:
                return wanted.moved(operands[0], lambda bit: bit * (n + 1))
            case Operator.DOMAIN:
                return wanted.moved(operands[0], lambda bit: bit // n)
            case _:
                assert operator is Operator.CODOMAIN
                return wanted.moved(operands[0], lambda bit: bit % n)

    def _solved(self, node: Node) -> Grid:
        """A recursive definition, from the least that it is, until its bodies give nothing more."""
        group = group_of(self.graph, node)
        variables, bodies = self.graph.fixpoints[group]
        inside = depending(self.graph, reachable(self.graph, bodies), set(variables))
        current = [Grid(self.bounds[x][0]) for x in variables]
        while True:
            for known in inside:
                self._done.pop(known, None)
            self._done |= dict(zip(variables, current, strict=True))
            following = [self._grown(old, self.grid(body)) for old, body in zip(current, bodies, strict=True)]
            if all(old.open == new.open for old, new in zip(current, following, strict=True)):
                break
            current = following
        for known in inside:
            self._done.pop(known, None)
        return current[self.graph.operands[node][0]]

    def _grown(self, old: Grid, body: Grid) -> Grid:
        """What a body gives for its variable."""
        return Grid(old.sure, {**dict.fromkeys(bits.members(body.sure & ~old.sure), self.full), **body.open})


def _within(relation: int, n: int) -> int:
    """Return the pairs that can be on a cycle."""
    return sum(together << place for _, place, together in bits.cyclic_rows(relation, n))
