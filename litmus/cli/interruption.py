"""Ctrl-C, heard while an answer is waited for: what is printed and counted is whole."""

import signal
from collections.abc import Generator, Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any, TypeVar

Item = TypeVar("Item")


class Interruption:
    """Inside this Ctrl-C is heard only where `between` waits for the next item; a second one at once, as whoever prints
    may wait for somebody who does not read."""

    def __init__(self) -> None:
        self._waiting = self._pending = False
        self._before: Any = None

    def __enter__(self) -> "Interruption":
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            try:
                self._before = signal.signal(signal.SIGINT, self._heard)
            except ValueError:  # not the main thread, which alone hears signals
                self._before = None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def between(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items. Whoever makes them hears of Ctrl-C as a KeyboardInterrupt, and may yield some more."""
        source = iter(items)
        while True:
            self._waiting = True
            try:
                item = self._next(source)
            except StopIteration:
                return
            finally:
                self._waiting = False
            yield item

    def _next(self, source: Iterator[Item]) -> Item:
        if not self._pending:
            return next(source)
        self._pending = False
        if isinstance(source, Generator):
            thrown: Item = source.throw(KeyboardInterrupt())
            return thrown
        raise KeyboardInterrupt

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._waiting or self._pending:
            raise KeyboardInterrupt
        self._pending = True
