"""Symbolic execution of atomic updates: a read and, mostly, a write of one location by one instruction."""

from collections.abc import Iterator
from dataclasses import replace

from litmus.event.path import PathEvent, Target
from litmus.event.state import NONE, State, Taint, assign, constrain, open_scope, perform, picked, read
from litmus.program.instruction import Origin, ReadModifyWrite, Tags
from litmus.program.term import ReadValue, Term, apply


def access(
    kind: str, target: Target, value: Term | None, tags: Tags, origin: Origin, state: State, size: int = 0
) -> PathEvent:
    """Return an access to a target by the instruction at hand."""
    return PathEvent(kind, target.location, target.address, value, tags, origin, state.instance, size)


def update(rmw: ReadModifyWrite, state: State, target: Target, taint: Taint) -> Iterator[State]:
    """Perform an update at a target whose address has a taint: where its condition holds, and where it does not."""
    known, number = _about_to_read(rmw, _guarded(rmw, state))
    condition, branches = _comparison(rmw, known)
    for success in constrain(known, condition):
        # The old value reaches the write inside the instruction where the new one is computed from it.
        value, data = read(success, rmw.new)
        write = access("W", target, value, rmw.write_tags, rmw.origin, state, rmw.size)
        reading = access("R", target, ReadValue(number), rmw.read_tags, rmw.origin, state, rmw.size)
        opened = open_scope(perform(success, reading, addr=taint), branches)
        yield _guarded(rmw, _paired(perform(opened, write, addr=taint, data=data), rmw.flavour, number))
    known, number = _about_to_read(rmw, state)
    condition, branches = _comparison(rmw, known)
    for failure in constrain(known, apply("!", condition)):
        reading = access("R", target, ReadValue(number), rmw.failed_tags, rmw.origin, state, rmw.size)
        yield open_scope(perform(failure, reading, addr=taint), branches)


def at_once(rmw: ReadModifyWrite, state: State, target: Target, taint: Taint) -> Iterator[State]:
    """Perform an update that is one event. It does not depend on itself."""
    known, number = _about_to_read(rmw, state)
    value, taints = read(known, rmw.new)
    event = access("U", target, value, rmw.write_tags, rmw.origin, state, rmw.size)
    yield perform(known, event, addr=taint, data=taints - {number})


def compare_and_swap(rmw: ReadModifyWrite, state: State, target: Target, taint: Taint) -> Iterator[State]:
    """Perform AArch64's ``CAS`` at a target whose address has a taint.

    Where the values are equal, the register may get the expected value for the one read, which then only picked it.
    Where they differ, the one read may be written back. The comparison picks the write in either case; where nothing
    is written, the register is picked or not, which are two executions to herd7 too. Source: Arm ARM, C6.2 (CAS) and
    B2.3 (dependencies).
    """
    assert rmw.condition is not None
    assert rmw.expected is not None
    known, number = _about_to_read(rmw, state)
    equal, _ = read(known, rmw.condition)
    _, compared = read(state, rmw.expected)
    value, data = read(state, rmw.new)
    own, picks = frozenset({number}), picked(compared)

    def performed(after: State, tags: Tags, written: Term | None, data: Taint = NONE) -> State:
        reading = access("R", target, ReadValue(number), tags, rmw.origin, state, rmw.size)
        after = perform(after, reading, addr=taint)
        if written is None:
            return after
        write = access("W", target, written, rmw.write_tags, rmw.origin, state, rmw.size)
        return _paired(perform(after, write, addr=taint, data=data | picks | picked(own)), rmw.flavour, number)

    def ended(after: State, way: str, origins: Taint) -> State:
        return replace(assign(after, rmw.old.name, ReadValue(number), origins), way=way)

    for success in constrain(known, equal):
        swapped = performed(success, rmw.read_tags, value, data)
        yield ended(swapped, "expected", compared | picked(own))
        yield ended(swapped, "read", own)
    for failure in constrain(known, apply("!", equal)):
        yield ended(performed(failure, rmw.read_tags, ReadValue(number)), "read back", own)
        unchanged = performed(failure, rmw.failed_tags, None)
        yield ended(unchanged, "picked", own | picks)
        yield ended(unchanged, "read", own)


def _about_to_read(rmw: ReadModifyWrite, state: State) -> tuple[State, int]:
    """Return the state with the old value in its register, and the number of the read that is to give it."""
    number = len(state.events)
    return assign(state, rmw.old.name, ReadValue(number), frozenset({number})), number


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


def _paired(state: State, flavour: str, number: int) -> State:
    pair = (number, number + 1)
    if flavour == "lxsx":
        return replace(state, lxsx=(*state.lxsx, pair))
    return replace(state, amo=(*state.amo, pair))
