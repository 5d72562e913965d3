"""The outlines of conditions: texts in which every plain atom, as ``0:r1=0``, is blotted out.

Tests of a kind ask the same of other registers and values: `exists (x=2 /\\ 1:x5=1)`. What differs is in the atoms, so
that few outlines, and few atoms, make the conditions of many tests. Each is parsed once and remembered. A blot is as
long as its atom, so that all else is where it is in the text. What is wrong shows only in the text as it is: whoever
gets None here parses that.
"""

import re
from functools import lru_cache

from litmus.frontend.grammar import DEEPEST, Node, grammar, parse, too_deep
from litmus.frontend.machine import Machine, Unexpected
from litmus.frontend.tree import Token
from litmus.source import Source

PLAIN = "PLAIN"
"""The kind of word that a blot is."""

_BLOT = "\0"
_ATOM = re.compile(
    r"(?<![\w.$%&*:\]])(?!(?:true|false|not)\b)"
    r"(?:P?[0-9]+\s*:\s*[%$]?[A-Za-z_.][\w.]*|[A-Za-z_]\w*)\s*(?:==?|!=|<>)\s*-?(?:0[xX][0-9a-fA-F]+|[0-9]+)"
    r"(?=\s*(?:\Z|[);]|/\\|\\/|=>))"
)
"""A whole atom by the rules of the grammar, wherever one can stand; where none can, the outline is no condition."""

_LONGEST = 2000
"""Characters of a text that is worth remembering."""

_QUESTION = "exists "
_DEEPEST = DEEPEST - 2
"""How deep an outline may be: the words of an atom are up to two constructs deeper than the blot in its place."""


def outline_parser() -> Machine:
    """Return the parser of what herd files of all dialects have, and of outlines of it."""
    return grammar(("herd.lark", "outline.lark"), ("init", "final"))


def outline_of(text: str) -> Node | None:
    """Return the tree of a final part, with blots in place of plain atoms, None where it cannot be had like that."""
    if len(text) > _LONGEST or _BLOT in text:
        return None
    return _outline(_ATOM.sub(_blotted, text))


def _blotted(atom: re.Match[str]) -> str:
    return _BLOT * (atom.end() - atom.start())


@lru_cache(maxsize=1024)
def _outline(text: str) -> Node | None:
    try:
        tree = outline_parser().parse(text, "final")
    except Unexpected:
        return None
    return None if too_deep(tree, _DEEPEST) else tree


@lru_cache(maxsize=4096)
def atom_of(text: str) -> tuple[Node, int]:
    """Return the tree of a plain atom, and from where on its places count."""
    question = _QUESTION + text
    (claim,) = parse(outline_parser(), "final", Source("", question).span(0, len(question))).children
    assert not isinstance(claim, Token)
    atom = claim.children[1]
    assert not isinstance(atom, Token)
    return atom, len(_QUESTION)
