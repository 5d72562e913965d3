"""The operators of the cat language on values.

Sets and relations become nodes of the graph, sets of other values are computed at once. What an operator means on which
kinds of values follows herdtools7's lib/interpreter.ml.
"""

from collections.abc import Callable

from litmus.cat.coerce import NeedsMembers, Operand, wrong
from litmus.cat.collect import Collecting
from litmus.cat.value import (
    ClassRelation,
    Collection,
    Empty,
    EventSet,
    OnePair,
    Relation,
    Tag,
    Universe,
    Value,
    describe,
    joined_kind,
    kind_of,
)
from litmus.errors import ModelError
from litmus.relation.node import Node, Sort
from litmus.source import Span


class Operators(Collecting):
    """The operators over the nodes of one graph."""

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
            raise ModelError(f"{operation} of {describe(left)} and {describe(right)}", span)
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


def _lifted(value: Value) -> Value:
    """A tag stands for the set that holds it."""
    return Collection(kind_of(value), (value,)) if isinstance(value, Tag) else value


__all__ = ["NeedsMembers", "Operand", "Operators", "wrong"]
