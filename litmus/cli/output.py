"""Answers to standard output and standard error as they come, and the exit status that they amount to."""

import sys
from collections.abc import Iterable

import click

from litmus.suite.answer import Answer
from litmus.suite.status import Status, worst


def emit(answers: Iterable[Answer]) -> tuple[Status, list[Status]]:
    """Print each answer at once; return the gravest status and how every expectation fared."""
    statuses: set[Status] = set()
    findings: list[Status] = []
    for answer in answers:
        if answer.out:
            click.echo(answer.out, nl=False)
            sys.stdout.flush()
        if answer.error:
            click.echo(answer.error, nl=False, err=True)
        statuses.add(answer.status)
        findings += answer.findings
    return worst(statuses), findings
