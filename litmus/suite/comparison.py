"""Every condition of a test under every model, those that the test does not name among them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from litmus.dataclass import dataclass, replace
from litmus.engine.base import Result, Tally, Verdict
from litmus.errors import LitmusError
from litmus.program.program import DEFAULT_MODELS, Assertion, Dialect, Program, Quantifier
from litmus.program.term import Term
from litmus.report import json
from litmus.report.matrix import Cell, Matrix, Row, document, table
from litmus.report.naming import naming
from litmus.suite.answer import Answer, failure
from litmus.suite.command import completeness, nothing_to_check
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.expectation import EXPECTED, RACE, Finding, findings
from litmus.suite.selection import base_name, for_model, models_of
from litmus.suite.status import Kind, Status, worst

_KERNEL_C = frozenset({Dialect.DSL, Dialect.C})
_OF_ALL_EXECUTIONS = frozenset({"data_race", "deadlock", "unroll_bound_reached"})
"""Reserved conditions that mean something else on machines, or that are not about how an execution ends."""

Key: TypeAlias = tuple[str, Term, str | None]
"""An assertion without what it claims: its name, its condition, the reserved word."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A model and what it answers, or why it does not. ``stated`` says that the test is held to it."""

    model: str
    stated: bool
    result: Result | None = None
    questions: tuple[tuple[Key, Tally], ...] = ()
    found: tuple[tuple[Key | None, Finding], ...] = ()
    error: LitmusError | None = None


def matrix_text(program: Program, settings: Settings) -> Iterator[Answer]:
    """A table for people."""
    yield from _answers(program, settings, lambda matrix: "".join(f"{line}\n" for line in table(matrix)))


def matrix_json(program: Program, settings: Settings) -> Iterator[Answer]:
    """A table as an object on a line."""
    yield from _answers(program, settings, lambda matrix: json.line(document(matrix)))


def _answers(program: Program, settings: Settings, render: Callable[[Matrix], str]) -> Iterator[Answer]:
    asked = _asked(program)
    if not asked or program.unconditional:
        yield failure(nothing_to_check(program), Kind.NOTHING)
        return
    try:
        columns = tuple(_columns(program, asked, settings))
    except LitmusError as error:
        yield failure(error)
        return
    held = tuple(finding.status for column in columns for _, finding in column.found)
    yield Answer(render(_matrix(program, columns)), status=_status(columns, held), findings=held)
    errors = {column.error.render(): column.error for column in columns if column.error and column.stated}
    yield from map(failure, errors.values())


def _asked(program: Program) -> dict[Key, Assertion]:
    """Return each condition once, however many assertions are about it, in the order of the rows."""
    found: dict[Key, Assertion] = {}
    for assertion in program.assertions:
        found.setdefault(_key(assertion), assertion)
    return found


def _key(assertion: Assertion) -> Key:
    return assertion.name, assertion.condition, assertion.reserved


def _status(columns: Sequence[_Column], held: Sequence[Status]) -> Status:
    """As a check where something is stated; a test that only asks has an answer where that is complete."""
    asking = (column.result for column in columns if column.stated and column.result)
    return worst(held or map(completeness, asking))


# -------------------------------------------------------------------------------------------------------------- columns
def _columns(program: Program, asked: Mapping[Key, Assertion], settings: Settings) -> Iterator[_Column]:
    stated = models_of(program, settings.models.names)
    for model in _models(program, stated, settings):
        try:
            yield _column(program, model, asked, settings, model in stated)
        except LitmusError as error:
            yield _Column(model, model in stated, error=error)


def _models(program: Program, stated: tuple[str, ...], settings: Settings) -> tuple[str, ...]:
    """What was asked for on the command line, else what ships for the kernel's C and what the test names beside."""
    if settings.models.names or program.dialect not in _KERNEL_C:
        return stated
    return tuple(dict.fromkeys((*DEFAULT_MODELS, "sc", *stated)))


def _column(program: Program, model: str, asked: Mapping[Key, Assertion], settings: Settings, stated: bool) -> _Column:
    own = for_model(program, model)
    questions = tuple(replace(a, quantifier=Quantifier.EXISTS, name="", models=None) for a in asked.values())
    result = evaluate(replace(own, assertions=(*own.assertions, *questions)), model, settings)
    number = len(own.assertions)
    held = replace(result, program=own, tallies=result.tallies[:number])
    found = tuple(_placed(own, findings(held))) if stated else ()
    return _Column(model, stated, result, tuple(zip(asked, result.tallies[number:], strict=True)), found)


def _placed(program: Program, found: tuple[Finding, ...]) -> Iterator[tuple[Key | None, Finding]]:
    """Say which condition each finding is about; None where it is about none."""
    if program.result is not None:
        question = _key(program.assertions[0])
        yield from ((question if finding.assertion == "Result" else None, finding) for finding in found)
    else:
        claims = (assertion for assertion in program.assertions if assertion.quantifier in EXPECTED)
        yield from zip(map(_key, claims), found, strict=True)


# ---------------------------------------------------------------------------------------------------------------- table
def _matrix(program: Program, columns: Sequence[_Column]) -> Matrix:
    rows = tuple(_row(program, key, columns) for key in _asked(program))
    notes = tuple(note for column in columns for note in _notes(column))
    return Matrix(program.name, program.variant, tuple(column.model for column in columns), rows, notes)


def _row(program: Program, key: Key, columns: Sequence[_Column]) -> Row:
    name, condition, reserved = key
    text = reserved or naming(program).term(condition)
    alike = sum(other == name for other, _, _ in _asked(program)) > 1
    cells = tuple(_cell(column, key) for column in columns)
    racy = any(RACE in column.result.flags for column in columns if column.result and base_name(column.model) == "lkmm")
    title = f"{name}: {text}" if name and alike else name or text
    return Row(title, text, cells, reserved not in _OF_ALL_EXECUTIONS, racy)


def _cell(column: _Column, key: Key) -> Cell:
    stated = [finding for of, finding in column.found if of == key]
    expected = stated[0].expected if stated else None
    missed = any(finding.status is not Status.OK for finding in stated)
    if column.result is None:
        return Cell(column.model, supported=False, expected=expected, missed=missed)
    positive, negative, complete = _counts(column.result, dict(column.questions)[key])
    counted = column.result.counted
    return Cell(column.model, positive, negative, complete, expected=expected, missed=missed, counted=counted)


def _counts(result: Result, tally: Tally) -> tuple[int, int, bool]:
    """In how many executions the condition holds and does not, and whether these are all. What is inexact or undefined
    proves nothing; a condition on all executions together holds or does not."""
    complete = completeness(result) is Status.OK and not result.undefined
    if result.inexact or result.undefined:
        return 0, 0, False
    if tally.assertion.reserved in _OF_ALL_EXECUTIONS - {"data_race"}:
        reached = tally.verdict is Verdict.HOLDS
        return int(reached), int(not reached), complete or reached
    return tally.positive, tally.negative, complete


def _notes(column: _Column) -> Iterator[str]:
    """Why something is not known, and what else an execution can come to."""
    if column.error is not None:
        yield f"{column.model}: {column.error.message}"
    if column.result is not None:
        for reason in (*column.result.unknown, *column.result.inexact):
            yield f"{column.model}: {reason}"
        yield from (f"{column.model}: undefined, by {name}" for name in column.result.undefined)
        yield from (f"{column.model}: flag {name}" for name in sorted(column.result.flags))
    for of, finding in column.found:
        if of is None and finding.status is not Status.OK:
            yield f"! {column.model}: expected {finding.expected}, found {finding.found}"
