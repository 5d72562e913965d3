"""Files: where includes are found, what ships, bell declarations, and herd7's own co files."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from litmus.cat.library import fingerprint
from litmus.cat.load import load_model
from litmus.errors import LitmusError, ModelError, ParseError, UnknownNameError, UsageError
from litmus.relation.model import Basis
from litmus.source import Source

Make = Callable[..., Any]


def from_texts(texts: dict[str, str], path: str, **options: Any) -> Any:
    return load_model(path, read_file=texts.get, **options)


def test_includes_are_found_beside_the_file_then_in_the_path_then_among_what_ships(mp: Basis) -> None:
    texts = {
        "a/main.cat": 'include "one.cat" include "two.cat" include "cross.cat" let r = one | two',
        "a/one.cat": "let one = rf",
        "a/two.cat": 'include "three.cat"',
        "lib/one.cat": "let one = 0",
        "lib/three.cat": "let two = co",
    }
    model = from_texts(texts, "a/main.cat", include_path=["lib"])
    assert set(model.interpreter().library.files) == {
        "a/main.cat", "a/one.cat", "a/two.cat", "lib/three.cat", "models/cross.cat", "models/stdlib.cat",
    }  # fmt: skip
    (instance,) = model.instances(mp)
    assert instance.graph.value(instance.named["two"]) is None or "two" in instance.named


def test_the_model_itself_is_found_in_the_include_path() -> None:
    assert from_texts({"lib/m.cat": "let a = rf"}, "m.cat", include_path=["lib"]).title == "m"


def test_files_that_ship_include_only_each_other() -> None:
    model = from_texts({"models/cross.cat": "nonsense !", "m.cat": 'include "cos.cat"'}, "m.cat")
    assert "models/cross.cat" in model.interpreter().library.files


def test_a_shipped_model_by_name() -> None:
    assert load_model("sc").name == "sc"


@pytest.mark.parametrize("text", ["", '"title"', "(* cut off *)"])
def test_a_model_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match=r"the model 'm\.cat' has no checks"):
        from_texts({"m.cat": text}, "m.cat")


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("scc", "unknown model 'scc'", "did you mean 'sc'?"),
        ("dir/none.cat", "cannot read model 'dir/none.cat'", None),
        ("missing.cat", "no such file 'missing.cat'", None),
        ("lkm.cat", "no such file 'lkm.cat'", "did you mean 'lkmm'?"),
    ],
)
def test_no_such_model(path: str, message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        load_model(path)
    assert caught.value.message == message
    assert caught.value.hint == hint


def test_a_file_may_be_included_twice(run: Make) -> None:
    found = run('include "o.cat" let rf = a include "o.cat"', files={"o.cat": "let a = rf ; po"})
    assert found["a"] == set()


def test_a_name_that_no_include_has(run: Make) -> None:
    with pytest.raises(ModelError) as caught:
        run('include "cros.cat"')
    assert caught.value.hint == "did you mean 'cross.cat'?"


BELL = """
"A bell file"
enum Accesses = 'once || 'acquire || 'mb
instructions R[{'once,'acquire}]
instructions W[{'once}]
instructions RMW[Accesses]
enum Barriers = 'wmb || 'mb
instructions F[Barriers | 'mb]
default R['once]
let Special = Once & W
"""


def test_bell_declarations(load: Make) -> None:
    bell = load("let a = Once", bell=BELL).bell
    assert bell.enumerations == {"Accesses": ("once", "acquire", "mb"), "Barriers": ("wmb", "mb")}
    assert bell.instructions["R"] == ((frozenset({"once", "acquire"}),), (frozenset({"once"}),))
    assert bell.instructions["F"] == ((frozenset({"wmb", "mb"}),),)
    assert bell.defaults == {"R": ("once",)}
    assert bell.tags == {"once", "acquire", "mb", "wmb"}
    assert bell.sets == {"Once", "Acquire", "Mb", "Wmb"}


def test_bell_definitions_come_before_the_model(run: Make) -> None:
    assert run("let a = Special", bell=BELL)["a"] == {2, 3}


@pytest.mark.parametrize("tag", ["once", "Once", "ONCE", "oNCE"])
def test_sets_of_bell_tags_are_found_however_they_are_capitalised(run: Make, tag: str) -> None:
    bell = f"enum A = '{tag} instructions R[A] let All = {tag[0].upper()}{tag[1:]}"
    assert run("let a = All", bell=bell)["a"] == {2, 3, 4, 5}


def test_a_bell_tag_that_no_event_has(run: Make) -> None:
    assert run("let a = Custom", bell="enum A = 'custom instructions F[A]")["a"] == set()


@pytest.mark.parametrize(
    ("bell", "message", "place"),
    [
        ("enum A = 'a instructions X[A]", "instructions of kind 'X' cannot be annotated", "1:13"),
        ("enum A = 'a instructions R[B]", "unknown enumeration 'B'", "1:28"),
        ("enum A = 'a instructions R['b]", "no enumeration has the tag 'b", "1:28"),
        ("enum A = 'a instructions R[{A, [A]}]", "an annotation is a set of tags", "1:32"),
        ("enum A = 'a || 'b default R[A]", "a default is one tag", "1:29"),
        ("enum A = ", "expected a tag, found the end of the file", "1:10"),
    ],
)
def test_bell_errors(load: Make, bell: str, message: str, place: str) -> None:
    with pytest.raises((ModelError, UnknownNameError, ParseError)) as caught:
        load("let a = rf", bell=bell)
    assert caught.value.message == message
    assert caught.value.span is not None
    assert caught.value.span.location() == f"test.bell:{place}"


def test_fingerprints_do_not_see_blanks_and_comments() -> None:
    first = fingerprint(Source("a", "let a = b (* c *)\n"))
    assert first == fingerprint(Source("b", "let a=b # d"))
    assert first != fingerprint(Source("b", "let a = c"))


HERD = os.environ.get("LITMUS_HERD_LIBDIR")
MODELS = """aarch64 aarch32 ppc riscv riscv-total x86tso sc rc11 c11_cos c11_base c11_simp c11_orig c11_partialSC
simple-c11 uniproccat coscat minimal mips tso qualcomm sccat"""


@pytest.mark.skipif(HERD is None, reason="LITMUS_HERD_LIBDIR is not set")
@pytest.mark.parametrize("name", MODELS.split())
def test_models_of_a_herd_library_run(name: str, mp: Basis) -> None:
    def read(path: str) -> str | None:
        return Path(path).read_text(encoding="utf-8") if Path(path).is_file() else None

    model = load_model(f"{HERD}/{name}.cat", read_file=read)
    registers = dict.fromkeys(("iico_data", "iico_ctrl", "rf-reg", "same-instance"), 0)
    sets = dict.fromkeys(("Rreg", "Wreg", "ADDR", "DATA"), 0)
    basis = Basis(
        mp.universe, {**mp.sets, **sets}, {**mp.relations, **registers}, mp.location, mp.value, mp.reads_from,
        mp.final_writes,
    )  # fmt: skip
    try:
        assert len(model.instances(basis)) >= 1
    except LitmusError as error:
        pytest.fail(error.render())


@pytest.mark.parametrize(
    "texts",
    [
        {"m.cat": 'include "m.cat"'},
        {"m.cat": 'include "b.cat"', "b.cat": 'include "m.cat"'},
    ],
)
def test_a_file_that_includes_itself_is_an_error(texts: dict[str, str]) -> None:
    with pytest.raises(ModelError, match=r"'m\.cat' includes itself"):
        from_texts(texts, "m.cat")


@pytest.mark.parametrize(
    "expression",
    ["(" * 5000 + "po" + ")" * 5000, "~" * 5000 + "po", *("po" + link * 5000 for link in ("^-1", " | po", " \\ po"))],
)
def test_nesting_too_deep_is_an_error_at_its_place(expression: str) -> None:
    with pytest.raises(ParseError, match=r"nested (too deeply|more than 200 deep)") as caught:
        from_texts({"m.cat": f"let a = {expression}"}, "m.cat")
    assert caught.value.span is not None
    assert caught.value.span.start > 100


@pytest.mark.parametrize("expression", ["po" + link * 190 for link in ("^-1", " | po", " ; po", " \\ po")])
def test_what_is_not_too_deep_is_evaluated(expression: str, value: Callable[[str], object]) -> None:
    value(expression)
