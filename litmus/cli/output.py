"""Answers to standard output and standard error as they come, and the exit status that they amount to."""

import sys
from collections.abc import Callable, Iterable

import click

from litmus.cli.ending import ReaderGone
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


def warn(text: str) -> None:
    """Print ``text`` on standard error."""
    click.echo(text, nl=False, err=True)


def emit(answers: Iterable[Answer], say: Callable[[str], None] = say, warn: Callable[[str], None] = warn) -> Tally:
    """Print each answer at once, by ``say``, and errors by ``warn``; return what they amount to."""
    tally = Tally()
    for answer in answers:
        if answer.out:
            say(answer.out)
            tally.printed += 1
        if answer.error:
            warn(answer.error)
        tally.status = worst((tally.status, answer.status))
        tally.findings += answer.findings
        tally.errors += answer.errors
        tally.vacuous += answer.vacuous
        tally.kinds += answer.kinds
        tally.ends.append(answer.status)
    return tally
