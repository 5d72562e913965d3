"""Whatever is cut out of a test or put into it, reading it ends in a program or in an error with a place."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from litmus.arch.compile import ASSEMBLY, compile_for
from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.frontend.macros import parse_macros
from litmus.source import Source

TEXTS = {
    "C": 'C t "doc"\nKey=1\n(* Result: Never *)\n{ int *p = &x; a[2]={1,2}; 0:r2=x; }\n'
    "P0(int *x, int **p, int *a)\n{\n int r0 = READ_ONCE(*x); if (r0 && a[1]) { *x = -r0; } else\n"
    " do { r0++; } while (smp_load_acquire(*p) == x); L: goto L; }\n"
    "locations [x; 0:r0 int*] filter (x=1) exists (x=1 /\\ not (0:r0=x \\/ p!=x))",
    "AArch64": "AArch64 t\n{ 0:X1=x; uint64_t 0:X2=-1; }\n P0 | P1 ;\n LDR W0,[X1,W2,SXTW] | L: ;\n"
    " CBNZ W0,L | DMB ISH ; (* c *)\n L: | LDADDAL W1,WZR,[X3] ;\nforall (x=1 => 0:X0=0)",
    "X86": "X86 t\n{ x=1; }\n P0 | P1 ;\n MOV [x],$1 | LOCK XADD [EBX+4],EAX ;\n JNE L | MFENCE ;\n L: | ;\n"
    "~exists (x=1)",
    "PPC": "PPC t\n{ 0:r2=x; }\n P0 ;\n lwz r1,0(r2) ;\n cmpwi cr1,r1,0 ;\n beq cr1,L ;\n L: stwcx. r1,0,r2 ;\n"
    "exists x=1",
    "RISCV": "RISCV t\n{ 0:x6=x; }\n P0 ;\n amoadd.w.aq.rl x5,t0,(x6) ;\n fence rw,w ;\n bne x5,x0,L ;\n L: ;\n"
    "exists x=1",
}


def read(text: str) -> None:
    """Read and compile ``text``; an error must be one of ours, with a place."""
    error = None
    try:
        (program,) = parse(Source("t.litmus", text))
        compile_for(program, ASSEMBLY[program.dialect][0] if program.dialect in ASSEMBLY else "lkmm")
    except LitmusError as caught:
        error = caught
    assert error is None or (error.render() and error.span is not None)


@pytest.mark.parametrize("name", TEXTS)
def test_the_texts_are_sound(name: str) -> None:
    assert parse(Source("t.litmus", TEXTS[name]))


@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_broken_tests(name: str, data: st.DataObject) -> None:
    text = TEXTS[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    put = data.draw(
        st.sampled_from(
            ["", " ", "(", ")", "{", "}", ";", "|", ",", "*", "&", "0", "r9", "x", "(*", "*)", "\\/", "\0", "é"]
        )
    )
    read(text[:start] + put + text[end:])


@given(st.text(alphabet="C \n{}();*&x0:=|,#[]P", max_size=60))
@example("C C\n{}\n{}")
def test_any_text(text: str) -> None:
    read("C t\n{" + text)
    read(text)


@given(st.text(alphabet="aX(){}, ;*+_\n", max_size=40))
def test_any_macros(text: str) -> None:
    error = None
    try:
        parse_macros(Source("t.def", text))
    except LitmusError as caught:
        error = caught
    assert error is None or (error.render() and error.span is not None)
