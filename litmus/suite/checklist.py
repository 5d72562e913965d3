"""How the expectations of one test fare, for people: a line for each assertion, with all models that agree about it."""

from collections.abc import Iterator, Sequence

from litmus.dataclass import dataclass
from litmus.engine.base import Result
from litmus.report import text
from litmus.report.naming import naming
from litmus.suite.expectation import Finding
from litmus.suite.status import Status

VERDICTS = {Status.OK: "ok", Status.FAILED: "FAIL", Status.UNKNOWN: "unknown"}


def verdict(finding: Finding) -> str:
    """Return how a finding reads: what expected nothing (the annotation Maybe) and did not fail is ``open``, what a
    baseline excuses is ``known``."""
    if finding.known:
        return "known"
    return "open" if finding.vacuous and finding.status is Status.OK else VERDICTS[finding.status]


Judged = tuple[Result, Finding]


@dataclass(slots=True)
class _Row:
    """What one assertion says and what came of it, under ``models``; ``details`` go below."""

    verdict: str
    assertion: str
    expected: str
    found: str
    models: list[str]
    details: tuple[str, ...] = ()

    def cells(self) -> Sequence[str]:
        return self.verdict, self.assertion, f"expected {self.expected}", f"found {self.found}", " ".join(self.models)


def checklist(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield the lines. Models under which an assertion holds, with the same expectation and finding, share one. What
    fails, is unknown or needs a note has its own, with how many executions there are and what they end with."""
    order = {finding.assertion: number for number, (_, finding) in reversed([*enumerate(judged)])}
    rows = sorted(_rows(judged), key=lambda row: order[row.assertion])
    for row, line in zip(rows, text.columns([row.cells() for row in rows]), strict=True):
        yield f"  {line}"
        yield from (f"      {detail}" for detail in row.details)


def _rows(judged: Sequence[Judged]) -> Sequence[_Row]:
    rows: list[_Row] = []
    shared: dict[tuple[str, str, str], _Row] = {}
    for result, finding in judged:
        key = (finding.assertion, finding.expected, finding.found)
        plain = finding.status is Status.OK and not finding.note
        if plain and key in shared:
            shared[key].models.append(finding.model)
            continue
        found = finding.found if plain or finding.count is None else f"{finding.found}, {finding.count}"
        details = () if plain else tuple(_details(result, finding))
        rows.append(_Row(verdict(finding), finding.assertion, finding.expected, found, [finding.model], details))
        if plain:
            shared[key] = rows[-1]
    return rows


def _details(result: Result, finding: Finding) -> Iterator[str]:
    if finding.note:
        yield finding.note
    if finding.status is Status.FAILED:
        names = naming(result.program)
        tally = next((t for t in result.tallies if t.assertion.name == finding.assertion), None)
        if tally is not None:
            yield f"stated: {names.claim(tally.assertion)}"
        if finding.evidence is not None and finding.evidence.structure.waiting is None:
            yield f"an execution ends with: {names.state(finding.evidence.state) or '(nothing is observed)'}"
