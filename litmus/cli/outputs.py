"""Checks with more than plain text: other formats, a configuration file, a baseline, a progress bar."""

import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from litmus.cli.output import Tally, emit, say, warn
from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError, UsageError
from litmus.source import Span
from litmus.suite.answer import Answer, Command
from litmus.suite.baseline import Baseline, Deviation, opened
from litmus.suite.baseline import text_of as baseline_text
from litmus.suite.checking import Checking
from litmus.suite.evaluation import Settings
from litmus.suite.expectation import plural, summary
from litmus.suite.files import collect, mentions, write
from litmus.suite.project import Project, mentioned, required_paths, settled_all
from litmus.suite.project_text import read_project
from litmus.suite.running import Means, answers
from litmus.suite.status import Status, worst
from litmus.suite.updating import Updating
from litmus.suite.writing import BY_TEST, Output, files_of

Items = Iterable[Path | LitmusError]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says beside the settings of evaluations."""

    paths: tuple[str, ...]
    style: str
    outputs: tuple[str, ...] = ()
    baseline: str | None = None
    update: bool = False
    matrix: bool = False
    means: Means = field(default_factory=Means)
    proof: str | None = None


def checked(asked: Asked, settings: Settings, path: str | None) -> Status:
    """Check what is asked for, or what the configuration at ``path`` names, and write all outputs.

    Raises:
        LitmusError: where the configuration, the baseline, a model or an output cannot be used.
    """
    project = read_project(path) if path is not None else Project()
    settings = settled_all(settings, project)
    run = _Run(asked, settings, project)
    baseline = asked.baseline or project.baseline
    if asked.matrix:
        _require_table(asked, project)
    elif asked.update and baseline is None:
        if asked.means.scheduler is not None:
            (place,) = mentions("--scheduler", asked.means.scheduler)
            raise UsageError("--update writes into tests, which a cluster has no hands for", place)
        tally = run.emit(Updating(project), kept=False)
        say(f"{tally.printed} of {len(tally.findings)} Result: comments written\n")
        return tally.status
    return _report(run, None if baseline is None else opened(baseline, asked.update))


def _require_table(asked: Asked, project: Project) -> None:
    """Make sure that a table is all that is asked for.

    Raises:
        UsageError: where it is to be written as there is no way to, or answers are to become expectations.
    """
    if asked.update:
        raise UsageError("--update writes what a check finds, not a table", hint="leave out --matrix")
    if asked.style == "herd":
        raise UsageError("herd7 prints no tables: --matrix has no format 'herd'", *mentions("--format", "herd"))
    for output in (*asked.outputs, *project.outputs):
        if output.startswith("herd="):
            places = mentions("--output", output) if output in asked.outputs else mentioned(project.path, "herd")
            raise UsageError("herd7 prints no tables: --matrix has no format 'herd'", *places)


def _report(run: "_Run", known: Baseline | None) -> Status:
    asked, project = run.asked, run.project
    files = files_of((*project.outputs, *asked.outputs))
    for _, kept in files:
        kept.begin()
    outputs = [Output(asked.style, run.tell), *(Output(form, kept.put) for form, kept in files)]
    forms = tuple(form for form in BY_TEST if any(output.form == form for output in outputs))
    recorded = any(output.form not in BY_TEST for output in outputs)
    seen = _Seen()
    excusing = Baseline(known.path) if known is not None and asked.update else known
    command = _work(asked)(forms, recorded, project, excusing)
    if asked.proof is not None:
        from litmus.suite.proving import ProvingCheck

        command = ProvingCheck(Path(asked.proof), command, project, plain=False)
    takers = [*(output.take for output in outputs), seen.take]
    tally = run.emit(command, takers, kept=asked.proof is None)
    for output in outputs:
        output.end(summary(tally.findings, tally.errors, tally.vacuous, tally.kinds))
    for _, kept in files:
        kept.close()
    if known is None:
        return tally.status
    if tally.interrupted:
        warn(f"{known.path}: left as it was\n" if asked.update else "")
        return tally.status
    if asked.update:
        kept_before = [known_one for known_one in known.known if known_one.file not in seen.files(known)]
        write(Path(known.path), baseline_text([*kept_before, *seen.deviations]))
        warn(f"{known.path}: {plural(len({*seen.deviations}), 'deviation')} of {plural(len(seen.checked), 'file')}\n")
        return worst(status for status in (*tally.findings, *tally.ends) if status is not Status.FAILED)
    for one in known.known:
        if one.file in seen.files(known) and one not in seen.deviations:
            warn(f"{known.path}: not so any more: {one.test} {one.assertion} [{one.model}] {one.found} (--update)\n")
    return tally.status


@dataclass(slots=True)
class _Seen:
    """What of a baseline came up."""

    deviations: list[Deviation] = field(default_factory=list)
    checked: dict[str, None] = field(default_factory=dict)

    def take(self, answer: Answer) -> None:
        """Note an answer."""
        self.deviations += answer.deviations
        if answer.file:
            self.checked[answer.file] = None

    def files(self, baseline: Baseline) -> set[str]:
        """Return the files that were checked, as the baseline calls them."""
        return {baseline.seen(file) for file in self.checked}


def _work(asked: Asked) -> Callable[[tuple[str, ...], bool, Project, Baseline | None], Command]:
    if not asked.matrix:
        return Checking
    from litmus.suite.comparison import Tabulating

    return Tabulating


def _configured(project: Project) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """Return the paths that the configuration names, and where."""
    paths = required_paths(project.paths, project.path)
    return paths, mentioned(project.path, *(Path(path).name for path in paths))


@dataclass(slots=True)
class _Run:
    """Tests that are run, and whoever looks at the answers."""

    asked: Asked
    settings: Settings
    project: Project
    say: Callable[[str], None] = say

    def tell(self, text: str) -> None:
        """Print ``text``, above the bar where there is one."""
        self.say(text)

    def emit(self, command: Command, take: Iterable[Callable[[Answer], None]] = (), *, kept: bool = True) -> Tally:
        """Run a command on all files; what ``take`` does with the answers is done as they come."""
        asked, project = self.asked, self.project
        items = collect(asked.paths) if asked.paths else collect(*_configured(project))
        found = partial(
            answers,
            command=command,
            settings=self.settings,
            means=asked.means.over(project.means),
            kept=kept,
            seconds=lambda path: project.settings(self.settings, project.rule(str(path))).seconds,
        )
        if asked.style == "text" and sys.stdout.isatty():
            return with_bar(items, found, take, self)
        return emit(found(items), take=take)


def with_bar(
    items: Items,
    found: Callable[[Items], Iterable[Answer]],
    take: Iterable[Callable[[Answer], None]] = (),
    run: _Run | None = None,
) -> Tally:
    """Print answers above a bar that tells how many of the items were begun; of one item without a bar."""
    listed = list(items)
    if len(listed) < 2:
        return emit(found(listed), take=take)
    from litmus.cli.progress import Bar

    with Bar(len(listed)) as bar:
        if run is not None:
            run.say = bar.say
        return emit(found(bar.counted(listed)), bar.say, bar.warn, take)
