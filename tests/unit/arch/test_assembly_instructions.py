"""What the instructions of the assembly dialects come to, one table a dialect."""

from collections.abc import Callable

import pytest

from litmus.arch import aarch64, ppc, riscv, x86
from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.program.instruction import (
    Assign,
    Branch,
    Fence,
    Instruction,
    Jump,
    Label,
    Load,
    Origin,
    ReadModifyWrite,
    Store,
    StoreConditional,
)
from litmus.program.program import Dialect, Thread
from litmus.program.term import Address, Apply, Register, Term
from litmus.source import Source

NONE: frozenset[str] = frozenset()
OLD, LEFT, RIGHT = Register("%old"), Register("%left"), Register("%right")
AT = Origin("", "")


def compile_lines(dialect: str, compiler: Callable[[Thread], tuple[Instruction, ...]], text: str) -> tuple[object, ...]:
    """Return the instructions of some lines, their origins left aside, without the label ``L`` at the end."""
    rows = "\n".join(f" {line} ;" for line in text.split(";"))
    (program,) = parse(Source("t.litmus", f"{dialect} t\n{{}}\n P0 ;\n{rows}\n L: ;\nforall (true)"))
    code = compiler(program.threads[0])
    return code[: code.index(Label("L"))]


def same(found: tuple[object, ...], expected: tuple[Instruction, ...]) -> bool:
    """Whether the instructions agree; a size of 0 in what is expected leaves it open."""
    rows = [(_bare(one), _bare(other)) for one, other in zip(found, expected, strict=False)]
    return len(found) == len(expected) and all(_agree(one, other) for one, other in rows)


def _agree(found: tuple[str, dict[str, object]], expected: tuple[str, dict[str, object]]) -> bool:
    open_size = {"size": found[1]["size"]} if expected[1].get("size") == 0 else {}
    return found[0] == expected[0] and found[1] == expected[1] | open_size


def _bare(instruction: object) -> tuple[str, dict[str, object]]:
    fields = {name: getattr(instruction, name) for name in type(instruction).__slots__ if name != "origin"}  # type: ignore[attr-defined]
    return type(instruction).__name__, fields


def a(*tags: str) -> frozenset[str]:
    return frozenset(tags)


def reg(name: str) -> Register:
    return Register(name)


def op(operator: str, *operands: Term) -> Term:
    return Apply(operator, operands)


def assign(target: str, value: Term) -> Instruction:
    return Assign(target, value, AT)


def load(target: str | None, address: Term, *tags: str, exclusive: bool = False, size: int = 0) -> Instruction:
    return Load(target, address, a(*tags), AT, exclusive, size)


def store(address: Term, value: Term, *tags: str, size: int = 0) -> Instruction:
    return Store(address, value, a(*tags), AT, size)


def compared(left: Term, right: Term) -> tuple[Instruction, ...]:
    return assign("%left", left), assign("%right", right)


