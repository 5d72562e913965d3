"""Programs made of other programs: every node of their syntax changed in turn, innermost first."""

from collections.abc import Callable
from typing import TypeVar

from litmus.dataclass import fields, is_dataclass, replace
from litmus.program.types import Type
from litmus.source import Span

Node = TypeVar("Node")
_LEAVES = (Span, Type)


def rewritten(node: Node, change: Callable[[object], object]) -> Node:
    """Return a syntax node, or a tuple of them, with ``change`` applied to it and to all that is in it."""
    if isinstance(node, tuple):
        return tuple(rewritten(part, change) for part in node)  # type: ignore[return-value]
    if not is_dataclass(node) or isinstance(node, _LEAVES):
        return node
    inner = {f.name: rewritten(getattr(node, f.name), change) for f in fields(node)}
    return change(replace(node, **inner))  # type: ignore[return-value, type-var]
