"""Every condition of a test under every model, those that the test does not name among them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from litmus.dataclass import dataclass, field, replace
from litmus.engine.base import Result, Tally, Verdict
from litmus.errors import LitmusError, UnknownNameError
from litmus.program.program import DEFAULT_MODELS, Assertion, Dialect, Program, Quantifier
from litmus.program.term import Term
from litmus.report import json
from litmus.report.matrix import KERNEL, Cell, Mark, Matrix, Row, document, table
from litmus.report.naming import naming
from litmus.report.record import WARNING, Record, place
from litmus.suite.answer import Answer, failure
from litmus.suite.baseline import Baseline
from litmus.suite.checking import deviations, excused, recorded
from litmus.suite.command import completeness, fared, nothing_to_check
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.expectation import EXPECTED, RACE, Finding, findings, require_annotation
from litmus.suite.project import Project, file_of
from litmus.suite.selection import base_name, for_model, heading, models_of
from litmus.suite.status import Kind, Status, worst

_KERNEL_C = frozenset({Dialect.DSL, Dialect.C})
_OF_ALL_EXECUTIONS = frozenset({"data_race", "deadlock", "unroll_bound_reached"})
"""Reserved conditions that mean something else on machines, or that are not about how an execution ends."""

Key: TypeAlias = tuple[str, Term, str | None]
"""An assertion without what it claims: its name, its condition, the reserved word."""
Expecting: TypeAlias = Callable[[Program, str], Program]
"""What a configuration says to expect of a test under a model."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A model and what it answers, or why it does not. ``stated`` says that the test is held to it."""

    model: str
    stated: bool
    result: Result | None = None
    questions: tuple[tuple[Key, Tally], ...] = ()
    found: tuple[tuple[Key | None, Finding], ...] = ()
    error: LitmusError | None = None


@dataclass(frozen=True, slots=True)
class Tabulating:
    """A `suite.answer.Command` as `suite.checking.Checking`, with a table in the place of text and JSON. Records and
    deviations are of what the test is held to, as in a check."""

    formats: tuple[str, ...] = ()
    recorded: bool = False
    project: Project = field(default_factory=Project)
    known: Baseline | None = None

    def __call__(self, program: Program, settings: Settings) -> Iterator[Answer]:
        """Yield one answer with the table, and the errors that keep what is stated from being checked."""
        file = file_of(program)
        rule = self.project.rule(file)
        asked = _asked(program)
        if not asked or program.unconditional:
            yield failure(nothing_to_check(program), Kind.NOTHING)
            return
        try:
            self.project.require_ours(program, rule)
            require_annotation(program)
            settings = self.project.settings(settings, rule)
            columns = tuple(_columns(program, asked, settings, lambda own, model: self.project.held(own, model, rule)))
        except LitmusError as error:
            yield failure(error, Kind.PARSE if isinstance(error, UnknownNameError) else Kind.ERROR)
            return
        yield self._answer(program, tuple(_excused(self.known, file, column) for column in columns), file)
        errors = {column.error.render(): column.error for column in columns if column.error and column.stated}
        yield from map(failure, errors.values())

    def _answer(self, program: Program, columns: Sequence[_Column], file: str) -> Answer:
        matrix = _matrix(program, columns)
        held = [(column.result, finding) for column in columns if column.result for _, finding in column.found]
        findings = tuple(finding for _, finding in held)
        answer = fared(held) if held else Answer(status=_completeness(columns))
        records = (*(recorded(*each) for each in held), *_warnings(program, matrix)) if self.recorded else ()
        outputs = tuple((form, RENDERED[form](matrix)) for form in self.formats if form in RENDERED)
        told = deviations(self.known, file, findings)
        return replace(answer, outputs=outputs, records=records, deviations=told, file=file)


def _excused(known: Baseline | None, file: str, column: _Column) -> _Column:
    return replace(column, found=tuple((key, excused(known, file, finding)) for key, finding in column.found))


def _warnings(program: Program, matrix: Matrix) -> Iterator[Record]:
    """Yield a warning for each condition that lkmm forbids and a machine allows."""
    for row in matrix.rows:
        for mark, machines in row.marks():
            if mark is Mark.STRONGER:
                said = f"lkmm forbids what {' '.join(machines)} allows"
                yield Record(
                    WARNING, "stronger", said, place(heading(program)), program.name, program.variant, KERNEL, row.name
                )


def _as_text(matrix: Matrix) -> str:
    return "".join(f"{line}\n" for line in table(matrix))


RENDERED: Mapping[str, Callable[[Matrix], str]] = MappingProxyType(
    {"text": _as_text, "json": lambda matrix: json.line(document(matrix))}
)
"""How a table is written: the formats that have one."""


def _asked(program: Program) -> dict[Key, Assertion]:
    """Return each condition once, however many assertions are about it, in the order of the rows."""
    found: dict[Key, Assertion] = {}
    for assertion in program.assertions:
        found.setdefault(_key(assertion), assertion)
    return found


def _key(assertion: Assertion) -> Key:
    return assertion.name, assertion.condition, assertion.reserved


def _completeness(columns: Sequence[_Column]) -> Status:
    """A test that only asks has an answer where that is complete."""
    return worst(completeness(column.result) for column in columns if column.stated and column.result)


# -------------------------------------------------------------------------------------------------------------- columns
def _columns(
    program: Program, asked: Mapping[Key, Assertion], settings: Settings, expecting: Expecting
) -> Iterator[_Column]:
    stated = models_of(program, settings.models.names)
    for model in _models(program, stated, settings):
        try:
            yield _column(expecting(for_model(program, model), model), model, asked, settings, model in stated)
        except LitmusError as error:
            yield _Column(model, model in stated, error=error)


def _models(program: Program, stated: tuple[str, ...], settings: Settings) -> tuple[str, ...]:
    """What was asked for on the command line, else what ships for the kernel's C and what the test names beside."""
    if settings.models.names or program.dialect not in _KERNEL_C:
        return stated
    return tuple(dict.fromkeys((*DEFAULT_MODELS, "sc", *stated)))


def _column(own: Program, model: str, asked: Mapping[Key, Assertion], settings: Settings, stated: bool) -> _Column:
    """Ask a model about a test; ``own`` is the test as it speaks of this model."""
    questions = tuple(replace(a, quantifier=Quantifier.EXISTS, name="", models=None) for a in asked.values())
    result = evaluate(replace(own, assertions=(*own.assertions, *questions)), model, settings)
    number = len(own.assertions)
    held = replace(result, program=own, tallies=result.tallies[:number])
    found = tuple(_placed(own, findings(held))) if stated else ()
    return _Column(model, stated, held, tuple(zip(asked, result.tallies[number:], strict=True)), found)


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
    known = any(finding.known for finding in stated)
    if column.result is None:
        return Cell(column.model, supported=False, expected=expected, missed=missed)
    positive, negative, complete = _counts(column.result, dict(column.questions)[key])
    counted = column.result.counted
    return Cell(
        column.model, positive, negative, complete, expected=expected, missed=missed, counted=counted, known=known
    )


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
        if of is None and (finding.status is not Status.OK or finding.known):
            mark = "~" if finding.known else "!"
            yield f"{mark} {column.model}: expected {finding.expected}, found {finding.found}"
