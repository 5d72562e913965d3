"""What the parameters of an inlined function stand for."""

from collections.abc import Iterator

from litmus.frontend.dsl.expression import Expressions
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.scope import Typed
from litmus.frontend.dsl.world import Macro
from litmus.program.syntax import (
    Assignment,
    Binary,
    Cast,
    Conditional,
    Constant,
    Element,
    Expression,
    Local,
    Member,
    Static,
    Unary,
)
from litmus.program.types import Type
from litmus.source import Span


def bind(macro: Macro, arguments: tuple[Typed, ...], expressions: Expressions, span: Span) -> dict[str, Typed]:
    """Return what each parameter stands for: its argument itself where that may be evaluated again, else a register."""
    bound = {}
    written = set(_assigned(macro.body))
    for (name, type_), typed in zip(macro.parameters, arguments, strict=True):
        if name in written or not is_pure(typed.expression):
            bound[name] = _stored(f"{macro.name}_{name}", type_, typed, expressions, span)
        else:
            bound[name] = typed
    return bound


def _stored(wish: str, type_: Type | None, typed: Typed, expressions: Expressions, span: Span) -> Typed:
    """Keep an argument in a register of the function's own."""
    register = Local(expressions.registers.fresh(wish), span)
    declares = expressions.registers.assign(register.name, type_ or typed.type) or type_
    if declares is not None:
        expressions.registers.declared[register.name] = declares
    text = " ".join(span.text.split())
    expressions.before.append(Assignment(register, typed.expression, declares, span=span, text=text))
    return Typed(register, type_ or typed.type)


def _assigned(block: Node) -> Iterator[str]:
    for node in block.walk():
        match node:
            case Node("assign" | "update", (Node("name", (word,)), *_)):
                yield word.word
            case Node("step", (Node("name", (word,)), _) | (_, Node("name", (word,)))):
                yield word.word
            case Node("unary", (sign, Node("name", (word,)))) if sign.word == "&":
                yield word.word


def is_pure(expression: Expression) -> bool:
    """Whether an expression neither touches memory nor has an effect."""
    match expression:
        case Constant() | Local() | Static():
            return True
        case Unary(_, operand) | Cast(_, operand) | Member(operand):
            return is_pure(operand)
        case Binary(_, left, right) | Element(left, right):
            return is_pure(left) and is_pure(right)
        case Conditional(condition, positive, negative):
            return is_pure(condition) and is_pure(positive) and is_pure(negative)
    return False
