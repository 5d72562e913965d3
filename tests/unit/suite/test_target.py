"""What a test is compiled for under a model, and that nobody is answered about another architecture in silence."""

import pytest

from litmus.errors import ModelError, UnsupportedError, UsageError
from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.selection import ModelOptions
from litmus.suite.target import about, target_of

PROGRAMS = {
    "dsl": ("t.lit", 'litmus "t"\nint x;\nthread P0 { WRITE_ONCE(x, 1); }\nallow seen: x == 1;\n'),
    "C": ("t.litmus", "C t\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=1)\n"),
    "plain C": ("t.litmus", "C t\n{}\nP0(int *x) { *x = 1; }\nexists (x=1)\n"),
    "C11": ("t.litmus", "C t\n{}\nP0(atomic_int *x) { atomic_store(x, 1); }\nexists (x=1)\n"),
    "AArch64": ("t.litmus", "AArch64 t\n{ 0:X1=x; }\n P0 ;\n MOV W0,#1 ;\n STR W0,[X1] ;\nexists (x=1)\n"),
}

MODELS = {
    "anything": "acyclic po | rf | co | fr as sc",
    "lkmm": "let m = fencerel(Mb)\nacyclic po | m as a",
    "x86": "let mfence = try fencerel(MFENCE) with 0\nlet sync = fencerel(LWSYNC)\nacyclic mfence | rf as tso",
    "armv8": "let L = try L with emptyset\nlet bob = po; [L]\nacyclic bob as a",
    "power": "let light(x) = [LWSYNC]; x\nprocedure p() = acyclic light(po) as a end\ncall p()",
    "riscv": "let f = match_free\nand match_free = [Fence.rw.rw]\nacyclic f; po as a",
    "c11": "acyclic po; [SC] as a",
    "stated": 'RISCV "mine"\nacyclic po | rf | co | fr as sc',
    "stated otherwise": 'MIPS "mine"\nacyclic po | rf | co | fr as sc',
    "fences": "acyclic po; [F]; po as a",
    "not memory": "let mb = po ; [~(R | W)] ; po\nacyclic mb | rf | co | fr as tso",
    "all but memory": "let fenced = fencerel(_ \\ M)\nacyclic fenced | rf | co | fr as tso",
    "two steps": "let p = po\nacyclic po ; (p ; rf) | co | fr as a",
    "steps": "acyclic (po \\ singlestep(po)) | rf as a",
    "far steps": "acyclic (po ; [R] ; po) | po ; rf ; po as a",
    "several": "acyclic po; [MFENCE | LWSYNC]; po as a",
    "arm": "acyclic po; [DMB | DMB.ISH]; po as a",
    "with from": "with o from linearisations(SC, po)\nacyclic o as a",
    "flag": "acyclic po | rf | co | fr as sc\nflag ~empty [MFENCE] as fenced",
    "own word": "let Acquire = [A]; po\nlet a = Acquire | [Q]; po\nacyclic a as a",
}


def program(kind):
    (found,) = parse(Source(*PROGRAMS[kind]))
    return found


@pytest.fixture
def cat(tmp_path):
    def write(kind):
        path = tmp_path / f"{kind.replace(' ', '-')}.cat"
        path.write_text(MODELS[kind])
        return str(path)

    return write


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("anything", "sc"), ("lkmm", "lkmm"), ("x86", "x86"), ("armv8", "armv8"), ("power", "power"),
        ("riscv", "riscv"), ("far steps", "sc"), ("stated", "riscv"), ("flag", "sc"), ("own word", "armv8"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["dsl", "C"])
def test_the_kernels_c_is_compiled_for_what_a_cat_file_is_about(cat, kind, target, text):
    assert target_of(program(text), cat(kind), ModelOptions()) == target


@pytest.mark.parametrize(
    "kind",
    ["fences", "not memory", "all but memory", "two steps", "steps", "several", "arm", "stated otherwise"],
)
def test_where_a_cat_file_does_not_tell_the_user_must(cat, kind):
    with pytest.raises(UsageError) as caught:
        target_of(program("dsl"), cat(kind), ModelOptions())
    assert "--target" in str(caught.value.hint)
    assert target_of(program("dsl"), cat(kind), ModelOptions(target="power")) == "power"


@pytest.mark.parametrize("name", ["sc", "x86", "armv8", "power", "riscv", "lkmm"])
def test_a_shipped_model_is_about_the_same_by_name_and_by_path(name):
    assert target_of(program("dsl"), name, ModelOptions()) == name
    assert target_of(program("dsl"), f"models/{name}.cat", ModelOptions()) == name


def test_a_release_of_a_model_is_about_what_the_model_is():
    assert target_of(program("dsl"), "lkmm@v5.4", ModelOptions()) == "lkmm"


def test_a_target_against_a_shipped_model():
    with pytest.raises(UsageError, match="not about armv8"):
        target_of(program("dsl"), "lkmm", ModelOptions(target="armv8"))
    assert target_of(program("dsl"), "sc", ModelOptions(target="armv8")) == "armv8"


@pytest.mark.parametrize("options", [ModelOptions(macros="k.def"), ModelOptions(target="lkmm")])
def test_macros_mean_the_kernel_where_the_model_does_not_say(cat, options):
    assert target_of(program("C"), cat("anything"), options) == "lkmm"


def test_c11_is_compiled_for_models_of_c11(cat):
    for kind in ("c11", "anything", "with from", "fences"):
        assert target_of(program("C11"), cat(kind), ModelOptions()) == "c11"
    assert target_of(program("C11"), "sc", ModelOptions()) == "c11"
    assert target_of(program("plain C"), cat("c11"), ModelOptions()) == "c11"
    assert target_of(program("plain C"), cat("lkmm"), ModelOptions()) == "lkmm"


def test_c11_under_what_is_not_about_c11(cat):
    for model in ("lkmm", "lkmm@v5.4", "x86", cat("power"), cat("stated otherwise")):
        with pytest.raises(UnsupportedError, match="does not know"):
            target_of(program("C11"), model, ModelOptions())
    with pytest.raises(UnsupportedError, match="the target armv8 does not know"):
        target_of(program("C11"), cat("c11"), ModelOptions(target="armv8"))


@pytest.mark.parametrize("text", ["dsl", "C"])
def test_the_kernels_c_under_a_model_of_c11(cat, text):
    with pytest.raises(UnsupportedError, match="about C11"):
        target_of(program(text), cat("c11"), ModelOptions())


def test_assembly_is_what_it_is(cat):
    for kind in ("anything", "armv8", "fences", "arm"):
        assert target_of(program("AArch64"), cat(kind), ModelOptions()) == "armv8"
    assert target_of(program("AArch64"), "sc", ModelOptions()) == "armv8"


def test_assembly_under_the_model_of_another_architecture(cat):
    for model in ("power", "lkmm", cat("riscv"), cat("c11"), cat("stated"), cat("stated otherwise")):
        with pytest.raises(UnsupportedError, match="not a model of AArch64 assembly"):
            target_of(program("AArch64"), model, ModelOptions())


def test_a_model_that_is_wrong_says_so(cat, tmp_path):
    path = tmp_path / "wrong.cat"
    path.write_text('include "nowhere.cat"\nacyclic po')
    with pytest.raises(ModelError, match="nowhere"):
        target_of(program("dsl"), str(path), ModelOptions())


def test_names_of_no_architecture():
    assert about(None, frozenset({"po", "rf"})) == {"sc"}
    assert about("C", frozenset({"RLX"})) == {"c11"}
