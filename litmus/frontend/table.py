"""The tables that a grammar becomes: for each state of the parser what to do at each kind of word.

Lark makes them from the text of a grammar (`frontend.analysis`), which takes a hundred times as long as reading them
from disk; `frontend.machine` parses by them.
"""

import marshal
from collections.abc import Iterable, Mapping
from typing import Any

from litmus import store
from litmus.dataclass import dataclass
from litmus.resources import grammar_text

END = "$END"
"""The kind of the word that stands for the end of a text."""

Actions = Mapping[str, int]
"""By the kind of a word or the name of a rule: the state to go to, or for a reduction ``~`` the number of the rule."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A rule: how many parts it takes off the stack, and what it makes of them.

    ``kept`` are those that are kept, each with whether it is taken apart into its own parts, and with the number of
    absent parts before it; ``absent`` is the number of those behind the last. A rule that is ``single`` makes nothing
    of a single part.
    """

    origin: str
    size: int
    name: str
    single: bool
    kept: tuple[tuple[int, bool, int], ...]
    absent: int
    whole: bool
    """Whether all parts are kept as they are."""
    passes: bool
    """Whether a part stays what it is, but for a name that nobody sees: then only the state of the parser changes."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The kinds of words that one state knows, in the order in which they are tried, and for kinds that are given by a
    pattern the words that are of another kind (``while`` is no name)."""

    kinds: tuple[str, ...]
    words: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A grammar, ready to parse by."""

    patterns: Mapping[str, tuple[str, bool]]
    """For each kind of word its text, or its pattern (True)."""
    ignored: frozenset[str]
    shapes: tuple[Shape, ...]
    states: tuple[Actions, ...]
    starts: Mapping[str, tuple[int, int]]
    """For each rule that a text can be the first and the last state."""
    vocabularies: tuple[Vocabulary, ...]
    """The first is that of the whole grammar."""
    vocabulary_of: tuple[int, ...]
    """For each state the number of its vocabulary."""


def load_table(files: Iterable[str], starts: tuple[str, ...], *, placeholders: bool) -> Table:
    """Return the table of the grammar in ``files`` (in ``grammar/``; what they import is to be named last).

    ``placeholders``: whether what is optional and absent is None in the tree.
    """
    texts = tuple((name, grammar_text(name)) for name in files)
    key = store.edition("frontend") + repr(("grammar", texts, starts, placeholders)).encode()
    found = store.get(key)
    if found is not None:
        try:
            return _table(marshal.loads(found))
        except (ValueError, TypeError, EOFError):
            pass  # a file that was written by something else
    from litmus.frontend.analysis import plain_table

    plain = plain_table(texts, starts, placeholders)
    store.put(key, marshal.dumps(plain))
    return _table(plain)


def _table(plain: Any) -> Table:
    patterns, ignored, shapes, states, starts, vocabularies, vocabulary_of = plain
    return Table(
        patterns,
        ignored,
        tuple(_shape(*shape) for shape in shapes),
        states,
        starts,
        tuple(Vocabulary(*vocabulary) for vocabulary in vocabularies),
        vocabulary_of,
    )


def _shape(
    origin: str, size: int, name: str, single: bool, kept: tuple[tuple[int, bool, int], ...], absent: int, whole: bool
) -> Shape:
    hidden = kept == ((0, True, 0),) and not single and origin.startswith("_")
    passes = size == 1 and not absent and ((single and kept == ((0, False, 0),)) or hidden)
    return Shape(origin, size, name, single, kept, absent, whole, passes)
