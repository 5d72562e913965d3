"""Expressions over sets and relations, folded while they are built.

Leaves are constants and variables. The same graph serves three moments:

* a model as text, all leaves symbolic (no ``universe``);
* a model over one event structure: static leaves are constants, and folding leaves only what depends on rf and co;
* a model over one candidate: everything is constant.
"""

from collections.abc import Callable, Iterator, Mapping

from litmus.dataclass import dataclass
from litmus.deadline import NEVER, Deadline
from litmus.relation import bits
from litmus.relation.node import Node, Nodes, Operator, Sort, free_variables, reachable
from litmus.relation.solve import solve


@dataclass(slots=True)
class Graph(Nodes):
    """Nodes with an operation for each operator of the cat language. Operations on constants give constants."""

    def over(self, universe: int) -> "Graph":
        """Return the graph with these nodes, to which none may be added, over so many events."""
        return Graph(
            universe,
            self.operators,
            self.operands,
            self.sorts,
            self.payloads,
            self.fixpoints,
            self.origins,
            self._known,
        )

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
        return self.node(Operator.UNION, (min(left, right), max(left, right)), sort)

    def intersection(self, left: Node, right: Node) -> Node:
        """``left & right``."""
        sort = self.sorts[left]
        if constants := self._both(left, right):
            return self.constant(constants[0] & constants[1], sort)
        if left == right:
            return left
        if self.value(left) == 0 or self.value(right) == 0:
            return self.empty(sort)
        return self.node(Operator.INTERSECTION, (min(left, right), max(left, right)), sort)

    def difference(self, left: Node, right: Node) -> Node:
        """``left \\ right``."""
        sort = self.sorts[left]
        if constants := self._both(left, right):
            return self.constant(constants[0] & ~constants[1], sort)
        if left == right or self.value(left) == 0:
            return self.empty(sort)
        if self.value(right) == 0:
            return left
        return self.node(Operator.DIFFERENCE, (left, right), sort)

    def sequence(self, left: Node, right: Node) -> Node:
        """``left ; right``."""
        if self.value(left) == 0 or self.value(right) == 0:
            return self.empty(Sort.RELATION)
        if constants := self._both(left, right):
            return self.constant(bits.sequence(*constants, self._n()), Sort.RELATION)
        return self.node(Operator.SEQUENCE, (left, right), Sort.RELATION)

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
        return self.node(Operator.CARTESIAN, (left, right), Sort.RELATION)

    def _fold(self, operator: Operator, operand: Node, sort: Sort, compute: Callable[[int, int], int]) -> Node:
        value = self.value(operand)
        if value == 0:
            return self.empty(sort)
        if value is not None:
            return self.constant(compute(value, self._n()), sort)
        return self.node(operator, (operand,), sort)

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

    def fixpoint(
        self, variables: tuple[Node, ...], bodies: tuple[Node, ...], deadline: Deadline = NEVER
    ) -> tuple[Node, ...]:
        """The least solution of ``variable_i = body_i``, one node for each variable.

        ``variables`` are fresh VARIABLE nodes that occur nowhere but in ``bodies``. A body must use them monotonically
        for the solution to be the least one; evaluation iterates from the empty relations in any case.
        """
        bodies = self._without_empty_components(variables, bodies)
        grown = [(x, b) for x, b in zip(variables, bodies, strict=True) if self.value(b) != 0]
        left = dict(zip((x for x, _ in grown), self._grown(grown, deadline), strict=True))
        return tuple(left.get(x, b) for x, b in zip(variables, bodies, strict=True))

    def _grown(self, equations: list[tuple[Node, Node]], deadline: Deadline) -> tuple[Node, ...]:
        """The solution of equations none of which is known to be empty."""
        variables, bodies = tuple(x for x, _ in equations), tuple(b for _, b in equations)
        if set(variables).isdisjoint(reachable(self, bodies)):
            return bodies
        if len(equations) == 1 and (closed := self._as_closure(*equations[0])) is not None:
            return (closed,)
        solution = self._constant_fixpoint(variables, bodies, deadline)
        if solution is not None:
            return tuple(self.constant(v, self.sorts[x]) for v, x in zip(solution, variables, strict=True))
        group = len(self.fixpoints)
        self.fixpoints.append((variables, bodies))
        return tuple(self.node(Operator.FIXPOINT, (i,), self.sorts[x], group) for i, x in enumerate(variables))

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
        twice = self.node(Operator.SEQUENCE, (variable, variable), Sort.RELATION)
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

    def _constant_fixpoint(
        self, variables: tuple[Node, ...], bodies: tuple[Node, ...], deadline: Deadline
    ) -> tuple[int, ...] | None:
        if self.universe is None:
            return None
        if free_variables(self, variables, bodies):
            return None
        return solve(self, variables, bodies, {}, deadline=deadline)
