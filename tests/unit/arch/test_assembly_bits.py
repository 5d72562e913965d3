"""Bits, products, shifts and conditional moves of the assembly dialects, by the architecture manuals."""

import pytest

from litmus.arch.compile import compile_for
from litmus.errors import LitmusError
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.term import Address, Term
from litmus.source import Source

TARGETS = {"AArch64": "armv8", "RISCV": "riscv", "PPC": "power", "X86": "x86", "X86_64": "x86"}


def final(dialect: str, initial: str, text: str) -> dict[str, Term]:
    """Return the registers of a thread whose one path reads no memory."""
    rows = "\n".join(f" {line} ;" for line in text.split(";"))
    (program,) = parse(Source("t.litmus", f"{dialect} t\n{{{initial}}}\n P0 ;\n{rows}\nforall (true)"))
    compiled = compile_for(program, TARGETS[dialect])
    (structure,) = unfold(program, compiled.threads, TARGETS[dialect], 2)
    return {name: value for (_, name), value in structure.final.items()}


ARM = "uint64_t 0:X1=0xfedcba9876543210; uint64_t 0:X2=0x80000003; int64_t 0:X4=-5; uint64_t 0:X3=7;"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("UBFM X3,X1,#8,#4", 0x10 << 56),
        ("UBFM W3,W1,#28,#3", 0),
        ("UBFIZ W3,W1,#4,#8", 0x100),
        ("SBFIZ X3,X2,#1,#2", (1 << 64) - 2),
        ("SBFM W3,W2,#30,#1", 0xFFFFFFFC),
        ("BFI X3,X1,#4,#8", 0x107),
        ("BFXIL X3,X1,#4,#8", 0x21),
        ("BFM W3,W1,#4,#11", 0x21),
        ("EXTR X3,X1,X2,#32", 0x7654321000000000),
        ("EXTR X3,X1,X2,#0", 0x80000003),
        ("EXTR W3,W1,W2,#4", 0x08000000),
        ("RBIT W3,W2", 0xC0000001),
        ("RBIT X3,X2", 0xC000000100000000),
        ("REV W3,W1", 0x10325476),
        ("REV X3,X1", 0x1032547698BADCFE),
        ("REV16 W3,W1", 0x54761032),
        ("REV16 X3,X1", 0xDCFE98BA54761032),
        ("REV32 X3,X1", 0x98BADCFE10325476),
        ("REV64 X3,X1", 0x1032547698BADCFE),
        ("CLZ W3,W1", 1),
        ("CLZ X3,X2", 32),
        ("CLZ X3,XZR", 64),
        ("CLZ W3,W2", 0),
        ("ABS X3,X4", 5),
        ("ABS W3,W2", 0x7FFFFFFD),
        ("MADD X3,X2,X4,X1", (0xFEDCBA9876543210 - 5 * 0x80000003) % (1 << 64)),
        ("MSUB W3,W2,W4,W3", (7 + 5 * 0x80000003) % (1 << 32)),
        ("MNEG X3,X4,X4", (1 << 64) - 25),
        ("SMULL X3,W2,W4", 5 * 0x7FFFFFFD),
        ("UMULL X3,W2,W4", 0x80000003 * 0xFFFFFFFB),
        ("SMADDL X3,W2,W4,X3", 5 * 0x7FFFFFFD + 7),
        ("UMSUBL X3,W2,W2,X3", (7 - 0x80000003**2) % (1 << 64)),
        ("SMNEGL X3,W4,W4", (1 << 64) - 25),
        ("UMULH X3,X1,X1", 0xFEDCBA9876543210**2 >> 64),
        ("SMULH X3,X4,X1", 0),
        ("UDIV W3,W4,W2", 1),
        ("UDIV X3,X4,XZR", 0),
        ("SMAX X3,X4,X2", 0x80000003),
        ("UMAX X3,X4,X2", (1 << 64) - 5),
        ("SMIN W3,W4,W2", 0x80000003),
        ("UMIN W3,W4,W2", 0x80000003),
        ("LSRV W3,W2,W4", 0x80000003 >> 27),
        ("RORV W3,W2,W2", 0x70000000),
        ("ORR W3,WZR,W2,ROR #1", 0xC0000001),
        ("EOR X3,X2,X2,ROR #0", 0),
        ("B .+8;MOV X3,#1;MOV X4,X4", 7),
        ("CBNZ X2,.+12;MOV X3,#1;MOV X3,#2;ADD X3,X3,#1", 8),
    ],
)
def test_aarch64(text, value):
    assert final("AArch64", ARM, text)["X3"] == value


