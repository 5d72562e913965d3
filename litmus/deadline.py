"""When work must stop. The long loops of every stage look at one deadline, so that a time limit bounds all of them."""

import time

from litmus.dataclass import dataclass


class OutOfTime(Exception):
    """The deadline has passed."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point in time by `time.monotonic`, ``seconds`` after it was set; None: never."""

    seconds: float | None = None
    at: float | None = None

    def check(self) -> None:
        """Do nothing before the deadline.

        Raises:
            OutOfTime: after it.
        """
        if self.at is not None and time.monotonic() > self.at:
            raise OutOfTime


NEVER = Deadline()


def deadline_in(seconds: float | None) -> Deadline:
    """Return the deadline so many seconds from now."""
    return NEVER if seconds is None else Deadline(seconds, time.monotonic() + seconds)
