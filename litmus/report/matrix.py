"""One table for a test: what each model says of each condition, and where lkmm and the machines differ."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from types import MappingProxyType

from litmus.dataclass import dataclass
from litmus.report.json import Json
from litmus.report.text import columns

KERNEL = "lkmm"
ARCHITECTURES = ("x86", "armv8", "power", "riscv")


class Mark(StrEnum):
    """What a comparison of the kernel's model with the machines shows."""

    WEAKER = "weaker"  # it allows what none of the architectures does
    STRONGER = "stronger"  # it forbids what one of them allows: the model or a lowering is wrong


WORDS = MappingProxyType(
    {
        Mark.WEAKER: "weaker: lkmm allows what no architecture does",
        Mark.STRONGER: "STRONGER: lkmm forbids what {} allows",
    }
)
"""Each mark in words, with a place for the architectures."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One condition under one model: in how many executions it holds, and whether these are all executions that there
    are. ``expected`` is what the test states, None where it states nothing for this model; ``missed`` says that the
    expectation is not known to hold."""

    model: str
    positive: int = 0
    negative: int = 0
    complete: bool = False
    supported: bool = True
    expected: str | None = None
    missed: bool = False
    counted: bool = True
    """Whether ``positive`` and ``negative`` are numbers, rather than say whether there are any."""
    known: bool = False
    """Whether a baseline says that the expectation is missed."""

    @property
    def seen(self) -> frozenset[bool]:
        """The truth values that the condition certainly can have in the end."""
        return frozenset(truth for truth, number in ((True, self.positive), (False, self.negative)) if number)

    @property
    def verdict(self) -> str:
        """What the model says of the condition. What was seen is allowed, however much is still unknown."""
        if not self.supported:
            return "unsupported"
        if self.complete and not self.seen:
            return "no end"
        if self.complete and len(self.seen) == 1:
            return "required" if self.positive else "forbidden"
        return "allowed" if self.positive else "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """One condition under every model. ``comparable`` is False where lkmm and the machines mean different things by
    it, as by a data race; ``racy`` where lkmm finds one, and so promises nothing."""

    name: str
    condition: str
    cells: tuple[Cell, ...]
    comparable: bool = True
    racy: bool = False

    def marks(self) -> Iterator[tuple[Mark, tuple[str, ...]]]:
        """Yield each mark, with the architectures that it is about."""
        kernel = next((cell for cell in self.cells if cell.model == KERNEL), None)
        machines = [cell for cell in self.cells if cell.model in ARCHITECTURES]
        if kernel is None or not self.comparable:
            return
        against = tuple(cell.model for cell in machines if cell.seen - kernel.seen)
        if against and kernel.complete and not self.racy:
            yield Mark.STRONGER, against
        known = len(machines) == len(ARCHITECTURES) and all(cell.complete for cell in machines)
        if known and kernel.seen - frozenset[bool]().union(*(cell.seen for cell in machines)):
            yield Mark.WEAKER, ARCHITECTURES

    def remark(self) -> str:
        """Return the marks in words."""
        return "; ".join(WORDS[mark].format(" ".join(models)) for mark, models in self.marks())


@dataclass(frozen=True, slots=True)
class Matrix:
    """All conditions of a test under all models. ``notes`` say why something is not known, and name the flags."""

    name: str
    variant: str | None
    models: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def table(matrix: Matrix) -> Iterator[str]:
    """Yield the lines. A verdict for which the test states nothing is in parentheses; one that misses what it states
    has a ``!``, or a ``~`` where a baseline knows that, with a note below."""
    yield f"{matrix.name}/{matrix.variant}" if matrix.variant else matrix.name
    head = ("", *matrix.models, "")
    lines = columns([head, *((row.name, *map(_word, row.cells), row.remark()) for row in matrix.rows)])
    yield from (f"  {line}" for line in lines)
    yield from (f"      {note}" for note in (*_missed(matrix.rows), *matrix.notes))


def _word(cell: Cell) -> str:
    return f"({cell.verdict})" if cell.expected is None else f"{cell.verdict}{_mark(cell)}"


def _mark(cell: Cell) -> str:
    return "!" if cell.missed else "~" if cell.known else ""


def _missed(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        for cell in row.cells:
            if mark := _mark(cell):
                yield f"{mark} {row.name} under {cell.model}: expected {cell.expected}, found {_counted(cell)}"


def _counted(cell: Cell) -> str:
    executions = cell.positive + cell.negative if cell.counted else 0
    return f"{cell.verdict} ({cell.positive} of {executions} executions)" if executions else cell.verdict


def document(matrix: Matrix) -> Json:
    """Return the same as an object. Its fields are added to, never renamed."""
    return {
        "test": matrix.name,
        "variant": matrix.variant,
        "models": list(matrix.models),
        "conditions": [_row(row) for row in matrix.rows],
        "notes": list(matrix.notes),
    }


def _row(row: Row) -> Json:
    return {
        "name": row.name,
        "condition": row.condition,
        "marks": {str(mark): list(models) for mark, models in row.marks()},
        "cells": {cell.model: _cell(cell) for cell in row.cells},
    }


def _cell(cell: Cell) -> Json:
    return {
        "verdict": cell.verdict,
        "positive": cell.positive if cell.counted else None,
        "negative": cell.negative if cell.counted else None,
        "complete": cell.complete,
        "expected": cell.expected,
        "missed": cell.missed,
        "known": cell.known,
    }
