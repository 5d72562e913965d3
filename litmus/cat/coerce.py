"""From values to the nodes of a graph, where a set of events or a relation is due."""

from litmus.cat.value import ClassRelation, Empty, EventSet, OneEvent, OnePair, Relation, Universe, Value, describe
from litmus.dataclass import dataclass
from litmus.errors import ModelError
from litmus.relation.graph import Graph
from litmus.relation.node import Node, Sort
from litmus.source import Span


class NeedsMembers(Exception):
    """A construct asks which members a set or relation has, but it is not constant.

    ``node`` is what must be known; None where the events themselves must be.
    """

    def __init__(self, node: Node | None = None) -> None:
        super().__init__(node)
        self.node = node


def wrong(value: Value, due: str, span: Span) -> ModelError:
    """Return the error that something of another kind is due here."""
    return ModelError(f"{due} is due here, but this is {describe(value)}", span)


@dataclass(frozen=True, slots=True)
class Operand:
    """A value and the expression that it is the value of."""

    value: Value
    span: Span


class Coercions:
    """Nodes of one graph for values. ``tags`` gives the tags of each enumeration."""

    def __init__(self, graph: Graph, tags: dict[str, tuple[str, ...]]) -> None:
        self.graph = graph
        self.tags = tags

    def members(self, node: Node) -> int:
        """Return the bits of a constant node."""
        value = self.graph.value(node)
        if value is None:
            raise NeedsMembers(node)
        return value

    def is_empty(self, value: Value) -> bool:
        """Whether a value is known to be the empty set or relation."""
        match value:
            case EventSet(node) | Relation(node):
                return self.graph.value(node) == 0
            case _:
                return isinstance(value, Empty)

    def universe(self) -> int:
        """Return the number of events."""
        if self.graph.universe is None:
            raise NeedsMembers
        return self.graph.universe

    def relation(self, value: Value, span: Span) -> Node:
        """Return the node of what must be a relation."""
        match value:
            case Relation(node):
                return node
            case Empty():
                return self.graph.empty(Sort.RELATION)
            case Universe():
                return self.graph.full(Sort.RELATION)
            case OnePair(source, target):
                return self.graph.constant(1 << (source * self.universe() + target), Sort.RELATION)
            case _:
                raise wrong(value, "a relation", span)

    def events(self, value: Value, span: Span) -> Node:
        """Return the node of what must be a set of events."""
        match value:
            case EventSet(node):
                return node
            case Empty():
                return self.graph.empty(Sort.SET)
            case Universe():
                return self.graph.full(Sort.SET)
            case OneEvent(number):
                return self.graph.constant(1 << number, Sort.SET)
            case _:
                raise wrong(value, "a set of events", span)

    def set_or_relation(self, value: Value, span: Span) -> Node:
        """Return the node of what must be a set of events or a relation; ``0`` and ``_`` count as relations."""
        match value:
            case EventSet() | OneEvent():
                return self.events(value, span)
            case ClassRelation():
                raise wrong(value, "a set of events or a relation over events", span)
            case _:
                return self.relation(value, span)
