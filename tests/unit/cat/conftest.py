"""A small event structure, and models given as text interpreted over it.

Events: 0 and 1 initialise x and y; thread 0 writes x (2) and y (3) with a fence (6) between them; thread 1 reads y (4)
and x (5). Values: every write writes 1, the initial ones 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from litmus.cat.load import load_model
from litmus.cat.model import CatModel
from litmus.relation import bits
from litmus.relation.model import Axiom, Basis, Check, Instance
from litmus.relation.node import Sort
from litmus.relation.solve import evaluate

N = 7
LOCATIONS = {0: "x", 2: "x", 5: "x", 1: "y", 3: "y", 4: "y"}
THREADS = {2: 0, 6: 0, 3: 0, 4: 1, 5: 1}
READS_FROM = bits.from_pairs([(3, 4), (0, 5)], N)
COHERENCE = bits.from_pairs([(0, 2), (1, 3)], N)
FINAL = 0b1100

Pairs = set[tuple[int, int]]


def _related(same: Callable[[int, int], bool]) -> int:
    return bits.from_pairs([(i, j) for i in range(N) for j in range(N) if same(i, j)], N)


def _values(event: int) -> int | None:
    return {0: 0, 1: 0, 2: 1, 3: 1, 4: 1, 5: 0}.get(event)


BASIS = Basis(
    universe=N,
    sets={"R": 0b110000, "W": 0b1111, "M": 0b111111, "IW": 0b11, "F": 0b1000000, "B": 0, "Once": 0b111100, "Wmb": 64},
    relations={
        "po": bits.from_pairs([(2, 6), (2, 3), (6, 3), (4, 5)], N),
        "addr": 0,
        "data": 0,
        "ctrl": bits.from_pairs([(4, 5)], N),
        "rmw": 0,
        "amo": 0,
        "lxsx": 0,
        "loc": _related(lambda i, j: i in LOCATIONS and LOCATIONS.get(i) == LOCATIONS.get(j)),
        "int": _related(lambda i, j: i in THREADS and THREADS.get(i) == THREADS.get(j)),
        "ext": _related(lambda i, j: THREADS.get(i) != THREADS.get(j)),
        "id": bits.identity(N),
    },
    location=LOCATIONS.get,
    value=_values,
    shape="mp",
)
WITH_RF = replace(BASIS, reads_from=READS_FROM, final_writes=FINAL)


@dataclass(frozen=True)
class Run:
    """An instance and the values that its nodes have in the execution above."""

    instance: Instance

    def __getitem__(self, name: str) -> object:
        """The members of a defined set or relation."""
        return self.value(self.instance.named[name])

    def value(self, node: int) -> object:
        """The members of a set, or the pairs of a relation."""
        graph = self.instance.graph
        (value,) = evaluate(graph, (node,), {"rf": READS_FROM, "co": COHERENCE})
        return set(bits.members(value)) if graph.sorts[node] is Sort.SET else set(bits.pairs(value, N))

    def passes(self, axiom: Axiom) -> bool:
        """Whether a check holds."""
        (value,) = evaluate(self.instance.graph, (axiom.node,), {"rf": READS_FROM, "co": COHERENCE})
        match axiom.check:
            case Check.EMPTY:
                holds = value == 0
            case Check.ACYCLIC:
                holds = bits.acyclic(value, N)
            case Check.IRREFLEXIVE:
                holds = bits.irreflexive(value, N)
        return holds != axiom.negated

    def failing(self) -> list[str]:
        """The names of the checks that do not hold."""
        return [a.name for a in self.instance.axioms if not self.passes(a)]


Load = Callable[..., CatModel]


@pytest.fixture
def mp() -> Basis:
    """The structure above, rf and the final writes being chosen."""
    return WITH_RF


@pytest.fixture
def structure() -> Basis:
    """The structure above, before rf is chosen."""
    return BASIS


@pytest.fixture
def load() -> Load:
    """``load(text, files={...}, bell=text, variants=[...])`` is the model with that text."""

    def make(text: str, *, files: Mapping[str, str] | None = None, bell: str | None = None, **options: Any) -> CatModel:
        texts = {"test.cat": text, **(files or {})} | ({} if bell is None else {"test.bell": bell})
        return load_model("test.cat", read_file=texts.get, bell=None if bell is None else "test.bell", **options)

    return make


@pytest.fixture
def run(load: Load) -> Callable[..., Run]:
    """``run(text, …)`` interprets a model over the structure above; it must have one instance."""

    def make(text: str, *, basis: Basis = WITH_RF, **options: Any) -> Run:
        (instance,) = load(text, **options).instances(basis)
        return Run(instance)

    return make


@pytest.fixture
def value(run: Callable[..., Run]) -> Callable[..., object]:
    """``value("po ; rf")`` is the value of an expression."""

    def make(expression: str, *, before: str = "", **options: Any) -> object:
        return run(f"{before}\nlet answer = {expression}\nempty answer as checked", **options)["answer"]

    return make
