"""Annotations of GitHub Actions: a workflow command on a line for everything that is no pass, at its assertion.

docs.github.com, "Workflow commands for GitHub Actions": data escapes ``%``, CR and LF; properties also ``:`` and ``,``.
"""

from litmus.report.record import ERROR, FAIL, KNOWN, UNKNOWN, WARNING, Place, Record

_COMMANDS = {FAIL: "error", UNKNOWN: "error", ERROR: "error", WARNING: "warning", KNOWN: "notice"}


def annotation(record: Record) -> str:
    """Return the annotation that a record is, with its line end; nothing for what holds."""
    command = _COMMANDS.get(record.level)
    if command is None:
        return ""
    title = f"{record.name}: {record.status}" if record.expectation else record.status
    properties = {**_placed(record.place), "title": title}
    said = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{command} {said}::{_data(record.details)}\n"


def _placed(place: Place | None) -> dict[str, object]:
    if place is None:
        return {}
    found: dict[str, object] = {"file": place.file, "line": place.line, "endLine": place.end_line}
    if place.line == place.end_line:  # GitHub takes columns only of what is on one line
        found |= {"col": place.column, "endColumn": max(place.end_column, place.column)}
    return found


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
