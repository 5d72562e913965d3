"""Files in, answers out, in the order of the command line, however many run at a time and wherever."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError
from litmus.suite.answer import Answer, Command, answered, failure, interrupted, out_of_time
from litmus.suite.evaluation import Settings
from litmus.suite.step import Alarm, Course, GivenUp, Overrun, Step, watched

if TYPE_CHECKING:
    from litmus.suite.process import Hire

Made: TypeAlias = Callable[[Path], Iterator[Answer]]
"""Makes the answers of a file."""


@dataclass(frozen=True, slots=True)
class Means:
    """What tests are run with. ``jobs`` run at a time, None: as many as there are processors; ``memory`` is what each
    may take, in bytes. With a ``scheduler`` they run where that says: the address of one of Dask."""

    jobs: int | None = 1
    memory: int | None = None
    scheduler: str | None = None

    def over(self, other: "Means") -> "Means":
        """Return what is said here, and else what ``other`` says. Who says how many run at a time means here."""
        here = self.scheduler or (other.scheduler if self.jobs is None else None)
        return Means(self.jobs or other.jobs, self.memory or other.memory, here)


@dataclass(slots=True)
class Slot:
    """A file in the order of all, with its answers once they are known. ``seconds`` is the time for what is done with
    it beside evaluations; ``given_up`` are the evaluations that took too long and are not tried again."""

    test: Path | None
    answers: list[Answer] | None = None
    seconds: float | None = None
    given_up: GivenUp = frozenset()

    def give_up(self, step: Step) -> bool:
        """Note that a step was ended from outside; return whether that leaves nothing else to do for the file."""
        key = (step.title, step.model)
        if step.title and key not in self.given_up:
            self.given_up |= {key}
            return False
        self.answers = [out_of_time(str(self.test), step)]
        return True


@dataclass(slots=True)
class _Line:
    """The files in their order. Whoever has printed the answers of one says so."""

    items: Iterator[Path | LitmusError]
    find: Callable[[Path], list[Answer] | None]
    seconds: Callable[[Path], float | None]
    number: int = 0
    begun: dict[int, Slot] = field(default_factory=dict)
    """What is not printed yet."""

    def __iter__(self) -> Iterator[Slot]:
        for item in self.items:
            self.number += 1
            slot = self._slot(item)
            self.begun[id(slot)] = slot
            yield slot

    def _slot(self, item: Path | LitmusError) -> Slot:
        if isinstance(item, LitmusError):
            return Slot(None, [failure(item)])
        found = self.find(item)
        return Slot(item, found) if found else Slot(item, None, self.seconds(item))

    def printed(self, slot: Slot) -> None:
        """Note that nothing of ``slot`` is left to be printed."""
        del self.begun[id(slot)]

    def cut_off(self) -> Answer:
        """Return what is to be said of the files that are left when the user interrupts."""
        begun = [str(slot.test) for slot in self.begun.values() if slot.test is not None]
        others = [str(item) for item in self.items if isinstance(item, Path)]
        return interrupted([*begun, *others], self.number + len(others))


def answers(
    items: Iterable[Path | LitmusError],
    command: Command,
    settings: Settings,
    means: Means | None = None,
    *,
    kept: bool = False,
    seconds: Callable[[Path], float | None] | None = None,
) -> Iterator[Answer]:
    """Yield what ``command`` answers for the programs in each of ``items``, in order; errors are answers too. Where the
    user interrupts, the last answer says what is left.

    ``kept`` says that the command prints and does nothing else, so that its answers may be kept on disk. ``seconds`` is
    the time limit for the tests in a file, where it is not that of the settings.
    """
    keeper = None
    if kept:
        from litmus.suite.kept import keeper as keeper_of

        keeper = keeper_of(command, settings)
    made = partial(answered, command=command, settings=settings)
    made = made if keeper is None else partial(keeper.made, work=made)
    find = _not_kept if keeper is None else keeper.find
    line = _Line(iter(items), find, seconds or (lambda _: settings.seconds))
    try:
        yield from _run(line, made, means or Means())
    except KeyboardInterrupt:
        yield line.cut_off()
        raise


def _run(line: _Line, made: Made, means: Means) -> Iterator[Answer]:
    slots = iter(line)
    if means.jobs == 1 and means.memory is None:
        yield from _here(line, slots, made)
        return
    ahead: list[Slot] = []
    for slot in slots:
        if slot.answers is not None and not ahead:
            yield from slot.answers
            line.printed(slot)
            continue
        ahead.append(slot)
        if means.memory is not None or sum(slot.answers is None for slot in ahead) > 1:
            break
    else:  # for one test there is nothing to gain from other processes, which take longer to begin than most tests
        yield from _here(line, iter(ahead), made)
        return
    from litmus.suite.process import Copied

    hire = Copied(partial(_collected, made=made), means.memory)
    yield from _elsewhere(line, chain(ahead, slots), hire, means.jobs or processors(), means.memory)


def _here(line: _Line, slots: Iterator[Slot], made: Made) -> Iterator[Answer]:
    """Answer in this process, as long as nothing had to be ended that is not done."""
    for slot in slots:
        if slot.answers is not None:
            yield from slot.answers
        elif slot.seconds is None:
            assert slot.test is not None
            yield from made(slot.test)
        else:
            ended = yield from _timed(slot, made)
            if ended:
                yield from _elsewhere(line, chain([slot], slots), _anew(made), 1)
                return
        line.printed(slot)


def _anew(made: Made) -> "Hire":
    """Return how processes begin that have nothing of this one, if there is such a thing here."""
    from litmus.suite.process import Anew, Copied
    from litmus.suite.worker import ready

    work = partial(_collected, made=made)
    return Anew(partial(ready, work, None)) if hasattr(os, "fork") else Copied(work)


def _timed(slot: Slot, made: Made) -> Generator[Answer, None, bool]:
    """Answer a test that has a time limit; return whether it had to be ended, or cannot be in this process."""
    if not Alarm.fits():
        return True
    found: list[Answer] = []
    assert slot.test is not None
    try:
        with Alarm() as alarm, watched(Course(alarm.watch, slot.seconds)):
            for answer in made(slot.test):
                found.append(answer)  # noqa: PERF402 - what there is when the user interrupts is printed
    except Overrun as overrun:
        slot.give_up(overrun.step)
        return True
    except KeyboardInterrupt:
        yield from found
        raise
    yield from found
    return False


def _elsewhere(
    line: _Line, slots: Iterator[Slot], hire: "Hire", jobs: int, memory: int | None = None
) -> Iterator[Answer]:
    """Answer in other processes."""
    from litmus.suite.parallel import Crew

    crew = Crew(hire, jobs, memory)
    try:
        for slot in crew.run(slots):
            yield from slot.answers or ()
            line.printed(slot)
    finally:
        crew.dismiss()


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _not_kept(_: Path) -> None:
    """Find nothing."""


def _collected(item: Path, made: Made) -> list[Answer]:
    return list(made(item))
