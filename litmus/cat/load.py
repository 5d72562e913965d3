"""From the path or the name of a model to a `CatModel`."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath

from litmus.cat import kept
from litmus.cat.model import CatModel, Description, Interpretation
from litmus.cat.texts import ReadFile, Texts
from litmus.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """Which model is asked for, see `load_model`."""

    path: str
    include_path: tuple[str, ...]
    variants: frozenset[str]
    bell: str | None
    extra_tags: frozenset[str]

    @property
    def name(self) -> str:
        """What the model is called: its file without the suffix."""
        path = PurePath(self.path)
        return path.stem if path.suffix == ".cat" else path.name

    def key(self) -> bytes:
        """Return what the model is kept under."""
        return kept.key((self.path, self.include_path, sorted(self.variants), self.bell, sorted(self.extra_tags)))


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
    words = frozenset(v.casefold() for v in variants)
    request = Request(path, tuple(include_path), words, bell, frozenset(extra_tags))
    key = request.key()

    def made(description: Description, texts: Texts) -> CatModel:
        interpreter = _once(lambda: _read(request, texts)[1])
        return CatModel(request.name, description, interpreter, lambda model: kept.keep(key, model, texts))

    return kept.kept(key, read_file, made) or _loaded(request, Texts(read_file), key)


def _loaded(request: Request, texts: Texts, key: bytes) -> CatModel:
    description, interpreter = _read(request, texts)
    return CatModel(request.name, description, lambda: interpreter, lambda model: kept.keep(key, model, texts))


def _once(make: Callable[[], Interpretation]) -> Callable[[], Interpretation]:
    """Return what returns the same thing every time, made when it is first asked for."""
    made: list[Interpretation] = []

    def get() -> Interpretation:
        if not made:
            made.append(make())
        return made[0]

    return get


def _read(request: Request, texts: Texts) -> tuple[Description, Interpretation]:
    """Read and parse a model."""
    from litmus.cat.bell import annotations
    from litmus.cat.interpret import Interpreter
    from litmus.cat.library import Library
    from litmus.errors import ModelError

    library = Library(texts, request.include_path, request.variants)
    main = library.open(request.path)
    if not main.statements:  # herd7 lets everything happen then; but such a file has been cut off
        raise ModelError(f"the model '{request.path}' has no checks: it says nothing", main.source.span(0, 0))
    first = (library.open(request.bell),) if request.bell is not None else ()
    library.standard()
    files = (*first, main)
    for file in files:
        library.load_includes(file)
    read = tuple(library.files.values())
    bell = annotations(read)
    title = main.title or PurePath(request.path).stem
    description = Description(title, main.architecture, bell, any(file.catdep for file in read))
    return description, Interpreter(files, library, request.extra_tags, bell.sets)
