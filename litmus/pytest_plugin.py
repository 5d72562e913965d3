"""pytest collects .lit files and annotated .litmus files: an item for each test, variant, assertion and model.

What they come to is what `litmus check` answers, with the same configuration, baseline and answers on disk. Everything
of ours is imported when the first such file is met: in projects without one, the plugin costs a look at each file's
name.
``-p no:litmus`` turns it off.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import chdir
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

PATTERNS = ("*.lit", "*.litmus")
"""What is collected where the ini option litmus_files does not say."""

MARK = "litmus"
"""The property of a report that tells how an expectation fares."""

_CHECKS: pytest.StashKey[Any] = pytest.StashKey()


class Missed(Exception):
    """An expectation does not hold, or nobody knows; the message says all about it."""


class LitmusWarning(pytest.PytestWarning):
    """A test says what a kernel compiler would not take."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what can be said in the configuration of pytest."""
    parser.addini("litmus_files", "globs of the litmus tests to collect (default: *.lit *.litmus)", "args", PATTERNS)
    parser.addini("litmus_models", "models to check litmus tests under (default: those that a test names)", "args", ())
    parser.addini("litmus_timeout", "seconds for one litmus test under one model (default: no limit)", default="")
    parser.addini("litmus_settings", "a litmus.toml, or none (default: the nearest, as litmus check does)", default="")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect what has the name of a litmus test."""
    if file_path.suffix not in (".lit", ".litmus") or not _asked_for(file_path, parent.config):
        return None
    collected: LitmusFile = LitmusFile.from_parent(parent, path=file_path)
    return collected


def _asked_for(path: Path, config: pytest.Config) -> bool:
    """Whether a glob fits the name of a file, or where it has a slash the path below the root of the project."""
    below = path.relative_to(config.rootpath).as_posix() if path.is_relative_to(config.rootpath) else path.as_posix()
    return any(fnmatch(below if "/" in glob else path.name, glob) for glob in config.getini("litmus_files"))


def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, Any] | None:
    """An unknown answer is a failure with a word of its own: never a pass."""
    if [MARK, "unknown"] in map(list, getattr(report, "user_properties", ())) and report.failed:
        return "failed", "U", ("UNKNOWN", {"yellow": True})
    return None


# ------------------------------------------------------------------------------------------------------------- settings
def _checks(config: pytest.Config) -> Any:
    """Return what is said of all files, read when the first is met.

    Raises:
        pytest.Collector.CollectError: where the configuration of pytest or of litmus, the baseline or a model is wrong.
    """
    found = config.stash.get(_CHECKS, None)
    if found is None:
        found = config.stash[_CHECKS] = _opened(config)
    if isinstance(found, str):
        raise pytest.Collector.CollectError(found)
    return found


def _opened(config: pytest.Config) -> Any:
    """Return what is said of all files, or what is wrong with it."""
    from litmus.errors import LitmusError
    from litmus.suite.item import opened

    stated = config.getini("litmus_timeout")
    try:
        seconds = float(stated) if stated else None
    except ValueError:
        seconds = 0
    if seconds is not None and not seconds > 0:
        return f"litmus_timeout: '{stated}' is no number of seconds"
    try:
        return opened(_settings(config), tuple(config.getini("litmus_models")), seconds)
    except LitmusError as error:
        return error.render()


def _settings(config: pytest.Config) -> str | None:
    """Return the configuration as `litmus check` finds it; what the directory does not have, the root of pytest may."""
    from litmus.suite.files import project_file

    said = config.getini("litmus_settings")
    if said == "none":
        return None
    return os.path.relpath(config.rootpath / said) if said else project_file() or project_file(config.rootpath)


def _from_where_it_was_called(config: pytest.Config) -> chdir[Path]:
    """Paths are as seen from there, whatever other tests did since."""
    return chdir(config.invocation_params.dir)


# ---------------------------------------------------------------------------------------------------------------- items
class LitmusFile(pytest.File):
    """A file of tests. What one evaluation answers about several assertions is computed once."""

    last: tuple[object, Any] | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each expectation; a file that is wrong is one item that fails: the others still run."""
        with _from_where_it_was_called(self.config):
            return iter(list(self._items()))

    def _items(self) -> Iterator[pytest.Item]:
        from litmus.errors import LitmusError
        from litmus.suite.answer import programs

        checks = _checks(self.config)
        try:
            found = programs(self.shown())
        except (LitmusError, RecursionError, MemoryError):
            yield _item(self, self.path.stem)
            return
        for program in found:
            try:
                items = list(checks.items(program))
            except LitmusError as error:
                yield _item(self, program.title, error=error)
                continue
            for item in items:
                yield _item(self, item.name, item, doubts=() if checks.asked.strict else program.doubts)

    def answers(self, title: str = "", model: str = "") -> Any:
        """Return what a test comes to under a model, or a file that cannot be read as tests."""
        if self.last is None or self.last[0] != (title, model):
            with _from_where_it_was_called(self.config):
                self.last = (title, model), _checks(self.config).answers(self.shown(), title, model)
        return self.last[1]

    def shown(self) -> Path:
        """Return the path as errors shall show it: from here, where the file is below."""
        here = self.config.invocation_params.dir
        return self.path.relative_to(here) if self.path.is_relative_to(here) else self.path


def _item(parent: LitmusFile, name: str, about: Any = None, *, error: Any = None, doubts: Any = ()) -> pytest.Item:
    item: LitmusItem = LitmusItem.from_parent(parent, name=name)
    item.about, item.error, item.doubts = about, error, doubts
    return item


class LitmusItem(pytest.Item):
    """One expectation of one test (``about``), or the ``error`` in the place of a test; or, with neither, a file that
    cannot be read."""

    about: Any = None
    error: Any = None
    doubts: Any = ()

    def runtest(self) -> None:
        """Pass only where the expectation holds.

        Raises:
            Missed: where it does not hold, is unknown or cannot be checked.
        """
        from litmus.suite.item import Outcome

        outcome, told = self._judged()
        for doubt in self.doubts:
            self.warn(LitmusWarning(doubt.render("warning")))
        match outcome:
            case Outcome.HOLDS:
                return
            case Outcome.OPEN:
                pytest.skip("Maybe expects nothing")
            case Outcome.KNOWN:
                pytest.xfail(told)
            case Outcome.UNKNOWN:
                self.user_properties.append((MARK, "unknown"))
        raise Missed(told)

    def _judged(self) -> tuple[Any, str]:
        from litmus.suite.item import Item, broken

        assert isinstance(self.parent, LitmusFile)
        if self.error is not None:
            return broken(self.error)
        if self.about is None:
            return Item("", "", "", 0, None).judged(self.parent.answers())
        outcome: tuple[Any, str] = self.about.judged(self.parent.answers(self.about.title, self.about.model))
        return outcome

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what a person wants to know; where in our code it was noticed is nothing of that."""
        return str(excinfo.value) if isinstance(excinfo.value, Missed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the assertion stands, its line counted from 0."""
        place = self.about.place if self.about is not None else getattr(self.error, "span", None)
        return self.path, None if place is None else place.line - 1, self.name
