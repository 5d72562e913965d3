"""Which values each location may hold: an over-approximation by a bounded fixpoint.

It serves to resolve addresses that depend on reads, and to drop control paths that no values allow. A value travels
through each write at most once in an execution whose values are grounded, so as many rounds as there are writes are
enough, and stopping there is sound.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product

from litmus.event.path import Path
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
    return {i: e.location for i, e in enumerate(path.events) if e.kind == "R" and e.location is not None}


def feasible(path: Path, domains: Domains) -> bool:
    """Whether each constraint of the path, taken alone, is satisfied by some values of the domains."""
    locations = read_locations(path)
    for constraint in path.constraints:
        values = possible(constraint, locations, domains)
        if values is not None and not any(holds(v) for v in values):
            return False
    return True


def fixpoint(
    explore: Callable[[Domains], Sequence[Sequence[Path]]], initial: Mapping[str, Value]
) -> tuple[Domains, Sequence[Sequence[Path]]]:
    """Return the domains and the feasible paths of each thread; ``explore`` gives the paths under domains."""
    domains: dict[str, Domain] = {name: frozenset({value}) for name, value in initial.items()}
    rounds = 0
    while True:
        threads = [[p for p in paths if feasible(p, domains)] for paths in explore(domains)]
        if rounds > sum(max((_writes(p) for p in paths), default=0) for paths in threads):
            return domains, threads
        grown = _grow(domains, (path for paths in threads for path in paths))
        if grown == domains:
            return domains, threads
        domains = grown
        rounds += 1


def _writes(path: Path) -> int:
    return sum(e.kind == "W" for e in path.events)


def _grow(domains: Domains, paths: Iterable[Path]) -> dict[str, Domain]:
    grown = dict(domains)
    for path in paths:
        locations = read_locations(path)
        for event in path.events:
            if event.kind == "W" and event.location is not None and event.value is not None:
                values, known = possible(event.value, locations, domains), grown.get(event.location, frozenset())
                grown[event.location] = None if values is None or known is None else known | values
    return grown
