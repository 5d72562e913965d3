"""What is asked of the executions of a program."""

from collections.abc import Iterator, Mapping

from litmus.dataclass import dataclass
from litmus.engine.base import Ask
from litmus.engine.final import readable, shown_as
from litmus.event.spin import BOUND, BOUNDED
from litmus.event.structure import UNDEFINED
from litmus.program.program import Program
from litmus.program.term import FinalLocation, FinalRegister, Term, Value, leaves

_STOPPED = frozenset({BOUND, "invalid_access", "undefined_operation"})
"""Marks of executions that do not reach their end: one shows that there are such."""

RACE = "data-race"
"""The flag that the reserved condition ``data_race`` is about."""


@dataclass(frozen=True, slots=True)
class Goals:
    """What the answer depends on.

    ``conditions``, by the places of their assertions, are asked from both sides; with ``states`` every combination of
    the values of ``observed`` is wanted.
    ``filter`` is what executions have to end with to count, ``shown`` the conversion of the value of each location and
    ``initial`` what those hold that nothing accesses. Of ``flags`` of the model it is also asked whether an execution
    is without them. ``marks`` tells whether it matters which event structures have an execution at all, for what they
    are marked with or not.
    """

    observed: tuple[FinalRegister | FinalLocation, ...]
    conditions: Mapping[int, Term]
    filter: Term | None
    shown: Mapping[str, str]
    initial: Mapping[str, Value]
    flags: frozenset[str]
    states: bool
    marks: bool

    def asked(self) -> tuple[Term, ...]:
        """Return the terms over final values that the answer depends on."""
        filtered = () if self.filter is None else (self.filter,)
        return (*self.conditions.values(), *filtered, *(self.observed if self.states else ()))


def goals_of(program: Program, ask: Ask) -> Goals:
    """Return what is asked of a program."""
    meaning = readable(program)
    return Goals(
        observables(program),
        {i: meaning(assertion.condition) for i, assertion in enumerate(program.assertions) if not assertion.reserved},
        None if program.filter is None else meaning(program.filter),
        shown_as(program),
        {location.name: location.initial for location in program.locations},
        frozenset({RACE} if any(assertion.reserved == "data_race" for assertion in program.assertions) else ()),
        ask is not Ask.VERDICT,
        any(assertion.reserved == "bug" for assertion in program.assertions),
    )


def observables(program: Program) -> tuple[FinalRegister | FinalLocation, ...]:
    """What the states of a program print: what its conditions mention and what `locations` lists, registers first."""
    found: set[Term] = set(program.observed)
    for assertion in program.assertions:
        found |= set(leaves(assertion.condition))
    registers = sorted((o for o in found if isinstance(o, FinalRegister)), key=lambda o: (o.thread, o.register))
    locations = sorted((o for o in found if isinstance(o, FinalLocation)), key=lambda o: o.name)
    return (*registers, *locations)


def stops(marks: frozenset[str]) -> bool:
    """Whether executions with these marks do not come to their end."""
    return bool(marks) and (not marks.isdisjoint(_STOPPED) or any(mark.startswith(UNDEFINED) for mark in marks))


def why_stopped(marks: frozenset[str]) -> Iterator[str]:
    """Yield why executions with these marks do not come to their end."""
    if "invalid_access" in marks:
        yield "an access outside every object is reachable"
    if "undefined_operation" in marks:
        yield "an operation on an address that has no meaning is reachable"
    for mark in sorted(marks):
        if mark.startswith(UNDEFINED):
            yield f"{mark.removeprefix(UNDEFINED)} is reachable"
        elif mark.startswith(BOUNDED):
            yield mark
