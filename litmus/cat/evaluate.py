"""Expressions of the cat language to values.

Calls in tail position are loops, so that recursion over long sets needs no stack.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from litmus.cat.ast import (
    Application,
    Binary,
    BinaryOperator,
    Binding,
    Both,
    Compare,
    Comparison,
    Condition,
    Conditional,
    Either,
    Everything,
    Expression,
    IdentityOn,
    Lambda,
    LetIn,
    MatchSet,
    MatchTag,
    Name,
    Negation,
    Nothing,
    SetLiteral,
    TagLiteral,
    Try,
    TupleOf,
    Unary,
    UnaryOperator,
    VariantSet,
    VariantTest,
)
from litmus.cat.bind import bind, bind_lazily
from litmus.cat.fixpoint import define_recursively
from litmus.cat.operate import NeedsMembers, Operand, Operators
from litmus.cat.value import (
    Environment,
    Function,
    Primitive,
    Relation,
    Tag,
    Thunk,
    TupleValue,
    Universe,
    Value,
    describe,
)
from litmus.deadline import NEVER, Deadline
from litmus.errors import LitmusError, ModelError, UnknownNameError, did_you_mean
from litmus.relation.model import NeedsReadsFrom
from litmus.relation.node import Sort
from litmus.source import Span

_TURN_LIMIT = 1_000_000
"""Calls in tail position after which a recursion is taken to be endless."""

Clause = TypeVar("Clause")


_STRICT_IN_EMPTY = frozenset({BinaryOperator.SEQUENCE, BinaryOperator.INTERSECTION, BinaryOperator.DIFFERENCE})
"""Operators that give nothing where the left operand is empty, whatever the right one is."""


class EndlessError(ModelError):
    """A recursion that does not end. ``try`` does not catch it: each level would start another."""


class InitialNames(Protocol):
    """The names that are there before the first statement of a model."""

    def find(self, name: str) -> Value | None:
        """Return what the name denotes, None where it is not known."""

    def known(self) -> list[str]:
        """Return all names there are, for hints."""


class Evaluator:
    """Evaluates expressions over one graph."""

    def __init__(
        self, operators: Operators, initial: InitialNames, variants: frozenset[str], deadline: Deadline = NEVER
    ) -> None:
        self.operators = operators
        self.initial = initial
        self.variants = variants
        self.deadline = deadline
        self.tags: dict[str, Tag] = {}
        """The tags that enumerations have declared so far."""
        self._evaluators: Mapping[type, Callable[..., Value]] = {
            Name: self._name,
            TagLiteral: self._tag,
            Nothing: self._nothing,
            Everything: lambda e, env: Universe(),
            SetLiteral: self._set_literal,
            IdentityOn: self._identity_on,
            Unary: self._unary,
            Binary: self._binary,
            TupleOf: self._tuple,
            Lambda: lambda e, env: Function(e.parameter, e.body, env, e.name),
            Try: self._try,
        }
        self._unary_operators = {
            UnaryOperator.CLOSURE: operators.closure,
            UnaryOperator.REFLEXIVE_CLOSURE: operators.reflexive_closure,
            UnaryOperator.OPTIONAL: operators.optional,
            UnaryOperator.INVERSE: operators.inverse,
            UnaryOperator.COMPLEMENT: operators.complement,
        }
        self._binary_operators: Mapping[BinaryOperator, Callable[[Operand, Operand, Span], Value]] = {
            BinaryOperator.UNION: operators.union,
            BinaryOperator.ADDITION: operators.addition,
            BinaryOperator.SEQUENCE: lambda left, right, span: operators.sequence(left, right),
            BinaryOperator.DIFFERENCE: operators.difference,
            BinaryOperator.INTERSECTION: operators.intersection,
            BinaryOperator.CARTESIAN: lambda left, right, span: operators.cartesian(left, right),
        }

    def evaluate(self, expression: Expression, environment: Environment) -> Value:
        """Return the value of an expression where ``environment`` is in scope.

        An error inside a function says where the function was called.
        """
        call: Application | None = None
        try:
            for _ in range(_TURN_LIMIT):
                self.deadline.check()
                evaluator = self._evaluators.get(type(expression))
                if evaluator is not None:
                    return evaluator(expression, environment)
                if isinstance(expression, Application):
                    callee, argument = self._call(expression, environment)
                    if isinstance(callee, Primitive):
                        return callee.apply(argument, expression.argument.span, environment)
                    environment = bind(callee.parameter, argument, callee.environment, expression.span)
                    call, expression = call or expression, callee.body
                else:
                    expression, environment = self._chosen(expression, environment)
        except RecursionError:
            raise EndlessError("this recursion does not end, or is too deep", expression.span) from None
        except LitmusError as error:
            if call is not None and error.hint is None:
                error.hint = f"in a call at {call.span.location()}"
            raise
        raise EndlessError("this recursion does not end", expression.span)

    def _call(self, expression: Application, environment: Environment) -> tuple[Function | Primitive, Value]:
        callee = self.evaluate(expression.function, environment)
        argument = self.evaluate(expression.argument, environment)
        if not isinstance(callee, Function | Primitive):
            message = f"a function is due here, but this is {describe(callee)}"
            raise ModelError(message, expression.function.span)
        return callee, argument

    def _chosen(self, expression: Expression, environment: Environment) -> tuple[Expression, Environment]:
        """What a binding or a choice leaves to be evaluated, and in which scope."""
        match expression:
            case LetIn(bindings=bindings, recursive=recursive, body=body):
                return body, self.define(bindings, environment, recursive=recursive)
            case Conditional(condition=condition, positive=positive, negative=negative):
                return (positive if self.holds(condition, environment) else negative), environment
            case MatchTag():
                return self._clause(expression, environment), environment
            case MatchSet():
                return self._set_clause(expression, environment)
            case _:
                raise AssertionError(expression)

    def operand(self, expression: Expression, environment: Environment) -> Operand:
        """Return the value of an expression together with its place."""
        return Operand(self.evaluate(expression, environment), expression.span)

    # Names and definitions

    def lookup(self, name: str, environment: Environment, span: Span) -> Value:
        """Return what a name denotes.

        Raises:
            UnknownNameError: where nothing defines it, with the nearest name as hint.
        """
        found = environment.get(name)
        if found is None:
            found = self.initial.find(name)
        if found is None:
            hint = did_you_mean(name, [*environment, *self.initial.known()])
            raise UnknownNameError(f"unknown name '{name}'", span, hint=hint)
        return found.force() if isinstance(found, Thunk) else found

    def define(self, bindings: tuple[Binding, ...], environment: Environment, *, recursive: bool) -> Environment:
        """Return the scope with the bindings of a ``let``. What is not recursive is evaluated when it is used."""
        if recursive:
            return define_recursively(self, bindings, environment)
        scope = dict(environment)
        for binding in bindings:
            thunk = Thunk(_delayed(self, binding.value, environment))
            bind_lazily(binding.pattern, thunk, scope, binding.span)
        return scope

    def _name(self, expression: Name, environment: Environment) -> Value:
        return self.lookup(expression.name, environment, expression.span)

    def _tag(self, expression: TagLiteral, environment: Environment) -> Value:
        tag = self.tags.get(expression.tag)
        if tag is None:
            hint = did_you_mean(expression.tag, self.tags)
            raise UnknownNameError(f"no enumeration has the tag '{expression.tag}", expression.span, hint=hint)
        return tag

    # Operators

    def _nothing(self, expression: Nothing, environment: Environment) -> Value:
        return Relation(self.operators.graph.empty(Sort.RELATION))

    def _set_literal(self, expression: SetLiteral, environment: Environment) -> Value:
        operands = [self.operand(element, environment) for element in expression.elements]
        return self.operators.set_literal(operands, expression.span)

    def _identity_on(self, expression: IdentityOn, environment: Environment) -> Value:
        return self.operators.identity_on(self.evaluate(expression.operand, environment), expression.operand.span)

    def _unary(self, expression: Unary, environment: Environment) -> Value:
        value = self.evaluate(expression.operand, environment)
        return self._unary_operators[expression.operator](value, expression.operand.span)

    def _binary(self, expression: Binary, environment: Environment) -> Value:
        left = self.operand(expression.left, environment)
        try:
            right = self.operand(expression.right, environment)
        except (NeedsMembers, NeedsReadsFrom):
            if expression.operator in _STRICT_IN_EMPTY and self.operators.is_empty(left.value):
                return left.value
            raise
        return self._binary_operators[expression.operator](left, right, expression.span)

    def _tuple(self, expression: TupleOf, environment: Environment) -> Value:
        return TupleValue(tuple(self.evaluate(item, environment) for item in expression.items))

    def _try(self, expression: Try, environment: Environment) -> Value:
        try:
            return self.evaluate(expression.attempt, environment)
        except EndlessError:
            raise
        except LitmusError:
            return self.evaluate(expression.fallback, environment)

    # Choices

    def holds(self, condition: Condition, environment: Environment) -> bool:
        """Decide the condition of an ``if``."""
        if not isinstance(condition, Compare):
            return variant_holds(condition, self.variants)
        left = self.operand(condition.left, environment)
        right = self.operand(condition.right, environment)
        match condition.comparison:
            case Comparison.EQUAL:
                return self.operators.equal(left, right)
            case Comparison.SUBSET:
                return self.operators.subset(left, right)
            case Comparison.MEMBER:
                return self.operators.contains(left, right)

    def _clause(self, expression: MatchTag, environment: Environment) -> Expression:
        value = self.evaluate(expression.subject, environment)
        return chosen_clause(value, expression.clauses, expression.default, expression.subject.span)

    def _set_clause(self, expression: MatchSet, environment: Environment) -> tuple[Expression, Environment]:
        value = self.evaluate(expression.subject, environment)
        parts = self.operators.split(value, expression.subject.span, middle=expression.before is not None)
        if parts is None:
            return expression.empty, environment
        names = (expression.before, expression.element, expression.rest)
        bound = {name: part for name, part in zip(names, parts, strict=True) if name is not None}
        return expression.inductive, {**environment, **bound}


def variant_holds(test: VariantTest, variants: frozenset[str]) -> bool:
    """Decide a test of variants. Their names are compared without regard to case, as herd7 does."""
    match test:
        case VariantSet(name=name):
            return name.casefold() in variants
        case Negation(operand=operand):
            return not variant_holds(operand, variants)
        case Both(left=left, right=right):
            return variant_holds(left, variants) and variant_holds(right, variants)
        case Either(left=left, right=right):
            return variant_holds(left, variants) or variant_holds(right, variants)


def chosen_clause(value: Value, clauses: tuple[tuple[str, Clause], ...], default: Clause | None, span: Span) -> Clause:
    """Return the clause of a ``match`` on tags that the value selects."""
    if not isinstance(value, Tag):
        raise ModelError(f"a tag is due here, but this is {describe(value)}", span)
    chosen = dict(reversed(clauses)).get(value.name, default)
    if chosen is None:
        raise ModelError(f"no clause matches the tag '{value.name}", span)
    return chosen


def _delayed(evaluator: Evaluator, expression: Expression, environment: Environment) -> Callable[[], Value]:
    return lambda: evaluator.evaluate(expression, environment)
