"""Whether an execution gets stuck: all of its threads that have not ended wait for ever (`event.stuck`)."""

from collections.abc import Iterable, Iterator

from litmus.dataclass import dataclass, field, replace
from litmus.deadline import OutOfTime
from litmus.engine.base import Ask, Execution, Keep, Limits
from litmus.engine.candidate import written
from litmus.engine.explicit import Accepted
from litmus.engine.finder import Finder
from litmus.engine.goals import Goals, stops, why_stopped
from litmus.event.structure import EventStructure
from litmus.program.program import Program
from litmus.program.term import (
    THIN_AIR,
    Address,
    FinalLocation,
    FinalRegister,
    Leaf,
    ReadValue,
    Term,
    UndefinedOperation,
    Value,
    holds,
    substitute,
)
from litmus.relation.model import Model


class _Unknown(Exception):
    """Whether a thread waits cannot be told."""


@dataclass(slots=True)
class Deadlocks:
    """The search for an execution that gets stuck; what kept it from being complete is in ``unknown``."""

    model: Model
    limits: Limits
    found: Execution | None = None
    unknown: dict[str, None] = field(default_factory=dict)
    _finder: Finder | None = None

    def search(self, structures: Iterable[EventStructure], *, whole: bool) -> None:
        """Look through the structures in which a thread waits for ever, to the first that shows an execution which gets
        stuck; with ``whole`` also for what keeps it from being known whether another one ends."""
        try:
            for structure in structures:
                self.limits.deadline.check()
                if self.found is None or stops(structure.marks):
                    self._look(structure)
                if self.found is not None and not whole:
                    return
        except OutOfTime:
            self.unknown[f"time limit of {self.limits.deadline.seconds:g} s reached"] = None

    def _look(self, structure: EventStructure) -> None:
        for accepted in self._executions(structure):
            assert isinstance(accepted, Accepted), "verdicts are found one by one"
            if stops(structure.marks):
                # Where another thread is cut off, nobody knows what it would still have done for those that wait.
                self.unknown |= dict.fromkeys(why_stopped(structure.marks))
                return
            if self._settled(accepted):
                return

    def _settled(self, accepted: Accepted) -> bool:
        """Whether an execution shows that the structure has one that is stuck, or that this cannot be told."""
        try:
            if not _is_stuck(accepted):
                return False
        except _Unknown:
            self.unknown["a value that has no meaning decides whether a thread waits"] = None
            return True
        doubts = (*accepted.structure.inexact, *(f"'{name}' of the model" for name in sorted(accepted.undefined)))
        self.unknown |= dict.fromkeys(doubts)
        if not doubts:
            self.found = accepted.execution(())
        return True

    def _executions(self, structure: EventStructure) -> Iterator[object]:
        goals = _goals(structure)
        if self._finder is None:
            self._finder = Finder(self.model, replace(self.limits, ask=Ask.VERDICT, keep=Keep.NONE), goals)
        self._finder = self._finder.asked(goals)
        return self._finder.executions(structure)


def where(execution: Execution) -> str:
    """Return where each thread waits."""
    structure = execution.structure
    assert structure.waiting is not None
    threads = structure.program.threads
    places = (f"{threads[number].name} at {place.label}" for number, place in structure.waiting.places.items())
    return f"an execution gets stuck: {', '.join(places)}"


def _goals(structure: EventStructure) -> Goals:
    assert structure.waiting is not None
    program = structure.program
    initial = {location.name: location.initial for location in program.locations}
    condition = {0: structure.waiting.condition}
    return Goals((), condition, None, _raw(program), initial, frozenset(), states=False, marks=False)


def _raw(program: Program) -> dict[str, str]:
    """Return the conversions that leave what locations hold as it is."""
    wide = (location for location in program.locations if location.type.size >= 8 and not location.type.signed)
    return {location.name: "u64" for location in wide if not location.type.pointer}


def _is_stuck(accepted: Accepted) -> bool:
    waiting = accepted.structure.waiting
    assert waiting is not None
    try:
        value = substitute(waiting.condition, lambda leaf: _final(accepted, leaf))
    except UndefinedOperation as error:
        raise _Unknown from error
    assert isinstance(value, (int, Address))
    return holds(value)


def _final(accepted: Accepted, leaf: Leaf) -> Term | None:
    match leaf:
        case FinalRegister(thread, register):
            read = accepted.structure.final[thread, register]
            value = accepted.values[read.event] if isinstance(read, ReadValue) else None
        case FinalLocation(name):
            value = _left(accepted, name)
        case _:
            return None
    if value is None or (isinstance(value, Address) and value.symbol.startswith(THIN_AIR)):
        raise _Unknown
    return value


def _left(accepted: Accepted, name: str) -> Value | None:
    last = accepted.last.get(name)
    if last is not None:
        return written(accepted.structure.events[last], accepted.values)
    return next((place.initial for place in accepted.structure.program.locations if place.name == name), None)
