"""Accesses of different sizes to one location, and whether events of whole locations still say what happens.

A memory event here is of a whole location. That is exact where all accesses to it have the size that it is declared to
have, or one size where nothing is declared. It is exact too where all have one smaller size and the bytes beyond it
are zero from the start, on a machine that keeps the low byte of a number first. Everything else needs events of single
bytes (S. Flur and others, *Mixed-size Concurrency: ARM, POWER, C/C++11, and SC*, POPL 2017).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from litmus.event.path import Path, Step
from litmus.event.structure import PART
from litmus.program.instruction import Load, Origin, ReadModifyWrite, Store, StoreConditional
from litmus.program.program import Dialect, Location, Program
from litmus.program.term import Address

Sizes = Mapping[int, Origin]
"""The sizes in which a location is accessed, each with the first instruction that does."""


def mixed_sizes(program: Program, threads: Sequence[Sequence[Path]]) -> tuple[str, ...]:
    """Return a reason for each location of which whole accesses do not say exactly what happens."""
    accessed = _accessed(path for paths in threads for path in paths)
    low_first = program.dialect is not Dialect.PPC
    parts = dict.fromkeys(reason for paths in threads for path in paths for reason in _parts(path))
    return *parts, *(
        _reason(location, accessed[location.name])
        for location in program.locations
        if location.name in accessed and not _exact(location, accessed[location.name], low_first)
    )


def _parts(path: Path) -> Iterator[str]:
    """Yield the reason where a path ends at an access to a place inside a location, which is no event here."""
    for mark in path.marks:
        match path.trace[-1:]:
            case (Step(instruction=Load() | Store() | ReadModifyWrite() | StoreConditional() as access),) if (
                mark.startswith(PART) and access.size
            ):
                inside = f"{_place(access.origin)} accesses {_bytes(access.size)} from the middle"
                yield f"mixed sizes at '{mark.removeprefix(PART)}': {inside}; what follows is left out"


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
