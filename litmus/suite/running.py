"""Files in, answers out, in the order of the command line, however many run at a time and wherever."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError
from litmus.suite.answer import Answer, Command, answered, failure, interrupted, out_of_time
from litmus.suite.disk import Look
from litmus.suite.evaluation import Settings
from litmus.suite.step import Alarm, Course, GivenUp, Overrun, Step, watched
from litmus.suite.trace import Rests, contents, trace

if TYPE_CHECKING:
    from litmus.suite.kept import Keeper
    from litmus.suite.queue import Queue

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
        """Return what is said here, and else what ``other`` says."""
        return Means(self.jobs or other.jobs, self.memory or other.memory, self.scheduler or other.scheduler)


@dataclass(slots=True)
class Slot:
    """A file in the order of all, with its answers once they are known. ``seconds`` is the time for what is done with
    it beside evaluations; ``given_up`` are the evaluations that took too long and are not tried again."""

    test: Path | None
    answers: list[Answer] | None = None
    seconds: float | None = None
    given_up: GivenUp = frozenset()
    files: Mapping[str, Look] | None = None
    """What is at paths, where it is answered on another machine."""
    rests: Rests | None = None
    """What the answers of another machine rest on."""
    wants: str | None = None
    """The path that another machine has to know about first."""

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
    plain: Made = partial(answered, command=command, settings=settings)
    made: Made = plain if keeper is None else partial(keeper.made, work=plain)
    find = _not_kept if keeper is None else keeper.find
    line = _Line(iter(items), find, seconds or (lambda _: settings.seconds))
    means = means or Means()
    try:
        if means.scheduler is None:
            yield from _run(line, made, means)
        else:
            yield from _sent(line, plain, means.scheduler, means.memory, keeper)
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
    from litmus.suite.parallel import Crew
    from litmus.suite.process import Copied

    hire = Copied(partial(_collected, made=made), means.memory)
    yield from _elsewhere(line, chain(ahead, slots), Crew(hire, means.jobs or processors(), means.memory))


def _sent(line: _Line, made: Made, scheduler: str, memory: int | None, keeper: "Keeper | None") -> Iterator[Answer]:
    """Answer over a cluster, from the first test on that is not answered yet."""
    slots = iter(line)
    for slot in slots:
        if slot.answers is None:
            from litmus.suite.cluster import Cluster

            cluster = Cluster(scheduler, made, memory)
            yield from _elsewhere(line, chain([slot], slots), cluster, keeper)
            return
        yield from slot.answers
        line.printed(slot)


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
                yield from _elsewhere(line, chain([slot], slots), _anew(made))
                return
        line.printed(slot)


def _anew(made: Made) -> "Queue":
    """Return a process that has nothing of this one, if there is such a thing here."""
    from litmus.suite.parallel import Crew
    from litmus.suite.process import Anew, Copied
    from litmus.suite.worker import ready

    work = partial(_collected, made=made)
    return Crew(Anew(partial(ready, work, None)) if hasattr(os, "fork") else Copied(work), 1)


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


def _elsewhere(line: _Line, slots: Iterator[Slot], queue: "Queue", keeper: "Keeper | None" = None) -> Iterator[Answer]:
    """Answer in other processes; what comes from another machine is kept by ``keeper``."""
    try:
        for slot in queue.run(slots):
            if keeper is not None and slot.rests is not None:
                _keep(slot, keeper)
            yield from slot.answers or ()
            line.printed(slot)
    finally:
        queue.dismiss()


def _keep(slot: Slot, keeper: "Keeper") -> None:
    """Keep the answers of another machine as if they had been found here, where what was sent is still there."""
    assert slot.test is not None
    assert slot.rests is not None
    texts, hurried = slot.rests
    sent = None if slot.files is None else slot.files[str(slot.test)].data

    def found(_: Path) -> Iterator[Answer]:
        trace().own.update(texts)
        trace().hurried = hurried
        yield from slot.answers or ()

    if contents(slot.test) == sent:
        list(keeper.made(slot.test, found))


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _not_kept(_: Path) -> None:
    """Find nothing."""


def _collected(item: Path, made: Made) -> list[Answer]:
    return list(made(item))
