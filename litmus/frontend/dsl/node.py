"""The surface syntax of a DSL file: one node class for every construct, as the grammar names them."""

from collections.abc import Iterator

from litmus.dataclass import dataclass
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class Node:
    """A construct. ``kind`` is the grammar's name for it; a single word has ``word`` and no parts.

    Optional constructs that were left out are parts of kind ``absent``.
    """

    kind: str
    parts: tuple["Node", ...]
    span: Span
    word: str = ""

    @property
    def present(self) -> bool:
        """Whether the construct was written."""
        return self.kind != "absent"

    @property
    def text(self) -> str:
        """The source text on one line, without the semicolon that ends it."""
        return " ".join(self.span.text.split()).rstrip("; ")

    def walk(self) -> Iterator["Node"]:
        """Yield this node and everything in it, outside first."""
        yield self
        for part in self.parts:
            yield from part.walk()
