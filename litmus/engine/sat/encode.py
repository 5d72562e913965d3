"""A folded model over one event structure as clauses.

Every node has bounds (`relation.bounds.bound_nodes`): what may be in it but need not be has a literal. A check that
fails where something is related needs its literal only wherever that is so (``WHERE``: the operands imply the node);
what is subtracted, or must not be empty, needs it only where that is so (``ONLY``: the node implies its operands). So a
node is written down in the directions in which it is used (D. Plaisted and S. Greenbaum, 1986).
"""

from collections.abc import Iterator
from enum import Flag, auto

from litmus.dataclass import dataclass, field
from litmus.engine.base import NotForSolver
from litmus.engine.sat.acyclic import require_acyclic, some_cycle
from litmus.engine.sat.matrix import Matrix
from litmus.engine.sat.solver import FALSE, TRUE, Literal, Solver
from litmus.relation import bits
from litmus.relation.bounding import Bounds
from litmus.relation.bounds import in_turn, settled
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Check
from litmus.relation.node import Node, Operator, group_of, is_monotone, universe_of


class Direction(Flag):
    """In which direction a node's literals follow its operands'."""

    WHERE = auto()
    ONLY = auto()


Ways = dict[int, list[tuple[Literal, ...]]]
"""For bits of a node the conjunctions of literals any of which puts it there."""


def turned(direction: Direction) -> Direction:
    """Return the direction in which something subtracted is used."""
    found = Direction(0)
    if Direction.WHERE in direction:
        found |= Direction.ONLY
    if Direction.ONLY in direction:
        found |= Direction.WHERE
    return found


