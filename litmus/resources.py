"""Finds ``grammar/`` and ``models/``: beside the package in a checkout, inside it (``_data``) in an installed wheel."""

from pathlib import Path

from litmus.errors import UsageError, did_you_mean
from litmus.source import Source


def folder(kind: str) -> Path:
    """Return the folder called ``kind`` (``grammar`` or ``models``)."""
    package = Path(__file__).parent
    shipped = package / "_data" / kind
    return shipped if shipped.is_dir() else package.parent / kind


def is_file(path: Path) -> bool:
    """Whether there is such a file. Of a name that no file can have there is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def grammar_text(name: str) -> str:
    """Return the text of ``grammar/name`` (``dsl.lark``, ``asm/riscv.lark``)."""
    return (folder("grammar") / name).read_text(encoding="utf-8")


def model_files() -> tuple[Path, ...]:
    """Return the cat files in ``models/``, sorted by name."""
    return tuple(sorted(folder("models").glob("*.cat")))


def model_source(name: str) -> Source:
    """Return the text of the model file ``models/name`` (``lkmm.cat``, or any file beside it).

    Raises:
        UsageError: when there is no such file; with the nearest known name as hint.
    """
    path = folder("models") / name
    if not is_file(path):
        stem = name.removesuffix(".cat")
        raise UsageError(f"unknown model '{stem}'", hint=did_you_mean(stem, [p.stem for p in model_files()]))
    return Source(f"models/{name}", path.read_text(encoding="utf-8"))
