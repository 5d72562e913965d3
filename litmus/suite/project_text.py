"""Reads what a project says of its tests: ``litmus.toml``, or ``[tool.litmus]`` in pyproject.toml.

Reading is strict: a key that there is not, and a value that does not fit its key, is an error at its place.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from litmus.dataclass import dataclass
from litmus.errors import LitmusError, ParseError, UnknownNameError, UsageError, did_you_mean
from litmus.source import Source, Span
from litmus.suite.configuration import configured
from litmus.suite.evaluation import Settings
from litmus.suite.expectation import PREDICTIONS
from litmus.suite.files import read_source
from litmus.suite.project import FORMATS, Project, Rule, Said
from litmus.suite.selection import TARGETS, ModelOptions, base_name

_EVALUATED: Mapping[str, str] = MappingProxyType(
    {
        "models": "models", "include": "folders", "bell": "file", "macros": "file", "conf": "file", "variant": "words",
        "target": " ".join(sorted(TARGETS)), "mixed": "flag", "timeout": "seconds", "unroll": "count",
        "bitops": "ordered pre-6.0", "lse": "flag", "engine": "auto explicit sat",
    }
)  # fmt: skip
"""The keys of any table, with the kinds of their values: a kind of `_Reader._value`, or the words that there are."""

PROJECT_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "paths": "files", **_EVALUATED, "strict": "flag", "jobs": "count", "memory": "count", "baseline": "file",
        "output": "outputs", "path": "rules",
    }
)  # fmt: skip
RULE_KEYS: Mapping[str, str] = MappingProxyType({"match": "patterns", "expect": "expectation", **_EVALUATED})

_READING = ("include", "bell", "macros")


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
        document: Any = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(source, str(error)) from None
    prefix = ""
    if Path(path).name == "pyproject.toml":
        for name in ("tool", "litmus"):
            document = document.get(name, {}) if isinstance(document, dict) else None
        prefix = "tool.litmus"
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


@dataclass(frozen=True, slots=True)
class _Table:
    """A table: its name in headings, and which of those of that name it is."""

    name: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads tables, and knows where in the text a key is."""

    source: Source
    prefix: str
    folder: Path

    def project(self, document: Mapping[str, Any]) -> Project:
        table = _Table(self.prefix)
        values = dict(self._values(document, PROJECT_KEYS, table))
        said = self._said(values, table)
        self._require_models(document, table, (said,))
        rules = tuple(self._rules(document.get("path", []), said))
        memory = values.pop("memory", None)
        if memory is not None and not sys.platform.startswith("linux"):
            raise self._error("memory", table, "memory is only bounded on Linux")
        outputs = values.pop("output", ())
        values.pop("path", None)
        bytes_ = None if memory is None else memory * 2**20
        return Project(self.source.name, said=said, rules=rules, outputs=outputs, memory=bytes_, **values)

    def _rules(self, tables: object, project: Said) -> Iterator[Rule]:
        name = f"{self.prefix}.path".lstrip(".")
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._error("path", _Table(self.prefix), f"'path' is a list of tables: write [[{name}]]")
        for number, document in enumerate(tables):
            table = _Table(name, number)
            values = dict(self._values(document, RULE_KEYS, table))
            if "match" not in values:
                raise ParseError(f"a table [[{name}]] says with 'match' which files it is about", self._head(table))
            expected = values.pop("expect", ())
            self._require_known(expected, values.get("models", ()), table)
            if "models" not in values and "conf" not in values:
                values["models"] = tuple(model for model, _ in expected if model != "*")
            said = self._said(values, table)
            self._require_models(document, table, (said, project))
            yield Rule(values["match"], expected, said)

    def _said(self, values: dict[str, Any], table: _Table) -> Said:
        """Take what is said of evaluations out of ``values``, with what a herd configuration says beside."""
        taken = {key: values.pop(key, None) for key in _EVALUATED}
        models = ModelOptions(
            taken["models"] or (),
            taken["include"] or (),
            taken["bell"],
            taken["macros"],
            taken["conf"],
            taken["variant"] or (),
            taken["target"],
        )
        asked = Settings(models, taken["unroll"], taken["timeout"])
        if models.configuration is not None:
            try:
                asked = configured(asked)
            except LitmusError as error:
                if error.span is None or error.span.source.name == "--conf":
                    error.span = self._place("conf", table)
                raise
        rest = (taken[key] for key in ("bitops", "lse", "mixed", "engine"))
        return Said(asked.models, asked.seconds, asked.unroll, *rest)

    def _require_models(self, values: Mapping[str, Any], table: _Table, said: Sequence[Said]) -> None:
        if not any(one.models.names for one in said):
            for key in _READING:
                if key in values:
                    message = f"'{key}' says how to read a cat file, and no 'models' are named"
                    raise UsageError(message, self._place(key, table))

    def _require_known(self, expected: Sequence[tuple[str, str]], models: Sequence[str], table: _Table) -> None:
        names = {*models, *map(base_name, models), "*"}
        for model, _ in expected:
            if models and model not in names:
                hint = did_you_mean(model, names - {"*"}) or f"models = {list(models)}"
                message = f"'expect' speaks of '{model}', which is none of the models of these files"
                raise UnknownNameError(message, self._place("expect", table), hint=hint)

    def _values(self, document: Mapping[str, Any], keys: Mapping[str, str], table: _Table) -> Iterator[tuple[str, Any]]:
        for key, value in document.items():
            if key not in keys:
                hint = did_you_mean(key, keys) or f"there are {', '.join(keys)}"
                raise UnknownNameError(f"litmus has no setting '{key}' here", self._place(key, table), hint=hint)
            found = self._value(keys[key], value)
            if found is None:
                takes = f"'{key}' takes {_TAKES.get(keys[key], _words(keys[key]))}"
                near = did_you_mean(value, keys[key].split()) if isinstance(value, str) else None
                raise ParseError(takes, self._place(key, table), hint=near if keys[key] not in _TAKES else None)
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
                return self._expected(value)
            case "files" | "folders" | "models" | "patterns" | "outputs" | "words":
                return self._list(kind, [value] if isinstance(value, str) else value)
        return value if value in kind.split() else None

    def _list(self, kind: str, values: Any) -> tuple[str, ...] | None:
        if not isinstance(values, list) or not values or not all(isinstance(v, str) and v for v in values):
            return None
        match kind:
            case "files":
                return tuple(f"@{self._file(v[1:])}" if v.startswith("@") else self._file(v) for v in values)
            case "folders":
                return tuple(map(self._file, values))
            case "models":
                return tuple(map(self._model, values))
            case "outputs":
                parts = [v.partition("=") for v in values]
                good = all(form in FORMATS and file for form, _, file in parts)
                return tuple(f"{form}={self._file(file)}" for form, _, file in parts) if good else None
        return tuple(values)

    def _expected(self, value: Any) -> tuple[tuple[str, str], ...] | None:
        table = {"*": value} if isinstance(value, str) else value
        if not isinstance(table, dict) or not table:
            return None
        good = all(isinstance(words, str) and _predicts(words.split()) for words in table.values())
        return tuple((self._model(m), " ".join(words.split())) for m, words in table.items()) if good else None

    def _model(self, name: str) -> str:
        return self._file(name) if name.endswith(".cat") else name

    def _file(self, name: str) -> str:
        return str(self.folder / name)

    def _error(self, key: str, table: _Table, message: str) -> LitmusError:
        return ParseError(message, self._place(key, table))

    def _head(self, table: _Table) -> Span:
        heads = list(re.finditer(rf"(?m)^[ \t]*\[+[ \t]*{re.escape(table.name)}[ \t]*\]+", self.source.text))
        return self.source.span(*heads[min(table.number, len(heads) - 1)].span()) if heads else self.source.span(0, 1)

    def _place(self, key: str, table: _Table) -> Span:
        """Where a key is written: in the lines below the heading of its table, else anywhere, else at the heading."""
        start = self._head(table).end if table.name else 0
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
        "folders": "a list of directories",
        "models": "a list of models",
        "words": "a list of words",
        "patterns": "a pattern or a list of patterns",
        "outputs": f"a list of FORMAT=FILE, where a format is {', '.join(FORMATS)}",
        "expectation": f"{', '.join(PREDICTIONS)}, with DATARACE or not, or a table with one for each model",
    }
)


def _words(words: str) -> str:
    return ", ".join(f'"{word}"' for word in words.split())


def _predicts(words: list[str]) -> bool:
    return words[:1] in ([word] for word in PREDICTIONS) and words[1:] in ([], ["DATARACE"])
