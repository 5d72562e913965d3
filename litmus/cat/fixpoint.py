"""``let rec``: recursive functions, and least solutions of equations between sets and relations.

herd7 starts from empty sets and evaluates the equations one after the other, each with the newest values, until none
grows (lib/interpreter.ml, env_rec_vals). `Graph.fixpoint` keeps that order, which matters where an equation is not
monotone, as in the matching of RCU critical sections.
"""

from typing import Protocol

from litmus.cat.ast import Binding, Expression, Lambda
from litmus.cat.bind import named
from litmus.cat.operate import NeedsMembers, Operand, Operators
from litmus.cat.value import (
    Collection,
    Empty,
    Environment,
    EventSet,
    Function,
    OneEvent,
    OnePair,
    Relation,
    Universe,
    Value,
    describe,
)
from litmus.errors import ModelError
from litmus.relation.node import Node, Sort, reachable


class Evaluator(Protocol):
    """What is needed of `cat.evaluate.Evaluator` here."""

    operators: Operators

    def evaluate(self, expression: Expression, environment: Environment) -> Value:
        """Return the value of an expression."""


def define_recursively(evaluator: Evaluator, bindings: tuple[Binding, ...], environment: Environment) -> Environment:
    """Return the scope with the bindings of a ``let rec``."""
    functions = tuple(b for b in bindings if isinstance(b.value, Lambda))
    equations = tuple(b for b in bindings if not isinstance(b.value, Lambda))
    if not equations:
        return _with_functions(functions, environment)
    system = _System(evaluator, functions, equations, environment)
    try:
        return system.solve_symbolically()
    except NeedsMembers as need:
        if evaluator.operators.graph.universe is None or not system.depends_on_itself(need.node):
            raise
        return system.solve_step_by_step()


def _with_functions(functions: tuple[Binding, ...], environment: Environment) -> Environment:
    """Functions see themselves and each other: their scope is completed after they are made."""
    scope = dict(environment)
    for binding in functions:
        assert isinstance(binding.value, Lambda)
        if binding.pattern.spread or binding.pattern.names[0] is None:
            raise ModelError("a recursive function needs one name", binding.span)
        function = binding.value
        scope[binding.pattern.names[0]] = Function(function.parameter, function.body, scope, function.name)
    return scope


class _System:
    """The equations of one ``let rec``, flattened to one name each."""

    def __init__(
        self,
        evaluator: Evaluator,
        functions: tuple[Binding, ...],
        equations: tuple[Binding, ...],
        environment: Environment,
    ) -> None:
        self.evaluator = evaluator
        self.graph = evaluator.operators.graph
        self.functions = functions
        self.equations = equations
        self.environment = environment
        self.variables: dict[str, Node] = {}
        self.names = [name for b in equations for name in b.pattern.names if name is not None]

    def solve_symbolically(self) -> Environment:
        """Make the solutions nodes of the graph.

        What is a set and what a relation shows when the equations are evaluated over ``{}``, which is either.
        """
        while True:
            values = self._evaluate({name: self._variable(name) for name in self.names})
            if not self._learn(values):
                break
        if any(not isinstance(values[name], Empty) for name in self.names if name not in self.variables):
            return self.solve_step_by_step()
        nodes = tuple(self._node(name, values[name]) for name in self.variables)
        solutions = self.graph.fixpoint(tuple(self.variables.values()), nodes)
        solved: dict[str, Value] = {name: values[name] for name in self.names if name not in self.variables}
        for (name, variable), solution in zip(self.variables.items(), solutions, strict=True):
            is_set = self.graph.sorts[variable] is Sort.SET
            solved[name] = EventSet(solution) if is_set else Relation(solution)
        return self._scope(solved)

    def _variable(self, name: str) -> Value:
        node = self.variables.get(name)
        if node is None:
            return Empty()
        return EventSet(node) if self.graph.sorts[node] is Sort.SET else Relation(node)

    def _learn(self, values: dict[str, Value]) -> bool:
        """Make variables for the names whose kind has just shown; tell whether there were any."""
        learned = False
        for name in self.names:
            sort = _sort(values[name])
            if name in self.variables or sort is None:
                continue
            learned = True
            self.variables[name] = self.graph.variable(f"{name}#{len(self.graph.operators)}", sort)
        return learned

    def _node(self, name: str, value: Value) -> Node:
        binding = next(b for b in self.equations if name in b.pattern.names)
        if self.graph.sorts[self.variables[name]] is Sort.SET:
            return self.evaluator.operators.events(value, binding.value.span)
        return self.evaluator.operators.relation(value, binding.value.span)

    def _scope(self, values: dict[str, Value]) -> Environment:
        return _with_functions(self.functions, {**self.environment, **values})

    def _evaluate(self, values: dict[str, Value]) -> dict[str, Value]:
        scope = self._scope(values)
        found: dict[str, Value] = {}
        for binding in self.equations:
            value = self.evaluator.evaluate(binding.value, scope)
            found |= named(binding.pattern, value, binding.value.span)
        return found

    def depends_on_itself(self, node: Node | None) -> bool:
        """Whether a node depends on the unknowns of the system."""
        return node is not None and not set(self.variables.values()).isdisjoint(reachable(self.graph, (node,)))

    def solve_step_by_step(self) -> Environment:
        """Iterate on values: needed where an equation takes apart what is being defined."""
        values: dict[str, Value] = {name: Empty() for name in self.names}
        seen: set[tuple[Value, ...]] = set()
        while True:
            following = dict(values)
            for binding in self.equations:
                value = self.evaluator.evaluate(binding.value, self._scope(following))
                following |= named(binding.pattern, value, binding.value.span)
            if all(self._within(following[name], values[name]) for name in self.names):
                return self._scope(following)
            state = tuple(following.values())
            if state in seen:
                raise ModelError("this recursion does not settle", self.equations[0].span)
            seen.add(state)
            values = following

    def _within(self, new: Value, old: Value) -> bool:
        if not isinstance(new, Empty | Universe | EventSet | Relation | Collection):
            raise ModelError(f"recursion over {describe(new)}", self.equations[0].span)
        span = self.equations[0].span
        return self.evaluator.operators.subset(Operand(new, span), Operand(old, span))


def _sort(value: Value) -> Sort | None:
    match value:
        case EventSet() | OneEvent():
            return Sort.SET
        case Relation() | OnePair() | Universe():
            return Sort.RELATION
        case _:
            return None
