"""The checker of refutations on formulas small enough to see through, and against a solver on random ones."""

import sys
from itertools import product
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("pysat")

sys.path.insert(0, str(Path(__file__).parent))

import rup

from litmus.engine.sat.solver import refute

SQUARE = "p cnf 2 4\n1 2 0\n-1 2 0\n1 -2 0\n-1 -2 0\n"


def _text(variables, clauses):
    lines = (" ".join(map(str, (*clause, 0))) for clause in clauses)
    return "\n".join((f"p cnf {variables} {len(clauses)}", *lines, ""))


def test_a_proof():
    assert rup.check(SQUARE, "2 0\n0\n") == 2


def test_deleted_clauses_are_not_needed():
    assert rup.check(SQUARE, "2 0\nd 1 2 0\nd -1 2 0\n0\n") == 2


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        ("0\n", "step 1 does not follow"),
        ("2 0\n", "the empty clause is not in the proof"),
        ("", "the empty clause is not in the proof"),
        ("d 1 -2 0\nd -1 -2 0\n2 0\n0\n", "step 2 does not follow"),
        ("d 1 0\n2 0\n0\n", "deleted that is not there"),
        ("d 1 2 0\nd 1 2 0\n2 0\n0\n", "deleted that is not there"),
        ("2\n0\n", "no clause"),
        ("2 x 0\n", "no clause"),
    ],
)
def test_what_is_no_proof(proof, why):
    with pytest.raises(rup.Rejected, match=why):
        rup.check(SQUARE, proof)


@pytest.mark.parametrize("formula", ["", "1 0\n", "p cnf 2 3\n1 2 0\n", "p cnf 1 1\n1 2 0\n", "p cnf 1 1\n1\n"])
def test_what_is_no_formula(formula):
    with pytest.raises(rup.Rejected):
        rup.check(formula, "0\n")


def test_random_formulas():
    """A formula without a solution has a proof that is accepted; one with a solution has none."""
    rng, refuted = Random(7), 0
    for _ in range(150):
        n = rng.randint(3, 7)
        clauses = [tuple(rng.choice((1, -1)) * rng.randint(1, n) for _ in range(3)) for _ in range(rng.randint(10, 40))]
        found = refute(clauses)
        solvable = any(
            all(any((x > 0) == values[abs(x) - 1] for x in clause) for clause in clauses)
            for values in product((False, True), repeat=n)
        )
        assert isinstance(found, frozenset) == solvable
        if solvable:
            with pytest.raises(rup.Rejected):
                rup.check(_text(n, clauses), "0\n")
        else:
            refuted += 1
            rup.check(_text(n, clauses), "\n".join(found) + "\n")
    assert refuted > 20
