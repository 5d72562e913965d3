"""The parsers of our grammars, made once per process, and parse errors in our own form."""

from functools import cache
from typing import TypeAlias

from litmus.errors import ParseError
from litmus.frontend.machine import Machine, Unexpected
from litmus.frontend.table import END, load_table
from litmus.frontend.tree import Token, Tree
from litmus.source import Span

Node: TypeAlias = Tree
Branch: TypeAlias = Node | Token


@cache
def grammar(files: tuple[str, ...], starts: tuple[str, ...]) -> Machine:
    """Return the LALR parser of the concatenated grammar ``files``, with the given start symbols."""
    return Machine(load_table(files, starts, placeholders=False))


def parse(parser: Machine, start: str, section: Span, text: str | None = None) -> Node:
    """Parse the characters of ``section`` (or ``text`` in their place, of the same length).

    Raises:
        ParseError: at the first token that does not fit, with what was expected there.
    """
    content = section.text if text is None else text
    try:
        tree = parser.parse(content, start)
    except Unexpected as error:
        raise _parse_error(error, section, content, parser) from None
    deep = too_deep(tree)
    if deep is not None:
        raise ParseError(NESTED, span_of(deep, section))
    return tree


DEEPEST = 200
"""How many constructs may stand in each other: what every later stage can follow without running out of stack."""

NESTED = f"brackets, statements or operators are nested more than {DEEPEST} deep"


def too_deep(tree: Node, most: int = DEEPEST) -> Token | None:
    """Return the first word in ``tree`` that is in more than ``most`` constructs, if there is one."""
    stack: list[tuple[Branch | None, int]] = [(tree, 0)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, Tree):
            inner = depth + 1 + _flat_operators(item)
            stack.extend((child, inner) for child in reversed(item.children))
        elif depth > most and item is not None:
            return item
    return None


def _flat_operators(node: Node) -> int:
    """How much deeper a chain of operators gets that the grammar leaves flat, for precedences to be put in later."""
    return len(node.children) // 2 if node.data in ("expression", "conditional") else 0


def _parse_error(error: Unexpected, section: Span, content: str, parser: Machine) -> ParseError:
    expected = _expected(error, parser)
    hint = f"expected {expected}" if expected else None
    token = error.token
    if token is None:
        place = section.source.span(section.start + error.position, section.start + error.position + 1)
        return ParseError(f"unexpected '{content[error.position]}'", place, hint=hint)
    if token.type != END:
        return ParseError(f"unexpected '{token}'", span_of(token, section), hint=hint)
    end = section.start + len(content.rstrip())
    return ParseError("unexpected end", section.source.span(max(end - 1, 0), end), hint=hint)


def _expected(error: Unexpected, parser: Machine) -> str:
    shown = sorted(_shown(name, parser) for name in error.expected if not name.startswith("_"))
    return ", ".join(shown) if len(shown) <= 6 else ""


def _shown(name: str, parser: Machine) -> str:
    """Return a terminal as a reader knows it: its text where it is fixed, else its name in words."""
    if name == END:
        return "the end"
    if name not in parser.table.patterns:
        return name.lower()
    text, is_pattern = parser.table.patterns[name]
    return name.lower().replace("_", " ") if is_pattern else f"'{text}'"


def span_of(token: Token, section: Span) -> Span:
    """Return the place of ``token`` in the source of the section that was parsed."""
    start = section.start + token.start_pos
    return Span(section.source, start, start + len(token))


def first_token(node: Branch) -> Token:
    """Return the first token below ``node``.

    Raises:
        ValueError: when there is none.
    """
    found = _end_token(node, 1)
    if found is None:
        raise ValueError(node)
    return found


def _end_token(node: Branch, step: int) -> Token | None:
    """Return the first token below ``node`` (the last where ``step`` is -1). Braces and the like leave none, so that a
    whole block may have none."""
    if isinstance(node, Token):
        return node
    for child in node.children if step > 0 else reversed(node.children):
        found = child if isinstance(child, Token) else _end_token(child, step)
        if found is not None:
            return found
    return None


def extent(node: Branch, section: Span) -> Span:
    """Return the place from the first to the last token below ``node``; of an empty block, which leaves none, that of
    its braces."""
    first, last = _end_token(node, 1), _end_token(node, -1)
    if first is None or last is None:
        assert isinstance(node, Tree)
        return Span(section.source, section.start + (node.start or 0), section.start + (node.end or 0))
    start, end = first.start_pos, last.start_pos + len(last)
    return Span(section.source, section.start + start, section.start + end)
