"""Answers to standard output and standard error as they come, and the exit status that they amount to."""

import sys
from collections.abc import Callable, Iterable

import click

from litmus.cli.ending import ReaderGone
from litmus.cli.interruption import Interruption
from litmus.dataclass import dataclass, field
from litmus.errors import UsageError
from litmus.suite.answer import Answer
from litmus.suite.status import Kind, Status, worst


def say(text: str) -> None:
    """Print ``text`` at once.

    Raises:
        ReaderGone: where nobody reads any more.
        UsageError: where it cannot be written for any other reason.
    """
    try:
        click.echo(text, nl=False)
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise UsageError(f"cannot write the output: {error.strerror or error}") from None


@dataclass(slots=True)
class Tally:
    """What was printed amounts to: how every expectation fared, how many expected nothing, the number of errors,
    and the gravest status."""

    status: Status = Status.OK
    findings: list[Status] = field(default_factory=list)
    errors: int = 0
    vacuous: int = 0
    kinds: list[Kind] = field(default_factory=list)
    ends: list[Status] = field(default_factory=list)
    """The status of each answer."""
    printed: int = 0
    """How many answers had something for standard output."""

    @property
    def interrupted(self) -> bool:
        """Whether the user did not wait for the rest."""
        return self.status is Status.INTERRUPTED


def warn(text: str) -> None:
    """Print ``text`` on standard error."""
    click.echo(text, nl=False, err=True)


def emit(
    answers: Iterable[Answer],
    say: Callable[[str], None] = say,
    warn: Callable[[str], None] = warn,
    take: Iterable[Callable[[Answer], None]] = (),
) -> Tally:
    """Print each answer at once, by ``say``, and errors by ``warn``, and give it to whoever is to ``take`` it; return
    what all amount to. Where the user interrupts, that is what there is."""
    tally, takers = Tally(), tuple(take)
    with Interruption() as interruption:
        try:
            for answer in interruption.between(answers):
                _print(answer, tally, say, warn)
                for taker in takers:
                    taker(answer)
                _count(answer, tally)
        except KeyboardInterrupt:
            if not tally.interrupted:
                warn("interrupted\n")
            tally.status = Status.INTERRUPTED
    return tally


def _print(answer: Answer, tally: Tally, say: Callable[[str], None], warn: Callable[[str], None]) -> None:
    if answer.out:
        say(answer.out)
        tally.printed += 1
    if answer.error:
        warn(answer.error)


def _count(answer: Answer, tally: Tally) -> None:
    tally.status = worst((tally.status, answer.status))
    tally.findings += answer.findings
    tally.errors += answer.errors
    tally.vacuous += answer.vacuous
    tally.kinds += answer.kinds
    tally.ends.append(answer.status)
