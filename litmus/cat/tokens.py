"""A cursor over the tokens of a cat file: what every parsing function shares."""

from typing import NoReturn

from litmus.cat.ast import Pattern
from litmus.cat.lexer import Kind, Token
from litmus.errors import ParseError, did_you_mean
from litmus.source import Span

_DEEPEST = 200


class Cursor:
    """Reads tokens one after the other."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.position]

    def deeper(self) -> None:
        """Count one more construct around the next token.

        Raises:
            ParseError: at the token, where there are more than what reads the tree can follow.
        """
        self.depth += 1
        if self.depth > _DEEPEST:
            message = f"brackets or operators are nested more than {_DEEPEST} deep"
            raise ParseError(message, self.token.span)

    def ahead(self, distance: int) -> Token:
        """Return the token ``distance`` after the next one."""
        return self.tokens[min(self.position + distance, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """Take the next token."""
        token = self.token
        if token.kind is not Kind.END:
            self.position += 1
        return token

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these symbols or keywords."""
        return self.token.kind in (Kind.SYMBOL, Kind.KEYWORD) and self.token.text in texts

    def on(self, *kinds: Kind) -> bool:
        """Whether the next token is of one of these kinds."""
        return self.token.kind in kinds

    def accept(self, *texts: str) -> Token | None:
        """Take the next token if it is one of these symbols or keywords."""
        return self.advance() if self.at(*texts) else None

    def expect(self, text: str) -> Token:
        """Take this symbol or keyword, or fail."""
        return self.accept(text) or self.fail(f"'{text}'")

    def take(self, kind: Kind) -> Token:
        """Take a token of this kind, or fail."""
        return self.advance() if self.token.kind is kind else self.fail(str(kind))

    def name(self) -> str:
        """Take a name."""
        return self.take(Kind.NAME).text

    def fail(self, expected: str, *, known: tuple[str, ...] = ()) -> NoReturn:
        """Raise that something else was expected here."""
        token = self.token
        hint = did_you_mean(token.text, known) if token.kind is Kind.NAME else None
        raise ParseError(f"expected {expected}, found {token.describe()}", token.span, hint=hint)

    def since(self, start: Span) -> Span:
        """Return the span from ``start`` to the last token taken."""
        return start.to(self.tokens[self.position - 1].span) if self.position else start


def wildcard_or_name(cursor: Cursor) -> str | None:
    """Parse ``x`` or ``_`` (None)."""
    return None if cursor.accept("_") else cursor.name()


def names(cursor: Cursor) -> tuple[str | None, ...]:
    """Parse ``x, _, y``."""
    found = [wildcard_or_name(cursor)]
    while cursor.accept(","):
        found.append(wildcard_or_name(cursor))
    return tuple(found)


def parameters(cursor: Cursor) -> Pattern:
    """Parse ``(x, y)``, ``()``; a single name in parentheses is that name."""
    cursor.expect("(")
    found = () if cursor.at(")") else names(cursor)
    cursor.expect(")")
    return Pattern(found, spread=len(found) != 1)


def parameter(cursor: Cursor) -> Pattern:
    """Parse the parameter of a function: ``x``, ``_`` or ``(x, y)``."""
    return parameters(cursor) if cursor.at("(") else Pattern((wildcard_or_name(cursor),))
