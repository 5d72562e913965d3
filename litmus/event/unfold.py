"""From compiled threads to event structures: one for each combination of control paths."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from litmus.dataclass import replace
from litmus.deadline import NEVER, Deadline
from litmus.event.composition import Composer
from litmus.event.domain import ANYWHERE, Domains, feasible, fixpoint, possible
from litmus.event.explore import ThreadExplorer
from litmus.event.path import Path, Resolve, Target
from litmus.event.pieces import Layout, divided_addresses, whole
from litmus.event.recurring import remembered
from litmus.event.registers import with_registers
from litmus.event.sizes import mixed_sizes
from litmus.event.spin import BOUND, Spins, spins_of
from litmus.event.structure import EventStructure
from litmus.event.stuck import before, stuck, waiting
from litmus.program.instruction import Instruction
from litmus.program.program import Program, Thread
from litmus.program.term import Address, Term, Value, apply

WIDE = frozenset({"lkmm", "sc", "c11"})
"""Targets whose po relates the read and the write of one primitive; elsewhere one instruction is one point of po."""


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
    composer = Composer(program, places, target in WIDE, untouched, inexact, layout)
    for paths in stuck(choices) if endless else product(*choices):
        structure = composer.structure(paths)
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
        return [
            explore_one(thread, code, wait, resolve)
            for thread, code, wait in zip(program.threads, threads, waits, strict=True)
        ]

    def explore_one(thread: Thread, code: tuple[Instruction, ...], wait: Spins | None, resolve: Resolve) -> list[Path]:
        def paths(resolve: Resolve) -> list[Path]:
            registers = dict(thread.registers)
            explorer = ThreadExplorer(code, registers, resolve, unroll, deadline, branches, wait, layout, endless)
            return list(explorer.paths())

        if endless or wait is not None or layout is not None:
            return paths(resolve)
        return remembered(code, (tuple(thread.registers.items()), unroll, branches), resolve, paths)

    first = _FirstLook(names, parts)
    paths = explore(first.resolve)
    if first.all_known and all(len(choice) == 1 for choice in paths):
        return paths
    domains = fixpoint(paths, initial, deadline)
    if not first.all_known or _cut(paths):

        def resolve(term: Term, locations: Mapping[int, str]) -> Sequence[Target]:
            return _targets(term, locations, domains, names, parts)

        paths = explore(resolve, domains)
        if _astray(paths):  # what was written anywhere while no address was known is not everywhere
            domains = fixpoint(paths, initial, deadline)
            paths = explore(resolve, domains)
    return [[path for path in choice if feasible(path, domains, deadline)] for choice in paths]


def _astray(paths: Sequence[Sequence[Path]]) -> bool:
    """Whether an address may be none of a location, as far as is known."""
    return any("invalid_access" in path.marks for choice in paths for path in choice)


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
