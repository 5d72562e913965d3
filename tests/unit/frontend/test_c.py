"""Tests in kernel C: names, expressions, statements, and what is refused."""

import pytest

from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.program.program import Dialect, Program
from litmus.program.syntax import (
    Access,
    Assignment,
    Binary,
    Block,
    Call,
    Cast,
    Conditional,
    Constant,
    Declare,
    Element,
    Evaluate,
    Expression,
    Goto,
    If,
    Leave,
    Local,
    Loop,
    Placeholder,
    Statement,
    Static,
    Unary,
)
from litmus.program.term import Address, FinalLocation
from litmus.program.types import INT, TYPES, Type
from litmus.source import Source

X, Y = Static(Address("x")), Static(Address("y"))
R, S, P = Local("r"), Local("s"), Local("p")


def program(text: str) -> Program:
    (found,) = parse(Source("t.litmus", text))
    return found


def body(text: str) -> tuple[Statement, ...]:
    head = "C t\n{}\nP0(int *x, long *y, int **q)\n{ int r; int s; int *p; "
    return program(head + text + " }\nexists (x=1)").threads[0].body[3:]


def test_program() -> None:
    found = program(
        "C MP\n(*\n * Result: Never\n *)\n{ atomic_t x = ATOMIC_INIT(2); p=&z; }\n"
        "P0(atomic_t *x, volatile int* y) { WRITE_ONCE(*y, 1); }\n"
        "P1(int **p, int y[]) { int *r1 = READ_ONCE(*p); }\n"
        "locations [y; 1:r2]\nexists (1:r1=z)"
    )
    assert (found.dialect, found.result, found.models) == (Dialect.C, "Never", ("lkmm",))
    assert {place.name: (str(place.type), place.initial, place.declared) for place in found.locations} == {
        "x": ("atomic_t", 2, True),
        "p": ("int *", Address("z"), True),
        "y": ("int", 0, True),
        "z": ("int", 0, False),
    }
    assert found.threads[0].parameters == (("atomic_t *", "x"), ("volatile int*", "y"))
    assert found.threads[1].types == {"r1": Type("int", 8, False, 1)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", Constant(3)),
        ("0x1fUL", Constant(31)),
        ("010", Constant(8)),
        ("-4", Constant(-4)),
        ("NULL", Constant(0)),
        ("x", X),
        ("*x", Access(X)),
        ("(*(x))", Access(X)),
        ("*p", Access(P)),
        ("**q", Access(Access(Static(Address("q"))))),
        ("x[s]", Access(Element(X, S, 4))),
        ("*(x + 1)", Access(Element(X, Constant(1), 4))),
        ("y - s", Element(Y, Unary("-", S), 8)),
        ("1 + p", Element(P, Constant(1), 4)),
        ("(char *)x + 1", Element(X, Constant(1), 1)),
        ("&x[2]", Element(X, Constant(2), 4)),
        ("&*x", X),
        ("-s", Unary("-", S)),
        ("!~s", Unary("!", Unary("~", S))),
        ("r + s * 2", Binary("+", R, Binary("*", S, Constant(2)))),
        ("r - s - 2", Binary("-", Binary("-", R, S), Constant(2))),
        ("r | s ^ 1 & 2", Binary("|", R, Binary("^", S, Binary("&", Constant(1), Constant(2))))),
        (
            "r == 1 && s != 2 || r",
            Binary("||", Binary("&&", Binary("==", R, Constant(1)), Binary("!=", S, Constant(2))), R),
        ),
        ("r < s << 1", Binary("<", R, Binary("<<", S, Constant(1)))),
        ("r ? s : r ? 1 : 2", Conditional(R, S, Conditional(R, Constant(1), Constant(2)))),
        ("(intptr_t)r", R),
        ("(int *)p", P),
        ("(unsigned char)r", Cast(TYPES["unsigned char"], R)),
        ("(long unsigned int)r", Cast(TYPES["unsigned long"], R)),
        ("READ_ONCE(*x)", Call("READ_ONCE", (X,))),
        ("READ_ONCE(*p)", Call("READ_ONCE", (P,))),
        ("READ_ONCE(x[1])", Call("READ_ONCE", (Element(X, Constant(1), 4),))),
        ("rcu_dereference(*(intptr_t **)x)", Call("rcu_dereference", (X,))),
        ("smp_load_acquire(x)", Call("smp_load_acquire", (X,))),
        ("xchg(x, *y)", Call("xchg", (X, Access(Y)))),
        ("atomic_add_return(1, x)", Call("atomic_add_return", (Constant(1), X))),
        ("atomic_try_cmpxchg(x, &s, 1)", Call("atomic_try_cmpxchg", (X, S, Constant(1)))),
        (
            "smp_cond_load_acquire(x, VAL == 1)",
            Call("smp_cond_load_acquire", (X, Binary("==", Placeholder(), Constant(1)))),
        ),
    ],
)
def test_expressions(text: str, expected: Expression) -> None:
    assert body(f"r = {text};") == (Assignment(R, expected),)


