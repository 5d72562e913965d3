"""The operators of the cat language on values.

Sets and relations become nodes of the graph, sets of other values are computed at once. What an operator means on which
kinds of values follows herdtools7's lib/interpreter.ml, with one exception: ``_ ; r`` is the composition with the full
relation (herd7 skips ``_`` in a sequence).
"""

from collections.abc import Callable
from dataclasses import dataclass

from litmus.cat.value import (
    EMPTY_KIND,
    ClassRelation,
    Collection,
    Empty,
    EventSet,
    OneEvent,
    OnePair,
    Relation,
    Tag,
    TupleValue,
    Universe,
    Value,
    describe,
    joined_kind,
    kind_of,
)
from litmus.errors import ModelError
from litmus.relation import bits
from litmus.relation.graph import Graph, Node, Sort
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


class Operators:
    """Operators over the nodes of one graph. ``tags`` gives the tags of each enumeration, for the complement."""

    def __init__(self, graph: Graph, tags: dict[str, tuple[str, ...]]) -> None:
        self.graph = graph
        self.tags = tags

    # Coercions

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

    # Unary operators

    def closure(self, value: Value, span: Span) -> Value:
        """``r+``."""
        if isinstance(value, Empty | Universe):
            return value
        return Relation(self.graph.closure(self.relation(value, span)))

    def reflexive_closure(self, value: Value, span: Span) -> Value:
        """``r*``."""
        return (
            value if isinstance(value, Universe) else Relation(self.graph.reflexive_closure(self.relation(value, span)))
        )

    def optional(self, value: Value, span: Span) -> Value:
        """``r?``."""
        return value if isinstance(value, Universe) else Relation(self.graph.optional(self.relation(value, span)))

    def inverse(self, value: Value, span: Span) -> Value:
        """``r^-1``, of a pair too."""
        match value:
            case Empty() | Universe():
                return value
            case OnePair(source, target):
                return OnePair(target, source)
            case ClassRelation(pairs):
                return ClassRelation(frozenset((b, a) for a, b in pairs))
            case _:
                return Relation(self.graph.inverse(self.relation(value, span)))

    def complement(self, value: Value, span: Span) -> Value:
        """``~e``."""
        match value:
            case Empty():
                return Universe()
            case Universe():
                return Empty()
            case EventSet(node):
                return EventSet(self.graph.complement(node))
            case Relation(node):
                return Relation(self.graph.complement(node))
            case Tag() | Collection():
                return self.difference(Operand(Universe(), span), Operand(value, span), span)
            case _:
                raise wrong(value, "a set or a relation", span)

    def identity_on(self, value: Value, span: Span) -> Value:
        """``[S]``."""
        return value if isinstance(value, Empty) else Relation(self.graph.identity(self.events(value, span)))

    # Binary operators

    def sequence(self, left: Operand, right: Operand) -> Value:
        """``r ; s``, of relations over sets of events too."""
        if isinstance(left.value, Empty) or isinstance(right.value, Empty):
            self._refuse_non_relation(left)
            self._refuse_non_relation(right)
            return Empty()
        match left.value, right.value:
            case ClassRelation(first), ClassRelation(second):
                return ClassRelation(frozenset((a, d) for a, b in first for c, d in second if b == c))
            case _:
                return Relation(
                    self.graph.sequence(self.relation(left.value, left.span), self.relation(right.value, right.span))
                )

    def _refuse_non_relation(self, operand: Operand) -> None:
        if not isinstance(operand.value, ClassRelation):
            self.relation(operand.value, operand.span)

    def cartesian(self, left: Operand, right: Operand) -> Value:
        """``S * T``."""
        return Relation(self.graph.cartesian(self.events(left.value, left.span), self.events(right.value, right.span)))

    def union(self, left: Operand, right: Operand, span: Span) -> Value:
        """``a | b``."""
        a, b = _lifted(left.value), _lifted(right.value)
        if isinstance(a, Empty):
            return self._set_like(b, right.span)
        if isinstance(b, Empty) or isinstance(a, Universe):
            return self._set_like(a, left.span)
        if isinstance(b, Universe):
            return b
        return self._merge(
            "union", self.graph.union, lambda x, y: x | y, Operand(a, left.span), Operand(b, right.span), span
        )

    def intersection(self, left: Operand, right: Operand, span: Span) -> Value:
        """``a & b``."""
        a, b = _lifted(left.value), _lifted(right.value)
        if isinstance(a, Universe):
            return self._set_like(b, right.span)
        if isinstance(b, Universe):
            return self._set_like(a, left.span)
        if isinstance(a, Empty) or isinstance(b, Empty):
            self._set_like(a, left.span)
            self._set_like(b, right.span)
            return Empty()
        return self._merge(
            "intersection",
            self.graph.intersection,
            lambda x, y: x & y,
            Operand(a, left.span),
            Operand(b, right.span),
            span,
        )

    def difference(self, left: Operand, right: Operand, span: Span) -> Value:
        """``a \\ b``."""
        a, b = _lifted(left.value), _lifted(right.value)
        self._set_like(a, left.span)
        self._set_like(b, right.span)
        if isinstance(a, Empty) or isinstance(b, Universe):
            return Empty()
        if isinstance(b, Empty):
            return a
        if isinstance(a, Universe):
            a = self._universe_like(b, left.span)
        return self._merge(
            "difference", self.graph.difference, lambda x, y: x - y, Operand(a, left.span), Operand(b, right.span), span
        )

    def _merge(
        self,
        operation: str,
        on_nodes: Callable[[Node, Node], Node],
        on_sets: Callable[[set[object], set[object]], set[object]],
        left: Operand,
        right: Operand,
        span: Span,
    ) -> Value:
        match left.value, right.value:
            case Relation(a), Relation(b):
                return Relation(on_nodes(a, b))
            case EventSet(a), EventSet(b):
                return EventSet(on_nodes(a, b))
            case ClassRelation(first), ClassRelation(second):
                return ClassRelation(frozenset(on_sets(set(first), set(second))))  # type: ignore[arg-type]
            case Collection() as a_values, Collection() as b_values:
                return self._merge_collections(operation, on_sets, a_values, b_values, span)
        self._set_like(left.value, left.span)
        self._set_like(right.value, right.span)
        message = f"{operation} of {describe(left.value)} and {describe(right.value)}"
        raise ModelError(message, span)

    def _merge_collections(
        self,
        operation: str,
        on_sets: Callable[[set[object], set[object]], set[object]],
        left: Collection,
        right: Collection,
        span: Span,
    ) -> Value:
        kind = joined_kind(left.kind, right.kind)
        if kind is None:
            raise ModelError(f"{operation} of a set of {left.kind} and a set of {right.kind}", span)
        for element in (*left, *right):
            self._settle(element)
        kept = on_sets(set(left), set(right))
        return Collection(kind, (x for x in (*left, *right) if x in kept))

    def _set_like(self, value: Value, span: Span) -> Value:
        if not isinstance(value, Relation | EventSet | ClassRelation | Collection | Empty | Universe):
            raise wrong(value, "a set or a relation", span)
        return value

    def _universe_like(self, value: Value, span: Span) -> Value:
        """All of what ``value`` holds some of."""
        match value:
            case Relation():
                return Relation(self.graph.full(Sort.RELATION))
            case EventSet():
                return EventSet(self.graph.full(Sort.SET))
            case Collection() if value.kind.startswith("tag of "):
                enumeration = value.kind.removeprefix("tag of ")
                return Collection(value.kind, (Tag(enumeration, t) for t in self.tags[enumeration]))
            case _:
                raise ModelError(f"there is no universe for {describe(value)}", span)

    # Sets of values

    def addition(self, left: Operand, right: Operand, span: Span) -> Value:
        """``x ++ s``: the set s with the element x."""
        x, s = left.value, right.value
        if isinstance(x, Universe):
            raise ModelError("'_' cannot be an element of a set", left.span)
        match x, s:
            case _, Universe():
                return s
            case OneEvent(), Empty() | EventSet():
                return EventSet(self.graph.union(self.events(x, left.span), self.events(s, right.span)))
            case OnePair(), Empty() | Relation():
                return Relation(self.graph.union(self.relation(x, left.span), self.relation(s, right.span)))
            case TupleValue((OneEvent(a), OneEvent(b))), Empty() | Relation():
                pair = self.relation(OnePair(a, b), left.span)
                return Relation(self.graph.union(pair, self.relation(s, right.span)))
            case _, Empty():
                return Collection(kind_of(x), (x,))
            case _, Collection():
                return self._add(x, s, span)
            case _, EventSet():
                raise wrong(x, "an event", left.span)
            case _, Relation():
                raise wrong(x, "a pair of events", left.span)
            case _:
                raise wrong(s, "a set", right.span)

    def _add(self, element: Value, collection: Collection, span: Span) -> Value:
        kind = joined_kind(collection.kind, kind_of(element))
        if kind is None:
            raise ModelError(f"a set of {collection.kind} cannot hold {describe(element)}", span)
        elements = [self._typed(x, kind) for x in (*collection, element)]
        if len(elements) > 1:
            for x in elements:
                self._settle(x)
        return Collection(kind, elements)

    def _typed(self, value: Value, kind: str) -> Value:
        """Give the empty set the kind of its neighbours, so that equal elements are found equal."""
        match value, kind:
            case Empty(), "relation":
                return Relation(self.graph.empty(Sort.RELATION))
            case Empty(), "set of events":
                return EventSet(self.graph.empty(Sort.SET))
            case Empty(), "relation over sets of events":
                return ClassRelation(frozenset())
            case Empty(), _ if kind.startswith("set of "):
                return Collection(kind.removeprefix("set of "), ())
            case Collection(), _ if kind_of(value) != kind:
                element = kind.removeprefix("set of ")
                return Collection(element, (self._typed(x, element) for x in value))
            case _:
                return value

    def _settle(self, value: Value) -> None:
        """Equality of values must be decidable where they are elements of one set."""
        match value:
            case EventSet(node) | Relation(node):
                self.members(node)
            case TupleValue(items):
                for item in items:
                    self._settle(item)
            case _:
                pass

    def set_literal(self, operands: list[Operand], span: Span) -> Value:
        """``{a, b}``: a set of events of events, a relation of pairs, else a set of values."""
        result: Value = Empty()
        for operand in reversed(operands):
            result = self.addition(operand, Operand(result, span), span)
        return result

    # Comparisons

    def equal(self, left: Operand, right: Operand) -> bool:
        """``a = b``."""
        a, b = left.value, right.value
        if isinstance(a, Universe) or isinstance(b, Universe):
            raise ModelError("'_' cannot be compared", (left if isinstance(a, Universe) else right).span)
        kind = joined_kind(kind_of(a), kind_of(b))
        if kind is None:
            raise ModelError(f"{describe(a)} and {describe(b)} cannot be compared", left.span.to(right.span))
        a, b = self._typed(a, kind), self._typed(b, kind)
        if isinstance(a, Relation | EventSet) and a == b:
            return True
        self._settle(a)
        self._settle(b)
        return a == b

    def subset(self, left: Operand, right: Operand) -> bool:
        """``a subset b``."""
        rest = self.difference(left, right, left.span.to(right.span))
        match rest:
            case Empty():
                return True
            case Relation(node) | EventSet(node):
                return self.members(node) == 0
            case ClassRelation(pairs):
                return not pairs
            case Collection():
                return len(rest) == 0
            case _:
                return self.universe() == 0

    def contains(self, left: Operand, right: Operand) -> bool:
        """``a in b``."""
        match left.value:
            case OneEvent(number):
                return bool(self.members(self.events(right.value, right.span)) >> number & 1)
            case OnePair(a, b) | TupleValue((OneEvent(a), OneEvent(b))):
                relation = self.members(self.relation(right.value, right.span))
                return bool(relation >> (a * self.universe() + b) & 1)
        if isinstance(right.value, Empty):
            return False
        if not isinstance(right.value, Collection):
            raise wrong(right.value, "a set", right.span)
        kind = joined_kind(kind_of(left.value), right.value.kind)
        if kind is None:
            raise ModelError(f"a set of {right.value.kind} cannot hold {describe(left.value)}", left.span)
        element = self._typed(left.value, kind)
        self._settle(element)
        return element in right.value

    # Taking sets apart

    def split(self, value: Value, span: Span, *, middle: bool) -> tuple[Value, Value, Value] | None:
        """Return (before, element, after) of a set that is not empty, None of an empty one.

        The element is the first, or (``middle``) the middle one.
        """
        match value:
            case Empty():
                return None
            case EventSet(node):
                return self._split_bits(self.members(node), middle, Sort.SET)
            case Relation(node):
                return self._split_bits(self.members(node), middle, Sort.RELATION)
            case Collection():
                return _split_collection(value, middle)
            case Universe():
                raise ModelError("'_' cannot be matched", span)
            case _:
                raise wrong(value, "a set", span)

    def _split_bits(self, value: int, middle: bool, sort: Sort) -> tuple[Value, Value, Value] | None:
        if not value:
            return None
        found = list(bits.members(value)) if middle else [(value & -value).bit_length() - 1]
        chosen = found[len(found) // 2]
        below = (1 << chosen) - 1
        parts = (value & below, value & ~below & ~(1 << chosen))
        if sort is Sort.SET:
            before, after = (EventSet(self.graph.constant(part, sort)) for part in parts)
            return before, OneEvent(chosen), after
        first, second = (Relation(self.graph.constant(part, sort)) for part in parts)
        return first, OnePair(*divmod(chosen, self.universe())), second


def _split_collection(collection: Collection, middle: bool) -> tuple[Value, Value, Value] | None:
    elements = tuple(collection)
    if not elements:
        return None
    chosen = len(elements) // 2 if middle else 0
    before = Collection(collection.kind, elements[:chosen])
    return before, elements[chosen], Collection(collection.kind, elements[chosen + 1 :])


def _lifted(value: Value) -> Value:
    """A tag stands for the set that holds it."""
    return Collection(kind_of(value), (value,)) if isinstance(value, Tag) else value


__all__ = ["EMPTY_KIND", "NeedsMembers", "Operand", "Operators", "wrong"]
