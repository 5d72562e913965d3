"""Models that carry their history: ``lkmm@v5.4`` is the shipped ``lkmm`` as it was in Linux v5.4.

A model with a history says so in comments that are read here::

    (* history: from v4.17 to v6.17, changed in v4.20 v5.3. … *)
    (* since v5.2: srcu_read_lock srcu_read_unlock *)
    (* in v5.3: plain accesses are told from marked ones, and data races found *)

The model of an earlier release is the file with the variant ``before-vX.Y`` for every later release that changed it;
``since`` lists the primitives whose ordering the model does not describe before a release; ``in`` says in a line what
is new in one.
"""

import re
from collections.abc import Mapping
from functools import total_ordering
from types import MappingProxyType

from litmus.dataclass import dataclass, field
from litmus.errors import UsageError
from litmus.resources import model_source

_RELEASE = r"v\d+\.\d+"
_HISTORY = re.compile(rf"\(\*\s*history:\s*from\s+({_RELEASE})\s+to\s+({_RELEASE}),\s*changed\s+in((?:\s+{_RELEASE})+)")
_SINCE = re.compile(rf"\(\*\s*since\s+({_RELEASE}):\s*([\w\s]*?)\*\)")

_NEWS = re.compile(rf"\(\*\s*in\s+({_RELEASE}):\s*(.*?)\s*\*\)", re.DOTALL)

LAST_OF_SERIES: Mapping[int, int] = MappingProxyType({4: 20, 5: 19})
"""The last minor release of each series of Linux that is over."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Release:
    """A release of Linux."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}"

    def __lt__(self, other: "Release") -> bool:
        return (self.major, self.minor) < (other.major, other.minor)

    @property
    def exists(self) -> bool:
        """Whether the series that the release belongs to got that far, for all that we know."""
        return self.minor <= LAST_OF_SERIES.get(self.major, self.minor)


@dataclass(frozen=True, slots=True)
class History:
    """From which release to which a model is known, the releases that changed what it allows, and when primitives
    came."""

    oldest: Release
    newest: Release
    changes: tuple[Release, ...]
    since: Mapping[str, Release] = field(default_factory=dict)
    news: Mapping[Release, str] = field(default_factory=dict)
    """What is new in a release, in a line."""

    def variants(self, release: Release) -> tuple[str, ...]:
        """Return the variants that make the model that of ``release``."""
        return tuple(f"before-{change}" for change in self.changes if release < change)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a model's name with or without a version means: the file, its variants, and primitives that came later."""

    path: str
    variants: tuple[str, ...] = ()
    missing: Mapping[str, Release] = field(default_factory=dict, hash=False)


def parse_release(text: str) -> Release | None:
    """Return the release that ``text`` (``v5.4``) names, if it has that form and there can have been one."""
    if re.fullmatch(_RELEASE, text) is None:
        return None
    major, minor = text[1:].split(".")
    release = Release(int(major), int(minor))
    return release if release.exists else None


def read_history(text: str) -> History | None:
    """Return the history that the text of a model states, if it states one."""
    found = _HISTORY.search(text)
    if found is None:
        return None
    since = {name: _release(release) for release, names in _SINCE.findall(text) for name in names.split()}
    changes = tuple(sorted(_release(word) for word in found[3].split()))
    news = {_release(release): " ".join(line.split()) for release, line in _NEWS.findall(text)}
    return History(_release(found[1]), _release(found[2]), changes, MappingProxyType(since), MappingProxyType(news))


def _release(text: str) -> Release:
    major, minor = text[1:].split(".")
    return Release(int(major), int(minor))


def select(name: str) -> Selection:
    """Return what the model name ``name`` selects: ``lkmm`` the newest, ``lkmm@v5.4`` that of the release.

    Raises:
        UsageError: where a version is asked of an unknown model or of one without a history, where it is not a
            release, or one that the model is not known for.
    """
    path, at, version = name.partition("@")
    if not at or "/" in name or name.endswith(".cat"):
        return Selection(name)
    history = read_history(model_source(f"{path}.cat").text)
    if history is None:
        raise UsageError(f"the model '{path}' has no history: '{name}' asks for a version of it", hint=f"use '{path}'")
    release = _known(path, version, history)
    missing = {primitive: since for primitive, since in history.since.items() if release < since}
    return Selection(path, history.variants(release), MappingProxyType(missing))


def _known(path: str, version: str, history: History) -> Release:
    """Return the release that ``version`` names. Later ones than are known are refused: they may have changed the
    model, and an answer of the newest known one would pass for theirs."""
    release = parse_release(version)
    if release is None or release < history.oldest:
        wrong = "is not a release of Linux" if release is None else f"has no '{path}', which {history.oldest} brought"
        raise UsageError(f"'{version}' {wrong}", hint=f"{path}@{history.oldest} to {path}@{history.newest} are known")
    if release > history.newest:
        message = f"whether '{path}' changed after {history.newest} is not known: there is no answer for {version}"
        hint = f"{path}@{history.newest} is the newest known; --conf runs the files that a kernel brings"
        raise UsageError(message, hint=hint)
    return release
