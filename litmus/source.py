"""Text under analysis and ranges in it.

Every syntax node keeps a :class:`Span`, so that any error, however late it is found, can point at the characters that
caused it.
"""

from bisect import bisect_right
from itertools import accumulate

from litmus.dataclass import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A named text. ``name`` is what error messages call it, usually the path as the user gave it."""

    name: str
    text: str
    _line_starts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = accumulate((len(line) + 1 for line in self.text.split("\n")), initial=0)
        object.__setattr__(self, "_line_starts", tuple(starts)[:-1])

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based (line, column) of the character at ``offset``."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of the 1-based line ``number``, without its line end."""
        start = self._line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")

    def span(self, start: int, end: int) -> "Span":
        """Return the span of the characters from ``start`` up to, not including, ``end``."""
        return Span(self, start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open range ``[start, end)`` of character offsets in a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters in the range."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """The 1-based line on which the range starts."""
        return self.source.position(self.start)[0]

    def to(self, other: "Span") -> "Span":
        """Return the smallest span that holds this one and ``other``."""
        return Span(self.source, min(self.start, other.start), max(self.end, other.end))

    def location(self) -> str:
        """Return ``file:line:column`` of the start."""
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

    def caret(self) -> str:
        """Return the first line of the range with carets under the part that belongs to it: of a long line the part
        around it, and a mark in place of what a terminal would take for a command."""
        line, column = self.source.position(self.start)
        text = self.source.line(line)
        width = max(1, min(self.end - self.start, len(text) - column + 1))
        text, column, width = _window(text, column, width)
        margin = "".join("\t" if c == "\t" else " " for c in text[: column - 1])
        return f"  {_printable(text)}\n  {margin}{'^' * width}"


_WIDEST, _BEFORE, _MORE = 200, 60, "…"


def _window(text: str, column: int, width: int) -> tuple[str, int, int]:
    """Return the part of a long line that the range begins in, and where the range is in it."""
    if len(text) <= _WIDEST:
        return text, column, width
    start = max(column - 1 - _BEFORE, 0)
    shown = text[start : start + _WIDEST]
    head, tail = _MORE if start else "", _MORE if start + _WIDEST < len(text) else ""
    column += len(head) - start
    return head + shown + tail, column, min(width, len(head) + len(shown) - column + 1)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
