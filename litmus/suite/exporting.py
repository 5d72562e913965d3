"""Tests written for other tools."""

from collections.abc import Iterator
from pathlib import Path

from litmus.engine.base import Result
from litmus.errors import LitmusError, UsageError
from litmus.export.herd import export
from litmus.program.program import Program
from litmus.suite.answer import Answer, failure
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.expectation import RACE
from litmus.suite.files import write

MODEL = "lkmm"
"""The model that herd's C is for."""


def export_to(program: Program, settings: Settings, folder: Path) -> Iterator[Answer]:
    """Write one file for each assertion that applies under the kernel's model, and name it. The comment ``Result:``
    says what we find. With ``folder`` bound this is a `suite.answer.Command`."""
    try:
        result = evaluate(program, MODEL, settings)
        if not result.tallies:
            raise UsageError(f"'{program.title}' asserts nothing under {MODEL}", program.span)
    except LitmusError as error:
        yield failure(error)
        return
    for tally in result.tallies:
        if tally.assertion.reserved == "data_race":
            continue
        try:
            file = export(result.program, tally.assertion, _annotation(result, str(tally.observation)))
            yield Answer(f"{write(folder / file.file, file.text)}\n")
        except LitmusError as error:
            yield failure(error)


def _annotation(result: Result, observation: str) -> str | None:
    if result.unknown:
        return None
    word = "DEADLOCK" if result.executions == 0 else observation
    return f"{word} DATARACE" if RACE in result.flags else word
