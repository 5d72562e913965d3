"""The same tests over a cluster of Dask (``pip install litmuskit[distributed]``).

Tests are sent by what is in their files, and what else their answers need when a worker asks for it (`suite.remote`).
Where a worker dies its tests are run by others: the scheduler sees to that, and gives up a test with which several
died. Such a test may only have been there beside the one that did it: each is tried again while no other test runs.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from litmus import store
from litmus.dataclass import dataclass
from litmus.errors import UsageError
from litmus.suite.answer import Answer, failure
from litmus.suite.disk import look
from litmus.suite.files import mentions
from litmus.suite.parallel import Broken
from litmus.suite.queue import Queue
from litmus.suite.remote import Fault, Job, Other, Unknown, answer, dismiss, edition
from litmus.suite.running import Slot
from litmus.suite.trace import trace

CONNECT = 10
"""Seconds within which somebody has to answer at the address, and the first worker to be there."""
ALONE = 30
"""Seconds without any worker after which nothing more is waited for."""
AHEAD = 2
"""How many tests are sent for each that can run at a time."""
_PAUSE, _ROUND = 0.01, 2.0
"""Seconds between two looks at what is answered, and at who works."""


@dataclass(slots=True)
class _Sent:
    """A test that a worker has, or will have."""

    slot: Slot
    future: Any
    alone: bool = False


class Cluster(Queue):
    """Tests that are run by the workers of the scheduler at ``address``. ``made`` makes the answers of a test, with so
    much ``memory``."""

    def __init__(self, address: str, made: Callable[[Path], Iterator[Answer]], memory: int | None) -> None:
        super().__init__(1)
        self.address = address
        self._client = _connected(address)
        self._completed = _completed(self._client)
        files = {path: look(path) for path in trace().shared}
        kept = store.place() is not None
        self._job = Job(uuid4().hex, edition(), made, memory, str(Path.cwd()), kept, files)
        self._sent: dict[str, _Sent] = {}
        self._suspects: deque[Slot] = deque()
        self._number = 0
        self._round_at = self._worked_at = time.monotonic()
        try:
            self._require_workers()
            self._require_same()
        except BaseException:
            self.dismiss()
            raise

    def dismiss(self) -> None:
        """Take back what is sent: the workers end it."""
        with suppress(OSError, TimeoutError):  # the scheduler may be gone
            self._client.cancel([sent.future for sent in self._sent.values()])
            self._client.run(dismiss, self._job.name, on_error="ignore")
        self._client.close(timeout=CONNECT)

    # ------------------------------------------------------------------------------------------------------------ queue
    def _hand_out(self) -> None:
        """Send tests; those with which workers died one at a time, when nothing else is sent."""
        if self._suspects:
            if not self._sent:
                self._send(self._suspects.popleft(), alone=True)
            return
        while self.waiting and len(self._sent) < self.jobs and not any(sent.alone for sent in self._sent.values()):
            self._send(self.waiting.popleft())

    def _send(self, slot: Slot, *, alone: bool = False, job: Job | None = None) -> None:
        if slot.files is None:
            slot.files = {str(slot.test): look(str(slot.test))}
        self._number += 1
        key = f"litmus-{self._job.name}-{self._number}"
        future = self._client.submit(answer, slot, self._job.name, job, key=key, pure=False)
        self._sent[key] = _Sent(slot, future, alone)
        self._completed.add(future)

    def _take(self) -> None:
        batch = self._completed.next_batch(block=False)
        if not batch:
            time.sleep(_PAUSE)
        for future, result in batch:
            # What the future says of itself does not count: its worker may have died since.
            self._hear(self._sent.pop(future.key), result)
        if time.monotonic() > self._round_at + _ROUND:
            self._look_round()

    def _hear(self, sent: _Sent, said: Any) -> None:
        slot = sent.slot
        match said:
            case Slot(wants=str(path)):
                slot.files = {**(slot.files or {}), path: look(path)}
                self._send(slot, alone=sent.alone)
            case Slot():
                slot.answers, slot.rests = said.answers, said.rests
            case Unknown():
                self._send(slot, alone=sent.alone, job=self._job)
            case Other(there):
                raise self._error(f"a worker has litmuskit {there}, and this is {edition()}", _SAME)
            case Fault(traceback):
                raise Broken(traceback)
            case (_, BaseException() as error, _):
                self._lost(sent, error)
            case _:
                raise self._error("the scheduler has dropped what was sent to it")

    def _lost(self, sent: _Sent, error: BaseException) -> None:
        from distributed import KilledWorker

        if not isinstance(error, KilledWorker):
            raise self._error(f"a worker cannot run tests: {type(error).__name__}: {error}", _SAME)
        if not sent.alone:
            self._suspects.append(sent.slot)
            return
        message = f"{sent.slot.test}: the workers that ran it died, one after the other"
        sent.slot.answers = [failure(UsageError(message, hint="--memory bounds what a test takes"))]

    # ---------------------------------------------------------------------------------------------------------- workers
    def _look_round(self) -> None:
        """See how many workers there are.

        Raises:
            UsageError: where there has been none for long.
        """
        self._round_at = time.monotonic()
        threads = self._threads()
        if threads:
            self._worked_at = time.monotonic()
            self.jobs = AHEAD * threads
        elif time.monotonic() > self._worked_at + ALONE:
            raise self._error(f"there has been no worker for {ALONE} s")

    def _threads(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError) as error:
            raise self._error(f"the scheduler does not answer any more: {error}") from None

    def _require_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=CONNECT)
        except TimeoutError:
            raise self._error(f"no worker within {CONNECT} s", "dask worker ADDRESS") from None
        self._look_round()

    def _require_same(self) -> None:
        """Make sure that the workers are what this is. Those that come later are asked with their first test."""
        code = "__import__('litmus.suite.remote', fromlist=['edition']).edition()"
        for worker, said in self._client.run(eval, code, on_error="return").items():
            if said != edition():
                found = f"litmuskit {said}" if isinstance(said, str) else f"no such litmuskit ({said})"
                raise self._error(f"the worker {worker} has {found}, and this is {edition()}", _SAME)

    def _error(self, message: str, hint: str | None = None) -> UsageError:
        return UsageError(message, *mentions("--scheduler", self.address), hint=hint)


_SAME = "an answer of another version is not this one's: install the same on all"


def _connected(address: str) -> Any:
    """Return a client of a scheduler.

    Raises:
        UsageError: where the package is missing, or nobody answers.
    """
    (place,) = mentions("--scheduler", address)
    try:
        from distributed import Client
    except ImportError:
        hint = "pip install 'litmuskit[distributed]'"
        raise UsageError(
            "the package 'distributed' is not installed, which tests are sent with", place, hint=hint
        ) from None
    # What is lost with a worker is sent again: that is no news for the user.
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = f" within {CONNECT} s" if isinstance(error, OSError) else f": {error}"
        raise UsageError(f"no scheduler answers there{reason}", place, hint="tcp://HOST:8786") from None


def _completed(client: Any) -> Any:
    from distributed import as_completed

    return as_completed(loop=client.loop, with_results=True, raise_errors=False)
