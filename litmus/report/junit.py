"""JUnit's XML, as CI servers read it: a suite for each test, a case for each expectation under each model.

What fails is a ``failure``; what is unknown and what could not be checked is an ``error``: neither passes. What expects
nothing and what a baseline excuses is ``skipped``. Elements and attributes are those of the schema that Jenkins checks
(junit-10.xsd of its xUnit plugin, as with pytest): files are named by suites, lines in texts.
"""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from litmus.report.record import ERROR, FAIL, KNOWN, OPEN, PASS, UNKNOWN, WARNING, Record, count, legal

_ELEMENTS = {FAIL: "failure", UNKNOWN: "error", ERROR: "error", OPEN: "skipped", KNOWN: "skipped"}


def junit(records: Sequence[Record]) -> str:
    """Return the document."""
    told = [record for record in records if record.level != WARNING]
    suites: dict[tuple[str, str], list[Record]] = {}
    for record in told:
        suites.setdefault((_file(record), record.title), []).append(record)
    numbers = _counts(told)
    del numbers["skipped"]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{_attributes(name='litmus check', **numbers)}>"]
    for (file, title), cases in suites.items():
        named = {"name": title or file or "litmus", **({"file": file} if file else {})}
        lines.append(f"  <testsuite{_attributes(**named, **_counts(cases))}>")
        lines += (line for case in cases for line in _case(case))
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _file(record: Record) -> str:
    return record.place.file if record.place is not None else ""


def _counts(records: Sequence[Record]) -> dict[str, str]:
    numbers = {
        "tests": len(records),
        "failures": count(records, FAIL),
        "errors": count(records, UNKNOWN, ERROR),
        "skipped": count(records, OPEN, KNOWN),
    }
    return {name: str(number) for name, number in numbers.items()}


def _case(record: Record) -> Iterator[str]:
    head = _attributes(classname=record.title or _file(record) or "litmus", name=_name(record))
    if record.level == PASS:
        yield f"    <testcase{head}/>"
        return
    element, place = _ELEMENTS[record.level], record.place
    where = "" if place is None else f"{place.file}:{place.line}:{place.column}: "
    said = _attributes(message=record.message, type=record.status)
    yield f"    <testcase{head}>"
    yield f"      <{element}{said}>{escape(legal(where + record.details))}</{element}>"
    yield "    </testcase>"


def _name(record: Record) -> str:
    return f"{record.assertion or record.expected} [{record.model}]" if record.expectation else record.status


def _attributes(**values: str) -> str:
    return "".join(f" {name}={_quoted(value)}" for name, value in values.items())


def _quoted(text: str) -> str:
    return quoteattr(legal(text), {"\n": "&#10;", "\t": "&#9;"})
