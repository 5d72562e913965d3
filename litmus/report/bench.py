"""What answering a test took, as a row of a table."""

import csv
import io
from collections import Counter

from litmus.dataclass import dataclass
from litmus.engine.base import Result, Tally, Verdict
from litmus.report.json import Json

COLUMNS = (
    "file", "test", "model", "seconds", "events", "structures", "candidates", "executions", "states", "engine",
    "answer", "unknown",
)  # fmt: skip
"""The columns of CSV."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A result, and what it was found among: ``structures`` event structures, ``events`` in the largest."""

    result: Result
    structures: int
    events: int

    @property
    def file(self) -> str:
        """The file that the test is in."""
        span = self.result.program.span
        return "" if span is None else span.source.name

    @property
    def engine(self) -> str:
        """The engines that answered, in the order in which they were asked."""
        return "+".join(map(str, self.result.engines)) or "none"

    @property
    def answer(self) -> str:
        """How often the condition holds, how many of several assertions hold, or that it is not known."""
        tallies = self.result.tallies
        if self.result.deadlock:
            return "DEADLOCK"
        if len(tallies) == 1:
            return _observed(tallies[0])
        numbers = Counter(tally.verdict for tally in tallies)
        return ", ".join(f"{numbers[verdict]} {word}" for verdict, word in _WORDS.items() if numbers[verdict])

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why something is not known."""
        reasons = (*self.result.unknown, *self.result.inexact)
        return reasons or tuple(dict.fromkeys(tally.reason for tally in self.result.tallies if tally.reason))


_WORDS = {Verdict.HOLDS: "hold", Verdict.FAILS: "fail", Verdict.UNKNOWN: "unknown"}


def _observed(tally: Tally) -> str:
    return "unknown" if tally.verdict is Verdict.UNKNOWN else str(tally.observation)


def heading() -> str:
    """Return the line above the rows."""
    return _line("seconds", "events", "structures", "candidates", "engine", "answer", "test") + "\n"


def row(timed: Timed) -> str:
    """Return the row of a test; what is not known of it, and what was found all the same, has a line below."""
    result = timed.result
    numbers = (f"{result.seconds:.3f}", str(timed.events), str(timed.structures), str(result.candidates))
    lines = [_line(*numbers, timed.engine, timed.answer, f"{result.program.title} under {result.model}")]
    if timed.doubts:
        lines.append(f"{'':9} unknown: {'; '.join(timed.doubts)}; states found so far: {len(result.states)}")
    return "".join(f"{line}\n" for line in lines)


def _line(seconds: str, events: str, structures: str, candidates: str, engine: str, answer: str, test: str) -> str:
    """The columns are as wide as what is in them mostly is: rows are printed before the next is known."""
    return f"{seconds:>9} {events:>7} {structures:>11} {candidates:>11}  {engine:<12} {answer:<18} {test}"


def cells(timed: Timed) -> str:
    """Return a line of CSV in the order of COLUMNS."""
    result = timed.result
    return csv_line(
        timed.file, result.program.title, result.model, f"{result.seconds:.6f}", timed.events, timed.structures,
        result.candidates, result.executions if result.counted else "", len(result.states), timed.engine,
        timed.answer, "; ".join(timed.doubts),
    )  # fmt: skip


def csv_line(*values: object) -> str:
    """Return values as a line of CSV (RFC 4180, with the line ends of Unix)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def document(timed: Timed) -> Json:
    """Return a row as an object."""
    result = timed.result
    return {
        "file": timed.file,
        "test": result.program.name,
        "variant": result.program.variant,
        "model": result.model,
        "seconds": round(result.seconds, 6),
        "events": timed.events,
        "structures": timed.structures,
        "candidates": result.candidates,
        "executions": result.executions if result.counted else None,
        "states": len(result.states),
        "engines": [str(engine) for engine in result.engines],
        "answer": timed.answer,
        "assertions": [
            {"name": tally.assertion.name, "observation": str(tally.observation), "verdict": str(tally.verdict)}
            for tally in result.tallies
        ],
        "complete": not result.unknown,
        "unknown": list(result.unknown),
        "inexact": list(result.inexact),
    }
