"""Tests written for other tools."""

from collections.abc import Iterator
from pathlib import Path

from litmus.dataclass import dataclass, field
from litmus.engine.base import Result, Tally
from litmus.errors import LitmusError, UsageError
from litmus.export.file import Exported, Lower, stem_of
from litmus.program.program import Assertion, Program
from litmus.suite.answer import Answer, failure
from litmus.suite.evaluation import UNROLL, Settings, evaluate
from litmus.suite.expectation import RACE
from litmus.suite.files import write

LKMM = "lkmm"
"""The model that herd's C is for; every other is one of an architecture, for which its assembly is written."""

MODELS = (LKMM, "armv8", "x86", "power", "riscv")
"""What there are exports for."""


@dataclass(frozen=True, slots=True)
class Form:
    """How tests are written. ``retry``: store-conditionals that fail are tried again, see `export.assembly.export`;
    ``lower``: what herd's C has no words for becomes a stated equivalent, see `export.herd.export`; in assembly too
    the bits of words become locations where it says so, see `export.split_bits`."""

    retry: bool = False
    lower: Lower = Lower.NOTHING


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no file of a ``name``."""

    name: str
    error: LitmusError


def exports(program: Program, settings: Settings, model: str, form: Form) -> Iterator[Exported | Refusal]:
    """Yield one file for each assertion that applies under a model, or why there is none. The comment ``Result:`` says
    what we find of the test as it is written. Of a test that nothing can be said of there is one refusal."""
    try:
        written, remarks = _lowered(program, form)
        result = evaluate(written, model, settings)
        source = evaluate(program, model, settings) if remarks else result
    except LitmusError as error:
        yield Refusal(program.title, error)
        return
    write = _Writer(settings, model, form)
    for tally, found in zip(result.tallies, source.tallies, strict=True):
        if tally.assertion.reserved == "data_race":
            continue
        annotation, meant = _annotation(result, tally), _annotation(source, found)
        more = (f"In the source: {meant}.",) if annotation != meant and meant is not None else ()
        try:
            yield write(result.program, tally.assertion, annotation, (*remarks, *more))
        except LitmusError as error:
            yield Refusal(stem_of(result.program, tally.assertion), error)


def _lowered(program: Program, form: Form) -> tuple[Program, tuple[str, ...]]:
    """Return a program as it is to be written, and what is weaker than in the source."""
    if form.lower is not Lower.BITS:
        return program, ()
    from litmus.export.split_bits import split_bits

    split = split_bits(program)
    return split.program, split.remarks


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes an assertion of a program for a model."""

    settings: Settings
    model: str
    form: Form

    def __call__(
        self, program: Program, assertion: Assertion, annotation: str | None, remarks: tuple[str, ...]
    ) -> Exported:
        if self.model == LKMM:
            from litmus.export.herd import export

            return export(program, assertion, annotation, lower=self.form.lower, remarks=remarks)
        from litmus.arch.compile import LL_SC, LSE, CompileOptions, compile_for
        from litmus.export.assembly.export import export_assembly

        bitops = self.settings.bitops or dict(program.info).get("bitops", "ordered")
        options = CompileOptions(bitops, atomics=LSE if self.settings.lse else LL_SC)
        compiled = compile_for(program, self.model, options=options)
        unroll = self.settings.unroll or program.unroll or UNROLL
        return export_assembly(compiled, assertion, annotation, unroll=unroll, retry=self.form.retry, remarks=remarks)


def _annotation(result: Result, tally: Tally) -> str | None:
    if result.unknown:
        return None
    word = "DEADLOCK" if result.executions == 0 else str(tally.observation)
    return f"{word} DATARACE" if RACE in result.flags else word


@dataclass(slots=True)
class Names:
    """The names of files that are taken, and by which test."""

    _taken: dict[Path, str] = field(default_factory=dict)

    def take(self, path: Path, program: Program) -> None:
        """Reserve a name for a test.

        Raises:
            UsageError: where another has it.
        """
        origin = program.span.location() if program.span is not None else program.title
        if path in self._taken:
            raise UsageError(f"the file '{path}' is that of the test at {self._taken[path]} already", program.span)
        self._taken[path] = origin


@dataclass(slots=True)
class Exporter:
    """Writes files for a ``model`` to a folder; assembly goes into one inside it that is called like the model.

    It is a `suite.answer.Command`, for one process: names must differ, so that it remembers them.
    """

    folder: Path
    model: str = LKMM
    form: Form = field(default_factory=Form)
    _names: Names = field(default_factory=Names)

    def __call__(self, program: Program, settings: Settings) -> Iterator[Answer]:
        """Yield the path of each file that is written, and the errors where there is none."""
        found = list(exports(program, settings, self.model, self.form))
        if not found:
            nothing = UsageError(f"'{program.title}' asserts nothing under {self.model}", program.span)
            found = [Refusal(program.title, nothing)]
        for one in found:
            try:
                yield self._written(one, program)
            except LitmusError as error:
                yield failure(error)

    def _written(self, found: Exported | Refusal, program: Program) -> Answer:
        if isinstance(found, Refusal):
            raise found.error
        folder = self.folder if self.model == LKMM else self.folder / self.model
        self._names.take(folder / found.file, program)
        return Answer(f"{write(folder / found.file, found.text)}\n")
