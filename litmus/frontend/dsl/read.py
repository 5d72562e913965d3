"""Text to surface syntax."""

from functools import cache

from lark import Lark, Token, Tree
from lark.lexer import PatternStr

from litmus import resources
from litmus.dataclass import dataclass
from litmus.errors import ParseError
from litmus.frontend.dsl.expected import Words
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.recover import Recovery
from litmus.frontend.grammar import NESTED, cache_file, too_deep
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
    recovery = Recovery(source, list(grammar.lex(source.text)), grammar.parse_interactive("").parser_state, _words())
    tree = recovery.run()
    deep = too_deep(tree)
    if deep is not None:
        start = deep.start_pos or 0
        nested = ParseError(NESTED, source.span(start, start + len(deep)))
        return Reading(Node("file", (), source.span(0, 0)), (*recovery.errors, nested), frozenset(recovery.lost))
    return Reading(_node(tree, source, 0), tuple(recovery.errors), frozenset(recovery.lost))


@cache
def _grammar() -> Lark:
    folder = str(resources.folder("grammar"))
    text = resources.grammar_text("dsl.lark")
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        start="file",
        import_paths=[folder],
        propagate_positions=True,
        maybe_placeholders=True,
        cache=cache_file("dsl"),
    )


@cache
def _words() -> Words:
    fixed = {t.name: t.pattern.value for t in _grammar().terminals if isinstance(t.pattern, PatternStr)}
    soft = {name for name, word in fixed.items() if word.isidentifier()} - _RESERVED
    types = {word for name in TYPES if not name.startswith("struct ") for word in name.split()}
    return Words(fixed, frozenset(soft | {"CLAIM", "WAIT"}), frozenset(types | {"const", "volatile", "void"}))


_RESERVED = frozenset("IF ELSE WHILE DO FOR BREAK CONTINUE GOTO RETURN STRUCT".split())


def _node(item: Tree[Token] | Token | None, source: Source, at: int) -> Node:
    """Return ``item`` with its span; what is absent or empty stands at the offset ``at``."""
    if item is None:
        return Node("absent", (), source.span(at, at))
    if isinstance(item, Token):
        start, end = item.start_pos or 0, item.end_pos or 0
        return Node(item.type, (), source.span(start, end), str(item))
    meta = item.meta
    start, end = (at, at) if meta.empty else (meta.start_pos, meta.end_pos)
    parts: list[Node] = []
    for child in item.children:
        part = _node(child, source, at if not parts else parts[-1].span.end)
        parts.append(part)
    return Node(str(item.data), tuple(parts), source.span(start, end))
