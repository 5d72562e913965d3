"""What registers hold after assembly: widths, wrap-around and conditions, by the architecture manuals."""

from itertools import product

import pytest

from litmus.arch.compile import compile_for
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.term import Term
from litmus.source import Source

TARGETS = {"AArch64": "armv8", "RISCV": "riscv", "PPC": "power", "X86": "x86", "X86_64": "x86"}


def final(dialect: str, initial: str, text: str) -> dict[str, Term]:
    """Return the registers of a thread whose one path reads no memory."""
    rows = "\n".join(f" {line} ;" for line in text.split(";"))
    (program,) = parse(Source("t.litmus", f"{dialect} t\n{{{initial}}}\n P0 ;\n{rows}\nforall (true)"))
    compiled = compile_for(program, TARGETS[dialect])
    (structure,) = unfold(program, compiled.threads, TARGETS[dialect], 2)
    return {name: value for (_, name), value in structure.final.items()}


ARM = "int64_t 0:X1=-3; int64_t 0:X2=0x80000001; int64_t 0:X3;"
RISCV = "int64_t 0:x5=-3; int64_t 0:x6=0x80000001; int64_t 0:x7;"
PPC = "int64_t 0:r1=-3; int64_t 0:r2=0x80000001; int64_t 0:r3;"
X86 = "int64_t 0:rax=-3; int64_t 0:rbx=0x80000001; int64_t 0:rcx;"


@pytest.mark.parametrize(
    ("dialect", "initial", "text", "register", "value"),
    [
        ("AArch64", "", "MOV W0,#-1", "X0", -1),
        ("AArch64", "int64_t 0:X0;", "MOV W0,#-1", "X0", 0xFFFFFFFF),
        ("AArch64", "int64_t 0:X3;", "MOV W0,#-1;MOV X3,X0", "X3", 0xFFFFFFFF),
        ("AArch64", "", "MOV W0,#-1;MOV X1,X0", "X1", -1),
        ("AArch64", "0:X0=0x123456789;", "MOV X1,X0", "X1", 0x23456789),
        ("AArch64", "uint64_t 0:X0=0xffffffffffffffff;", "NOP", "X0", 0xFFFFFFFFFFFFFFFF),
        ("AArch64", ARM, "ADD W3,W1,W2", "X3", 0x7FFFFFFE),
        ("AArch64", ARM, "LSR W3,W1,#4", "X3", 0x0FFFFFFF),
        ("AArch64", ARM, "ASR W3,W2,#4", "X3", 0xF8000000),
        ("AArch64", ARM, "ASR X3,X2,#4", "X3", 0x08000000),
        ("AArch64", ARM, "ADD X3,X1,W2,SXTW", "X3", -0x80000002),
        ("AArch64", ARM, "ADD X3,X1,W2,UXTW", "X3", 0x7FFFFFFE),
        ("AArch64", ARM, "AND W3,W1,W2,LSR #4", "X3", 0x08000000),
        ("AArch64", ARM, "MUL W3,W1,W2", "X3", 0x7FFFFFFD),
        ("AArch64", ARM, "MOVN W3,#0", "X3", 0xFFFFFFFF),
        ("AArch64", ARM, "MOVN X3,#1,LSL #16", "X3", ~0x10000),
        ("AArch64", ARM, "MOV X3,X2;MOVK X3,#7,LSL #16", "X3", 0x70001),
        ("AArch64", ARM, "MOV X3,#-1;MOVK W3,#7", "X3", 0xFFFF0007),
        ("AArch64", ARM, "ROR W3,W2,#1", "X3", 0xC0000000),
        ("AArch64", ARM, "ROR X3,X2,#1", "X3", 0x40000000 - (1 << 63)),
        ("AArch64", ARM, "ROR W3,W2,#0", "X3", 0x80000001),
        ("AArch64", ARM, "ROR W3,W2,W1", "X3", 0xC),
        ("AArch64", ARM, "UBFX W3,W1,#4,#8", "X3", 0xFF),
        ("AArch64", ARM, "SBFX W3,W1,#4,#8", "X3", 0xFFFFFFFF),
        ("AArch64", ARM, "SBFX X3,X2,#31,#1", "X3", -1),
        ("AArch64", ARM, "UBFM X3,X1,#0,#63", "X3", -3),
        ("AArch64", ARM, "SBFM X3,X2,#0,#31", "X3", -0x7FFFFFFF),
        ("AArch64", ARM, "NEGS W3,W1;CSETM W3,LO", "X3", 0xFFFFFFFF),
        ("AArch64", ARM, "CMP X1,X2;CINC X3,X1,LT", "X3", -2),
        ("AArch64", ARM, "CMP X1,X2;CINV X3,X1,LT", "X3", 2),
        ("AArch64", ARM, "CMP X1,X2;CNEG X3,X1,GE", "X3", -3),
        ("RISCV", RISCV, "subw x7,x5,x6", "x7", 0x7FFFFFFC),
        ("RISCV", RISCV, "addw x7,x6,x0", "x7", -0x7FFFFFFF),
        ("RISCV", RISCV, "add x7,x5,x6", "x7", 0x7FFFFFFE),
        ("RISCV", RISCV, "sllw x7,x6,x5", "x7", 0x20000000),
        ("RISCV", RISCV, "slliw x7,x6,1", "x7", 2),
        ("RISCV", RISCV, "sltiu x7,x6,-1", "x7", 1),
        ("PPC", PPC, "mullw r3,r1,r2", "r3", 3 * 0x7FFFFFFF),
        ("PPC", PPC, "cmpw r1,r2;bgt L;li r3,1;L:", "r3", 0),
        ("PPC", PPC, "cmpd r1,r2;bgt L;li r3,1;L:", "r3", 1),
        ("X86", "", "MOV EAX,$0x7fffffff;ADD EAX,$1", "EAX", -0x80000000),
        ("X86", "", "MOV EAX,$-1;MOV EBX,$1;ADD EAX,$1;JB L;MOV EBX,$5;L:", "EBX", 1),
        ("X86", "0:EAX=0x12345678;", "MOV AL,$-1", "EAX", 0x123456FF),
        ("X86", "0:EAX=0x12345678;", "MOV AX,$0x8000", "EAX", 0x12348000),
        ("X86", "0:EAX=-1;", "ADD AL,$1;JE L;MOV EAX,$5;L:", "EAX", -256),
        ("X86", "0:EBX=128;", "CMP BL,$0;JL L;MOV EAX,$5;L:", "EAX", 0),
        ("X86", "0:EBX=128; 0:EAX=0x101;", "XCHG AL,BL", "EAX", 0x180),
        ("X86_64", X86, "movl %eax,%ecx", "rcx", 0xFFFFFFFD),
        ("X86_64", X86, "movb $7,%al", "rax", -0xF9),
        ("X86_64", X86, "movw %bx,%ax", "rax", -0xFFFF),
        ("X86_64", "int64_t 0:r8=-1; int64_t 0:rsi=-1;", "movb $0,%r8b;subw %si,%r8w", "r8", -255),
        ("X86_64", X86, "movq %rax,%rcx;addl %ebx,%ecx", "rcx", 0x7FFFFFFE),
        ("X86_64", X86, "cmpl %eax,%ebx;jb L;movl $1,%ecx;L:", "rcx", 0),
    ],
)
def test_values(dialect: str, initial: str, text: str, register: str, value: int) -> None:
    assert final(dialect, initial, text).get(register, 0) == value


