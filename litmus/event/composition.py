"""Puts the paths of threads together: an event structure of one path for each thread.

A path may be part of many structures. What does not depend on the paths of the other threads is found out once: how its
own events are related; and, by the number of its first event, its events, constraints and registers.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence

from litmus.dataclass import dataclass, field
from litmus.event.path import Path, PathEvent
from litmus.event.pieces import Layout
from litmus.event.registers import REGISTER_KINDS
from litmus.event.structure import INIT, MOST_EVENTS, SAME_ACCESS, Event, EventStructure, too_large
from litmus.program.instruction import Origin
from litmus.program.program import Location, Program
from litmus.program.term import Address, Leaf, ReadValue, Term, substitute
from litmus.relation import bits

PATH_RELATIONS = (
    ("addr", "addr"), ("data", "data"), ("ctrl", "ctrl"), ("amo", "amo"), ("lxsx", "lxsx"), ("iico_data", "iico_data"),
    ("iico_ctrl", "iico_ctrl"), ("rf-reg", "rf_reg"), ("pick-addr", "pick_addr"), ("pick-data", "pick_data"),
    ("pick-ctrl", "pick_ctrl"),
)  # fmt: skip
"""The relations of an event structure that paths have, with the fields of `Path`."""

NAMES = (*(name for name, _ in PATH_RELATIONS), "rmw", "same-instance", "same-instr", "same-static", "po")
"""The relations of an event structure."""

Rows = Mapping[int, int]
"""By each event that is related to others the set of those."""


@dataclass(frozen=True, slots=True)
class _Own:
    """How the events of a path are related among themselves, and the locations that they access."""

    path: Path
    relations: Mapping[str, Rows]
    locations: frozenset[str | None]
    united: bool


@dataclass(frozen=True, slots=True)
class _Placed:
    """A path as the one of a thread, whose events are numbered from some number on."""

    own: _Own
    base: int
    events: tuple[Event, ...]
    constraints: tuple[Term, ...]
    final: Mapping[tuple[int, str], Term]


@dataclass(slots=True)
class Composer:
    """Makes the event structures of a program. With ``wide`` po relates the events of one instruction."""

    program: Program
    places: Sequence[Location]
    wide: bool
    untouched: bool
    """Whether locations that no path accesses are initialised too."""
    inexact: tuple[str, ...] = ()
    layout: Layout | None = None
    _own: dict[int, _Own] = field(default_factory=dict)
    """By the identity of paths, which are kept in what is found."""
    _placed: dict[tuple[int, int, int], _Placed] = field(default_factory=dict)
    _initial: dict[int, Event] = field(default_factory=dict)
    """The initial writes by their numbers: mostly they are those of the same locations."""

    def structure(self, paths: Sequence[Path]) -> EventStructure:
        """Return the event structure of one path for each thread: the initial writes first, then the threads."""
        inits = self._inits(paths)
        events = [self._initial_write(i, location) for i, location in enumerate(inits)]
        placed: list[_Placed] = []
        for thread, path in enumerate(paths):
            placed.append(self._at(path, thread, len(events)))
            events.extend(placed[-1].events)
        n = len(events)
        if n > MOST_EVENTS:
            raise too_large(events[-1].origin)
        layout = self.layout
        divided = {} if layout is None else layout.divided({event.location for event in events if event.location})
        relations = _together(placed, n)
        apart = 0 if layout is None else _pieces_together(placed, layout, inits, n)
        if any(part.own.united for part in placed):
            apart |= _united(placed, n)
        if apart:
            relations[SAME_ACCESS] = apart
        return EventStructure(
            self.program,
            tuple(events),
            relations,
            tuple([constraint for part in placed for constraint in part.constraints]),
            {place: value for part in placed for place, value in part.final.items()},
            frozenset().union(*(path.marks for path in paths)),
            self.inexact,
            divided,
        )

    def _inits(self, paths: Sequence[Path]) -> Sequence[Location]:
        if self.untouched:
            return self.places
        used = frozenset().union(*(self._of(path).locations for path in paths))
        return [location for location in self.places if location.name in used]

    def _initial_write(self, number: int, location: Location) -> Event:
        known = self._initial.get(number)
        if known is None or known.location != location.name:
            origin = Origin("init", f"{location.name} = {location.initial}")
            known = Event(number, INIT, "W", location.name, location.initial, frozenset(), origin, location.address)
            self._initial[number] = known
        return known

    def _of(self, path: Path) -> _Own:
        found = self._own.get(id(path))
        if found is None:
            found = self._own[id(path)] = _own(path, self.wide)
        return found

    def _at(self, path: Path, thread: int, base: int) -> _Placed:
        key = id(path), thread, base
        found = self._placed.get(key)
        if found is None:
            found = self._placed[key] = _place(self._of(path), thread, base)
        return found


def _own(path: Path, wide: bool) -> _Own:
    found: dict[str, Rows] = {}
    for name, attribute in PATH_RELATIONS:
        edges = getattr(path, attribute)
        if edges:
            found[name] = _rows(edges)
    pairs = path.amo + path.lxsx
    if pairs:
        found["rmw"] = _rows(pairs)
    starts: dict[int, int] = {}
    offsets = [i - starts.setdefault(event.instance, i) for i, event in enumerate(path.events)]
    found["same-instance"] = same = _alike([event.instance for event in path.events])
    found["same-instr"] = _alike([event.origin for event in path.events])
    found["same-static"] = _alike([(event.origin, i) for event, i in zip(path.events, offsets, strict=True)])
    apart, lxsx, everything = _rows(path.unordered), found.get("lxsx", {}), (1 << len(path.events)) - 1
    found["po"] = {
        i: everything & -(2 << i) & ~((0 if wide else same[i] & ~lxsx.get(i, 0)) | apart.get(i, 0)) for i in same
    }
    locations = frozenset([event.location for event in path.events if event.kind not in REGISTER_KINDS])
    return _Own(path, found, locations, any(event.unit >= 0 for event in path.events))


def _rows(edges: Iterable[tuple[int, int]]) -> Rows:
    rows: dict[int, int] = {}
    for i, j in edges:
        rows[i] = rows.get(i, 0) | 1 << j
    return rows


def _alike(keys: Sequence[Hashable]) -> Rows:
    """Return for each event those with the same key, itself included."""
    groups: dict[Hashable, int] = {}
    for i, key in enumerate(keys):
        groups[key] = groups.get(key, 0) | 1 << i
    return {i: groups[key] for i, key in enumerate(keys)}


def _place(own: _Own, thread: int, base: int) -> _Placed:
    path = own.path
    return _Placed(
        own,
        base,
        tuple([_event(event, base, i, thread) for i, event in enumerate(path.events)]),
        tuple([_shift(constraint, base) for constraint in path.constraints]),
        {(thread, name): _shift(value, base) for name, value in path.registers.items()},
    )


def _event(event: PathEvent, base: int, index: int, thread: int) -> Event:
    value = None if event.value is None else _shift(event.value, base)
    location = f"{thread}:{event.location}" if event.kind in REGISTER_KINDS else event.location
    return Event(base + index, thread, event.kind, location, value, event.tags, event.origin, event.address)


def _shift(term: Term, base: int) -> Term:
    if isinstance(term, (int, Address)):
        return term
    if isinstance(term, ReadValue):
        return ReadValue(term.event + base)

    def lookup(leaf: Leaf) -> Term | None:
        return ReadValue(leaf.event + base) if isinstance(leaf, ReadValue) else None

    return substitute(term, lookup)


def _together(placed: Iterable[_Placed], n: int) -> dict[str, int]:
    """Return the relations of an event structure."""
    found = dict.fromkeys(NAMES, 0)
    for part in placed:
        base = part.base
        for name, rows in part.own.relations.items():
            if n > bits.MANY:
                found[name] |= bits.from_rows([rows.get(i - base, 0) << base for i in range(n)], n)
            else:
                relation = found[name]
                for i, row in rows.items():
                    relation |= row << ((base + i) * n + base)
                found[name] = relation
    return found


def _united(placed: Iterable[_Placed], n: int) -> int:
    """The pairs of events of accesses to pairs that are made at once."""
    groups: dict[Hashable, int] = {}
    for part in placed:
        for i, event in enumerate(part.own.path.events, part.base):
            if event.unit >= 0:
                groups[part.base, event.unit] = groups.get((part.base, event.unit), 0) | 1 << i
    return _within(groups.values(), n)


def _within(groups: Iterable[int], n: int) -> int:
    relation = 0
    for group in groups:
        relation |= bits.cartesian(group, group, n) & ~bits.set_identity(group, n)
    return relation


def _pieces_together(placed: Iterable[_Placed], layout: Layout, inits: Sequence[Location], n: int) -> int:
    """The pairs of events of one access, or of the initial writes of one location."""
    owners = layout.together()
    groups: dict[Hashable, int] = {}
    for number, place in enumerate(inits):
        groups[owners[place.name]] = groups.get(owners[place.name], 0) | 1 << number
    for part in placed:
        for i, event in enumerate(part.own.path.events, part.base):
            if event.access >= 0:
                key = (part.base, event.access)
                groups[key] = groups.get(key, 0) | 1 << i
    return _within(groups.values(), n)
