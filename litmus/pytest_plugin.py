"""pytest collects .lit files and annotated .litmus files: an item for each test, variant, assertion and model.

Everything of ours is imported when the first such file is met: in projects without one, the plugin costs a look at each
file's name. ``-p no:litmus`` turns it off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

PATTERNS = ("*.lit", "*.litmus")
"""What is collected where the ini option litmus_files does not say."""

MARK = "litmus"
"""The property of a report that tells how an expectation fares."""


class Missed(Exception):
    """An expectation does not hold, or nobody knows; the message says all about it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what can be said in the configuration of pytest."""
    parser.addini("litmus_files", "globs of the litmus tests to collect (default: *.lit *.litmus)", "args", PATTERNS)
    parser.addini("litmus_models", "models to check litmus tests under (default: those that a test names)", "args", ())
    parser.addini("litmus_timeout", "seconds for one litmus test under one model (default: no limit)", default="")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect what has the name of a litmus test."""
    if file_path.suffix not in (".lit", ".litmus") or not _asked_for(file_path, parent.config):
        return None
    collected: LitmusFile = LitmusFile.from_parent(parent, path=file_path)
    return collected


def _asked_for(path: Path, config: pytest.Config) -> bool:
    """Whether a pattern fits the name of a file, or where it has a slash the path below the root of the project."""
    below = path.relative_to(config.rootpath).as_posix() if path.is_relative_to(config.rootpath) else path.as_posix()
    return any(fnmatch(below if "/" in glob else path.name, glob) for glob in config.getini("litmus_files"))


def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, Any] | None:
    """An unknown answer is a failure with a word of its own: never a pass."""
    if [MARK, "unknown"] in map(list, getattr(report, "user_properties", ())) and report.failed:
        return "failed", "U", ("UNKNOWN", {"yellow": True})
    return None


class LitmusFile(pytest.File):
    """A file of tests. What one evaluation answers about several assertions is computed once."""

    last: tuple[object, Any] | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each expectation; a file that is wrong is one item that fails: the others still run."""
        from litmus.errors import LitmusError
        from litmus.suite.answer import programs

        try:
            found = programs(_shown(self.path))
        except LitmusError as error:
            yield _item(self, self.path.stem, error=error)
            return
        for program in found:
            yield from self._of(program)

    def _of(self, program: Any) -> Iterator[pytest.Item]:
        from litmus.errors import LitmusError
        from litmus.suite.command import nothing_to_check
        from litmus.suite.expectation import claimed, require_annotation
        from litmus.suite.selection import for_model, models_of

        empty = True
        try:
            require_annotation(program)
            for model in models_of(program, tuple(self.config.getini("litmus_models"))):
                for number, claim in enumerate(claimed(for_model(program, model))):
                    empty = False
                    yield _item(self, f"{program.title}.{claim}[{model}]", program, model, number)
        except LitmusError as error:
            yield _item(self, program.title, error=error)
            return
        if empty and self.path.suffix == ".lit":
            yield _item(self, program.title, error=nothing_to_check(program))

    def judged(self, program: Any, model: str) -> tuple[Any, Sequence[Any]]:
        """Return what a test comes to under a model, and how its expectations fare.

        Raises:
            LitmusError: where it cannot be evaluated.
        """
        if self.last is None or self.last[0] != (id(program), model):
            self.last = (id(program), model), _evaluated(program, model, self.config)
        found: tuple[Any, Sequence[Any]] = self.last[1]
        return found


def _shown(path: Path) -> Path:
    """Return a path as errors shall show it: from here, where the file is below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _item(parent: LitmusFile, name: str, *about: Any, error: Exception | None = None) -> pytest.Item:
    item: LitmusItem = LitmusItem.from_parent(parent, name=name)
    item.about, item.error = about, error
    return item


def _evaluated(program: Any, model: str, config: pytest.Config) -> tuple[Any, Sequence[Any]]:
    from litmus.engine.base import Ask
    from litmus.suite.evaluation import Settings, evaluate
    from litmus.suite.expectation import findings
    from litmus.suite.selection import ModelOptions

    models = ModelOptions(tuple(config.getini("litmus_models")))
    result = evaluate(program, model, Settings(models, seconds=_seconds(config), ask=Ask.VERDICT))
    return result, findings(result)


def _seconds(config: pytest.Config) -> float | None:
    stated = config.getini("litmus_timeout")
    try:
        seconds = float(stated) if stated else None
    except ValueError:
        seconds = 0
    if seconds is not None and not seconds > 0:
        raise pytest.UsageError(f"litmus_timeout: '{stated}' is no number of seconds")
    return seconds


class LitmusItem(pytest.Item):
    """One expectation of one test (``about``: the program, the model, which of its claims), or the ``error`` in its
    place."""

    about: tuple[Any, ...] = ()
    error: Exception | None = None

    def runtest(self) -> None:
        """Pass only where the expectation holds.

        Raises:
            LitmusError: where the test cannot be evaluated, or says nothing.
            Missed: where it does not hold, or is unknown.
        """
        from litmus.suite.command import nothing_to_check
        from litmus.suite.status import Status, worst

        if self.error is not None:
            raise self.error
        program, model, number = self.about
        assert isinstance(self.parent, LitmusFile)
        result, findings = self.parent.judged(program, model)
        found = findings if program.result is not None else findings[number : number + 1]
        if not found:
            raise nothing_to_check(program)
        status = worst(finding.status for finding in found)
        if status is not Status.OK:
            self.user_properties.append((MARK, status.name.lower()))
            raise Missed("\n".join(_story(result, [finding for finding in found if finding.status is status])))
        if all(finding.vacuous for finding in found):
            pytest.skip("Maybe expects nothing")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what a person wants to know; where in our code it was noticed is nothing of that."""
        from litmus.errors import LitmusError

        match excinfo.value:
            case Missed() as missed:
                return str(missed)
            case LitmusError() as error:
                return error.render()
            case _:
                return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the assertion stands."""
        return self.path, self._line(), self.name

    def _line(self) -> int | None:
        """The line of the assertion, or of the test, counted from 0."""
        if not self.about:
            return None
        from litmus.suite.expectation import place_of
        from litmus.suite.selection import for_model

        program, model, number = self.about
        span = place_of(for_model(program, model), number)
        return None if span is None else span.line - 1


def _story(result: Any, findings: Sequence[Any]) -> Iterator[str]:
    """Yield what was expected and found, why, and the executions that show it as timelines."""
    from litmus.explanation.timeline import timeline
    from litmus.report.timeline import told
    from litmus.suite.checklist import checklist
    from litmus.suite.expectation import shown_by

    missed = ", ".join(f"{f.assertion or 'it'} expected {f.expected}, found {f.found}" for f in findings)
    yield f"{result.program.title} under {result.model}: {missed}"
    yield from checklist([(result, finding) for finding in findings])
    for finding in findings:
        execution = shown_by(result, finding)
        if execution is not None:
            yield ""
            yield from told(result, (timeline(execution),))
