"""Statements of the cat language: from a file to the checks and definitions of a model.

`with x from s` splits the rest of the model, once for each element of s; everything else is one pass over the
statements. What is left to do is a linked list, so that procedures, loops and includes need no recursion.
"""

from collections.abc import Callable
from typing import TypeAlias

from litmus.cat.bind import bind
from litmus.cat.evaluate import Evaluator, chosen_clause, variant_holds
from litmus.cat.monotone import first_subtracted
from litmus.cat.operate import NeedsMembers
from litmus.cat.statement import (
    Call,
    CheckOf,
    Debug,
    Enumeration,
    File,
    ForAll,
    IfVariant,
    Include,
    Instructions,
    Let,
    MatchStatement,
    ProcedureOf,
    Show,
    ShowAs,
    Statement,
    Unshow,
    WithFrom,
)
from litmus.cat.value import (
    ClassRelation,
    Collection,
    Empty,
    Environment,
    EventSet,
    OneEvent,
    Procedure,
    Relation,
    Tag,
    Thunk,
    Value,
    describe,
    kind_of,
)
from litmus.dataclass import dataclass, field, replace
from litmus.errors import LitmusError, ModelError
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Check, Effect, NeedsReadsFrom, passes
from litmus.relation.node import Node, Sort
from litmus.source import Span

_DEPTH_LIMIT = 1000
"""Calls of procedures inside each other after which a recursion is taken to be endless."""

_SIMPLE = (Let, CheckOf, Show, ShowAs, Unshow, ProcedureOf, Debug, Enumeration, Instructions)
"""Statements after which the next one in the text follows."""

Rest: TypeAlias = "tuple[Statement | _Restore, Rest] | None"


@dataclass(frozen=True, slots=True)
class _Restore:
    """What comes at the end of a procedure or of a turn of a loop: the old scope."""

    environment: Environment
    outer: "State"


@dataclass(frozen=True, slots=True)
class State:
    """How far a model has come. ``defined`` are the names that statements have defined, in order."""

    environment: Environment
    axioms: tuple[Axiom, ...] = ()
    defined: tuple[str, ...] = ()
    shown: dict[str, Node | None] = field(default_factory=dict)
    """What is shown: None for a definition by its own name, a node for ``show e as x``."""
    checked_as: str | None = None
    """The name of the call that unnamed checks belong to."""
    called: Span | None = None
    """The outermost call of a procedure that is under way, and how many are."""
    depth: int = 0


def execute(
    evaluator: Evaluator,
    files: tuple[File, ...],
    included: Callable[[Include], File],
    environment: Environment,
    to_first_failure: bool = False,
) -> list[State]:
    """Run the statements of files one after the other; return one final state for each combination of choices.

    With ``to_first_failure`` a check that fails ends the run.
    """
    rest: Rest = None
    for file in reversed(files):
        rest = _before(file.statements, rest)
    return _Executor(evaluator, included, to_first_failure).run(State(environment), rest)


def _before(statements: tuple[Statement, ...], rest: Rest) -> Rest:
    for statement in reversed(statements):
        rest = (statement, rest)
    return rest


