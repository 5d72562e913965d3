"""What a test prints, and what that means for the exit status."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError, ProgramErrors, UsageError
from litmus.program.program import Program
from litmus.source import Source, Span
from litmus.suite.evaluation import Settings
from litmus.suite.files import read_source
from litmus.suite.status import Kind, Status
from litmus.suite.step import Step, spoil
from litmus.suite.trace import note, trace


@dataclass(frozen=True, slots=True)
class Answer:
    """A piece of output, and what it means for the exit status."""

    out: str = ""
    error: str = ""
    status: Status = Status.OK
    findings: tuple[Status, ...] = ()
    """How each expectation that it reports on fares."""
    errors: int = 0
    """How many errors it reports."""
    vacuous: int = 0
    """How many of the findings expected nothing."""
    kinds: tuple[Kind, ...] = ()
    """Each finding, and each error, more closely."""
    records: tuple[Any, ...] = ()
    """The same as `report.record.Record`, for the formats that other programs read: errors always, findings where that
    was asked for. What a plain check imports does not know them."""
    outputs: tuple[tuple[str, str], ...] = ()
    """Text by format, where several are asked for."""
    deviations: tuple[Any, ...] = ()
    """What `suite.baseline` has of failures, where a baseline is used; ``file`` is then the file that was checked."""
    file: str = ""


Command: TypeAlias = Callable[[Program, Settings], Iterator[Answer]]
"""What to do with a program. Commands are module-level functions, so that they can be sent to other processes."""


def answered(item: Path, command: Command, settings: Settings) -> Iterator[Answer]:
    """Yield what ``command`` answers for the programs in a file, or the error that it has."""
    try:
        for program in programs(item):
            yield from _doubts(program, settings)
            yield from command(program, settings)
    except LitmusError as error:
        yield failure(error, Kind.ERROR if isinstance(error, UsageError) else Kind.PARSE)
    except RecursionError:
        yield failure(LitmusError("nested too deeply", Source(str(item), "").span(0, 0)), Kind.PARSE)
    except MemoryError:
        spoil()
        yield out_of_memory(str(item))


def out_of_memory(test: str) -> Answer:
    """Return the answer of a test that got no more memory."""
    return _unknown(test, "it takes more memory than it may", Kind.UNKNOWN)


def out_of_time(test: str, step: Step) -> Answer:
    """Return the answer of a file that took too long in a step that is no evaluation."""
    return _unknown(test, f"time limit of {step.seconds:g} s reached while {step.what}", Kind.TIMED_OUT)


def _unknown(test: str, reason: str, kind: Kind) -> Answer:
    told = f"{test}: unknown: {reason}\n"
    record = _of_file(test, kind, reason)
    return Answer(error=told, status=Status.UNKNOWN, findings=(Status.UNKNOWN,), kinds=(kind,), records=(record,))


def interrupted(left: Sequence[str], number: int) -> Answer:
    """Return what is said where the user interrupts and files are ``left`` of a ``number``: they are not even
    unknown."""
    told = f"interrupted: {len(left)} of {number} files not run\n"
    kinds = (Kind.NOT_RUN,) * len(left)
    records = tuple(_of_file(file, Kind.NOT_RUN, "not run: interrupted") for file in left)
    return Answer(error=told, status=Status.INTERRUPTED, kinds=kinds, records=records)


def _of_file(file: str, kind: Kind, reason: str) -> Any:
    """Return a record of what is not known about a file."""
    from litmus.report.record import UNKNOWN, Place, Record

    return Record(UNKNOWN, str(kind), f"{file}: {reason}", Place(file, 1, 1, 1, 1))


def _doubts(program: Program, settings: Settings) -> Iterator[Answer]:
    """Yield the warnings about a test.

    Raises:
        ProgramErrors: in their place, where the settings are strict.
    """
    if program.doubts and settings.strict:
        raise ProgramErrors(program.doubts)
    for doubt in program.doubts:
        yield Answer(error=doubt.render("warning") + "\n", records=_records(doubt, "warning"))


def failure(error: LitmusError, kind: Kind = Kind.ERROR) -> Answer:
    """Return the answer that an error is."""
    number = len(error.errors) if isinstance(error, ProgramErrors) else 1
    told = error.render() + "\n"
    return Answer(error=told, status=Status.ERROR, errors=number, kinds=(kind,) * number, records=_records(error, kind))


def _records(error: LitmusError, status: str) -> tuple[Any, ...]:
    from litmus.report.record import of_error

    level = "warning" if status == "warning" else "error"
    return tuple(of_error(each, status, level) for each in getattr(error, "errors", (error,)))


def programs(path: Path, place: Span | None = None) -> tuple[Program, ...]:
    """Return the tests in a file, each followed by its variants. ``place`` is where the file is named.

    Raises:
        LitmusError: where the file cannot be read or is not in its language.
    """
    source, latest = read_source(path, place), _latest()
    if not latest.holds(source):
        latest.source = None
        latest.included.clear()
        latest.programs = _parsed(source, path.parent, latest.included)
        latest.source = source
    for name in latest.included:
        note(trace().own, name)
    return latest.programs


@dataclass(slots=True)
class _Latest:
    """The file that was parsed last: who asks one thing after another about a file finds it here."""

    source: Source | None = None
    programs: tuple[Program, ...] = ()
    included: dict[Path, Source] = field(default_factory=dict)

    def holds(self, source: Source) -> bool:
        """Whether it is this one, and all that it includes is what it was."""
        try:
            return _same(self.source, source) and all(
                _same(text, read_source(path)) for path, text in self.included.items()
            )
        except LitmusError:
            return False


def _same(one: Source | None, other: Source) -> bool:
    return one is not None and (one.name, one.text) == (other.name, other.text)


@cache
def _latest() -> _Latest:
    return _Latest()


def _parsed(source: Source, folder: Path, included: dict[Path, Source]) -> tuple[Program, ...]:
    from litmus.frontend.dispatch import parse

    def read_include(name: str) -> Source:
        note(trace().own, folder / name)
        included[folder / name] = read_source(folder / name)
        return included[folder / name]

    return parse(source, read_include)