PPC = "uint64_t 0:r1=0xfedcba9876543210; uint64_t 0:r2=0x80000003; uint64_t 0:r3=7;"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rlwinm r3,r1,4,24,31", 0x07),
        ("rlwinm r3,r2,0,0,31", 0x80000003),
        ("rlwimi r3,r1,8,16,23", 0x1007),
        ("slwi r3,r2,1", 6),
        ("srwi r3,r2,4", 0x08000000),
        ("clrldi r3,r1,32", 0x76543210),
        ("clrldi r3,r1,8", 0xDCBA9876543210),
        ("lis r3,1", 0x10000),
        ("lis r3,0x8000", 0xFFFFFFFF80000000),
        ("addis r3,r3,-1", (1 << 64) - 0x10000 + 7),
        ("addis r3,r0,2", 0x20000),
        ("cmplw r2,r3;bgt L;li r3,1;L:", 7),
        ("cmplwi r2,2;blt L;li r3,1;L:", 1),
        ("cmpld r1,r2;bgt L;li r3,1;L:", 7),
        ("neg. r3,r3;blt L;li r3,1;L:", (1 << 64) - 7),
        ("li r3,2;blr;li r3,1", 2),
    ],
)
def test_ppc(text, value):
    assert final("PPC", PPC, text)["r3"] == value


@pytest.mark.parametrize(
    ("initial", "text", "register", "value"),
    [
        ("", "la x5,x", "x5", Address("x")),
        ("", "li x5,1;ret;li x5,2", "x5", 1),
    ],
)
def test_riscv(initial, text, register, value):
    assert final("RISCV", f"x; {initial}", text)[register] == value


X86 = "uint64_t 0:rax=0xfedcba9876543210; uint64_t 0:rbx=0x80000003; uint64_t 0:rcx=7;"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("shl $4,%ecx", 0x70),
        ("shll %ecx", 14),
        ("shlq $60,%rcx", 7 << 60),
        ("mov %ebx,%ecx;shr $1,%ecx", 0x40000001),
        ("mov %ebx,%ecx;sar $1,%ecx", 0xC0000001),
        ("shl %cl,%ebx;mov %rbx,%rcx", 0x180),
        ("shr $3,%ecx;je L;mov $1,%ecx;L:", 0),
        ("cmp %ebx,%eax;cmovg %eax,%ecx", 0x76543210),
        ("cmp %ebx,%eax;cmovb %eax,%ecx", 0x76543210),
        ("cmp %rax,%rbx;cmovge %rax,%rcx", 0xFEDCBA9876543210),
        ("cmp %eax,%eax;cmovne %rax,%rcx", 7),
        ("cmp %ebx,%eax;sete %cl", 0),
        ("mov $-1,%rcx;cmp %ebx,%eax;setne %cl", 0xFFFFFFFFFFFFFF01),
        ("bt $1,%ebx;setc %cl", 1),
        ("bts $3,%ecx", 15),
        ("btr $1,%ecx", 5),
        ("btcl $0,%ecx", 6),
        ("btsq $63,%rcx", 7 + (1 << 63)),
        ("btr $1,%ebx;jnc L;mov $1,%ecx;L:", 1),
        ("nopl 0(%rax,%rax,8);endbr64", 7),
        ("mov $2,%ecx;ret;mov $3,%ecx", 2),
    ],
)
def test_x86_64(text, value):
    assert final("X86_64", X86, text)["rcx"] == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("MOV ECX,$3;SHL ECX,$2", 12),
        ("CMP EAX,$0;SETE CL", 1),
        ("CMP EAX,$0;CMOVNE ECX,EAX", 0),
    ],
)
def test_x86(text, value):
    assert final("X86", "", text)["ECX"] == value


@pytest.mark.parametrize(
    ("dialect", "text", "message"),
    [
        ("AArch64", "EXTR W0,W1,W2,#32", "no such bits"),
        ("AArch64", "BFI W0,W1,#30,#4", "no such bits"),
        ("AArch64", "REV32 W0,W1", "64 bits"),
        ("AArch64", "SMULH W0,W1,W2", "64 bits"),
        ("AArch64", "SMULL W0,W1,W2", "multiplies registers of 32 bits"),
        ("AArch64", "ADD W0,W1,W2,ROR #3", "rotated"),
        ("AArch64", "B .+6", "no instruction is at '.+6'"),
        ("AArch64", "B .+12;NOP", "no instruction is at '.+12'"),
        ("PPC", "rlwinm r1,r2,3,8,4", "wraps around"),
        ("X86_64", "shl %cl,%eax;je L;L:", "looks at a flag"),
        ("X86_64", "bts $3,%eax;je L;L:", "looks at a flag"),
        ("X86_64", "bts %ebx,%eax", "a bit that a register tells"),
        ("X86_64", "movl (%rax,%rbx,3),%ecx", "scaled by 1, 2, 4 or 8"),
        ("X86_64", "shl %ebx,%eax", "a number or CL"),
    ],
)
def test_refused(dialect, text, message):
    with pytest.raises(LitmusError, match=message.replace("+", r"\+")):
        final(dialect, "", text)
