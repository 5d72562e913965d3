"""What a project says of its tests: ``litmus.toml``, or ``[tool.litmus]`` in pyproject.toml."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from litmus.dataclass import dataclass, replace
from litmus.engine.base import EngineName
from litmus.errors import LitmusError, ParseError, UnknownNameError, UsageError, did_you_mean
from litmus.source import Source, Span
from litmus.suite.evaluation import Settings, settled
from litmus.suite.expectation import PREDICTIONS
from litmus.suite.files import read_source
from litmus.suite.opening import require_models
from litmus.suite.selection import TARGETS, base_name

FORMATS = ("text", "json", "junit", "sarif", "github", "tap", "herd")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is said of the files that one of ``patterns`` fits. ``expected`` are pairs of a model (``*``: any) and what
    a ``Result:`` comment would say."""

    patterns: tuple[str, ...]
    models: tuple[str, ...] = ()
    expected: tuple[tuple[str, str], ...] = ()
    timeout: float | None = None
    unroll: int | None = None

    def fits(self, file: str) -> bool:
        """Whether a pattern fits ``file``, which is as seen from the folder of the configuration."""
        return any(re.fullmatch(_regular(pattern), file) for pattern in self.patterns)

    def expects(self, model: str) -> str | None:
        """Return what is expected under ``model``: by its own name, without its version, or under any."""
        said = dict(self.expected)
        return said.get(model) or said.get(base_name(model)) or said.get("*")


@dataclass(frozen=True, slots=True)
class Project:
    """What the file at ``path`` says. Its paths are made such that they are found from the current directory."""

    path: str = ""
    paths: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    timeout: float | None = None
    unroll: int | None = None
    bitops: str | None = None
    target: str | None = None
    lse: bool = False
    strict: bool = False
    jobs: int | None = None
    engine: str | None = None
    baseline: str | None = None
    outputs: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def rule(self, file: str) -> Rule | None:
        """Return the last rule that fits ``file``."""
        seen = Path(os.path.relpath(file, Path(self.path).parent)).as_posix()
        return next((rule for rule in reversed(self.rules) if rule.fits(seen)), None)

    def settings(self, asked: Settings, rule: Rule | None = None) -> Settings:
        """Return ``asked``, which the command line says and which comes first, with what ``rule`` says, and then what
        the project says."""
        rule = rule or Rule(())
        names = asked.models.names or rule.models or self.models
        models = replace(asked.models, names=names, target=asked.models.target or self.target)
        return replace(
            asked,
            models=models,
            unroll=asked.unroll or rule.unroll or self.unroll,
            seconds=asked.seconds or rule.timeout or self.timeout,
            bitops=asked.bitops or self.bitops,
            lse=asked.lse or self.lse,
            strict=asked.strict or self.strict,
            engine=asked.engine
            if self.engine is None or asked.engine is not EngineName.AUTO
            else EngineName(self.engine),
        )


def read_project(path: str) -> Project:
    """Return what the file at ``path`` says.

    Raises:
        UsageError: where it cannot be read.
        ParseError: where it is not TOML, or a value does not fit its key.
        UnknownNameError: at a key that there is not.
    """
    import tomllib

    source = read_source(Path(path))
    try:
        document = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(source, str(error)) from None
    prefix = ""
    if Path(path).name == "pyproject.toml":
        document, prefix = document.get("tool", {}).get("litmus", {}), "tool.litmus"
    if not isinstance(document, dict):
        raise ParseError("'tool.litmus' is not a table", source.span(0, 1))
    return _Reader(source, prefix, Path(path).parent).project(document)


def _not_toml(source: Source, said: str) -> ParseError:
    found = re.search(r"\(at line (\d+), column (\d+)\)", said)
    start = len(source.text.rstrip())
    if found is not None:
        lines = source.text.splitlines(keepends=True)[: int(found[1]) - 1]
        start = sum(map(len, lines)) + int(found[2]) - 1
    message = said.partition(" (at ")[0]
    return ParseError(f"not TOML: {message[:1].lower()}{message[1:]}", source.span(start, start + 1))


