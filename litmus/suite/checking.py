"""What `litmus check` answers for one program where more than plain text is asked for: other formats, what a
configuration file says of paths, a baseline."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from litmus.dataclass import dataclass, field, replace
from litmus.engine.base import Ask, Execution, Result
from litmus.errors import UsageError
from litmus.explanation.timeline import timeline
from litmus.program.program import Program
from litmus.report.herd import herd
from litmus.report.naming import naming
from litmus.report.record import FAIL, KNOWN, OPEN, PASS, UNKNOWN, Record, place
from litmus.report.timeline import moments, told
from litmus.suite.answer import Answer, failure
from litmus.suite.baseline import Baseline, Deviation
from litmus.suite.command import Judged, fared, json_of, judge, own_findings, text_of
from litmus.suite.evaluation import Settings
from litmus.suite.expectation import Finding, kind_of, shown_by
from litmus.suite.project import Project, file_of
from litmus.suite.selection import heading
from litmus.suite.status import Kind, Status

_LEVELS: Mapping[Kind, str] = MappingProxyType({
    Kind.HOLDS: PASS, Kind.OPEN: OPEN, Kind.KNOWN: KNOWN, Kind.FAILS: FAIL, Kind.EMPTY: FAIL,
    Kind.TIMED_OUT: UNKNOWN, Kind.BOUND: UNKNOWN, Kind.UNKNOWN: UNKNOWN,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checking:
    """A `suite.answer.Command`: holds a test to what it says and to what ``project`` says of its file; ``known``
    deviations are no failures. ``formats`` beside text are those that are rendered test by test. ``recorded`` asks for
    records of findings, with executions that show failures. ``only`` one test of a file, under one model, is looked at
    where that is named."""

    formats: tuple[str, ...] = ()
    recorded: bool = False
    project: Project = field(default_factory=Project)
    known: Baseline | None = None
    only: tuple[str, str] | None = None

    def __call__(self, program: Program, settings: Settings) -> Iterator[Answer]:
        """Yield one answer with all expectations, and the errors met on the way."""
        title, model = self.only or (program.title, None)
        if title != program.title:
            return
        file = file_of(program)
        rule = self.project.rule(file)
        settings = self.project.settings(settings, rule)
        if "herd" in self.formats:
            settings = replace(settings, ask=Ask.COUNTS)
        try:
            self.project.require_ours(program, rule)
        except UsageError as error:
            yield failure(error)
            return

        def hold(result: Result, model: str) -> Iterable[tuple[Result, Finding]]:
            result = replace(result, program=self.project.held(result.program, model, rule))
            return [(result, excused(self.known, file, finding)) for _, finding in own_findings(result, model)]

        judged, errors = judge(program, settings, hold, model)
        if judged:
            records = tuple(recorded(result, finding) for result, finding in judged) if self.recorded else ()
            outputs = tuple((form, _rendered(form, program, judged)) for form in self.formats)
            deviating = deviations(self.known, file, (finding for _, finding in judged))
            yield replace(fared(judged), records=records, outputs=outputs, deviations=deviating, file=file)
        yield from errors


def excused(known: Baseline | None, file: str, finding: Finding) -> Finding:
    """Return a finding in ``file``, which is no failure where a baseline knows it."""
    if known is None or not known.excuses(file, finding):
        return finding
    note = "; ".join(part for part in ("the baseline has this deviation", finding.note) if part)
    return replace(finding, status=Status.OK, note=note, known=True)


def deviations(known: Baseline | None, file: str, findings: Iterable[Finding]) -> tuple[Deviation, ...]:
    """Return what of the findings in ``file`` a baseline may excuse; nothing where there is no baseline."""
    if known is None:
        return ()
    return tuple(known.deviation(file, one) for one in findings if one.known or one.status is Status.FAILED)


def _rendered(form: str, program: Program, judged: Judged) -> str:
    match form:
        case "text":
            return text_of(program, judged)
        case "json":
            return json_of(program, judged)
    results = {result.model: result for result, _ in judged}
    # As with herd7, a test that ran out of time prints nothing: half of its states would be read as the answer.
    return "".join("".join(herd(result)) for result in results.values() if not result.out_of_time)


def recorded(result: Result, finding: Finding) -> Record:
    """Return what a finding says, for programs: with the steps of an execution that shows it where there is one."""
    kind, program = kind_of(result, finding), result.program
    tally = next((t for t in result.tallies if t.assertion.name == finding.assertion), None)
    tally = tally or next(iter(result.tallies), None)
    shown = None if finding.status is not Status.FAILED and not finding.known else _execution(result, finding)
    line = timeline(shown) if shown is not None else None
    where = program.result_span or (tally.assertion.span if tally is not None else None) or heading(program)
    found = finding.found if finding.count is None else f"{finding.found}, {finding.count}"
    said = f"expected {finding.expected}, found {found} under {finding.model}"
    return Record(
        _LEVELS[kind],
        str(kind),
        f"{said}: {finding.note}" if finding.note else said,
        place(where),
        program.name,
        program.variant,
        finding.model,
        finding.assertion,
        finding.expected,
        found,
        finding.note,
        naming(program).claim(tally.assertion) if tally is not None else "",
        tuple(moments(result, line)) if line is not None else (),
        "\n".join(told(result, [line])) if line is not None else "",
    )


def _execution(result: Result, finding: Finding) -> Execution | None:
    found = shown_by(result, replace(finding, status=Status.FAILED, known=False))
    return None if found is None or found.structure.waiting is not None else found
