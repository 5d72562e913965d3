"""What executions end with: the values of registers and locations when all threads have ended."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from litmus.dataclass import dataclass
from litmus.engine.candidate import EventValues, key_of, written
from litmus.engine.explicit import Accepted
from litmus.engine.goals import Goals
from litmus.event.structure import EventStructure
from litmus.program.computation import computation
from litmus.program.term import (
    THIN_AIR,
    WRAPS,
    Address,
    FinalLocation,
    FinalRegister,
    Leaf,
    ReadValue,
    Term,
    Value,
    substitute,
    wrap,
)

Last: TypeAlias = Mapping[str, int]
"""The last write of each location."""

Look: TypeAlias = Callable[[EventValues, Last], Value]
"""Gives the final value of one thing from the values of events and the last writes."""


@dataclass(slots=True)
class Endings:
    """Looks up what executions end with. Most of them have their event structure in common: where to look in it is
    found out once.

    Its methods raise `UndefinedOperation` where a value is computed by an operation that has no meaning.
    """

    goals: Goals
    _structure: EventStructure | None = None
    _observed: Sequence[Look] = ()

    def values(self, accepted: Accepted) -> tuple[Value, ...]:
        """Return the value of each thing that is observed."""
        if accepted.structure is not self._structure:
            self._observed = [self._look(term, accepted.structure) for term in self.goals.observed]
            self._structure = accepted.structure
        values, last = accepted.values, accepted.last
        return tuple([look(values, last) for look in self._observed])

    def value(self, accepted: Accepted, term: Term) -> Value:
        """Return the value of a term over what may be observed."""

        def lookup(leaf: Leaf) -> Term | None:
            if isinstance(leaf, FinalRegister | FinalLocation):
                return self._look(leaf, accepted.structure)(accepted.values, accepted.last)
            return None

        value = substitute(term, lookup)
        assert isinstance(value, (int, Address)), term
        return value

    def _look(self, term: FinalRegister | FinalLocation, structure: EventStructure) -> Look:
        if isinstance(term, FinalRegister):
            return _register(structure.final.get((term.thread, term.register), 0))
        bits, signed = WRAPS[self.goals.shown.get(term.name, "s64")]
        if term.name in structure.divided:
            whole = _whole(structure.divided[term.name], lambda name: self._location(name, structure))
            return lambda values, last: wrap(whole(values, last), bits, signed)
        location = self._location(term.name, structure)
        return lambda values, last: wrap(location(values, last), bits, signed)

    def _location(self, name: str, structure: EventStructure) -> Look:
        events, initial = structure.events, self.goals.initial.get(name, 0)

        def look(values: EventValues, last: Last) -> Value:
            write = last.get(name)
            if write is None:
                return initial
            value = written(events[write], values)
            assert value is not None, "a write has a value"
            return value if type(value) is int else _opaque(value)

        return look


def _whole(term: Term, piece: Callable[[str], Look]) -> Look:
    """Look up a location that is divided into pieces."""

    def look(values: EventValues, last: Last) -> Value:
        def lookup(leaf: Leaf) -> Term | None:
            return piece(leaf.name)(values, last) if isinstance(leaf, FinalLocation) else None

        value = substitute(term, lookup)
        assert isinstance(value, (int, Address)), term
        return value

    return look


def _register(term: Term) -> Look:
    if isinstance(term, ReadValue):
        read = term.event
        return lambda values, _: _known(values[read])
    if isinstance(term, (int, Address)):
        constant = _opaque(term)
        return lambda *_: constant
    computed = computation(term, key_of)
    return lambda values, _: _opaque(computed(values))


def _known(value: Value | None) -> Value:
    assert value is not None, "a read has a value"
    return value if type(value) is int else _opaque(value)


def _opaque(value: Value) -> Value:
    """Return a value out of thin air as one that is like no other, which conditions may compare: so does herd7."""
    if isinstance(value, Address) and value.symbol == THIN_AIR:
        return Address(f"{THIN_AIR} S{value.offset}")
    return value
