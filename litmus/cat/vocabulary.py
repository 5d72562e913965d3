"""What a model is about: the primitive sets and relations that its checks can look at.

A file may define fences of many architectures, as herd7's fences.cat does for every model that includes it; what counts
is what the checks reach. This reads the text alone, and so holds for every event structure: what is named may turn out
not to matter, what is not named cannot.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass

from litmus.cat.ast import Binding, Lambda, Name
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
from litmus.relation.model import Effect
from litmus.source import Span


def vocabulary(files: Iterable[File]) -> frozenset[str]:
    """Return the names of primitives that decide which executions the model in ``files`` has: those that its checks
    reach through its definitions and that it does not define, unless from themselves (``let A = try A with 0``).
    Flags are not looked at."""
    reader = _Reader()
    for file in files:
        reader.read(file.statements)
    reached = reader.reached()
    return frozenset(name for name in reached if name not in reader.definitions or name in reader.redefined)


@dataclass(slots=True)
class _Reader:
    """Definitions met so far with the names in each, and the names in checks."""

    definitions: dict[str, set[str]] = field(default_factory=dict)
    redefined: set[str] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)

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
                free = (used for used in _names(body) if used not in parameter.names)
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

    def reached(self) -> frozenset[str]:
        found: set[str] = set()
        pending = list(self.checked)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(self.definitions.get(name, ()))
        return frozenset(found)


def _names(node: object) -> Iterator[str]:
    """Yield every name in an expression, or in statements, that nothing inside binds."""
    match node:
        case Name(name=name):
            yield name
        case Lambda(parameter=parameter, body=body):
            yield from (name for name in _names(body) if name not in parameter.names)
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
