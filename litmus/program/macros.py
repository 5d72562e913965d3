"""Macro tables in the manner of the kernel model's ``linux-kernel.def``: what each primitive expands to.

A body is an expression (``READ_ONCE(X) __load{ONCE}(X)``) or statements in braces, built from the intrinsics that
`arch.macro` knows. Spans never take part in equality.
"""

from collections.abc import Mapping
from typing import TypeAlias

from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class MacroConstant:
    """An integer."""

    value: int
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MacroParameter:
    """A parameter of the macro."""

    name: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MacroDereference:
    """``*operand``. Location arguments of calls are addresses already, so as a location it stands for its operand."""

    operand: "MacroExpression"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MacroOperator:
    """An operator given to an intrinsic as an argument: ``+ - & | ^ &~``."""

    operator: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MacroBinary:
    """A binary operator between two expressions."""

    operator: str
    left: "MacroExpression"
    right: "MacroExpression"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MacroCall:
    """``name{tag}(arguments)``: an intrinsic (its tag as written, case and all), or another macro (``tag`` None)."""

    name: str
    tag: str | None
    arguments: tuple["MacroExpression", ...]
    span: Span | None = field(default=None, compare=False, repr=False)


MacroExpression: TypeAlias = MacroConstant | MacroParameter | MacroDereference | MacroOperator | MacroBinary | MacroCall


@dataclass(frozen=True, slots=True)
class Macro:
    """One definition: ``statements`` in order, then ``value`` where the macro has one."""

    name: str
    parameters: tuple[str, ...]
    statements: tuple[MacroExpression, ...] = ()
    value: MacroExpression | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MacroTable:
    """The macros of one file, by name; ``name`` is the file's. ``faults`` are errors in macros that are no errors until
    somebody uses them, by the names of the macros."""

    name: str
    macros: Mapping[str, Macro]
    faults: Mapping[str, LitmusError] = field(default_factory=dict, compare=False)
