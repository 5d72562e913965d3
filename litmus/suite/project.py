"""What a project says of its tests (``litmus.toml``, which `suite.project_text` reads), and what that is for a file."""

import os
import re
from pathlib import Path

from litmus.dataclass import dataclass, field, replace
from litmus.engine.base import EngineName
from litmus.errors import LitmusError, UsageError
from litmus.program.program import Dialect, Program
from litmus.source import Span
from litmus.suite.evaluation import Settings
from litmus.suite.files import read_source
from litmus.suite.opening import require_models
from litmus.suite.running import Means
from litmus.suite.selection import MIXED, ModelOptions, base_name, heading

FORMATS = ("text", "json", "junit", "sarif", "github", "tap", "herd")


@dataclass(frozen=True, slots=True)
class Said:
    """What one table says of evaluations, None where it says nothing."""

    models: ModelOptions = field(default_factory=ModelOptions)
    timeout: float | None = None
    unroll: int | None = None
    bitops: str | None = None
    lse: bool | None = None
    mixed: bool | None = None
    engine: str | None = None

    def over(self, other: "Said") -> "Said":
        """Return what is said here, and else what ``other`` says."""
        return Said(
            _over(self.models, other.models),
            self.timeout or other.timeout,
            self.unroll or other.unroll,
            self.bitops or other.bitops,
            other.lse if self.lse is None else self.lse,
            other.mixed if self.mixed is None else self.mixed,
            self.engine or other.engine,
        )

    def settings(self, asked: Settings) -> Settings:
        """Return ``asked``, which comes first, with what is said here."""
        models = _over(asked.models, self.models)
        if self.mixed and MIXED not in models.variants:
            models = replace(models, variants=(*models.variants, MIXED))
        by_itself = self.engine is None or asked.engine is not EngineName.AUTO
        return replace(
            asked,
            models=models,
            unroll=asked.unroll or self.unroll,
            seconds=asked.seconds or self.timeout,
            bitops=asked.bitops or self.bitops,
            lse=asked.lse or bool(self.lse),
            engine=asked.engine if by_itself else EngineName(str(self.engine)),
        )


