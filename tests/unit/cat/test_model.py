"""When a model is interpreted: once, for each structure, for each rf, for each rf and co."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from litmus.cat.interpret import Interpreter
from litmus.cat.model import CatModel
from litmus.relation import bits
from litmus.relation.model import Basis, NeedsReadsFrom
from litmus.relation.solve import evaluate

Load = Callable[..., CatModel]


def interpretations(model: CatModel, monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Collects the universe of every graph that the model is interpreted over from now on."""
    seen: list[int | None] = []
    original = Interpreter.interpret

    def interpret(self: Interpreter, graph: Any, *rest: Any) -> Any:
        seen.append(graph.universe)
        return original(self, graph, *rest)

    monkeypatch.setattr(Interpreter, "interpret", interpret)
    return seen


SIMPLE = "let com = rf | co | fr acyclic po | com as sc let s = [W] ; po ; [R] empty rmw & (fre ; coe) as atomic"


def test_a_simple_model_is_interpreted_once(load: Load, structure: Basis, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load(SIMPLE)
    seen = interpretations(model, monkeypatch)
    other = replace(structure, universe=3, sets={"W": 1, "R": 6}, relations={"po": 2}, shape="other")
    for basis in (structure, other, replace(other, shape=None)):
        (instance,) = model.instances(basis)
        assert instance.graph.universe == basis.universe
    assert seen == [None]


def test_instances_of_equal_shapes_are_shared(load: Load, structure: Basis) -> None:
    model = load(SIMPLE)
    assert model.instances(structure)[0] is model.instances(replace(structure))[0]
    unshaped = replace(structure, shape=None)
    assert model.instances(unshaped)[0] is not model.instances(unshaped)[0]


def test_specialising_gives_what_interpreting_over_the_structure_gives(load: Load, structure: Basis) -> None:
    model = load(SIMPLE)
    (specialised,) = model.instances(structure)
    (direct,) = load(f"{SIMPLE} forall x in R do end").instances(structure)
    environment = {"rf": bits.from_pairs([(3, 4), (2, 5)], 7), "co": bits.from_pairs([(0, 2), (1, 3)], 7)}
    for name, node in specialised.named.items():
        expected = evaluate(direct.graph, (direct.named[name],), environment)
        assert evaluate(specialised.graph, (node,), environment) == expected, name


def test_a_set_that_is_empty_in_the_structure_need_not_be_known(
    load: Load, structure: Basis, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load("let pairs = map (fun e -> {e} * W) (Rmb & F) forall p in pairs do empty p end acyclic po as o")
    seen = interpretations(model, monkeypatch)
    model.instances(structure)
    model.instances(replace(structure, shape="again"))
    assert seen == [None, None]
    fenced = replace(structure, sets={**structure.sets, "Rmb": 64}, shape="fenced")
    assert len(model.instances(fenced)[0].axioms) == 2
    assert seen == [None, None, 7]
    model.instances(replace(structure, shape="a third"))
    assert seen == [None, None, 7]


def test_a_set_taken_apart_is_interpreted_for_each_structure(
    load: Load, structure: Basis, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load("forall e in R do empty {e} * {e} & rf as own end")
    seen = interpretations(model, monkeypatch)
    assert len(model.instances(structure)[0].axioms) == 2
    model.instances(structure)
    assert seen.count(7) == 1
    model.instances(replace(structure, shape="again"))
    assert seen.count(7) == 2


@pytest.mark.parametrize(
    "text",
    [
        "forall p in rf do empty p ++ 0 as e end",
        "with o from linearisations(W, rf) empty o as e",
        "empty different-values(rf) as e",
        "let rec s = match rf with || {} -> 0 || p ++ ps -> p ++ 0 end empty s as e",
        "empty (if rf = po then R else W) as e",
    ],
)
def test_what_depends_on_rf_asks_for_it(load: Load, structure: Basis, mp: Basis, text: str) -> None:
    model = load(text)
    with pytest.raises(NeedsReadsFrom):
        model.instances(structure)
    assert model.instances(mp)


def test_what_depends_on_co_is_interpreted_for_each_co(load: Load, mp: Basis) -> None:
    model = load("let c = match co with || {} -> 0 || p ++ ps -> p ++ 0 end empty c as e")
    (only,) = model.instances(mp)
    assert only.coherence is not None
    assert only.graph.value(only.coherence) == bits.from_pairs([(0, 2), (1, 3)], 7)
    same = {0: "x", 1: "x", 2: "x", 3: "x"}
    one_location = replace(mp, location=same.get, final_writes=0b1000, sets={**mp.sets, "IW": 1})
    assert len(model.instances(one_location)) == 2


def test_a_model_that_makes_co_says_so(load: Load, mp: Basis) -> None:
    (instance,) = load('include "cross.cat" with co from generate_cos(co0) acyclic co as c').instances(mp)
    assert instance.coherence is not None
    assert instance.graph.value(instance.coherence) == bits.from_pairs([(0, 2), (1, 3)], 7)


@pytest.mark.parametrize(
    "text", ["acyclic co as c", 'include "cos.cat" acyclic co as c', "let co = co+ acyclic co as c"]
)
def test_a_model_that_leaves_co_to_the_engine_says_so(load: Load, structure: Basis, text: str) -> None:
    assert load(text).instances(structure)[0].coherence is None


def test_a_name_that_a_later_structure_has_is_seen(load: Load, structure: Basis) -> None:
    model = load("let special = try Special with R let s = special empty s as e")
    (without,) = model.instances(structure)
    assert without.graph.value(without.named["s"]) == 0b110000
    (with_it,) = model.instances(replace(structure, sets={**structure.sets, "Special": 1}, shape="special"))
    assert with_it.graph.value(with_it.named["s"]) == 1


def test_operations_on_locks_are_no_accesses_at_first(load: Load, structure: Basis) -> None:
    locked = replace(structure, sets={**structure.sets, "LKW": 0b100, "UL": 0b1000}, shape="locked")
    (instance,) = load("let w = W let all = W | LKW | UL empty w as e empty all as f").instances(locked)
    assert instance.graph.value(instance.named["w"]) == 0b11
    assert instance.graph.value(instance.named["all"]) == 0b1111


def test_title_and_vocabulary(load: Load) -> None:
    text = 'X86 "My model" let r = iico_data let unused = data empty r include "other.cat"'
    model = load(text, files={"other.cat": "catdep let s = rf-reg acyclic s"})
    assert model.title == "My model"
    assert model.name == "test"
    assert model.architecture == "X86"
    assert model.vocabulary() == {"iico_data", "rf-reg"}
    assert model.catdep
