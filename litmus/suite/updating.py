"""``litmus check --update``: what is found becomes what is expected."""

import re
from collections.abc import Iterator
from pathlib import Path

from litmus.dataclass import dataclass
from litmus.engine.base import Result
from litmus.errors import LitmusError, UsageError
from litmus.frontend.dispatch import parse
from litmus.program.program import Dialect, Program
from litmus.source import Source
from litmus.suite.answer import Answer, failure
from litmus.suite.command import nothing_to_check, results
from litmus.suite.evaluation import Settings
from litmus.suite.expectation import DEADLOCK, MAYBE, RACE, RACE_CLAIM
from litmus.suite.files import read_source, replace
from litmus.suite.project import Project
from litmus.suite.selection import heading
from litmus.suite.status import Kind, Status


@dataclass(frozen=True, slots=True)
class Updating:
    """A `suite.answer.Command` that writes what a .litmus file comes to under the first of its models into its
    ``Result:`` comment. Maybe stays: it says that nothing shall be expected. What is not known for certain, and a file
    that states its expectations itself, stays as it is."""

    project: Project

    def __call__(self, program: Program, settings: Settings) -> Iterator[Answer]:
        """Write the comment, and say so."""
        try:
            yield from self._updated(program, settings)
        except LitmusError as error:
            yield failure(error)

    def _updated(self, program: Program, settings: Settings) -> Iterator[Answer]:
        if program.dialect is Dialect.DSL or program.span is None:
            message = f"'{program.title}' states what it expects by assertions, which only people can change"
            raise UsageError(message, heading(program), hint="--baseline FILE keeps what deviates from them")
        if program.unconditional:
            yield failure(nothing_to_check(program), Kind.NOTHING)
            return
        path = program.span.source.name
        settings = self.project.settings(settings, self.project.rule(path))
        result = next(results(program, settings))
        if isinstance(result, LitmusError):
            raise result
        if result.unknown or result.inexact or result.undefined:
            reasons = "; ".join((*result.unknown, *result.inexact, *result.undefined))
            told = f"{path}: unknown, not updated: {reasons}\n"
            yield Answer(error=told, status=Status.UNKNOWN, findings=(Status.UNKNOWN,), kinds=(Kind.UNKNOWN,))
            return
        if result.executions == 0 and program.filter is not None:
            told = f"{path}: no execution passes the filter, not updated\n"
            yield Answer(error=told, status=Status.FAILED, findings=(Status.FAILED,), kinds=(Kind.EMPTY,))
            return
        word = program.result if program.result == MAYBE else _observed(result)
        if word == program.result:
            yield Answer(findings=(Status.OK,), kinds=(Kind.HOLDS,))
            return
        replace(Path(path), annotated(read_source(Path(path)), program, word))
        told = f"{path}: Result: {program.result or '(none)'} -> {word}\n"
        yield Answer(told, findings=(Status.OK,), kinds=(Kind.HOLDS,))


def _observed(result: Result) -> str:
    word = DEADLOCK if result.executions == 0 else str(result.tallies[0].observation)
    return f"{word} {RACE_CLAIM}" if RACE in result.flags else word


def annotated(source: Source, program: Program, word: str) -> str:
    """Return the text of a herd file with ``word`` in its ``Result:`` comment, which is made below the first line where
    there is none.

    Raises:
        UsageError: where the text would not say that then, as with a comment of an unusual form.
    """
    text, span = source.text, program.result_span
    if span is not None:
        said = text[span.start : span.end]
        text = (
            text[: span.start]
            + re.sub(r"(Result:[ \t]*)[^\n]*?(?=[ \t]*(?:\*\)|$))", rf"\g<1>{word}", said, count=1)
            + text[span.end :]
        )
    else:
        first, end, rest = text.partition("\n")
        text = f"{first}\n\n(*\n * Result: {word}\n *){end}{rest}"
    (again, *_) = parse(Source(source.name, text), lambda name: read_source(Path(source.name).parent / name))
    if again.result != word:
        raise UsageError(f"cannot write 'Result: {word}' into this file", span or heading(program))
    return text
