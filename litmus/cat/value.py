"""What expressions of the cat language denote.

Sets of events and relations are nodes of a `relation.graph.Graph`; everything else lives only while a model is
interpreted. ``0``, ``{}`` and ``_`` stand for the empty and the full set *or* relation until an operator decides.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from litmus.cat.ast import Expression, Pattern
from litmus.cat.statement import Statement
from litmus.dataclass import dataclass
from litmus.relation.node import Node
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class Empty:
    """The empty set, of whatever."""


@dataclass(frozen=True, slots=True)
class Universe:
    """All events, all pairs of events, or all tags of an enumeration."""


@dataclass(frozen=True, slots=True)
class EventSet:
    """A set of events."""

    node: Node


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation over events."""

    node: Node


@dataclass(frozen=True, slots=True)
class OneEvent:
    """An event, taken from a set."""

    number: int


@dataclass(frozen=True, slots=True)
class OnePair:
    """A pair of events, taken from a relation."""

    source: int
    target: int


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of an enumeration."""

    enumeration: str
    name: str


@dataclass(frozen=True, slots=True)
class ClassRelation:
    """A relation over sets of events, each set as bits."""

    pairs: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class TupleValue:
    """A tuple."""

    items: tuple["Value", ...]


class Collection:
    """A set of values of one kind, in the order in which they were added. ``kind`` is that of the elements."""

    __slots__ = ("_elements", "kind")

    def __init__(self, kind: str, elements: Iterable["Value"]) -> None:
        self.kind = kind
        self._elements: dict[Value, None] = dict.fromkeys(elements)

    def __iter__(self) -> Iterator["Value"]:
        return iter(self._elements)

    def __len__(self) -> int:
        return len(self._elements)

    def __contains__(self, value: object) -> bool:
        return value in self._elements

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Collection) and self._elements.keys() == other._elements.keys()

    def __hash__(self) -> int:
        return hash(frozenset(self._elements))


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function written in cat, with the names it can see."""

    parameter: Pattern
    body: Expression
    environment: "Environment"
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """A function that the language provides."""

    name: str
    apply: Callable[["Value", Span, "Environment"], "Value"]


@dataclass(frozen=True, slots=True, eq=False)
class Procedure:
    """A procedure, with the names it can see."""

    name: str
    parameter: Pattern
    body: tuple[Statement, ...]
    environment: "Environment"


Value: TypeAlias = (
    Empty
    | Universe
    | EventSet
    | Relation
    | OneEvent
    | OnePair
    | Tag
    | ClassRelation
    | TupleValue
    | Collection
    | Function
    | Primitive
    | Procedure
)


class Thunk:
    """A definition that is evaluated when it is first used; ``compute`` is dropped then."""

    __slots__ = ("_compute", "_value")

    def __init__(self, compute: Callable[[], Value]) -> None:
        self._compute: Callable[[], Value] | None = compute
        self._value: Value | None = None

    def force(self) -> Value:
        """Return the value; an error is raised again each time."""
        if self._value is None:
            assert self._compute is not None
            self._value = self._compute()
            self._compute = None
        return self._value


Environment: TypeAlias = dict[str, Value | Thunk]
"""The names in scope. Never changed once something was evaluated in it, but for tying recursive functions."""

EMPTY_KIND = "empty"
_SET_OF = "set of "


def kind_of(value: Value) -> str:
    """Return the kind of a value, such that only values of one kind can be elements of one set."""
    match value:
        case Empty() | Universe():
            return EMPTY_KIND
        case Tag(enumeration):
            return f"tag of {enumeration}"
        case Collection():
            return _SET_OF + value.kind
        case TupleValue(items):
            return f"({', '.join(kind_of(item) for item in items)})"
        case Function() | Primitive():
            return "function"
        case _:
            return {
                EventSet: "set of events",
                Relation: "relation",
                OneEvent: "event",
                OnePair: "pair of events",
                ClassRelation: "relation over sets of events",
                Procedure: "procedure",
            }[type(value)]


def describe(value: Value) -> str:
    """Return what error messages call a value."""
    match value:
        case Empty():
            return "the empty set"
        case Universe():
            return "'_'"
        case Tag(_, name):
            return f"the tag '{name}"
        case Function(name=name) | Primitive(name=name):
            return f"the function {name}"
        case TupleValue(items):
            return f"a tuple ({', '.join(describe(item) for item in items)})"
        case _:
            kind = spoken(kind_of(value))
            return f"an {kind}" if kind.startswith("event") else f"a {kind}"


def spoken(kind: str) -> str:
    """Return a kind in words: ``set of sets of events``."""
    inner = kind.removeprefix(_SET_OF)
    return kind if inner in (kind, "events") else _SET_OF + plural(inner)


def plural(kind: str) -> str:
    """Return what several values of a kind are: ``sets of events``, ``tags of E``."""
    if kind.startswith("("):
        return f"tuples {kind}"
    head, blank, rest = spoken(kind).partition(" ")
    return f"{head}s{blank}{rest}"


def joined_kind(left: str, right: str) -> str | None:
    """Return the kind of elements that may be of either kind, None where they cannot be in one set."""
    if left == right or right == EMPTY_KIND:
        return left
    if left == EMPTY_KIND:
        return right
    if left.startswith(_SET_OF) and right.startswith(_SET_OF):
        inner = joined_kind(left.removeprefix(_SET_OF), right.removeprefix(_SET_OF))
        return None if inner is None else _SET_OF + inner
    return None
