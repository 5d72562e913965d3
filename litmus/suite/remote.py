"""Tests of another machine, answered here: what a worker of a cluster (`suite.cluster`) does.

A test runs in a process beside the worker, as it would at home: so that its limits hold, and that whatever ends it ends
nothing else. What it reads is what that machine sent (`suite.disk`); it is said what else has to be sent.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from threading import Thread
from typing import TypeAlias

from litmus import __version__
from litmus.dataclass import dataclass, field
from litmus.resources import folder
from litmus.suite import disk
from litmus.suite.answer import Answer
from litmus.suite.disk import Look
from litmus.suite.parallel import Broken, Crew
from litmus.suite.process import Anew
from litmus.suite.running import Slot
from litmus.suite.trace import digest, digest_of, trace
from litmus.suite.worker import Work

MOST = 4
"""The jobs that a worker knows at a time."""
UNUSED = 60.0
"""Seconds after which a job is forgotten of which nobody asks anything. Whoever does then sends it again."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is the same for all tests of a run. ``here`` is the current directory, from where paths are seen; ``kept``
    says whether compiled models and grammars may be kept on disk."""

    name: str
    edition: str
    made: Callable[[Path], Iterator[Answer]]
    memory: int | None
    here: str
    kept: bool
    files: Mapping[str, Look]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The job is not known here."""


@dataclass(frozen=True, slots=True)
class Other:
    """What is installed here is something else, called ``edition``."""

    edition: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of ours, with its traceback."""

    traceback: str


Outcome: TypeAlias = Slot | Unknown | Other | Fault


@cache
def edition() -> str:
    """Return what tells the program from others that may answer otherwise: its version, its code and its data."""
    package = Path(__file__).parents[1]
    places = ((package, "*.py"), (folder("models"), "*"), (folder("grammar"), "*"))
    files = [
        (path.relative_to(place).as_posix(), digest_of(str(path)))
        for place, pattern in places
        for path in sorted(place.rglob(pattern))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    return f"{__version__} ({digest(repr(files).encode()).hex()[:12]})"


class NotWanted(Exception):
    """Nobody waits for the answer any more."""


@dataclass(slots=True)
class _Post:
    """A job, and its processes that have nothing to do; ``used`` is when the last test was begun or answered."""

    job: Job
    idle: deque[Crew] = field(default_factory=deque)
    used: float = field(default_factory=time.monotonic)


@cache
def _posts() -> dict[str, _Post]:
    """Return the jobs that are known to this process, the latest last."""
    return {}


def answer(slot: Slot, name: str, job: Job | None) -> Outcome:
    """Return ``slot`` with its answers, or with the path that has to be known about first; or what is missing for that.
    The first time, the ``job`` of that name is sent."""
    post = _post(name, job)
    if post is None:
        return Unknown()
    if post.job.edition != edition():
        return Other(edition())
    crew = post.idle.pop() if post.idle else Crew(_hire(post.job), 1, post.job.memory, _wanted())
    post.used = time.monotonic()
    try:
        crew.look = _wanted()
        (done,) = crew.run(iter([slot]))
    except Broken as bug:
        crew.dismiss()
        return Fault(str(bug))
    except BaseException:
        crew.dismiss()
        raise
    post.used = time.monotonic()
    post.idle.append(crew)
    if _posts().get(name) is not post:  # forgotten meanwhile
        _dismiss(post)
    return Slot(done.test, done.answers, rests=done.rests, wants=done.wants)


def dismiss(name: str) -> None:
    """Forget a job, and end its processes that have nothing to do."""
    post = _posts().pop(name, None)
    if post is not None:
        _dismiss(post)


def _dismiss(post: _Post) -> None:
    with suppress(IndexError):
        while True:
            post.idle.pop().dismiss()


def _watch(name: str, post: _Post) -> None:
    """Forget a job of which nobody has asked anything for long: whoever did may be gone."""
    while _posts().get(name) is post:
        time.sleep(UNUSED / 4)
        if time.monotonic() > post.used + UNUSED:
            dismiss(name)


def _post(name: str, job: Job | None) -> _Post | None:
    posts = _posts()
    if name not in posts and job is not None:
        posts[name] = _Post(job)
        Thread(target=_watch, args=(name, posts[name]), daemon=True).start()
        for old in list(posts)[:-MOST]:
            dismiss(old)
    return posts.get(name)


def _hire(job: Job) -> Anew:
    return Anew(partial(begin, job), kept=job.kept)


def begin(job: Job) -> tuple[Work, int | None]:
    """Begin a process: from now on files are those of the other machine."""
    disk.send(job.files)
    # What paths come to, as seen from the folder of a configuration or a baseline, is the same as there.
    os.getcwd = lambda: job.here
    return partial(_collected, made=job.made), job.memory


def _collected(test: Path, made: Callable[[Path], Iterator[Answer]]) -> list[Answer]:
    trace().begin()
    return list(made(test))


def _wanted() -> Callable[[], None]:
    """Return what raises where the task that a worker is at is not wanted any more: the user has interrupted, or is
    gone."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def look() -> None:
        task = worker.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            raise NotWanted

    return look
