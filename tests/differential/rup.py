"""A checker of refutations: every clause of the proof follows from those before it by unit propagation (RUP).

It knows nothing of the package: it reads a formula in DIMACS and a proof in the text form of DRAT. As in drat-trim,
what has once been derived as true of a variable stays so, even where the clause that it came from is deleted. A step
that is RAT and not RUP is not accepted: the proofs checked here have none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

Clause = tuple[int, ...]


class Rejected(Exception):
    """The formula or the proof is not well formed, or a step does not follow."""


def parse_formula(text: str) -> list[Clause]:
    """Return the clauses of a formula, as many and over the variables that its header states."""
    lines = [line for line in text.splitlines() if line and not line.startswith("c")]
    if not lines or lines[0].split()[:2] != ["p", "cnf"]:
        raise Rejected("no header")
    variables, number = map(int, lines[0].split()[2:])
    clauses = [_clause(line) for line in lines[1:]]
    if len(clauses) != number or any(abs(literal) > variables for clause in clauses for literal in clause):
        raise Rejected("the header states other numbers")
    return clauses


def parse_proof(text: str) -> list[tuple[bool, Clause]]:
    """Return the steps of a proof, whether each adds or deletes a clause."""
    lines = text.splitlines()
    return [(not line.startswith("d"), _clause(line.removeprefix("d"))) for line in lines]


def _clause(line: str) -> Clause:
    try:
        *literals, end = map(int, line.split())
    except ValueError:
        raise Rejected(f"no clause: {line!r}") from None
    if end != 0 or 0 in literals:
        raise Rejected(f"no clause: {line!r}")
    return tuple(literals)


def check(formula: str, proof: str) -> int:
    """Return how many clauses of the proof were checked, up to the empty one.

    Raises:
        Rejected: where the proof does not show that the formula has no solution.
    """
    checker = Checker()
    for clause in parse_formula(formula):
        checker.add(clause)
    return checker.run(parse_proof(proof))


@dataclass(slots=True)
class Checker:
    """Clauses with two watched literals each, and what follows from them."""

    true: set[int] = field(default_factory=set)
    trail: list[int] = field(default_factory=list)
    watches: dict[int, list[list[int]]] = field(default_factory=dict)
    known: dict[Clause, list[list[int]]] = field(default_factory=dict)
    """The clauses that are not deleted, by their literals in order."""
    deleted: dict[int, list[int]] = field(default_factory=dict)
    refuted: bool = False

    def run(self, steps: Iterable[tuple[bool, Clause]]) -> int:
        checked = 0
        for adds, clause in steps:
            if not adds:
                self.delete(clause)
                continue
            checked += 1
            if not self.follows(clause):
                raise Rejected(f"step {checked} does not follow: {clause}")
            if not clause:
                return checked
            self.add(clause)
        raise Rejected("the empty clause is not in the proof")

    def follows(self, clause: Clause) -> bool:
        """Whether unit propagation refutes that all literals of the clause are false."""
        if self.refuted or any(literal in self.true for literal in clause):
            return True
        mark = len(self.trail)
        for literal in dict.fromkeys(clause):
            self._assign(-literal)
        conflict = any(-literal in clause for literal in clause) or not self._propagate(mark)
        self.true.difference_update(self.trail[mark:])
        del self.trail[mark:]
        return conflict

    def add(self, clause: Clause) -> None:
        """Add a clause and what follows from it."""
        literals = list(dict.fromkeys(clause))
        self.known.setdefault(_key(clause), []).append(literals)
        if any(-literal in literals for literal in literals):
            return
        free = [literal for literal in literals if -literal not in self.true]
        if not free:
            self.refuted = True
            return
        if len(free) == 1:
            if free[0] not in self.true:
                mark = len(self.trail)
                self._assign(free[0])
                self.refuted = self.refuted or not self._propagate(mark)
            return
        literals[:] = free + [literal for literal in literals if -literal in self.true]
        for literal in literals[:2]:
            self.watches.setdefault(literal, []).append(literals)

    def delete(self, clause: Clause) -> None:
        """Forget a clause; what followed from it stays."""
        equal = self.known.get(_key(clause))
        if not equal:
            raise Rejected(f"a clause is deleted that is not there: {clause}")
        gone = equal.pop()
        self.deleted[id(gone)] = gone

    def _assign(self, literal: int) -> None:
        if literal not in self.true:
            self.true.add(literal)
            self.trail.append(literal)

    def _propagate(self, position: int) -> bool:
        """Assign all that follows from the trail from a position on; return whether that is free of contradiction."""
        while position < len(self.trail):
            if not self._visit(-self.trail[position]):
                return False
            position += 1
        return True

    def _visit(self, false: int) -> bool:
        """Look at the clauses that watch a literal which has become false."""
        kept: list[list[int]] = []
        watching = iter(self.watches.get(false, ()))
        consistent = True
        for clause in watching:
            if id(clause) in self.deleted:
                continue
            if clause[0] == false:
                clause[0], clause[1] = clause[1], clause[0]
            if clause[0] in self.true:
                kept.append(clause)
                continue
            if self._moved(clause):
                continue
            kept.append(clause)
            if -clause[0] in self.true:
                consistent = False
                kept += watching
                break
            self._assign(clause[0])
        self.watches[false] = kept
        return consistent

    def _moved(self, clause: list[int]) -> bool:
        """Let a clause watch another literal instead of its second, which is false, where one is not."""
        for i in range(2, len(clause)):
            if -clause[i] not in self.true:
                clause[1], clause[i] = clause[i], clause[1]
                self.watches.setdefault(clause[1], []).append(clause)
                return True
        return False


def _key(clause: Iterable[int]) -> Clause:
    return tuple(sorted(set(clause)))
