"""What an engine needs of a memory model, whatever language it was written in."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol, TypeAlias

from litmus.dataclass import dataclass, field
from litmus.deadline import NEVER, Deadline
from litmus.relation import bits
from litmus.relation.bounding import Bounds
from litmus.relation.graph import Graph
from litmus.relation.node import Node
from litmus.source import Span


class Check(StrEnum):
    """The tests of the cat language."""

    ACYCLIC = "acyclic"
    IRREFLEXIVE = "irreflexive"
    EMPTY = "empty"


class Effect(StrEnum):
    """What becomes of an execution that fails (REQUIRE, ASSERT) or passes (FLAG, UNDEFINED) a check."""

    REQUIRE = "require"  # the execution does not exist
    FLAG = "flag"  # the execution exists and carries the flag
    UNDEFINED = "undefined_unless"  # the whole test is undefined unless every execution passes
    ASSERT = "assert"  # a failure is an error in the model


@dataclass(frozen=True, slots=True)
class Axiom:
    """One check of a model: ``[~] acyclic|irreflexive|empty node as name``, and what follows from it."""

    name: str
    check: Check
    node: Node
    negated: bool = False
    effect: Effect = Effect.REQUIRE
    span: Span | None = field(default=None, compare=False)


def passes(axiom: Axiom, value: int, n: int) -> bool:
    """Whether the axiom's check holds of a relation or set with these bits."""
    match axiom.check:
        case Check.EMPTY:
            outcome = value == 0
        case Check.IRREFLEXIVE:
            outcome = bits.irreflexive(value, n)
        case Check.ACYCLIC:
            outcome = bits.acyclic(value, n)
    return outcome != axiom.negated


Bounding: TypeAlias = Callable[[Bounds, Bounds, Deadline], Mapping[Node, Bounds]]
"""From the bounds of rf and of co to those of nodes, until a deadline."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A model over one event structure: checks over a folded graph whose variables are ``rf`` and ``co`` at most.

    ``named`` are the model's definitions that are sets or relations, for explanations (``hb``, ``prop`` …).
    ``coherence`` is the model's own co where it generates one (``with co from …``), else None: the engine chooses co,
    or, where the model does not ask for the order of writes (not ``ordered``), only which writes are the last.
    """

    graph: Graph
    axioms: tuple[Axiom, ...]
    named: Mapping[str, Node]
    coherence: Node | None = None
    shown: tuple[str, ...] = ()
    ordered: bool = True
    bounding: Bounding | None = field(default=None, compare=False, repr=False)
    """What the graph's nodes hold at least and at most, for bounds of rf and of co; None where the graph is folded: a
    sketch's has its other variables still."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The static side of an event structure as a model sees it.

    ``sets`` and ``relations`` are the primitive ones by their cat names (``R W M F B IW …``, ``po addr data ctrl rmw
    loc int ext id …``) as bits over ``universe`` events; a name that is absent is an empty set where ``tags`` (the
    words that some event of some program could carry) knows it, else unknown. ``reads_from`` and ``final_writes`` are
    given only where the model asked for them by raising :class:`NeedsReadsFrom`. ``location`` and ``value`` tell of
    an event what `classes-loc` and `different-values` compare; ``value`` is None where an event has none. Before rf
    is chosen, values that compare different may become equal.
    """

    universe: int
    sets: Mapping[str, int]
    relations: Mapping[str, int]
    location: Callable[[int], Hashable | None]
    value: Callable[[int], Hashable | None] = lambda event: None
    reads_from: int | None = None
    final_writes: int | None = None
    shape: Hashable | None = None
    """Equal shapes have equal sets and relations: instances may be shared between them."""
    deadline: Deadline = NEVER
    """When to stop interpreting a model over it."""
    to_first_failure: bool = False
    """Whether an instance may end with a check that fails, where ``reads_from`` tells that it does."""


class NeedsReadsFrom(Exception):
    """Raised by a model that can only be interpreted once rf is chosen (it matches or enumerates over it)."""


class Model(Protocol):
    """A memory model, ready to be interpreted over event structures."""

    @property
    def name(self) -> str:
        """The name that reports print."""

    @property
    def architecture(self) -> str | None:
        """The architecture that the model states to be about, in herd7's spelling (``AArch64``)."""

    def vocabulary(self) -> frozenset[str]:
        """Return the names of the primitive sets and relations that decide which executions the model has."""

    def sketches(self, basis: Basis) -> Sequence[Instance]:
        """Return what `instances` does, where it can be had faster with graphs that are not folded."""

    def instances(self, basis: Basis) -> Sequence[Instance]:
        """Return the model over ``basis``: several instances where it chooses (``with x from s``), each a choice.

        Raises:
            NeedsReadsFrom: where ``basis.reads_from`` is None and the model cannot do without it.
            ModelError: where the model is wrong.
        """
