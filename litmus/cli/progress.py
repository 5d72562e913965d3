"""The bar that is below the answers on a terminal."""

import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from litmus.cli.output import warn

Item = TypeVar("Item")


class Bar:
    """A bar for a number of tests. It is taken away at the end."""

    def __init__(self, number: int) -> None:
        columns = TextColumn("litmus"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        # Without a thread that draws: processes are forked while the bar is there.
        self._progress = Progress(*columns, console=Console(), transient=True, auto_refresh=False)
        self._task = self._progress.add_task("check", total=number)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def counted(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items, and count them as they are begun."""
        for item in items:
            yield item
            self._progress.advance(self._task)
            self._progress.refresh()

    def say(self, text: str) -> None:
        """Print ``text`` above the bar, as it is."""
        self._progress.console.out(text, end="", highlight=False)

    def warn(self, text: str) -> None:
        """Print an error: on the terminal above the bar, else where errors go."""
        self.say(text) if sys.stderr.isatty() else warn(text)
