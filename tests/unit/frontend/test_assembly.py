"""Tests in assembly: the table of threads, registers, locations, and errors."""

import pytest

from litmus.errors import LitmusError, UnknownNameError
from litmus.frontend.dispatch import parse
from litmus.program.program import Dialect, Program, Quantifier
from litmus.program.syntax import AsmImmediate, AsmMemory, AsmRegister, AsmSymbol, Assembly
from litmus.program.term import Address, Apply, FinalLocation, FinalRegister
from litmus.program.types import TYPES
from litmus.source import Source

MP = """AArch64 MP
"a message"
{
0:X1=x; 0:X3=y; uint64_t 1:X2;
1:x1=y; 1:X3=x;
}
 P0          | P1                  ;
 MOV W0,#1   | L0:                 ;
 STR W0,[X1] | LDR W0,[X1]         ;
 DMB ISHST   | CBZ W0,L0           ; (* wait *)
 STR W0,[X3] | LDR W2,[X3,W4,SXTW] ;
exists (1:W0=1 /\\ 1:X2=0)
"""


def program(text: str) -> Program:
    (found,) = parse(Source("t.litmus", text))
    return found


def test_program() -> None:
    found = program(MP)
    assert (found.name, found.dialect, found.doc, found.models) == ("MP", Dialect.AARCH64, "a message", ("armv8",))
    assert [(place.name, place.declared) for place in found.locations] == [("x", False), ("y", False)]
    assert dict(found.threads[1].registers) == {"X1": Address("y"), "X3": Address("x")}
    assert dict(found.threads[1].types) == {"X2": TYPES["uint64_t"]}
    (assertion,) = found.assertions
    both = (Apply("==", (FinalRegister(1, "X0"), 1)), Apply("==", (FinalRegister(1, "X2"), 0)))
    assert (assertion.quantifier, assertion.condition) == (Quantifier.EXISTS, Apply("&&", both))


def test_threads() -> None:
    one, other = (thread.body for thread in program(MP).threads)
    assert one[2] == Assembly("DMB", (AsmSymbol("ISHST"),))
    assert other[0] == Assembly("", label="L0")
    address = AsmMemory(AsmRegister("X3"), (AsmRegister("W4"), AsmSymbol("SXTW")))
    assert other[3] == Assembly("LDR", (AsmRegister("W2"), address))
    assert isinstance(other[3], Assembly)
    assert other[3].text == "LDR W2,[X3,W4,SXTW]"
    assert other[3].span is not None
    assert other[3].span.line == 11


@pytest.mark.parametrize(
    ("dialect", "cell", "expected"),
    [
        (
            "PPC",
            "lwz r1,-4(r2)",
            Assembly("lwz", (AsmRegister("r1"), AsmMemory(AsmRegister("r2"), (AsmImmediate(-4),)))),
        ),
        ("PPC", "stwcx. r1,r0,r2", Assembly("stwcx.", (AsmRegister("r1"), AsmRegister("r0"), AsmRegister("r2")))),
        ("PPC", "bne cr1,LC00", Assembly("bne", (AsmRegister("cr1"), AsmSymbol("LC00")))),
        (
            "RISCV",
            "amoadd.w.aq.rl a0,x6,(s1)",
            Assembly("amoadd.w.aq.rl", (AsmRegister("a0"), AsmRegister("x6"), AsmMemory(AsmRegister("s1")))),
        ),
        ("RISCV", "fence rw,w", Assembly("fence", (AsmSymbol("rw"), AsmSymbol("w")))),
        ("X86", "MOV [x],$1", Assembly("MOV", (AsmMemory(AsmSymbol("x")), AsmImmediate(1)))),
        (
            "X86",
            "lock xadd [EBX+4],EAX",
            Assembly("lock xadd", (AsmMemory(AsmRegister("EBX"), (AsmImmediate(4),)), AsmRegister("EAX"))),
        ),
        ("X86_64", "movl $-1,(x)", Assembly("movl", (AsmImmediate(-1), AsmMemory(AsmSymbol("x"))))),
        (
            "AArch64",
            "LDR X0,[X1],#8",
            Assembly("LDR", (AsmRegister("X0"), AsmMemory(AsmRegister("X1")), AsmImmediate(8))),
        ),
        (
            "AArch64",
            "ADD W1,W2,W3,LSL #2",
            Assembly(
                "ADD", (AsmRegister("W1"), AsmRegister("W2"), AsmRegister("W3"), AsmSymbol("LSL"), AsmImmediate(2))
            ),
        ),
    ],
)
def test_operands(dialect: str, cell: str, expected: Assembly) -> None:
    found = program(f"{dialect} t\n{{}}\n P0 ;\n {cell} ;\nforall (true)")
    assert found.threads[0].body == (expected,)


