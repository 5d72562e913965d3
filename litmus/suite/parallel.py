"""Several tests at a time, each in one of a few processes. The answers keep the order of the tests.

A process that dies takes one test with it, whose answer says so; another takes its place. Each has a pipe of its own,
so that there is nothing that a process could leave locked.
"""

import os
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeAlias

from litmus.dataclass import dataclass, field
from litmus.errors import UsageError
from litmus.suite.answer import Answer, failure, out_of_memory

Task: TypeAlias = Path | list[Answer]
"""A test, or what is known to be its answer."""
Work: TypeAlias = Callable[[Path], list[Answer]]

AHEAD = 8
"""How many tests for each process are begun or answered before the one that is printed next."""


class Broken(Exception):
    """An error of ours in another process: the message is its traceback."""


@dataclass(slots=True)
class _Place:
    """A test in the order of all, with its answers once they are known."""

    test: Path | None
    answers: list[Answer] | None = None


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: "Connection[Any, Any]"
    busy: _Place | None = None


@dataclass(slots=True)
class _Crew:
    """The processes, and the tests between the one that is printed next and the last that was looked at."""

    work: Work
    jobs: int
    memory: int | None
    workers: list[_Worker] = field(default_factory=list)
    places: deque[_Place] = field(default_factory=deque)
    waiting: deque[_Place] = field(default_factory=deque)

    def run(self, tasks: Iterator[Task]) -> Iterator[Answer]:
        """Yield the answers in the order of the tasks."""
        while True:
            self._look_ahead(tasks)
            self._hand_out()
            if not self.places:
                return
            if self.places[0].answers is None:
                self._take()
            while self.places and self.places[0].answers is not None:
                yield from self.places.popleft().answers or ()

    def done(self) -> Iterator[Answer]:
        """Yield what is known of the tests that were not printed yet."""
        for place in self.places:
            yield from place.answers or ()

    def dismiss(self) -> None:
        """End all processes: nobody waits for what they do, and a test can take hours."""
        for worker in self.workers:
            worker.pipe.close()
            worker.process.kill()
        for worker in self.workers:
            worker.process.join()
            worker.process.close()
        self.workers.clear()

    def _look_ahead(self, tasks: Iterator[Task]) -> None:
        while len(self.places) < AHEAD * self.jobs and (task := next(tasks, None)) is not None:
            place = _Place(None, task) if isinstance(task, list) else _Place(task)
            self.places.append(place)
            if place.test is not None:
                self.waiting.append(place)

    def _hand_out(self) -> None:
        idle = deque(worker for worker in self.workers if worker.busy is None)
        while self.waiting:
            if not idle:
                if len(self.workers) >= self.jobs:
                    return
                idle.append(self._hire())
            worker = idle.popleft()
            try:
                worker.pipe.send(self.waiting[0].test)
            except OSError:  # killed while it had nothing to do
                self._bury(worker)
                continue
            worker.busy = self.waiting.popleft()

    def _take(self) -> None:
        """Wait until a test is answered."""
        busy = {worker.pipe: worker for worker in self.workers if worker.busy is not None}
        for pipe in wait(list(busy)):
            worker = busy[pipe]  # type: ignore[index]  # what is waited for is what comes back
            place = worker.busy
            assert place is not None
            try:
                answered = worker.pipe.recv()
            except (EOFError, OSError):
                place.answers = [self._death(place, self._bury(worker))]
                continue
            if isinstance(answered, str):
                raise Broken(answered)
            place.answers, worker.busy = answered, None

    def _death(self, place: _Place, status: int | None) -> Answer:
        if self.memory is not None and status == -signal.SIGABRT:
            return out_of_memory(str(place.test))  # as code that is not Python's ends where it gets no memory
        how = f"by signal {-status}" if status is not None and status < 0 else f"with status {status}"
        message = f"{place.test}: the process that ran it ended {how} (out of memory?)"
        return failure(UsageError(message, hint="--memory bounds what a test takes; use fewer --jobs"))

    def _hire(self) -> _Worker:
        method = "fork" if "fork" in get_all_start_methods() else "spawn"
        context: Any = get_context(method)
        ours, its = context.Pipe()
        # A forked process has copies of our ends: while it held them, the others would not notice that we are gone.
        foreign = [worker.pipe for worker in self.workers] + [ours] if method == "fork" else []
        process = context.Process(target=_serve, args=(its, self.work, self.memory, foreign), daemon=True)
        process.start()
        its.close()
        self.workers.append(_Worker(process, ours))
        return self.workers[-1]

    def _bury(self, worker: _Worker) -> int | None:
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        return worker.process.exitcode


def parallel(work: Work, tasks: Iterable[Task], jobs: int, memory: int | None = None) -> Iterator[Answer]:
    """Run ``jobs`` processes, a bounded number of tests ahead of what has been printed; no test gets more than
    ``memory`` bytes. Where the user interrupts, what is done is yielded first."""
    crew = _Crew(work, jobs, memory)
    try:
        yield from crew.run(iter(tasks))
    except KeyboardInterrupt:
        yield from crew.done()
        raise
    finally:
        crew.dismiss()


def _serve(pipe: Any, work: Work, memory: int | None, foreign: list[Any]) -> None:
    """Answer tests until there are no more. Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in foreign:
        other.close()
    while True:
        try:
            test = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send(_bounded(partial(work, test), memory))
        except BrokenPipeError:
            return
        except Exception:
            pipe.send(traceback.format_exc())


def _bounded(work: Callable[[], list[Answer]], memory: int | None) -> list[Answer]:
    """Do ``work`` with so many bytes beside what this process has already."""
    if memory is None:
        return work()
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _size() + memory
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        return work()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _size() -> int:
    """The address space of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
