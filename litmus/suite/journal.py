"""Many small entries in one file of the store. A file for each would take longer to write than most answers to find.

An entry is appended by one write, so that processes may do so at the same time. It has a mark, a checksum and its key:
what a full disk or a crash left half done, and whatever else is damaged, is passed over, and the entries behind it are
found by their marks. The last entry of a key counts. A file that has grown too long keeps its newer half.
"""

import os
import stat
from binascii import crc32
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from struct import Struct

from litmus import store

LONGEST = 16 * 1024 * 1024
"""Bytes in a file."""
KEY = 32
"""Bytes in a key."""

_MARK = b"\xffentry\n\x00"
_HEAD = Struct(f"<{len(_MARK)}sII{KEY}s")
"""The mark, the checksum of what follows it, the length of the value, the key."""
_SUMMED = len(_MARK) + 4
"""Where what the checksum is of begins in an entry."""


class Journal:
    """The entries of the file of that name. Whatever is wrong with the disk, there is only nothing kept."""

    def __init__(self, name: str) -> None:
        self._name = f"{name}{store.KEPT}"
        self._data = b""
        self._places: dict[bytes, tuple[int, int]] | None = None
        """Where the entries begin and end that were there when the first was asked for."""
        self._file = -1

    def get(self, key: bytes) -> bytes | None:
        """Return what was kept under ``key`` when the first entry was asked for, None where nothing was."""
        if self._places is None:
            self._data = self._content()
            self._places = {entry: (start, end) for entry, start, end in _entries(self._data)}
        start, end = self._places.get(key, (0, 0))
        entry = self._data[start:end]
        return entry[_HEAD.size :] if _is_whole(entry) else None

    def put(self, key: bytes, value: bytes) -> None:
        """Keep ``value`` under ``key`` for those who open the journal later; where that is not possible, do nothing."""
        summed = len(value).to_bytes(4, "little") + key + value
        with suppress(OSError, ValueError):
            if self._file < 0:
                self._file = self._opened()
            os.write(self._file, _MARK + crc32(summed).to_bytes(4, "little") + summed)

    def close(self) -> None:
        """Close the file, if it is open; the next entry opens it again."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        self.close()

    def _content(self) -> bytes:
        with suppress(OSError, ValueError), self._reading() as file:
            return _read(file)
        return b""

    def _opened(self) -> int:
        """Open the file to append to it, once it is short enough; where it is new, others may have to go."""
        with suppress(FileNotFoundError), self._reading() as file:
            if os.fstat(file).st_size > LONGEST:
                self._shorten(_read(file))
        with store.folder(make=True) as folder:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(self._name, flags, 0o600, dir_fd=folder)
            with suppress(OSError):
                if not os.fstat(file).st_size:
                    store.make_room(folder)
            return file

    def _shorten(self, data: bytes) -> None:
        """Keep the newer half. What another process appends meanwhile is lost, or goes to a file without a name."""
        newer = b"".join(data[start:end] for _, start, end in _entries(data) if start >= len(data) // 2)
        store.put_file(self._name, newer)

    @contextmanager
    def _reading(self) -> Iterator[int]:
        with store.folder(make=False) as folder:
            file = os.open(self._name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
            try:
                known = os.fstat(file)
                if not stat.S_ISREG(known.st_mode):
                    raise OSError
                store.note_use(self._name, known.st_mtime, folder)
                yield file
            finally:
                os.close(file)


def _read(file: int) -> bytes:
    parts = []
    while part := os.read(file, LONGEST):
        parts.append(part)
    return b"".join(parts)


def _entries(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the key of each entry, and where it begins and ends: of what is damaged too, which `_is_whole` tells."""
    start = data.find(_MARK)
    while start >= 0 and start + _HEAD.size <= len(data):
        _, _, length, key = _HEAD.unpack_from(data, start)
        end = start + _HEAD.size + length
        yield key, start, end
        # Where no entry follows, or more than the file has, the length may be wrong: the next mark is looked for.
        follows = end == len(data) or data.startswith(_MARK, end)
        start = end if follows else data.find(_MARK, start + 1)


def _is_whole(entry: bytes) -> bool:
    if len(entry) < _HEAD.size:
        return False
    _, checksum, length, _ = _HEAD.unpack_from(entry)
    whole: bool = len(entry) == _HEAD.size + length and crc32(memoryview(entry)[_SUMMED:]) == checksum
    return whole
