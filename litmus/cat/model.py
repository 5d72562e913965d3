"""A cat model as the engines see it.

The same interpreter runs at up to four moments, each tried when the one before asks for more:

* once for all structures, the primitive sets and relations being variables; what comes out is only specialised to
  each; where a construct takes a set apart that is empty in the structure at hand, the set is taken to be empty and the
  result used for all structures where it is;
* once for each event structure, only rf and co being variables;
* once for each rf of each structure;
* once for each rf and co, the model's choices being the only ones left.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from litmus.cat.annotation import Annotations
from litmus.cat.template import DYNAMIC, Attempt, Template, static_value
from litmus.dataclass import dataclass, field
from litmus.errors import ModelError
from litmus.relation.model import Basis, Instance
from litmus.relation.recent import Recent
from litmus.source import Span

_STACK = 50_000
"""Calls of Python inside each other, several for a call in cat: recursion over all orders of six writes needs 720."""

Assumption = frozenset[str]
"""Names of static sets and relations that are taken to be empty."""


KEPT = 512
"""How many instances of a model are kept: tests of a directory are often alike. Each has some ten kilobytes."""


class Interpretation(Protocol):
    """What `cat.interpret.Interpreter` does. It is not imported before it is needed."""

    def attempt(self, basis: Basis, assumed: Assumption) -> Attempt:
        """Interpret the model over variables."""

    def over(self, basis: Basis) -> tuple[Instance, ...]:
        """Interpret the model over an event structure."""

    def with_reads_from(self, basis: Basis) -> Iterator[Instance]:
        """Interpret the model over an event structure and its rf."""

    def vocabulary(self) -> frozenset[str]:
        """Return what the model looks at."""

    def start(self) -> Span:
        """Return where the model begins."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a model's files say of the model itself. ``architecture`` is in herd7's spelling."""

    title: str
    architecture: str | None
    bell: Annotations
    catdep: bool
    """Whether the model computes dependencies itself, from accesses to registers."""


Found = TypeVar("Found")


def _unkept(model: "CatModel") -> None:
    pass


@dataclass(slots=True)
class CatModel:
    """A model, ready to be interpreted over event structures. Make one with `cat.load.load_model`.

    ``interpreter`` returns what interprets it; ``keep`` is told whenever the model was interpreted over variables."""

    name: str
    description: Description
    interpreter: Callable[[], Interpretation]
    keep: Callable[["CatModel"], None] = _unkept
    attempts: dict[Assumption, Attempt] = field(default_factory=dict)
    _instances: Recent[tuple[Instance, ...]] = field(default_factory=lambda: Recent(KEPT))

    @property
    def title(self) -> str:
        """What the model calls itself."""
        return self.description.title

    @property
    def architecture(self) -> str | None:
        """The architecture that the model's file states, in herd7's spelling."""
        return self.description.architecture

    @property
    def bell(self) -> Annotations:
        """What is declared of the tags of instructions."""
        return self.description.bell

    @property
    def catdep(self) -> bool:
        """Whether the model computes dependencies itself, from accesses to registers."""
        return self.description.catdep

    def vocabulary(self) -> frozenset[str]:
        """Return the names of the primitive sets and relations that decide which executions the model has."""
        return self.interpreter().vocabulary()

    def sketches(self, basis: Basis) -> Sequence[Instance]:
        """Return the model over ``basis`` with graphs that need not be folded."""
        if basis.reads_from is not None:
            return self.instances(basis)
        sketches = [template.sketch(basis) for template in self._interpreted(lambda: self._templates(basis)) or ()]
        found = tuple(sketch for sketch in sketches if sketch is not None)
        return found if found and len(found) == len(sketches) else self.instances(basis)

    def instances(self, basis: Basis) -> Sequence[Instance]:
        """Return the model over ``basis``, see `relation.model.Model.instances`."""
        return self._interpreted(lambda: self._instances_over(basis))

    def _interpreted(self, work: Callable[[], Found]) -> Found:
        """Return what comes of work that may interpret the model, which may be deep."""
        usual = sys.getrecursionlimit()
        sys.setrecursionlimit(max(usual, _STACK))
        try:
            return work()
        except RecursionError:
            raise ModelError("a recursion does not end, or is too deep", self.interpreter().start()) from None
        finally:
            sys.setrecursionlimit(usual)

    def _instances_over(self, basis: Basis) -> tuple[Instance, ...]:
        if basis.reads_from is not None:
            return tuple(self.interpreter().with_reads_from(basis))
        found = self._instances.get(basis.shape) if basis.shape is not None else None
        if found is None:
            found = self._make(basis)
            if basis.shape is not None:
                self._instances.keep(basis.shape, found)
        return found

    def _make(self, basis: Basis) -> tuple[Instance, ...]:
        templates = self._templates(basis)
        if templates is None:
            return self.interpreter().over(basis)
        return tuple(template.instantiate(basis) for template in templates)

    def _templates(self, basis: Basis) -> tuple[Template, ...] | None:
        assumed: Assumption = frozenset()
        while True:
            attempt = self.attempts.get(assumed)
            if attempt is None or not attempt.unresolved.isdisjoint({*basis.sets, *basis.relations}):
                attempt = self.attempts[assumed] = self.interpreter().attempt(basis, assumed)
                self.keep(self)
            if attempt.templates is not None:
                return attempt.templates
            empty = {n for n in attempt.needed - DYNAMIC if not static_value(basis, n)}
            if not empty - assumed:
                return None
            assumed |= empty
