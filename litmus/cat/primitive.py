"""The functions that the cat language provides (herdtools7, lib/interpreter.ml, add_primitives)."""

from collections.abc import Callable, Iterable

from litmus.cat.annotation import instruction_set_name
from litmus.cat.operate import Operators, wrong
from litmus.cat.order import bisimilar, linear_extensions, linearised_classes
from litmus.cat.value import (
    ClassRelation,
    Collection,
    Empty,
    Environment,
    EventSet,
    Primitive,
    Relation,
    Tag,
    Thunk,
    TupleValue,
    Universe,
    Value,
    describe,
)
from litmus.dataclass import dataclass
from litmus.errors import ModelError, UnknownNameError
from litmus.relation import bits
from litmus.relation.model import Basis, NeedsReadsFrom
from litmus.relation.node import Sort
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class Primitives:
    """The primitive functions over one graph; ``basis`` is known where the events are."""

    operators: Operators
    basis: Basis | None
    find: Callable[[str], Value | None]
    """The initial names."""

    def environment(self) -> Environment:
        """Return the primitives by name."""
        functions: dict[str, Callable[[Value, Span, Environment], Value]] = {
            "domain": self._domain,
            "range": self._range,
            "fail": _fail,
            "as_transitive": lambda value, span, _: self.operators.closure(value, span),
            "different-values": self._different_values,
            "same-oa": _no_page_table,
            "at-least-one-writable": _no_page_table,
            "oa-changes": _no_page_table,
            "inter_transitive": self._inter_transitive,
            "fromto": self._from_to,
            "classes-loc": self._classes_by_location,
            "classes": self._classes,
            "lift": self._lift,
            "delift": self._delift,
            "deliftinter": self._delift_within,
            "linearisations": self._linearisations,
            "bisimulation": self._bisimulation,
            "tag2scope": self._tag_relation,
            "tag2level": self._tag_relation,
            "tag2events": self._tag_events,
            "tag2fenced": self._tag_fenced,
            "loc2events": self._events_at,
        }
        return {name: Primitive(name, function) for name, function in functions.items()}

    def _domain(self, value: Value, span: Span, _: Environment) -> Value:
        if isinstance(value, Empty | Universe):
            return value
        return EventSet(self.operators.graph.domain(self.operators.relation(value, span)))

    def _range(self, value: Value, span: Span, _: Environment) -> Value:
        if isinstance(value, Empty | Universe):
            return value
        return EventSet(self.operators.graph.codomain(self.operators.relation(value, span)))

    # Values and locations

    def _known_basis(self) -> Basis:
        self.operators.universe()
        assert self.basis is not None
        return self.basis

    def _different_values(self, value: Value, span: Span, _: Environment) -> Value:
        """The pairs of events whose values differ; an event without a value differs from every other."""
        relation = self.operators.members(self.operators.relation(value, span))
        if not relation:
            return Empty()
        basis = self._known_basis()
        n = basis.universe
        kept = [(i, j) for i, j in bits.pairs(relation, n) if not _same_value(basis, i, j)]
        # Before rf is chosen a value may be a term: equal terms are equal values, others may become so.
        if kept and basis.reads_from is None:
            raise NeedsReadsFrom
        return Relation(self.operators.graph.constant(bits.from_pairs(kept, n), Sort.RELATION))

    def _classes_by_location(self, value: Value, span: Span, _: Environment) -> Value:
        events = self.operators.members(self.operators.events(value, span))
        groups: dict[object, int] = {}
        for event in bits.members(events):
            location = self._known_basis().location(event)
            if location is not None:
                groups[location] = groups.get(location, 0) | 1 << event
        return self._sets(groups.values())

    def _sets(self, groups: Iterable[int]) -> Value:
        constant = self.operators.graph.constant
        return Collection("set of events", (EventSet(constant(g, Sort.SET)) for g in groups))

    def _events_at(self, value: Value, span: Span, _: Environment) -> Value:
        if not isinstance(value, Tag):
            raise wrong(value, "a tag that names a location", span)
        basis = self._known_basis()
        events = sum(1 << e for e in range(basis.universe) if basis.location(e) == value.name)
        return EventSet(self.operators.graph.constant(events, Sort.SET))

    # Program order

    def _from_to(self, value: Value, span: Span, environment: Environment) -> Value:
        return self._fenced(self.operators.events(value, span), span)

    def _fenced(self, fences: int, span: Span) -> Value:
        graph = self.operators.graph
        po, kind = self.find("po"), self.find("F")
        assert po is not None
        assert kind is not None
        order = self.operators.relation(po, span)
        on_fence = graph.identity(graph.intersection(fences, self.operators.events(kind, span)))
        return Relation(graph.sequence(graph.sequence(order, on_fence), order))

    def _inter_transitive(self, value: Value, span: Span, _: Environment) -> Value:
        """The part of the second relation that is in the transitive closure of the first."""
        match value:
            case TupleValue((steps, relation)):
                graph = self.operators.graph
                closed = graph.closure(self.operators.relation(steps, span))
                return Relation(graph.intersection(closed, self.operators.relation(relation, span)))
            case _:
                raise wrong(value, "two relations", span)

    # Tags

    def _tag_relation(self, value: Value, span: Span, environment: Environment) -> Value:
        if not isinstance(value, Tag):
            raise wrong(value, "a tag", span)
        found = self._named(value.name, environment)
        if found is None:
            raise UnknownNameError(f"no relation for the tag '{value.name}: the test has no scope tree", span)
        if not isinstance(found, Empty | Universe | Relation):
            raise ModelError(f"a relation is due for the tag '{value.name}, but it is {describe(found)}", span)
        return found

    def _tag_events(self, value: Value, span: Span, environment: Environment) -> Value:
        if not isinstance(value, Tag):
            raise wrong(value, "a tag", span)
        name = instruction_set_name(value.name)
        found = self._named(name, environment)
        if found is None:
            raise UnknownNameError(f"no set of events '{name}' for the tag '{value.name}", span)
        if not isinstance(found, Empty | Universe | EventSet):
            raise ModelError(f"a set of events is due for the tag '{value.name}, but it is {describe(found)}", span)
        return found

    def _tag_fenced(self, value: Value, span: Span, environment: Environment) -> Value:
        events = self._tag_events(value, span, environment)
        return self._fenced(self.operators.events(events, span), span)

    def _named(self, name: str, environment: Environment) -> Value | None:
        found = environment.get(name)
        if found is None:
            return self.find(name)
        return found.force() if isinstance(found, Thunk) else found

    # Classes

    def _classes(self, value: Value, span: Span, _: Environment) -> Value:
        """The connected components of a relation."""
        relation = self.operators.members(self.operators.relation(value, span))
        n = self.operators.universe()
        linked = bits.closure(relation | bits.inverse(relation, n), n)
        full = (1 << n) - 1
        return self._sets(dict.fromkeys(linked >> i * n & full for i in bits.members(bits.domain(linked, n))))

    def _lift(self, value: Value, span: Span, _: Environment) -> Value:
        """From a relation over events to one over the classes that they are in."""
        match value:
            case TupleValue((Collection() as classes, relation)):
                pairs = self.operators.members(self.operators.relation(relation, span))
            case TupleValue((Empty(), _)):
                return Empty()
            case _:
                raise wrong(value, "a set of sets of events and a relation", span)
        owner = {e: c for c in self._as_bits(classes, span) for e in bits.members(c)}
        found = bits.pairs(pairs, self.operators.universe()) if pairs else ()
        return ClassRelation(frozenset((owner[i], owner[j]) for i, j in found if i in owner and j in owner))

    def _as_bits(self, classes: Collection, span: Span) -> list[int]:
        return [self.operators.members(self.operators.events(c, span)) for c in classes]

    def _delift(self, value: Value, span: Span, _: Environment) -> Value:
        return self._spread(_class_relation(value, span))

    def _delift_within(self, value: Value, span: Span, environment: Environment) -> Value:
        match value:
            case TupleValue((relation, classes)):
                within = self.operators.relation(relation, span)
                spread = self.operators.relation(self._spread(_class_relation(classes, span)), span)
                return Relation(self.operators.graph.intersection(within, spread))
            case _:
                raise wrong(value, "a relation and a relation over sets of events", span)

    def _spread(self, classes: ClassRelation) -> Value:
        if not classes.pairs:
            return Empty()
        n, relation = self.operators.universe(), 0
        for left, right in classes.pairs:
            relation |= bits.cartesian(left, right, n)
        return Relation(self.operators.graph.constant(relation, Sort.RELATION))

    # Orders

    def _linearisations(self, value: Value, span: Span, _: Environment) -> Value:
        """All total orders of a set that extend a relation; none where it has a cycle through the set."""
        match value:
            case TupleValue((Collection() as classes, ClassRelation(pairs))):
                return linearised_classes(self._as_bits(classes, span), pairs)
            case TupleValue((Empty(), ClassRelation())):
                return Collection("relation over sets of events", (ClassRelation(frozenset()),))
            case TupleValue((events, relation)):
                members = self.operators.members(self.operators.events(events, span))
                order = self.operators.members(self.operators.relation(relation, span))
            case _:
                raise wrong(value, "a set and a relation", span)
        n = self.operators.graph.universe or 0
        constant = self.operators.graph.constant
        orders = linear_extensions(members, order, n)
        return Collection("relation", (Relation(constant(o, Sort.RELATION)) for o in orders))

    def _bisimulation(self, value: Value, span: Span, _: Environment) -> Value:
        """The largest relation inside the second argument that the steps of the first preserve."""
        match value:
            case TupleValue((ClassRelation(steps), ClassRelation(candidates))):
                return ClassRelation(bisimilar(set(steps), set(candidates)))
            case TupleValue((ClassRelation(steps), Empty())):
                return ClassRelation(frozenset())
            case TupleValue((Empty(), ClassRelation() as unchanged)):
                return unchanged
            case TupleValue((transitions, equivalence)):
                step_bits = self.operators.members(self.operators.relation(transitions, span))
                candidate_bits = self.operators.members(self.operators.relation(equivalence, span))
            case _:
                raise wrong(value, "two relations", span)
        if not candidate_bits:
            return Empty()
        n = self.operators.universe()
        kept = bisimilar(set(bits.pairs(step_bits, n)), set(bits.pairs(candidate_bits, n)))
        return Relation(self.operators.graph.constant(bits.from_pairs(kept, n), Sort.RELATION))


def _no_page_table(*_: object) -> Value:
    """What is asked of accesses to page-table entries: there are none."""
    return Empty()


def _fail(value: Value, span: Span, _: Environment) -> Value:
    raise ModelError(f"the model fails on {describe(value)}", span)


def _same_value(basis: Basis, i: int, j: int) -> bool:
    value = basis.value(i)
    return value is not None and value == basis.value(j)


def _class_relation(value: Value, span: Span) -> ClassRelation:
    match value:
        case ClassRelation():
            return value
        case Empty():
            return ClassRelation(frozenset())
        case _:
            raise wrong(value, "a relation over sets of events", span)
