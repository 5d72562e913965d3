"""The Test Anything Protocol, version 14 (testanything.org): a line for each expectation, details in YAML."""

from collections.abc import Iterator

from litmus.report.record import KNOWN, OPEN, PASS, WARNING, Record, legal

HEADING = "TAP version 14\n"


def point(number: int, record: Record) -> str:
    """Return the lines of the test point with this number. What a baseline excuses is a TODO; what expects nothing is
    skipped."""
    result = "ok" if record.level in (PASS, OPEN) else "not ok"
    directive = {KNOWN: " # TODO known deviation", OPEN: " # SKIP expects nothing"}.get(record.level, "")
    title = record.name if record.expectation else f"{record.status}: {record.message}"
    lines = [f"{result} {number} - {_escaped(title)}{directive}"]
    return "\n".join([*lines, *([] if record.level == PASS else _diagnostics(record)), ""])


def plan(points: int) -> str:
    """Return the line that says how many points there were."""
    return f"1..{points}\n"


def comment(record: Record) -> str:
    """Return a warning, which is no point."""
    assert record.level == WARNING
    return "".join(f"# {line}\n" for line in legal(f"warning: {record.message}").splitlines())


def _diagnostics(record: Record) -> Iterator[str]:
    yield "  ---"
    yield f"  status: {_quoted(record.status)}"
    yield "  message: |2"  # by as many columns more, whatever the first line begins with
    # A line without the columns before it would end the block.
    yield from (f"    {line}" for line in legal(record.details).splitlines())
    if record.place is not None:
        place = record.place
        yield "  at:"
        yield from (f"    file: {_quoted(place.file)}", f"    line: {place.line}", f"    column: {place.column}")
    yield "  ..."


def _escaped(text: str) -> str:
    return " ".join(legal(text).replace("\\", "\\\\").replace("#", "\\#").split())


def _quoted(text: str) -> str:
    return "'" + " ".join(legal(text).replace("'", "''").splitlines()) + "'"