X0, X1, X2, X3 = (reg(f"X{i}") for i in range(4))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MOV W0,#1", (assign("X0", 1),)),
        ("MOV W0,#0xffffffff", (assign("X0", -1),)),
        ("MOV X0,XZR", (assign("X0", 0),)),
        ("MVN W0,W1", (assign("X0", op("s32", op("~", X1))),)),
        ("LDR W0,[X1]", (load("X0", X1),)),
        ("LDR WZR,[X1]", (load(None, X1),)),
        ("LDR X0,[X1,#8]", (load("X0", op("+", X1, 8)),)),
        ("LDUR W0,[X1,#-4]", (load("X0", op("+", X1, -4)),)),
        ("LDR W0,[X1,X2]", (load("X0", op("+", X1, X2)),)),
        ("LDR W0,[X1,W2,SXTW]", (load("X0", op("+", X1, X2)),)),
        ("LDR W0,[X1,W2,UXTW #2]", (load("X0", op("+", X1, op("s64", op("<<", op("u32", X2), 2)))),)),
        ("LDR X0,[X1,#8]!", (assign("X1", op("+", X1, 8)), load("X0", X1))),
        ("STR W0,[X1],#4", (store(X1, X0), assign("X1", op("+", X1, 4)))),
        ("LDRB W0,[X1]", (load("X0", X1, size=1), assign("X0", op("u8", X0)))),
        ("LDRSH W0,[X1]", (load("X0", X1, size=2), assign("X0", op("s16", X0)))),
        ("STRH W0,[X1]", (store(X1, op("u16", X0), size=2),)),
        ("STR WZR,[X1]", (store(X1, 0),)),
        ("LDAR W0,[X1]", (load("X0", X1, "A"),)),
        ("LDAPR W0,[X1]", (load("X0", X1, "Q"),)),
        ("STLR W0,[X1]", (store(X1, X0, "L"),)),
        ("LDXR W0,[X1]", (load("X0", X1, "X", exclusive=True),)),
        ("LDAXR W0,[X1]", (load("X0", X1, "A", "X", exclusive=True),)),
        ("STXR W0,W2,[X1]", (StoreConditional("X0", X1, X2, a("X"), AT),)),
        ("STLXR W0,W2,[X1]", (StoreConditional("X0", X1, X2, a("X", "L"), AT),)),
        ("SWPAL W0,W2,[X1]", (ReadModifyWrite(OLD, X1, X0, a("A"), a("L"), AT), assign("X2", OLD))),
        (
            "LDADD W0,W2,[X1]",
            (ReadModifyWrite(OLD, X1, op("s32", op("+", OLD, X0)), NONE, NONE, AT), assign("X2", OLD)),
        ),
        ("LDADDAL X0,XZR,[X1]", (ReadModifyWrite(OLD, X1, op("s64", op("+", OLD, X0)), a("NoRet"), a("L"), AT),)),
        ("STCLRL W0,[X1]", (ReadModifyWrite(OLD, X1, op("&", OLD, op("~", X0)), a("NoRet"), a("L"), AT),)),
        (
            "CASA W0,W2,[X1]",
            (
                assign("%expected", X0),
                ReadModifyWrite(
                    OLD, X1, X2, a("A"), NONE, AT, op("==", OLD, reg("%expected")), a("A"), expected=reg("%expected")
                ),
                assign("X0", OLD),
            ),
        ),
        ("EOR W2,W0,W0", (assign("X2", op("^", X0, X0)),)),
        ("ADD W2,W0,#1", (assign("X2", op("s32", op("+", X0, 1))),)),
        ("ADD X2,X1,W0,SXTW", (assign("X2", op("s64", op("+", X1, op("s64", X0)))),)),
        ("SUBS W2,W0,#1", (*compared(X0, 1), assign("X2", op("s32", op("-", LEFT, RIGHT))))),
        ("CMP W0,W1", compared(X0, X1)),
        ("TST W0,#1", compared(op("&", X0, 1), 0)),
        (
            "CMP W3,#0;CSEL W0,W1,W2,NE",
            (*compared(X3, 0), Assign("X0", op("ite", op("!=", LEFT, RIGHT), X1, X2), AT, picks=True)),
        ),
        (
            "CMP W3,#0;CSET W0,LO",
            (
                *compared(X3, 0),
                Assign("X0", op("ite", op("<", op("u64", LEFT), op("u64", RIGHT)), 1, 0), AT, picks=True),
            ),
        ),
        ("CBZ W0,L", (Branch(op("==", X0, 0), "L", AT),)),
        ("CBNZ W0,L", (Branch(op("!=", X0, 0), "L", AT),)),
        ("TBNZ W0,#3,L", (Branch(op("!=", op("&", X0, 8), 0), "L", AT),)),
        ("CMP W3,#0;B.GE L", (*compared(X3, 0), Branch(op(">=", LEFT, RIGHT), "L", AT))),
        ("B L", (Jump("L", AT),)),
        ("M: NOP", (Label("M"),)),
        ("DMB ISHST", (Fence(a("DMB.ISHST"), AT),)),
        ("DSB SY", (Fence(a("DSB.SY"), AT),)),
        ("ISB", (Fence(a("ISB"), AT),)),
    ],
)
def test_aarch64(text: str, expected: tuple[Instruction, ...]) -> None:
    assert same(compile_lines("AArch64", aarch64.compile_thread, text), expected)


R1, R2, R3 = (reg(f"r{i}") for i in range(1, 4))
CR0 = reg("%cr0.left"), reg("%cr0.right")


