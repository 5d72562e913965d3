"""Opens models and macro tables, each once a process: loading one takes longer than most tests."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from litmus.errors import LitmusError
from litmus.program.macros import MacroTable
from litmus.relation.model import Model
from litmus.suite.files import read_source
from litmus.suite.selection import ModelOptions


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
    return read_source(place).text if place.suffix and place.is_file() else None


@lru_cache(maxsize=8)
def open_macros(path: str | None) -> MacroTable | None:
    """Return the macro table in the file at ``path``, if any.

    Raises:
        LitmusError: where the file cannot be read or is no macro table.
    """
    if path is None:
        return None
    from litmus.frontend.macros import parse_macros

    return parse_macros(read_source(Path(path)))


def require_models(options: ModelOptions) -> None:
    """Open everything that the command line names, so that what is wrong is one error, not one for each test.

    Raises:
        LitmusError: as `open_model` and `open_macros`.
    """
    open_macros(options.macros)
    for name in options.names:
        open_model(name, options)
    if not options.names and (options.bell or options.macros or options.search):
        raise LitmusError("-I, --bell and --macros say how to read a cat file: name it with --model")
