"""What is read of files of the user's: from the disk, or in a process that answers for another machine (`suite.remote`)
from what that sent. What was not sent is asked for, so that everything is as it is there, errors too.
"""

import stat
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path

from litmus.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """What there is at a path: the mode, or what keeps it from being known; whether it is a link; what is in a file,
    or what keeps it from being read; the names in a folder."""

    mode: int | OSError | ValueError
    link: bool = False
    data: bytes | OSError | ValueError = b""
    names: tuple[str, ...] = ()


class NotSent(BaseException):
    """Something is asked of a file of another machine that was not sent. Nobody expects that as an error."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


_sent: ContextVar[dict[str, Look] | None] = ContextVar("_sent", default=None)


def send(files: Mapping[str, Look]) -> None:
    """From now on read nothing from disk, but what is in ``files`` and what was sent before."""
    sent = _sent.get()
    if sent is None:
        _sent.set(dict(files))
    else:
        sent.update(files)


def look(name: str) -> Look:
    """Return all that may be asked about a path, for another machine."""
    path = Path(name)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return Look(error, path.is_symlink())
    except ValueError as error:
        return Look(error)
    try:
        if stat.S_ISDIR(mode):
            return Look(mode, path.is_symlink(), names=tuple(entry.name for entry in path.iterdir()))
        return Look(mode, path.is_symlink(), path.read_bytes() if stat.S_ISREG(mode) else b"")
    except OSError as error:
        return Look(mode, data=error)


def mode(path: Path) -> int:
    """Return the mode of what is at a path.

    Raises:
        OSError, ValueError: where that cannot be known.
    """
    found = _found(path)
    if found is None:
        return path.stat().st_mode
    if isinstance(found.mode, Exception):
        raise found.mode
    return found.mode


def is_file(path: Path) -> bool:
    """Whether there is such a file. Of a name that no file can have there is none."""
    try:
        return stat.S_ISREG(mode(path))
    except (OSError, ValueError):
        return False


def is_link(path: Path) -> bool:
    """Whether there is a link."""
    found = _found(path)
    return path.is_symlink() if found is None else found.link


def data(path: Path) -> bytes:
    """Return what is in a file.

    Raises:
        OSError: where it cannot be read.
    """
    found = _found(path)
    if found is None:
        return path.read_bytes()
    for part in (found.mode, found.data):
        if isinstance(part, Exception):
            raise part
    assert isinstance(found.data, bytes)
    return found.data


def names(path: Path) -> list[str]:
    """Return the names in a folder.

    Raises:
        OSError: where it cannot be read.
    """
    found = _found(path)
    if found is None:
        return [entry.name for entry in path.iterdir()]
    for part in (found.mode, found.data):
        if isinstance(part, Exception):
            raise part
    return list(found.names)


def elsewhere() -> bool:
    """Whether files are those of another machine."""
    return _sent.get() is not None


def _found(path: Path) -> Look | None:
    sent = _sent.get()
    if sent is None:
        return None
    found = sent.get(str(path))
    if found is None:
        raise NotSent(str(path))
    return found
