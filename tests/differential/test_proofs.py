"""Proofs of the classic families and of random tests: our own checker accepts them, and the formulas say what the
explicit engine finds."""

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("pysat")

sys.path.insert(0, str(Path(__file__).parent))

import proofs
import rup
from classic import FAMILIES
from sceptic import complaints

from litmus.frontend.dispatch import parse
from litmus.source import Source

SMALL = {"inc": 4, "lock": 3, "rcu": 4, "cow": 3, "iriw": 4}


def _proved(family, n, folder):
    (program,) = parse(Source(f"{family}{n}.lit", FAMILIES[family](n)))
    place, why = proofs.proved(program, "lkmm", folder)
    assert place is not None, why
    return program, place


@pytest.mark.parametrize("family", FAMILIES)
def test_families_are_proved(family, tmp_path):
    program, place = _proved(family, SMALL.get(family, 3), tmp_path)
    found = list(proofs.formulas(place))
    assert found
    assert all(proofs.accepted_by_us(formula) for formula in found)
    assert not list(complaints(program, "lkmm", place))


@pytest.mark.parametrize("models", [False, True])
@pytest.mark.parametrize("arch", proofs.GENERATORS)
def test_random_tests_are_proved(arch, models):
    tally = proofs.random_tests(arch, 8, 11, models)
    assert not tally.wrong
    assert tally.proved > tally.refused


def test_what_the_order_of_threads_is_needed_for_is_marked(tmp_path):
    """Eight increments are proved with the argument about threads that do the same, and four without."""
    counted = {}
    for n in (4, 8):
        _, place = _proved("inc", n, tmp_path)
        index = json.loads((place / "index.json").read_text())
        (formulas,) = (structure["formulas"] for structure in index["structures"])
        counted[n] = [formula["by_symmetry"] for formula in formulas]
        assert all(proofs.accepted_by_us(formula) for formula in proofs.formulas(place) if n == 8)
    assert counted[4] == [0, 0]
    assert all(counted[8])


@pytest.fixture(scope="module")
def lost(tmp_path_factory):
    """The formula and the proof that no increment of four is lost."""
    _, place = _proved("inc", 4, tmp_path_factory.mktemp("proof"))
    return (place / "0001-never.cnf").read_text(), (place / "0001-never.drat").read_text()


def test_a_proof_without_its_steps_is_rejected(lost):
    formula, proof = lost
    assert rup.check(formula, proof) > 20
    with pytest.raises(rup.Rejected, match="does not follow"):
        rup.check(formula, "0\n")
    with pytest.raises(rup.Rejected, match="not in the proof"):
        rup.check(formula, proof.removesuffix("0\n"))


def test_a_proof_with_a_wrong_clause_is_rejected(lost):
    formula, proof = lost
    with pytest.raises(rup.Rejected, match=r"step 1 does not follow: \(2,\)"):
        rup.check(formula, f"2 0\n{proof}")
    with pytest.raises(rup.Rejected, match="does not follow"):
        rup.check(formula, _turned(proof))


def _turned(proof):
    """The proof with the other sign before the first literal of its first step that has several."""
    lines = proof.splitlines()
    number, line = next((i, x) for i, x in enumerate(lines) if not x.startswith("d") and len(x.split()) > 2)
    first, *rest = line.split()
    lines[number] = " ".join((str(-int(first)), *rest))
    return "\n".join(lines)


def test_a_proof_of_another_formula_is_rejected(lost):
    """Without what it is to refute, the formula has solutions: no proof fits it."""
    formula, proof = lost
    *body, goal = formula.splitlines()
    header = next(i for i, line in enumerate(body) if line.startswith("p "))
    _, _, variables, clauses = body[header].split()
    body[header] = f"p cnf {variables} {int(clauses) - 1}"
    assert len(goal.split()) == 2
    with pytest.raises(rup.Rejected, match="does not follow"):
        rup.check("\n".join(body), proof)
