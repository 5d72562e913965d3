"""Symbolic execution of atomic updates: a read and, mostly, a write of one location by one instruction."""

from collections.abc import Iterable, Iterator, Sequence

from litmus.dataclass import dataclass, replace
from litmus.event.access import access, numbers, perform_read, perform_write, united, value_read
from litmus.event.path import PathEvent, Target
from litmus.event.state import NONE, State, Taint, assign, constrain, open_scope, perform, picked, read
from litmus.program.instruction import ReadModifyWrite, Tags
from litmus.program.term import Register, Term, apply


def update(rmw: ReadModifyWrite, state: State, target: Target, taint: Taint) -> Iterator[State]:
    """Perform an update at a target whose address has a taint: where its condition holds, and where it does not."""
    known, own = _ready(rmw, _guarded(rmw, state), target)
    condition, branches = _comparison(rmw, known)
    for success in constrain(known, condition):
        # The old value reaches the write inside the instruction where the new one is computed from it.
        value, data = read(success, rmw.new)
        opened = open_scope(perform_read(success, target, rmw.read_tags, rmw.origin, rmw.size, taint), branches)
        written = perform_write(opened, target, value, rmw.write_tags, rmw.origin, rmw.size, taint, data)
        yield _guarded(rmw, _carried(rmw, opened, _paired(written, rmw.flavour, own)))
    known, _ = _ready(rmw, state, target)
    condition, branches = _comparison(rmw, known)
    for failure in constrain(known, apply("!", condition)):
        yield open_scope(perform_read(failure, target, rmw.failed_tags, rmw.origin, rmw.size, taint), branches)


def _carried(rmw: ReadModifyWrite, before: State, after: State) -> State:
    """Let what follows depend by control on what an update wrote, where it ``carries``."""
    if not rmw.carries:
        return after
    return open_scope(after, frozenset(range(len(before.events), len(after.events))))


def at_once(rmw: ReadModifyWrite, state: State, target: Target, taint: Taint) -> Iterator[State]:
    """Perform an update that is one event. It does not depend on itself."""
    known, own = _ready(rmw, state, target)
    value, taints = read(known, rmw.new)
    event = access("U", target, value, rmw.write_tags, rmw.origin, state, rmw.size)
    yield perform(known, event, addr=taint, data=taints.difference(own))


@dataclass(frozen=True, slots=True)
class Half:
    """One place of a compare-and-swap, which is two for a pair."""

    target: Target
    taint: Taint
    """The reads that the address depends on."""
    old: Register
    new: Term
    expected: Term


def compare_and_swap(rmw: ReadModifyWrite, state: State, target: Target, taint: Taint) -> Iterator[State]:
    """Perform AArch64's ``CAS`` at a target whose address has a taint."""
    assert rmw.expected is not None
    yield from _swap_all(rmw, state, (Half(target, taint, rmw.old, rmw.new, rmw.expected),))


def compare_and_swap_pair(
    rmw: ReadModifyWrite, first: tuple[Target, Taint], state: State, target: Target, taint: Taint
) -> Iterator[State]:
    """Perform AArch64's ``CASP`` at a target and the one behind it, in that order."""
    assert rmw.expected is not None
    assert rmw.second is not None
    second = rmw.second
    halves = Half(*first, rmw.old, rmw.new, rmw.expected), Half(target, taint, second.old, second.new, second.expected)
    yield from _swap_all(rmw, state, halves)


def _swap_all(rmw: ReadModifyWrite, state: State, halves: Sequence[Half]) -> Iterator[State]:
    """Read everywhere, and where all values are equal to what is expected write everywhere.

    Where the values are equal, a register may get the expected value for the one read, which then only picked it.
    Where they differ, the ones read may be written back. The comparison picks the write in either case; where nothing
    is written, the register is picked or not, which are two executions to herd7 too. Source: Arm ARM, C6.2 (CAS) and
    B2.3 (dependencies).
    """
    assert rmw.condition is not None
    known, reads = state, [range(len(state.events))]
    for half in halves:
        known, own = _about_to_read(half.old, known, half.target, reads[-1].stop)
        reads.append(own)
    every = range(len(state.events), reads[-1].stop)
    equal, _ = read(known, rmw.condition)
    compared = [read(state, half.expected)[1] for half in halves]
    own_picks = picked(frozenset(every))
    picks = picked(frozenset().union(*compared))
    old = [value_read(half.target, own.start) for half, own in zip(halves, reads[1:], strict=True)]

    def performed(after: State, tags: Tags, written: Sequence[tuple[Term, Taint]]) -> State:
        for half in halves:
            after = perform_read(after, half.target, tags, rmw.origin, rmw.size, half.taint)
        after = united(every.start, after) if len(halves) > 1 else after
        for half, (value, given) in zip(halves, written, strict=False):
            data = given | picks | own_picks
            after = perform_write(after, half.target, value, rmw.write_tags, rmw.origin, rmw.size, half.taint, data)
        after = united(every.stop, after) if len(halves) > 1 else after
        return _paired(after, rmw.flavour, every) if written else after

    def ended(after: State, way: str, origins: Iterable[Taint]) -> State:
        for half, value, taint in zip(halves, old, origins, strict=True):
            after = assign(after, half.old.name, value, taint)
        return replace(after, way=way)

    owns = [frozenset(own) for own in reads[1:]]
    for success in constrain(known, equal):
        swapped = performed(success, rmw.read_tags, [read(state, half.new) for half in halves])
        yield ended(swapped, "expected", (taint | own_picks for taint in compared))
        yield ended(swapped, "read", owns)
    for failure in constrain(known, apply("!", equal)):
        yield ended(performed(failure, rmw.read_tags, [(value, NONE) for value in old]), "read back", owns)
        unchanged = performed(failure, rmw.failed_tags, ())
        yield ended(unchanged, "picked", (own | picks for own in owns))
        yield ended(unchanged, "read", owns)


def _ready(rmw: ReadModifyWrite, state: State, target: Target) -> tuple[State, range]:
    return _about_to_read(rmw.old, state, target, len(state.events))


def _about_to_read(old: Register, state: State, target: Target, first: int) -> tuple[State, range]:
    """Return the state with the old value in its register, and the numbers, from ``first``, of the reads to give it."""
    reads = numbers(target, first)
    return assign(state, old.name, value_read(target, reads.start), frozenset(reads)), reads


def _comparison(rmw: ReadModifyWrite, known: State) -> tuple[Term, Taint]:
    """Return the condition and the reads that what follows depends on by control.

    A compare-and-swap made of LL/SC branches on the comparison; one instruction or primitive does not.
    """
    if rmw.condition is None:
        return 1, NONE
    condition, origins = read(known, rmw.condition)
    return condition, origins if rmw.flavour == "lxsx" else NONE


def _guarded(rmw: ReadModifyWrite, state: State) -> State:
    for tag in rmw.guards:
        state = perform(state, PathEvent("F", None, None, None, frozenset({tag}), rmw.origin, state.instance))
    return state


def _paired(state: State, flavour: str, reads: range) -> State:
    """Pair each read with the write of the same piece: the writes follow the reads."""
    pairs = tuple((number, number + len(reads)) for number in reads)
    if flavour == "lxsx":
        return replace(state, lxsx=(*state.lxsx, *pairs))
    return replace(state, amo=(*state.amo, *pairs))
