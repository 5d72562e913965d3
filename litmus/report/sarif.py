"""SARIF 2.1.0 (OASIS, 2020): a log of what is no pass, with the execution that shows a failure as a code flow through
the lines of the test. Numbers in comments are of sections of the standard."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from litmus.report.json import Json
from litmus.report.record import ERROR, FAIL, KNOWN, PASS, UNKNOWN, WARNING, Moment, Place, Record, legal

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = MappingProxyType({FAIL: "error", UNKNOWN: "error", ERROR: "error", WARNING: "warning", KNOWN: "note"})
RULES: Mapping[str, str] = MappingProxyType(
    {
        "forbidden": "An outcome that the test forbids is allowed.",
        "allowed": "An outcome that the test allows never comes about.",
        "required": "An outcome that the test requires does not always come about.",
        "observation": "The observation is not the one that the Result: comment or the configuration predicts.",
        "data-race": "There is a data race that is not predicted, or none where one is.",
        "no-execution": "No execution is left: nothing was checked.",
        "timed-out": "The time limit was met before there was an answer.",
        "bound-met": "A bound on the turns of a loop was met before there was an answer.",
        "unknown": "There is no certain answer.",
        "not-run": "The run was interrupted before the test was checked.",
        "does-not-parse": "The file is not in its language.",
        "checks-nothing": "The test states nothing to check.",
        "error": "The test could not be checked.",
        "stronger": "The kernel's model forbids what a machine allows.",
        "warning": "The test says what a kernel compiler would not take.",
    }
)
"""What is reported, by the id of its rule. Ids are part of the interface."""


def rule(record: Record) -> str:
    """Return the id of the rule that a record is about."""
    word = record.status.replace(" ", "-")
    if word in RULES:
        return word
    if record.assertion == "DATARACE":
        return "data-race"
    return record.expected if record.expected in RULES else "observation"


def sarif(records: Sequence[Record], version: str) -> str:
    """Return the log. What holds and what expects nothing is not in it."""
    import json

    told = [record for record in records if record.level in _LEVELS]
    used = list(dict.fromkeys(map(rule, told)))
    driver: Json = {
        "name": "litmuskit",
        "version": version,
        "rules": [{"id": name, "shortDescription": {"text": RULES[name]}} for name in used],
    }
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(record, used) for record in told],
        "properties": {"held": sum(record.level == PASS for record in records)},
    }
    log: Json = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return legal(json.dumps(log, indent=1, ensure_ascii=False)) + "\n"


def _result(record: Record, rules: Sequence[str]) -> Json:
    found: dict[str, Json] = {
        "ruleId": rule(record),
        "ruleIndex": rules.index(rule(record)),
        "level": _LEVELS[record.level],
        "message": _message(f"{record.name}: {record.details}" if record.expectation else record.details),
        "locations": [_location(record.place)] if record.place is not None else [],
        "partialFingerprints": {"expectation/v1": _fingerprint(record)},
        "properties": {
            "status": record.status,
            "test": record.title,
            "model": record.model,
            "expected": record.expected,
            "found": record.found,
        },
    }
    if record.level == KNOWN:
        found["suppressions"] = [{"kind": "external", "justification": "the baseline has it"}]
    if record.moments:
        found["codeFlows"] = [_flow(record.moments, record.place)]
    return found


def _fingerprint(record: Record) -> str:
    """What tells a result from others, and stays the same where lines above it change."""
    file = record.place.file if record.place is not None else ""
    return f"{file}: {record.name}" if record.expectation else f"{file}: {record.status}: {record.message}"


def _flow(moments: Sequence[Moment], end: Place | None) -> Json:
    """One thread flow through the steps of all threads, in an order that explains the values, up to the assertion."""
    steps: list[Json] = [_step(number, moment) for number, moment in enumerate(moments, 1)]
    last = len(steps) + 1
    steps.append({"location": _location(end, "the condition"), "executionOrder": last, "importance": "essential"})
    return {"threadFlows": [{"id": "execution", "locations": steps}]}


def _step(number: int, moment: Moment) -> Json:
    return {
        "location": _location(moment.place, f"{moment.thread}: {moment.text}"),
        "executionOrder": number,
        "importance": "essential",
    }


def _location(place: Place | None, message: str | None = None) -> Json:
    found: dict[str, Json] = {}
    if message is not None:
        found["message"] = _message(message)
    if place is not None:
        region: Json = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
        found["physicalLocation"] = {"artifactLocation": _artifact(place.file), "region": region}
    return found


def _message(text: str) -> Json:
    """A text as it is: braces would hold arguments (3.11.5), and a parenthesis behind a bracket the end of a link
    (3.11.6)."""
    return {"text": legal(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")}


def _artifact(file: str) -> Json:
    """A file by its URI; one that is not absolute is as seen from the folder of the sources (3.4.4)."""
    path = Path(file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(os.fsencode(path.as_posix())), "uriBaseId": "%SRCROOT%"}
