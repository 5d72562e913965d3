"""Symbolic execution of atomic updates: a read and, mostly, a write of one location by one instruction."""

from collections.abc import Iterator
from dataclasses import replace

from litmus.event.access import access, numbers, perform_read, perform_write, value_read
from litmus.event.path import PathEvent, Target
from litmus.event.state import NONE, State, Taint, assign, constrain, open_scope, perform, picked, read
from litmus.program.instruction import ReadModifyWrite, Tags
from litmus.program.term import Term, apply


def update(rmw: ReadModifyWrite, state: State, target: Target, taint: Taint) -> Iterator[State]:
    """Perform an update at a target whose address has a taint: where its condition holds, and where it does not."""
    known, own = _about_to_read(rmw, _guarded(rmw, state), target)
    condition, branches = _comparison(rmw, known)
    for success in constrain(known, condition):
        # The old value reaches the write inside the instruction where the new one is computed from it.
        value, data = read(success, rmw.new)
        opened = open_scope(perform_read(success, target, rmw.read_tags, rmw.origin, rmw.size, taint), branches)
        written = perform_write(opened, target, value, rmw.write_tags, rmw.origin, rmw.size, taint, data)
        yield _guarded(rmw, _carried(rmw, opened, _paired(written, rmw.flavour, own)))
    known, _ = _about_to_read(rmw, state, target)
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
    known, own = _about_to_read(rmw, state, target)
    value, taints = read(known, rmw.new)
    event = access("U", target, value, rmw.write_tags, rmw.origin, state, rmw.size)
    yield perform(known, event, addr=taint, data=taints.difference(own))


def compare_and_swap(rmw: ReadModifyWrite, state: State, target: Target, taint: Taint) -> Iterator[State]:
    """Perform AArch64's ``CAS`` at a target whose address has a taint.

    Where the values are equal, the register may get the expected value for the one read, which then only picked it.
    Where they differ, the one read may be written back. The comparison picks the write in either case; where nothing
    is written, the register is picked or not, which are two executions to herd7 too. Source: Arm ARM, C6.2 (CAS) and
    B2.3 (dependencies).
    """
    assert rmw.condition is not None
    assert rmw.expected is not None
    known, reads = _about_to_read(rmw, state, target)
    equal, _ = read(known, rmw.condition)
    _, compared = read(state, rmw.expected)
    value, data = read(state, rmw.new)
    own, picks = frozenset(reads), picked(compared)
    old = value_read(target, reads.start)

    def performed(after: State, tags: Tags, written: Term | None, data: Taint = NONE) -> State:
        after = perform_read(after, target, tags, rmw.origin, rmw.size, taint)
        if written is None:
            return after
        data |= picks | picked(own)
        after = perform_write(after, target, written, rmw.write_tags, rmw.origin, rmw.size, taint, data)
        return _paired(after, rmw.flavour, reads)

    def ended(after: State, way: str, origins: Taint) -> State:
        return replace(assign(after, rmw.old.name, old, origins), way=way)

    for success in constrain(known, equal):
        swapped = performed(success, rmw.read_tags, value, data)
        yield ended(swapped, "expected", compared | picked(own))
        yield ended(swapped, "read", own)
    for failure in constrain(known, apply("!", equal)):
        yield ended(performed(failure, rmw.read_tags, old), "read back", own)
        unchanged = performed(failure, rmw.failed_tags, None)
        yield ended(unchanged, "picked", own | picks)
        yield ended(unchanged, "read", own)


def _about_to_read(rmw: ReadModifyWrite, state: State, target: Target) -> tuple[State, range]:
    """Return the state with the old value in its register, and the numbers of the reads that are to give it."""
    reads = numbers(target, len(state.events))
    return assign(state, rmw.old.name, value_read(target, reads.start), frozenset(reads)), reads


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
