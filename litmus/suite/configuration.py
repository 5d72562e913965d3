"""Herd's configuration files (``linux-kernel.cfg``): a keyword and its value on each line, ``#`` for comments."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from litmus.errors import ModelError
from litmus.source import Source, Span
from litmus.suite.files import read_source
from litmus.suite.selection import ModelOptions


def configured(options: ModelOptions) -> ModelOptions:
    """Return ``options`` with what their configuration file says. What the command line says itself comes first. Files
    that a configuration names are looked for where it is itself.

    Raises:
        UsageError: where the file cannot be read.
        ModelError: where it names a file that does not exist, or no model and neither does the command line.
    """
    if options.configuration is None:
        return options
    path = _find(options.configuration, options.search)
    source = read_source(path)
    stated = dict(_stated(source))
    folder = str(path.parent)
    variants = [word for key, value in _lines(source) if key == "variant" for word in value.text.split(",")]
    if not options.names and "model" not in stated:
        raise ModelError("the configuration names no model", source.span(0, 1))
    return replace(
        options,
        names=options.names or (stated["model"],),
        bell=options.bell or stated.get("bell"),
        macros=options.macros or stated.get("macros"),
        search=(*options.search, folder),
        variants=(*options.variants, *variants),
        configuration=None,
    )


def _find(name: str, search: tuple[str, ...]) -> Path:
    places = (Path(name), *(Path(folder) / name for folder in search))
    return next((place for place in places if place.is_file()), Path(name))


def _stated(source: Source) -> Iterator[tuple[str, str]]:
    """The files that matter to the meaning of a test; the rest is about pictures."""
    folder = Path(source.name).parent
    for key, value in _lines(source):
        if key in ("model", "bell", "macros"):
            place = folder / value.text
            if not place.is_file():
                raise ModelError(f"no such file: '{place}'", value)
            yield key, str(place)


def _lines(source: Source) -> Iterator[tuple[str, Span]]:
    offset = 0
    for line in source.text.splitlines(keepends=True):
        words = line.split("#", 1)[0].split(None, 1)
        if len(words) == 2:
            value = words[1].strip()
            start = offset + line.index(value, line.index(words[0]) + len(words[0]))
            yield words[0], source.span(start, start + len(value))
        offset += len(line)
