"""Opens models and macro tables, each once a process: loading one takes longer than most tests."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from litmus.dataclass import replace
from litmus.errors import LitmusError, UsageError
from litmus.program.macros import MacroTable
from litmus.relation.model import Model
from litmus.resources import is_file
from litmus.suite import disk
from litmus.suite.files import mentions, read_source
from litmus.suite.selection import ModelOptions
from litmus.suite.trace import note, trace


@lru_cache(maxsize=64)
def open_model(name: str, options: ModelOptions) -> Model:
    """Return the model called ``name`` (``lkmm@v5.4``: of that release), or defined by the cat file ``name``.

    Raises:
        UsageError: where there is no such model, or no such release of it.
        ParseError, ModelError: where its text is wrong.
    """
    from litmus.cat.history import select
    from litmus.cat.load import load_model

    chosen = select(name)
    variants = (*options.variants, *chosen.variants)
    model = load_model(chosen.path, read_file=_text, include_path=options.search, variants=variants, bell=options.bell)
    return replace(model, name=name) if chosen.path != name else model


def _text(path: str) -> str | None:
    """The text of a cat or bell file of the user's; a word without a suffix is the name of a model that is shipped."""
    place = Path(path)
    found = read_source(place) if place.suffix and disk.is_file(place) else None
    if place.suffix:
        note(trace().shared, path)
    return None if found is None else found.text


@lru_cache(maxsize=8)
def open_macros(path: str | None) -> MacroTable | None:
    """Return the macro table in the file at ``path``, if any.

    Raises:
        LitmusError: where the file cannot be read or is no macro table.
    """
    if path is None:
        return None
    from litmus.frontend.macros import parse_macros

    note(trace().shared, path)
    return parse_macros(read_source(Path(path)))


@lru_cache(maxsize=64)
def macros_for(model: str, options: ModelOptions) -> MacroTable | None:
    """Return the macro table that the options name, if any; macros with tags that ``model`` does not know are faulty.

    Raises:
        LitmusError: as `open_model` and `open_macros`.
    """
    table = open_macros(options.macros)
    if table is None:
        return None
    from litmus.cat.annotation import Annotations
    from litmus.suite.macro_tags import faults

    bell = getattr(open_model(model, options), "bell", Annotations())
    return replace(table, faults=faults(table, bell))


def require_models(options: ModelOptions) -> None:
    """Open everything that the command line names, so that what is wrong is one error, not one for each test.

    Raises:
        LitmusError: as `open_model` and `open_macros`, at the place where the command line names it.
    """
    if not options.names and (options.bell or options.macros or options.search):
        raise LitmusError("-I, --bell and --macros say how to read a cat file: name it with --model")
    for folder in options.search:
        _require("-I", folder, _require_folder)
    _require("--macros", options.macros, open_macros)
    _require("--bell", options.bell, lambda path: _require_file(path, options.search))
    for name in options.names:
        _require("--model", name, lambda name: open_model(name, options))


def _require(option: str, value: str | None, opening: Callable[[str], object]) -> None:
    if value is None:
        return
    (place,) = mentions(option, value)
    try:
        opening(value)
    except LitmusError as error:
        if error.span is None:
            error.span = place
        raise


def _require_file(path: str, search: tuple[str, ...]) -> None:
    """Bell files are looked for as cat files are."""
    found = (place for folder in ("", *search) if is_file(place := Path(folder, path)))
    read_source(next(found, Path(path)))


def _require_folder(path: str) -> None:
    if not Path(path).is_dir():
        raise UsageError(f"no such directory: '{path}'")
