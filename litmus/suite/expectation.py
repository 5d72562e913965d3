"""What is expected of a result, and whether it was found."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from litmus.dataclass import dataclass
from litmus.engine.base import Execution, Observation, Result, Tally, Verdict
from litmus.errors import UnknownNameError, did_you_mean
from litmus.program.program import Assertion, Dialect, Program, Quantifier
from litmus.report.text import seen
from litmus.source import Span
from litmus.suite.selection import TARGETS, base_name
from litmus.suite.status import Kind, Status

EXPECTED = MappingProxyType(
    {Quantifier.FORBID: "forbidden", Quantifier.ALLOW: "allowed", Quantifier.REQUIRE: "required"}
)
"""How an assertion's quantifier reads as an expectation."""

STATUS = MappingProxyType({Verdict.HOLDS: Status.OK, Verdict.FAILS: Status.FAILED, Verdict.UNKNOWN: Status.UNKNOWN})

RACE = "data-race"
RACE_CLAIM = "DATARACE"
DEADLOCK, MAYBE = "DEADLOCK", "Maybe"
PREDICTIONS = (*map(str, Observation), DEADLOCK, MAYBE)
"""What a ``Result:`` comment may predict."""


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
    vacuous: bool = False
    """Whether nothing was expected: no failure, and no proof of anything either."""
    known: bool = False
    """Whether a baseline says that this is so: it was expected otherwise, and is no failure."""


def findings(result: Result) -> tuple[Finding, ...]:
    """Return what was expected of ``result`` and found: the ``Result:`` annotation of a herd file where there is one,
    else every assertion that claims something: a herd ``exists`` is a question, and no condition is no claim."""
    if result.program.result is not None:
        return tuple(_annotated(result, result.program.result.split()))
    claims = () if result.program.unconditional else result.tallies
    return tuple(_asserted(result, tally) for tally in claims if tally.assertion.quantifier in EXPECTED)


def claimed(program: Program) -> tuple[str, ...]:
    """Return the names of what `findings` tells of ``program`` under one model, in its order; a ``Result:`` annotation
    is one, whatever it predicts. A claim without a name is called by what it claims."""
    if program.result is not None:
        return ("Result",)
    return tuple(a.name or EXPECTED[a.quantifier] for a in _claims(program))


def place_of(program: Program, number: int) -> Span | None:
    """Return where the claim stands that has this number in `claimed`."""
    return program.result_span if program.result is not None else _claims(program)[number].span or program.span


def _claims(program: Program) -> tuple[Assertion, ...]:
    asked = () if program.unconditional else program.assertions
    return tuple(assertion for assertion in asked if assertion.quantifier in EXPECTED)


def shown_by(result: Result, finding: Finding) -> Execution | None:
    """Return an execution that shows why ``finding`` fails, where one was found."""
    if finding.status is not Status.FAILED or finding.evidence is not None or result.program.result is None:
        return finding.evidence
    shown = {Observation.NEVER: result.tallies[0].witness, Observation.ALWAYS: result.tallies[0].counterexample}
    return next((execution for word, execution in shown.items() if word == finding.expected), None)


def require_annotation(program: Program) -> None:
    """Raise where the ``Result:`` comment of a herd file predicts what there is not."""
    if program.result is None or program.result.split()[:1] in ([word] for word in PREDICTIONS):
        return
    word = " ".join(program.result.split()[:1])
    hint = did_you_mean(word, PREDICTIONS) or f"one of {', '.join(PREDICTIONS)}"
    said = f"predicts '{word}', which is nothing to observe" if word else "predicts nothing"
    raise UnknownNameError(f"the Result: comment {said}", program.result_span, hint=hint)


def _asserted(result: Result, tally: Tally) -> Finding:
    forbid = tally.assertion.quantifier is Quantifier.FORBID
    fails = tally.verdict is Verdict.FAILS
    return Finding(
        result.program.title,
        tally.assertion.name,
        result.model,
        EXPECTED[tally.assertion.quantifier],
        DEADLOCK if result.deadlock else seen(result, tally),
        STATUS[tally.verdict],
        tally.reason,
        (tally.witness if forbid else tally.counterexample) if fails else None,
        tally.share,
    )


