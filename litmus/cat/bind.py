"""Binding names to values: parameters, definitions, and the components of tuples."""

from collections.abc import Callable

from litmus.cat.ast import Pattern
from litmus.cat.value import Empty, Environment, OneEvent, OnePair, Thunk, TupleValue, Value, describe
from litmus.errors import ModelError
from litmus.source import Span


def components(value: Value) -> tuple[Value, ...]:
    """Return the items of a tuple, the events of a pair, or the value alone."""
    match value:
        case TupleValue(items):
            return items
        case OnePair(source, target):
            return OneEvent(source), OneEvent(target)
        case _:
            return (value,)


def matched(pattern: Pattern, value: Value, span: Span) -> tuple[Value, ...]:
    """Return the values of the names of a pattern.

    Raises:
        ModelError: where a tuple has another number of components.
    """
    items = components(value) if pattern.spread else (value,)
    if len(items) != len(pattern.names):
        raise ModelError(f"{len(pattern.names)} values are due here, but this is {describe(value)}", span)
    return items


def bind(pattern: Pattern, value: Value, environment: Environment, span: Span) -> Environment:
    """Return the scope with the names of a parameter bound to an argument."""
    items = zip(pattern.names, matched(pattern, value, span), strict=True)
    return {**environment, **{name: item for name, item in items if name is not None}}


def named(pattern: Pattern, value: Value, span: Span) -> dict[str, Value]:
    """Return the names of a pattern with their values; the empty set is a tuple of empty sets."""
    if pattern.spread and isinstance(value, Empty):
        value = TupleValue((value,) * len(pattern.names))
    items = matched(pattern, value, span)
    return {name: item for name, item in zip(pattern.names, items, strict=True) if name is not None}


def bind_lazily(pattern: Pattern, thunk: Thunk, scope: Environment, span: Span) -> None:
    """Bind the names of a pattern to what is evaluated later."""
    if not pattern.spread:
        if pattern.names[0] is not None:
            scope[pattern.names[0]] = thunk
        return
    for index, name in enumerate(pattern.names):
        if name is not None:
            scope[name] = Thunk(_component(pattern, thunk, index, span))


def _component(pattern: Pattern, thunk: Thunk, index: int, span: Span) -> Callable[[], Value]:
    return lambda: matched(pattern, thunk.force(), span)[index]
