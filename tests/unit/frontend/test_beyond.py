"""What assembly tests say that is beyond the models is named, at its place."""

import pytest

from litmus.arch.compile import compile_for
from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.program.term import Apply, FinalLocation
from litmus.source import Source


def read(initial: str, code: str, asked: str = "forall (true)", info: str = "", dialect: str = "AArch64"):
    """Parse a test of one thread."""
    text = f"{dialect} t\n{info}{{ {initial} }}\n P0 ;\n {code} ;\n{asked}\n"
    (program,) = parse(Source("t.litmus", text))
    return program


@pytest.mark.parametrize(
    ("initial", "code", "asked", "what", "place"),
    [
        ("0:X1=PTE(x);", "NOP", "", "page tables", "PTE("),
        ("[PTE(x)]=(oa:PA(y));", "NOP", "", "page tables", "PTE("),
        ("0:X1=(valid:0,oa:x);", "NOP", "", "page tables", "("),
        ("0:X1=pte_x;", "NOP", "", "page tables", "pte_x"),
        ("0:X1=x:red;", "NOP", "", "tags of memory", "x:red"),
        ("0:X1=P0:L;", "L: NOP", "", "addresses of code", "P0:L"),
        ("ins_t 0:X1;", "NOP", "", "instructions as data", "ins_t"),
        ('0:X1=instr:"NOP";', "NOP", "", "instructions as data", 'instr:"NOP"'),
        ("", "NOP", "exists (fault(P0:L,x))", "faults and exceptions", "fault("),
        ("", "LD1 {V0.4S},[X1]", "", "vectors", "{V0"),
        ("", "LDR Q1,[X1", "", "vectors", "LDR Q1"),
        ("", "MOV Z1.S,P0/M,W0", "", "vectors", "Z1.S"),
    ],
)
def test_state_and_code(initial, code, asked, what, place):
    with pytest.raises(LitmusError, match=f"{what} are not modelled") as caught:
        read(initial, code, asked or "forall (true)")
    assert caught.value.span is not None
    assert caught.value.span.text.strip() == place


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("STG X1,[X2]", "tags of memory"),
        ("TLBI VAAE1IS,X0", "page tables"),
        ("DC CVAU,X1", "caches"),
        ("MRS X0,NZCV", "system registers"),
        ("SVC #0", "faults and exceptions"),
        ("RET", "addresses of code"),
        ("BL L", "addresses of code"),
        ("PACIA X1,X2", "pointer authentication"),
        ("SMSTART", "vectors"),
    ],
)
def test_instructions(code, what):
    program = read("", f"{code} ;\n L: NOP")
    with pytest.raises(LitmusError, match=f"is not modelled: {what} are not"):
        compile_for(program, "armv8")


def test_variants_of_herd7():
    with pytest.raises(LitmusError, match="the variant 'memtag' of herd7") as caught:
        read("", "NOP", info="Variant=mixed, memtag\n")
    assert caught.value.span is not None
    assert caught.value.span.line == 2
    assert read("", "NOP", info="Variant=mixed\n").info == (("Variant", "mixed"),)


def test_other_dialects_may_use_the_names():
    assert read("pte_x=1;", "nop", dialect="RISCV").locations[0].name == "pte_x"


def test_whole_arrays():
    program = read("int t[2]={1,2}; int u[2];", "NOP", "locations [u; u[1];] exists (t={1,2} /\\ not (u={0,3}))")
    first, second = (Apply("==", (FinalLocation(f"t[{i}]"), i + 1)) for i in range(2))
    condition = program.assertions[0].condition
    assert isinstance(condition, Apply)
    assert condition.operands[0] == Apply("&&", (first, second))
    assert {(view.name, view.elements, view.apart) for view in program.views} == {
        ("t", ("t[0]", "t[1]"), frozenset()),
        ("u", ("u[0]", "u[1]"), frozenset({"u[1]"})),
    }


@pytest.mark.parametrize("values", ["{1}", "{1,2,3}"])
def test_arrays_have_as_many_elements_as_they_have(values):
    with pytest.raises(LitmusError, match="values for 2 elements"):
        read("int t[2];", "NOP", f"exists (t={values})")


def test_registers_without_a_number():
    program = read("uint64_t %p=x; %q=3;", "MOV W1,W%p")
    assert program.threads[0].registers.keys() == {"%%p"}
    assert [location.name for location in program.locations] == ["x"]


@pytest.mark.parametrize("initial", ["0:X1=1; 0:X1=2;", "0:X1=1; int64_t 0:W1=1;"])
def test_a_register_has_one_initial_value(initial):
    with pytest.raises(LitmusError, match="'0:X1' is given a value twice"):
        read(initial, "NOP")
    assert read("int64_t 0:X1; 0:X1=1;", "NOP").threads[0].registers == {"X1": 1}
