"""What `litmus run` and `litmus check` answer for one program. Each function here is a `suite.answer.Command`."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar

from litmus.engine.base import Result
from litmus.errors import LitmusError, UsageError
from litmus.program.program import Program
from litmus.report import json, text
from litmus.report.json import Json
from litmus.suite.answer import Answer, failure
from litmus.suite.checklist import checklist, verdict
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.expectation import Finding, findings, kind_of, require_annotation
from litmus.suite.selection import heading, models_of
from litmus.suite.status import Kind, Status, worst

SHOWN = 20
"""How many states are shown of those that were found before the time limit, where they are not the answer."""

Found = TypeVar("Found")


def results(program: Program, settings: Settings) -> Iterator[Result | LitmusError]:
    """Yield the result of ``program`` under each of its models, or the error that stands in its place."""
    yield from each_model(program, settings, evaluate)


def each_model(
    program: Program,
    settings: Settings,
    evaluated: Callable[[Program, str, Settings], Found],
    only: str | None = None,
) -> Iterator[Found | LitmusError]:
    """Yield what ``evaluated`` returns for ``program`` under each of its models, or under ``only`` one, or the error
    that stands in its place; what is wrong with the test itself is said once."""
    try:
        models = models_of(program, settings.models.names)
    except LitmusError as error:
        yield error
        return
    told: set[str] = set()
    for model in models if only is None else (only,):
        try:
            yield evaluated(program, model, settings)
        except LitmusError as error:
            if error.render() not in told:
                told.add(error.render())
                yield error


def run_text(program: Program, settings: Settings, counts: bool = False) -> Iterator[Answer]:
    """All outcomes, for people."""
    for result in results(program, settings):
        if isinstance(result, LitmusError):
            yield failure(result)
        else:
            yield Answer("\n".join([*text.outcomes(result, counts), "", ""]), status=completeness(result))


def run_herd(program: Program, settings: Settings) -> Iterator[Answer]:
    """All outcomes as herd7 prints them. As with herd7, a test that ran out of time prints nothing but a message on
    standard error: half of its states would be read as the answer."""
    from litmus.report.herd import herd

    for result in results(program, settings):
        if isinstance(result, LitmusError):
            yield failure(result)
        elif result.out_of_time:
            lines = (f"{program.title}: {'; '.join(result.unknown)}", *text.found_so_far(result, SHOWN))
            yield Answer(error="\n  ".join(lines) + "\n", status=Status.UNKNOWN)
        else:
            yield from (Answer(block, status=completeness(result)) for block in herd(result))
            reasons = (*(f"incomplete: {reason}" for reason in result.unknown), *result.inexact)
            yield from (_warning(program, reason) for reason in reasons)


def _warning(program: Program, reason: str) -> Answer:
    return Answer(error=f"{program.title}: warning: {reason}\n", status=Status.UNKNOWN)


def run_json(program: Program, settings: Settings) -> Iterator[Answer]:
    """All outcomes, for programs."""
    for result in results(program, settings):
        if isinstance(result, LitmusError):
            yield failure(result)
        else:
            yield Answer(json.line(json.outcome(result)), status=completeness(result))


def completeness(result: Result) -> Status:
    """Return UNKNOWN where something kept the enumeration from being complete or exact."""
    return Status.UNKNOWN if result.unknown or result.inexact else Status.OK


Judged: TypeAlias = list[tuple[Result, Finding]]
Hold: TypeAlias = Callable[[Result, str], Iterable[tuple[Result, Finding]]]
"""Holds a result to what is expected of it; the model is named as it was asked for, which of a cat file is its path."""


def own_findings(result: Result, _model: str) -> Iterable[tuple[Result, Finding]]:
    """Hold a result to what its test says."""
    return [(result, finding) for finding in findings(result)]


def check_text(program: Program, settings: Settings) -> Iterator[Answer]:
    """Every expectation of the program under each of its models, for people, and the errors met on the way."""
    judged, errors = judge(program, settings)
    if judged:
        yield fared(judged, text_of(program, judged))
    yield from errors


def fared(judged: Judged, out: str = "") -> Answer:
    """Return the answer that these findings are, with ``out`` to print."""
    statuses = tuple(finding.status for _, finding in judged)
    kinds = tuple(kind_of(result, finding) for result, finding in judged)
    return Answer(out, status=worst(statuses), findings=statuses, vacuous=_vacuous(judged), kinds=kinds)


def text_of(program: Program, judged: Judged) -> str:
    """Return a line for each assertion, and what is to be said of those that do not hold."""
    return "\n".join((program.title, *checklist(judged), *_so_far(judged), ""))


def json_of(program: Program, judged: Judged) -> str:
    """Return every finding as an object on a line."""
    return "".join(json.line(_document(program, result, finding)) for result, finding in judged)


def _document(program: Program, result: Result, finding: Finding) -> Json:
    return {
        "test": program.name,
        "variant": program.variant,
        "model": finding.model,
        "assertion": finding.assertion,
        "expected": finding.expected,
        "found": finding.found if finding.count is None else f"{finding.found}, {finding.count}",
        "verdict": verdict(finding),
        "note": finding.note,
        "so_far": _outcomes_so_far(result, finding),
        "status": str(kind_of(result, finding)),
    }


def _outcomes_so_far(result: Result, finding: Finding) -> Json:
    """The states that were found where the time did not suffice to decide, else None."""
    if not result.out_of_time or finding.status is not Status.UNKNOWN:
        return None
    return json.states(result)


def _so_far(judged: Judged) -> Iterator[str]:
    """What was learned of the models under which the time did not suffice to decide."""
    results = {
        result.model: result for result, finding in judged if result.out_of_time and finding.status is Status.UNKNOWN
    }
    for model, result in results.items():
        first, *rest = text.found_so_far(result, SHOWN)
        yield f"  under {model} {first}"
        yield from (f"  {line}" for line in rest)


def _vacuous(judged: Judged) -> int:
    return sum(verdict(finding) == "open" for _, finding in judged)


def judge(
    program: Program, settings: Settings, hold: Hold = own_findings, only: str | None = None
) -> tuple[Judged, list[Answer]]:
    """Return how the expectations of a program fare under each of its models, or under ``only`` one, and the errors met
    on the way."""
    judged: Judged = []
    errors: list[Answer] = []
    try:
        require_annotation(program)
    except LitmusError as error:
        return judged, [failure(error, Kind.PARSE)]
    for found in each_model(program, settings, _named, only):
        if isinstance(found, LitmusError):
            errors.append(failure(found))
        else:
            judged += hold(*found)
    if not judged and not errors:
        errors.append(failure(nothing_to_check(program), Kind.NOTHING))
    return judged, errors


def _named(program: Program, model: str, settings: Settings) -> tuple[Result, str]:
    return evaluate(program, model, settings), model


def nothing_to_check(program: Program) -> UsageError:
    """Return the error that a test without a claim is."""
    message = "states nothing to check"
    hint = "a Result: comment or an assertion gives `litmus check` something to hold"
    if program.unconditional:
        message, hint = "has no condition to check", "is the file cut off?"
    return UsageError(f"'{program.title}' {message}", heading(program), hint=f"`litmus run` lists its outcomes; {hint}")