def fields(number: int, left: Term, right: Term) -> tuple[Instruction, ...]:
    return assign(f"%cr{number}.left", left), assign(f"%cr{number}.right", right)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("li r1,-1", (assign("r1", -1),)),
        ("mr r1,r2", (assign("r1", R2),)),
        ("lwz r1,0(r2)", (load("r1", R2),)),
        ("lwz r1,4(r2)", (load("r1", op("+", R2, 4)),)),
        ("lwzx r1,r2,r3", (load("r1", op("+", R2, R3)), assign("r1", op("u32", R1)))),
        ("lwzx r1,r0,r3", (load("r1", R3), assign("r1", op("u32", R1)))),
        ("lbz r1,0(r2)", (load("r1", R2, size=1), assign("r1", op("u8", R1)))),
        ("stw r1,0(r2)", (store(R2, R1),)),
        ("std r1,0(r2)", (store(R2, R1),)),
        ("stwx r1,r2,r3", (store(op("+", R2, R3), op("s32", R1)),)),
        ("stwu r1,4(r2)", (store(op("+", R2, 4), R1), assign("r2", op("+", R2, 4)))),
        ("lwarx r1,r0,r2", (load("r1", R2, "X", exclusive=True),)),
        ("stwcx. r1,0,r2", (StoreConditional("%cr0.left", R2, R1, a("X"), AT), assign("%cr0.right", 0))),
        ("xor r1,r2,r2", (assign("r1", op("^", R2, R2)),)),
        ("subf r1,r2,r3", (assign("r1", op("s32", op("-", R3, R2))),)),
        ("addi r1,r2,1", (assign("r1", op("s32", op("+", R2, 1))),)),
        ("and. r1,r2,r3", (assign("r1", op("&", R2, R3)), assign("%cr0.left", R1), assign("%cr0.right", 0))),
        ("cmpw r1,r2", (assign("%cr0.left", R1), assign("%cr0.right", R2))),
        ("cmpwi cr1,r1,3", (assign("%cr1.left", R1), assign("%cr1.right", 3))),
        ("cmpwi r1,3;beq L", (*fields(0, R1, 3), Branch(op("==", *CR0), "L", AT))),
        (
            "cmpwi cr1,r1,3;blt cr1,L",
            (*fields(1, R1, 3), Branch(op("<", reg("%cr1.left"), reg("%cr1.right")), "L", AT)),
        ),
        ("b L", (Jump("L", AT),)),
        ("sync", (Fence(a("SYNC"), AT),)),
        ("lwsync", (Fence(a("LWSYNC"), AT),)),
        ("eieio", (Fence(a("EIEIO"), AT),)),
        ("isync", (Fence(a("ISYNC"), AT),)),
    ],
)
def test_ppc(text: str, expected: tuple[Instruction, ...]) -> None:
    assert same(compile_lines("PPC", ppc.compile_thread, text), expected)


X5, X6, X7 = (reg(f"x{i}") for i in range(5, 8))
W7 = op("s32", X7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("li t0,1", (assign("x5", 1),)),
        ("mv a0,x0", (assign("x10", 0),)),
        ("ori x5,x0,1", (assign("x5", op("|", 0, 1)),)),
        ("xor x7,x5,x5", (assign("x7", op("^", X5, X5)),)),
        ("addw x7,x5,x6", (assign("x7", op("s32", op("+", X5, X6))),)),
        ("sltu x7,x5,x6", (assign("x7", op("<", op("u64", X5), op("u64", X6))),)),
        ("lw x5,0(x6)", (load("x5", X6),)),
        ("lw x0,8(x6)", (load(None, op("+", X6, 8)),)),
        ("lhu x5,0(x6)", (load("x5", X6, size=2), assign("x5", op("u16", X5)))),
        ("sb x5,0(x6)", (store(X6, op("u8", X5), size=1),)),
        ("sd x5,(x6)", (store(X6, X5),)),
        ("lr.w x5,0(x6)", (load("x5", X6, "X", exclusive=True),)),
        ("lr.d.aq x5,(x6)", (load("x5", X6, "X", "Acq", exclusive=True),)),
        ("bne x5,x0,L", (Branch(op("!=", X5, 0), "L", AT),)),
        ("beqz x5,L", (Branch(op("==", X5, 0), "L", AT),)),
        ("bltu x5,x6,L", (Branch(op("<", op("u64", X5), op("u64", X6)), "L", AT),)),
        ("j L", (Jump("L", AT),)),
        ("fence rw,w", (Fence(a("Fence.rw.w"), AT),)),
        ("fence iorw,iorw", (Fence(a("Fence.rw.rw"), AT),)),
        ("fence", (Fence(a("Fence.rw.rw"), AT),)),
        ("fence.tso", (Fence(a("Fence.tso"), AT),)),
        ("fence.i", (Fence(a("Fence.i"), AT),)),
    ],
)
def test_riscv(text: str, expected: tuple[Instruction, ...]) -> None:
    assert same(compile_lines("RISCV", riscv.compile_thread, text), expected)