_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "paths": "files", "models": "models", "timeout": "seconds", "unroll": "count", "bitops": "ordered pre-6.0",
        "target": " ".join(sorted(TARGETS)), "lse": "flag", "strict": "flag", "jobs": "count",
        "engine": "auto explicit sat", "baseline": "file", "output": "outputs", "path": "rules",
    }
)  # fmt: skip
_RULE_KEYS: Mapping[str, str] = MappingProxyType(
    {"match": "patterns", "models": "models", "expect": "expectation", "timeout": "seconds", "unroll": "count"}
)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads tables, and knows where in the text a key is."""

    source: Source
    prefix: str
    folder: Path

    def project(self, document: Mapping[str, Any]) -> Project:
        said = dict(self._values(document, _KEYS, self.prefix, 0))
        rules = tuple(self._rules(document.get("path", [])))
        fields = {("outputs" if key == "output" else key): value for key, value in said.items() if key != "path"}
        return Project(path=self.source.name, rules=rules, **fields)

    def _rules(self, tables: object) -> Iterator[Rule]:
        name = f"{self.prefix}.path".lstrip(".")
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._error("path", self.prefix, 0, f"'path' is a list of tables: write [[{name}]]")
        for number, table in enumerate(tables):
            said = dict(self._values(table, _RULE_KEYS, name, number))
            if "match" not in said:
                raise ParseError(
                    f"a table [[{name}]] says with 'match' which files it is about", self._head(name, number)
                )
            expected = said.pop("expect", ())
            models = said.pop("models", ()) or tuple(model for model, _ in expected if model != "*")
            yield Rule(said.pop("match"), models, expected, **said)

    def _values(
        self, table: Mapping[str, Any], keys: Mapping[str, str], name: str, number: int
    ) -> Iterator[tuple[str, Any]]:
        for key, value in table.items():
            if key not in keys:
                hint = did_you_mean(key, keys) or f"there are {', '.join(keys)}"
                raise UnknownNameError(f"litmus has no setting '{key}' here", self._place(key, name, number), hint=hint)
            found = self._value(keys[key], value)
            if found is None:
                raise self._error(key, name, number, f"'{key}' takes {_TAKES.get(keys[key], _words(keys[key]))}")
            yield key, found

    def _value(self, kind: str, value: Any) -> Any:
        """Return a value as it is used, None where it does not fit."""
        match kind:
            case "rules":
                return value
            case "flag":
                return value if isinstance(value, bool) else None
            case "count":
                return value if type(value) is int and value > 0 else None
            case "seconds":
                return float(value) if type(value) in (int, float) and value > 0 else None
            case "file":
                return self._file(value) if isinstance(value, str) and value else None
            case "expectation":
                return _expected(value)
            case "files" | "models" | "patterns" | "outputs":
                return self._list(kind, [value] if isinstance(value, str) else value)
        return value if value in kind.split() else None

    def _list(self, kind: str, values: Any) -> tuple[str, ...] | None:
        if not isinstance(values, list) or not values or not all(isinstance(v, str) and v for v in values):
            return None
        match kind:
            case "files":
                return tuple(f"@{self._file(v[1:])}" if v.startswith("@") else self._file(v) for v in values)
            case "models":
                return tuple(self._file(v) if v.endswith(".cat") else v for v in values)
            case "outputs":
                parts = [v.partition("=") for v in values]
                good = all(form in FORMATS and file for form, _, file in parts)
                return tuple(f"{form}={self._file(file)}" for form, _, file in parts) if good else None
        return tuple(values)

    def _file(self, name: str) -> str:
        return str(self.folder / name)

    def _error(self, key: str, name: str, number: int, message: str) -> LitmusError:
        return ParseError(message, self._place(key, name, number))

    def _head(self, name: str, number: int) -> Span:
        heads = list(re.finditer(rf"(?m)^[ \t]*\[+[ \t]*{re.escape(name)}[ \t]*\]+", self.source.text))
        return self.source.span(*heads[min(number, len(heads) - 1)].span()) if heads else self.source.span(0, 1)

    def _place(self, key: str, name: str, number: int) -> Span:
        """Where a key is written: in the lines below the heading of its table, else anywhere, else at the heading."""
        start = self._head(name, number).end if name else 0
        end = re.compile(r"(?m)^[ \t]*\[").search(self.source.text, start)
        word = re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])[\"']?[ \t]*[=.]")
        found = word.search(self.source.text, start, end.start() if end else len(self.source.text))
        found = found or re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])").search(self.source.text)
        return self.source.span(found.start(), found.start() + len(key)) if found else self.source.span(0, 1)


_TAKES: Mapping[str, str] = MappingProxyType(
    {
        "flag": "true or false",
        "count": "a whole number above 0",
        "seconds": "a number of seconds above 0",
        "file": "the name of a file",
        "files": "a list of paths",
        "models": "a list of models",
        "patterns": "a pattern or a list of patterns",
        "outputs": f"a list of FORMAT=FILE, where a format is {', '.join(FORMATS)}",
        "expectation": f"{', '.join(PREDICTIONS)}, with DATARACE or not, or a table with one for each model",
    }
)


def _words(words: str) -> str:
    return ", ".join(f'"{word}"' for word in words.split())


def _expected(value: Any) -> tuple[tuple[str, str], ...] | None:
    table = {"*": value} if isinstance(value, str) else value
    if not isinstance(table, dict) or not table:
        return None
    good = all(isinstance(words, str) and _predicts(words.split()) for words in table.values())
    return tuple((str(model), " ".join(words.split())) for model, words in table.items()) if good else None


def _predicts(words: list[str]) -> bool:
    return words[:1] in ([word] for word in PREDICTIONS) and words[1:] in ([], ["DATARACE"])


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
    settings = settled(asked)
    for rule in (None, *project.rules):
        names = (rule.models if rule is not None else ()) or project.models
        for name in () if settings.models.names else names:
            try:
                require_models(replace(project.settings(settings).models, names=(name,)))
            except LitmusError as error:
                raise _placed(error, name, project.path) from None
    return replace(settings, strict=settings.strict or project.strict)


def _placed(error: LitmusError, name: str, path: str) -> LitmusError:
    """Return ``error`` at the first place where the configuration names the model."""
    if error.span is None or error.span.source.name == "--model":
        (error.span,) = mentioned(path, Path(name).name)
    return error


def mentioned(path: str, *words: str) -> tuple[Span, ...]:
    """Return the first place of each of ``words`` in the configuration at ``path``."""
    source = read_source(Path(path))
    starts = [max(source.text.find(word), 0) for word in words]
    return tuple(source.span(start, start + len(word)) for start, word in zip(starts, words, strict=True))


def required_paths(paths: tuple[str, ...], path: str) -> tuple[str, ...]:
    """Return ``paths``, which the configuration at ``path`` names.

    Raises:
        UsageError: where there are none.
    """
    if not paths:
        where = f"'{path}' names" if path else "the command line names"
        raise UsageError(f"{where} no paths to check", hint='in litmus.toml: paths = ["tests"]')
    return paths
