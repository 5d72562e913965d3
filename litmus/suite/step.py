"""What a process is doing for a test, for whoever ends it where that takes too long.

The engines look at the clock themselves (`deadline`), stop at the time limit and say what they have found. What does
not look at it (reading a file, a step of a search that takes long, telling what was found) is ended from outside, a
little later: the process is killed, or where it is the only one, an exception is raised in it. That may leave things
half done, so nothing else is computed in that process then.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType, TracebackType
from typing import TypeAlias

from litmus.dataclass import dataclass

MARGIN, SHARE = 2.0, 0.25
"""A step is ended from outside so many seconds after its limit, and that share of the limit later: what was found in
the time is gathered in that."""
TO_TELL = 60.0
"""So many seconds later where what was found is written down, which is much for some tests."""

READING, TELLING = "it was read", "what was found was written down"

GivenUp: TypeAlias = frozenset[tuple[str, str]]
"""The titles of tests with the models under which they are not to be tried again."""


@dataclass(frozen=True, slots=True)
class Step:
    """The evaluation of a test called ``title`` under a model; without a title, what is done with the file. It takes at
    most ``seconds`` and is ended at a time by `time.monotonic`, which all processes share; None: never."""

    title: str = ""
    model: str = ""
    what: str = READING
    seconds: float | None = None
    ends: float | None = None


class Overrun(BaseException):
    """The step that this process is at was ended from outside."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.step = step


@dataclass(slots=True)
class Course:
    """What is done for one file. ``seconds`` is the limit for what is done between evaluations; ``spoilt`` says that
    something may have been left half done."""

    watch: Callable[[Step], None]
    seconds: float | None
    given_up: GivenUp = frozenset()
    spoilt: bool = False


_course: ContextVar[Course | None] = ContextVar("_course", default=None)


@contextmanager
def watched(course: Course) -> Iterator[None]:
    """Inside this a file is read and its tests are evaluated, and ``course`` is told each step that has a limit."""
    token = _course.set(course)
    try:
        if course.seconds is not None:
            course.watch(_begun("", "", READING, course.seconds))
        yield
    finally:
        course.watch(Step())
        _course.reset(token)


@contextmanager
def evaluating(title: str, model: str, seconds: float | None) -> Iterator[None]:
    """Inside this a test is evaluated under a model."""
    course = _course.get()
    if course is None or (seconds is None and course.seconds is None):
        yield
        return
    course.watch(_begun(title, model, "", seconds))
    try:
        yield
    finally:
        course.watch(_begun("", "", TELLING, course.seconds))


def spoil() -> None:
    """Say that something may have been left half done in this process."""
    course = _course.get()
    if course is not None:
        course.spoilt = True


def given_up(title: str, model: str) -> bool:
    """Whether the evaluation of a test under a model was ended from outside before."""
    course = _course.get()
    return course is not None and (title, model) in course.given_up


def _begun(title: str, model: str, what: str, seconds: float | None) -> Step:
    if seconds is None:
        return Step(title, model, what)
    ends = time.monotonic() + seconds + MARGIN + SHARE * seconds + (TO_TELL if what == TELLING else 0)
    return Step(title, model, what, seconds, ends)


class Alarm:
    """Ends a step of this process by an `Overrun`. Python looks at signals between any two of its own operations, so
    that only what other languages compute is not ended."""

    def __init__(self) -> None:
        self._step = Step()

    @staticmethod
    def fits() -> bool:
        """Whether there is such a thing here, and nobody else uses it."""
        from threading import current_thread, main_thread

        if not hasattr(signal, "setitimer") or current_thread() is not main_thread():
            return False
        return signal.getsignal(signal.SIGALRM) is signal.SIG_DFL and not any(signal.getitimer(signal.ITIMER_REAL))

    def __enter__(self) -> "Alarm":
        signal.signal(signal.SIGALRM, self._ring)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._step = Step()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def watch(self, step: Step) -> None:
        """Note the step that begins now."""
        self._step = step
        left = 0.0 if step.ends is None else max(step.ends - time.monotonic(), _AGAIN)
        signal.setitimer(signal.ITIMER_REAL, left, _AGAIN if left else 0.0)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if self._step.ends is not None and time.monotonic() > self._step.ends:
            raise Overrun(self._step)


_AGAIN = 0.1
"""Seconds until the alarm rings again, where nobody heard it: Python drops exceptions in destructors."""
