"""What a command found, as the shell will see it."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Status(IntEnum):
    """Exit statuses."""

    OK = 0
    FAILED = 1  # an expectation does not hold
    ERROR = 2  # the command line, a file or a model is wrong
    UNKNOWN = 3  # a bound or a time limit was met
    INTERRUPTED = 130  # the user did not wait for the rest; as a shell reports what ends by SIGINT


class Kind(StrEnum):
    """How one expectation fares, or what kept it from being checked, more closely than a status says. Only HOLDS is a
    pass."""

    HOLDS = "holds"
    OPEN = "expects nothing"
    KNOWN = "known deviation"
    FAILS = "fails"
    EMPTY = "no execution"
    TIMED_OUT = "timed out"
    BOUND = "bound met"
    UNKNOWN = "unknown"
    PARSE = "does not parse"
    NOTHING = "checks nothing"
    ERROR = "error"
    NOT_RUN = "not run"


_GRAVITY = (Status.INTERRUPTED, Status.ERROR, Status.FAILED, Status.UNKNOWN)


def worst(statuses: Iterable[Status]) -> Status:
    """Return the gravest: an interruption before an error before a failure before an unknown; OK only if all are."""
    found = set(statuses)
    return next((status for status in _GRAVITY if status in found), Status.OK)
