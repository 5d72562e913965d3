"""Sets and relations of literals: what is in them for sure, and what depends on the execution."""

from collections.abc import Iterator, Mapping

from litmus.dataclass import dataclass, field
from litmus.engine.sat.solver import FALSE, TRUE, Literal
from litmus.relation import bits


@dataclass(frozen=True, slots=True)
class Matrix:
    """A set or relation in the bits of `relation.bits`: ``sure`` are in it, ``open`` where their literal is true."""

    sure: int = 0
    open: Mapping[int, Literal] = field(default_factory=dict)

    def literal(self, bit: int) -> Literal:
        """Return the literal that says whether a bit is in it."""
        return TRUE if self.sure >> bit & 1 else self.open.get(bit, FALSE)

    def items(self) -> Iterator[tuple[int, Literal]]:
        """Yield the bits that may be in it with their literals."""
        for bit in bits.members(self.sure):
            yield bit, TRUE
        yield from self.open.items()

    def rows(self, n: int) -> list[dict[int, Literal]]:
        """Return, of a relation over ``n`` events, what each may be related to."""
        found: list[dict[int, Literal]] = [{} for _ in range(n)]
        for bit, literal in self.items():
            found[bit // n][bit % n] = literal
        return found

    def value(self, true: frozenset[Literal]) -> int:
        """Return its bits where these literals are true."""
        return self.sure | sum(1 << bit for bit, literal in self.open.items() if literal in true)


class Reader:
    """Reads a matrix off many sets of true literals."""

    __slots__ = ("_bits", "_literals", "_sure")

    def __init__(self, matrix: Matrix) -> None:
        self._sure = matrix.sure
        self._bits: dict[Literal, int] = {}
        for bit, literal in matrix.open.items():
            self._bits[literal] = self._bits.get(literal, 0) | 1 << bit
        self._literals = frozenset(self._bits)

    def chosen(self, true: frozenset[Literal]) -> frozenset[Literal]:
        """Return which of its literals are true."""
        return self._literals & true

    def value(self, true: frozenset[Literal]) -> int:
        """Return its bits where these literals are true."""
        return self._sure | sum(map(self._bits.__getitem__, self._literals & true))
