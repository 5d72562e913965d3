"""Known deviations: what fails and is known to, so that it is seen but does not fail a check.

The file is JSON, sorted, with a line for each deviation, so that a change of it can be read. An entry excuses one
expectation under one model, and only as long as the same is found.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from litmus.dataclass import dataclass
from litmus.errors import ParseError, UsageError
from litmus.source import Source
from litmus.suite.expectation import Finding
from litmus.suite.files import mentions, read_source
from litmus.suite.status import Status

VERSION = 1
_FIELDS = ("file", "test", "model", "assertion", "expected", "found")


@dataclass(frozen=True, slots=True, order=True)
class Deviation:
    """What was expected and found otherwise; ``file`` is as seen from the folder of the baseline."""

    file: str
    test: str
    model: str
    assertion: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The deviations that the file at ``path`` knows."""

    path: str
    known: tuple[Deviation, ...] = ()

    def seen(self, file: str) -> str:
        """Return the name of a file as seen from the folder of the baseline."""
        return Path(os.path.relpath(file, Path(self.path).parent)).as_posix()

    def deviation(self, file: str, finding: Finding) -> Deviation:
        """Return how a finding in ``file`` deviates."""
        name = self.seen(file)
        return Deviation(name, finding.title, finding.model, finding.assertion, finding.expected, finding.found)

    def excuses(self, file: str, finding: Finding) -> bool:
        """Whether a failure is a known one: an answer that is not known is never excused."""
        return finding.status is Status.FAILED and self.deviation(file, finding) in self.known


def opened(path: str, update: bool = False) -> Baseline:
    """Return the baseline at ``path``; one that is to be written need not exist yet.

    Raises:
        LitmusError: as `read_baseline`.
    """
    return Baseline(path) if update and not os.path.lexists(path) else read_baseline(path)


def read_baseline(path: str) -> Baseline:
    """Return the baseline in the file at ``path``.

    Raises:
        UsageError: where the file cannot be read.
        ParseError: where it is no baseline.
    """
    if not os.path.lexists(path):
        raise UsageError(f"no such file: '{path}'", *mentions("--baseline", path), hint="--update writes it")
    source = read_source(Path(path))
    try:
        document = json.loads(source.text)
    except json.JSONDecodeError as error:
        at = min(error.pos, len(source.text))
        raise ParseError(f"not JSON: {error.msg}", source.span(at, at + 1)) from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise ParseError(f"not a baseline of version {VERSION}", source.span(0, 1), hint=_ANEW)
    entries = document.get("deviations")
    if not isinstance(entries, list):
        raise ParseError("'deviations' is not a list", source.span(0, 1), hint=_ANEW)
    return Baseline(path, tuple(_deviation(source, entry) for entry in entries))


_ANEW = "`litmus check --update --baseline FILE` writes one"


def _deviation(source: Source, entry: object) -> Deviation:
    values = [entry.get(name) if isinstance(entry, dict) else None for name in _FIELDS]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(_FIELDS):
        message = f"a deviation has the texts {', '.join(_FIELDS)}"
        raise ParseError(message, source.span(0, 1), hint=_ANEW)
    return Deviation(*texts)


def text_of(deviations: Iterable[Deviation]) -> str:
    """Return the text of a baseline."""
    lines = [
        "  " + json.dumps({name: getattr(deviation, name) for name in _FIELDS}, ensure_ascii=False)
        for deviation in sorted(set(deviations))
    ]
    return f'{{"version": {VERSION}, "deviations": [\n' + ",\n".join(lines) + "\n]}\n"
