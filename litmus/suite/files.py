"""From the paths on a command line to the texts of tests."""

import codecs
import glob
import os
import re
import stat
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from litmus.errors import LitmusError, UsageError, did_you_mean
from litmus.resources import is_file
from litmus.source import Source, Span
from litmus.suite import disk

SUFFIXES = (".lit", ".litmus")
"""What a directory is searched for."""


def collect(arguments: tuple[str, ...], places: tuple[Span, ...] | None = None) -> Iterator[Path | LitmusError]:
    """Yield the files that ``arguments`` (files, directories, globs, ``@lists``) stand for, in order. ``places`` are
    where they are written, if not on the command line.

    What stands for nothing is yielded as an error, so that the others can still be run.
    """
    for argument, place in zip(arguments, places or mentions("command line", *arguments), strict=True):
        yield from _expand(argument, place, ())


def mentions(name: str, *words: str) -> tuple[Span, ...]:
    """Return the places of ``words``, one a line, in a text called ``name``, for what the command line mentions."""
    source = Source(name, "\n".join(words))
    ends = list(accumulate(len(word) + 1 for word in words))
    return tuple(source.span(end - len(word) - 1, end - 1) for word, end in zip(words, ends, strict=True))


def project_file(here: Path | None = None) -> str | None:
    """Return the configuration (`suite.project`) of a directory, else the current one, or the nearest above it: a
    litmus.toml, or a pyproject.toml that has a table of ours."""
    here = here or Path.cwd()
    for folder in (here, *here.parents):
        if is_file(own := folder / "litmus.toml") or _is_ours(own := folder / "pyproject.toml"):
            return os.path.relpath(own)
    return None


_TABLE = re.compile(rb"(?m)^[ \t]*\[+[ \t]*tool[ \t]*\.[ \t]*litmus[ \t]*[.\]]")


def _is_ours(path: Path) -> bool:
    try:
        return is_file(path) and _TABLE.search(path.read_bytes()) is not None
    except OSError:
        return False


def _expand(argument: str, place: Span | None, lists: tuple[Path, ...]) -> Iterator[Path | LitmusError]:
    try:
        yield from _found(argument, place, lists)
    except (OSError, ValueError) as error:
        yield _unreadable(argument, error, place)


def _found(argument: str, place: Span | None, lists: tuple[Path, ...]) -> Iterator[Path | LitmusError]:
    path = Path(argument)
    if not argument:
        yield UsageError("an empty argument names no file", place, hint="'.' is the current directory")
    elif argument.startswith("@"):
        yield from _listed(Path(argument[1:]), place, lists)
    elif path.is_dir():
        yield from _inside(path, place)
    elif os.path.lexists(path) or not glob.has_magic(argument):
        yield _refusal(path, place) or path
    elif matches := sorted(glob.glob(argument, recursive=True)):
        for match in matches:
            yield from _expand(match, place, lists)
    else:
        yield UsageError(f"no file matches '{path}'", place)


def _inside(folder: Path, place: Span | None) -> Iterator[Path | LitmusError]:
    found = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES and not p.is_dir())
    yield from (_refusal(path, place) or path for path in found)
    if not found:
        yield UsageError(f"no tests (*.lit, *.litmus) in the directory '{folder}'", place)


def _refusal(path: Path, place: Span | None) -> UsageError | None:
    """Return why ``path`` cannot be read as a file, if so. To open a pipe would wait for whoever writes to it."""
    try:
        kind = disk.mode(path)
    except FileNotFoundError:
        return _missing(path, place)
    except (OSError, ValueError) as error:
        return _unreadable(path, error, place)
    if stat.S_ISREG(kind):
        return None
    what = "directory" if stat.S_ISDIR(kind) else "pipe" if stat.S_ISFIFO(kind) else "device"
    return UsageError(f"'{path}' is a {what}, not a file", place)


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


def _unreadable(path: Path | str, error: OSError | ValueError, place: Span | None) -> UsageError:
    return UsageError(f"cannot read '{path}': {getattr(error, 'strerror', None) or error}", place)


def _missing(path: Path, place: Span | None) -> UsageError:
    if disk.is_link(path):
        return UsageError(f"no such file: '{path}' is a link to a file that does not exist", place)
    return UsageError(f"no such file: '{path}'", place, hint=did_you_mean(path.name, _beside(path)))


def _beside(path: Path) -> list[str]:
    try:
        return sorted(disk.names(path.parent))
    except OSError:
        return []


def read_source(path: Path, place: Span | None = None) -> Source:
    """Return the text of ``path``; ``place`` is where it is mentioned.

    Raises:
        UsageError: where there is no such file, or it is no regular file, empty, binary or not UTF-8. What is wrong
            with the contents is said at the first byte that is wrong.
    """
    refusal = _refusal(path, place)
    if refusal is not None:
        raise refusal
    try:
        data = disk.data(path)
    except OSError as error:
        raise _unreadable(path, error, place) from None
    return Source(str(path), _text(str(path), data))


_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _text(name: str, data: bytes) -> str:
    text = data.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise UsageError("the file is empty", Source(name, text).span(0, 0))
    if data.startswith(_WIDE):
        raise UsageError("the file is UTF-16, not UTF-8", Source(name, text).span(0, 1), hint="save it as UTF-8")
    zero, wrong = data.find(b"\0"), _undecodable(data)
    at = min((offset for offset in (zero, wrong) if offset >= 0), default=None)
    if at is None:
        return text
    offset = len(data[:at].decode("utf-8-sig"))
    place = Source(name, text).span(offset, offset + 1)
    if zero >= 0:
        raise UsageError(f"a binary file, not a text: byte 0x{data[at]:02x}", place)
    raise UsageError(f"byte 0x{data[at]:02x} is not UTF-8", place, hint="save the file as UTF-8")


def _undecodable(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return -1


def require_writable(option: str, folder: str) -> None:
    """Make sure that files can be written to ``folder``, which ``option`` names and which need not exist yet.

    Raises:
        UsageError: where it is no directory, cannot be made or is not ours to write to.
    """
    (place,) = mentions(option, folder)
    path = Path(folder)
    nearest = next(p for p in (path, *path.absolute().parents) if os.path.lexists(p))
    if not folder or not nearest.is_dir():
        raise UsageError(f"'{nearest if folder else ''}' is not a directory to write to", place)
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write to the directory '{nearest}'", place)


def replace(path: Path, text: str) -> None:
    """Write ``text`` in place of what is in a file of the user's, at once: no half of it is left by whoever is killed.

    Raises:
        UsageError: where that cannot be written.
    """
    from shutil import copymode
    from tempfile import NamedTemporaryFile

    place = path.resolve()
    try:
        with NamedTemporaryFile("w", encoding="utf-8", newline="", dir=place.parent, delete=False) as unfinished:
            unfinished.write(text)
        new = Path(unfinished.name)
        try:
            copymode(place, new)
            new.replace(place)
        except OSError:
            new.unlink()
            raise
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {error.strerror or error}") from None


def write(path: Path, text: str) -> Path:
    """Write ``text``, making the folder where there is none, and return ``path``.

    Raises:
        UsageError: where that cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {error.strerror or error}") from None
    return path
