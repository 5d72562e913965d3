"""Files in, answers out: what each test prints, in the order of the command line, however many run at a time."""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from litmus.dataclass import dataclass
from litmus.errors import LitmusError, ProgramErrors, UsageError
from litmus.program.program import Program
from litmus.source import Source, Span
from litmus.suite.evaluation import Settings
from litmus.suite.files import read_source
from litmus.suite.status import Kind, Status
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


def answers(
    items: Iterable[Path | LitmusError],
    command: Command,
    settings: Settings,
    jobs: int | None = 1,
    *,
    memory: int | None = None,
    kept: bool = False,
) -> Iterator[Answer]:
    """Yield what ``command`` answers for the programs in each of ``items``, in order; errors are answers too.

    ``jobs`` tests run at a time, None: as many as there are processors. ``memory`` is what one of them may take, in
    bytes. ``kept`` says that the command prints and does nothing else, so that its answers may be kept on disk.
    """
    keeper = None
    if kept:
        from litmus.suite.kept import keeper as keeper_of

        keeper = keeper_of(command, settings)
    work = partial(_of_item, command=command, settings=settings)
    made = work if keeper is None else partial(keeper.made, work=work)
    tasks = (_task(item, None if keeper is None else keeper.find) for item in items)
    if jobs == 1 and memory is None:
        for task in tasks:
            yield from task if isinstance(task, list) else made(task)
        return
    ahead: list[Path | list[Answer]] = []
    for task in tasks:
        if isinstance(task, list) and not ahead:
            yield from task
            continue
        ahead.append(task)
        if memory is not None or sum(isinstance(task, Path) for task in ahead) > 1:
            break
    else:  # for one test there is nothing to gain from other processes, which take longer to begin than most tests
        for task in ahead:
            yield from task if isinstance(task, list) else made(task)
        return
    from litmus.suite.parallel import parallel

    yield from parallel(partial(_collected, work=made), chain(ahead, tasks), jobs or processors(), memory)


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _task(item: Path | LitmusError, find: Callable[[Path], list[Answer] | None] | None) -> Path | list[Answer]:
    if isinstance(item, LitmusError):
        return [failure(item)]
    return (None if find is None else find(item)) or item


def _of_item(item: Path, command: Command, settings: Settings) -> Iterator[Answer]:
    try:
        for program in programs(item):
            yield from _doubts(program, settings)
            yield from command(program, settings)
    except LitmusError as error:
        yield failure(error, Kind.ERROR if isinstance(error, UsageError) else Kind.PARSE)
    except RecursionError:
        yield failure(LitmusError("nested too deeply", Source(str(item), "").span(0, 0)), Kind.PARSE)
    except MemoryError:
        yield out_of_memory(str(item))


def out_of_memory(test: str) -> Answer:
    """Return the answer of a test that got no more memory."""
    from litmus.report.record import UNKNOWN, Record

    reason = "it takes more memory than it may"
    return Answer(
        error=f"{test}: unknown: {reason}\n",
        status=Status.UNKNOWN,
        kinds=(Kind.UNKNOWN,),
        findings=(Status.UNKNOWN,),
        records=(Record(UNKNOWN, str(Kind.UNKNOWN), f"{test}: {reason}"),),
    )


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
    from litmus.frontend.dispatch import parse

    def read_include(name: str) -> Source:
        note(trace().own, path.parent / name)
        return read_source(path.parent / name)

    return parse(read_source(path, place), read_include)


def _collected(item: Path, work: Callable[[Path], Iterator[Answer]]) -> list[Answer]:
    return list(work(item))
