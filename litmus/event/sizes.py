"""Accesses of different sizes to one location, and whether events of whole locations still say what happens.

A memory event here is of a whole location. That is exact where all accesses to it have the size that it is declared to
have, or one size where nothing is declared. It is exact too where all have one smaller size and the bytes beyond it
are zero from the start, on a machine that keeps the low byte of a number first. Everything else needs events of single
bytes (S. Flur and others, *Mixed-size Concurrency: ARM, POWER, C/C++11, and SC*, POPL 2017).
"""

from collections.abc import Iterable, Mapping, Sequence

from litmus.event.path import Path
from litmus.program.instruction import Origin
from litmus.program.program import Dialect, Location, Program
from litmus.program.term import Address

Sizes = Mapping[int, Origin]
"""The sizes in which a location is accessed, each with the first instruction that does."""


def mixed_sizes(program: Program, threads: Sequence[Sequence[Path]]) -> tuple[str, ...]:
    """Return a reason for each location of which whole accesses do not say exactly what happens."""
    accessed = _accessed(path for paths in threads for path in paths)
    low_first = program.dialect is not Dialect.PPC
    return tuple(
        _reason(location, accessed[location.name])
        for location in program.locations
        if location.name in accessed and not _exact(location, accessed[location.name], low_first)
    )


def _accessed(paths: Iterable[Path]) -> dict[str, dict[int, Origin]]:
    found: dict[str, dict[int, Origin]] = {}
    for path in paths:
        for event in path.events:
            if event.size and event.location is not None:
                found.setdefault(event.location, {}).setdefault(event.size, event.origin)
    return found


def _exact(location: Location, sizes: Sizes, low_first: bool) -> bool:
    if len(sizes) > 1:
        return False
    (size,) = sizes
    declared = location.type.size
    if size == declared:
        return True
    if isinstance(location.initial, int) and 0 <= location.initial < 1 << min(8 * size, 8 * declared):
        return not location.typed or (size < declared and low_first)
    return not location.typed and size == 8 and isinstance(location.initial, Address)


def _reason(location: Location, sizes: Sizes) -> str:
    told = [f"{_place(origin)} accesses {_bytes(size)}" for size, origin in sorted(sizes.items())]
    if len(told) == 1:
        told.append(f"of {location.type.size} {'declared' if location.typed else 'at the start'}")
    return f"mixed sizes at '{location.name}': {', '.join(told)}; each access is taken as one to all of it"


def _place(origin: Origin) -> str:
    return f"'{origin.text}' ({origin.label})"


def _bytes(size: int) -> str:
    return "1 byte" if size == 1 else f"{size} bytes"
