"""Runs the command line inside the test process."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from litmus.cli.main import status_of


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command line left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def litmus(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """``litmus("run", path)`` runs that command line."""

    def run(*arguments: object) -> Ran:
        status = status_of([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Ran(status, captured.out, captured.err)

    return run
