"""Tests written for other tools."""

from collections.abc import Iterator
from pathlib import Path

from litmus.dataclass import dataclass
from litmus.engine.base import Result
from litmus.errors import LitmusError, UsageError
from litmus.export.file import Exported
from litmus.program.program import Assertion, Program
from litmus.suite.answer import Answer, failure
from litmus.suite.evaluation import UNROLL, Settings, evaluate
from litmus.suite.expectation import RACE
from litmus.suite.files import write

LKMM = "lkmm"
"""The model that herd's C is for; every other is one of an architecture, for which its assembly is written."""


@dataclass(frozen=True, slots=True)
class Destination:
    """What tests are written for: a ``model``, and the folder; assembly goes into one inside it that is called like the
    model. ``retry``: store-conditionals that fail are tried again, see `export.assembly.export`."""

    folder: Path
    model: str = LKMM
    retry: bool = False

    def path(self, file: Exported) -> Path:
        """Return where a file goes."""
        return self.folder / file.file if self.model == LKMM else self.folder / self.model / file.file


def export_to(program: Program, settings: Settings, destination: Destination) -> Iterator[Answer]:
    """Write one file for each assertion that applies under the model, and name it. The comment ``Result:`` says what we
    find. With a ``destination`` bound this is a `suite.answer.Command`."""
    model = destination.model
    try:
        result = evaluate(program, model, settings)
        if not result.tallies:
            raise UsageError(f"'{program.title}' asserts nothing under {model}", program.span)
    except LitmusError as error:
        yield failure(error)
        return
    for tally in result.tallies:
        if tally.assertion.reserved == "data_race":
            continue
        try:
            annotation = _annotation(result, str(tally.observation))
            file = _exported(result.program, tally.assertion, annotation, settings, destination)
            yield Answer(f"{write(destination.path(file), file.text)}\n")
        except LitmusError as error:
            yield failure(error)


def _exported(
    program: Program, assertion: Assertion, annotation: str | None, settings: Settings, destination: Destination
) -> Exported:
    if destination.model == LKMM:
        from litmus.export.herd import export

        return export(program, assertion, annotation)
    from litmus.arch.compile import LL_SC, LSE, CompileOptions, compile_for
    from litmus.export.assembly.export import export_assembly

    bitops = settings.bitops or dict(program.info).get("bitops", "ordered")
    compiled = compile_for(
        program, destination.model, options=CompileOptions(bitops, atomics=LSE if settings.lse else LL_SC)
    )
    unroll = settings.unroll or program.unroll or UNROLL
    return export_assembly(compiled, assertion, annotation, unroll=unroll, retry=destination.retry)


def _annotation(result: Result, observation: str) -> str | None:
    if result.unknown:
        return None
    word = "DEADLOCK" if result.executions == 0 else observation
    return f"{word} DATARACE" if RACE in result.flags else word
