"""Which accesses whole-location events do not describe exactly."""

import pytest

from litmus.arch.compile import compile_for
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.source import Source

TARGETS = {"AArch64": "armv8", "RISCV": "riscv", "PPC": "power", "X86_64": "x86"}


def _reasons(dialect: str, initial: str, lines: str) -> tuple[str, ...]:
    rows = "\n".join(f" {line} ;" for line in lines.split(";"))
    (program,) = parse(Source("t.litmus", f"{dialect} t\n{{ {initial} }}\n P0 ;\n{rows}\nforall (true)"))
    compiled = compile_for(program, TARGETS[dialect])
    found = {structure.inexact for structure in unfold(program, compiled.threads, TARGETS[dialect], 2)}
    (reasons,) = found
    return reasons


@pytest.mark.parametrize(
    ("dialect", "initial", "lines"),
    [
        ("AArch64", "int x; 0:X1=x;", "STR W0,[X1];LDR W2,[X1]"),
        ("AArch64", "uint64_t x=0x123456789; 0:X1=x;", "STR X0,[X1];LDR X2,[X1]"),
        ("AArch64", "int *x=y; 0:X1=x;", "LDR X2,[X1]"),
        ("AArch64", "x=y; 0:X1=x;", "LDR X2,[X1]"),
        ("AArch64", "0:X1=x;", "LDR X2,[X1]"),
        ("AArch64", "0:X1=x;", "STRB W2,[X1];LDRB W3,[X1]"),
        ("AArch64", "int x=255; 0:X1=x;", "STRB W2,[X1];LDRSB W3,[X1]"),
        ("AArch64", "uint8_t x; int y; 0:X1=x; 0:X2=y;", "STRB W3,[X1];STR W4,[X2]"),
        ("AArch64", "int x[2]; 0:X1=x;", "STR W0,[X1,#4];LDR W2,[X1]"),
        ("PPC", "x=0; 0:r1=x;", "lwz r2,0(r1);stw r3,0(r1)"),
        ("RISCV", "0:x5=x;", "ld x6,0(x5);sd x6,0(x5)"),
    ],
)
def test_one_size_is_exact(dialect: str, initial: str, lines: str) -> None:
    assert _reasons(dialect, initial, lines) == ()


@pytest.mark.parametrize(
    ("dialect", "initial", "lines", "told"),
    [
        ("AArch64", "int x; 0:X1=x;", "STRB W0,[X1];LDR W2,[X1]",
         "'STRB W0,[X1]' (P0:4) accesses 1 byte, 'LDR W2,[X1]' (P0:5) accesses 4 bytes"),
        ("AArch64", "int x=256; 0:X1=x;", "LDRB W2,[X1]", "'LDRB W2,[X1]' (P0:4) accesses 1 byte, of 4 declared"),
        ("AArch64", "int x; 0:X1=x;", "LDR X2,[X1]", "'LDR X2,[X1]' (P0:4) accesses 8 bytes, of 4 declared"),
        ("AArch64", "x=-1; 0:X1=x;", "LDR X2,[X1]", "'LDR X2,[X1]' (P0:4) accesses 8 bytes, of 4 at the start"),
        ("AArch64", "0:X1=x;", "LDR X2,[X1];STR W2,[X1]",
         "'STR W2,[X1]' (P0:5) accesses 4 bytes, 'LDR X2,[X1]' (P0:4) accesses 8 bytes"),
        ("AArch64", "0:X1=x;", "SWPB W2,W3,[X1];CAS W2,W3,[X1]",
         "'SWPB W2,W3,[X1]' (P0:4) accesses 1 byte, 'CAS W2,W3,[X1]' (P0:5) accesses 4 bytes"),
        ("PPC", "int x; 0:r1=x;", "stb r2,0(r1)", "'stb r2,0(r1)' (P0:4) accesses 1 byte, of 4 declared"),
        ("PPC", "0:r1=x;", "lwz r2,0(r1);std r2,0(r1)",
         "'lwz r2,0(r1)' (P0:4) accesses 4 bytes, 'std r2,0(r1)' (P0:5) accesses 8 bytes"),
        ("RISCV", "0:x5=x;", "lb x6,0(x5);sw x6,0(x5)",
         "'lb x6,0(x5)' (P0:4) accesses 1 byte, 'sw x6,0(x5)' (P0:5) accesses 4 bytes"),
        ("X86_64", "0:rcx=x;", "movl %eax,(%rcx);movq (%rcx),%rbx",
         "'movl %eax,(%rcx)' (P0:4) accesses 4 bytes, 'movq (%rcx),%rbx' (P0:5) accesses 8 bytes"),
    ],
)  # fmt: skip
def test_sizes_that_do_not_agree_are_named(dialect: str, initial: str, lines: str, told: str) -> None:
    expected = f"mixed sizes at 'x': {told}; each access is taken as one to all of it"
    assert _reasons(dialect, initial, lines) == (expected,)


@pytest.mark.parametrize(
    ("initial", "lines", "told"),
    [
        ("uint64_t x; 0:X1=x;", "LDR W2,[X1,#4]", "'LDR W2,[X1,#4]' (P0:4) accesses 4 bytes from the middle"),
        ("int x[2]; 0:X1=x;", "STRB W2,[X1,#5]", "'STRB W2,[X1,#5]' (P0:4) accesses 1 byte from the middle"),
    ],
)
def test_accesses_inside_a_location_are_named(initial: str, lines: str, told: str) -> None:
    (reason,) = _reasons("AArch64", initial, lines)
    assert told in reason
    assert reason.endswith("; what follows is left out")


def test_addresses_that_values_lead_inside_a_location_are_named() -> None:
    initial = "uint16_t z; uint16_t y; 0:X1=y; 0:X4=z; 0:X5=1;"
    (reason,) = _reasons("AArch64", initial, "STRH W5,[X1];LDRH W0,[X1];LDRB W3,[X4,W0,SXTW]")
    assert reason.startswith("mixed sizes at 'z': 'LDRB W3,[X4,W0,SXTW]' (P0:6) accesses 1 byte from the middle")


def test_accesses_outside_every_object_are_none_of_these() -> None:
    assert _reasons("AArch64", "uint64_t x; 0:X1=x;", "LDR X2,[X1,#8]") == ()


def test_a_value_stored_through_a_pointer_is_not_everywhere() -> None:
    """While it is not known yet where a store goes, what it stores may be in every location, in the pointer too: here
    a pointer plus 1, which would point inside."""
    lines = "LDR X2,[X1];CBZ X2,L;LDR W5,[X2];ADD X6,X5,#1;STR W6,[X2];L:"
    assert _reasons("AArch64", "int y=1; int *p=y; 0:X1=p;", lines) == ()