@pytest.mark.parametrize(
    ("text", "new", "tags", "target"),
    [
        ("amoswap.w x5,x7,(x6)", W7, NONE, "x5"),
        ("amoadd.d.aq x5,x7,(x6)", op("s64", op("+", OLD, X7)), a("Acq"), "x5"),
        ("amoor.w.rl x0,x7,(x6)", op("|", OLD, W7), a("Rel"), None),
        ("amomaxu.w.aq.rl x5,x7,0(x6)", op("ite", op(">", op("u64", OLD), op("u64", W7)), OLD, W7), a("AcqRel"), "x5"),
    ],
)
def test_riscv_amo(text: str, new: Term, tags: frozenset[str], target: str | None) -> None:
    """An AMO is one memory operation: its annotations are on its read and on its write."""
    change, *rest = compile_lines("RISCV", riscv.compile_thread, text)
    assert isinstance(change, ReadModifyWrite)
    assert (change.old, change.address, change.new, change.condition) == (OLD, X6, new, None)
    assert tags <= change.read_tags & change.write_tags
    assert same(tuple(rest), (assign(target, OLD),) if target else ())


@pytest.mark.parametrize(
    ("text", "tags"), [("sc.w", a("X")), ("sc.w.rl", a("X", "Rel")), ("sc.d.aq.rl", a("X", "AcqRel"))]
)
def test_riscv_store_conditional(text: str, tags: frozenset[str]) -> None:
    (found,) = compile_lines("RISCV", riscv.compile_thread, f"{text} x5,x7,0(x6)")
    assert isinstance(found, StoreConditional)
    value = W7 if ".w" in text else X7
    assert (found.status, found.address, found.value, found.tags) == ("x5", X6, value, tags)
    assert (found.success, found.failure) == (0, 1)


EAX, EBX, X, Y = reg("EAX"), reg("EBX"), Address("x"), Address("y")
LOCKED = a("X")
SUM = op("s32", op("+", LEFT, RIGHT))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MOV [x],$1", (store(X, 1),)),
        ("mov [x], 1", (store(X, 1),)),
        ("MOV EAX,[x]", (load("EAX", X),)),
        ("MOV EAX,$1", (assign("EAX", 1),)),
        ("MOV EAX,[EBX+4]", (load("EAX", op("+", EBX, 4)),)),
        ("MOV [x],EAX", (store(X, EAX),)),
        ("XCHG [x],EAX", (ReadModifyWrite(OLD, X, EAX, LOCKED, LOCKED, AT), assign("EAX", OLD))),
        ("XCHG EAX,[x]", (ReadModifyWrite(OLD, X, EAX, LOCKED, LOCKED, AT), assign("EAX", OLD))),
        ("XCHG EAX,EBX", (assign("%old", EAX), assign("EAX", EBX), assign("EBX", OLD))),
        ("ADD EAX,$2", (assign("%old", EAX), *compared(OLD, 2), assign("EAX", SUM))),
        ("AND EAX,$2", (assign("%old", EAX), *compared(op("&", OLD, 2), 0), assign("EAX", LEFT))),
        ("INC [x]", (load("%old", X), *compared(OLD, 1), store(X, SUM))),
        ("LOCK INC [x]", (ReadModifyWrite(OLD, X, op("s32", op("+", OLD, 1)), LOCKED, LOCKED, AT), *compared(OLD, 1))),
        (
            "LOCK XADD [x],EAX",
            (
                ReadModifyWrite(OLD, X, op("s32", op("+", OLD, EAX)), LOCKED, LOCKED, AT),
                *compared(OLD, EAX),
                assign("EAX", OLD),
            ),
        ),
        (
            "LOCK CMPXCHG [x],EBX",
            (
                ReadModifyWrite(OLD, X, EBX, LOCKED, LOCKED, AT, op("==", OLD, EAX), LOCKED),
                *compared(EAX, OLD),
                assign("EAX", OLD),
            ),
        ),
        ("CMP EAX,$1", compared(EAX, 1)),
        ("CMP [x],$1", (load("%left", X), *compared(LEFT, 1))),
        ("CMP EAX,$1;JNE L", (*compared(EAX, 1), Branch(op("!=", LEFT, RIGHT), "L", AT))),
        (
            "CMP EAX,$1;JB L",
            (*compared(EAX, 1), Branch(op("<", op("u64", LEFT), op("u64", RIGHT)), "L", AT)),
        ),
        ("JMP L", (Jump("L", AT),)),
        ("MFENCE", (Fence(a("MFENCE"), AT),)),
        ("sfence", (Fence(a("SFENCE"), AT),)),
    ],
)
def test_x86(text: str, expected: tuple[Instruction, ...]) -> None:
    assert same(compile_lines("X86", x86.compile_thread, text), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("movl $1,(x)", (store(X, 1),)),
        ("movq (y),%rax", (load("rax", Y),)),
        ("movl %ebx,4(%rcx)", (store(op("+", reg("rcx"), 4), reg("rbx")),)),
        ("lock xchgl %r8d,(x)", (ReadModifyWrite(OLD, X, reg("r8"), LOCKED, LOCKED, AT), assign("r8", OLD))),
        ("cmp $1,%eax", compared(reg("rax"), 1)),
        ("cmp $1,%eax;jne L", (*compared(reg("rax"), 1), Branch(op("!=", LEFT, RIGHT), "L", AT))),
        ("mfence", (Fence(a("MFENCE"), AT),)),
    ],
)
def test_x86_64(text: str, expected: tuple[Instruction, ...]) -> None:
    assert same(compile_lines("X86_64", lambda t: x86.compile_thread(t, Dialect.X86_64), text), expected)


