"""From the path or the name of a model to a `CatModel`."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from litmus.cat.bell import annotations
from litmus.cat.library import Library, ReadFile
from litmus.cat.model import CatModel
from litmus.errors import ModelError


def load_model(
    path: str,
    *,
    read_file: ReadFile = lambda path: None,
    include_path: Sequence[str] = (),
    variants: Iterable[str] = (),
    bell: str | None = None,
    extra_tags: Iterable[str] = (),
) -> CatModel:
    """Load a model and everything that it includes.

    ``path`` is a path that ``read_file`` knows, or the name of a model that is shipped (``lkmm``); ``bell`` is the path
    of a bell file to be read before it. ``variants`` decide ``if "…"``. ``extra_tags`` are words that events can carry.

    Raises:
        UsageError: where there is no such model.
        ParseError: where a file is not cat.
        ModelError: where the model says nothing, an included file is missing, or an annotation of the bell file makes
            no sense.
    """
    library = Library(read_file, tuple(include_path), frozenset(v.casefold() for v in variants))
    main = library.open(path)
    if not main.statements:  # herd7 lets everything happen then; but such a file has been cut off
        raise ModelError(f"the model '{path}' has no checks: it says nothing", main.source.span(0, 0))
    first = (library.open(bell),) if bell is not None else ()
    library.standard()
    for file in (*first, main):
        library.load_includes(file)
    files = (*first, main)
    return CatModel(
        name=PurePath(path).stem if path.endswith(".cat") else PurePath(path).name,
        title=main.title or PurePath(path).stem,
        files=files,
        library=library,
        bell=annotations((*library.files.values(),)),
        tags=frozenset(extra_tags),
        catdep=any(file.catdep for file in library.files.values()),
    )
