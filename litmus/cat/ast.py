"""The syntax of the cat language. Every node keeps the span of its text.

The constructs are those of herdtools7's lib/AST.ml; docs/cat.md gives the grammar and the meaning of each.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from litmus.relation.model import Check, Effect
from litmus.source import Source, Span


class UnaryOperator(StrEnum):
    """Operators with one operand."""

    CLOSURE = "+"
    REFLEXIVE_CLOSURE = "*"
    OPTIONAL = "?"
    INVERSE = "^-1"
    COMPLEMENT = "~"


class BinaryOperator(StrEnum):
    """Operators with two operands."""

    UNION = "|"
    ADDITION = "++"
    SEQUENCE = ";"
    DIFFERENCE = "\\"
    INTERSECTION = "&"
    CARTESIAN = "*"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a binding or a parameter list binds: one name, or (``spread``) the components of a tuple; None is ``_``."""

    names: tuple[str | None, ...]
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A name."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class TagLiteral:
    """``'once``."""

    span: Span
    tag: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """``0``: the empty relation."""

    span: Span


@dataclass(frozen=True, slots=True)
class Everything:
    """``_``: all events, all pairs, or all tags of an enumeration."""

    span: Span


@dataclass(frozen=True, slots=True)
class SetLiteral:
    """``{a, b}``."""

    span: Span
    elements: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class IdentityOn:
    """``[S]``."""

    span: Span
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Unary:
    """``r+``, ``r*``, ``r?``, ``r^-1``, ``~e``."""

    span: Span
    operator: UnaryOperator
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what joins them."""

    span: Span
    operator: BinaryOperator
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class TupleOf:
    """``(a, b)``; ``()`` has no items."""

    span: Span
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Application:
    """``f x``."""

    span: Span
    function: "Expression"
    argument: "Expression"


@dataclass(frozen=True, slots=True)
class Lambda:
    """``fun x -> e``; ``name`` is that of the definition it is the value of, if any."""

    span: Span
    parameter: Pattern
    body: "Expression"
    name: str = "fun"


@dataclass(frozen=True, slots=True)
class Binding:
    """``pattern = expression``."""

    span: Span
    pattern: Pattern
    value: "Expression"


@dataclass(frozen=True, slots=True)
class LetIn:
    """``let … in e``, ``let rec … in e``."""

    span: Span
    bindings: tuple[Binding, ...]
    recursive: bool
    body: "Expression"


@dataclass(frozen=True, slots=True)
class MatchTag:
    """``match e with || 'a -> … || _ -> … end``."""

    span: Span
    subject: "Expression"
    clauses: tuple[tuple[str, "Expression"], ...]
    default: "Expression | None"


@dataclass(frozen=True, slots=True)
class MatchSet:
    """``match e with || {} -> … || x ++ xs -> … end``; ``before`` is the ``p`` of ``p | x ++ xs``."""

    span: Span
    subject: "Expression"
    empty: "Expression"
    element: str | None
    rest: str | None
    before: str | None
    inductive: "Expression"


@dataclass(frozen=True, slots=True)
class Try:
    """``try e with f``."""

    span: Span
    attempt: "Expression"
    fallback: "Expression"


@dataclass(frozen=True, slots=True)
class Conditional:
    """``if c then a else b``."""

    span: Span
    condition: "Condition"
    positive: "Expression"
    negative: "Expression"


Expression: TypeAlias = (
    Name
    | TagLiteral
    | Nothing
    | Everything
    | SetLiteral
    | IdentityOn
    | Unary
    | Binary
    | TupleOf
    | Application
    | Lambda
    | LetIn
    | MatchTag
    | MatchSet
    | Try
    | Conditional
)


class Comparison(StrEnum):
    """How two values are compared in a condition."""

    EQUAL = "="
    SUBSET = "subset"
    MEMBER = "in"


@dataclass(frozen=True, slots=True)
class Compare:
    """``a = b``, ``a subset b``, ``a in b``."""

    span: Span
    comparison: Comparison
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class VariantSet:
    """``"name"``: whether the variant is set."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Negation:
    """``not v``."""

    span: Span
    operand: "VariantTest"


@dataclass(frozen=True, slots=True)
class Both:
    """``v && w``."""

    span: Span
    left: "VariantTest"
    right: "VariantTest"


@dataclass(frozen=True, slots=True)
class Either:
    """``v || w``."""

    span: Span
    left: "VariantTest"
    right: "VariantTest"


VariantTest: TypeAlias = VariantSet | Negation | Both | Either
Condition: TypeAlias = Compare | VariantTest


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
