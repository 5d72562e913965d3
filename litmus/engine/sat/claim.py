"""What of an answer rests on the absence of executions, and can be proved event structure by event structure."""

from collections.abc import Mapping

from litmus.dataclass import dataclass
from litmus.engine.base import Observation, Result, Tally, Verdict
from litmus.engine.goals import RACE, stops
from litmus.engine.sat.proof import GROUNDED, Question, word
from litmus.event.structure import EventStructure
from litmus.program.program import Assertion, Quantifier
from litmus.program.term import Term

BUG = "bug"
"""The mark of event structures that come to a BUG_ON() whose condition is true."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That no execution shows one side of an assertion: that its condition holds, or that it does not."""

    assertion: Assertion
    observation: Observation
    holds: bool
    """The side that no execution shows."""
    condition: Term | None
    """Over what is read in the end; None for a reserved condition."""
    name: str
    """Different for each claim about a test."""

    def question(self, structure: EventStructure) -> Question | None:
        """Return what an execution of a structure is asked to do, None where it would be of another side anyway."""
        match self.assertion.reserved:
            case None:
                text = f"the condition of '{self.name}' is {'true' if self.holds else 'false'}"
                return Question(self.name, text, self.condition, holds=self.holds)
            case "data_race":
                return Question(self.name, f"{'a' if self.holds else 'no'} data race", remark=RACE, holds=self.holds)
            case "bug" if (BUG in structure.marks) == self.holds:
                return Question(self.name, f"an execution comes to its end{'' if self.holds else ' without a bug'}")
            case _:
                return None


STOPPED = Question("stopped", "an execution comes to where it would stop before its end", filtered=False)


def questions(structure: EventStructure, claims: tuple[Claim, ...]) -> tuple[Question, ...]:
    """Return what is asked of one event structure: of one that stops before its end whether it has an execution."""
    if stops(structure.marks):
        return (STOPPED,)
    found = (claim.question(structure) for claim in claims)
    return tuple(question for question in found if question is not None)


def claims_of(result: Result, conditions: Mapping[int, Term]) -> tuple[Claim, ...]:
    """Return what can be proved of an answer; ``conditions`` are those of its assertions by their places."""
    taken = dict.fromkeys((GROUNDED.name, STOPPED.name), 1)
    found: list[Claim] = []
    for index, tally in enumerate(result.tallies):
        if why_not(result, tally) is None:
            name = word(tally.assertion.name or tally.assertion.reserved or "condition")
            taken[name] = taken.get(name, 0) + 1
            name = name if taken[name] == 1 else f"{name}-{taken[name]}"
            holds = tally.observation is Observation.NEVER
            found.append(Claim(tally.assertion, tally.observation, holds, conditions.get(index), name))
    return tuple(found)


def why_not(result: Result, tally: Tally) -> str | None:
    """Return why there is nothing to prove of an assertion, None where there is."""
    if tally.observation is Observation.SOMETIMES:
        return "Sometimes: an execution shows it, another one the contrary"
    if tally.verdict is Verdict.UNKNOWN or result.unknown:
        return f"the answer is not complete: {tally.reason or '; '.join(result.unknown)}"
    if tally.assertion.reserved == "deadlock":
        return "it is about all executions together, not about one that does something"
    if tally.assertion.reserved == "unroll_bound_reached" and not _bound_is_never_met(tally):
        return "an execution shows it"
    return None


def _bound_is_never_met(tally: Tally) -> bool:
    return (tally.verdict is Verdict.HOLDS) == (tally.assertion.quantifier is Quantifier.FORBID)
