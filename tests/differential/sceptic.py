"""Holds the files that `litmus run --proof` writes to what the explicit engine enumerates.

A formula has to let through every execution of its event structure once what it is to refute is taken out: else it
would be refuted too easily. And where rf and co are fixed as no execution has them, it has to refuse them: else it
would say less than it could. The formulas and what their variables mean are read from the files.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, permutations, product
from pathlib import Path
from typing import Any

from pysat.solvers import Solver
from rup import Clause, parse_formula

from litmus.engine.candidate import Candidates, written
from litmus.engine.explicit import Accepted, Enumerator
from litmus.event.structure import WRITING
from litmus.program.program import Program
from litmus.report.naming import naming
from litmus.suite.evaluation import Settings, structures
from litmus.suite.opening import open_model

OPEN = {"goal", "symmetry"}
"""The reasons of clauses that executions need not satisfy."""

Choice = tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]
"""The pairs of rf and co."""


@dataclass(frozen=True, slots=True)
class File:
    """A formula as it is in its files."""

    name: str
    clauses: list[Clause]
    map: Mapping[str, Any]

    @classmethod
    def read(cls, stem: Path) -> "File":
        text = Path(f"{stem}.cnf").read_text()
        return cls(stem.name, parse_formula(text), json.loads(Path(f"{stem}.map.json").read_text()))

    def body(self) -> list[Clause]:
        """Return the clauses without what is to be refuted, and without what is assumed of the order of threads."""
        left_out = [range(p["clauses"][0], p["clauses"][1] + 1) for p in self.map["parts"] if p["reason"] in OPEN]
        return [c for i, c in enumerate(self.clauses, 1) if not any(i in numbers for numbers in left_out)]

    def of(self, *kinds: str) -> Iterator[Mapping[str, Any]]:
        return (entry for entry in self.map["variables"] if entry["kind"] in kinds)

    def chosen(self, choice: Choice) -> list[int] | None:
        """Return the literals of an rf and a co; None where the map has no place for them."""
        pairs = dict(zip(("rf", "co"), choice, strict=True))
        sure = {(kind, *pair) for kind in pairs for pair in self.map["sure"][kind]}
        known = {(e["kind"], e["from"], e["to"]): e["literal"] for e in self.of("rf", "co")}
        wanted = {(kind, *pair) for kind, found in pairs.items() for pair in found}
        if not sure <= wanted or not wanted <= sure | known.keys():
            return None
        return [literal if edge in wanted else -literal for edge, literal in known.items()]


def complaints(
    program: Program, model: str, folder: Path, settings: Settings | None = None, most: int = 60
) -> Iterator[str]:
    """Yield what is wrong with the files in ``folder``. Of the choices that are no execution ``most`` are tried."""
    settings = settings or Settings()
    index = json.loads((folder / "index.json").read_text())
    found = list(structures(program, model, settings))
    if len(found) != len(index["structures"]):
        yield "the index has other event structures"
        return
    for structure, entry in zip(found, index["structures"], strict=True):
        executions = list(Enumerator(open_model(model, settings.models)).executions(structure))
        asked: dict[str, list[File]] = {}
        for formula in entry["formulas"]:
            asked.setdefault(formula["question"], []).append(File.read(folder / formula["formula"]))
        for files in asked.values():
            why = _wrong(program, files, Candidates(structure), executions, most)
            yield from (f"{files[0].name}: {line}" for line in why)


def _wrong(
    program: Program, files: list[File], candidates: Candidates, executions: list[Accepted], most: int
) -> Iterator[str]:
    """Yield what is wrong with the formulas for one question, one for each choice that the model makes."""
    n = candidates.n
    allowed = {(_pairs(e.reads_from, n), _pairs(e.coherence, n)): e for e in executions}
    reasons = {part["reason"] for file in files for part in file.map["parts"]}
    exact = "grounded" not in files[0].name and "refused" not in reasons
    solvers = [(file, Solver(name="glucose4", bootstrap_with=file.body())) for file in files]
    for choice, execution in allowed.items():
        models = [(file, true) for file, solver in solvers if (true := _solution(file, solver, choice)) is not None]
        if not models:
            yield f"an execution is missing: {choice}"
        for file, true in models:
            yield from _values(program, file, execution, true)
    for choice in islice(_choices(candidates), most if exact else 0):
        if choice not in allowed and any(_solution(file, solver, choice) is not None for file, solver in solvers):
            yield f"no execution, and not refused: {choice}"
    for _, solver in solvers:
        solver.delete()


def _solution(file: File, solver: Solver, choice: Choice) -> set[int] | None:
    literals = file.chosen(choice)
    return set(solver.get_model()) if literals is not None and solver.solve(assumptions=literals) else None


def _values(program: Program, file: File, execution: Accepted, true: set[int]) -> Iterator[str]:
    names = naming(program)
    for entry in file.of("reads", "writes"):
        event = execution.structure.events[entry["event"]]
        reads = entry["kind"] == "reads"
        value = execution.values[event.number] if reads else written(event, execution.values)
        assert event.kind in WRITING or reads
        if value is not None and (names.value(value) == entry["value"]) != (entry["literal"] in true):
            yield f"the value of event {event.number} is another: {entry}"


def _choices(candidates: Candidates) -> Iterator[Choice]:
    """Yield every rf with every co."""
    reads = list(candidates.sources)
    orders = [list(permutations(writes)) for writes in candidates.writes.values()]
    sure = _pairs(candidates.co_must, candidates.n)
    for sources in product(*candidates.sources.values()):
        for chosen in product(*orders):
            yield frozenset(zip(sources, reads, strict=True)), sure | frozenset(_before(chosen))


def _before(orders: Iterable[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    for order in orders:
        yield from ((one, other) for i, one in enumerate(order) for other in order[i + 1 :])


def _pairs(relation: int, n: int) -> frozenset[tuple[int, int]]:
    return frozenset(divmod(bit, n) for bit in range(n * n) if relation >> bit & 1)
