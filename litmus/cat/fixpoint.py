"""``let rec``: recursive functions, and least solutions of equations between sets and relations.

herd7 starts from empty sets and evaluates the equations one after the other, each with the newest values, until none
grows (lib/interpreter.ml, env_rec_vals). `Graph.fixpoint` keeps that order, which matters where an equation is not
monotone, as in the matching of RCU critical sections. At the start an unknown is ``{}``, neither a set nor a relation;
an equation that makes ``_`` of it (``a = ~a``) does not tell either, and is an error there as here.
"""

from typing import Protocol

from litmus.cat.ast import Binding, Expression, Lambda
from litmus.cat.bind import named
from litmus.cat.operate import NeedsMembers, Operand, Operators
from litmus.cat.value import (
    ClassRelation,
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
from litmus.relation.solve import unsettled_names


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
        learned = True
        while learned:
            values, learned = self._turn()
        if any(not isinstance(values[name], Empty) for name in self.names if name not in self.variables):
            return self.solve_step_by_step()
        # In the order of the equations, not of learning: it matters where they are not monotone.
        unknown = [name for name in self.names if name in self.variables]
        bodies = tuple(self._node(name, values[name]) for name in unknown)
        solutions = self.graph.fixpoint(tuple(self.variables[name] for name in unknown), bodies)
        solved: dict[str, Value] = {name: values[name] for name in self.names if name not in self.variables}
        for name, solution in zip(unknown, solutions, strict=True):
            is_set = self.graph.sorts[self.variables[name]] is Sort.SET
            solved[name] = EventSet(solution) if is_set else Relation(solution)
        return self._scope(solved)

    def _variable(self, name: str) -> Value:
        node = self.variables.get(name)
        if node is None:
            return Empty()
        return EventSet(node) if self.graph.sorts[node] is Sort.SET else Relation(node)

    def _turn(self) -> tuple[dict[str, Value], bool]:
        """Evaluate the equations in their order; make variables for the names whose kind shows, and tell whether there
        were any."""
        scope = {name: self._variable(name) for name in self.names}
        found: dict[str, Value] = {}
        known = len(self.variables)
        for binding in self.equations:
            value = self.evaluator.evaluate(binding.value, self._scope(scope))
            for name, part in named(binding.pattern, value, binding.value.span).items():
                found[name] = part
                self._learn(name, part, binding)
                scope[name] = self._variable(name)
        return found, len(self.variables) > known

    def _learn(self, name: str, value: Value, binding: Binding) -> None:
        """Make a variable for a name whose kind has just shown."""
        sort = _sort(value)
        if name in self.variables or sort is None:
            if name not in self.variables and isinstance(value, Universe):
                raise _undecided(name, binding)
            return
        variable = f"{name}#{len(self.graph.operators)}"
        self.variables[name] = self.graph.variable(variable, sort)
        self.graph.origins[variable] = (name, binding.span)

    def _node(self, name: str, value: Value) -> Node:
        binding = next(b for b in self.equations if name in b.pattern.names)
        if self.graph.sorts[self.variables[name]] is Sort.SET:
            return self.evaluator.operators.events(value, binding.value.span)
        return self.evaluator.operators.relation(value, binding.value.span)

    def _scope(self, values: dict[str, Value]) -> Environment:
        return _with_functions(self.functions, {**self.environment, **values})

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
            if all(self._within(name, following[name], values[name]) for name in self.names):
                return self._scope(following)
            state = tuple(following.values())
            if state in seen:
                raise unsettled_names(self.names, self.equations[0].span)
            seen.add(state)
            values = following

    def _within(self, name: str, new: Value, old: Value) -> bool:
        binding = next(b for b in self.equations if name in b.pattern.names)
        if isinstance(new, Empty) or isinstance(old, Universe):
            return True
        if isinstance(new, Universe) and isinstance(old, Empty):
            raise _undecided(name, binding)
        if not isinstance(new, Universe | EventSet | Relation | Collection | ClassRelation):
            raise ModelError(f"recursion over {describe(new)}", binding.span)
        return self.evaluator.operators.subset(Operand(new, binding.span), Operand(old, binding.span))


def _sort(value: Value) -> Sort | None:
    match value:
        case EventSet() | OneEvent():
            return Sort.SET
        case Relation() | OnePair():
            return Sort.RELATION
        case _:
            return None


def _undecided(name: str, binding: Binding) -> ModelError:
    message = f"the recursion of '{name}' starts from '_', which tells neither a set of events nor a relation"
    return ModelError(message, binding.span, hint="intersect it with what it is part of")
