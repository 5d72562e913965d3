"""The static side of an event structure in the words of the cat language."""

from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType

from litmus.deadline import NEVER, Deadline
from litmus.event.structure import INIT, EventStructure
from litmus.relation import bits
from litmus.relation.model import Basis

_SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"R": ("R", "M"), "W": ("W", "M"), "U": ("R", "W", "M"), **{kind: (kind,) for kind in ("F", "B", "Rreg", "Wreg")}}
)
"""The sets that an event is in by its kind."""

_MUTEX = frozenset({"LK", "UL"})
"""What operations on mutexes of C11 carry. They are no accesses and no fences (herd/CAction.ml)."""


def basis_of(
    structure: EventStructure,
    reads_from: int | None = None,
    final_writes: int | None = None,
    values: Sequence[Hashable | None] | None = None,
    deadline: Deadline = NEVER,
) -> Basis:
    """Return the primitive sets and relations of a structure.

    ``int`` relates the events of one thread and ``ext`` those of different threads, the initial writes counting as one
    more thread for ``ext`` only, as herd7 has it. ``values`` are those of the events, where rf is chosen.
    """
    events = structure.events
    n = len(events)
    sets = _sets(structure)
    relations = dict(structure.relations)
    internal = _same(structure, by_thread=True, n=n)
    inits = sets["IW"]
    everything = (1 << n) - 1
    relations |= {
        "id": bits.identity(n),
        "loc": _same(structure, by_thread=False, n=n),
        "int": internal,
        "ext": bits.cartesian(everything, everything, n) & ~internal & ~bits.cartesian(inits, inits, n),
    }

    def location(event: int) -> Hashable | None:
        return events[event].location

    def value(event: int) -> Hashable | None:
        return events[event].value if values is None else values[event]

    shape = (n, tuple(sorted(sets.items())), tuple(sorted(relations.items())))
    return Basis(n, sets, relations, location, value, reads_from, final_writes, shape, deadline)


def _sets(structure: EventStructure) -> dict[str, int]:
    sets = dict.fromkeys(("R", "W", "M", "IW", "F", "B", "Rreg", "Wreg", "DATA"), 0)
    for event in structure.events:
        bit = 1 << event.number
        if event.tags.isdisjoint(_MUTEX) or event.kind != "F":
            for name in _SETS.get(event.kind, ()):
                sets[name] |= bit
        if event.thread == INIT:
            sets["IW"] |= bit
        for tag in event.tags:
            sets[tag] = sets.get(tag, 0) | bit
    return sets


def _same(structure: EventStructure, *, by_thread: bool, n: int) -> int:
    """The pairs of events with the same thread (initial writes apart) or the same location."""
    groups: dict[Hashable, int] = {}
    for event in structure.events:
        key: Hashable = event.thread if by_thread else event.location
        if key is not None and key != INIT:
            groups[key] = groups.get(key, 0) | 1 << event.number
    relation = 0
    for group in groups.values():
        relation |= bits.cartesian(group, group, n)
    return relation
