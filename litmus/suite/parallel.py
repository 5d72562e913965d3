"""Several tests at a time, each in one of a few processes. The answers keep the order of the tests.

A process that dies takes one test with it, whose answer says so; another takes its place. So it is with one that is
ended because a step of its test takes too long (`suite.step`): the test is begun again without that step. Each process
has a pipe of its own, so that there is nothing that it could leave locked.
"""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from multiprocessing.connection import wait

from litmus.dataclass import dataclass, field
from litmus.errors import UsageError
from litmus.suite.answer import Answer, failure, out_of_memory
from litmus.suite.process import Hire, Process
from litmus.suite.queue import Queue
from litmus.suite.running import Slot
from litmus.suite.step import Step
from litmus.suite.worker import Bug, Order, Pipe, Reply

_LOOK = 0.5
"""Seconds between two looks at whether somebody still waits."""


class Broken(Exception):
    """An error of ours in another process: the message is its traceback."""


@dataclass(slots=True)
class _Worker:
    process: Process
    pipe: Pipe
    busy: Slot | None = None
    step: Step = field(default_factory=Step)


class Crew(Queue):
    """Processes of this machine. ``memory`` is in bytes. ``look`` is called at least each half second, and may raise
    where nobody waits for the answers any more."""

    def __init__(
        self, hire: Hire, jobs: int, memory: int | None = None, look: Callable[[], None] | None = None
    ) -> None:
        super().__init__(jobs)
        self.hire, self.memory, self.look = hire, memory, look
        self.workers: list[_Worker] = []

    def dismiss(self) -> None:
        """End all processes: nobody waits for what they do, and a test can take hours."""
        for worker in self.workers:
            worker.pipe.close()
            worker.process.kill()
        for worker in self.workers:
            worker.process.join()
        self.workers.clear()

    def _hand_out(self) -> None:
        idle = deque(worker for worker in self.workers if worker.busy is None)
        while self.waiting:
            if not idle:
                if len(self.workers) >= self.jobs:
                    return
                idle.append(self._hired())
            worker, slot = idle.popleft(), self.waiting[0]
            assert slot.test is not None
            try:
                worker.pipe.send(Order(slot.test, slot.seconds, slot.given_up, slot.files))
            except OSError:  # killed while it had nothing to do
                self._bury(worker)
                continue
            worker.busy, worker.step = self.waiting.popleft(), Step()

    def _take(self) -> None:
        """Wait until a process says something, or takes too long."""
        busy = {worker.pipe: worker for worker in self.workers if worker.busy is not None}
        for pipe in wait(list(busy), self._patience(worker.step.ends for worker in busy.values())):
            self._hear(busy.pop(pipe))  # type: ignore[call-overload]  # what is waited for is what comes back
        for worker in busy.values():
            # What it has said meanwhile counts: nobody may have listened for long, as where the output is not read.
            if worker.step.ends is not None and worker.step.ends < time.monotonic() and not worker.pipe.poll():
                self._end(worker)

    def _patience(self, ends: Iterable[float | None]) -> float | None:
        """Return how long there is nothing else to do than to wait for answers."""
        now = time.monotonic()
        times = [max(end - now, 0) for end in ends if end is not None]
        if self.look is not None:
            self.look()
            times.append(_LOOK)
        return min(times, default=None)

    def _hear(self, worker: _Worker) -> None:
        slot = worker.busy
        assert slot is not None
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            slot.answers = [self._death(slot, self._bury(worker))]
            return
        match said:
            case Step():
                worker.step = said
            case Reply():
                slot.answers, slot.rests, slot.wants, worker.busy = said.answers, said.rests, said.wants, None
                if said.last:
                    self._bury(worker)
            case Bug(traceback):
                raise Broken(traceback)

    def _end(self, worker: _Worker) -> None:
        """End a process that takes too long, and what it was doing."""
        slot, step = worker.busy, worker.step
        assert slot is not None
        worker.process.kill()
        self._bury(worker)
        if not slot.give_up(step):
            self.waiting.appendleft(slot)

    def _death(self, slot: Slot, status: int | None) -> Answer:
        if self.memory is not None and status == -signal.SIGABRT:
            return out_of_memory(str(slot.test))  # as code that is not Python's ends where it gets no memory
        how = f"by signal {-status}" if status is not None and status < 0 else f"with status {status}"
        message = f"{slot.test}: the process that ran it ended {how} (out of memory?)"
        return failure(UsageError(message, hint="--memory bounds what a test takes; use fewer --jobs"))

    def _hired(self) -> _Worker:
        self.workers.append(_Worker(*self.hire([worker.pipe for worker in self.workers])))
        return self.workers[-1]

    def _bury(self, worker: _Worker) -> int | None:
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        return worker.process.exitcode
