"""The only door to python-sat: clauses in, models out."""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any

from litmus.dataclass import dataclass, field
from litmus.deadline import NEVER, Deadline

Literal = int
"""A variable, counted from 1, or its negation as the negative number."""

TRUE: Literal = 1
"""The literal that every formula makes true."""
FALSE: Literal = -1

CONFLICTS = 4000
"""After how many conflicts the solver comes back to look at the deadline, without losing what it learnt."""


def _new_solver(*, with_proof: bool = False) -> Any:
    from pysat.solvers import Solver as Incremental

    return Incremental(name="glucose4", with_proof=with_proof)


@dataclass(slots=True)
class Solver:
    """A formula that grows, and what satisfies it. The literal `TRUE` is true in it."""

    deadline: Deadline = NEVER
    variables: int = 1
    clauses: int = 0
    _solver: Any = field(default_factory=_new_solver)

    def __post_init__(self) -> None:
        self._solver.add_clause([TRUE])

    def variable(self) -> Literal:
        """Return a new variable."""
        self.variables += 1
        return self.variables

    def add(self, *literals: Literal) -> None:
        """Add the clause that one of the literals is true."""
        if TRUE in literals:
            return
        self.clauses += 1
        if self.clauses & 0xFFF == 0:
            self.deadline.check()
        self._solver.add_clause([literal for literal in literals if literal != FALSE])

    def conjunction(self, literals: Iterable[Literal]) -> Literal:
        """Return a literal that is true exactly where all of these are."""
        distinct = set(literals) - {TRUE}
        if FALSE in distinct or any(-literal in distinct for literal in distinct):
            return FALSE
        if not distinct:
            return TRUE
        if len(distinct) == 1:
            return distinct.pop()
        found = self.variable()
        for literal in distinct:
            self.add(-found, literal)
        self.add(found, *(-literal for literal in distinct))
        return found

    def disjunction(self, literals: Iterable[Literal]) -> Literal:
        """Return a literal that is true exactly where one of these is."""
        return -self.conjunction(-literal for literal in literals)

    def at_most_one(self, literals: Sequence[Literal]) -> None:
        """Add that no two of the literals are true."""
        for i, one in enumerate(literals):
            for other in literals[:i]:
                self.add(-one, -other)

    def solve(self, assumptions: Sequence[Literal] = ()) -> frozenset[Literal] | None:
        """Return the literals that are true in one way to satisfy the formula and the assumptions, None where there is
        none.

        Raises:
            OutOfTime: where the deadline passes.
        """
        answer = None
        while answer is None:
            self.deadline.check()
            self._solver.conf_budget(CONFLICTS)
            answer = self._solver.solve_limited(assumptions=list(assumptions))
        return frozenset(self._solver.get_model()) if answer else None

    def close(self) -> None:
        """Give the memory back."""
        self._solver.delete()


def refute(
    clauses: Iterable[Sequence[Literal]], deadline: Deadline = NEVER, conflicts: int | None = None
) -> tuple[str, ...] | frozenset[Literal] | None:
    """Return the lines of a DRUP proof that no assignment satisfies the clauses, or the literals that are true in one
    that does; None where the solver has not found either after so many conflicts.

    Raises:
        OutOfTime: where the deadline passes.
    """
    solver, tries = _new_solver(with_proof=True), 0
    try:
        for clause in clauses:
            solver.add_clause(list(clause))
        answer = None
        while answer is None:
            if conflicts is not None and tries >= conflicts:
                return None
            deadline.check()
            solver.conf_budget(CONFLICTS)
            tries += CONFLICTS
            answer = solver.solve_limited()
        return frozenset(solver.get_model()) if answer else _until_empty(solver.get_proof() or ())
    finally:
        solver.delete()


def _until_empty(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines of a proof with the empty clause at their end, and there only."""
    return (*takewhile(lambda line: line != "0", lines), "0")
