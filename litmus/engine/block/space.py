"""Tables of truth over choices that are made independently of each other.

Each combination of choices has a number. A **table** is an integer with a bit for each combination: it says of all of
them whether something holds. And, or and not of tables are those of integers.
"""

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

from litmus.dataclass import dataclass

Table: TypeAlias = int


@dataclass(frozen=True, slots=True)
class Space:
    """All combinations of choices, each out of so many options. The last choice varies fastest."""

    sizes: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of combinations."""
        return prod(self.sizes)

    @property
    def full(self) -> Table:
        """The table of what always holds."""
        return (1 << self.size) - 1

    def options(self) -> list[list[Table]]:
        """Return, for each choice, the tables of its options."""
        found, size, stride = [], self.size, self.size
        for count in self.sizes:
            period, stride = stride, stride // count
            first = _repeated((1 << stride) - 1, period, size)
            found.append([first << (option * stride) for option in range(count)])
        return found

    def taken(self, combination: int) -> list[int]:
        """Return the option of each choice that a combination has."""
        found = []
        for count in reversed(self.sizes):
            combination, option = divmod(combination, count)
            found.append(option)
        return found[::-1]


def _repeated(pattern: int, period: int, size: int) -> int:
    """Repeat a pattern of so many bits up to a size that is a multiple of its own."""
    result, done, width = 0, 0, period
    count = size // period
    while count:
        if count & 1:
            result |= pattern << done
            done += width
        pattern |= pattern << width
        width *= 2
        count >>= 1
    return result


def lowest(table: Table) -> int:
    """Return the first combination of a table that is not empty."""
    return (table & -table).bit_length() - 1


def union(tables: Sequence[Table]) -> Table:
    """Return where one of the tables holds."""
    found = 0
    for table in tables:
        found |= table
    return found
