"""What tests look like as assembly, and what is refused by name."""

import pytest

from litmus.arch.compile import compile_for
from litmus.errors import UnsupportedError
from litmus.export.assembly.export import export_assembly
from litmus.export.assembly.sheet import Sheet, Use, allocate
from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

MACHINES = ("armv8", "x86", "power", "riscv")


def exported(machine: str, body: str, shared: str = "", *, retry: bool = False) -> str:
    text = (
        f'litmus "t" models armv8, x86, power, riscv; int x; int y; spinlock_t l; {shared} '
        f"thread A {{ r = 0; {body} }} exists e: A.r == 1;"
    )
    (program,) = parse(Source("t.lit", text))
    return export_assembly(compile_for(program, machine), program.assertions[0], retry=retry).text


def lines(text: str) -> list[str]:
    """The instructions of the only thread."""
    return [line.strip(" ;") for line in text.splitlines() if line.endswith(";") and line.startswith(" ")][1:]


@pytest.mark.parametrize(
    ("machine", "body", "expected"),
    [
        ("armv8", "r = READ_ONCE(x);", ["LDR W0,[X1]"]),
        ("x86", "r = READ_ONCE(x);", ["movl (x),%ebx"]),
        ("power", "r = READ_ONCE(x);", ["lwz r1,0(r2)"]),
        ("riscv", "r = READ_ONCE(x);", ["lw x5,0(x6)"]),
        ("armv8", "r = smp_load_acquire(&x);", ["LDAR W0,[X1]"]),
        ("power", "r = smp_load_acquire(&x);", ["lwz r1,0(r2)", "lwsync"]),
        ("riscv", "r = smp_load_acquire(&x);", ["lw x5,0(x6)", "fence r,rw"]),
        ("armv8", "smp_wmb();", ["DMB ISHST"]),
        ("x86", "smp_wmb();", []),
        ("x86", "smp_mb();", ["mfence"]),
        ("riscv", "smp_wmb();", ["fence w,w"]),
    ],
)
def test_accesses_and_fences(machine: str, body: str, expected: list[str]) -> None:
    assert lines(exported(machine, body))[1:] == expected


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        ("armv8", ["L0_0:", "LDXR W3,[X1]", "ADD X5,X3,#1", "STLXR W4,W5,[X1]", "CBNZ W4,L0_0", "DMB ISH"]),
        ("power", ["sync", "L0_0:", "lwarx r4,r0,r2", "addi r5,r4,1", "stwcx. r5,r0,r2", "bne L0_0", "sync"]),
        ("riscv", ["li x8,1", "amoadd.w.aq.rl x7,x8,(x6)"]),
    ],
)
def test_updates(machine: str, expected: list[str]) -> None:
    text = exported(machine, "r = atomic_fetch_add(1, &c);", "atomic_t c;", retry=True)
    shape = [line.split()[0] for line in expected]
    assert [line.split()[0] for line in lines(text)][1 : 1 + len(shape)] == shape, text


def test_an_update_whose_result_is_not_used_is_one_instruction_on_x86() -> None:
    text = exported("x86", "atomic_add(2, &c); atomic_xchg(&c, 1);", "atomic_t c;")
    assert "lock addl %ecx,(c)" in text
    assert "xchgl" in text
    assert "cmpxchg" not in text


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_left_out_is_told(machine: str) -> None:
    body = "spin_lock(&l); r = READ_ONCE(x); spin_unlock(&l); await (READ_ONCE(y) == 1);"
    once, again = exported(machine, body), exported(machine, body, retry=True)
    assert "filter" in once
    if machine != "x86":
        assert "are left out" in once
        assert "are left out" not in again


@pytest.mark.parametrize("machine", MACHINES)
def test_the_same_program_gives_the_same_text(machine: str) -> None:
    body = "r = READ_ONCE(x); WRITE_ONCE(y, r + 1); r = atomic_add_return(2, &c);"
    assert exported(machine, body, "atomic_t c;") == exported(machine, body, "atomic_t c;")


@pytest.mark.parametrize(
    ("machine", "body", "shared", "problem"),
    [
        ("power", "r = xchg(&p, &x) == &x;", "int *p = &x;", "an atomic update of 64 bits is nothing that herd7's PPC"),
        ("riscv", "r = xchg(&b, 1);", "u8 b;", "an atomic update of 8 bits is no instruction of RISC-V"),
        ("x86", "r = READ_ONCE(x) >> 2;", "", "this shift is nothing that herd7's X86_64 computes"),
        ("armv8", "r = READ_ONCE(x) * 3;", "", "this multiplication is no instruction of AArch64 that herd7 has"),
        (
            "armv8",
            "p = READ_ONCE(q); r = p == &x; smp_mb();",
            "int *q = &x;",
            "a comparison of pointers, but as a condition",
        ),
        ("power", "WRITE_ONCE(x, 0x7fffffff); r = READ_ONCE(x);", "", "does not compute"),
        ("armv8", "r = READ_ONCE(x) / READ_ONCE(y);", "", "what C leaves undefined"),
    ],
)
def test_what_cannot_be_said_is_named(machine: str, body: str, shared: str, problem: str) -> None:
    with pytest.raises(UnsupportedError, match=problem) as caught:
        exported(machine, body, shared)
    assert caught.value.span is not None


