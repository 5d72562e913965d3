"""Tests of other tools in our own language."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from litmus.dataclass import dataclass, field, replace
from litmus.errors import LitmusError, UsageError
from litmus.export.dsl import as_dsl
from litmus.program.program import Program
from litmus.suite.answer import Answer, failure
from litmus.suite.evaluation import Settings
from litmus.suite.files import write


@dataclass(slots=True)
class Converter:
    """Converts one test after another: into one text, or with a ``folder`` into a file of its own for each.

    It is a `suite.answer.Command`, for one process: names must differ, so that it remembers them.
    """

    folder: Path | None = None
    _taken: dict[str, str] = field(default_factory=dict)

    def __call__(self, program: Program, _: Settings) -> Iterator[Answer]:
        """Yield the text of a test, or the path that it was written to."""
        try:
            text = as_dsl(program)
            yield self._joined(program, text) if self.folder is None else self._filed(self.folder, program, text)
        except LitmusError as error:
            yield failure(error)

    def _joined(self, program: Program, text: str) -> Answer:
        separator = "\n" if self._taken else ""
        self._take(program.name, program, f"the name '{program.name}'", "with -o DIR each test has its own file")
        return Answer(separator + text)

    def _filed(self, folder: Path, program: Program, text: str) -> Answer:
        name = f"{Path(_origin(program)).stem}.lit"
        self._take(name, program, f"the file '{folder / name}'", "convert them into different directories")
        return Answer(f"{write(folder / name, text)}\n")

    def _take(self, key: str, program: Program, what: str, hint: str) -> None:
        """Reserve a name for a test.

        Raises:
            UsageError: where another has it.
        """
        if key in self._taken:
            raise UsageError(f"{what} is that of the test in '{self._taken[key]}' already", program.span, hint=hint)
        self._taken[key] = _origin(program)


def _origin(program: Program) -> str:
    return program.span.source.name if program.span is not None else program.name


def gathered(found: Iterable[Answer], path: Path) -> Iterator[Answer]:
    """Yield answers, their texts written to one file, which is named last.

    Raises:
        UsageError: where it cannot be written.
    """
    texts = []
    for answer in found:
        texts.append(answer.out)
        yield replace(answer, out="")
    if any(texts):
        yield Answer(f"{write(path, ''.join(texts))}\n")
