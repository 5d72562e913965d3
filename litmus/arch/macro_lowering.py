"""The lowering table that a macro table implies, for the primitives that it leaves out: bit operations, refcount_t.

The kernel's ``linux-kernel.def`` has a word for each ordering, in its own spelling, and herd7 puts it on the events of
every update in one way. What the table does not name is realised with the same words on the same events, as if it stood
there.
"""

from collections.abc import Iterable, Iterator, Mapping

from litmus.arch.lowering import Lowering, Row, load_lowering
from litmus.arch.macro import LKMMV1, tags
from litmus.dataclass import replace
from litmus.program.instruction import Tags
from litmus.program.macros import MacroBinary, MacroCall, MacroDereference, MacroExpression, MacroTable

OWN = frozenset({"plain", "rmw", "lkr", "lkw", "ul", "lf", "rl", "ru"})
"""Tags that herd7 or the engine gives, no macro."""

WORDS = {
    "relaxed": "once",
    "acquire": "acquire",
    "lock": "acquire",
    "release": "release",
    "unlock": "release",
    "full": "mb",
}
"""Row of an update -> the word of its ordering in a macro table."""

UPDATES = frozenset({"op", "cmpxchg", "unless", "bit"})
"""The sections whose rows are updates."""

RMW: Tags = frozenset({"RMW"})


def lowering_of(table: MacroTable, variant: str) -> Lowering:
    """Return the lowering table in the words of ``table``; a row for which it has none is ``unsupported``."""
    spelling = {word.lower(): word for word in _words(table)}
    rows = load_lowering("lkmm").rows
    return Lowering("lkmm", {key: _row(key, row, spelling, variant, table.name) for key, row in rows.items()})


def _words(table: MacroTable) -> Iterator[str]:
    """The tags that the macros of a table mention."""
    for macro in table.macros.values():
        for body in (*macro.statements, *([macro.value] if macro.value is not None else [])):
            yield from _in(body)


def _in(body: MacroExpression) -> Iterator[str]:
    match body:
        case MacroCall(_, tag, arguments):
            if tag:
                yield tag
            for argument in arguments:
                yield from _in(argument)
        case MacroBinary(_, left, right):
            yield from _in(left)
            yield from _in(right)
        case MacroDereference(operand):
            yield from _in(operand)


def _row(key: str, row: Row, spelling: Mapping[str, str], variant: str, table: str) -> Row:
    section, _, name = key.partition(".")
    known = {*spelling, *OWN, *(("noreturn",) if variant == LKMMV1 else ())}  # herd7's own word there
    missing = sorted(word for word in _mentioned(row) if word not in known)
    if missing:
        return replace(row, unsupported=f"'{table}' has no tag '{missing[0]}'")
    spelt = replace(
        row,
        tags=_spelt(row.tags, spelling),
        zero_tags=None if row.zero_tags is None else _spelt(row.zero_tags, spelling),
        failed=_spelt(row.failed, spelling),
        acquired=_spelt(row.acquired, spelling),
        before=tuple(_each(row.before, spelling)),
        after=tuple(_each(row.after, spelling)),
        emit=tuple(_each(row.emit, spelling)),
    )
    if section not in UPDATES:
        return spelt
    return _update(spelt, "noreturn" if "Noreturn" in row.read else WORDS[name], spelling, variant)


def _update(row: Row, word: str, spelling: Mapping[str, str], variant: str) -> Row:
    """The events of herd7's updates: with ``lkmmv1`` only the one that the word speaks of has it, and ``mb`` puts a
    fence on either side; else both have it, and a conditional one that fails too."""
    own = _spelt((word,), spelling)
    looked = row.failed if row.failed and "RMW" not in row.failed else None
    if variant != LKMMV1:
        return replace(row, read=own | RMW, write=own | RMW, failed=own | RMW if looked is None else looked)
    once = _spelt(("once",), spelling)
    return replace(
        row,
        read=(own if word in ("acquire", "noreturn") else once) | RMW,
        write=(own if word == "release" else once) | RMW,
        failed=once | RMW if looked is None else looked,
        guards=tuple(own) if word == "mb" else (),
    )


def _mentioned(row: Row) -> Iterator[str]:
    every = (row.tags, row.zero_tags or (), row.read, row.write, row.failed, row.acquired)
    fences = (row.before, row.after, row.emit)
    return (tag.lower() for group in (*every, *fences) for tag in group)


def _spelt(words: Iterable[str], spelling: Mapping[str, str]) -> Tags:
    return frozenset(_each(words, spelling))


def _each(words: Iterable[str], spelling: Mapping[str, str]) -> Iterator[str]:
    for word in words:
        yield word if word.lower() in OWN else next(iter(tags(spelling.get(word.lower(), word))))
