"""Whether the equations of a ``let rec`` can only grow, as far as their text tells."""

from collections.abc import Iterator

from litmus.cat.ast import Binary, BinaryOperator, Name, Unary, UnaryOperator
from litmus.cat.statement import Let
from litmus.dataclass import fields, is_dataclass
from litmus.source import Span


def first_subtracted(item: Let) -> Span | None:
    """Return the first place, in the equations of a ``let rec`` or in its ``when``, where something that is being
    defined is subtracted or complemented. What the functions do that are called is not looked at."""
    names = {name for binding in item.bindings for name in binding.pattern.names if name is not None}
    searched = [binding.value for binding in item.bindings]
    if item.condition is not None:
        searched.append(item.condition.operand)
    return next((found for expression in searched for found in _subtracted(expression, names)), None)


def _subtracted(node: object, names: set[str]) -> Iterator[Span]:
    match node:
        case Binary(operator=BinaryOperator.DIFFERENCE, right=right) if _mentions(right, names):
            yield right.span
        case Unary(operator=UnaryOperator.COMPLEMENT, operand=operand) if _mentions(operand, names):
            yield operand.span
    for part in _parts(node):
        yield from _subtracted(part, names)


def _mentions(node: object, names: set[str]) -> bool:
    return (isinstance(node, Name) and node.name in names) or any(_mentions(part, names) for part in _parts(node))


def _parts(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        yield from node
    elif is_dataclass(node) and not isinstance(node, Span):
        for part in fields(node):
            yield getattr(node, part.name)