def _annotated(result: Result, words: list[str]) -> Iterator[Finding]:
    """As the kernel judges (tools/memory-model/scripts/judgelitmus.sh since Linux 6.4): the observation must be the one
    that is predicted, DEADLOCK is an observation of no execution at all, Maybe predicts nothing, and a data race must
    be modelled if and only if DATARACE is predicted; where one is, a wrong observation is forgiven. Of a test
    without a condition there is nothing to observe."""
    predicted = "DATARACE" in words
    modelled = RACE in result.flags
    machine = _on_machine(result)
    observations = list(Observation) if result.program.unconditional else []
    for word in words:
        if word not in ("DATARACE", *observations):
            yield _observed(result, word, predicted and modelled, machine)
    if modelled or (predicted and not machine):
        yield _raced(result, predicted, modelled)


def _on_machine(result: Result) -> bool:
    """Whether a test that predicts what the kernel's model says ran under the model of a machine: that knows no data
    races, and may forbid what the kernel's model allows (as with ``judgelitmus.sh --hw``)."""
    return result.program.dialect is Dialect.C and base_name(result.model) in TARGETS - {"lkmm"}


def _observed(result: Result, word: str, raced: bool, machine: bool) -> Finding:
    tally = result.tallies[0]
    found = DEADLOCK if result.executions == 0 and not result.unknown else str(tally.observation)
    status, note = Status.OK if found == word else Status.FAILED, "; ".join((*result.unknown, *result.inexact)) or None
    if result.inexact or (result.unknown and not _settled(word, tally)):
        status = Status.UNKNOWN
    elif word == MAYBE and found != DEADLOCK:
        status, note = Status.OK, "Maybe expects nothing"
    elif status is Status.FAILED and DEADLOCK not in (word, found):
        if raced:
            status, note = Status.OK, "forgiven: the test has a data race"
        elif machine and word == Observation.SOMETIMES:
            status, note = Status.OK, "forgiven: a machine may forbid what the kernel's model allows"
    if status is Status.UNKNOWN:
        found = seen(result, tally)
    count, title = tally.share, result.program.title
    return Finding(title, "Result", result.model, word, found, status, note, count=count, vacuous=word == MAYBE)


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


def kind_of(result: Result, finding: Finding) -> Kind:
    """Return how ``finding`` fares more closely: why it is unknown, whether a failure is that there is no execution
    at all."""
    if finding.known:
        return Kind.KNOWN
    if finding.status is Status.UNKNOWN:
        bound = result.bound_reached and not result.inexact
        return Kind.TIMED_OUT if result.out_of_time else Kind.BOUND if bound else Kind.UNKNOWN
    if finding.status is Status.FAILED:
        return Kind.EMPTY if result.executions == 0 and not result.unknown and _counts(result, finding) else Kind.FAILS
    return Kind.OPEN if finding.vacuous else Kind.HOLDS


def _counts(result: Result, finding: Finding) -> bool:
    """Whether a finding is about executions that end: a deadlock or a race that is found is found."""
    about = (tally.assertion.reserved for tally in result.tallies if tally.assertion.name == finding.assertion)
    return finding.assertion != RACE_CLAIM and "deadlock" not in about


_CLOSER = (Kind.EMPTY, Kind.TIMED_OUT, Kind.BOUND, Kind.PARSE, Kind.NOTHING)


def summary(statuses: Sequence[Status], errors: int = 0, vacuous: int = 0, kinds: Sequence[Kind] = ()) -> str:
    """Return a line that counts how the expectations fare, and the errors that kept others from being checked. Those
    that expect nothing (``Maybe``) and those that a baseline excuses are not counted as holding. What ``kinds`` say
    more closely is in parentheses: failures without an execution, time limits, bounds, what does not parse or checks
    nothing."""
    words = {Status.OK: "hold", Status.FAILED: "fail", Status.UNKNOWN: "unknown"}
    numbers = {status: statuses.count(status) for status in words}
    known = kinds.count(Kind.KNOWN)
    numbers[Status.OK] -= vacuous + known
    counts = ", ".join(f"{numbers[status]} {word}" for status, word in words.items())
    counts += f", {vacuous} expected nothing" if vacuous else ""
    counts += f", {plural(known, Kind.KNOWN)}" if known else ""
    checked = f"{plural(len(statuses), 'expectation')}: {counts}" if statuses or not errors else "nothing was checked"
    told = f"{checked}; {plural(errors, 'error')}" if errors else checked
    closer = ", ".join(f"{kind}: {kinds.count(kind)}" for kind in _CLOSER if kind in kinds)
    told = f"{told} ({closer})" if closer else told
    left = kinds.count(Kind.NOT_RUN)
    return f"{told}; interrupted: {plural(left, 'file')} not run" if left else told


def plural(number: int, noun: str) -> str:
    """Return a number of things, as ``1 error`` or ``2 errors``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
