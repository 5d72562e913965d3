"""The syntax of cat expressions; `cat.statement` has that of statements. Every node keeps the span of its text.

The constructs are those of herdtools7's lib/AST.ml; docs/cat.md gives the grammar and the meaning of each.
"""

from enum import StrEnum
from typing import TypeAlias

from litmus.dataclass import dataclass
from litmus.source import Span


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