def _over(first: ModelOptions, second: ModelOptions) -> ModelOptions:
    """Return what ``first`` says of models, and else ``second``. How cat files are read goes with who names them: the
    bell file of some models is none of others'."""
    target = first.target or second.target
    if first.names:
        return replace(first, target=target)
    return replace(
        first,
        names=second.names,
        search=(*first.search, *second.search),
        bell=first.bell or second.bell,
        macros=first.macros or second.macros,
        variants=(*first.variants, *second.variants),
        target=target,
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """What is said of the files that one of ``patterns`` fits. ``expected`` are pairs of a model (``*``: any) and what
    a ``Result:`` comment would say."""

    patterns: tuple[str, ...]
    expected: tuple[tuple[str, str], ...] = ()
    said: Said = field(default_factory=Said)

    def fits(self, file: str) -> bool:
        """Whether a pattern fits ``file``, which is as seen from the folder of the configuration."""
        return any(re.fullmatch(_regular(pattern), file) for pattern in self.patterns)

    def expects(self, model: str) -> str | None:
        """Return what is expected under ``model``: by its own name, without its version, or under any."""
        said = dict(self.expected)
        own = str(Path(model)) if model.endswith(".cat") else model
        return said.get(own) or said.get(base_name(own)) or said.get("*")


@dataclass(frozen=True, slots=True)
class Project:
    """What the file at ``path`` says. Its paths are made such that they are found from the current directory."""

    path: str = ""
    paths: tuple[str, ...] = ()
    said: Said = field(default_factory=Said)
    strict: bool = False
    jobs: int | None = None
    memory: int | None = None
    """In bytes."""
    baseline: str | None = None
    outputs: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def means(self) -> Means:
        """What it says of how tests are run."""
        return Means(self.jobs, self.memory)

    def rule(self, file: str) -> Rule | None:
        """Return the last rule that fits ``file``."""
        if not self.rules:
            return None
        seen = Path(os.path.relpath(file, Path(self.path).parent)).as_posix()
        return next((rule for rule in reversed(self.rules) if rule.fits(seen)), None)

    def settings(self, asked: Settings, rule: Rule | None = None) -> Settings:
        """Return ``asked``, which the command line says and which comes first, with what ``rule`` says, and then what
        the project says."""
        said = self.said if rule is None else rule.said.over(self.said)
        return replace(said.settings(asked), strict=asked.strict or self.strict)

    def held(self, program: Program, model: str, rule: Rule | None) -> Program:
        """Return ``program`` with what ``rule`` says in the place of its ``Result:`` comment."""
        expected = rule.expects(model) if rule is not None else None
        return program if expected is None else replace(program, result=expected, result_span=None)

    def require_ours(self, program: Program, rule: Rule | None) -> None:
        """Make sure that nothing is said of what a test says itself.

        Raises:
            UsageError: where a file in our own language is expected to do something.
        """
        if rule is None or not rule.expected or program.dialect is not Dialect.DSL:
            return
        message = f"'{self.path}' says what to expect of '{program.title}', which says so itself by its assertions"
        raise UsageError(message, heading(program), hint="'expect' is for .litmus files")


def file_of(program: Program) -> str:
    """Return the file that a program is from."""
    return program.span.source.name if program.span is not None else ""


def _regular(pattern: str) -> str:
    """Return the regular expression of a pattern: ``**`` is any folders, ``*`` and ``?`` are within a name; a folder
    stands for what is in it."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("./").rstrip("/"))
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(meaning.get(part) or re.escape(part) for part in parts) + "(?:/.*)?"


def settled_all(asked: Settings, project: Project) -> Settings:
    """Return ``asked`` once everything that it and ``project`` name has been opened.

    Raises:
        LitmusError: where a model is wrong; one that the project names, at its place there.
    """
    settings = asked
    if asked.models.configuration is not None:
        from litmus.suite.configuration import configured

        settings = configured(asked)
    opened: list[ModelOptions] = []
    for rule in (None, *project.rules):
        models = project.settings(settings, rule).models
        if models not in opened:
            opened.append(models)
            try:
                require_models(models)
            except LitmusError as error:
                raise _placed(error, settings.models, project.path) from None
    return replace(settings, strict=settings.strict or project.strict)


_OPTIONS = ("--model", "--bell", "--macros", "-I")


def _placed(error: LitmusError, asked: ModelOptions, path: str) -> LitmusError:
    """Return ``error`` at the first place where the configuration names what is wrong, if the command line does not."""
    said = (*asked.names, *asked.search, asked.bell, asked.macros)
    if path and error.span is not None and error.span.source.name in _OPTIONS and error.span.text not in said:
        (error.span,) = mentioned(path, Path(error.span.text).name)
    return error


def mentioned(path: str, *words: str) -> tuple[Span, ...]:
    """Return the first place of each of ``words`` in the configuration at ``path``: as a text in quotes, else
    anywhere."""
    source = read_source(Path(path))
    return tuple(source.span(*_found(source.text, word)) for word in words)


def _found(text: str, word: str) -> tuple[int, int]:
    quoted = re.search(rf"(?m)^[^#\n]*[\"'/@=]({re.escape(word)})[\"']", text)
    start = quoted.start(1) if quoted is not None else text.find(word)
    return (start, start + len(word)) if start >= 0 else (0, 1)


def required_paths(paths: tuple[str, ...], path: str) -> tuple[str, ...]:
    """Return ``paths``, which the configuration at ``path`` names.

    Raises:
        UsageError: where there are none.
    """
    if not paths:
        where = f"'{path}' names" if path else "the command line names"
        raise UsageError(f"{where} no paths to check", hint='in litmus.toml: paths = ["tests"]')
    return paths
