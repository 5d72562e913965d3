"""What `litmus bench` answers for one program: what answering it took."""

from collections.abc import Callable, Iterator
from types import MappingProxyType

from litmus.dataclass import dataclass
from litmus.errors import LitmusError
from litmus.event.structure import EventStructure
from litmus.program.program import Program
from litmus.report import bench, json
from litmus.report.bench import Timed
from litmus.suite.answer import Answer, failure
from litmus.suite.command import completeness, each_model
from litmus.suite.evaluation import Settings, evaluate

HEADINGS = MappingProxyType(
    {"text": bench.heading(), "json": "", "csv": bench.csv_line(*bench.COLUMNS)},
)
"""What is printed before the first row, by format."""


@dataclass(slots=True)
class _Watch:
    """Counts event structures as they are asked for, and the events of the largest."""

    structures: int = 0
    events: int = 0

    def __call__(self, found: Iterator[EventStructure]) -> Iterator[EventStructure]:
        for structure in found:
            self.structures += 1
            self.events = max(self.events, len(structure.events))
            yield structure


def _timed(program: Program, model: str, settings: Settings) -> Timed:
    watch = _Watch()
    result = evaluate(program, model, settings, watch)
    return Timed(result, watch.structures, watch.events)


def _rows(program: Program, settings: Settings, shown: Callable[[Timed], str]) -> Iterator[Answer]:
    for timed in each_model(program, settings, _timed):
        if isinstance(timed, LitmusError):
            yield failure(timed)
        else:
            status = completeness(timed.result)
            yield Answer(shown(timed), status=status, findings=(status,))


def bench_text(program: Program, settings: Settings) -> Iterator[Answer]:
    """A row for each model, for people."""
    yield from _rows(program, settings, bench.row)


def bench_csv(program: Program, settings: Settings) -> Iterator[Answer]:
    """A row for each model, for spreadsheets."""
    yield from _rows(program, settings, bench.cells)


def bench_json(program: Program, settings: Settings) -> Iterator[Answer]:
    """An object for each model, for programs."""
    yield from _rows(program, settings, lambda timed: json.line(bench.document(timed)))
