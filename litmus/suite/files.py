"""From the paths on a command line to the texts of tests."""

import glob
from collections.abc import Iterator
from pathlib import Path

from litmus.errors import LitmusError, UsageError, did_you_mean
from litmus.source import Source, Span

SUFFIXES = (".lit", ".litmus")
"""What a directory is searched for."""


def collect(arguments: tuple[str, ...]) -> Iterator[Path | LitmusError]:
    """Yield the files that ``arguments`` (files, directories, globs, ``@lists``) stand for, in order.

    What stands for nothing is yielded as an error, so that the others can still be run.
    """
    for argument in arguments:
        yield from _expand(argument, None, ())


def _expand(argument: str, place: Span | None, lists: tuple[Path, ...]) -> Iterator[Path | LitmusError]:
    path = Path(argument)
    if argument.startswith("@"):
        yield from _listed(Path(argument[1:]), place, lists)
    elif path.is_dir():
        yield from _inside(path, place)
    elif path.exists() or path.is_symlink():
        yield path
    elif glob.has_magic(argument) and (matches := sorted(glob.glob(argument, recursive=True))):
        for match in matches:
            yield from _expand(match, place, lists)
    else:
        yield _missing(path, place)


def _inside(folder: Path, place: Span | None) -> Iterator[Path | LitmusError]:
    found = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES and (p.is_file() or _leads_nowhere(p)))
    yield from found
    if not found:
        yield UsageError(f"no tests (*.lit, *.litmus) in the directory '{folder}'", place)


def _leads_nowhere(path: Path) -> bool:
    return path.is_symlink() and not path.exists()


def _listed(path: Path, place: Span | None, lists: tuple[Path, ...]) -> Iterator[Path | LitmusError]:
    """A list has a path on each line, relative to the list itself; ``#`` starts a comment."""
    if path in lists:
        yield UsageError(f"the list '{path}' includes itself", place)
        return
    try:
        source = read_source(path, place)
    except LitmusError as error:
        yield error
        return
    empty = True
    for entry in _entries(source):
        empty = False
        name = entry.text
        target = f"@{path.parent / name[1:]}" if name.startswith("@") else str(path.parent / name)
        yield from _expand(target, entry, (*lists, path))
    if empty:
        yield UsageError(f"the list '{path}' names no file", place)


def _entries(source: Source) -> Iterator[Span]:
    offset = 0
    for line in source.text.splitlines(keepends=True):
        text = line.split("#", 1)[0].strip()
        if text:
            start = offset + line.index(text)
            yield source.span(start, start + len(text))
        offset += len(line)


def _missing(path: Path, place: Span | None) -> UsageError:
    if glob.has_magic(str(path)):
        return UsageError(f"no file matches '{path}'", place)
    if path.is_symlink():
        return UsageError(f"no such file: '{path}' is a link to a file that does not exist", place)
    near = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    return UsageError(f"no such file: '{path}'", place, hint=did_you_mean(path.name, near))


def read_source(path: Path, place: Span | None = None) -> Source:
    """Return the text of ``path``; ``place`` is where it is mentioned, if in a file.

    Raises:
        UsageError: where there is no such file, or it is empty, binary or not UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise _missing(path, place) from None
    except IsADirectoryError:
        raise UsageError(f"'{path}' is a directory, not a file", place) from None
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror or error}", place) from None
    if not data.strip():
        raise UsageError(f"'{path}' is empty", place)
    if b"\0" in data:
        raise UsageError(f"'{path}' is a binary file, not a text", place)
    return Source(str(path), _decode(str(path), data))


def _decode(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        source = Source(name, data.decode("utf-8", errors="replace"))
        offset = len(data[: error.start].decode("utf-8"))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise UsageError(message, source.span(offset, offset + 1), hint="save the file as UTF-8") from None


def write(path: Path, text: str) -> Path:
    """Write ``text``, making the folder where there is none, and return ``path``.

    Raises:
        UsageError: where that cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {error.strerror or error}") from None
    return path
