"""The explicit engine against one that tries every rf and every co, on random programs and random models."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from litmus.engine.basis import basis_of
from litmus.engine.explicit import Enumerator
from litmus.event.structure import INIT, EventStructure
from litmus.event.unfold import unfold
from litmus.program.instruction import Branch, Instruction, Label, Load, Origin, ReadModifyWrite, Store
from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.term import (
    THIN_AIR,
    Address,
    Apply,
    Leaf,
    ReadValue,
    Register,
    Term,
    UndefinedOperation,
    Value,
    holds,
    substitute,
)
from litmus.relation import bits
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Basis, Check, Instance, passes
from litmus.relation.node import Node, Sort
from litmus.relation.solve import evaluate

HERE = Origin("l", "statement")
PLACES = (Address("x"), Address("y"))
NO_TAGS: frozenset[str] = frozenset()


def _store(place: Address, value: int | Register) -> Instruction:
    return Store(place, value, NO_TAGS, HERE)


def _load(target: str, place: Address) -> Instruction:
    return Load(target, place, NO_TAGS, HERE)


def _add(place: Address, amount: int) -> Instruction:
    old = Register("old")
    return ReadModifyWrite(old, place, Apply("+", (old, amount)), NO_TAGS, NO_TAGS, HERE)


places = st.sampled_from(PLACES)
registers = st.sampled_from(("a", "b"))
simple = st.one_of(
    st.builds(_store, places, st.one_of(st.integers(1, 2), st.builds(Register, registers))),
    st.builds(_load, registers, places),
    st.builds(_add, places, st.integers(1, 2)),
)
bodies = st.lists(simple, min_size=1, max_size=3)


@st.composite
def threads(draw: st.DrawFn) -> tuple[Instruction, ...]:
    body = draw(bodies)
    if draw(st.booleans()):
        guard = Branch(Register(draw(registers)), "end", HERE)
        body = [*body[:1], guard, *body[1:], Label("end")]
    return tuple(body)


class RandomModel:
    """A model whose axioms are fixed recipes over the primitive relations."""

    name = "random"

    def __init__(self, recipes: Sequence[tuple[Check, bool, tuple[object, ...]]]) -> None:
        self.recipes = recipes

    def instances(self, basis: Basis) -> Sequence[Instance]:
        """Build every recipe over the basis."""
        graph = Graph(basis.universe)
        axioms = tuple(
            Axiom(f"axiom{i}", check, _build(graph, basis, recipe), negated)
            for i, (check, negated, recipe) in enumerate(self.recipes)
        )
        return (Instance(graph, axioms, {}),)

    sketches = instances


def _build(graph: Graph, basis: Basis, recipe: tuple[object, ...]) -> Node:
    match recipe:
        case ("rf" | "co" as name,):
            return graph.variable(str(name), Sort.RELATION)
        case (str(name),):
            return graph.constant(basis.relations[name], Sort.RELATION)
        case ("fix", step):
            x = graph.variable(f"x{len(graph.operators)}", Sort.RELATION)
            body = _build(graph, basis, step)  # type: ignore[arg-type]
            return graph.fixpoint((x,), (graph.union(body, graph.sequence(x, body)),))[0]
        case ("nest", first, second):
            x = graph.variable(f"x{len(graph.operators)}", Sort.RELATION)
            y = graph.variable(f"y{len(graph.operators)}", Sort.RELATION)
            step = graph.union(_build(graph, basis, second), graph.sequence(y, x))  # type: ignore[arg-type]
            inner = graph.fixpoint((y,), (step,))[0]
            return graph.fixpoint((x,), (graph.union(_build(graph, basis, first), inner),))[0]  # type: ignore[arg-type]
        case (operation, operand):
            return getattr(graph, str(operation))(_build(graph, basis, operand))  # type: ignore[arg-type,no-any-return]
        case (operation, left, right):
            parts = _build(graph, basis, left), _build(graph, basis, right)  # type: ignore[arg-type]
            return getattr(graph, str(operation))(*parts)  # type: ignore[no-any-return]
    raise AssertionError(recipe)


FR = ("sequence", ("inverse", ("rf",)), ("co",))
familiar = st.sampled_from(
    [
        ("po",),
        ("rf",),
        ("co",),
        FR,
        ("intersection", ("po",), ("loc",)),
        ("intersection", ("rf",), ("ext",)),
        ("difference", ("po",), FR),
        ("difference", ("ext",), ("sequence", ("rf",), ("po",))),
    ]
)
recipes = st.recursive(
    familiar,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["sequence", "difference", "difference", "intersection", "nest"]), inner, inner),
        st.tuples(st.sampled_from(["inverse", "closure", "fix"]), inner),
    ),
    max_leaves=4,
)


def _together(parts: Sequence[tuple[object, ...]]) -> tuple[object, ...]:
    whole = parts[0]
    for part in parts[1:]:
        whole = ("union", whole, part)
    return whole


ordered = st.lists(recipes, min_size=2, max_size=4).map(_together)
axioms = st.one_of(
    st.tuples(st.just(Check.ACYCLIC), st.just(False), ordered),
    st.tuples(st.just(Check.IRREFLEXIVE), st.just(False), st.tuples(st.just("sequence"), ordered, ordered)),
    st.tuples(st.just(Check.EMPTY), st.just(False), st.tuples(st.just("intersection"), st.just(("rmw",)), ordered)),
    st.tuples(st.sampled_from(list(Check)), st.just(True), recipes),
)
models = st.lists(axioms, min_size=1, max_size=2).map(RandomModel)


def _program(count: int) -> Program:
    locations = tuple(Location(a.symbol, a) for a in PLACES)
    return Program("random", Dialect.DSL, locations, tuple(Thread(str(i), ()) for i in range(count)))


def _all(structure: EventStructure, model: RandomModel) -> Iterator[tuple[int, int]]:
    """Every (rf, co) with consistent values that every axiom accepts, by trying all of them."""
    (instance,) = model.instances(basis_of(structure))
    n = len(structure.events)
    for rf in _reads_from(structure):
        for co in _coherences(structure):
            environment = {"rf": bits.from_pairs(((w, r) for r, w in rf.items()), n), "co": co}
            nodes = tuple(a.node for a in instance.axioms)
            values = evaluate(instance.graph, nodes, environment)
            if all(passes(a, v, n) for a, v in zip(instance.axioms, values, strict=True)):
                yield environment["rf"], co


def _reads_from(structure: EventStructure) -> Iterator[dict[int, int]]:
    events, n = structure.events, len(structure.events)
    reads = [e for e in events if e.kind == "R"]
    options = [
        [
            w.number
            for w in events
            if w.kind == "W"
            and w.location == r.location
            and not structure.relations["rmw"] >> (r.number * n + w.number) & 1
        ]
        for r in reads
    ]
    for choice in product(*options):
        rf = {r.number: w for r, w in zip(reads, choice, strict=True)}
        if _has_values(structure, rf):
            yield rf


def _has_values(structure: EventStructure, rf: Mapping[int, int]) -> bool:
    """Whether the values fit; what is computed from a value out of thin air may depend on it, and then has none."""
    try:
        values = _values(structure, rf)
        for term in (*structure.final.values(), *(e.value for e in structure.events if e.value is not None)):
            _closed(term, values)
        return all(holds(_closed(c, values)) for c in structure.constraints)
    except UndefinedOperation:
        return False


def _values(structure: EventStructure, rf: Mapping[int, int]) -> dict[int, Value]:
    known: dict[int, Value] = {}
    _settle(structure, rf, known)
    for read in rf:
        if read not in known:
            known[read] = Address(THIN_AIR, read)
            _settle(structure, rf, known)
    return known


def _settle(structure: EventStructure, rf: Mapping[int, int], known: dict[int, Value]) -> None:
    for _ in rf:
        for read, write in rf.items():
            term = structure.events[write].value
            assert term is not None
            value = substitute(term, lambda leaf: known.get(leaf.event) if isinstance(leaf, ReadValue) else None)
            if isinstance(value, (int, Address)):
                known[read] = value


def _closed(term: Term, known: Mapping[int, Value]) -> Value:
    def lookup(leaf: Leaf) -> Term | None:
        return known[leaf.event] if isinstance(leaf, ReadValue) else None

    value = substitute(term, lookup)
    assert isinstance(value, (int, Address))
    return value


def _coherences(structure: EventStructure) -> Iterator[int]:
    n = len(structure.events)
    groups: dict[str, list[int]] = {}
    for event in structure.events:
        if event.kind == "W" and event.location is not None:
            groups.setdefault(event.location, []).append(event.number)
    orders = [
        [order for order in permutations(group) if structure.events[order[0]].thread == INIT]
        for group in groups.values()
    ]
    for choice in product(*orders):
        yield bits.from_pairs(((a, b) for order in choice for i, a in enumerate(order) for b in order[i + 1 :]), n)


@settings(max_examples=120, deadline=None)
@given(st.lists(threads(), min_size=1, max_size=3), models)
def test_explicit_engine_finds_exactly_the_accepted_candidates(
    code: list[tuple[Instruction, ...]], model: RandomModel
) -> None:
    enumerator = Enumerator(model)
    for structure in unfold(_program(len(code)), code, "sc", 1):
        if len(structure.events) > 9:
            continue
        found = sorted((a.reads_from, a.coherence) for a in enumerator.executions(structure))
        assert found == sorted(_all(structure, model))


def _swap(place: Address, value: int) -> Instruction:
    return ReadModifyWrite(Register("old"), place, value, NO_TAGS, NO_TAGS, HERE)


def _add_if_zero(place: Address, amount: int) -> Instruction:
    old = Register("old")
    return ReadModifyWrite(old, place, amount, NO_TAGS, NO_TAGS, HERE, condition=Apply("==", (old, 0)))


updates = st.lists(
    st.one_of(
        st.builds(_add, st.just(PLACES[0]), st.integers(1, 2)),
        st.builds(_swap, st.just(PLACES[0]), st.integers(0, 1)),
        st.builds(_add_if_zero, st.just(PLACES[0]), st.just(1)),
        st.builds(_store, st.just(PLACES[0]), st.integers(0, 1)),
        st.builds(_load, registers, st.just(PLACES[0])),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
COHERENCE = (Check.ACYCLIC, False, _together([("rf",), ("co",), FR, ("intersection", ("po",), ("loc",)), ("rmw",)]))
ATOMICITY = (
    Check.EMPTY,
    False,
    ("intersection", ("rmw",), ("sequence", ("intersection", FR, ("ext",)), ("intersection", ("co",), ("ext",)))),
)
familiar_models = st.lists(axioms, max_size=1).flatmap(
    lambda extra: st.sampled_from(
        [[COHERENCE, ATOMICITY, *extra], [COHERENCE, *extra], [ATOMICITY, *extra], [COHERENCE, ATOMICITY, *extra]]
    ).map(RandomModel)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(updates, min_size=2, max_size=3), familiar_models)
def test_chains_of_updates_lose_and_invent_nothing(code: list[tuple[Instruction, ...]], model: RandomModel) -> None:
    enumerator = Enumerator(model)
    for structure in unfold(_program(len(code)), code, "sc", 1):
        if len(structure.events) > 9:
            continue
        found = sorted((a.reads_from, a.coherence) for a in enumerator.executions(structure))
        assert found == sorted(_all(structure, model))
