"""What a model is about: the primitive sets and relations that its checks can look at.

A file may define fences of many architectures, as herd7's fences.cat does for every model that includes it; what counts
is what the checks reach. This reads the text alone, and so holds for every event structure: what is named may turn out
not to matter, what is not named cannot. Fences are named without their name by everything that is not a memory access
(``~M``, ``_``), and by what lies between two steps of program order (``po ; po``).
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from litmus.cat.ast import (
    Binary,
    BinaryOperator,
    Binding,
    Everything,
    Expression,
    Lambda,
    Name,
    Pattern,
    Unary,
    UnaryOperator,
)
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
from litmus.dataclass import dataclass, field, fields, is_dataclass
from litmus.relation.model import Effect
from litmus.source import Span


def vocabulary(files: Iterable[File]) -> frozenset[str]:
    """Return the names of primitives that decide which executions the model in ``files`` has: those that its checks
    reach through its definitions and that it does not define, unless from themselves (``let A = try A with 0``).
    Flags are not looked at."""
    reader = _Reader()
    for file in files:
        reader.read(file.statements)
    reached = reader.reached(reader.checked)
    joints = (joint for joint in reached if isinstance(joint, _Joint))
    between = any("po" in reader.reached(joint.left) and "po" in reader.reached(joint.right) for joint in joints)
    names = {name for name in reached if isinstance(name, str)}
    found = {name for name in names if name not in reader.definitions or name in reader.redefined}
    return frozenset(found | {"F"} if between else found)


@dataclass(frozen=True, slots=True)
class _Joint:
    """The names on either side of a ``;``."""

    left: frozenset["_Mention"]
    right: frozenset["_Mention"]


_Mention: TypeAlias = str | _Joint


@dataclass(slots=True)
class _Reader:
    """Definitions met so far with the names in each, and the names in checks."""

    definitions: dict[_Mention, set[_Mention]] = field(default_factory=dict)
    redefined: set[_Mention] = field(default_factory=set)
    checked: set[_Mention] = field(default_factory=set)

    def read(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        match statement:
            case Let(_, bindings, recursive):
                for binding in bindings:
                    self._binding(binding, recursive)
            case CheckOf(effect=effect, operand=operand):
                if effect is not Effect.FLAG:
                    self.checked.update(_names(operand))
            case ProcedureOf(name=name, parameter=parameter, body=body):
                free = (inside for used in _names(body) for inside in _without(used, parameter))
                self.definitions.setdefault(name, set()).update(free)
            case Call(procedure=procedure, argument=argument):
                self.checked.update((procedure, *_names(argument)))
            case WithFrom(variable=variable, domain=domain):
                self.definitions.setdefault(variable, set()).update(_names(domain))
                self.checked.add(variable)
            case ForAll(domain=domain, body=body):
                self.checked.update(_names(domain))
                self.read(body)
            case IfVariant(positive=positive, negative=negative):
                self.read((*positive, *negative))
            case MatchStatement(subject=subject, clauses=clauses, default=default):
                self.checked.update(_names(subject))
                for _, body in clauses:
                    self.read(body)
                self.read(default or ())
            case Show() | ShowAs() | Unshow() | Include() | Debug() | Enumeration() | Instructions():
                pass

    def _binding(self, binding: Binding, recursive: bool) -> None:
        mentioned = set(_names(binding.value))
        for name in binding.pattern.names:
            if name is not None:
                if not recursive and name in mentioned and name not in self.definitions:
                    self.redefined.add(name)
                self.definitions.setdefault(name, set()).update(mentioned)

    def reached(self, start: Iterable[_Mention]) -> frozenset[_Mention]:
        found: set[_Mention] = set()
        pending = list(start)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(self.definitions.get(name, ()))
        return frozenset(found)


def _names(node: object) -> Iterator[_Mention]:
    """Yield every name in an expression, or in statements, that nothing inside binds, and where two are joined."""
    match node:
        case Name(name=name):
            yield name
        case Everything():
            yield "F"
        case Binary(operator=BinaryOperator.CARTESIAN, left=left, right=right):
            yield from (name for side in (left, right) if not isinstance(side, Everything) for name in _names(side))
        case Unary(operator=UnaryOperator.COMPLEMENT, operand=operand):
            yield "F"
            yield from _names(operand)
        case Binary(operator=BinaryOperator.SEQUENCE, left=left, right=right):
            yield _Joint(frozenset(_names(_last(left))), frozenset(_names(_first(right))))
            yield from _names(left)
            yield from _names(right)
        case Lambda(parameter=parameter, body=body):
            yield from (inside for name in _names(body) for inside in _without(name, parameter))
        case tuple():
            for part in node:
                yield from _names(part)
        case Call(procedure=procedure, argument=argument):
            yield procedure
            yield from _names(argument)
        case _ if is_dataclass(node) and not isinstance(node, Span):
            for part in fields(node):
                yield from _names(getattr(node, part.name))
        case _:
            pass


def _without(mention: _Mention, parameter: Pattern) -> Iterator[_Mention]:
    """Leave parameters out, which a joint takes for program order: it may be what is given for them."""
    match mention:
        case _Joint(left, right):
            sides = (frozenset("po" if name in parameter.names else name for name in side) for side in (left, right))
            yield _Joint(*sides)
        case name if name not in parameter.names:
            yield name


def _first(expression: Expression) -> Expression:
    match expression:
        case Binary(operator=BinaryOperator.SEQUENCE, left=left):
            return _first(left)
    return expression


def _last(expression: Expression) -> Expression:
    match expression:
        case Binary(operator=BinaryOperator.SEQUENCE, right=right):
            return _last(right)
    return expression