class _Executor:
    def __init__(self, evaluator: Evaluator, included: Callable[[Include], File], to_first_failure: bool) -> None:
        self.evaluator = evaluator
        self.to_first_failure = to_first_failure
        self.operators = evaluator.operators
        self.included = included

    def run(self, state: State, rest: Rest) -> list[State]:
        """Execute what is left."""
        while rest is not None:
            item, rest = rest
            match item:
                case _Restore(environment, outer):
                    state = replace(state, environment=environment, checked_as=outer.checked_as)
                    state = replace(state, called=outer.called, depth=outer.depth)
                case WithFrom(variable=variable):
                    return [
                        final
                        for choice in self._choices(item, state)
                        for final in self.run(_defining(state, {**state.environment, variable: choice}, variable), rest)
                    ]
                case _:
                    state, rest = self._execute(item, state, rest)
                    if isinstance(item, CheckOf) and self._refuted(state.axioms[-1]):
                        return [state]
        return [state]

    def _execute(self, item: Statement, state: State, rest: Rest) -> tuple[State, Rest]:
        """Execute one statement. An error in a procedure says where it was called."""
        try:
            if isinstance(item, _SIMPLE):
                return self._simple(item, state), rest
            return self._compound(item, state, rest)
        except LitmusError as error:
            if state.called is not None and error.hint is None:
                error.hint = f"in a call at {state.called.location()}"
            raise

    def _simple(self, item: Statement, state: State) -> State:
        match item:
            case Let():
                return self._let(item, state)
            case CheckOf():
                return replace(state, axioms=(*state.axioms, self._axiom(item, state)))
            case Show(names=names):
                return replace(state, shown=state.shown | dict.fromkeys(names))
            case ShowAs():
                return self._shown(item, state)
            case Unshow(names=names):
                return replace(state, shown={k: v for k, v in state.shown.items() if k not in names})
            case ProcedureOf(name=name, parameter=parameter, body=body, recursive=recursive):
                scope = dict(state.environment)
                scope[name] = Procedure(name, parameter, body, scope if recursive else state.environment)
                return replace(state, environment=scope)
            case Enumeration():
                return self._enumerate(item, state)
            case _:
                return state

    def _compound(self, item: Statement, state: State, rest: Rest) -> tuple[State, Rest]:
        match item:
            case Include():
                return state, _before(self.included(item).statements, rest)
            case IfVariant(condition=condition, positive=positive, negative=negative):
                chosen = positive if variant_holds(condition, self.evaluator.variants) else negative
                return state, _before(chosen, rest)
            case MatchStatement(subject=subject, clauses=clauses, default=default):
                value = self.evaluator.evaluate(subject, state.environment)
                return state, _before(chosen_clause(value, clauses, default, subject.span), rest)
            case ForAll():
                return state, self._loop(item, state, rest)
            case Call():
                return self._call(item, state, rest)
            case _:
                raise AssertionError(item)

    # Definitions

    def _let(self, item: Let, state: State) -> State:
        if item.condition is not None and (shrinking := first_subtracted(item)) is not None:
            raise ModelError("'when' of a recursion that subtracts what it defines", shrinking)
        environment = self.evaluator.define(item.bindings, state.environment, recursive=item.recursive)
        names = tuple(name for b in item.bindings for name in b.pattern.names if name is not None)
        state = _defining(state, environment, *names)
        if item.condition is None:
            return state
        if item.condition.negated:
            raise ModelError("'when' with a negated check", item.condition.span)
        # herd7 checks after each turn. As the unknowns only grow, a check that fails on the way fails at the end.
        return replace(state, axioms=(*state.axioms, self._axiom(item.condition, state)))

    def _enumerate(self, item: Enumeration, state: State) -> State:
        tags = [Tag(item.name, tag) for tag in item.tags]
        self.evaluator.tags.update((tag.name, tag) for tag in tags)
        self.operators.tags[item.name] = item.tags
        everything = Collection(kind_of(tags[0]), tags)
        return replace(state, environment={**state.environment, item.name: everything})

    # Checks and shows

    def _axiom(self, item: CheckOf, state: State) -> Axiom:
        value = self.evaluator.evaluate(item.operand, state.environment)
        node = self._checked(value, item)
        name = item.name or state.checked_as or " ".join(item.span.text.split())
        return Axiom(name, item.check, node, item.negated, item.effect, item.span)

    def _refuted(self, axiom: Axiom) -> bool:
        """Whether no execution with the chosen rf passes a check: then the rest need not be looked at."""
        graph = self.operators.graph
        if not self.to_first_failure or graph.universe is None or axiom.effect is not Effect.REQUIRE:
            return False
        value = graph.value(axiom.node)
        return value is not None and not passes(axiom, value, graph.universe)

    def _checked(self, value: Value, item: CheckOf) -> Node:
        if isinstance(value, ClassRelation):
            holds = _class_check(value, item.check)
            full, empty = self.operators.graph.full(Sort.RELATION), self.operators.graph.empty(Sort.RELATION)
            return empty if holds else full
        if isinstance(value, EventSet | OneEvent) and item.check is not Check.EMPTY:
            raise ModelError(f"a relation is due here, but this is {describe(value)}", item.operand.span)
        return self.operators.set_or_relation(value, item.operand.span)

    def _shown(self, item: ShowAs, state: State) -> State:
        """What cannot be evaluated is not shown, as herd7 has it: models show relations that other targets have."""
        try:
            value = self.evaluator.evaluate(item.operand, state.environment)
            node = self.operators.set_or_relation(value, item.operand.span)
        except (LitmusError, NeedsMembers, NeedsReadsFrom):
            return state
        return replace(state, shown=state.shown | {item.name: node})

    # Choices, loops and calls

    def _choices(self, item: WithFrom, state: State) -> tuple[Value, ...]:
        value = self.evaluator.evaluate(item.domain, state.environment)
        match value:
            case Empty():
                return ()
            case Collection():
                return tuple(value)
            case _:
                raise ModelError(f"a set of choices is due here, but this is {describe(value)}", item.domain.span)

    def _loop(self, item: ForAll, state: State, rest: Rest) -> Rest:
        value = self.evaluator.evaluate(item.domain, state.environment)
        for element in reversed(tuple(self._elements(value, item.domain.span))):
            rest = _before(item.body, (_Restore(state.environment, state), rest))
            rest = (_Restore({**state.environment, item.variable: element}, state), rest)
        return rest

    def _elements(self, value: Value, span: Span) -> tuple[Value, ...]:
        if isinstance(value, Tag):
            return (value,)
        found: list[Value] = []
        while (parts := self.operators.split(value, span, middle=False)) is not None:
            found.append(parts[1])
            value = parts[2]
        return tuple(found)

    def _call(self, item: Call, state: State, rest: Rest) -> tuple[State, Rest]:
        name = _procedure_name(item)
        procedure = self.evaluator.lookup(item.procedure, state.environment, name)
        if not isinstance(procedure, Procedure):
            raise ModelError(f"a procedure is due here, but this is {describe(procedure)}", name)
        if state.depth == _DEPTH_LIMIT:
            raise ModelError("this recursion does not end", name)
        argument = self.evaluator.evaluate(item.argument, state.environment)
        scope = bind(procedure.parameter, argument, procedure.environment, item.argument.span)
        rest = _before(procedure.body, (_Restore(state.environment, state), rest))
        inside = replace(state, environment=scope, called=state.called or name, depth=state.depth + 1)
        return replace(inside, checked_as=item.name or state.checked_as), rest


