"""A folder of exported files, for every model, that says what it was written from: so it can be checked against that.

``manifest.json`` holds the sources, how the files were written, and what could not be written, and why.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from litmus import __version__
from litmus.dataclass import dataclass, field, replace
from litmus.errors import UsageError
from litmus.export.file import WRITTEN, Exported, Lower
from litmus.program.program import Program
from litmus.suite.answer import Answer
from litmus.suite.evaluation import Settings
from litmus.suite.exporting import MODELS, Form, Names, Refusal, exports
from litmus.suite.files import collect, write
from litmus.suite.running import answers
from litmus.suite.status import Status

MANIFEST = "manifest.json"
MOST_SHOWN = 20
"""The files that are out of date of which the names are shown."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a collection is written from, and how."""

    sources: tuple[str, ...]
    form: Form
    lse: bool = False

    def as_json(self) -> Mapping[str, object]:
        """Return the recipe as the manifest has it."""
        return {"sources": list(self.sources), "lower": self.form.lower, "retry": self.form.retry, "lse": self.lse}


@dataclass(slots=True)
class Collection:
    """The files as they are made: a `suite.answer.Command` that only yields errors. ``refused`` says by the name of a
    test, for each model, why there is no file."""

    form: Form
    files: dict[Path, str] = field(default_factory=dict)
    refused: dict[str, dict[str, str]] = field(default_factory=lambda: {model: {} for model in MODELS})
    _names: Names = field(default_factory=Names)

    def __call__(self, program: Program, settings: Settings) -> Iterator[Answer]:
        """Make the files of a test for every model under which it asserts something."""
        for model in MODELS:
            for found in exports(program, settings, model, self.form):
                self._take(found, model, program)
        yield from ()

    def _take(self, found: Exported | Refusal, model: str, program: Program) -> None:
        if isinstance(found, Refusal):
            error = found.error
            place = f"{error.span.location()}: " if error.span is not None else ""
            self.refused[model][found.name] = f"{place}{error.message}"
            return
        path = Path(model) / found.file
        self._names.take(path, program)
        self.files[path] = found.text

    def manifest(self, recipe: Recipe) -> str:
        """Return the text of the manifest."""
        counts = Counter(path.parts[0] for path in self.files)
        told = {
            "written by": f"litmuskit {__version__}",
            **recipe.as_json(),
            "files": {model: counts[model] for model in MODELS},
            "refused": self.refused,
        }
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def make(recipe: Recipe, settings: Settings) -> tuple[Collection, list[Answer]]:
    """Return what a recipe makes, and the errors and warnings on the way."""
    made = Collection(recipe.form)
    told = list(answers(collect(recipe.sources), made, replace(settings, lse=recipe.lse)))
    return made, told


def write_collection(recipe: Recipe, folder: Path, settings: Settings) -> Iterator[Answer]:
    """Write the files of a recipe below a folder, and take away those that were written there before and are none any
    more. Nothing is written where a source cannot be read."""
    made, told = make(recipe, settings)
    yield from told
    if any(answer.status for answer in told):
        return
    for path in _written(folder) - made.files.keys():
        (folder / path).unlink()
    for path, text in made.files.items():
        write(folder / path, text)
    write(folder / MANIFEST, made.manifest(recipe))
    refused = sum(map(len, made.refused.values()))
    yield Answer(f"{folder}: {len(made.files)} files; {refused} that cannot be written ({MANIFEST} says why)\n")


def check_collection(folder: Path, sources: Sequence[str], settings: Settings) -> Iterator[Answer]:
    """Say which files below a folder are not what its recipe makes today. ``sources`` stand in for the recorded ones.

    Raises:
        UsageError: where the folder has no manifest.
    """
    recipe = recorded(folder)
    if sources:
        recipe = Recipe(tuple(sources), recipe.form, recipe.lse)
    made, told = make(recipe, settings)
    yield from told
    wanted = {**made.files, Path(MANIFEST): made.manifest(recipe)}
    found = list(_differences(folder, wanted))
    for line in found[:MOST_SHOWN]:
        yield Answer(error=f"{line}\n", status=Status.FAILED)
    if len(found) > MOST_SHOWN:
        yield Answer(error=f"and {len(found) - MOST_SHOWN} more\n", status=Status.FAILED)
    if found:
        command = " ".join(["litmus export", *recipe.sources, "--arch all", *_options(recipe), f"-o {folder}"])
        yield Answer(error=f"{folder} is out of date; to write it again: {command}\n", status=Status.FAILED)
    elif not any(answer.status for answer in told):
        yield Answer(f"{folder}: {len(made.files)} files are up to date\n")


def recorded(folder: Path) -> Recipe:
    """Return what a folder was written from.

    Raises:
        UsageError: where it does not say so.
    """
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        form = Form(bool(told["retry"]), Lower(told["lower"]))
        return Recipe(tuple(map(str, told["sources"])), form, bool(told["lse"]))
    except (OSError, ValueError, KeyError, TypeError):
        hint = "`litmus export FILES --arch all -o DIR` writes it"
        raise UsageError(f"no {MANIFEST} in '{folder}' says what it was written from", hint=hint) from None


def _options(recipe: Recipe) -> Iterator[str]:
    if recipe.form.lower is not Lower.NOTHING:
        yield "--lower" if recipe.form.lower is Lower.EQUAL else "--split-bits"
    if recipe.form.retry:
        yield "--retry"
    if recipe.lse:
        yield "--lse"


def _written(folder: Path) -> set[Path]:
    """Return the files below a folder that exports wrote."""
    found = (path for model in MODELS for path in (folder / model).glob("*.litmus"))
    return {path.relative_to(folder) for path in found if WRITTEN in path.read_text(encoding="utf-8", errors="replace")}


def _differences(folder: Path, wanted: Mapping[Path, str]) -> Iterator[str]:
    for path, text in wanted.items():
        try:
            there = (folder / path).read_text(encoding="utf-8")
        except (OSError, ValueError):
            yield f"{folder / path}: missing"
            continue
        if there != text:
            yield f"{folder / path}: {_first(there, text)}"
    for path in sorted(_written(folder) - wanted.keys()):
        yield f"{folder / path}: nothing is exported to this file any more"


def _first(there: str, wanted: str) -> str:
    """Return the first line that differs."""
    pairs = zip([*there.splitlines(), ""], [*wanted.splitlines(), ""], strict=False)
    number, (old, new) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    return f"line {number} is '{old.strip()}', not '{new.strip()}'"
