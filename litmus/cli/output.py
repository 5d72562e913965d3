"""Answers to standard output and standard error as they come, and the exit status that they amount to."""

import sys
from collections.abc import Iterable

import click

from litmus.cli.ending import ReaderGone
from litmus.errors import UsageError
from litmus.suite.answer import Answer
from litmus.suite.status import Status, worst


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


def emit(answers: Iterable[Answer]) -> tuple[Status, list[Status]]:
    """Print each answer at once; return the gravest status and how every expectation fared."""
    statuses: set[Status] = set()
    findings: list[Status] = []
    for answer in answers:
        if answer.out:
            say(answer.out)
        if answer.error:
            click.echo(answer.error, nl=False, err=True)
        statuses.add(answer.status)
        findings += answer.findings
    return worst(statuses), findings
