"""Tests of another machine, answered here: what a worker of a cluster (`suite.cluster`) does.

A test runs in a process beside the worker, as it would at home: so that its limits hold, and that whatever ends it ends
nothing else. What it reads is what that machine sent (`suite.disk`); it is said what else has to be sent.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
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
    """A job, and its processes that have nothing to do."""

    job: Job
    idle: deque[Crew] = field(default_factory=deque)


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
    try:
        crew.look = _wanted()
        (done,) = crew.run(iter([slot]))
    except Broken as bug:
        crew.dismiss()
        return Fault(str(bug))
    except BaseException:
        crew.dismiss()
        raise
    post.idle.append(crew)
    return Slot(done.test, done.answers, rests=done.rests, wants=done.wants)


def dismiss(name: str) -> None:
    """Forget a job, and end its processes that have nothing to do."""
    post = _posts().pop(name, None)
    while post is not None and post.idle:
        post.idle.pop().dismiss()


def _post(name: str, job: Job | None) -> _Post | None:
    posts = _posts()
    if name not in posts and job is not None:
        posts[name] = _Post(job)
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
