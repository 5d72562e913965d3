"""Tests in herd's C, in our own language."""

import pytest

from litmus.errors import UnsupportedError
from litmus.export.dsl import as_dsl
from litmus.frontend.dispatch import parse
from litmus.source import Source


def converted(body, init="", final="exists (x=1)", head="", parameters="int *x, int *y"):
    text = f"C t\n{head}\n{{ {init} }}\nP0({parameters})\n{{\n{body}\n}}\n{final}\n"
    (program,) = parse(Source("t.litmus", text))
    return as_dsl(program)


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("int r = READ_ONCE(*x);", "int r = READ_ONCE(x);"),
        ("smp_store_release(x, 1);", "smp_store_release(&x, 1);"),
        ("int r = *x; *y = r;", "int r = x;\n    y = r;"),
        ("int r = xchg_acquire(x, 2);", "int r = xchg_acquire(&x, 2);"),
        ("r = READ_ONCE(*x);", "int r = READ_ONCE(x);"),
        ("if (READ_ONCE(*x)) r = 1;", "int r;\n    if (READ_ONCE(x)) {\n        r = 1;"),
        ("if (r) WRITE_ONCE(*x, 1); r = 2;", "int r = 0;\n    if (r) {"),
        ("long r = (long)READ_ONCE(*x) + 1L;", "long r = READ_ONCE(x) + 1;"),
        ("int old = 0; try_cmpxchg(x, &old, 1);", "try_cmpxchg(&x, &old, 1);"),
        ("while (!READ_ONCE(*x)) { *y = 1; }", "while (!READ_ONCE(x)) {\n        y = 1;"),
        ("again: *x = 1; if (*y) goto again;", "[again] x = 1;\n    if (y) {\n        goto again;"),
        ("int a = 3; // three\n*x = a; /* done */", "int a = 3; /* three */\n    x = a; /* done */"),
    ],
)
def test_statements(body, written):
    assert f"    {written}" in converted(body)


@pytest.mark.parametrize(
    ("init", "parameters", "body", "declared"),
    [
        ("x=3;", "int *x", "*x = 1;", "int x = 3;"),
        ("int x = -1;", "int *x", "*x = 1;", "int x = -1;"),
        ("u8 x = 300;", "u8 *x", "*x = 1;", "u8 x = 44;"),
        ("atomic_t x = ATOMIC_INIT(2);", "atomic_t *x", "atomic_inc(x);", "atomic_t x = 2;"),
        ("", "int *x", "atomic_inc(x);", "atomic_t x;"),
        ("", "int *l, int *x", "spin_lock(l);", "spinlock_t l;"),
        ("", "int *break, int *x", "*break = 1;", "int shared_break;"),
        ("", "struct srcu_struct *s, int *x", "synchronize_srcu(s);", "struct srcu_struct s;"),
        ("int *p = &x;", "int **p, int *x", "**p = 1;", "int *p = &x;"),
        ("p=x;", "intptr_t *p, int *x", "*(int *)READ_ONCE(*p) = 1;", "int *p = &x;"),
        ("int x[3] = {1, 2};", "int *x", "x[1] = 1;", "int x[3] = { 1, 2, 0 };"),
    ],
)
def test_shared_state(init, parameters, body, declared):
    final = "exists (x[1]=1)" if "[3]" in init else "exists (x=1)"
    assert declared in converted(body, init, final, parameters=parameters).splitlines()


def test_integers_that_hold_numbers_as_well_as_addresses_are_cast():
    text = converted("intptr_t r = READ_ONCE(*p); if (r != 1) *(int *)r = 2;", "p=x;", parameters="intptr_t *p, int *x")
    assert "intptr_t p = &x;" in text
    assert "*(int *)r = 2;" in text


def test_the_address_of_a_lock_in_an_integer_is_cast_to_that():
    text = converted("intptr_t r = 1; r = l; spin_lock(r);", parameters="spinlock_t *l, int *x")
    assert "spin_lock((spinlock_t *)r);" in text


def test_a_pointer_to_an_integer_that_is_used_as_a_counter_is_cast():
    text = converted("int *r = READ_ONCE(*p); atomic_inc(r); WRITE_ONCE(*r, 3);", "p=x;", parameters="int **p, int *x")
    assert "atomic_inc((atomic_t *)r);" in text
    assert "WRITE_ONCE(*r, 3);" in text


