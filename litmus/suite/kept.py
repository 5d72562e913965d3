"""Answers that are kept on disk between runs, so that of an unchanged corpus only what changed is evaluated.

An answer is served where everything that it rests on is what it was: the test and its includes, models, bounds and
other options, the command, and the code and data of this package. It is kept only where it is complete: no error,
nothing unknown, nothing that ran out of time. What may go wrong with the disk is the business of `suite.journal`.
"""

import marshal
import os
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

from litmus import store
from litmus.dataclass import dataclass, fields, is_dataclass
from litmus.resources import folder
from litmus.suite.answer import Answer
from litmus.suite.evaluation import Settings
from litmus.suite.journal import Journal
from litmus.suite.status import Status
from litmus.suite.trace import contents, digest, digest_of, trace

_DAMAGED = (ValueError, TypeError, EOFError, LookupError, AttributeError, ImportError)
"""What comes of reading something else than what was written."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Finds and keeps the answers of one command with its settings; ``base`` stands for both, and for our version."""

    base: bytes
    folder: Path
    """Where the store is."""

    def find(self, path: Path, part: str = "") -> list[Answer] | None:
        """Return what is kept of the test at ``path``, or of a ``part`` of what it asks; None where nothing is or where
        it does not hold any more."""
        data = contents(path)
        found = None if data is None else self._journal().get(self._key(path, data, part))
        if found is None:
            return None
        try:
            texts, plain = marshal.loads(found)
            if any(digest_of(name) != known for name, known in texts):
                return None
            return [_of_plain(answer) for answer in plain]
        except _DAMAGED:
            return None

    def made(self, path: Path, work: Callable[[Path], Iterator[Answer]], part: str = "") -> Iterator[Answer]:
        """Yield what ``work`` answers, and keep it, as what a ``part`` of the test comes to."""
        before = contents(path)
        trace().begin()
        answers: list[Answer] = []
        for answer in work(path):
            answers.append(answer)
            yield answer
        if before is not None and _complete(answers) and contents(path) == before:
            self._keep(self._key(path, before, part), answers)

    def _keep(self, key: bytes, answers: Sequence[Answer]) -> None:
        plain = tuple(map(_plain, answers))
        if tuple(map(_of_plain, plain)) == tuple(answers):
            texts = {**trace().shared, **trace().own}
            # What was read a moment ago must be there still: a text that changes meanwhile is of no known answer.
            if all(digest_of(name) == known for name, known in texts.items()):
                self._journal().put(key, marshal.dumps((tuple(texts.items()), plain)))

    def _key(self, path: Path, data: bytes, part: str) -> bytes:
        told = (text.encode(errors="surrogateescape") for text in (str(path), part))
        return digest(b"\0".join((self.base, *told, data)))

    def _journal(self) -> Journal:
        return _journal(self.base, self.folder)


@lru_cache(maxsize=4)
def _journal(base: bytes, _folder: Path) -> Journal:
    """Return the journal of this process for a command with its settings."""
    return Journal(f"answers-{base[:8].hex()}")


def keeper(command: object, settings: Settings) -> Keeper | None:
    """Return who keeps the answers of ``command``; None where nothing is kept."""
    called = _called(command)
    place = store.place()
    if called is None or place is None:
        return None
    # What was found in an earlier run of this process may be out of date.
    _journal.cache_clear()
    return Keeper(digest(repr((called, settings, _edition())).encode()), place)


def _complete(answers: Sequence[Answer]) -> bool:
    known = (Status.OK, Status.FAILED)
    whole = all(a.status in known and not a.errors and Status.UNKNOWN not in a.findings for a in answers)
    return whole and not trace().hurried


def _called(command: object) -> object:
    """Return what tells a command from others in any process, None where that is not known."""
    match command:
        case partial():
            parts = _called(command.func)
            return None if parts is None else (parts, command.args, sorted(command.keywords.items()))
        case FunctionType():
            return command.__module__, command.__qualname__
    told = repr(command)
    if not is_dataclass(command) or " at 0x" in told:
        return None
    return told, str(Path.cwd())  # from where a configuration and a baseline see a file


def _edition() -> tuple[bytes, bytes]:
    """What tells the versions of the package, its data and Python. Where the package is installed anew, as in most runs
    of a CI, only the times of its files differ, and what is kept still holds: so their contents count. They are read
    again only where names, times or sizes are new."""
    places = (Path(__file__).parents[1], folder("models"), folder("grammar"))
    files = [(str(place), sorted(_files(str(place)))) for place in places]
    key = b"contents " + digest(repr(files).encode())
    known = store.get(key)
    if known is None:
        known = digest(repr([_contents(place, found) for place, found in files]).encode())
        store.put(key, known)
    return store.edition(), known


def _contents(place: str, files: list[tuple[str, int, int]]) -> list[tuple[str, str | None]]:
    return [(os.path.relpath(path, place), digest_of(path)) for path, _, _ in files]


def _files(place: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(place) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                known = entry.stat()
                yield entry.path, known.st_mtime_ns, known.st_size


# ---------------------------------------------------------------------------------------------------------------- plain
def _plain(value: Any) -> Any:
    """Return ``value`` as what marshal writes: tuples that say what they are.

    Raises:
        TypeError: where it is of a kind that is not kept.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is tuple:
        return ("", *map(_plain, value))
    kind = (type(value).__module__, type(value).__qualname__)
    if isinstance(value, Enum):
        return (*kind, value.name)
    if is_dataclass(value):
        return (*kind, *(_plain(getattr(value, field.name)) for field in fields(value)))
    raise TypeError(kind)


def _of_plain(plain: Any) -> Any:
    if type(plain) is not tuple:
        return plain
    module, *rest = plain
    if not module:
        return tuple(map(_of_plain, rest))
    if not module.startswith("litmus."):
        raise ValueError(module)
    kind = getattr(import_module(module), rest[0])
    return kind[rest[1]] if issubclass(kind, Enum) else kind(*map(_of_plain, rest[1:]))
