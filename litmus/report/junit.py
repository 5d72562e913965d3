"""JUnit's XML, as CI servers read it: a suite for each test, a case for each expectation under each model.

What fails is a ``failure``; what is unknown and what could not be checked is an ``error``: neither passes. What expects
nothing and what a baseline excuses is ``skipped``.
"""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from litmus.report.record import ERROR, FAIL, KNOWN, OPEN, PASS, UNKNOWN, WARNING, Record, count

_ELEMENTS = {FAIL: "failure", UNKNOWN: "error", ERROR: "error", OPEN: "skipped", KNOWN: "skipped"}


def junit(records: Sequence[Record]) -> str:
    """Return the document."""
    told = [record for record in records if record.level != WARNING]
    suites: dict[tuple[str, str], list[Record]] = {}
    for record in told:
        suites.setdefault((_file(record), record.title), []).append(record)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites name={_quoted('litmus check')}{_counts(told)}>"]
    for (file, title), cases in suites.items():
        lines.append(f"  <testsuite name={_quoted(title or file or 'litmus')}{_counts(cases)}>")
        lines += (line for case in cases for line in _case(case))
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _file(record: Record) -> str:
    return record.place.file if record.place is not None else ""


def _counts(records: Sequence[Record]) -> str:
    numbers = {
        "tests": len(records),
        "failures": count(records, FAIL),
        "errors": count(records, UNKNOWN, ERROR),
        "skipped": count(records, OPEN, KNOWN),
    }
    return "".join(f' {name}="{number}"' for name, number in numbers.items())


def _case(record: Record) -> Iterator[str]:
    where = "" if record.place is None else f' file={_quoted(record.place.file)} line="{record.place.line}"'
    head = f"    <testcase classname={_quoted(record.title or _file(record) or 'litmus')} name={_quoted(_name(record))}"
    if record.level == PASS:
        yield f"{head}{where}/>"
        return
    element = _ELEMENTS[record.level]
    yield f"{head}{where}>"
    kind = "" if element == "skipped" else f" type={_quoted(record.status)}"
    yield f"      <{element} message={_quoted(record.message)}{kind}>{escape(_legal(record.details))}</{element}>"
    yield "    </testcase>"


def _name(record: Record) -> str:
    return f"{record.assertion or record.expected} [{record.model}]" if record.expectation else record.status


def _quoted(text: str) -> str:
    return quoteattr(_legal(text), {"\n": "&#10;", "\t": "&#9;"})


def _legal(text: str) -> str:
    """Without the characters that XML has no way to write."""
    return "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text)