@dataclass(slots=True)
class Encoder:
    """Writes nodes of a graph as clauses, each once."""

    solver: Solver
    graph: Graph
    bounds: dict[Node, Bounds]
    variables: dict[str, Matrix]
    """The literals of rf and co."""
    inexact: bool = False
    """Whether some node's literals may be true where the node is not: of a recursive definition used as `ONLY`."""
    _directions: dict[Node, Direction] = field(default_factory=dict)
    _done: dict[Node, Matrix] = field(default_factory=dict)

    def prepare(self, axiom: Axiom, *, fails: bool) -> None:
        """Tell that a check will be asked for, and from which side; its own negation apart."""
        self._use(axiom.node, Direction.ONLY if fails else Direction.WHERE)

    def _use(self, root: Node, direction: Direction) -> None:
        work = [(root, direction)]
        while work:
            node, asked = work.pop()
            known = self._directions.get(node, Direction(0))
            if asked in known and asked:
                continue
            self._directions[node] = known | asked
            if settled(self.bounds, node):
                continue
            match self.graph.operators[node]:
                case Operator.DIFFERENCE:
                    left, right = self.graph.operands[node]
                    work += [(left, asked), (right, turned(asked))]
                case Operator.FIXPOINT:
                    group = group_of(self.graph, node)
                    if not is_monotone(self.graph, group):
                        raise NotForSolver("a recursive definition subtracts what it defines")
                    work += [(body, asked) for body in self.graph.fixpoints[group][1]]
                    for variable in self.graph.fixpoints[group][0]:
                        self._directions[variable] = self._directions.get(variable, Direction(0)) | asked
                case _:
                    work += [(operand, asked) for operand in self.graph.operands[node]]

    def require(self, axiom: Axiom) -> None:
        """Add that an execution passes a check, which has been prepared."""
        relation = self.matrix(axiom.node)
        if axiom.negated:
            self.solver.add(self.outcome(axiom, fails=True))
        elif axiom.check is Check.ACYCLIC:
            require_acyclic(self.solver, relation, self._n)
        else:
            for literal in self._offending(axiom, relation):
                self.solver.add(-literal)

    def outcome(self, axiom: Axiom, *, fails: bool) -> Literal:
        """Return a literal that is true only where a check, its own negation apart, fails or holds, and may be true
        wherever it does. It has been prepared from that side."""
        relation = self.matrix(axiom.node)
        match axiom.check, fails:
            case Check.ACYCLIC, True:
                return some_cycle(self.solver, relation, self._n)
            case Check.ACYCLIC, False:
                found = self.solver.variable()
                require_acyclic(self.solver, relation, self._n, -found)
                return found
            case _, True:
                return self.solver.disjunction(self._offending(axiom, relation))
            case _:
                return self.solver.conjunction(-literal for literal in self._offending(axiom, relation))

    def stated(self) -> Iterator[tuple[Node, Matrix, Direction]]:
        """Yield the nodes that have been written down, with their literals and the direction in which these follow."""
        for node, matrix in self._done.items():
            yield node, matrix, self._directions.get(node, Direction(0))

    def _offending(self, axiom: Axiom, relation: Matrix) -> list[Literal]:
        n = self._n
        return [literal for bit, literal in relation.items() if axiom.check is Check.EMPTY or bit // n == bit % n]

    @property
    def _n(self) -> int:
        return universe_of(self.graph)

    def matrix(self, root: Node) -> Matrix:
        """Return the literals of a node."""
        for node in in_turn(self.graph, self.bounds, root, self._done):
            self.solver.deadline.check()
            self._done[node] = self._encode(node)
        return self._done[root]

    def _encode(self, node: Node) -> Matrix:
        low, high = self.bounds[node]
        if low == high:
            return Matrix(low)
        match self.graph.operators[node]:
            case Operator.VARIABLE:
                name = self.graph.payloads[node]
                assert isinstance(name, str)
                return self.variables[name]
            case Operator.FIXPOINT:
                self._fixpoint(group_of(self.graph, node))
                return self._done[self.graph.fixpoints[group_of(self.graph, node)][0][self.graph.operands[node][0]]]
            case Operator.CLOSURE:
                return self._closure(node)
            case _:
                return self._simple(node)

    def _simple(self, node: Node) -> Matrix:
        """A node each of whose bits is true where one of some conjunctions of literals of its operands is."""
        low, high = self.bounds[node]
        operands = [self._done[operand] for operand in self.graph.operands[node]]
        ways: Ways = {bit: [] for bit in bits.members(high & ~low)}
        match self.graph.operators[node]:
            case Operator.SEQUENCE:
                _sequences(operands[0].rows(self._n), operands[1].rows(self._n), self._n, ways)
            case (Operator.DOMAIN | Operator.CODOMAIN) as operator:
                _projections(operands[0], self._n, operator is Operator.DOMAIN, ways)
            case operator:
                ways = {bit: _ways(operator, operands, bit, self._n) for bit in ways}
        direction = self._directions[node]
        return Matrix(low, {bit: self._either(found, direction) for bit, found in ways.items()})

    def _either(self, ways: list[tuple[Literal, ...]], direction: Direction) -> Literal:
        """Return a literal for: all literals of one of these are true."""
        distinct = list(dict.fromkeys(tuple(x for x in way if x != TRUE) for way in ways if FALSE not in way))
        if () in distinct:
            return TRUE
        if not distinct:
            return FALSE
        if len(distinct) == 1 and len(distinct[0]) == 1:
            return distinct[0][0]
        found = self.solver.variable()
        if Direction.WHERE in direction:
            for way in distinct:
                self.solver.add(found, *(-literal for literal in way))
        if Direction.ONLY in direction:
            self.solver.add(-found, *(self.solver.conjunction(way) for way in distinct))
        return found

    def _closure(self, node: Node) -> Matrix:
        """The transitive closure: used as `WHERE`, whatever extends it; as `ONLY`, by ways of 1, 2, 4, 8 … steps."""
        low, high = self.bounds[node]
        relation = self._done[self.graph.operands[node][0]]
        if Direction.ONLY not in self._directions[node]:
            return self._closed(low, high, relation)
        n, length = self._n, 1
        while length < n:
            relation = self._doubled(relation, low, high, self._directions[node])
            length *= 2
        return relation

    def _closed(self, low: int, high: int, relation: Matrix) -> Matrix:
        n = self._n
        closed = Matrix(low, {bit: self.solver.variable() for bit in bits.members(high & ~low)})
        for bit, literal in relation.items():
            self.solver.add(-literal, closed.literal(bit))
        step = relation.rows(n)
        for bit, literal in closed.items():
            origin, middle = divmod(bit, n)
            for to, edge in step[middle].items():
                target = closed.literal(origin * n + to)
                if target != TRUE:
                    self.solver.add(-literal, -edge, target)
        return closed

    def _doubled(self, relation: Matrix, low: int, high: int, direction: Direction) -> Matrix:
        n = self._n
        ways: Ways = {bit: [(relation.literal(bit),)] for bit in bits.members(high & ~low)}
        rows = relation.rows(n)
        _sequences(rows, rows, n, ways)
        return Matrix(low, {bit: self._either(found, direction) for bit, found in ways.items()})

    def _fixpoint(self, group: int) -> None:
        """A recursive definition: whatever its bodies give is in it. That nothing else is, is left open: `inexact`."""
        variables, bodies = self.graph.fixpoints[group]
        for variable in variables:
            low, high = self.bounds[variable]
            self._done[variable] = Matrix(low, {bit: self.solver.variable() for bit in bits.members(high & ~low)})
            if Direction.ONLY in self._directions[variable] and low != high:
                self.inexact = True
        for variable, body in zip(variables, bodies, strict=True):
            found = self._done[variable]
            for bit, literal in self.matrix(body).items():
                self.solver.add(-literal, found.literal(bit))


def _ways(operator: Operator, operands: list[Matrix], bit: int, n: int) -> list[tuple[Literal, ...]]:
    """Return in which ways a bit comes to be in a node whose operands' bits are few and known."""
    row, column = divmod(bit, n)
    match operator:
        case Operator.UNION:
            return [(operand.literal(bit),) for operand in operands]
        case Operator.INTERSECTION:
            return [tuple(operand.literal(bit) for operand in operands)]
        case Operator.DIFFERENCE:
            return [(operands[0].literal(bit), -operands[1].literal(bit))]
        case Operator.INVERSE:
            return [(operands[0].literal(column * n + row),)]
        case Operator.CARTESIAN:
            return [(operands[0].literal(row), operands[1].literal(column))]
        case Operator.IDENTITY:
            return [(operands[0].literal(row),)]
        case _:
            raise AssertionError(operator)


def _projections(relation: Matrix, n: int, domain: bool, ways: Ways) -> None:
    """Add the ways from pairs of a relation to their first or second events."""
    for pair, literal in relation.items():
        bit = pair // n if domain else pair % n
        if bit in ways:
            ways[bit].append((literal,))


def _sequences(left: list[dict[int, Literal]], right: list[dict[int, Literal]], n: int, ways: Ways) -> None:
    """Add the ways from one event to another by a pair of each relation, where they are asked for."""
    for origin, row in enumerate(left):
        base = origin * n
        for middle, first in row.items():
            for to, second in right[middle].items():
                found = ways.get(base + to)
                if found is not None:
                    found.append((first, second))
