"""Herd files with several mistakes, and with what is only doubtful."""

import pytest

from litmus.errors import LitmusError, ProgramErrors
from litmus.frontend.dispatch import parse
from litmus.source import Source

NOBODY = "is neither a parameter nor a variable of this thread"
TWO = "{}\nP0(int *x, int *y)\n{\n\tint r0;\n\tBODY\n}\nP1(int *x, int *y)\n{\n\tint r1 = READ_ONCE(*y);\n}\nCLAIM"


def errors(text: str) -> list[tuple[int, str]]:
    with pytest.raises(LitmusError) as caught:
        parse(Source("t.litmus", text))
    found = caught.value.errors if isinstance(caught.value, ProgramErrors) else (caught.value,)
    return [(error.span.line if error.span else 0, error.message) for error in found]


def doubts(text: str) -> list[str]:
    (program,) = parse(Source("t.litmus", text))
    return [doubt.message for doubt in program.doubts]


def two(body: str, claim: str = "exists (1:r1=1)") -> str:
    return "C t\n" + TWO.replace("BODY", body).replace("CLAIM", claim)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            two("r0 = READ_ONCE(*z);\n\tr0 = q;\n\tx = 1;", "exists (1:r9=1 /\\ w=2 /\\ 1:r1=1)"),
            [
                (6, "'z' is neither a parameter nor a variable of this thread"),
                (7, "'q' is neither a parameter nor a variable of this thread"),
                (8, "'x' is the address of a location and cannot be assigned: write '*x'"),
                (14, "P1 has no variable 'r9'"),
                (14, "the test has no location 'w'"),
            ],
        ),
        (
            two("r0 = READ_ONCE(*x;\n\tr0 = 1 +;\n\tr0 = q;"),
            [
                (6, "unexpected ';'"),
                (7, "unexpected ';'"),
                (8, "'q' is neither a parameter nor a variable of this thread"),
            ],
        ),
        (two("r0 = READ_ONCE(*x);", "exists (1:r1=1 /\\"), [(12, "unexpected end")]),
        (
            two("if (r0 == 1 {\n\t\tr0 = zz;\n\t}"),
            [(6, "unexpected '{'"), (7, "'zz' is neither a parameter nor a variable of this thread")],
        ),
        (two("int a = b;\n\tint c = a;"), [(6, "'b' is neither a parameter nor a variable of this thread")]),
        (two("int a = &c;\n\tr0 = a;"), [(6, "'c' is neither a parameter nor a variable of this thread")]),
        (two("int a = READ_ONCE(*x;\n\tr0 = a;"), [(6, "unexpected ';'")]),
        (
            two("while (r0 {\n\t\tint r0;\n\t}\n\tif (r0) { int s; }"),
            [(6, "unexpected '{'"), (7, "the declaration of 'r0' hides another 'r0'")],
        ),
        (
            "C t\n{ imt a; int b = ; int a[1] = {1, 2}; }\nP0(int *a, imt_t *c, int *c, void v)\n{}\nexists (b=1)",
            [
                (2, "unknown type 'imt'"),
                (2, "unexpected ';'"),
                (2, "'a' is declared twice"),
                (3, "unknown type 'imt_t'"),
                (3, "the parameter 'v' must be a pointer to a shared location"),
            ],
        ),
        (two("r0 = 1;", "exists (0:r0=1"), [(12, "unexpected end")]),
        (
            "C t\n{}\nP0(int *x) {\n r0 = 1;\nP1(int *x) {\n r0 = 1; }\nexists (x=1)",
            [(5, "unexpected '{'"), (6, "unexpected end")],
        ),
        (
            "X86 t\n{ y=@; 7:EAX=1; }\n P0 ;\n MOV [x],$1 ;\nexists (x=1 /\\ 3:EAX=1 /\\ 0:ECZ=1)",
            [
                (2, "unexpected '@'"),
                (2, "there is no thread P7: the program has 1"),
                (5, "there is no thread P3: the program has 1"),
                (5, "'ECZ' is not a register of this architecture"),
            ],
        ),
    ],
)
def test_one_run_tells_every_error(text: str, expected: list[tuple[int, str]]) -> None:
    assert errors(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (two("r0 = READ_ONCE(*x);"), []),
        (two("r2 = READ_ONCE(*x);\n\tr0 = r2;"), ["P0 assigns 'r2' without a declaration"]),
        (
            two("a = READ_ONCE(*x);\n\tb = a;\n\tc = b;\n\ta = c;"),
            ["P0 assigns 'a', 'b' and 'c' without a declaration"],
        ),
        (two("", "exists (0:r0=1)"), ["'0:r0' is looked at but never assigned: it is 0"]),
        ("C t\n{ 0:r0=3; }\nP0(int *x)\n{\n\tWRITE_ONCE(*x, r0);\n}\nexists (0:r0=3)", []),
    ],
)
def test_variables(text: str, expected: list[str]) -> None:
    assert doubts(text) == expected


