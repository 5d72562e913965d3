"""Herd's configuration files (``linux-kernel.cfg``): a key and its value on each line; ``#`` begins a comment line."""

import re
from collections.abc import Iterator
from pathlib import Path

from litmus.dataclass import dataclass, replace
from litmus.errors import LitmusError, ParseError, UnknownNameError, UnsupportedError, UsageError, did_you_mean
from litmus.resources import is_file
from litmus.source import Source, Span
from litmus.suite.evaluation import Settings
from litmus.suite.files import mentions, read_source
from litmus.suite.herd_key import KEYS, MODEL

_LINE = re.compile(r"[ \t\r]*(?P<key>[A-Za-z]+(?:-[A-Za-z]+)?)(?:[ \t\r]*=[ \t\r]*|[ \t\r]+)(?P<value>\S.*)")
_WORD = re.compile(r"[^\s=]+|=")


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value, where they stand."""

    key: str
    value: Span


def configured(settings: Settings) -> Settings:
    """Return ``settings`` with what their configuration file says. What the command line says itself comes first. Files
    that a configuration names are looked for where it is itself.

    Raises:
        UsageError: where the file cannot be read.
        LitmusError: at a key that herd7 does not have, a value that does not fit, a file that does not exist, and what
            would change answers in a way that is not supported.
    """
    options = settings.models
    if options.configuration is None:
        return settings
    (place,) = mentions("--conf", options.configuration)
    path = _find(options.configuration, place, ("", *options.search))
    entries = tuple(_entries(path, place, options.search, ()))
    said = {entry.key: entry.value for entry in entries}
    search = (*options.search, *_texts(entries, "include"))
    model = said.get("model", said.get("cat"))
    names = options.names or ((_file(model, search),) if model is not None else ())
    for key in ("bell", "macros"):
        if key in said and not names:
            raise UsageError(f"'{key}' says how to read a cat file, and no model is named", said[key])
    models = replace(
        options,
        names=names,
        bell=options.bell or _stated_file(said, "bell", search),
        macros=options.macros or _stated_file(said, "macros", search),
        search=(*search, str(path.parent)) if names else search,
        variants=(*options.variants, *map(str.casefold, _texts(entries, "variant"))),
        configuration=None,
    )
    return replace(settings, models=models, unroll=_unroll(settings, said), seconds=_seconds(settings, said))


def _texts(entries: tuple[Entry, ...], key: str) -> Iterator[str]:
    return (entry.value.text for entry in entries if entry.key == key)


def _unroll(settings: Settings, said: dict[str, Span]) -> int | None:
    value = said.get("unroll")
    if settings.unroll is not None or value is None or value.text == "none":
        return settings.unroll
    turns = int(value.text, 0 if value.text.lstrip("+-")[1:2].isalpha() else 10)
    if turns < 1:
        raise UnsupportedError("loops are unrolled at least once", value)
    return turns


def _seconds(settings: Settings, said: dict[str, Span]) -> float | None:
    value = said.get("timeout")
    if settings.seconds is not None or value is None or value.text == "none":
        return settings.seconds
    seconds = float(value.text)
    if not seconds > 0:
        raise UnsupportedError("a time limit is more than 0 seconds", value)
    return seconds


# ---------------------------------------------------------------------------------------------------------------- files
def _stated_file(said: dict[str, Span], key: str, search: tuple[str, ...]) -> str | None:
    return _file(said[key], search) if key in said else None


def _file(value: Span, search: tuple[str, ...]) -> str:
    """A file that a configuration names is beside it, in the search path, or where the command runs."""
    folder = str(Path(value.source.name).parent)
    return str(_find(value.text, value, (folder, *search, "")))


def _find(name: str, place: Span, folders: tuple[str, ...]) -> Path:
    """Return the file of that name in the first folder that has it.

    Raises:
        UsageError: at ``place``, where none has it.
    """
    paths = [Path(folder, name) for folder in folders]
    found = next((path for path in paths if is_file(path)), paths[0])
    read_source(found, place)
    return found


# -------------------------------------------------------------------------------------------------------------- entries
def _entries(path: Path, place: Span, search: tuple[str, ...], above: tuple[Path, ...]) -> Iterator[Entry]:
    """Yield the entries of the file at ``path`` and, in their place, those of the configurations that it includes."""
    if path in above:
        raise UsageError(f"the configuration '{path}' includes itself", place)
    for entry in _lines(read_source(path, place)):
        if entry.key in ("conf", "local-conf"):
            local = str(path.parent)
            folders = (local,) if entry.key == "local-conf" else (local, *search, "")
            included = _find(entry.value.text, entry.value, folders)
            yield from _entries(included, entry.value, search, (*above, path))
        else:
            yield from _checked(entry)


def _lines(source: Source) -> Iterator[Entry]:
    offset = 0
    for line in source.text.splitlines(keepends=True):
        if line.strip() and not line.lstrip().startswith("#"):
            yield _entry(source, offset, line.rstrip())
        offset += len(line)


def _entry(source: Source, offset: int, line: str) -> Entry:
    found = _LINE.fullmatch(line)
    if found is not None and found["key"] in KEYS:
        return Entry(found["key"], source.span(offset + found.start("value"), offset + found.end("value")))
    word = found.span("key") if found is not None else _first_word(line)
    key = line[slice(*word)]
    place = source.span(offset + word[0], offset + word[1])
    if key in KEYS:
        raise ParseError(f"'{key}' has no value", place, hint=f"{KEYS[key].name} is one")
    raise UnknownNameError(f"herd7 has no configuration key '{key}'", place, hint=did_you_mean(key, KEYS))


def _first_word(line: str) -> tuple[int, int]:
    found = _WORD.search(line)
    assert found is not None
    return found.span()


def _checked(entry: Entry) -> Iterator[Entry]:
    """Yield ``entry`` where its value is one that the key takes; a variant at a time where it has several."""
    for value in _parts(entry):
        _check(entry.key, value)
        yield Entry(entry.key, value)


def _parts(entry: Entry) -> Iterator[Span]:
    if entry.key != "variant":
        yield entry.value
        return
    for part in re.finditer(r"[^,]+", entry.value.text):
        yield entry.value.source.span(entry.value.start + part.start(), entry.value.start + part.end())


def _check(key: str, value: Span) -> None:
    values = KEYS[key]
    if not values.valid(value.text):
        near = did_you_mean(value.text, values.words)
        raise LitmusError(f"'{value.text}' is not {values.name}, which '{key}' takes", value, hint=near)
    if values.unsupported(value.text):
        what = f"'{key}'" if values.words == () and values is not MODEL else f"'{key} {value.text}'"
        raise UnsupportedError(f"{what} is not supported: it would change the answers", value)
