"""From executions to verdicts: final states, how often each condition holds, and what that proves."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from litmus.dataclass import dataclass, field
from litmus.deadline import OutOfTime
from litmus.engine.base import (
    OUT_OF_TIME,
    Execution,
    Keep,
    Limits,
    Result,
    State,
    States,
    Tally,
)
from litmus.engine.deadlock import Deadlocks
from litmus.engine.ending import Endings
from litmus.engine.explicit import Accepted
from litmus.engine.finder import Finder
from litmus.engine.goals import RACE, Goals, goals_of, stops, why_stopped
from litmus.engine.verdict import Evidence, observation
from litmus.event.spin import BOUND
from litmus.event.structure import EventStructure
from litmus.program.computation import Computation, computation
from litmus.program.program import Assertion, Program
from litmus.program.term import THIN_AIR, Address, Leaf, UndefinedOperation, Value, holds
from litmus.relation.model import Model

if TYPE_CHECKING:
    from litmus.engine.block.block import Block


def check(
    program: Program,
    structures: Iterable[EventStructure],
    model: Model,
    limits: Limits | None = None,
    endless: Iterable[EventStructure] | None = None,
) -> Result:
    """Return what ``model`` allows of ``program``, whose event structures are given.

    ``endless`` are those in which a thread waits for ever. They are looked at where an assertion is about deadlocks,
    and where no execution ends.

    Raises:
        ModelError: where the model is wrong.
    """
    limits = limits or Limits()
    started = time.monotonic()
    goals = goals_of(program, limits.ask)
    finder = Finder(model, limits, goals)
    count = _Count(program, limits.keep, goals)
    try:
        for structure in structures:
            limits.deadline.check()
            count.inexact |= dict.fromkeys(structure.inexact)
            for accepted in finder.executions(structure):
                new = count.add(accepted) if isinstance(accepted, Accepted) else count.add_block(accepted)
                if new:
                    finder.renew(new)
                if stops(structure.marks):
                    break
    except OutOfTime:
        count.unknown.append(f"{OUT_OF_TIME}{limits.deadline.seconds:g} s reached")
    if endless is not None:
        count.look_for_deadlocks(Deadlocks(model, limits), endless)
    return count.result(finder, time.monotonic() - started)


MEANINGLESS = "an operation on an address that has no meaning reaches the final state"


@dataclass(slots=True)
class _Side:
    """One side of an assertion's count."""

    number: int = 0
    example: Execution | None = None


@dataclass(slots=True)
class _End:
    """A final state: how many executions end in it, and for each condition whether it holds there."""

    holds: Mapping[int, bool]
    number: int = 0


