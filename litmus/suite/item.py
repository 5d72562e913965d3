"""A check, one expectation at a time: what `litmus check` answers, divided as a test runner takes it.

Everything is answered by `suite.checking`, with the same configuration, baseline and answers on disk; only the
questions are asked one by one.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from litmus.dataclass import dataclass, replace
from litmus.engine.base import Ask
from litmus.errors import LitmusError
from litmus.program.program import Dialect, Program
from litmus.report.record import FAIL, KNOWN, PASS, UNKNOWN, Record
from litmus.source import Span
from litmus.suite.answer import Answer
from litmus.suite.baseline import Baseline, read_baseline
from litmus.suite.checking import Checking
from litmus.suite.command import nothing_to_check
from litmus.suite.evaluation import Settings
from litmus.suite.expectation import claimed, place_of, require_annotation
from litmus.suite.kept import Keeper, keeper
from litmus.suite.project import Project, file_of, settled_all
from litmus.suite.project_text import read_project
from litmus.suite.running import answers
from litmus.suite.selection import ModelOptions, for_model, models_of
from litmus.suite.status import Status


class Outcome(StrEnum):
    """How an item ends. Only HOLDS is a pass."""

    HOLDS = "holds"
    OPEN = "expects nothing"
    KNOWN = "known deviation"
    MISSED = "missed"
    UNKNOWN = "unknown"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Checks:
    """What is said of all files: the configuration, the baseline, what the user asks for."""

    project: Project
    known: Baseline | None
    asked: Settings
    kept: Keeper | None

    def items(self, program: Program) -> Iterator["Item"]:
        """Yield what is to be checked of a test under each of its models.

        Raises:
            LitmusError: where the test, or what is said of it, is wrong; or where a test in our own language says
                nothing.
        """
        rule = self.project.rule(file_of(program))
        self.project.require_ours(program, rule)
        require_annotation(program)
        empty = True
        for model in models_of(program, self.project.settings(self.asked, rule).models.names):
            own = self.project.held(for_model(program, model), model, rule)
            for number, claim in enumerate(claimed(own)):
                empty = False
                yield Item(own.title, model, claim, None if own.result is not None else number, place_of(own, number))
        if empty and program.dialect is Dialect.DSL:
            raise nothing_to_check(program)

    def answers(self, path: Path, title: str, model: str) -> Sequence[Answer]:
        """Return what a test in the file at ``path`` comes to under a model."""
        checking = Checking(recorded=True, project=self.project, known=self.known, only=(title, model))
        seconds = self.project.settings(self.asked, self.project.rule(str(path))).seconds
        settings = replace(self.asked, seconds=seconds)
        part = f"{title}\0{model}"
        if self.kept is None:
            return list(answers([path], checking, settings))
        found = self.kept.find(path, part)
        return found or list(self.kept.made(path, lambda path: answers([path], checking, settings), part))


def opened(path: str | None, models: tuple[str, ...], seconds: float | None) -> Checks:
    """Return what the configuration at ``path`` says, if there is one; ``models`` and ``seconds`` come first.

    Raises:
        LitmusError: where it, the baseline or a model is wrong.
    """
    project = read_project(path) if path is not None else Project()
    asked = settled_all(Settings(ModelOptions(models), seconds=seconds, ask=Ask.VERDICT), project)
    known = read_baseline(project.baseline) if project.baseline is not None else None
    return Checks(project, known, asked, keeper(Checking(recorded=True, project=project, known=known), asked))


@dataclass(frozen=True, slots=True)
class Item:
    """One expectation of one test under one model. ``number`` is its place among those of the test; None where it is
    all that a ``Result:`` comment predicts."""

    title: str
    model: str
    claim: str
    number: int | None
    place: Span | None

    @property
    def name(self) -> str:
        """What it is called among those of its file."""
        return f"{self.title}.{self.claim}[{self.model}]"

    def judged(self, answers: Sequence[Answer]) -> tuple[Outcome, str]:
        """Return how it ends, and all that there is to say, where the test comes to these answers."""
        records = [record for answer in answers for record in answer.records if record.expectation]
        own = records if self.number is None else records[self.number : self.number + 1]
        if not own:
            return _without_findings(answers)
        for level, outcome in _GRAVEST:
            found = [record for record in own if record.level == level]
            if found:
                return outcome, "\n".join(map(_story, found))
        return (Outcome.HOLDS if any(record.level == PASS for record in own) else Outcome.OPEN), own[0].message


_GRAVEST = ((FAIL, Outcome.MISSED), (UNKNOWN, Outcome.UNKNOWN), (KNOWN, Outcome.KNOWN))


def _story(record: Record) -> str:
    """What was expected and found, why, and the execution that shows it."""
    said = f"{record.title} under {record.model}: {record.assertion or 'it'} expected {record.expected}"
    why = f"{record.status}: {record.note}" if record.note else ""
    claim = f"stated: {record.claim}" if record.claim else ""
    return "\n".join(part for part in (f"{said}, found {record.found}", why, claim, record.story) if part)


def _without_findings(answers: Sequence[Answer]) -> tuple[Outcome, str]:
    """Return why there is no finding: an error, or no memory or time to come to one."""
    grave = [answer for answer in answers if answer.status is not Status.OK]
    told = "".join(answer.error for answer in grave) or "nothing was checked"
    unknown = bool(grave) and all(answer.status is Status.UNKNOWN for answer in grave)
    return Outcome.UNKNOWN if unknown else Outcome.ERROR, told.rstrip("\n")


def broken(error: LitmusError) -> tuple[Outcome, str]:
    """Return how an item ends that stands for what could not even be read."""
    return Outcome.ERROR, error.render().rstrip("\n")
