"""From executions to verdicts: final states, how often each condition holds, and what that proves."""

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from litmus.arch.statement import walk
from litmus.dataclass import dataclass, field
from litmus.deadline import OutOfTime
from litmus.engine.base import (
    OUT_OF_TIME,
    Execution,
    Keep,
    Limits,
    Observation,
    Result,
    State,
    States,
    Tally,
    Verdict,
)
from litmus.engine.deadlock import Deadlocks, where
from litmus.engine.ending import Endings
from litmus.engine.explicit import Accepted
from litmus.engine.finder import Finder
from litmus.engine.goals import RACE, Goals, goals_of, stops, why_stopped
from litmus.event.spin import BOUND
from litmus.event.structure import EventStructure
from litmus.program.computation import Computation, computation
from litmus.program.program import Assertion, Program, Quantifier
from litmus.program.syntax import Await
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


DEADLOCK = "DEADLOCK: no execution ends"
NOT_LOOKED = "executions that get stuck were not looked for"
NOTHING_ENDS = "no execution ends: each waits for ever, or is dropped by an assume()"
NOTHING_PASSES = "no execution that ends passes the filter"


@dataclass(slots=True)
class _Side:
    """One side of an assertion's count."""

    number: int = 0
    example: Execution | None = None


@dataclass(slots=True)
class _End:
    """A final state: how many executions end in it, and for each condition whether it holds there."""

    state: State
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
        except UndefinedOperation:
            self._note("an operation on an address that has no meaning reaches the final state")
            return False
        end = self.ends.get(values)
        self._record(accepted, end or self._first(values), marks)
        for name in accepted.undefined:
            self.undefined[name] = self.undefined.get(name, 0) + accepted.stands_for
        return end is None

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
            self._record_block(block, table, self.ends.get(values) or self._first(values))
        return len(self.ends) - known

    def _record_block(self, block: "Block", table: int, end: _End) -> None:
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
                        side.example = block.example(part).execution(end.state)
        if self.keep is Keep.ONE_PER_STATE and first:
            self.samples.append(block.example(table).execution(end.state))

    def _first(self, values: tuple[Value, ...]) -> _End:
        """Return the state in which no execution has ended before."""
        if self._conditions is None:
            self._conditions = _computed(self.goals)
            self._pairs = [{} for _ in self.goals.observed]
        try:
            state = tuple([known[value] for known, value in zip(self._pairs, values, strict=True)])
        except KeyError:
            self._meet(values)
            return self._first(values)
        held = tuple([holds(condition(values)) for condition in self._conditions.values()])
        self.ends[values] = end = _End(
            state, self._held.setdefault(held, dict(zip(self._conditions, held, strict=True)))
        )
        return end

    def _meet(self, values: tuple[Value, ...]) -> None:
        """Note values that have not been observed before."""
        if any(isinstance(value, Address) and value.symbol.startswith(THIN_AIR) for value in values):
            self._note("a value out of thin air reaches the final state")
        for known, observed, value in zip(self._pairs, self.goals.observed, values, strict=True):
            known.setdefault(value, (observed, value))

    def _record(self, accepted: Accepted, end: _End, marks: frozenset[str]) -> None:
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
                side.example = execution = execution or accepted.execution(end.state)
        if self.keep is Keep.ALL or (self.keep is Keep.ONE_PER_STATE and first):
            self.samples.append(execution or accepted.execution(end.state))

    def _stopped(self, marks: frozenset[str]) -> None:
        if BOUND in marks:
            self.bound_reached = True
        for reason in why_stopped(marks):
            self._note(reason)

    def _note(self, reason: str) -> None:
        if reason not in self.unknown:
            self.unknown.append(reason)

    def result(self, finder: Finder, seconds: float) -> Result:
        tallies = (self._tally(a, s, finder.counted) for a, s in zip(self.program.assertions, self.sides, strict=True))
        return Result(
            self.program,
            finder.model.name,
            States((end.state, end.number) for end in self.ends.values()),
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
            self._deadlock() is True,
            finder.limits.ask,
            finder.counted,
            tuple(finder.engines),
        )

    def _tally(self, assertion: Assertion, sides: tuple[_Side, _Side], counted: bool) -> Tally:
        if assertion.reserved == "deadlock":
            return self._tally_of_deadlocks(assertion, sides[1])
        positive, negative = sides
        verdict, reason = self._verdict(assertion, positive.number, negative.number)
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

    def _tally_of_deadlocks(self, assertion: Assertion, ended: _Side) -> Tally:
        """Executions that get stuck are looked for, not counted."""
        verdict, reason = self._verdict(assertion, 0, ended.number)
        stuck = int(self._stuck()[0] is True)
        seen = observation(stuck, ended.number)
        found = None if self.deadlocks is None else self.deadlocks.found
        return Tally(assertion, stuck, ended.number, seen, verdict, reason, found, ended.example, counted=False)

    def _verdict(self, assertion: Assertion, positive: int, negative: int) -> tuple[Verdict, str | None]:
        if self.inexact:
            return Verdict.UNKNOWN, "; ".join(self.inexact)
        if self.undefined:
            return Verdict.UNKNOWN, f"what happens is undefined, by {_listed(self.undefined)} of the model"
        if assertion.reserved == "deadlock":
            return self._about_deadlocks(assertion.quantifier)
        if assertion.reserved == "unroll_bound_reached":
            return self._about_the_bound(assertion.quantifier)
        settled = _settled(assertion.quantifier, positive, negative)
        if settled is not None:
            return settled, None
        if self.unknown:
            return Verdict.UNKNOWN, "; ".join(self.unknown)
        if self.executions == 0 and assertion.quantifier is not Quantifier.EXISTS:
            return Verdict.FAILS, NOTHING_PASSES if self.ended else DEADLOCK if self._deadlock() else NOTHING_ENDS
        return _complete(assertion.quantifier), None

    def _about_the_bound(self, quantifier: Quantifier) -> tuple[Verdict, str | None]:
        if not self.bound_reached and self.unknown:
            return Verdict.UNKNOWN, "; ".join(self.unknown)
        return _verdict(self.bound_reached is (quantifier is not Quantifier.FORBID)), None

    def _about_deadlocks(self, quantifier: Quantifier) -> tuple[Verdict, str | None]:
        """Whether executions get stuck: one of them, or with ``require`` all."""
        if quantifier is Quantifier.REQUIRE and self.ended:
            return Verdict.FAILS, None
        found, doubts = self._stuck()
        if found is None or (quantifier is Quantifier.REQUIRE and doubts):
            return Verdict.UNKNOWN, "; ".join(doubts) or NOTHING_ENDS
        forbidden = quantifier is Quantifier.FORBID
        stuck = None if self.deadlocks is None else self.deadlocks.found
        reason = where(stuck) if stuck is not None and forbidden else None
        return _verdict(found is not forbidden), reason

    def _stuck(self) -> tuple[bool | None, tuple[str, ...]]:
        """Whether an execution gets stuck, None where that is not known, and what was not looked at."""
        if self.deadlocks is None:
            return self._deadlock() or None, (*self.unknown, *((NOT_LOOKED,) if self.ended else ()))
        doubts = tuple(dict.fromkeys((*self.unknown, *self.deadlocks.unknown)))
        if self.deadlocks.found is not None:
            return True, doubts
        return (None if doubts else False if self.ended else self._deadlock()), doubts

    def _deadlock(self) -> bool | None:
        """Whether no execution ends because all wait for ever; None where that is not known."""
        if self.ended:
            return False
        statements = (statement for thread in self.program.threads for statement in walk(thread.body))
        assumes = any(isinstance(statement, Await) and statement.how == "assume" for statement in statements)
        return None if self.unknown or self.undefined or assumes else True


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


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


def observation(positive: int, negative: int) -> Observation:
    """Never, Sometimes or Always as herd7 has it: Never where nothing is positive, even if there is no execution."""
    if positive == 0:
        return Observation.NEVER
    return Observation.ALWAYS if negative == 0 else Observation.SOMETIMES


def _settled(quantifier: Quantifier, positive: int, negative: int) -> Verdict | None:
    """What the executions found so far prove, however many are still unknown."""
    match quantifier:
        case Quantifier.FORBID if positive:
            return Verdict.FAILS
        case Quantifier.ALLOW | Quantifier.EXISTS if positive:
            return Verdict.HOLDS
        case Quantifier.REQUIRE if negative:
            return Verdict.FAILS
        case _:
            return None


def _verdict(holds: bool) -> Verdict:
    return Verdict.HOLDS if holds else Verdict.FAILS


def _complete(quantifier: Quantifier) -> Verdict:
    """What a complete enumeration proves where `_settled` found nothing."""
    return Verdict.HOLDS if quantifier in (Quantifier.FORBID, Quantifier.REQUIRE) else Verdict.FAILS
