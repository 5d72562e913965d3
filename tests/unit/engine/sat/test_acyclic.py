"""Acyclicity in clauses against acyclicity by search, on every graph of few events and on random ones of more."""

from itertools import product
from random import Random

import pytest

from litmus.engine.sat.acyclic import components, require_acyclic, some_cycle
from litmus.engine.sat.matrix import Matrix
from litmus.engine.sat.solver import FALSE, TRUE, Solver
from litmus.relation import bits


def _free(solver, n, sure=0):
    return Matrix(sure, {bit: solver.variable() for bit in range(n * n) if not sure >> bit & 1})


def _fixed(relation, value):
    return [literal if value >> bit & 1 else -literal for bit, literal in relation.open.items()]


def test_every_graph_of_three_events():
    solver = Solver()
    relation = _free(solver, 3)
    cycle = some_cycle(solver, relation, 3)
    guard = solver.variable()
    require_acyclic(solver, relation, 3, unless=-guard)
    for value in range(1 << 9):
        fixed, acyclic = _fixed(relation, value), bits.acyclic(value, 3)
        assert (solver.solve([guard, *fixed]) is not None) == acyclic
        assert (solver.solve([cycle, *fixed]) is not None) == (not acyclic)
        assert solver.solve(fixed) is not None


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs_with_sure_edges(seed):
    rng, n = Random(seed), 7
    sure = sum(1 << bit for bit in range(n * n) if rng.random() < 0.06)
    solver = Solver()
    relation = _free(solver, n, sure)
    cycle = some_cycle(solver, relation, n)
    guard = solver.variable()
    require_acyclic(solver, relation, n, unless=-guard)
    for _ in range(20):
        value = sum(1 << bit for bit in relation.open if rng.random() < rng.choice((0.03, 0.1, 0.2)))
        fixed, acyclic = _fixed(relation, value), bits.acyclic(sure | value, n)
        assert (solver.solve([guard, *fixed]) is not None) == acyclic
        assert (solver.solve([cycle, *fixed]) is not None) == (not acyclic)


def test_the_edges_of_the_relation_say_no_more_than_they_did():
    """A way from 0 to 2 through 1 does not make the edge from 0 to 2 true."""
    solver = Solver()
    relation = _free(solver, 3)
    require_acyclic(solver, relation, 3)
    assert solver.solve(_fixed(relation, bits.from_pairs([(0, 1), (1, 2)], 3))) is not None


def test_components_are_those_that_reach_each_other():
    rng = Random(1)
    for _ in range(100):
        n = 6
        value = sum(1 << bit for bit in range(n * n) if rng.random() < 0.2)
        reach = bits.closure(value, n) | bits.identity(n)
        found = [set(component) for component in components(Matrix(value).rows(n))]
        assert sorted(event for component in found for event in component) == list(range(n))
        for one, other in product(range(n), repeat=2):
            mutual = bool(reach >> (one * n + other) & reach >> (other * n + one) & 1)
            assert any({one, other} <= component for component in found) == mutual


def test_gates():
    solver = Solver()
    a, b = solver.variable(), solver.variable()
    both, either = solver.conjunction((a, b)), solver.disjunction((a, b))
    for x, y in product((a, -a), (b, -b)):
        true = solver.solve([x, y])
        assert (both in true) == (x > 0 and y > 0)
        assert (either in true) == (x > 0 or y > 0)
    assert solver.conjunction(()) == TRUE
    assert solver.disjunction(()) == FALSE
    assert solver.conjunction((a, TRUE)) == a
    assert solver.conjunction((a, -a)) == FALSE
    assert solver.disjunction((a, TRUE)) == TRUE
