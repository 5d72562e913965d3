"""Tokens and what is not one."""

import pytest

from litmus.cat.lexer import Kind, tokenize
from litmus.errors import ParseError
from litmus.source import Source


def texts(text: str) -> list[str]:
    return [token.text for token in tokenize(Source("t", text))][:-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("po-loc;rf^-1", ["po-loc", ";", "rf", "^", "-1"]),
        ("dmb.st x' _RMW", ["dmb.st", "x'", "_RMW"]),
        ("a++b||c&&d ->e", ["a", "++", "b", "||", "c", "&&", "d", "->", "e"]),
        ("a+ +b", ["a", "+", "+", "b"]),
        ("{'once,'rcu-lock}", ["{", "once", ",", "rcu-lock", "}"]),
        ("[_] 0 \\ ~ ? *", ["[", "_", "]", "0", "\\", "~", "?", "*"]),
        ('include "a b.cat"', ["include", "a b.cat"]),
        ("a (* b (* c *) d *) e", ["a", "e"]),
        ("a // b\nc # d\ne", ["a", "c", "e"]),
        ("a(**)b", ["a", "b"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_kinds() -> None:
    kinds = [token.kind for token in tokenize(Source("t", 'let x \'y "z" ;'))]
    assert kinds == [Kind.KEYWORD, Kind.NAME, Kind.TAG, Kind.STRING, Kind.SYMBOL, Kind.END]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("let a = $b", "unexpected character '$'", "t:1:9"),
        ("let\n (* a (* b *)", "comment without end", "t:2:2"),
        ('include "abc', "string without end", "t:1:9"),
        ("a - b", "unexpected character '-'", "t:1:3"),
        ("a ' b", 'unexpected character "\'"', "t:1:3"),
    ],
)
def test_errors(text: str, message: str, place: str) -> None:
    with pytest.raises(ParseError) as caught:
        tokenize(Source("t", text))
    assert caught.value.message == message
    assert caught.value.span is not None
    assert caught.value.span.location() == place
