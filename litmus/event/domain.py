"""Which values each location may hold: an over-approximation by a bounded fixpoint.

It serves to resolve addresses that depend on reads, and to drop control paths that no values allow. A value travels
through each write at most once in an execution whose values are grounded, so as many rounds as there are writes are
enough, and stopping there is sound.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from litmus.deadline import NEVER, Deadline
from litmus.event.path import Path
from litmus.event.structure import READING, WRITING
from litmus.program.term import (
    Address,
    Leaf,
    ReadValue,
    Term,
    UndefinedOperation,
    Value,
    holds,
    leaves,
    substitute,
)

Domain = frozenset[Value] | None
"""The possible values, or None where nothing is known."""

Domains = Mapping[str, Domain]

ANYWHERE = "*"
"""The location of an access whose address is not known yet."""

LIMIT = 2048
"""How many combinations of read values are tried before a term counts as able to take any value."""


def possible(term: Term, locations: Mapping[int, str], domains: Domains) -> Domain:
    """Return the values that ``term`` may take; ``locations`` tells where each read reads."""
    reads = sorted({leaf.event for leaf in leaves(term) if isinstance(leaf, ReadValue)})
    choices = [domains.get(locations[read]) for read in reads]
    combinations = 1
    for choice in choices:
        if choice is None:
            return None
        combinations *= len(choice)
    if combinations > LIMIT:
        return None
    return frozenset(_values(term, reads, [c for c in choices if c is not None]))


def _values(term: Term, reads: Sequence[int], choices: Sequence[frozenset[Value]]) -> Iterator[Value]:
    for values in product(*choices):
        found = dict(zip(reads, values, strict=True))

        def lookup(leaf: Leaf, found: Mapping[int, Value] = found) -> Term | None:
            return found[leaf.event] if isinstance(leaf, ReadValue) else None

        try:
            value = substitute(term, lookup)
        except UndefinedOperation:
            continue
        if isinstance(value, (int, Address)):
            yield value


def read_locations(path: Path) -> dict[int, str]:
    """Return the location of each read of a path."""
    return {i: e.location for i, e in enumerate(path.events) if e.kind in READING and e.location is not None}


def feasible(path: Path, domains: Domains, deadline: Deadline = NEVER) -> bool:
    """Whether each constraint of the path, taken alone, is satisfied by some values of the domains."""
    locations = read_locations(path)
    for constraint in path.constraints:
        deadline.check()
        values = possible(constraint, locations, domains)
        if values is not None and not any(holds(v) for v in values):
            return False
    return True


def fixpoint(threads: Sequence[Sequence[Path]], initial: Mapping[str, Value], deadline: Deadline = NEVER) -> Domains:
    """Return the values that each location may hold in executions of paths that the threads have.

    All paths count, feasible or not: two branches may justify each other's conditions. An access whose address is not
    known yet is one to `ANYWHERE`; what is written there may be in every location.
    """
    domains: dict[str, Domain] = {name: frozenset({value}) for name, value in initial.items()}
    domains[ANYWHERE] = frozenset(initial.values())
    paths = [path for choices in threads for path in choices]
    for _ in range(1 + sum(max((_writes(p) for p in choices), default=0) for choices in threads)):
        grown = _grow(domains, paths, deadline)
        if grown == domains:
            break
        domains = grown
    return domains


def _writes(path: Path) -> int:
    return sum(e.kind in WRITING for e in path.events)


def _grow(domains: Domains, paths: Iterable[Path], deadline: Deadline) -> dict[str, Domain]:
    grown = dict(domains)
    for path in paths:
        locations = read_locations(path)
        for event in path.events:
            deadline.check()
            if event.kind in WRITING and event.location is not None and event.value is not None:
                values = possible(event.value, locations, domains)
                reached = grown if event.location == ANYWHERE else (event.location, ANYWHERE)
                for location in tuple(reached):
                    grown[location] = _joined(grown.get(location, frozenset()), values)
    return grown


def _joined(left: Domain, right: Domain) -> Domain:
    return None if left is None or right is None else left | right