def test_x86_names_locations_in_its_code() -> None:
    found = program("X86 t\n{ y=1; }\n P0 | P1 ;\n MOV [x],$1 | MOV EAX,[y] ;\n | MFENCE ;\nexists (x=1 /\\ 1:eax=0)")
    assert {place.name: place.initial for place in found.locations} == {"x": 0, "y": 1}
    condition = found.assertions[0].condition
    assert condition == Apply("&&", (Apply("==", (FinalLocation("x"), 1)), Apply("==", (FinalRegister(1, "EAX"), 0))))


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("PPC t\n{}\n P0 | P2 ;\n", "expected thread P1", "P2"),
        ("PPC t\n{}\n P0 ;\n sync | sync ;\n", "a row of 2 cells for 1 thread", "sync | sync ;"),
        ("PPC t\n{}\n P0 | P1 ;\n sync | sync ;\n sync ;\n", "a row of 1 cell for 2 threads", "sync ;"),
        ("PPC t\n{}\n P0 | P1 ;\n ;\n", "a row of 1 cell for 2 threads", ";"),
        ("PPC t\n{}\n P0 ;\n lwz r1,r2( ;\n", "unexpected '('", "("),
        ("PPC t\n{ 0:r32=1; }\n P0 ;\n sync ;\n", "'r32' is not a register of this architecture", "0:r32=1"),
        ("RISCV t\n{ 0:x0=1; }\n P0 ;\n", "the register 'x0' is always zero", "0:x0=1"),
        ("PPC t\n{ 1:r1=1; }\n P0 ;\n", "there is no thread P1: the program has 1", "1:r1=1"),
        ("PPC t\n{ x=1; }\n P0 ;\nexists (xx=1)", "the test has no location 'xx'", "xx"),
        ("PPC t\n{ x=1; }\n P0 ;\nexists (0:r1=xx)", "the test has no location 'xx'", "xx"),
        ("PPC t\n{ x=1; }\n P0 ;\nexists (1:r1=1)", "there is no thread P1: the program has 1", "1:r1"),
        ("PPC t\n{ x=1; }\n P0 ;\nexists (0:q=1)", "'q' is not a register of this architecture", "0:q"),
        ("X86 t\n{}\n P0 ;\n MOV [5],$1 ;\n", "an address in figures is no location", "5"),
        ("ARM t\n{}\n", "tests for ARM are not supported", "ARM"),
        ("AArch46 t\n{}\n", "unknown architecture 'AArch46'", "AArch46"),
    ],
)
def test_errors(text: str, message: str, place: str) -> None:
    with pytest.raises(LitmusError) as caught:
        program(text)
    assert caught.value.message == message
    assert caught.value.span is not None
    assert caught.value.span.text == place


def test_hints() -> None:
    with pytest.raises(LitmusError) as caught:
        program("AArch46 t\n{}\n")
    assert caught.value.hint == "did you mean 'AArch64'?"
    with pytest.raises(UnknownNameError) as unknown:
        program("PPC t\n{ flag=1; }\n P0 ;\nexists (flags=1)")
    assert unknown.value.hint == "did you mean 'flag'?"
