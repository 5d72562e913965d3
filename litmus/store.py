"""What is kept on disk between runs: bytes by key. Whatever is wrong with the disk, there is only nothing kept.

Where: ``$LITMUS_CACHE`` (``off``: nowhere), else ``$XDG_CACHE_HOME/litmus``, else ``~/.cache/litmus``; in it a folder
that is made for this and must be the user's own, with nobody else allowed to write there: else others could put answers
into it. An entry is a file with its whole key and a checksum, so that a damaged one, or one of another key, is as good
as none. It appears at once and whole, by renaming. Entries that were not used for longest go when there is too much.

A key begins with an `edition`, so that no other version of the package or of Python is served what this one wrote.
"""

import os
import stat
import sys
from binascii import crc32
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from time import time

from litmus import __version__

FORMAT = 1
"""Changes whenever an entry is written another way."""

MOST = 64 * 1024 * 1024
"""Bytes that are kept."""

_MAGIC = b"litmus store %d\n" % FORMAT
_NUMBER = 8
"""Bytes of a number in an entry."""
KEPT = ".kept"
"""What the names of files end with that go when there is too much."""
_UNFINISHED = ".new"
_DAY = 86_400

_keeping: ContextVar[bool] = ContextVar("_keeping", default=True)


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Inside this, nothing is read from disk and nothing kept there."""
    token = _keeping.set(False)
    try:
        yield
    finally:
        _keeping.reset(token)


def place() -> Path | None:
    """Return the folder that the entries are in, None where nothing is to be kept."""
    stated = os.environ.get("LITMUS_CACHE", "")
    if stated == "off" or not _keeping.get() or not hasattr(os, "geteuid"):
        return None
    base = Path(stated) if stated else _user_folder()
    return None if base is None else base / f"v{FORMAT}"


def _user_folder() -> Path | None:
    stated = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if stated.is_absolute():
        return stated / "litmus"
    home = Path(os.environ.get("HOME", ""))
    return home / ".cache" / "litmus" if home.is_absolute() else None


def code_folder() -> Path | None:
    """Return where Python may keep the compiled code of modules, None where nothing is to be kept."""
    path = place()
    with suppress(OSError), folder(make=True):
        return None if path is None else path / "code"
    return None


def edition(*rooms: str) -> bytes:
    """Return what tells the versions of the package and of Python, and of the code in ``rooms`` (``cat``): who changes
    a file there is never served what the earlier one computed."""
    package = Path(__file__).parent
    files = sorted((room, *found) for room in rooms for found in _files(package / room))
    return repr((__version__, sys.implementation.cache_tag, sys.hexversion, files)).encode()


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found = entry.stat()
                yield entry.name, found.st_mtime_ns, found.st_size


def get(key: bytes) -> bytes | None:
    """Return what is kept under ``key``, None where nothing is."""
    with suppress(OSError, ValueError), folder(make=False) as within:
        name = _name(key)
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=within)
        with os.fdopen(file, "rb") as entry:
            value = _value(entry.read(), key)
            used = os.fstat(file).st_mtime
        if value is not None:
            note_use(name, used, within)
        return value
    return None


def note_use(name: str, used: float, within: int) -> None:
    """Note that a file is used, if that was not noted for a day: what was not used for longest goes first."""
    if used < time() - _DAY:
        os.utime(name, dir_fd=within)


def put(key: bytes, value: bytes) -> None:
    """Keep ``value`` under ``key``, in place of what is there; where that is not possible, do nothing."""
    put_file(_name(key), _entry(key, value))


def put_file(name: str, content: bytes) -> None:
    """Put a file of that name, at once and whole, in place of what is there; where that is not possible, do nothing."""
    with suppress(OSError, ValueError), folder(make=True) as within:
        unfinished = os.urandom(8).hex() + _UNFINISHED
        file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=within)
        try:
            with os.fdopen(file, "wb") as entry:
                entry.write(content)
            os.replace(unfinished, name, src_dir_fd=within, dst_dir_fd=within)
        except OSError:
            os.unlink(unfinished, dir_fd=within)
            raise
        make_room(within)


def _name(key: bytes) -> str:
    return f"{crc32(key):08x}{crc32(key[::-1]):08x}{KEPT}"


def _entry(key: bytes, value: bytes) -> bytes:
    content = len(key).to_bytes(_NUMBER, "big") + key + value
    return _MAGIC + crc32(content).to_bytes(_NUMBER, "big") + content


def _value(entry: bytes, key: bytes) -> bytes | None:
    """Return the value in an entry, None where it is damaged or of another key."""
    start = len(_MAGIC) + _NUMBER
    checksum, content = entry[len(_MAGIC) : start], entry[start:]
    head = len(key).to_bytes(_NUMBER, "big") + key
    whole = entry.startswith(_MAGIC) and int.from_bytes(checksum, "big") == crc32(content)
    return content[len(head) :] if whole and content.startswith(head) else None


@contextmanager
def folder(*, make: bool) -> Iterator[int]:
    """Open the folder of the files. What is opened stays it, whatever becomes of the names on the way there.

    Raises:
        OSError: where there is none to be used.
    """
    path = place()
    if path is None:
        raise OSError
    if make:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        found = os.fstat(opened)
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(path)
        yield opened
    finally:
        os.close(opened)


def make_room(within: int) -> None:
    """Where more than MOST is kept, remove what was not used for longest, down to three quarters of that."""
    now = time()
    found: list[tuple[float, int, str]] = []
    with os.scandir(within) as entries:
        for entry in entries:
            known = entry.stat(follow_symlinks=False)
            if entry.name.endswith(KEPT):
                found.append((known.st_mtime, known.st_size, entry.name))
            elif entry.name.endswith(_UNFINISHED) and known.st_mtime < now - _DAY:
                _remove(entry.name, within)
    total = sum(size for _, size, _ in found)
    if total <= MOST:
        return
    for _, size, name in sorted(found):
        _remove(name, within)
        total -= size
        if total <= MOST * 3 // 4:
            return


def _remove(name: str, within: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=within)
