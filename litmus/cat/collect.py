"""Sets of values: building, comparing and taking apart. Sets of events and relations are taken apart the same way."""

from litmus.cat.coerce import Coercions, Operand, wrong
from litmus.cat.value import (
    ClassRelation,
    Collection,
    Empty,
    EventSet,
    OneEvent,
    OnePair,
    Relation,
    TupleValue,
    Universe,
    Value,
    describe,
    joined_kind,
    kind_of,
)
from litmus.errors import ModelError
from litmus.relation import bits
from litmus.relation.node import Sort
from litmus.source import Span


class Collecting(Coercions):
    """Operations that need to know the members of what they work on."""

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
            raise ModelError(f"{describe(collection)} cannot hold {describe(element)}", span)
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
            raise ModelError(f"{describe(right.value)} cannot hold {describe(left.value)}", left.span)
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
