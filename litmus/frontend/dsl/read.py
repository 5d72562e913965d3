"""Text to surface syntax."""

from functools import cache

from litmus.dataclass import dataclass
from litmus.errors import ParseError
from litmus.frontend.dsl.expected import Words
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.recover import Recovery
from litmus.frontend.grammar import NESTED, too_deep
from litmus.frontend.machine import Machine, Stack
from litmus.frontend.table import load_table
from litmus.frontend.tree import Part, Token
from litmus.program.types import TYPES
from litmus.source import Source


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's surface syntax (kind ``file``), what was wrong with it, and the names in what had to be skipped."""

    file: Node
    errors: tuple[ParseError, ...]
    lost: frozenset[str]


def read(source: Source) -> Reading:
    """Return the surface syntax of ``source``, of whatever in it can be read."""
    grammar = _grammar()
    recovery = Recovery(source, list(grammar.words(source.text)), Stack(grammar.table, "file"), _words())
    tree = recovery.run()
    deep = too_deep(tree)
    if deep is not None:
        start = deep.start_pos
        nested = ParseError(NESTED, source.span(start, start + len(deep)))
        return Reading(Node("file", (), source.span(0, 0)), (*recovery.errors, nested), frozenset(recovery.lost))
    return Reading(_node(tree, source, 0), tuple(recovery.errors), frozenset(recovery.lost))


@cache
def _grammar() -> Machine:
    return Machine(load_table(("dsl.lark", "common.lark"), ("file",), placeholders=True))


@cache
def _words() -> Words:
    fixed = _grammar().spelling()
    soft = {name for name, word in fixed.items() if word.isidentifier()} - _RESERVED
    types = {word for name in TYPES if not name.startswith("struct ") for word in name.split()}
    return Words(fixed, frozenset(soft | {"CLAIM", "WAIT"}), frozenset(types | {"const", "volatile", "void"}))


_RESERVED = frozenset("IF ELSE WHILE DO FOR BREAK CONTINUE GOTO RETURN STRUCT".split())


def _node(item: Part, source: Source, at: int) -> Node:
    """Return ``item`` with its span; what is absent or empty stands at the offset ``at``."""
    if item is None:
        return Node("absent", (), source.span(at, at))
    if isinstance(item, Token):
        return Node(item.type, (), source.span(item.start_pos, item.end_pos), str(item))
    start, end = at if item.start is None else item.start, at if item.end is None else item.end
    parts: list[Node] = []
    for child in item.children:
        part = _node(child, source, at if not parts else parts[-1].span.end)
        parts.append(part)
    return Node(item.data, tuple(parts), source.span(start, end))
