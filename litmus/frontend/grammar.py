"""Lark grammars, built once per process and cached between processes, and parse errors in our own form."""

import os
from functools import cache
from pathlib import Path
from typing import TypeAlias, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from litmus.errors import ParseError
from litmus.resources import grammar_text
from litmus.source import Span

Node: TypeAlias = Tree[Token]
Branch: TypeAlias = Node | Token


def cache_file(name: str) -> str | bool:
    """Return where the analysed grammar is kept (the user's cache folder), or False where nothing can be kept."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "litmuskit"
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return str(base / f"{name}.lark.cache")


@cache
def grammar(files: tuple[str, ...], starts: tuple[str, ...]) -> Lark:
    """Return the LALR parser of the concatenated grammar ``files``, with the given start symbols."""
    text = "\n".join(grammar_text(name) for name in files)
    stem = "-".join(name.replace("/", "_").removesuffix(".lark") for name in files)
    return Lark(text, parser="lalr", start=list(starts), maybe_placeholders=False, cache=cache_file(stem))


def parse(parser: Lark, start: str, section: Span, text: str | None = None) -> Node:
    """Parse the characters of ``section`` (or ``text`` in their place, of the same length).

    Raises:
        ParseError: at the first token that does not fit, with what was expected there.
    """
    content = section.text if text is None else text
    try:
        tree = parser.parse(content, start=start)
    except UnexpectedInput as error:
        raise _parse_error(error, section, content, parser) from None
    deep = too_deep(tree)
    if deep is not None:
        raise ParseError(NESTED, span_of(deep, section))
    return tree


DEEPEST = 200
"""How many constructs may stand in each other: what every later stage can follow without running out of stack."""

NESTED = f"brackets, statements or operators are nested more than {DEEPEST} deep"


def too_deep(tree: Node) -> Token | None:
    """Return the first word in ``tree`` that is deeper than DEEPEST, if there is one."""
    stack: list[tuple[Branch | None, int]] = [(tree, 0)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, Tree):
            inner = depth + 1 + _flat_operators(item)
            stack.extend((child, inner) for child in reversed(item.children))
        elif depth > DEEPEST and item is not None:
            return item
    return None


def _flat_operators(node: Node) -> int:
    """How much deeper a chain of operators gets that the grammar leaves flat, for precedences to be put in later."""
    return len(node.children) // 2 if node.data in ("expression", "conditional") else 0


def _parse_error(error: UnexpectedInput, section: Span, content: str, parser: Lark) -> ParseError:
    expected = _expected(error, parser)
    hint = f"expected {expected}" if expected else None
    match error:
        case UnexpectedToken(token=token) if token.type != "$END":
            place = span_of(token, section)
            return ParseError(f"unexpected '{token}'", place, hint=hint)
        case UnexpectedCharacters():
            position = cast("int", error.pos_in_stream)
            place = section.source.span(section.start + position, section.start + position + 1)
            return ParseError(f"unexpected '{content[position]}'", place, hint=hint)
        case _:
            end = section.start + len(content.rstrip())
            return ParseError("unexpected end", section.source.span(max(end - 1, 0), end), hint=hint)


def _expected(error: UnexpectedInput, parser: Lark) -> str:
    match error:
        case UnexpectedToken(accepts=accepts, expected=expected):
            names = accepts or expected
        case UnexpectedCharacters(allowed=allowed):
            names = allowed or set()
        case UnexpectedEOF(expected=waited):
            names = set(waited)
        case _:
            names = set()
    shown = sorted(_shown(name, parser) for name in names if not name.startswith("_"))
    return ", ".join(shown) if len(shown) <= 6 else ""


def _shown(name: str, parser: Lark) -> str:
    """Return a terminal as a reader knows it: its text where it is fixed, else its name in words."""
    if name == "$END":
        return "the end"
    try:
        pattern = parser.get_terminal(name).pattern
    except KeyError:
        return name.lower()
    return f"'{pattern.value}'" if pattern.type == "str" else name.lower().replace("_", " ")


def span_of(token: Token, section: Span) -> Span:
    """Return the place of ``token`` in the source of the section that was parsed."""
    start = section.start + (token.start_pos or 0)
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
    return next((found for child in node.children[::step] if (found := _end_token(child, step)) is not None), None)


def extent(node: Branch, section: Span) -> Span:
    """Return the place from the first to the last token below ``node`` (the whole section where there is none)."""
    first, last = _end_token(node, 1), _end_token(node, -1)
    if first is None or last is None:
        return section
    start, end = first.start_pos or 0, (last.start_pos or 0) + len(last)
    return Span(section.source, section.start + start, section.start + end)
