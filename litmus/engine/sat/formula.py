"""A formula that is kept clause by clause, with what each clause is for, so that others can check it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from litmus.dataclass import dataclass, field
from litmus.engine.sat.solver import FALSE, TRUE, Literal, Solver

Clause = tuple[Literal, ...]


class Reason(StrEnum):
    """Why clauses are in a formula. Those of `SYMMETRY` and `REFUSED` do not follow from the others."""

    CONSTANT = "constant"
    """Variable 1 is true."""
    CHOICE = "choice"
    """What an execution is: a write for each read, an order of the writes of each location."""
    MODEL = "model"
    """A check of the memory model, with the relations that it is about."""
    VALUE = "value"
    """What is read and written, and that the control path is taken."""
    END = "end"
    """What registers and locations hold in the end, and what the condition says of it."""
    GOAL = "goal"
    """What no execution does, stated as if one did."""
    REFUSED = "refused"
    """Executions that the formula lets through because it states a recursive definition from one side only, and that
    the model, evaluated, refuses."""
    SYMMETRY = "symmetry"
    """Threads that do the same come in order, by the argument of `engine.symmetry`."""


@dataclass(frozen=True, slots=True)
class Part:
    """Clauses in succession that are there for one reason: the first and the last, counted from 1, and the variables
    that were new in them."""

    reason: Reason
    text: str
    clauses: tuple[int, int]
    variables: tuple[int, int]


@dataclass(slots=True)
class Formula(Solver):
    """A formula to be written to a file. It is no solver: `engine.sat.solver.refute` asks one."""

    _solver: Any = None
    written: list[Clause] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    _open: tuple[Reason, str, int, int] | None = None

    def __post_init__(self) -> None:
        self.variables = 0
        self.begin(Reason.CONSTANT, f"variable {TRUE} is true")
        self.written.append((self.variable(),))

    def begin(self, reason: Reason, text: str) -> None:
        """Say what the clauses from here on are there for."""
        self.end()
        self._open = (reason, text, len(self.written), self.variables)

    def end(self) -> None:
        """Close the part that is open, and drop it where it holds no clause and no variable."""
        if self._open is not None:
            reason, text, clauses, variables = self._open
            if clauses < len(self.written) or variables < self.variables:
                spans = (clauses + 1, len(self.written)), (variables + 1, self.variables)
                self.parts.append(Part(reason, text, *spans))
            self._open = None

    def add(self, *literals: Literal) -> None:
        """Add the clause that one of the literals is true."""
        clause = tuple(dict.fromkeys(literal for literal in literals if literal != FALSE))
        if TRUE in clause or any(-literal in clause for literal in clause):
            return
        self.clauses += 1
        if self.clauses & 0xFFF == 0:
            self.deadline.check()
        self.written.append(clause)

    def solve(self, assumptions: Sequence[Literal] = ()) -> frozenset[Literal] | None:
        """Formulas are not solved while they are written."""
        raise NotImplementedError

    def close(self) -> None:
        """There is nothing to give back."""
