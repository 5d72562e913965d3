"""What parsing gives: words of a text and the trees that they make. Pattern matching takes them apart."""

from typing import TypeAlias


class Token(str):
    """A word of a text with its kind and place."""

    __slots__ = ("end_pos", "line", "start_pos", "type")
    __match_args__ = ("type",)

    type: str
    start_pos: int
    end_pos: int
    line: int
    """The line that the word begins on, counted from wherever reading began."""

    def __new__(cls, kind: str, text: str, start_pos: int = 0, end_pos: int = 0, line: int = 0) -> "Token":
        """Return the word ``text``, which need not be as long as its place."""
        token = str.__new__(cls, text)
        token.type, token.start_pos, token.end_pos, token.line = kind, start_pos, end_pos, line
        return token

    def retyped(self, kind: str, text: str | None = None) -> "Token":
        """Return a token at the same place, of another kind and maybe with another text."""
        return Token(kind, str(self) if text is None else text, self.start_pos, self.end_pos, self.line)

    def __eq__(self, other: object) -> bool:
        """Whether the texts are equal, and of two tokens the kinds."""
        if isinstance(other, Token) and self.type != other.type:
            return False
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        """As ``==`` says."""
        return not self == other

    __hash__ = str.__hash__


class Tree:
    """What a rule of a grammar matched: its name or that of the alternative, and the parts.

    ``start`` and ``end`` are the offsets of what it was made of, words that are left out of the parts included; None
    where that is nothing. ``outer_start`` and ``outer_end`` add what stood around it in rules that left no tree of
    their own.
    """

    __slots__ = ("children", "data", "end", "outer_end", "outer_start", "start")
    __match_args__ = ("data", "children")

    def __init__(self, data: str, children: "list[Tree | Token]") -> None:
        self.data = data
        self.children = children
        self.start: int | None = None
        self.end: int | None = None
        self.outer_start: int | None = None
        self.outer_end: int | None = None


Part: TypeAlias = Tree | Token | None
"""A part of a tree, or the place of one that is absent."""
