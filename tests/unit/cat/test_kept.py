"""A model that is kept on disk is the model that would be read, or it is not used."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from litmus import resources, store
from litmus.cat import kept
from litmus.cat.interpret import Interpreter
from litmus.cat.load import load_model
from litmus.errors import ParseError
from litmus.relation.model import Basis, Instance

Load = Callable[..., Any]

TEXTS = {
    "m.cat": '"My model" include "defs.cat" acyclic hb as order flag ~empty rmw as updated show hb',
    "defs.cat": "let rec hb = po | com | (hb ; hb) and com = rf | co | fr",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept" / f"v{store.FORMAT}"


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Grows with every interpretation."""
    seen: list[None] = []
    original = Interpreter.interpret

    def interpret(self: Interpreter, *rest: Any) -> Any:
        seen.append(None)
        return original(self, *rest)

    monkeypatch.setattr(Interpreter, "interpret", interpret)
    return seen


def load(texts: dict[str, str], path: str = "m.cat", **options: Any) -> Any:
    return load_model(path, read_file=texts.get, **options)


def described(instance: Instance) -> object:
    graph = instance.graph
    axioms = [(a.name, a.check, a.node, a.negated, a.effect, a.span and (a.span.location(), a.span.text))
              for a in instance.axioms]  # fmt: skip
    nodes = list(zip(graph.operators, graph.operands, graph.sorts, graph.payloads, strict=True))
    origins = {name: (called, span.location()) for name, (called, span) in graph.origins.items()}
    return axioms, nodes, graph.fixpoints, origins, dict(instance.named), instance.coherence, instance.shown


@pytest.mark.parametrize("name", ["sc", "x86", "armv8", "power", "riscv", "lkmm"])
def test_the_models_that_ship_are_what_they_were(name: str, structure: Basis, interpreted: list[None]) -> None:
    first = load_model(name)
    expected = [described(instance) for instance in first.instances(structure)]
    count = len(interpreted)
    again = load_model(name)
    assert [described(instance) for instance in again.instances(structure)] == expected
    assert len(interpreted) == count
    assert (again.name, again.description) == (first.name, first.description)
    assert again.vocabulary() == first.vocabulary()


def test_nothing_kept_is_nothing_read(structure: Basis, interpreted: list[None]) -> None:
    for _ in range(2):
        with store.nothing_kept():
            load(TEXTS).instances(structure)
    assert len(interpreted) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"m.cat": TEXTS["m.cat"] + " empty rmw as none"},
        {"defs.cat": TEXTS["defs.cat"].replace("| fr", "")},
        {"defs.cat": TEXTS["defs.cat"] + " "},
    ],
)
def test_a_file_that_changed_is_read_anew(changed: dict[str, str], structure: Basis, interpreted: list[None]) -> None:
    load(TEXTS).instances(structure)
    load(TEXTS).instances(structure)
    assert len(interpreted) == 1
    model = load(TEXTS | changed)
    with store.nothing_kept():
        fresh = load(TEXTS | changed)
        expected = [described(i) for i in fresh.instances(structure)]
    assert [described(i) for i in model.instances(structure)] == expected
    assert len(interpreted) == 3


def test_a_file_that_comes_to_stand_before_another_is_read(structure: Basis, interpreted: list[None]) -> None:
    texts = {"m.cat": TEXTS["m.cat"], "lib/defs.cat": TEXTS["defs.cat"]}
    load(texts, include_path=["lib"]).instances(structure)
    nearer = texts | {"defs.cat": "let hb = po"}
    (instance,) = load(nearer, include_path=["lib"]).instances(structure)
    assert "com" not in instance.named
    assert len(interpreted) == 2


def test_a_file_that_goes_is_missed(structure: Basis) -> None:
    load(TEXTS).instances(structure)
    with pytest.raises(Exception, match=r"cannot find included file 'defs\.cat'"):
        load({"m.cat": TEXTS["m.cat"]})


def test_an_error_is_not_kept(structure: Basis) -> None:
    for _ in range(2):
        with pytest.raises(ParseError):
            load({"m.cat": "acyclic ("})
    load(TEXTS).instances(structure)
    with pytest.raises(ParseError):
        load(TEXTS | {"m.cat": "acyclic ("})


def test_other_options_are_another_model(structure: Basis, interpreted: list[None]) -> None:
    text = {"m.cat": 'if "weak" empty 0 as none else acyclic po | rf as order end'}
    names = [load(text, variants=variants).instances(structure)[0].axioms[0].name for variants in ((), ("weak",), ())]
    assert names == ["order", "none", "order"]
    assert len(interpreted) == 2


def test_a_file_that_ships_and_changes_is_read_anew(
    structure: Basis, interpreted: list[None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load_model("sc").instances(structure)
    for path in resources.model_files():
        (tmp_path / path.name).write_text(path.read_text() + (" empty 0 as extra" if path.stem == "sc" else ""))
    monkeypatch.setattr(resources, "folder", lambda kind: tmp_path)
    (instance,) = load_model("sc").instances(structure)
    assert [a.name for a in instance.axioms][-1] != "sc"
    assert len(interpreted) == 2


def test_another_edition_of_the_code_does_not_read_it(
    structure: Basis, interpreted: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    load(TEXTS).instances(structure)
    monkeypatch.setattr(store, "__version__", "0.0.0")
    load(TEXTS).instances(structure)
    assert len(interpreted) == 2


@pytest.mark.parametrize("junk", [b"", b"junk", b"\xe9\x01", b"(\x02\x00\x00\x00i\x01\x00\x00\x00N", b"N"])
def test_what_is_no_model_is_ignored_and_replaced(
    junk: bytes, structure: Basis, interpreted: list[None], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[bytes] = []
    original = kept.key
    monkeypatch.setattr(kept, "key", lambda request: keys.append(original(request)) or keys[-1])
    load(TEXTS).instances(structure)
    store.put(keys[0], junk)
    load(TEXTS).instances(structure)
    assert len(interpreted) == 2
    load(TEXTS).instances(structure)
    assert len(interpreted) == 2


def test_a_model_that_is_kept_can_still_be_interpreted(structure: Basis, interpreted: list[None]) -> None:
    texts = {"m.cat": 'include "cos.cat" acyclic po | rf | co as order'}
    expected = [described(i) for i in load(texts).instances(structure)]
    model = load(texts)
    (over,) = model.interpreter().over(structure)
    assert over.graph.universe == structure.universe
    assert [described(i) for i in model.instances(structure)] == expected
