"""Which expressions may be evaluated again without anyone noticing."""

from litmus.program.syntax import (
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
