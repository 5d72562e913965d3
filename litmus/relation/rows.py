"""Relations over many events row by row.

In `relation.bits` an operation costs a few steps on the whole matrix for each event, which is the least work as long
as a matrix is a few machine words wide. From some hundred events on it costs less to take the matrix apart.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import compress
from operator import or_

_FEW = 8
"""So many rows are split off one by one."""

_DIGITS = bytes.maketrans(b"01", b"\0\1")


def split(relation: int, n: int) -> list[int]:
    """Return the rows of a relation: the set of events that each event is related to."""
    return list(_split(relation, n, n))


def _split(part: int, n: int, count: int) -> list[int]:
    if count <= _FEW:
        full = (1 << n) - 1
        return [(part >> i * n) & full for i in range(count)]
    half = count // 2
    cut = half * n
    return _split(part & ((1 << cut) - 1), n, half) + _split(part >> cut, n, count - half)


def join(rows: Sequence[int], n: int) -> int:
    """Return the relation with the given rows."""
    parts, width = list(rows), n
    while len(parts) > 1:
        last = [parts.pop()] if len(parts) % 2 else []
        parts = [low | high << width for low, high in zip(parts[::2], parts[1::2], strict=True)] + last
        width *= 2
    return parts[0] if parts else 0


def domain(relation: int, n: int) -> int:
    """The events related to something."""
    return sum(1 << i for i, row in enumerate(split(relation, n)) if row)


def sequence(left: int, right: int, n: int) -> int:
    """``left ; right``."""
    following = split(right, n)
    return join([reduce(or_, compress(following, _flags(row)), 0) if row else 0 for row in split(left, n)], n)


def _flags(events: int) -> bytes:
    """A set as bytes that are 0 or 1, that of event 0 first."""
    return bin(events)[:1:-1].encode().translate(_DIGITS)


def closure(relation: int, n: int) -> int:
    """``relation+``: transitive closure (Warshall)."""
    rows = split(relation, n)
    for k in range(n):
        row, bit = rows[k], 1 << k
        if row:
            rows = [other | row if other & bit else other for other in rows]
    return join(rows, n)
