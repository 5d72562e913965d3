"""Files in, answers out: what each test prints, in the order of the command line, however many run at a time."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

from litmus.dataclass import dataclass
from litmus.errors import LitmusError, ProgramErrors
from litmus.program.program import Program
from litmus.source import Source, Span
from litmus.suite.evaluation import Settings
from litmus.suite.files import read_source
from litmus.suite.status import Status


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


Command: TypeAlias = Callable[[Program, Settings], Iterator[Answer]]
"""What to do with a program. Commands are module-level functions, so that they can be sent to other processes."""


def answers(
    items: Iterable[Path | LitmusError], command: Command, settings: Settings, jobs: int = 1
) -> Iterator[Answer]:
    """Yield what ``command`` answers for the programs in each of ``items``, in order; errors are answers too."""
    work = partial(_of_item, command=command, settings=settings)
    if jobs <= 1:
        for item in items:
            yield from work(item)
    else:
        from litmus.suite.parallel import parallel

        yield from parallel(partial(_collected, work=work), items, jobs)


def _of_item(item: Path | LitmusError, command: Command, settings: Settings) -> Iterator[Answer]:
    try:
        if isinstance(item, LitmusError):
            raise item
        for program in programs(item):
            yield from _doubts(program, settings)
            yield from command(program, settings)
    except LitmusError as error:
        yield failure(error)
    except RecursionError:
        yield Answer(error=f"{item}: error: nested too deeply\n", status=Status.ERROR, errors=1)


def _doubts(program: Program, settings: Settings) -> Iterator[Answer]:
    """Yield the warnings about a test.

    Raises:
        ProgramErrors: in their place, where the settings are strict.
    """
    if program.doubts and settings.strict:
        raise ProgramErrors(program.doubts)
    for doubt in program.doubts:
        yield Answer(error=doubt.render("warning") + "\n")


def failure(error: LitmusError) -> Answer:
    """Return the answer that an error is."""
    number = len(error.errors) if isinstance(error, ProgramErrors) else 1
    return Answer(error=error.render() + "\n", status=Status.ERROR, errors=number)


def programs(path: Path, place: Span | None = None) -> tuple[Program, ...]:
    """Return the tests in a file, each followed by its variants. ``place`` is where the file is named.

    Raises:
        LitmusError: where the file cannot be read or is not in its language.
    """
    from litmus.frontend.dispatch import parse

    def read_include(name: str) -> Source:
        return read_source(path.parent / name)

    return parse(read_source(path, place), read_include)


def _collected(item: Path | LitmusError, work: Callable[[Path | LitmusError], Iterator[Answer]]) -> list[Answer]:
    return list(work(item))
