"""What the answers of this process rest on beside the tests themselves: texts that were read, and whether time ran out.

Models and macro tables are opened once a process: what was read of them counts for every test that follows.
"""

import os
import stat
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias

from litmus.dataclass import dataclass, field
from litmus.suite import disk


@dataclass(slots=True)
class Trace:
    """The digests of texts by their paths, None where there was no file: ``shared`` of models and macro tables, ``own``
    of what the test at hand includes. ``hurried`` says that an evaluation of it ran out of time."""

    shared: dict[str, str | None] = field(default_factory=dict)
    own: dict[str, str | None] = field(default_factory=dict)
    hurried: bool = False

    def begin(self) -> None:
        """Begin with another test."""
        self.own.clear()
        self.hurried = False


@cache
def trace() -> Trace:
    """Return the trace of this process."""
    return Trace()


Rests: TypeAlias = tuple[tuple[tuple[str, str | None], ...], bool]
"""What the answers of one test rest on: the digests of texts, and whether time ran out."""


def rests() -> Rests:
    """Return what the answers of the test at hand rest on."""
    return tuple({**trace().shared, **trace().own}.items()), trace().hurried


def note(texts: dict[str, str | None], path: Path | str) -> None:
    """Note in ``texts`` what is at ``path``."""
    texts[str(path)] = digest_of(str(path))


def digest_of(name: str) -> str | None:
    """Return the digest of a file, None where there is none that can be read."""
    data = contents(Path(name))
    return None if data is None else digest(data).hex()


def contents(path: Path) -> bytes | None:
    """Return what is in a file, None where there is none that can be read. To open a pipe would wait for its writer."""
    try:
        if disk.elsewhere():
            return disk.data(path) if disk.is_file(path) else None
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            known = os.fstat(file)
            return (
                b"".join(iter(partial(os.read, file, known.st_size + 1), b"")) if stat.S_ISREG(known.st_mode) else None
            )
        finally:
            os.close(file)
    except (OSError, ValueError):
        return None


def digest(data: bytes) -> bytes:
    """Return 32 bytes that no other data has."""
    try:
        from _blake2 import blake2b  # without hashlib, whose import takes longer than an answer
    except ImportError:
        from hashlib import blake2b
    return blake2b(data, digest_size=32).digest()