def test_what_a_counter_counts_is_reached_by_its_name_or_a_cast():
    text = converted("atomic_inc(x); *x = 2; r = x; s = READ_ONCE(*(int *)r);")
    assert "x.counter = 2;" in text
    assert "READ_ONCE(*(int *)r);" in text


@pytest.mark.parametrize(
    ("result", "final", "claimed"),
    [
        ("", "exists (x=1)", ["exists outcome: x == 1;"]),
        ("", "~exists (x=1)", ["forbid outcome: x == 1;"]),
        ("", "forall (x=1)", ["require outcome: x == 1;"]),
        ("", "", []),
        ("Never", "exists (x=1)", ["forbid outcome: x == 1;", "forbid data_race;"]),
        ("Never", "forall (x=1)", ["forbid outcome: x == 1;", "forbid data_race;"]),
        ("Always", "exists (x=1)", ["require outcome: x == 1;", "forbid data_race;"]),
        (
            "Sometimes",
            "exists (x=1)",
            ["allow outcome: x == 1;", "allow otherwise: !(x == 1);", "forbid data_race;"],
        ),
        ("Maybe", "exists (x=1)", ["exists outcome: x == 1;", "forbid data_race;"]),
        ("DEADLOCK", "exists (x=1)", ["exists outcome: x == 1;", "require deadlock;"]),
        ("Never DATARACE", "exists (x=1)", ["exists outcome: x == 1;", "allow data_race;"]),
        (
            "Sometimes",
            "filter (y=0) exists (x=1)",
            ["filter y == 0;", "allow outcome: x == 1;", "allow otherwise: !(x == 1);", "forbid data_race;"],
        ),
        ("", "locations [y;] exists (x=1 /\\ (y=1 \\/ ~(y=2)))",
         ["locations y;", "exists outcome: x == 1 && (y == 1 || !(y == 2));"]),
    ],
)  # fmt: skip
def test_claims(result, final, claimed):
    head = f"(* Result: {result} *)" if result else ""
    text = converted("*x = 1;", "", final, head)
    assert [line for line in text.splitlines()[text.splitlines().index("}") + 1 :] if line] == claimed


def test_what_cannot_race_is_not_said_not_to():
    assert "data_race" not in converted("WRITE_ONCE(*x, 1);", head="(* Result: Always *)")


@pytest.mark.parametrize(
    ("final", "condition"),
    [
        ("exists (0:r=4294967295)", "P0.r == -1"),
        ("exists (x=-1)", "x == -1"),
        ("exists (0:r=0:r)", "P0.r == P0.r"),
        ("exists (0:r=x)", "P0.r == &x"),
        ("exists (x=1 /\\ y=1 /\\ 0:r=1 /\\ x=y)", "x == 1 && y == 1 && P0.r == 1 && x == &y"),
    ],
)
def test_conditions(final, condition):
    assert f"exists outcome: {condition};" in converted("int r = READ_ONCE(*x);", "", final)


def test_everything_a_header_says():
    head = '"A doc \\\\ string"\nCycle=Rfe PodRR\n(* One\n * two */ *)\n'
    text = converted("*x = 1;", head=head)
    assert text.startswith('litmus "t"\ndoc "A doc \\\\\\\\ string";\nmodels lkmm;\n\n')
    assert "\n/*\n * One\n * two * /\n */\n\n/* Cycle=Rfe PodRR */\n" in text


@pytest.mark.parametrize(
    ("text", "message", "shown"),
    [
        ("AArch64 t\n{}\nP0 ;\nMOV W0,#1 ;\nexists (0:X0=1)", "AArch64 assembly", "AArch64"),
        ("C t\n{}\nP0(int *x)\n{\n\tatomic_store_explicit(x, 1, memory_order_relaxed);\n}\nexists (x=1)",
         "'atomic_store_explicit' is an operation of C11", "atomic_store_explicit(x, 1, memory_order_relaxed"),
        ("C t\n(* Result: Perhaps *)\n{}\nP0(int *x)\n{\n\t*x = 1;\n}\nexists (x=1)", "'Result: Perhaps'", "Perhaps"),
        ("C t\n{}\nP0(int *x)\n{\n\tint r = 1;\n\tREAD_ONCE(*x);\n\tspin_lock(x);\n}\nexists (x=1)",
         "cannot be used on 'x', a spinlock_t", "READ_ONCE(*x)"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_an_error_with_its_place(text, message, shown):
    (program,) = parse(Source("t.litmus", text))
    with pytest.raises(UnsupportedError) as error:
        as_dsl(program)
    assert message in error.value.message
    assert error.value.span is not None
    assert shown in error.value.span.text