def _procedure_name(item: Call) -> Span:
    start = item.span.start + item.span.text.index(item.procedure, len("call"))
    return item.span.source.span(start, start + len(item.procedure))


def _defining(state: State, environment: Environment, *names: str) -> State:
    return replace(state, environment=environment, defined=(*state.defined, *names))


def _class_check(relation: ClassRelation, check: Check) -> bool:
    match check:
        case Check.EMPTY:
            return not relation.pairs
        case Check.IRREFLEXIVE:
            return all(a != b for a, b in relation.pairs)
        case Check.ACYCLIC:
            return _acyclic(relation.pairs)


def _acyclic(pairs: frozenset[tuple[int, int]]) -> bool:
    left = set(pairs)
    while left:
        targets = {b for _, b in left}
        kept = {(a, b) for a, b in left if a in targets}
        if kept == left:
            return False
        left = kept
    return True


def definitions(state: State, graph: Graph) -> dict[str, Node]:
    """Return the sets and relations that a model defines; not one that nothing uses and that cannot be evaluated."""
    found: dict[str, Node] = {}
    for name in state.defined:
        value = state.environment.get(name)
        try:
            value = value.force() if isinstance(value, Thunk) else value
        except (LitmusError, NeedsMembers, NeedsReadsFrom):
            continue
        if isinstance(value, EventSet | Relation):
            found[name] = value.node
        elif isinstance(value, Empty):
            found[name] = graph.empty(Sort.RELATION)
    return found
