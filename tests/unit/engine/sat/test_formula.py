"""Formulas that are kept clause by clause, and proofs that they have no solution."""

import pytest

from litmus.engine.sat.formula import Formula, Reason
from litmus.engine.sat.solver import FALSE, TRUE, refute


def _square():
    formula = Formula()
    formula.begin(Reason.CHOICE, "two variables")
    a, b = formula.variable(), formula.variable()
    formula.add(a, b)
    formula.add(-a, b)
    formula.begin(Reason.MODEL, "nothing")
    formula.begin(Reason.GOAL, "the rest")
    formula.add(a, -b)
    formula.add(-a, -b)
    formula.end()
    return formula


def test_clauses_are_kept_with_their_reasons():
    formula = _square()
    assert formula.written == [(TRUE,), (2, 3), (-2, 3), (2, -3), (-2, -3)]
    assert [(part.reason, part.clauses, part.variables) for part in formula.parts] == [
        (Reason.CONSTANT, (1, 1), (1, 1)),
        (Reason.CHOICE, (2, 3), (2, 3)),
        (Reason.GOAL, (4, 5), (4, 3)),
    ]


def test_what_says_nothing_is_left_out():
    formula = Formula()
    a, b = formula.variable(), formula.variable()
    formula.add(a, TRUE)
    formula.add(a, -a, b)
    formula.add(a, FALSE, a)
    assert formula.written[1:] == [(a,)]


def test_a_contradiction_is_the_empty_clause():
    formula = Formula()
    formula.add(FALSE)
    assert formula.written[1:] == [()]
    assert refute(formula.written) == ("0",)


def test_formulas_are_not_solved_while_they_are_written():
    with pytest.raises(NotImplementedError):
        Formula().solve()


def test_a_refutation_ends_with_the_empty_clause():
    steps = refute(_square().written)
    assert isinstance(steps, tuple)
    assert steps[-1] == "0"
    assert steps.count("0") == 1


def test_a_solution_where_there_is_one():
    true = refute(_square().written[:-1])
    assert isinstance(true, frozenset)
    assert {2, 3} <= true


def _pigeons(n):
    """No ``n + 1`` pigeons sit alone in ``n`` holes: hard for resolution."""
    place = {(p, h): 1 + p * n + h for p in range(n + 1) for h in range(n)}
    clauses = [tuple(place[p, h] for h in range(n)) for p in range(n + 1)]
    pairs = ((p, q) for p in range(n + 1) for q in range(p))
    return clauses + [(-place[p, h], -place[q, h]) for p, q in pairs for h in range(n)]


def test_a_refutation_may_take_too_many_conflicts():
    assert refute(_pigeons(9), conflicts=1) is None
    assert isinstance(refute(_pigeons(5), conflicts=1), tuple)
