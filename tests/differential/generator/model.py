"""Random memory models in cat, for programs of any dialect."""

from collections.abc import Callable, Sequence
from random import Random

_SETS = ("W", "R", "M", "F", "IW", "_")
_RELATIONS = (
    "po", "po-loc", "rf", "rfe", "rfi", "co", "coe", "coi", "fr", "fre", "fri", "rmw", "loc", "int", "ext", "id", "0",
)  # fmt: skip
_DEPENDENCIES = ("addr", "data", "ctrl")
_DEEPEST = 3


class _Text:
    """Draws expressions over the predefined names and those that the model has defined so far."""

    def __init__(self, rng: Random, names: Sequence[str]) -> None:
        self.rng = rng
        self.relations = list(names)
        self.sets = list(_SETS)

    def set(self, depth: int = 0) -> str:
        """Return a set of events."""
        if depth >= _DEEPEST or self.rng.random() < 0.5:
            return self.rng.choice(self.sets)
        return self._one(
            lambda: f"({self.set(depth + 1)} | {self.set(depth + 1)})",
            lambda: f"({self.set(depth + 1)} & {self.set(depth + 1)})",
            lambda: f"({self.set(depth + 1)} \\ {self.set(depth + 1)})",
            lambda: f"domain({self.relation(depth + 1)})",
            lambda: f"range({self.relation(depth + 1)})",
        )

    def relation(self, depth: int = 0) -> str:
        """Return a relation over events."""
        if depth >= _DEEPEST or self.rng.random() < 0.3:
            return self.rng.choice(self.relations)
        return self._one(
            lambda: f"({self.relation(depth + 1)} | {self.relation(depth + 1)})",
            lambda: f"({self.relation(depth + 1)} | {self.relation(depth + 1)})",
            lambda: f"({self.relation(depth + 1)} & {self.relation(depth + 1)})",
            lambda: f"({self.relation(depth + 1)} \\ {self.relation(depth + 1)})",
            lambda: f"({self.relation(depth + 1)} ; {self.relation(depth + 1)})",
            lambda: f"({self.relation(depth + 1)} ; {self.relation(depth + 1)})",
            lambda: f"([{self.set(depth + 1)}] ; {self.relation(depth + 1)} ; [{self.set(depth + 1)}])",
            lambda: f"({self.relation(depth + 1)})^-1",
            # In parentheses: a star before the ~ of the next check would be taken for a product.
            lambda: f"(({self.relation(depth + 1)}){self.rng.choice('+*?')})",
            lambda: f"({self.set(depth + 1)} * {self.set(depth + 1)})",
            lambda: f"between({self.relation(depth + 1)}, {self.set(depth + 1)})",
        )

    def _one(self, *choices: Callable[[], str]) -> str:
        return self.rng.choice(choices)()


def _definition(text: _Text, number: int) -> str:
    name = f"d{number}"
    match text.rng.randrange(4):
        case 0:
            line = f"let {name} = {text.set()}"
            text.sets.append(name)
            return line
        case 1:
            grown = text.rng.choice(
                (f"{name} ; {name}", f"{text.relation(2)} ; {name}", f"({name} & {text.relation(2)})")
            )
            line = f"let rec {name} = {text.relation(1)} | {grown}"
        case _:
            line = f"let {name} = {text.relation()}"
    text.relations.append(name)
    return line


def _check(text: _Text, number: int) -> str:
    if text.rng.random() < 0.5:
        return (
            f"acyclic rfe | {text.rng.choice(('co | fr', 'fre', 'coe | fre'))} | (po & {text.relation()}) as c{number}"
        )
    kind = text.rng.choice(("acyclic", "irreflexive", "empty", "flag ~empty", "~acyclic"))
    return f"{kind} {text.relation()} as c{number}"


def model(rng: Random, dependencies: bool = True) -> str:
    """Return the text of a random model: coherence mostly, a few definitions and one to three more checks. It speaks of
    dependencies where asked to."""
    text = _Text(rng, (*_RELATIONS, *(_DEPENDENCIES if dependencies else ())))
    lines = ['"random"', 'include "cos.cat"', "let between(r, s) = (r & (_ * s)) ; r"]
    if rng.random() < 0.8:
        lines.append("acyclic po-loc | rf | fr | co as coherence")
    lines += [_definition(text, number) for number in range(rng.randint(0, 3))]
    lines += [_check(text, number) for number in range(rng.randint(1, 3))]
    return "\n".join(lines) + "\n"
