"""Executions that do not end: every thread that has not ended waits, for what does not come.

A thread that waits for ever reads again and again, and from some turn on it reads what is left in the end: others write
no more, and writes reach everybody in time. Such an execution without the turns that wait (`event.spin`) is what is
explored here: it ends where the turns begin, and the final values are such that another turn would be taken.

Nothing is lost: taking away turns takes away nothing that a model allows the execution for. Nothing is won: whatever
execution ends so can be continued with turns that read the last writes, one after the other, and whatever edges those
add lead from what was there before to what comes later, so that they close no cycle.

A grace period waits for critical sections that are open: those of threads that wait for ever themselves, or that have
come to their end without closing them. Such a section may always have begun before the grace period, of which nobody
has seen anything.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from litmus.dataclass import replace
from litmus.event.path import Pairs, Path, Wait
from litmus.event.state import State, constrain, read
from litmus.event.structure import INIT, EventStructure, Waiting
from litmus.program.instruction import Assume, Fence, Origin
from litmus.program.program import Assertion, Program, Quantifier
from litmus.program.term import FinalLocation, FinalRegister, Leaf, ReadValue, Term, apply, leaves, substitute

SYNC = {"Sync-rcu": ("Rcu-lock", "Rcu-unlock"), "Sync-srcu": ("Srcu-lock", "Srcu-unlock")}
"""What grace periods wait for: sections that the one opens and the other closes."""


def turning(earlier: State, state: State, origin: Origin) -> State:
    """Return the state that takes the turn since an earlier one for ever."""
    return replace(state, wait=Wait(origin, len(earlier.events), len(earlier.trace)))


def waiting_for(state: State, assumption: Assume, end: int) -> Iterator[State]:
    """Yield the state that waits for an assumption, if it may: it goes back to what it has read for it."""
    value, _ = read(state, assumption.condition)
    last = max(_reads(value), default=None)
    if last is None or not assumption.waits:
        return
    number = next(i for i in range(len(state.trace) - 1, -1, -1) if state.trace[i].first <= last)
    for refused in constrain(state, apply("!", value)):
        yield replace(refused, pc=end, wait=Wait(assumption.origin, state.trace[number].first, number))


def waiting_at(state: State, fence: Fence, location: str | None, end: int) -> Iterator[State]:
    """Yield the state that waits for ever in a grace period, if this is one."""
    if not fence.tags.isdisjoint(SYNC):
        wait = Wait(fence.origin, len(state.events), len(state.trace), domain=location or "")
        yield replace(state, pc=end, wait=wait)


def before(path: Path) -> Path:
    """Return a path without the turn that it takes for ever, whose conditions are over final values then; another path
    as it is."""
    wait = path.wait
    if wait is None:
        return path
    end = wait.events

    def kept(pairs: Pairs) -> Pairs:
        return tuple((i, j) for i, j in pairs if i < end and j < end)

    turn = [constraint for constraint in path.constraints if any(number >= end for number in _reads(constraint))]
    return path.related(
        kept,
        events=path.events[:end],
        constraints=tuple(constraint for constraint in path.constraints if constraint not in turn),
        registers={},
        trace=path.trace[: wait.steps],
        wait=replace(wait, condition=_joined(_in_the_end(constraint, path, end) for constraint in turn)),
    )


def stuck(choices: Sequence[Sequence[Path]]) -> Iterator[tuple[Path, ...]]:
    """Yield the choices of a path for each thread in which a thread waits, and in which no grace period would end."""
    if all(path.wait is None for paths in choices for path in paths):
        return
    for paths in product(*choices):
        waits = [path.wait for path in paths if path.wait is not None]
        if waits and all(_open(paths, wait.domain) for wait in waits if wait.domain is not None):
            yield paths


def waiting(structure: EventStructure, paths: Sequence[Path]) -> EventStructure:
    """Return the structure that was assembled of paths, with what has to hold for those that wait to wait for ever."""
    places = {thread: path.wait for thread, path in enumerate(paths) if path.wait is not None}
    condition = _joined(
        substitute(wait.condition, lambda leaf, thread=thread: _register(leaf, thread))  # type: ignore[misc]
        for thread, wait in places.items()
    )
    final = dict(structure.final)
    for leaf in leaves(condition):
        if isinstance(leaf, FinalRegister):
            final[leaf.thread, leaf.register] = ReadValue(_base(structure, leaf.thread) + int(leaf.register))
    return replace(
        structure,
        program=_asking(structure.program, condition),
        final=final,
        waiting=Waiting(condition, {thread: wait.origin for thread, wait in places.items()}),
    )


def _asking(program: Program, condition: Term) -> Program:
    """Return a program of which nothing is asked but whether it ends so."""
    assertion = Assertion(Quantifier.EXISTS, "deadlock", condition)
    return replace(program, assertions=(assertion,), filter=None, observed=())


def _open(paths: Sequence[Path], domain: str) -> bool:
    """Whether a path ends inside a critical section that a grace period waits for."""
    opens, closes = SYNC["Sync-srcu" if domain else "Sync-rcu"]
    for path in paths:
        events = [event for event in path.events if not domain or event.location == domain]
        if sum((opens in event.tags) - (closes in event.tags) for event in events) > 0:
            return True
    return False


def _reads(term: Term) -> frozenset[int]:
    return frozenset(leaf.event for leaf in leaves(term) if isinstance(leaf, ReadValue))


def _joined(conditions: Iterator[Term]) -> Term:
    joined: Term = 1
    for condition in conditions:
        joined = condition if joined == 1 else apply("&&", joined, condition)
    return joined


def _in_the_end(constraint: Term, path: Path, end: int) -> Term:
    """Return a constraint of a turn over what locations hold in the end."""

    def lookup(leaf: Leaf) -> Term | None:
        if not isinstance(leaf, ReadValue) or leaf.event < end:
            return None
        location = path.events[leaf.event].location
        return None if location is None else FinalLocation(location)

    return substitute(constraint, lookup)


def _register(leaf: Leaf, thread: int) -> Term | None:
    """Stand for what a thread has read by a register of that number, which no program has."""
    return FinalRegister(thread, str(leaf.event)) if isinstance(leaf, ReadValue) else None


def _base(structure: EventStructure, thread: int) -> int:
    return sum(event.thread == INIT or event.thread < thread for event in structure.events)