LOADED = Call("READ_ONCE", (X,))
ONE_MORE = Assignment(R, Binary("+", R, Constant(1)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smp_mb();", (Evaluate(Call("smp_mb", ())),)),
        ("*x = 1;", (Assignment(Access(X), Constant(1)),)),
        ("x[1] = 2;", (Assignment(Access(Element(X, Constant(1), 4)), Constant(2)),)),
        ("t = 1;", (Assignment(Local("t"), Constant(1)),)),
        (
            "long a = 1, *b;",
            (Assignment(Local("a"), Constant(1), TYPES["long"]), Declare("b", Type("long", 8, False, 1))),
        ),
        ("r++; ++r; r += 1;", (ONE_MORE, ONE_MORE, ONE_MORE)),
        ("*x -= 2;", (Assignment(Access(X), Binary("-", Access(X), Constant(2))),)),
        ("if (r) s = 1; else { r++; }", (If(R, (Assignment(S, Constant(1)),), (ONE_MORE,)),)),
        ("if (READ_ONCE(*x)) { }", (If(LOADED, ()),)),
        ("if (r) if (s) r++; else ;", (If(R, (If(S, (ONE_MORE,), ()),)),)),
        ("while (r) { break; }", (Loop(R, (Leave("break"),)),)),
        ("do r++; while (r < 3);", (Loop(Binary("<", R, Constant(3)), (ONE_MORE,), test_first=False),)),
        (
            "for (int i = 0; i < 2; r++) continue;",
            (
                Assignment(Local("i"), Constant(0), INT),
                Loop(Binary("<", Local("i"), Constant(2)), (Leave("continue"),), step=(ONE_MORE,)),
            ),
        ),
        ("for (;;) { return; }", (Loop(Constant(1), (Leave("return"),)),)),
        ("goto out; out: r++;", (Goto("out"), Assignment(R, Binary("+", R, Constant(1)), label="out"))),
        ("out: ;", (Block((), label="out"),)),
        (
            "{ int i; i = 1; } { int i; }",
            (Block((Declare("i", INT), Assignment(Local("i"), Constant(1)))), Block((Declare("i", INT),))),
        ),
        ("(void)s;", (Evaluate(S),)),
        ("/* r++; */ // r++;\n", ()),
    ],
)
def test_statements(text: str, expected: tuple[Statement, ...]) -> None:
    assert body(text) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("r  =  READ_ONCE( *x ) ;", "r = READ_ONCE( *x )"),
        ("if ((r)) { s = (1); }", "if ((r))"),
        ("while (smp_load_acquire((x)) == (1)) ;", "while (smp_load_acquire((x)) == (1))"),
        ("int t = (r);", "int t = (r)"),
        ("return;", "return"),
    ],
)
def test_text_of_statements(text: str, shown: str) -> None:
    (statement,) = body(text)
    assert statement.text == shown


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("r = READ_ONCE(x);", "'x' is an address; the location is '*x'", "x"),
        ("r = READ_ONCE(3);", "expected a location in memory: '*x'", "3"),
        ("x = 1;", "'x' is the address of a location and cannot be assigned: write '*x'", "x"),
        ("3 = r;", "only a variable or a location in memory can be assigned", "3"),
        ("r = &x;", "'x' already is the address of the location: leave out the '&'", "& x"),
        ("r = &s;", "the address of the variable 's' can only be given to a primitive", "& s"),
        ("r = &(r + s);", "only what is in memory has an address", "& (r + s"),
        ("r = u;", "'u' is neither a parameter nor a variable of this thread", "u"),
        ("WRITE_ONCE(*z, 1);", "'z' is not among the parameters of this thread", "z"),
        ("int r;", "'r' is declared twice", "r"),
        ("{ int r; }", "the declaration of 'r' hides another 'r'", "r"),
        ("int x;", "the declaration of 'x' hides another 'x'", "x"),
        ("r = s[1];", "only a pointer of known type can be indexed", "s[1"),
        ("r = xchg(x, 1)", "unexpected '}'", "}"),
        ("foo_t z;", "unknown type 'foo_t'", "foo_t"),
        ("void v;", "a variable cannot be void", "v"),
        ("r = atomic_try_cmpxchg(x, s, 1);", "expected the address of a variable of this thread: '&r'", "s"),
        ("r = 1 @ 2;", "unexpected '@'", "@"),
    ],
)
def test_errors(text: str, message: str, place: str) -> None:
    text = text.replace("& ", "&")
    with pytest.raises(LitmusError) as caught:
        program(f"C t\n{{ int z; }}\nP0(int *x, long *y)\n{{ int r; int s; {text} }}\nexists (x=1)")
    assert caught.value.message == message
    assert caught.value.span is not None
    assert caught.value.span.text == place.replace("& ", "&")


def test_arrays_are_looked_at_whole_or_in_parts() -> None:
    found = program("C t\n{ int a[2] = {1, 2}; }\nP0(int *a) { }\nlocations [a;]\nexists (a={1,2} /\\ a[1]=2)")
    assert found.observed == (FinalLocation("a[0]"), FinalLocation("a[1]"))
    assert [view.name for view in found.views] == ["a"]


@pytest.mark.parametrize(
    ("head", "condition", "message"),
    [
        ("P0(int *x) { int r; }", "0:rr=1", "P0 has no variable 'rr'"),
        ("P0(int *x) { int r; }", "1:r=1", "there is no thread P1: the program has 1"),
        ("P0(int *x) { int r; }", "zz=1", "the test has no location 'zz'"),
        ("P0(int *x) { int r; }", "0:r=zz", "the test has no location 'zz'"),
        ("P0(int x) { }", "x=1", "the parameter 'x' must be a pointer to a shared location"),
        ("P0(void *x) { }", "x=1", "a location cannot be void"),
        ("P1(int *x) { }", "x=1", "expected thread P0, not 'P1'"),
    ],
)
def test_errors_around_threads(head: str, condition: str, message: str) -> None:
    with pytest.raises(LitmusError) as caught:
        program(f"C t\n{{}}\n{head}\nexists ({condition})")
    assert caught.value.message == message