@pytest.mark.parametrize(
    ("dialect", "text", "message", "place"),
    [
        ("AArch64", "LDRR W0,[X1]", "unknown instruction 'LDRR'", "LDRR"),
        ("AArch64", "LDR W0", "'LDR' takes 2 or 3 operands, not 1", "LDR W0"),
        ("AArch64", "STR W0,X1", "operand 2 of 'STR' must be an address", "STR W0,X1"),
        ("AArch64", "STR #1,[X1]", "operand 1 of 'STR' must be a register", "STR #1,[X1]"),
        ("PPC", "stw 1,0(r2)", "operand 1 of 'stw' must be a register", "stw 1,0(r2)"),
        ("AArch64", "ADD W0,W1,W2,SXTQ", "not an extension or shift of the register before it", "ADD W0,W1,W2,SXTQ"),
        (
            "AArch64",
            "LDR W0,[X1,SXTW]",
            "an address is a base with a number or a register added to it",
            "LDR W0,[X1,SXTW]",
        ),
        ("AArch64", "B M", "unknown label 'M'", "B M"),
        ("AArch64", "DMB RW", "unknown barrier option 'RW'", "DMB RW"),
        ("AArch64", "CSET W0,XX", "unknown condition 'XX'", "CSET W0,XX"),
        ("RISCV", "fence rw,x", "no such fence: 'fence rw,x'", "fence rw,x"),
        ("RISCV", "lw x32,0(x6)", "unknown register 'x32'", "lw x32,0(x6)"),
        ("PPC", "cmpw r1,r2;bne cr0", "unknown label 'cr0'", "bne cr0"),
        ("X86", "MOV [x],[y]", "at most one operand can be in memory", "MOV [x],[y]"),
        ("X86", "MOV AH,$1", "unknown register 'AH'", "MOV AH,$1"),
        ("X86", "MOV AL,EBX", "'MOV' has a register of another width", "MOV AL,EBX"),
        ("X86", "MOV EBX,[AX]", "'MOV' has an address in a part of a register", "MOV EBX,[AX]"),
        ("X86", "XADD [x],EAX", "unknown instruction 'XADD'", "XADD"),
        ("AArch64", "B.EQ L", "nothing has set the flags that 'B.EQ' looks at", "B.EQ L"),
        (
            "AArch64",
            "CMP W0,#1;CBZ W0,M;CMN W0,#1;M: CSET W1,EQ",
            "the flags that 'CSET' looks at were set in different ways before it",
            "CSET W1,EQ",
        ),
        ("AArch64", "EOR X0,X1,W1", "'EOR' mixes registers of 32 and 64 bits", "EOR X0,X1,W1"),
        ("X86", "ADD EAX,$1;INC EAX;JB L", "the carry that 'JB' looks at is older than the other flags", "JB L"),
        ("PPC", "beq cr1,L", "nothing sets the field cr1 that 'beq' looks at", "beq cr1,L"),
        (
            "PPC",
            "stwcx. r1,r0,r2;blt L",
            "'blt' in a thread that sets cr0 by a store-conditional",
            "blt L",
        ),
    ],
)
def test_errors(dialect: str, text: str, message: str, place: str) -> None:
    compilers: dict[str, Callable[[Thread], tuple[Instruction, ...]]] = {
        "AArch64": aarch64.compile_thread,
        "RISCV": riscv.compile_thread,
        "PPC": ppc.compile_thread,
        "X86": x86.compile_thread,
    }
    with pytest.raises(LitmusError) as caught:
        compile_lines(dialect, compilers[dialect], text)
    assert caught.value.message == message
    assert caught.value.span is not None
    assert caught.value.span.text == place


def test_hints() -> None:
    with pytest.raises(LitmusError) as caught:
        compile_lines("AArch64", aarch64.compile_thread, "STLRX W0,[X1]")
    assert caught.value.hint == "did you mean 'STLR'?"
