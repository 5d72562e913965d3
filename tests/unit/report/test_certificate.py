"""Formulas, proofs and maps as text."""

import json

import pytest

pytest.importorskip("pysat")

from litmus.engine.base import Ask
from litmus.engine.goals import goals_of
from litmus.engine.sat.formula import Reason
from litmus.engine.sat.proof import Prover, Question, Reached
from litmus.frontend.dispatch import parse
from litmus.report.certificate import WIDEST, Map, count, dimacs, drat, listing
from litmus.source import Source
from litmus.suite.evaluation import Settings, structures
from litmus.suite.opening import open_model
from litmus.suite.selection import ModelOptions

TEXT = """litmus "corr"
int x;
thread A { WRITE_ONCE(x, 1); }
thread B { int r = READ_ONCE(x); int s = READ_ONCE(x); }
forbid back: B.r == 1 && B.s == 0;
"""


def _refuted(text=TEXT, holds=True):
    (program,) = parse(Source("corr.lit", text))
    goals = goals_of(program, Ask.VERDICT)
    prover = Prover(open_model("lkmm", ModelOptions()), goals)
    (structure,) = structures(program, "lkmm", Settings())
    question = Question("back", "the condition of 'back'", goals.conditions[0], holds=holds)
    (found,) = prover.refutations(structure, [question])
    return program, found


def test_dimacs():
    _, found = _refuted()
    lines = dimacs(found, "corr under lkmm").splitlines()
    comments = [line for line in lines if line.startswith("c ")]
    header, *clauses = lines[len(comments) :]
    assert comments[0] == "c corr under lkmm"
    assert comments[2] == "c clauses 1 to 1: constant: variable 1 is true"
    assert header == f"p cnf {found.formula.variables} {len(found.formula.written)}"
    assert [tuple(map(int, clause.split()[:-1])) for clause in clauses] == found.formula.written
    assert all(clause.endswith("0") for clause in clauses)


def test_comments_are_no_longer_than_checkers_can_read():
    _, found = _refuted()
    lines = dimacs(found, f"a\n{'long ' * 500}title").splitlines()
    assert all(len(line) <= WIDEST for line in lines)
    assert all(line.startswith(("c ", "p ", *"-0123456789")) for line in lines)


def test_parts_cover_all_clauses():
    _, found = _refuted()
    spans = [part.clauses for part in found.formula.parts if part.clauses[0] <= part.clauses[1]]
    assert [i for first, last in spans for i in range(first, last + 1)] == [*range(1, len(found.formula.written) + 1)]
    assert count(found, Reason.GOAL) == 1
    assert count(found, Reason.SYMMETRY) == 0


def test_the_proof_is_one_step_a_line():
    _, found = _refuted()
    assert drat(found).splitlines()[-1] == "0"


def test_the_map():
    program, found = _refuted()
    read = json.loads(Map(program, found).text())
    assert [event["text"] for event in read["events"]] == [
        "initial write", "WRITE_ONCE(x, 1)", "int r = READ_ONCE(x)", "int s = READ_ONCE(x)",
    ]  # fmt: skip
    edges = {(e["kind"], e["from"], e["to"]): e["literal"] for e in read["variables"] if e["kind"] in ("rf", "co")}
    assert edges.keys() == {("rf", 0, 2), ("rf", 1, 2), ("rf", 0, 3), ("rf", 1, 3)}
    assert read["sure"] == {"rf": [], "co": [[0, 1]]}
    assert read["relations"]["po"] == [[2, 3]]
    finals = {entry["meaning"] for entry in read["variables"] if entry["kind"] == "final"}
    assert finals == {"B.r = 0", "B.r = 1", "B.s = 0", "B.s = 1"}
    assert {entry["name"] for entry in read["variables"] if entry["kind"] == "relation"}


def test_what_some_execution_does_has_no_proof():
    with pytest.raises(Reached):
        _refuted(TEXT.replace("B.s == 0", "B.s == 1"))
    with pytest.raises(Reached):
        _refuted(holds=False)


def test_listing_is_json_with_an_entry_on_a_line():
    document = {"a": 1, "b": [{"x": [1, 2]}, {"x": []}], "c": [], "d": {"e": "é"}}
    text = listing(document)
    assert json.loads(text) == document
    assert text.splitlines() == [
        "{",
        '"a": 1,',
        '"b": [',
        '  {"x": [1, 2]},',
        '  {"x": []}',
        "],",
        '"c": [],',
        '"d": {"e": "é"}',
        "}",
    ]
