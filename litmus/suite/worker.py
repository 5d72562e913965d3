"""What a process does that answers tests for another one: it is sent tests, and sends back the steps that it takes
(`suite.step`), where they have limits, and the answers.
"""

import os
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from litmus.dataclass import dataclass
from litmus.suite import disk
from litmus.suite.answer import Answer, out_of_memory
from litmus.suite.disk import Look
from litmus.suite.step import Course, GivenUp, Step, watched
from litmus.suite.trace import Rests, rests

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    Pipe: TypeAlias = Connection[Any, Any]
else:
    Pipe = Any

Work: TypeAlias = Callable[[Path], list[Answer]]


@dataclass(frozen=True, slots=True)
class Order:
    """A test to answer. ``seconds`` is the time for its file, beside evaluations; ``given_up`` are those that are not
    to be tried again."""

    test: Path
    seconds: float | None = None
    given_up: GivenUp = frozenset()
    files: Mapping[str, Look] | None = None
    """What is at paths, where the test is that of another machine."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answers of a test. ``last`` says that the process ends: something may have been left half done in it. Of a
    test of another machine there is what they rest on, or the path that something has to be known about first."""

    answers: list[Answer]
    last: bool = False
    rests: Rests | None = None
    wants: str | None = None


@dataclass(frozen=True, slots=True)
class Bug:
    """An error of ours, with its traceback."""

    traceback: str


def serve(pipe: Pipe, work: Work, memory: int | None) -> None:
    """Answer tests until there are no more. Ctrl-C is the business of whoever sends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with(os.getppid())
    while True:
        try:
            order: Order = pipe.recv()
            reply = _reply(pipe, order, work, memory)
            pipe.send(reply)
        except (EOFError, OSError):
            return
        if not isinstance(reply, Reply) or reply.last:
            return


def _end_with(parent: int) -> None:
    """End this process soon after its parent, whatever it is at: a test may take hours. A thread that waits for that
    would make every allocation of memory slower."""
    if not hasattr(signal, "setitimer"):
        return

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK, _LOOK)


_LOOK = 2.0
"""Seconds between two looks at whether the parent is there."""


def _reply(pipe: Pipe, order: Order, work: Work, memory: int | None) -> Reply | Bug:
    told = [False]

    def tell(step: Step) -> None:
        """Send the steps that have a limit, and that none has any more."""
        if told[0] or step.ends is not None:
            told[0] = step.ends is not None
            pipe.send(step)

    course = Course(tell, order.seconds, order.given_up)
    try:
        with watched(course), bounded(memory):
            if order.files is not None:
                disk.send(order.files)
            answers = work(order.test)
    except disk.NotSent as missing:
        return Reply([], wants=missing.path)
    except MemoryError:
        return Reply([out_of_memory(str(order.test))], last=True)
    except Exception:
        return Bug(traceback.format_exc())
    return Reply(answers, course.spoilt, None if order.files is None else rests())


def main(file: int) -> None:
    """Be a process of its own that serves at the other end of a pipe, whose first message says how to begin."""
    from multiprocessing.connection import Connection

    pipe: Pipe = Connection(file)
    try:
        begin: Callable[[], tuple[Work, int | None]] = pipe.recv()
        work, memory = begin()
    except (EOFError, OSError):
        return
    except Exception:
        pipe.send(Bug(traceback.format_exc()))
        return
    serve(pipe, work, memory)


def ready(work: Work, memory: int | None) -> tuple[Work, int | None]:
    """Begin with nothing else."""
    return work, memory


@contextmanager
def bounded(memory: int | None) -> Iterator[None]:
    """Inside this the process has so many bytes beside what it has already."""
    if memory is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _size() + memory
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _size() -> int:
    """The address space of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
