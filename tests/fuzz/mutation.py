"""Texts with something changed: words, lines or bytes."""

import re
from collections.abc import Callable, Sequence
from random import Random

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_STRANGE = (
    *(b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\x1b[2J", b"\r", b"\x0c"),
    *b"' \" \\ /* */ // (* *) (((((((( {{{{{{{{ 99999999999999999999 0x -1".split(),
    *(b"9" * 400, b"a" * 3000),
)

Tokens = list[str]
Change = Callable[[Tokens, Tokens, Random], None]


def mutate(text: str, others: Sequence[str], random: Random) -> bytes:
    """Return ``text`` with a few changes; what is put in comes from ``others`` as often as not."""
    if random.random() < 0.5:
        return _tokens(text, others, random).encode()
    if random.random() < 0.5:
        return _lines(text, others, random).encode()
    return _bytes(text.encode(), random)


def _tokens(text: str, others: Sequence[str], random: Random) -> str:
    tokens, donor = _TOKEN.findall(text), _TOKEN.findall(random.choice(others))
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        random.choice(_CHANGES)(tokens, donor, random)
    return "".join(tokens)


def _run(tokens: Tokens, random: Random) -> slice:
    start = random.randrange(len(tokens) + 1)
    return slice(start, min(len(tokens), start + random.choice((1, 1, 1, 2, 3, 5, 20))))


def _drop(tokens: Tokens, _: Tokens, random: Random) -> None:
    del tokens[_run(tokens, random)]


def _repeat(tokens: Tokens, _: Tokens, random: Random) -> None:
    run = _run(tokens, random)
    tokens[run] = tokens[run] * random.choice((2, 2, 3, 300))


def _graft(tokens: Tokens, donor: Tokens, random: Random) -> None:
    tokens[_run(tokens, random)] = donor[_run(donor, random)]


def _rename(tokens: Tokens, donor: Tokens, random: Random) -> None:
    """Put a word where a word was: such a text is more often in the language."""
    words = [i for i, token in enumerate(tokens) if token.isidentifier() or token.isdigit()]
    known = [token for token in (*donor, *tokens) if token.isidentifier() or token.isdigit()]
    if words and known:
        tokens[random.choice(words)] = random.choice(known)


def _move(tokens: Tokens, _: Tokens, random: Random) -> None:
    run = _run(tokens, random)
    moved = tokens[run]
    del tokens[run]
    place = random.randrange(len(tokens) + 1)
    tokens[place:place] = moved


_CHANGES: tuple[Change, ...] = (_drop, _repeat, _graft, _rename, _rename, _rename, _move)


def _lines(text: str, others: Sequence[str], random: Random) -> str:
    lines, donor = text.splitlines(keepends=True), random.choice(others).splitlines(keepends=True)
    for _ in range(random.choice((1, 2, 4))):
        random.choice((_drop, _graft, _move))(lines, donor, random)
    return "".join(lines)


def _bytes(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 6))):
        at = random.randrange(len(changed) + 1)
        match random.randrange(4):
            case 0:
                changed[at : at + 1] = bytes([random.randrange(256)])
            case 1:
                changed[at : at + random.choice((1, 4, 30))] = b""
            case 2:
                changed[at:at] = random.choice(_STRANGE)
            case _:
                del changed[at:]
    return bytes(changed)
