"""Tokens of the cat language.

The lexical facts are those of herdtools7's lib/modelLexer.mll: names may hold ``.`` and ``-`` and end in ``'``; a tag
is a name after ``'``; comments are ``(* … *)``, which nest, and ``//`` or ``#`` to the end of the line.
"""

import re
from enum import StrEnum

from litmus.dataclass import dataclass
from litmus.errors import ParseError
from litmus.source import Source, Span


class Kind(StrEnum):
    """The classes of tokens."""

    NAME = "a name"
    TAG = "a tag"
    STRING = "a string"
    KEYWORD = "a keyword"
    SYMBOL = "a symbol"
    END = "the end of the file"


_KEYWORDS = """acyclic and as assert begin call catdep debug default do else empty end enum flag forall from fun if in
include instructions irreflexive let match not procedure rec show subset then try undefined_unless unshow variant when
with"""
KEYWORDS = frozenset(_KEYWORDS.split())

_NAME = r"_?[A-Za-z][A-Za-z0-9_.\-]*'?"
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t\r\n]+|(?://|\#)[^\n]*)
    |(?P<comment>\(\*)
    |(?P<string>"[^"]*")
    |(?P<tag>'{_NAME})
    |(?P<name>{_NAME})
    |(?P<symbol>\|\||\+\+|&&|->|-1|[(){{}}\[\]_0|&*~+^\\?=;,])""",
    re.VERBOSE,
)
_COMMENT_EDGE = re.compile(r"\(\*|\*\)")


@dataclass(frozen=True, slots=True)
class Token:
    """One token. ``text`` is without the quotes of a string and the quote of a tag."""

    kind: Kind
    text: str
    span: Span

    def describe(self) -> str:
        """Return how an error message calls the token."""
        return str(self.kind) if self.kind is Kind.END else f"'{self.span.text}'"


def tokenize(source: Source) -> list[Token]:
    """Return the tokens of a cat file, the last one being the end.

    Raises:
        ParseError: at a character that no token starts with, or a comment or string that does not end.
    """
    tokens: list[Token] = []
    position, text = 0, source.text
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _bad_character(source, position)
        if found.lastgroup == "comment":
            position = _after_comment(source, position)
            continue
        if found.lastgroup != "blank":
            tokens.append(_token(source, found))
        position = found.end()
    tokens.append(Token(Kind.END, "", source.span(len(text), len(text))))
    return tokens


def _token(source: Source, found: re.Match[str]) -> Token:
    text, span = found[0], source.span(found.start(), found.end())
    match found.lastgroup:
        case "name":
            return Token(Kind.KEYWORD if text in KEYWORDS else Kind.NAME, text, span)
        case "tag":
            return Token(Kind.TAG, text[1:], span)
        case "string":
            return Token(Kind.STRING, text[1:-1], span)
        case _:
            return Token(Kind.SYMBOL, text, span)


def _after_comment(source: Source, start: int) -> int:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(source.text, start):
        depth += 1 if edge[0] == "(*" else -1
        if depth == 0:
            return edge.end()
    raise ParseError("comment without end", source.span(start, start + 2))


def _bad_character(source: Source, position: int) -> ParseError:
    character = source.text[position]
    message = "string without end" if character == '"' else f"unexpected character {character!r}"
    return ParseError(message, source.span(position, position + 1))