@dataclass(slots=True)
class _Count:
    program: Program
    keep: Keep
    goals: Goals
    ends: dict[tuple[Value, ...], _End] = field(default_factory=dict)
    """The final states by what is observed in them, in the order of first appearance."""
    flags: dict[str, int] = field(default_factory=dict)
    undefined: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    inexact: dict[str, None] = field(default_factory=dict)
    samples: list[Execution] = field(default_factory=list)
    executions: int = 0
    bound_reached: bool = False
    ended: bool = False
    """Whether an execution ends, filtered out or not."""
    deadlocks: Deadlocks | None = None
    """What was found of executions that get stuck, where somebody asks."""
    sides: list[tuple[_Side, _Side]] = field(init=False)
    _endings: Endings = field(init=False)
    _conditions: Mapping[int, Computation] | None = None
    _pairs: list[dict[Value, tuple[Leaf, Value]]] = field(default_factory=list)
    """What has been observed, with the values that it had: states have these in common."""
    _held: dict[tuple[bool, ...], Mapping[int, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sides = [(_Side(), _Side()) for _ in self.program.assertions]
        self._endings = Endings(self.goals)

    def look_for_deadlocks(self, deadlocks: Deadlocks, endless: Iterable[EventStructure]) -> None:
        """Search for executions that get stuck, where that is asked for or none ends."""
        if self.ended and all(assertion.reserved != "deadlock" for assertion in self.program.assertions):
            return
        deadlocks.search(endless, whole=not self.ended)
        self.deadlocks = deadlocks
        if not self.ended:
            for reason in deadlocks.unknown:
                self._note(reason)

    def add(self, accepted: Accepted) -> bool:
        """Count an execution, and those that it stands for; return whether it ends in a state not seen before."""
        marks = accepted.structure.marks
        if stops(marks):
            self._stopped(marks)
            return False
        self.ended = True
        try:
            if self.goals.filter is not None and not holds(self._endings.value(accepted, self.goals.filter)):
                return False
            values = self._endings.values(accepted)
            known = self.ends.get(values)
            end = known or self._first(values)
        except UndefinedOperation:
            self._note(MEANINGLESS)
            return False
        self._record(accepted, values, end, marks)
        for name in accepted.undefined:
            self.undefined[name] = self.undefined.get(name, 0) + accepted.stands_for
        return known is None

    def add_block(self, block: "Block") -> int:
        """Count the executions of a block; return how many of them end in a state not seen before."""
        marks = block.structure.marks
        if stops(marks):
            self._stopped(marks)
            return 0
        self.ended = True
        passing = block.accepted if self.goals.filter is None else block.accepted & block.ends.truth(self.goals.filter)
        for name, made in block.remarks.items():
            counts = self.undefined if name in block.undefined else self.flags
            if number := block.number(made & passing):
                counts[name] = counts.get(name, 0) + number
        known = len(self.ends)
        for values, table in block.states(passing):
            try:
                end = self.ends.get(values) or self._first(values)
            except UndefinedOperation:
                self._note(MEANINGLESS)
            else:
                self._record_block(block, table, values, end)
        return len(self.ends) - known

    def _record_block(self, block: "Block", table: int, values: tuple[Value, ...], end: _End) -> None:
        """Count the executions of a block that end in a state."""
        number, first = block.number(table), end.number == 0
        self.executions += number
        end.number += number
        for index, (assertion, sides) in enumerate(zip(self.program.assertions, self.sides, strict=True)):
            if index in end.holds:
                parts = (table, 0) if end.holds[index] else (0, table)
            else:
                parts = _parted(assertion, block, table)
            for side, part in zip(sides, parts, strict=True):
                if part:
                    side.number += block.number(part)
                    if side.example is None:
                        side.example = block.example(part).execution(self._state(values))
        if self.keep is Keep.ONE_PER_STATE and first:
            self.samples.append(block.example(table).execution(self._state(values)))

    def _first(self, values: tuple[Value, ...]) -> _End:
        """Return the state in which no execution has ended before."""
        if self._conditions is None:
            self._conditions = _computed(self.goals)
            self._pairs = [{} for _ in self.goals.observed]
        if not all(value in known for known, value in zip(self._pairs, values, strict=True)):
            self._meet(values)
        held = tuple([holds(condition(values)) for condition in self._conditions.values()])
        self.ends[values] = end = _End(self._held.setdefault(held, dict(zip(self._conditions, held, strict=True))))
        return end

    def _state(self, values: tuple[Value, ...]) -> State:
        return tuple([known[value] for known, value in zip(self._pairs, values, strict=True)])

    def _counted(self) -> Iterator[tuple[State, int]]:
        return ((self._state(values), end.number) for values, end in self.ends.items())

    def _meet(self, values: tuple[Value, ...]) -> None:
        """Note values that have not been observed before."""
        if any(isinstance(value, Address) and value.symbol.startswith(THIN_AIR) for value in values):
            self._note("a value out of thin air reaches the final state")
        for known, observed, value in zip(self._pairs, self.goals.observed, values, strict=True):
            known.setdefault(value, (observed, value))

    def _record(self, accepted: Accepted, values: tuple[Value, ...], end: _End, marks: frozenset[str]) -> None:
        number, first = accepted.stands_for, end.number == 0
        self.executions += number
        end.number += number
        for flag in accepted.flags:
            self.flags[flag] = self.flags.get(flag, 0) + number
        execution = None
        for index, (assertion, sides) in enumerate(zip(self.program.assertions, self.sides, strict=True)):
            held = end.holds[index] if index in end.holds else _reserved(assertion, accepted, marks)
            side = sides[not held]
            side.number += number
            if side.example is None:
                side.example = execution = execution or accepted.execution(self._state(values))
        if self.keep is Keep.ALL or (self.keep is Keep.ONE_PER_STATE and first):
            self.samples.append(execution or accepted.execution(self._state(values)))

    def _stopped(self, marks: frozenset[str]) -> None:
        if BOUND in marks:
            self.bound_reached = True
        for reason in why_stopped(marks):
            self._note(reason)

    def _note(self, reason: str) -> None:
        if reason not in self.unknown:
            self.unknown.append(reason)

    def _evidence(self) -> Evidence:
        return Evidence(
            self.program,
            self.executions,
            self.ended,
            self.bound_reached,
            self.unknown,
            self.undefined,
            self.inexact,
            self.deadlocks,
        )

    def result(self, finder: Finder, seconds: float) -> Result:
        evidence = self._evidence()
        sides = zip(self.program.assertions, self.sides, strict=True)
        tallies = (_tally(evidence, assertion, both, finder.counted) for assertion, both in sides)
        return Result(
            self.program,
            finder.model.name,
            States(self._counted, len(self.ends)),
            tuple(tallies),
            self.flags,
            finder.candidates,
            self.executions,
            seconds,
            tuple(self.unknown),
            self.bound_reached,
            tuple(self.samples),
            tuple(self.inexact),
            self.undefined,
            evidence.deadlock() is True,
            finder.limits.ask,
            finder.counted,
            tuple(finder.engines),
        )


def _tally(evidence: Evidence, assertion: Assertion, sides: tuple[_Side, _Side], counted: bool) -> Tally:
    if assertion.reserved == "deadlock":
        return _tally_of_deadlocks(evidence, assertion, sides[1])
    positive, negative = sides
    verdict, reason = evidence.verdict(assertion, positive.number, negative.number)
    return Tally(
        assertion,
        positive.number,
        negative.number,
        observation(positive.number, negative.number),
        verdict,
        reason,
        positive.example,
        negative.example,
        counted,
    )


def _tally_of_deadlocks(evidence: Evidence, assertion: Assertion, ended: _Side) -> Tally:
    """Executions that get stuck are looked for, not counted."""
    verdict, reason = evidence.verdict(assertion, 0, ended.number)
    stuck = int(evidence.stuck()[0] is True)
    seen = observation(stuck, ended.number)
    found = None if evidence.deadlocks is None else evidence.deadlocks.found
    return Tally(assertion, stuck, ended.number, seen, verdict, reason, found, ended.example, counted=False)


def _computed(goals: Goals) -> Mapping[int, Computation]:
    """Return the conditions as functions of the values that are observed."""
    places: dict[Leaf, int] = {leaf: place for place, leaf in enumerate(goals.observed)}
    return {index: computation(condition, places.__getitem__) for index, condition in goals.conditions.items()}


def _reserved(assertion: Assertion, accepted: Accepted, marks: frozenset[str]) -> bool:
    """Whether an execution that ends shows what a reserved condition is about."""
    match assertion.reserved:
        case "data_race":
            return RACE in accepted.flags
        case "bug":
            return "bug" in marks
    return False


def _parted(assertion: Assertion, block: "Block", table: int) -> tuple[int, int]:
    """Where, of a table, executions show what a reserved condition is about, and where not."""
    match assertion.reserved:
        case "data_race":
            racing = table & block.remarks.get(RACE, 0)
        case "bug" if "bug" in block.structure.marks:
            racing = table
        case _:
            racing = 0
    return racing, table ^ racing
