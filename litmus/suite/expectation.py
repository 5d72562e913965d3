"""What is expected of a result, and whether it was found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from litmus.engine.base import Execution, Observation, Result, Tally, Verdict
from litmus.program.program import Quantifier
from litmus.suite.status import Status

EXPECTED = MappingProxyType(
    {Quantifier.FORBID: "forbidden", Quantifier.ALLOW: "allowed", Quantifier.REQUIRE: "required"}
)
"""How an assertion's quantifier reads as an expectation."""

STATUS = MappingProxyType({Verdict.HOLDS: Status.OK, Verdict.FAILS: Status.FAILED, Verdict.UNKNOWN: Status.UNKNOWN})

RACE = "data-race"


@dataclass(frozen=True, slots=True)
class Finding:
    """One expectation under one model, and how it fares. ``count`` says in how many of the executions the condition
    holds; ``evidence`` is the execution that shows a failure."""

    title: str
    assertion: str
    model: str
    expected: str
    found: str
    status: Status
    note: str | None = None
    evidence: Execution | None = None
    count: str | None = None


def findings(result: Result) -> tuple[Finding, ...]:
    """Return what was expected of ``result`` and found: the ``Result:`` annotation of a herd file where there is one,
    else every assertion that claims something: a herd ``exists`` is a question, and no condition is no claim."""
    if result.program.result is not None:
        return tuple(_annotated(result, result.program.result.split()))
    claims = () if result.program.unconditional else result.tallies
    return tuple(_asserted(result, tally) for tally in claims if tally.assertion.quantifier in EXPECTED)


def _count(tally: Tally) -> str:
    return f"{tally.positive} of {tally.positive + tally.negative}"


def _asserted(result: Result, tally: Tally) -> Finding:
    forbid = tally.assertion.quantifier is Quantifier.FORBID
    fails = tally.verdict is Verdict.FAILS
    return Finding(
        result.program.title,
        tally.assertion.name,
        result.model,
        EXPECTED[tally.assertion.quantifier],
        str(tally.observation),
        STATUS[tally.verdict],
        tally.reason,
        (tally.witness if forbid else tally.counterexample) if fails else None,
        _count(tally),
    )


def _annotated(result: Result, words: list[str]) -> Iterator[Finding]:
    """The kernel's convention (tools/memory-model/scripts/judgelitmus.sh): an observation, DEADLOCK for no execution at
    all, Maybe for nobody knows, and DATARACE beside it; where there is a race the observation is not judged. Of a test
    without a condition there is nothing to observe."""
    race_expected = "DATARACE" in words
    race_found = RACE in result.flags
    observations = list(Observation) if result.program.unconditional else []
    for word in words:
        if word not in ("DATARACE", *observations):
            yield _observed(result, word, forgiven=race_expected and race_found)
    if race_expected or race_found:
        yield _raced(result, race_expected, race_found)


def _observed(result: Result, word: str, *, forgiven: bool) -> Finding:
    tally = result.tallies[0]
    found = "DEADLOCK" if result.executions == 0 and not result.unknown else str(tally.observation)
    agrees = found == word
    note = "; ".join((*result.unknown, *result.inexact)) or None
    if word == "Maybe":
        status, note = Status.UNKNOWN, "the annotation Maybe expects nothing"
    elif result.inexact or (result.unknown and not _settled(word, tally)):
        status = Status.UNKNOWN
    elif forgiven and not agrees:
        status, note = Status.OK, "not judged: the test has a data race, as expected"
    else:
        status = Status.OK if agrees else Status.FAILED
    return Finding(result.program.title, "Result", result.model, word, found, status, note, count=_count(tally))


def _settled(word: str, tally: Tally) -> bool:
    """Whether what was seen of an incomplete enumeration decides about ``word`` already."""
    if word == Observation.SOMETIMES:
        return tally.positive > 0 and tally.negative > 0
    against = {Observation.NEVER: tally.positive, Observation.ALWAYS: tally.negative}
    return against.get(Observation(word), 0) > 0 if word in list(Observation) else tally.positive + tally.negative > 0


def _raced(result: Result, expected: bool, found: bool) -> Finding:
    status = Status.OK if expected == found else Status.UNKNOWN if result.unknown and expected else Status.FAILED
    words = {True: "data race", False: "no data race"}
    return Finding(result.program.title, "DATARACE", result.model, words[expected], words[found], status)


def summary(statuses: Sequence[Status], errors: int = 0) -> str:
    """Return a line that counts how the expectations fare, and the errors that kept others from being checked."""
    words = {Status.OK: "hold", Status.FAILED: "fail", Status.UNKNOWN: "unknown"}
    counts = ", ".join(f"{statuses.count(status)} {word}" for status, word in words.items())
    checked = f"{_plural(len(statuses), 'expectation')}: {counts}" if statuses or not errors else "nothing was checked"
    return f"{checked}; {_plural(errors, 'error')}" if errors else checked


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
