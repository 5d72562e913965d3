"""The outputs of a check: one on standard output, others in files, each fed with the answers as they come."""

from collections.abc import Callable, Iterator
from pathlib import Path

from litmus import __version__
from litmus.dataclass import dataclass, field
from litmus.errors import UsageError, did_you_mean
from litmus.report import json
from litmus.report.record import WARNING, Record
from litmus.suite.answer import Answer
from litmus.suite.files import mentions, require_writable, write
from litmus.suite.project import FORMATS

BY_TEST = ("text", "json", "herd")
"""The formats that are rendered where a test is evaluated; the others are written from records."""


@dataclass(slots=True)
class Output:
    """One output. ``put`` takes the text as it comes, or for a file all of it at the end."""

    form: str
    put: Callable[[str], None]
    points: int = 0
    records: list[Record] = field(default_factory=list)

    def take(self, answer: Answer) -> None:
        """Write what an answer says."""
        for text in self._now(answer):
            self.put(text)

    def _now(self, answer: Answer) -> Iterator[str]:
        match self.form:
            case "text" | "herd" | "json":
                yield from (text for form, text in answer.outputs if form == self.form and text)
                if self.form == "json":
                    yield from (json.line(_error(record)) for record in answer.records if not record.expectation)
            case "github":
                from litmus.report.github import annotation

                yield from filter(None, map(annotation, answer.records))
            case "tap":
                yield from self._points(answer.records)
            case _:
                self.records += answer.records

    def _points(self, records: tuple[Record, ...]) -> Iterator[str]:
        from litmus.report.tap import HEADING, comment, point

        for record in records:
            if self.points == 0 and not self.records:
                self.records.append(record)
                yield HEADING
            if record.level == WARNING:
                yield comment(record)
            else:
                self.points += 1
                yield point(self.points, record)

    def end(self, summary: str) -> None:
        """Write what comes last: ``summary`` in texts, all of it in formats that are one document."""
        for text in self._last(summary):
            self.put(text)

    def _last(self, summary: str) -> Iterator[str]:
        match self.form:
            case "text" | "github":
                yield summary + "\n"
            case "tap":
                from litmus.report.tap import HEADING, plan

                yield ("" if self.records else HEADING) + plan(self.points)
            case "junit":
                from litmus.report.junit import junit

                yield junit(self.records)
            case "sarif":
                from litmus.report.sarif import sarif

                yield sarif(self.records, __version__)


def _error(record: Record) -> json.Json:
    """An error or a warning as an object of its own, beside those of findings."""
    place = record.place
    return {
        record.level: record.message,
        "status": record.status,
        "file": place.file if place is not None else None,
        "line": place.line if place is not None else None,
        "column": place.column if place is not None else None,
    }


@dataclass(slots=True)
class Kept:
    """Text that is written to a file once all of it is there: a run that is cut off leaves no half of a file, and not
    that of an earlier run either, which could be taken for the answer."""

    path: Path
    parts: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Take away what is there of an earlier run."""
        if self.path.is_file() and not self.path.is_symlink():
            self.path.unlink()

    def put(self, text: str) -> None:
        """Take the next part."""
        self.parts.append(text)

    def close(self) -> None:
        """Write the file."""
        write(self.path, "".join(self.parts))


def files_of(options: tuple[str, ...]) -> list[tuple[str, Kept]]:
    """Return the formats and files that are asked for, each file once.

    Raises:
        UsageError: as `parsed`, and where two formats would be written to one file.
    """
    found = {option: parsed(option) for option in options}
    taken: dict[Path, str] = {}
    for option, (_, path) in found.items():
        if taken.setdefault(path.absolute(), option) != option:
            raise UsageError(f"'{path}' is named twice", *mentions("--output", option))
    return [(form, Kept(path)) for form, path in found.values()]


def parsed(option: str) -> tuple[str, Path]:
    """Return the format and the file that ``FORMAT=FILE`` names.

    Raises:
        UsageError: where there is no such format, or no file can be written there.
    """
    form, _, file = option.partition("=")
    (place,) = mentions("--output", option)
    if form not in FORMATS:
        hint = did_you_mean(form, FORMATS) or f"one of {', '.join(FORMATS)}"
        raise UsageError(f"there is no format '{form}'", place, hint=hint)
    if not file:
        raise UsageError("no file is named", place, hint=f"--output {form}=FILE")
    require_writable("--output", str(Path(file).parent))
    if Path(file).is_dir():
        raise UsageError(f"'{file}' is a directory", place)
    return form, Path(file)
