"""Which engine finds the executions of an event structure.

The explicit engine enumerates all of them, and is the reference. Where their number is not asked for it makes a bounded
effort; what it does not finish within that is asked of a solver, and what a solver cannot be asked is enumerated after
all.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from litmus.dataclass import dataclass, field
from litmus.engine.base import Ask, EngineName, Keep, Limits, NotForSolver
from litmus.engine.explicit import Accepted, Enumerator, Exhausted
from litmus.engine.goals import Goals
from litmus.errors import UnsupportedError
from litmus.event.structure import EventStructure
from litmus.relation.model import Model

if TYPE_CHECKING:
    from litmus.engine.block.block import Block

EFFORT = 1500
"""How many steps of its search the explicit engine makes for an event structure before a solver is asked."""

EFFORT_FOR_STATE = 16
"""How many more where it found a final state that is new, and all are asked for."""


class Solving(Protocol):
    """An engine that finds some of the executions."""

    candidates: int

    def executions(self, structure: EventStructure) -> Iterator[Accepted]:
        """Yield executions of a structure, enough for its goals."""


@dataclass(slots=True)
class Finder:
    """Finds executions of the event structures of one program under one model, as many as the limits ask for.

    ``engines`` are those that answered; ``counted`` tells whether all executions have been yielded, each once.
    """

    model: Model
    limits: Limits
    goals: Goals
    engines: dict[EngineName, None] = field(default_factory=dict)
    counted: bool = True
    _explicit: Enumerator = field(init=False)
    _solver: Solving | None = None

    def __post_init__(self) -> None:
        self._explicit = Enumerator(self.model, self.limits.deadline)

    @property
    def candidates(self) -> int:
        """How many complete candidates were judged."""
        return self._explicit.candidates + (0 if self._solver is None else self._solver.candidates)

    def asked(self, goals: Goals) -> "Finder":
        """Return a finder for other goals, which shares what is known of the model."""
        other = Finder(self.model, self.limits, goals)
        other._explicit = self._explicit
        return other

    def executions(self, structure: EventStructure) -> Iterator["Accepted | Block"]:
        """Yield executions of a structure that the model accepts; many at once where that can be done, more than a
        verdict is asked for, and nobody wants to keep all of them.

        Raises:
            OutOfTime: when the deadline passes.
            ModelError: where the model is wrong.
            UnsupportedError: where the solver is asked for by name and cannot be asked.
        """
        if self.limits.engine is EngineName.SAT:
            yield from self._only_solved(structure)
        elif self.limits.engine is EngineName.EXPLICIT or self.limits.ask is Ask.COUNTS:
            yield from self._enumerated(structure, None)
        else:
            yield from self._either(structure)

    def _enumerated(self, structure: EventStructure, effort: int | None) -> Iterator["Accepted | Block"]:
        self.engines[EngineName.EXPLICIT] = None
        if self.limits.keep is Keep.ALL:
            yield from self._explicit.executions(structure, effort)
        elif self.limits.ask is Ask.VERDICT:
            yield from self._explicit.executions(structure, effort, self.goals.asked())
        else:
            any_order = self.limits.ask is Ask.STATES and self.limits.engine is EngineName.AUTO
            for found in self._explicit.found(structure, self.goals, effort, any_order=any_order):
                self.counted &= isinstance(found, Accepted) or found.counted
                yield found

    def renew(self, states: int) -> None:
        """Go on with the engine that has found so many new final states: there may be many, and nothing finds them
        faster."""
        if self.limits.ask is Ask.STATES:
            self._explicit.renew(EFFORT_FOR_STATE * states)

    def _either(self, structure: EventStructure) -> Iterator["Accepted | Block"]:
        try:
            yield from self._enumerated(structure, EFFORT)
        except Exhausted:
            self.counted = False
        else:
            return
        try:
            yield from self._solved(structure)
        except NotForSolver:
            yield from self._enumerated(structure, None)

    def _only_solved(self, structure: EventStructure) -> Iterator[Accepted]:
        self.counted = False
        try:
            yield from self._solved(structure)
        except NotForSolver as reason:
            message = f"the SAT engine cannot answer this under '{self.model.name}': {reason}"
            raise UnsupportedError(message, None, hint="--engine auto asks the explicit engine then") from None

    def _solved(self, structure: EventStructure) -> Iterator[Accepted]:
        from litmus.engine.sat.search import SolverEnumerator

        if self._solver is None:
            self._solver = SolverEnumerator(self.model, self.goals, self.limits.deadline)
        found = self._solver.executions(structure)
        first = next(found, None)
        self.engines[EngineName.SAT] = None
        if first is not None:
            yield first
            yield from found
