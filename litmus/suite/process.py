"""Processes that answer tests (`suite.worker`), as copies of this one or begun anew."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context
from typing import Any, Protocol, TypeAlias

from litmus import store
from litmus.dataclass import dataclass
from litmus.suite.worker import Pipe, Work, serve


class Process(Protocol):
    """What is done with a process."""

    def kill(self) -> None:
        """End it."""

    def join(self) -> None:
        """Wait for its end."""

    @property
    def exitcode(self) -> int | None:
        """How it ended, by a signal as a negative number."""


Hire: TypeAlias = Callable[[list[Pipe]], tuple[Process, Pipe]]
"""Begins a process, given our ends of the pipes of the others; returns it with our end of its own."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Processes that are copies of this one, with all that it has opened, where there is such a thing."""

    work: Work
    memory: int | None = None

    def __call__(self, others: list[Pipe]) -> tuple[Process, Pipe]:
        """Begin one."""
        method = "fork" if "fork" in get_all_start_methods() else "spawn"
        context: Any = get_context(method)
        ours, its = context.Pipe()
        # A forked process has copies of our ends: while it held them, the others would not notice that we are gone.
        foreign = [*others, ours] if method == "fork" else []
        process = context.Process(target=_serve, args=(its, self.work, self.memory, foreign), daemon=True)
        with _uninterrupted():
            process.start()
        its.close()
        return process, ours


def _serve(pipe: Pipe, work: Work, memory: int | None, foreign: list[Pipe]) -> None:
    for other in foreign:
        other.close()
    serve(pipe, work, memory)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Inside this Ctrl-C waits: a copy must not hear it before it knows that it is none of its business."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Begun:
    """A process that was begun anew."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.kill = process.kill

    def join(self) -> None:
        """Wait for its end."""
        self._process.wait()

    @property
    def exitcode(self) -> int | None:
        """How it ended."""
        return self._process.returncode


@dataclass(frozen=True, slots=True)
class Anew:
    """Processes that have nothing of this one: where it may have left something half done, or has threads. ``begin``
    is called in them and returns what they do; ``kept`` says whether they may keep something on disk."""

    begin: Callable[[], tuple[Work, int | None]]
    kept: bool = True

    def __call__(self, others: list[Pipe]) -> tuple[Process, Pipe]:
        """Begin one."""
        import multiprocessing

        ours, its = multiprocessing.Pipe()
        code = f"import sys; sys.path[:] = {sys.path!r}; from litmus.suite.worker import main; main({its.fileno()})"
        keeping = {} if self.kept and store.place() is not None else {"LITMUS_CACHE": "off"}
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **keeping},
            start_new_session=True,
        )
        its.close()
        ours.send(self.begin)
        return _Begun(process), ours
