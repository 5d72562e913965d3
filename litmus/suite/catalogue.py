"""The models that the package ships, and their releases."""

import re
from collections.abc import Iterator

from litmus.cat.history import read_history
from litmus.dataclass import dataclass
from litmus.resources import model_files

_TITLE = re.compile(r'\s*(?:\(\*.*?\*\)\s*)*(?:[A-Za-z]\w*\s*)?"([^"]*)"', re.DOTALL)
_SOURCE = re.compile(r"\(\*\s*source:\s*(.*?)\s*\*\)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A model: its name, its title (the string it begins with), and the ``(* source: … *)`` of its file.

    ``releases`` are the names of its versions with what is new in each: the first one known, those that changed
    something, and the newest."""

    name: str
    title: str
    source: str
    releases: tuple[tuple[str, str], ...] = ()


def catalogue() -> Iterator[Entry]:
    """Yield the models. What states no source is a library that they include."""
    for path in model_files():
        text = path.read_text(encoding="utf-8")
        title, source = _TITLE.match(text), _SOURCE.search(text)
        if title is not None and source is not None:
            yield Entry(path.stem, title[1], " ".join(source[1].split()), tuple(_releases(path.stem, text)))


def _releases(name: str, text: str) -> Iterator[tuple[str, str]]:
    history = read_history(text)
    if history is None:
        return
    yield f"{name}@{history.oldest}", "the first release with this model"
    for release, line in sorted(history.news.items()):
        yield f"{name}@{release}", line
    yield f"{name}@{history.newest}", f"the newest known: what '{name}' means"
