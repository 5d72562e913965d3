"""What the executions that were found prove of an assertion, and what they leave unknown."""

from collections.abc import Collection, Iterable

from litmus.arch.statement import walk
from litmus.dataclass import dataclass
from litmus.engine.base import Observation, Verdict
from litmus.engine.deadlock import Deadlocks, where
from litmus.program.program import Assertion, Program, Quantifier
from litmus.program.syntax import Await

DEADLOCK = "DEADLOCK: no execution ends"
NOT_LOOKED = "executions that get stuck were not looked for"
NOTHING_ENDS = "no execution ends: each waits for ever, or is dropped by an assume()"
NOTHING_PASSES = "no execution that ends passes the filter"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a program once its executions were looked for.

    ``executions`` is how many pass the filter, ``ended`` whether any ends, filtered out or not. ``unknown`` and
    ``inexact`` say what was not found out, ``undefined`` are the `undefined_unless` of the model that fail, and
    ``deadlocks`` what was found of executions that get stuck, None where nobody looked.
    """

    program: Program
    executions: int
    ended: bool
    bound_reached: bool
    unknown: Collection[str]
    undefined: Collection[str]
    inexact: Collection[str]
    deadlocks: Deadlocks | None

    def verdict(self, assertion: Assertion, positive: int, negative: int) -> tuple[Verdict, str | None]:
        """Return what is proven of an assertion whose condition holds at the end of ``positive`` executions and not at
        that of ``negative``; and why it is that, where there is more to say."""
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
            return Verdict.FAILS, NOTHING_PASSES if self.ended else DEADLOCK if self.deadlock() else NOTHING_ENDS
        return _complete(assertion.quantifier), None

    def _about_the_bound(self, quantifier: Quantifier) -> tuple[Verdict, str | None]:
        if not self.bound_reached and self.unknown:
            return Verdict.UNKNOWN, "; ".join(self.unknown)
        return _verdict(self.bound_reached is (quantifier is not Quantifier.FORBID)), None

    def _about_deadlocks(self, quantifier: Quantifier) -> tuple[Verdict, str | None]:
        """Whether executions get stuck: one of them, or with ``require`` all."""
        if quantifier is Quantifier.REQUIRE and self.ended:
            return Verdict.FAILS, None
        found, doubts = self.stuck()
        if found is None or (quantifier is Quantifier.REQUIRE and doubts):
            return Verdict.UNKNOWN, "; ".join(doubts) or NOTHING_ENDS
        forbidden = quantifier is Quantifier.FORBID
        stuck = None if self.deadlocks is None else self.deadlocks.found
        reason = where(stuck) if stuck is not None and forbidden else None
        return _verdict(found is not forbidden), reason

    def stuck(self) -> tuple[bool | None, tuple[str, ...]]:
        """Whether an execution gets stuck, None where that is not known, and what was not looked at."""
        if self.deadlocks is None:
            return self.deadlock() or None, (*self.unknown, *((NOT_LOOKED,) if self.ended else ()))
        doubts = tuple(dict.fromkeys((*self.unknown, *self.deadlocks.unknown)))
        if self.deadlocks.found is not None:
            return True, doubts
        return (None if doubts else False if self.ended else self.deadlock()), doubts

    def deadlock(self) -> bool | None:
        """Whether no execution ends because all wait for ever; None where that is not known."""
        if self.ended:
            return False
        statements = (statement for thread in self.program.threads for statement in walk(thread.body))
        assumes = any(isinstance(statement, Await) and statement.how == "assume" for statement in statements)
        return None if self.unknown or self.undefined or assumes else True


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


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