def flags(operation: str, left: int, right: int, bits: int) -> tuple[bool, bool, bool, bool]:
    """N, Z, C and V as AddWithCarry of the Arm ARM gives them, C and V clear for bits."""
    mask, top = (1 << bits) - 1, 1 << (bits - 1)
    if operation == "ANDS":
        result = left & right & mask
        return bool(result & top), result == 0, False, False
    other, carry = (right, 0) if operation == "ADDS" else (~right, 1)
    total, exact = (left & mask) + (other & mask) + carry, left + other + carry
    result = total & mask
    signed = result - (1 << bits) if result & top else result
    return bool(result & top), result == 0, total > mask, signed != exact


def expected(n: bool, z: bool, c: bool, v: bool) -> dict[str, bool]:
    positive = {"EQ": z, "CS": c, "MI": n, "VS": v, "HI": c and not z, "GE": n == v, "GT": n == v and not z}
    opposites = {"EQ": "NE", "CS": "CC", "MI": "PL", "VS": "VC", "HI": "LS", "GE": "LT", "GT": "LE"}
    return positive | {opposites[name]: not truth for name, truth in positive.items()}


@pytest.mark.parametrize(("register", "bits"), [("W", 32), ("X", 64)])
@pytest.mark.parametrize("operation", ["ADDS", "SUBS", "ANDS"])
def test_conditions(operation: str, register: str, bits: int) -> None:
    """Every condition after every way to set the flags, at the ends of the range."""
    numbers = (0, 1, -1, (1 << (bits - 1)) - 1, -(1 << (bits - 1)))
    for left, right in product(numbers, repeat=2):
        wanted = expected(*flags(operation, left, right, bits))
        sets = "".join(f";CSET W{i},{name}" for i, name in enumerate(wanted, 10))
        start = f"int64_t 0:X1={left}; int64_t 0:X2={right};"
        found = final("AArch64", start, f"{operation} {register}3,{register}1,{register}2{sets}")
        assert {name: bool(found[f"X{i}"]) for i, name in enumerate(wanted, 10)} == wanted, (left, right)
