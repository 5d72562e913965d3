"""What a check found, one expectation or error at a time, in plain words and places: what the formats for other
programs are written from (`report.junit`, `report.sarif`, `report.github`, `report.tap`)."""

import re
from collections.abc import Iterable

from litmus.dataclass import dataclass
from litmus.errors import LitmusError
from litmus.source import Span

PASS, OPEN, KNOWN, FAIL, UNKNOWN, ERROR, WARNING = "pass", "open", "known", "fail", "unknown", "error", "warning"
"""The levels of records. Only PASS says that something holds; OPEN expected nothing; KNOWN is a deviation that a
baseline excuses; UNKNOWN is what nobody knows; WARNING is about a test, not about an expectation."""


_OPTION = re.compile(r"command line|--?[A-Za-z][\w-]*")
"""What `suite.files.mentions` calls that which is in no file."""


@dataclass(frozen=True, slots=True)
class Place:
    """A range in a file; lines and columns count from 1, the end is behind the last character."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of an execution: the thread, what it executes and what that reads and writes."""

    thread: str
    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One expectation under one model and how it fares, or one error or warning. ``status`` says it more closely than
    ``level``; ``moments`` are the steps of an execution that shows a failure, ``story`` the same as a picture in
    text."""

    level: str
    status: str
    message: str
    place: Place | None = None
    test: str = ""
    variant: str | None = None
    model: str = ""
    assertion: str = ""
    expected: str = ""
    found: str = ""
    note: str | None = None
    claim: str = ""
    moments: tuple[Moment, ...] = ()
    story: str = ""

    @property
    def title(self) -> str:
        """The test, with its variant."""
        return f"{self.test}/{self.variant}" if self.variant else self.test

    @property
    def expectation(self) -> bool:
        """Whether this is about an expectation, not an error or a warning."""
        return bool(self.test)

    @property
    def name(self) -> str:
        """What the expectation is called in a list of all."""
        return f"{self.title} {self.assertion or self.expected} [{self.model}]" if self.expectation else self.status

    @property
    def details(self) -> str:
        """All that there is to say, line by line."""
        claim = f"stated: {self.claim}" if self.claim else ""
        return "\n".join(part for part in (self.message, claim, self.story) if part)


def place(span: Span | None) -> Place | None:
    """Return where a span is, None where it is in no file, as what the command line says is in none."""
    if span is None or _OPTION.fullmatch(span.source.name):
        return None
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(max(span.end, span.start))
    return Place(span.source.name, line, column, end_line, end_column)


def of_error(error: LitmusError, status: str, level: str = ERROR) -> Record:
    """Return the record that an error or a warning is."""
    return Record(level, status, error.message + (f" ({error.hint})" if error.hint else ""), place(error.span))


def legal(text: str) -> str:
    """Return ``text`` without the characters that XML and YAML have no way to write, as in names of files that are no
    text."""
    return _ILLEGAL.sub("\ufffd", text)


_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def count(records: Iterable[Record], *levels: str) -> int:
    """Return how many records have one of these levels."""
    return sum(record.level in levels for record in records)
