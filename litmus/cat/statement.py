"""The syntax of cat statements and files. Every node keeps the span of its text."""

from typing import TypeAlias

from litmus.cat.ast import Binding, Expression, Pattern, VariantTest
from litmus.dataclass import dataclass
from litmus.relation.model import Check, Effect
from litmus.source import Source, Span


@dataclass(frozen=True, slots=True)
class CheckOf:
    """``[~] acyclic e as name``, with what follows from its failure."""

    span: Span
    effect: Effect
    check: Check
    negated: bool
    operand: Expression
    name: str | None


@dataclass(frozen=True, slots=True)
class Let:
    """``let … and …``, ``let rec … and … when test``."""

    span: Span
    bindings: tuple[Binding, ...]
    recursive: bool
    condition: CheckOf | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """``show a, b``."""

    span: Span
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowAs:
    """``show e as x``."""

    span: Span
    operand: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Unshow:
    """``unshow a, b``."""

    span: Span
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Include:
    """``include "file"``."""

    span: Span
    path: str


@dataclass(frozen=True, slots=True)
class ProcedureOf:
    """``procedure p(x, y) = … end``."""

    span: Span
    name: str
    parameter: Pattern
    body: tuple["Statement", ...]
    recursive: bool


@dataclass(frozen=True, slots=True)
class Call:
    """``call p(e) as name``."""

    span: Span
    procedure: str
    argument: Expression
    name: str | None


@dataclass(frozen=True, slots=True)
class Debug:
    """``debug e``: evaluated by herd7 only to be printed; nothing here."""

    span: Span
    operand: Expression


@dataclass(frozen=True, slots=True)
class ForAll:
    """``forall x in e do … end``."""

    span: Span
    variable: str
    domain: Expression
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class WithFrom:
    """``with x from e``: one execution for each element of e."""

    span: Span
    variable: str
    domain: Expression


@dataclass(frozen=True, slots=True)
class IfVariant:
    """``if "v" … else … end``."""

    span: Span
    condition: VariantTest
    positive: tuple["Statement", ...]
    negative: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class MatchStatement:
    """``match e with || 'a -> statements … end``."""

    span: Span
    subject: Expression
    clauses: tuple[tuple[str, tuple["Statement", ...]], ...]
    default: tuple["Statement", ...] | None


@dataclass(frozen=True, slots=True)
class Enumeration:
    """``enum Name = 'a || 'b``."""

    span: Span
    name: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instructions:
    """``instructions R[{'a, 'b}]``, and (``default``) ``default R['a]``."""

    span: Span
    kind: str
    annotations: tuple[Expression, ...]
    default: bool


Statement: TypeAlias = (
    Let
    | CheckOf
    | Show
    | ShowAs
    | Unshow
    | Include
    | ProcedureOf
    | Call
    | Debug
    | ForAll
    | WithFrom
    | IfVariant
    | MatchStatement
    | Enumeration
    | Instructions
)


@dataclass(frozen=True, slots=True)
class File:
    """One cat or bell file. ``title`` is its name for itself, on its first line; ``catdep`` says that the model
    computes dependencies itself."""

    source: Source
    architecture: str | None
    title: str | None
    catdep: bool
    statements: tuple[Statement, ...]
