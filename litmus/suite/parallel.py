"""Several files at a time, each in one of a few processes. The answers keep the order of the files."""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_all_start_methods, get_context
from pathlib import Path

from litmus.errors import LitmusError, UsageError
from litmus.suite.answer import Answer, failure

Work = Callable[[Path | LitmusError], list[Answer]]


def parallel(work: Work, items: Iterable[Path | LitmusError], jobs: int) -> Iterator[Answer]:
    """Run ``jobs`` processes, a bounded number of items ahead of what has been printed."""
    context = get_context("fork" if "fork" in get_all_start_methods() else "spawn")
    waiting: deque[Future[list[Answer]]] = deque()
    with ProcessPoolExecutor(jobs, context, initializer=_ignore_interrupt) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > 4 * jobs:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool:
            yield failure(UsageError("a worker process was killed (out of memory?)", hint="use fewer --jobs"))
        except (KeyboardInterrupt, GeneratorExit):
            # Nobody waits for the answers any more, and a test can take hours.
            for worker in active_children():
                worker.terminate()
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _ignore_interrupt() -> None:
    """Ctrl-C is the parent's business; a worker that printed a traceback for it would only be noise."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
