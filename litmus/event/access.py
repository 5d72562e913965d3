"""Reads and writes of a target: one event, or one for each piece where the access is divided."""

from litmus.dataclass import replace
from litmus.event.path import PathEvent, Target
from litmus.event.pieces import extracted, joined
from litmus.event.state import NONE, State, Taint, perform
from litmus.program.instruction import Origin, Tags
from litmus.program.term import ReadValue, Term


def access(
    kind: str, target: Target, value: Term | None, tags: Tags, origin: Origin, state: State, size: int = 0
) -> PathEvent:
    """Return an access to the whole of a target by the instruction at hand."""
    return PathEvent(kind, target.location, target.address, value, tags, origin, state.instance, size)


def numbers(target: Target, first: int) -> range:
    """Return the numbers of the events of an access whose first one is ``first``."""
    return range(first, first + (len(target.parts) or 1))


def value_read(target: Target, first: int) -> Term:
    """Return the value that a read gives, of which ``first`` is the first event."""
    if len(target.parts) < 2:
        return ReadValue(first)
    return joined((ReadValue(number), part) for number, part in enumerate(target.parts, first))


def united(before: int, state: State) -> State:
    """Return the state with all its events from number ``before`` on made at once."""
    events = (replace(event, unit=before) for event in state.events[before:])
    return replace(state, events=(*state.events[:before], *events))


def perform_read(state: State, target: Target, tags: Tags, origin: Origin, size: int, addr: Taint = NONE) -> State:
    """Append the events of a read."""
    first = len(state.events)
    if not target.parts:
        return perform(state, access("R", target, ReadValue(first), tags, origin, state, size), addr=addr)
    for number, part in enumerate(target.parts, first):
        event = access("R", target, ReadValue(number), tags, origin, state, part.size)
        state = perform(state, replace(event, location=part.location, address=part.address, access=first), addr=addr)
    return state


def perform_write(
    state: State, target: Target, value: Term, tags: Tags, origin: Origin, size: int, addr: Taint, data: Taint
) -> State:
    """Append the events of a write.

    Raises:
        UndefinedOperation: where an address would be divided.
    """
    event = access("W", target, value, tags, origin, state, size)
    if not target.parts:
        return perform(state, event, addr=addr, data=data)
    first = len(state.events)
    for part in target.parts:
        own = value if len(target.parts) == 1 else extracted(value, part)
        piece = replace(event, location=part.location, address=part.address, value=own, size=part.size, access=first)
        state = perform(state, piece, addr=addr, data=data)
    return state
