"""From compiled threads to event structures: one for each combination of control paths."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import product

from litmus.dataclass import replace
from litmus.deadline import NEVER, Deadline
from litmus.event.domain import ANYWHERE, Domains, feasible, fixpoint, possible
from litmus.event.explore import ThreadExplorer
from litmus.event.path import Path, PathEvent, Resolve, Target
from litmus.event.pieces import Layout, divided_addresses, whole
from litmus.event.registers import REGISTER_KINDS, with_registers
from litmus.event.sizes import mixed_sizes
from litmus.event.spin import BOUND, Spins, spins_of
from litmus.event.structure import INIT, MOST_EVENTS, SAME_ACCESS, Event, EventStructure, too_large
from litmus.event.stuck import before, stuck, waiting
from litmus.program.instruction import Instruction, Origin
from litmus.program.program import Location, Program
from litmus.program.term import Address, Leaf, ReadValue, Term, Value, apply, substitute
from litmus.relation import bits

WIDE = frozenset({"lkmm", "sc", "c11"})
"""Targets whose po relates the read and the write of one primitive; elsewhere one instruction is one point of po."""


PATH_RELATIONS = (
    "addr", "data", "ctrl", "pick_addr", "pick_data", "pick_ctrl", "amo", "lxsx", "iico_data", "iico_ctrl", "rf_reg",
)  # fmt: skip
"""The relations of a path that an event structure puts together, as fields of `Path`."""


def unfold(
    program: Program,
    threads: Sequence[tuple[Instruction, ...]],
    target: str,
    unroll: int,
    *,
    registers: bool = False,
    branches: bool = False,
    untouched: bool = False,
    spins: bool = False,
    mixed: bool = False,
    endless: bool = False,
    deadline: Deadline = NEVER,
) -> Iterator[EventStructure]:
    """Yield the event structures of a compiled program, loops unrolled up to ``unroll`` turns.

    A path that needs more turns is cut there and carries the mark ``unroll_bound_reached``; an access outside every
    object ends its path with the mark ``invalid_access``. With ``registers`` the structures also have the accesses to
    registers and the branches as events, for models that compute dependencies themselves; with ``branches`` they have
    the branches and jumps, with ``untouched`` the initial writes of locations that no thread accesses. With ``spins``
    turns of a loop that only wait are left out (`event.spin` says what that is worth), as those of an ``await`` are.
    With ``mixed`` accesses are divided where those of several sizes overlap (`event.pieces`). With ``endless`` only
    structures in which a thread waits for ever (`event.stuck`) are yielded.
    """
    loops = spins_of(program, threads, target, every=spins)

    def explored(layout: Layout | None) -> Sequence[Sequence[Path]]:
        turning = branches and not registers
        return thread_paths(
            program, threads, unroll, deadline, branches=turning, spins=loops, layout=layout, endless=endless
        )

    choices, layout = _divided(explored, whole(program, threads)) if mixed else (explored(None), None)
    inexact = mixed_sizes(program, choices) if layout is None else divided_addresses(choices, layout, deadline)
    if endless:
        choices = [[before(path) for path in paths] for paths in choices]
    if registers:
        choices = [[_with_registers(path, deadline) for path in paths] for paths in choices]
    places = program.locations if layout is None else layout.locations()
    for paths in stuck(choices) if endless else product(*choices):
        inits = places if untouched else _accessed(places, paths)
        structure = assemble(program, paths, inits, wide=target in WIDE, inexact=inexact, layout=layout)
        yield waiting(structure, paths) if endless else structure


def _divided(
    explored: Callable[[Layout], Sequence[Sequence[Path]]], layout: Layout
) -> tuple[Sequence[Sequence[Path]], Layout]:
    """Return the paths, and the layout in which each access covers whole pieces."""
    while True:
        paths = explored(layout)
        if not layout.missing:
            return paths, layout
        layout = layout.refined()


def _accessed(places: Sequence[Location], paths: Sequence[Path]) -> Sequence[Location]:
    used = {e.location for path in paths for e in path.events if e.kind not in REGISTER_KINDS}
    return [location for location in places if location.name in used]


def _with_registers(path: Path, deadline: Deadline) -> Path:
    deadline.check()
    return with_registers(path)


def thread_paths(
    program: Program,
    threads: Sequence[tuple[Instruction, ...]],
    unroll: int,
    deadline: Deadline = NEVER,
    *,
    branches: bool = False,
    spins: Sequence[Spins | None] = (),
    layout: Layout | None = None,
    endless: bool = False,
) -> Sequence[Sequence[Path]]:
    """Return the feasible control paths of each thread, with ``endless`` also those that wait for ever."""
    places = program.locations if layout is None else layout.locations()
    names = {place.address: place.name for place in places} if layout is None else layout.places()
    parts = _parts(program) if layout is None else {}
    initial: dict[str, Value] = {place.name: place.initial for place in places}

    def explore(resolve: Resolve, domains: Domains | None = None) -> list[list[Path]]:
        waits = [each and replace(each, domains=domains) for each in spins or [None] * len(threads)]
        begin = [dict(thread.registers) for thread in program.threads]
        return [
            list(ThreadExplorer(code, registers, resolve, unroll, deadline, branches, wait, layout, endless).paths())
            for registers, code, wait in zip(begin, threads, waits, strict=True)
        ]

    first = _FirstLook(names, parts)
    paths = explore(first.resolve)
    if first.all_known and all(len(choice) == 1 for choice in paths):
        return paths
    domains = fixpoint(paths, initial, deadline)
    if not first.all_known or _cut(paths):

        def resolve(term: Term, locations: Mapping[int, str]) -> Sequence[Target]:
            return _targets(term, locations, domains, names, parts)

        paths = explore(resolve, domains)
    return [[path for path in choice if feasible(path, domains, deadline)] for choice in paths]


def _cut(paths: Sequence[Sequence[Path]]) -> bool:
    """Whether a bound has cut a path, which would not be where the values show that its loop only waits."""
    return any(BOUND in path.marks for choice in paths for path in choice)


class _FirstLook:
    """Resolves addresses that are constants; notes whether all were, and sends the others anywhere."""

    def __init__(self, names: Mapping[Address, str], parts: Mapping[Address, str]) -> None:
        self.names = names
        self.parts = parts
        self.all_known = True

    def resolve(self, term: Term, _: Mapping[int, str]) -> Sequence[Target]:
        """Return the target of a constant address, `ANYWHERE` for any other."""
        if isinstance(term, (int, Address)):
            return (_target(term, self.names, self.parts),)
        self.all_known = False
        return (Target(None, ANYWHERE, 1),)


def _parts(program: Program) -> Mapping[Address, str]:
    """Return the addresses inside of locations, with the name of what each is in."""
    return {
        Address(location.address.symbol, location.address.offset + i): location.name
        for location in program.locations
        for i in range(1, location.type.size)
    }


def _target(value: Value, names: Mapping[Address, str], parts: Mapping[Address, str]) -> Target:
    if not isinstance(value, Address):
        return Target(None, None, 1)
    name = names.get(value)
    return Target(value if name is not None else None, name, 1, parts.get(value))


def _targets(
    term: Term,
    locations: Mapping[int, str],
    domains: Domains,
    names: Mapping[Address, str],
    parts: Mapping[Address, str],
) -> Sequence[Target]:
    if isinstance(term, (int, Address)):
        return (_target(term, names, parts),)
    values = possible(term, locations, domains)
    candidates = sorted(names) if values is None else sorted(v for v in values if isinstance(v, Address) and v in names)
    inside = [Target(address, names[address], apply("==", term, address)) for address in candidates]
    if values is not None and len(values) == len(candidates):
        return inside
    outside: Term = 1
    for address in candidates:
        outside = apply("&&", outside, apply("!=", term, address)) if outside != 1 else apply("!=", term, address)
    part = next((parts[v] for v in values or () if isinstance(v, Address) and v not in names and v in parts), None)
    return [*inside, Target(None, None, outside, part)]


def assemble(
    program: Program,
    paths: Sequence[Path],
    inits: Sequence[Location],
    wide: bool,
    inexact: tuple[str, ...] = (),
    layout: Layout | None = None,
) -> EventStructure:
    """Return the event structure of one path for each thread: the writes of ``inits`` first, then the threads."""
    events = [
        Event(
            i, INIT, "W", loc.name, loc.initial, frozenset(), Origin("init", f"{loc.name} = {loc.initial}"), loc.address
        )
        for i, loc in enumerate(inits)
    ]
    bases: list[int] = []
    for thread, path in enumerate(paths):
        base = len(events)
        bases.append(base)
        events.extend(_event(e, base, i, thread) for i, e in enumerate(path.events))
    n = len(events)
    if n > MOST_EVENTS:
        raise too_large(events[-1].origin)
    divided = {} if layout is None else layout.divided({event.location for event in events if event.location})
    relations = _relations(paths, bases, n, wide)
    apart = 0 if layout is None else _pieces_together(paths, bases, layout, inits, n)
    apart |= _united(paths, bases, n)
    if apart:
        relations[SAME_ACCESS] = apart
    return EventStructure(
        program,
        tuple(events),
        relations,
        tuple(_shift(c, base) for path, base in zip(paths, bases, strict=True) for c in path.constraints),
        {
            (thread, name): _shift(value, base)
            for thread, (path, base) in enumerate(zip(paths, bases, strict=True))
            for name, value in path.registers.items()
        },
        frozenset().union(*(path.marks for path in paths)),
        inexact,
        divided,
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


def _relations(paths: Sequence[Path], bases: Sequence[int], n: int, wide: bool) -> dict[str, int]:
    def together(name: str) -> int:
        edges: Iterable[tuple[int, Iterable[tuple[int, int]]]] = (
            (base, getattr(path, name)) for path, base in zip(paths, bases, strict=True)
        )
        return bits.from_pairs(((base + i, base + j) for base, pairs in edges for i, j in pairs), n)

    relations = {name: together(name) for name in PATH_RELATIONS}
    for name in ("rf_reg", "pick_addr", "pick_data", "pick_ctrl"):
        relations[name.replace("_", "-")] = relations.pop(name)
    relations["rmw"] = relations["amo"] | relations["lxsx"]
    same = _alike(paths, bases, n, lambda event, _: event.instance)
    relations["same-instance"] = same
    relations["same-instr"] = _alike(paths, bases, n, lambda event, _: event.origin)
    relations["same-static"] = _alike(paths, bases, n, lambda event, place: (event.origin, place))
    relations["po"] = _later(paths, bases, n) & ~(0 if wide else same & ~relations["lxsx"]) & ~together("unordered")
    return relations


def _later(paths: Sequence[Path], bases: Sequence[int], n: int) -> int:
    """Each event to the later ones of its thread."""
    rows = [0] * n
    for path, base in zip(paths, bases, strict=True):
        count = len(path.events)
        for i in range(count):
            rows[base + i] = ((1 << (count - i - 1)) - 1) << (base + i + 1)
    return bits.from_rows(rows, n)


def _united(paths: Sequence[Path], bases: Sequence[int], n: int) -> int:
    """The pairs of events of accesses to pairs that are made at once."""
    groups: dict[Hashable, int] = {}
    for path, base in zip(paths, bases, strict=True):
        for i, event in enumerate(path.events):
            if event.unit >= 0:
                groups[base, event.unit] = groups.get((base, event.unit), 0) | 1 << (base + i)
    return _within(groups.values(), n)


def _within(groups: Iterable[int], n: int) -> int:
    relation = 0
    for group in groups:
        relation |= bits.cartesian(group, group, n) & ~bits.set_identity(group, n)
    return relation


def _pieces_together(
    paths: Sequence[Path], bases: Sequence[int], layout: Layout, inits: Sequence[Location], n: int
) -> int:
    """The pairs of events of one access, or of the initial writes of one location."""
    owners = layout.together()
    groups: dict[Hashable, int] = {}
    for number, place in enumerate(inits):
        groups[owners[place.name]] = groups.get(owners[place.name], 0) | 1 << number
    for path, base in zip(paths, bases, strict=True):
        for i, event in enumerate(path.events):
            if event.access >= 0:
                key = (base, event.access)
                groups[key] = groups.get(key, 0) | 1 << (base + i)
    return _within(groups.values(), n)


def _alike(paths: Sequence[Path], bases: Sequence[int], n: int, key: Callable[[PathEvent, int], Hashable]) -> int:
    """The pairs of events of one thread with the same key, made of an event and its place among those of the executed
    instruction; an event and itself included."""
    rows = [0] * n
    for path, base in zip(paths, bases, strict=True):
        groups: dict[Hashable, int] = {}
        instances = [event.instance for event in path.events]
        keys = [key(event, i - instances.index(event.instance)) for i, event in enumerate(path.events)]
        for i, found in enumerate(keys):
            groups[found] = groups.get(found, 0) | 1 << (base + i)
        for i, found in enumerate(keys):
            rows[base + i] = groups[found]
    return bits.from_rows(rows, n)
