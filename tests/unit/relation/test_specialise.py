"""A symbolic graph over one structure, and the folding of fixpoints."""

import pytest

from litmus.errors import ModelError
from litmus.relation import bits
from litmus.relation.graph import Graph
from litmus.relation.node import Operator, Sort
from litmus.relation.solve import evaluate
from litmus.relation.specialise import specialise
from litmus.source import Source

N = 4
CHAIN = bits.from_pairs([(0, 1), (1, 2)], N)
EDGE = bits.from_pairs([(2, 3)], N)


def rel(graph: Graph, name: str) -> int:
    return graph.variable(name, Sort.RELATION)


def test_static_leaves_fold() -> None:
    graph = Graph()
    a, rf = rel(graph, "a"), rel(graph, "rf")
    static, dynamic = graph.sequence(a, a), graph.sequence(a, rf)
    target, (first, second) = specialise(graph, (static, dynamic), {"a": CHAIN}, N)
    assert target.value(first) == bits.from_pairs([(0, 2)], N)
    assert target.value(second) is None
    assert evaluate(target, (second,), {"rf": EDGE}) == (bits.from_pairs([(1, 3)], N),)


def test_what_is_empty_vanishes() -> None:
    graph = Graph()
    a, rf = rel(graph, "a"), rel(graph, "rf")
    node = graph.union(graph.sequence(a, rf), rf)
    target, (mapped,) = specialise(graph, (node,), {"a": 0}, N)
    assert target.operators[mapped] is Operator.VARIABLE


def test_the_universe_becomes_all_events() -> None:
    graph = Graph()
    target, (mapped,) = specialise(graph, (graph.optional(rel(graph, "a")),), {"a": EDGE}, N)
    assert target.value(mapped) == EDGE | bits.identity(N)


def recursion(graph: Graph, *, twice: bool) -> int:
    """``x = a | x ; x`` or ``x = a | x ; a``."""
    a, x = rel(graph, "a"), rel(graph, "x#1")
    (solution,) = graph.fixpoint((x,), (graph.union(a, graph.sequence(x, x if twice else a)),))
    return solution


@pytest.mark.parametrize("twice", [True, False])
@pytest.mark.parametrize("leaves", [{}, {"a": CHAIN | EDGE}])
def test_fixpoints(twice: bool, leaves: dict[str, int]) -> None:
    graph = Graph()
    target, (mapped,) = specialise(graph, (recursion(graph, twice=twice),), leaves, N)
    assert (target.value(mapped) is not None) == bool(leaves)
    assert evaluate(target, (mapped,), {"a": CHAIN | EDGE}) == (bits.closure(CHAIN | EDGE, N),)


def test_a_recursion_that_composes_with_itself_is_a_closure() -> None:
    graph = Graph()
    assert graph.operators[recursion(graph, twice=True)] is Operator.CLOSURE


def test_components_that_never_grow_are_empty() -> None:
    graph = Graph(universe=N)
    x, y, z = (rel(graph, name) for name in ("x#1", "y#1", "z#1"))
    rf = rel(graph, "rf")
    solution = graph.fixpoint((x, y, z), (graph.sequence(y, rf), graph.sequence(rf, x), graph.union(rf, x)))
    assert [graph.value(node) for node in solution[:2]] == [0, 0]
    assert evaluate(graph, (solution[2],), {"rf": EDGE}) == (EDGE,)


def test_nested_fixpoints() -> None:
    graph = Graph()
    a, b, x, y = (rel(graph, name) for name in ("a", "b", "x#1", "y#2"))
    (inner,) = graph.fixpoint((y,), (graph.union(x, graph.sequence(y, b)),))
    (outer,) = graph.fixpoint((x,), (graph.union(a, graph.sequence(inner, a)),))
    # x is what a, b and a again reach: a ; (b* ; a)*
    expected_graph = Graph(universe=N)
    ea, eb = (expected_graph.constant(v, Sort.RELATION) for v in (CHAIN, EDGE | 1 << (3 * N)))
    step = expected_graph.sequence(expected_graph.reflexive_closure(eb), ea)
    expected = expected_graph.value(expected_graph.sequence(ea, expected_graph.reflexive_closure(step)))
    values = {"a": CHAIN, "b": EDGE | 1 << (3 * N)}
    for leaves in ({}, {"a": CHAIN}, values):
        target, (mapped,) = specialise(graph, (outer,), leaves, N)
        assert evaluate(target, (mapped,), values) == (expected,)


def test_equations_that_are_not_monotone_are_solved_in_order() -> None:
    graph = Graph(universe=N)
    left, taken = graph.variable("left#1", Sort.SET), rel(graph, "taken#1")
    everything = graph.constant(0b1111, Sort.SET)
    po = graph.constant(CHAIN, Sort.RELATION)
    first = graph.difference(everything, graph.domain(taken))
    second = graph.union(taken, graph.sequence(graph.identity(left), po))
    solution = graph.fixpoint((left, taken), (first, second))
    assert graph.value(solution[0]) == 0b1100
    assert graph.value(solution[1]) == CHAIN


def test_equations_that_come_round_to_what_they_were_are_reported() -> None:
    """x is {0}, then {1}, then {0} …: it follows a ring of two, from the start where nothing is."""
    graph = Graph(universe=2)
    x, ring = graph.variable("x#1", Sort.SET), graph.constant(bits.from_pairs([(0, 1), (1, 0)], 2), Sort.RELATION)
    graph.origins["x#1"] = ("x", Source("a.cat", "let rec x = …").span(8, 9))
    step = graph.codomain(graph.sequence(graph.identity(x), ring))
    everything = graph.everything()
    some = graph.domain(graph.cartesian(everything, x))
    start = graph.difference(graph.constant(1, Sort.SET), some)
    with pytest.raises(ModelError, match="recursion of 'x' does not settle") as raised:
        graph.fixpoint((x,), (graph.union(step, start),))
    assert raised.value.span is not None