def test_names_that_are_instructions_or_registers_get_another() -> None:
    text = exported(
        "x86", "WRITE_ONCE(lock, 1); WRITE_ONCE(rax, 1); WRITE_ONCE(inc, r);", "int lock; int rax; int inc;"
    )
    assert all(f"({name}_)" in text for name in ("lock", "rax", "inc"))
    assert "lock_ is lock." in text


def test_grace_periods_are_no_instructions() -> None:
    with pytest.raises(UnsupportedError, match="synchronize_rcu"):
        exported("armv8", "synchronize_rcu();")


def test_conditions_that_are_not_over_values_are_named() -> None:
    (program,) = parse(Source("t.lit", 'litmus "t" models armv8; int x; thread A { x = 1; } forbid data_race;'))
    with pytest.raises(UnsupportedError, match="data_race"):
        export_assembly(compile_for(program, "armv8"), program.assertions[0])


def test_variables_keep_their_register_and_the_rest_share() -> None:
    sheet = Sheet(fixed={"r": None})
    sheet.line("a ", Use("?1"))
    sheet.line("b ", Use("?1"), Use("?2"))
    sheet.line("c ", Use("?3"), Use("r"))
    assert allocate(sheet, ("R0", "R1", "R2"), None) == {"r": "R0", "?1": "R1", "?2": "R2", "?3": "R1"}


def test_a_register_is_in_use_for_as_long_as_a_loop_turns_that_needs_it() -> None:
    sheet = Sheet()
    sheet.line("a ", Use("?1"))
    sheet.place("L")
    sheet.line("b ", Use("?1"))
    sheet.line("c ", Use("?2"))
    sheet.line("jump", jumps="L")
    assert len(set(allocate(sheet, ("R0", "R1"), None).values())) == 2


def test_too_few_registers_name_the_variable() -> None:
    with pytest.raises(UnsupportedError, match="'second' has none"):
        allocate(Sheet(fixed={"first": None, "second": None}), ("R0",), None)


def test_addresses_are_compared_as_herd7_can_on_x86() -> None:
    text = exported("x86", "p = READ_ONCE(q); if (p == &x) r = 1; else r = 2;", "int *q = &x;")
    assert "cmpxchgq %" in text
    (back,) = parse(Source("t.litmus", text))
    (tally,) = evaluate(back, "x86", Settings()).tallies
    assert (tally.positive, tally.negative) == (1, 0)


def test_what_is_written_through_a_pointer_is_as_large_as_one_on_aarch64() -> None:
    """herd7 takes the pointer itself for what may be written, and then has accesses of two sizes to it."""
    body = "q = READ_ONCE(p); atomic_inc(q); r = atomic_read(&c);"
    text = exported("armv8", body, "atomic_t c; atomic_t *p = &c;")
    assert "int64_t c = 0;" in text
    assert "c has 64 bits, as the pointers that it is reached by" in text
    assert "LDXR X" in text
    assert "int c = 0;" in exported("riscv", body, "atomic_t c; atomic_t *p = &c;")


SPREAD = """litmus "t" models armv8, x86, riscv;
struct node { struct node *next; int a; u8 b; } one = { one, 1, 2 }, two = { one, 3, 4 };
struct node *p = one;
thread A { struct node *n = READ_ONCE(p); int a = READ_ONCE(n->a); u8 b = READ_ONCE(n->b); }
thread B { WRITE_ONCE(two->b, 9); smp_wmb(); WRITE_ONCE(p, two); }
exists e: A.a == 3 && A.b == 9;
"""


@pytest.mark.parametrize("machine", ["armv8", "x86", "riscv"])
def test_a_struct_whose_parts_differ_in_size_is_an_array(machine: str) -> None:
    """The parts are where no part of their size would be: at 8 and 12."""
    (program,) = parse(Source("t.lit", SPREAD))
    text = export_assembly(compile_for(program, machine), program.assertions[0]).text
    assert "int64_t two[3] = {one,3,4};" in text
    assert "two[2] is two->b." in text
    (back,) = parse(Source("t.litmus", text))
    answers = [evaluate(one, machine, Settings()) for one in (program, back)]
    assert {(a.tallies[0].positive, a.tallies[0].negative, a.inexact) for a in answers} == {(1, 1, ())}


def test_an_index_into_parts_that_differ_in_size_is_an_error() -> None:
    body = "WRITE_ONCE(x, 1); q = &s->a; int i = READ_ONCE(x) & 1; r = READ_ONCE(q[i]);"
    with pytest.raises(UnsupportedError, match="addresses in 's' are computed, whose parts differ in size"):
        exported("riscv", body, "struct s { long l; int a; int b; } s;")
