"""Several tests at a time, each in one of a few processes. The answers keep the order of the tests.

A process that dies takes one test with it, whose answer says so; another takes its place. So it is with one that is
ended because a step of its test takes too long (`suite.step`): the test is begun again without that step. Each process
has a pipe of its own, so that there is nothing that it could leave locked.
"""

import signal
import time
from collections import deque
from collections.abc import Iterator
from multiprocessing.connection import wait

from litmus.dataclass import dataclass, field
from litmus.errors import UsageError
from litmus.suite.answer import Answer, failure, out_of_memory
from litmus.suite.process import Hire, Process
from litmus.suite.running import Slot
from litmus.suite.step import Step
from litmus.suite.worker import Bug, Order, Pipe, Reply

AHEAD = 500
"""How many tests for each process are begun or answered before the one that is printed next: while one takes long, the
others have something to do."""


class Broken(Exception):
    """An error of ours in another process: the message is its traceback."""


@dataclass(slots=True)
class _Worker:
    process: Process
    pipe: Pipe
    busy: Slot | None = None
    step: Step = field(default_factory=Step)


@dataclass(slots=True)
class Crew:
    """The processes, and the tests between the one that is printed next and the last that was looked at. ``seconds`` is
    the time for what is done with a file beside evaluations; ``memory`` is in bytes."""

    hire: Hire
    jobs: int
    memory: int | None = None
    workers: list[_Worker] = field(default_factory=list)
    slots: deque[Slot] = field(default_factory=deque)
    waiting: deque[Slot] = field(default_factory=deque)

    def run(self, slots: Iterator[Slot]) -> Iterator[Slot]:
        """Yield the tests with their answers, in their order. Where the user interrupts, what is done is yielded
        first."""
        try:
            while self._look_ahead(slots):
                while self.slots and self.slots[0].answers is not None:
                    yield self.slots.popleft()
                self._hand_out()
                if self.slots and self.slots[0].answers is None:
                    self._take()
        except KeyboardInterrupt:
            yield from (slot for slot in self.slots if slot.answers is not None)
            raise

    def dismiss(self) -> None:
        """End all processes: nobody waits for what they do, and a test can take hours."""
        for worker in self.workers:
            worker.pipe.close()
            worker.process.kill()
        for worker in self.workers:
            worker.process.join()
        self.workers.clear()

    def _look_ahead(self, slots: Iterator[Slot]) -> bool:
        """Take tests until there is one for each process; return whether there are any that are not yielded yet."""
        while len(self.waiting) < self.jobs and len(self.slots) < AHEAD * self.jobs:
            slot = next(slots, None)
            if slot is None:
                break
            self.slots.append(slot)
            if slot.answers is None:
                self.waiting.append(slot)
        return bool(self.slots)

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
                worker.pipe.send(Order(slot.test, slot.seconds, slot.given_up))
            except OSError:  # killed while it had nothing to do
                self._bury(worker)
                continue
            worker.busy, worker.step = self.waiting.popleft(), Step()

    def _take(self) -> None:
        """Wait until a process says something, or takes too long."""
        busy = {worker.pipe: worker for worker in self.workers if worker.busy is not None}
        ends = [worker.step.ends for worker in busy.values() if worker.step.ends is not None]
        for pipe in wait(list(busy), max(min(ends) - time.monotonic(), 0) if ends else None):
            self._hear(busy.pop(pipe))  # type: ignore[call-overload]  # what is waited for is what comes back
        for worker in busy.values():
            # What it has said meanwhile counts: nobody may have listened for long, as where the output is not read.
            if worker.step.ends is not None and worker.step.ends < time.monotonic() and not worker.pipe.poll():
                self._end(worker)

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
            case Reply(answers, last):
                slot.answers, worker.busy = answers, None
                if last:
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