HEAD = (
    "C t\n{}\nP0(atomic_t *a, spinlock_t *s, int *x, long *l, atomic_long_t *al)\n{\n\tint r0; atomic_t *p; int *q;\n\t"
)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("atomic_inc(a); atomic_long_inc(al); spin_lock(s); r0 = READ_ONCE(*x); r0 = xchg(x, 1);", []),
        ("atomic_inc(p); r0 = *q; *q = 1;", []),
        ("atomic_inc((atomic_t *)x); WRITE_ONCE(*(int *)a, 1); *(int *)a = 1;", []),
        ("WRITE_ONCE(*a, 1);", ["WRITE_ONCE() is not for '*a', which holds an atomic_t"]),
        ("r0 = smp_load_acquire(s);", ["smp_load_acquire() is not for 's', which holds a spinlock_t"]),
        ("WRITE_ONCE(*p, 1);", ["WRITE_ONCE() is not for '*p', which holds an atomic_t"]),
        ("*a = 1;", ["a plain access to '*a', which holds an atomic_t"]),
        ("r0 = *s + 1;", ["a plain access to '*s', which holds a spinlock_t"]),
        ("atomic_inc(x);", ["atomic_inc() needs an atomic_t, 'x' is of type int"]),
        ("r0 = atomic_cmpxchg(q, 0, 1);", ["atomic_cmpxchg() needs an atomic_t, 'q' is of type int"]),
        ("atomic_long_inc(l);", ["atomic_long_inc() needs an atomic_long_t, 'l' is of type long"]),
        ("spin_lock(x);", ["spin_lock() needs a spinlock_t, 'x' is of type int"]),
        ("spin_unlock(l);", ["spin_unlock() needs a spinlock_t, 'l' is of type long"]),
    ],
)
def test_types_of_primitives(statement: str, expected: list[str]) -> None:
    assert doubts(HEAD + statement + "\n}\nexists (x=1)") == expected


@pytest.mark.parametrize("statement", ["atomic_inc(l);", "r0 = atomic_read(al);", "atomic_long_add(1, a);"])
def test_a_primitive_for_another_size_is_an_error(statement: str) -> None:
    ((line, message),) = errors(HEAD + statement + "\n}\nexists (x=1)")
    assert line == 6
    assert "needs an atomic_" in message


START, ABOVE = "in the initial state", "in a thread above"
TYPES = "C t\n{ INIT }\nP0(ONE)\n{\n\tWRITE_ONCE(*x, 1);\n}\nP1(OTHER)\n{\n\tWRITE_ONCE(*x, 2);\n}\nexists (x=1)"


@pytest.mark.parametrize(
    ("initial", "one", "other", "expected"),
    [
        ("", "int *x", "int *x", []),
        ("", "int *x", "volatile int *x", []),
        ("x=1", "long *x", "long *x", []),
        ("int x", "s32 *x", "s32 *x", [f"'x' is of type int {START}, and s32 here"]),
        ("", "s32 *x", "int *x", [f"'x' is of type s32 {ABOVE}, and int here"]),
        ("int *x", "int *x", "int *x", ["'x' is of type int * in the initial state, and int here"]),
        ("", "int **x", "long **x", ["'x' is of type int * in a thread above, and long * here"]),
    ],
)  # fmt: skip
def test_types_of_one_location(initial: str, one: str, other: str, expected: list[str]) -> None:
    text = TYPES.replace("INIT", initial).replace("ONE", one).replace("OTHER", other)
    assert doubts(text) == expected


@pytest.mark.parametrize(
    ("initial", "one", "other", "line"),
    [
        ("", "int *x", "long *x", 7),
        ("", "int *x", "unsigned int *x", 7),
        ("", "int *x", "int **x", 7),
        ("", "_Bool *x", "u8 *x", 7),
        ("char x", "int *x", "int *x", 3),
        ("int x[2]", "long *x", "long *x", 3),
    ],
)
def test_types_of_one_location_that_hold_different_values(initial: str, one: str, other: str, line: int) -> None:
    text = TYPES.replace("INIT", initial).replace("ONE", one).replace("OTHER", other)
    ((found, message),) = errors(text.replace("exists (x=1)", "exists (true)"))
    assert found == line
    assert "here" in message
