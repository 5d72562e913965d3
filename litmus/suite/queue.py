"""Tests that wait for their turn, and those that are answered and wait for those before them."""

from collections import deque
from collections.abc import Iterator

from litmus.suite.running import Slot

AHEAD = 500
"""How many tests for each process are begun or answered before the one that is printed next: while one takes long, the
others have something to do."""


class Queue:
    """The tests between the one that is printed next and the last that was looked at; ``jobs`` run at a time."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.slots: deque[Slot] = deque()
        self.waiting: deque[Slot] = deque()

    def run(self, slots: Iterator[Slot]) -> Iterator[Slot]:
        """Yield the tests with their answers, in their order. Where the user interrupts, what is done is yielded
        first."""
        try:
            while self._look_ahead(slots):
                while self.slots and self.slots[0].answers is not None:
                    yield self.slots.popleft()
                self._hand_out()
                if self.slots and self.slots[0].answers is None:
                    self._take()
        except KeyboardInterrupt:
            yield from (slot for slot in self.slots if slot.answers is not None)
            raise

    def _look_ahead(self, slots: Iterator[Slot]) -> bool:
        """Take tests until enough wait; return whether there are any that are not yielded yet."""
        while len(self.waiting) < self.jobs and len(self.slots) < AHEAD * self.jobs:
            slot = next(slots, None)
            if slot is None:
                break
            self.slots.append(slot)
            if slot.answers is None:
                self.waiting.append(slot)
        return bool(self.slots)

    def _hand_out(self) -> None:
        """Begin tests that wait, as many as can be begun."""
        raise NotImplementedError

    def _take(self) -> None:
        """Wait until a test is answered."""
        raise NotImplementedError

    def dismiss(self) -> None:
        """End what is begun: nobody waits for it."""
        raise NotImplementedError
