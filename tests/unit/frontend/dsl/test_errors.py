"""Each mistake, with the place and the words of what is said about it."""

import pytest

from litmus.errors import ProgramErrors
from litmus.frontend.dsl.parse import parse
from litmus.source import Source

SHARED = """litmus "t"
int x; int y; atomic_t a; int *p = &x; spinlock_t l; int arr[2];
struct page { atomic_t c; page_flag Pin; } page;
"""


def errors(text: str) -> list[str]:
    """Parse and return each error as `line:column message (hint)`."""
    with pytest.raises(ProgramErrors) as caught:
        parse(Source("t.lit", text))
    for error in caught.value.errors:
        assert error.span is not None
        assert error.render().startswith("t.lit:")
        assert "^" in error.span.caret()
    found = []
    for error in caught.value.errors:
        assert error.span is not None
        place = ":".join(error.span.location().split(":")[1:])
        found.append(f"{place} {error.message}" + (f" ({error.hint})" if error.hint else ""))
    return found


def in_thread(code: str) -> list[str]:
    """Return the errors of a thread whose code begins on line 5."""
    return errors(f"{SHARED}thread A {{\n{code}\n}}\n")


def after_threads(items: str) -> list[str]:
    """Return the errors of items that begin on line 6, after the threads A, which assigns r, and B."""
    return errors(f"{SHARED}thread A {{ [L] r = READ_ONCE(x); }}\nthread B {{ [M] WRITE_ONCE(x, 1); }}\n{items}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '1:1 there is no test here (a test begins with `litmus "name"`)'),
        (" \n\n", '1:1 there is no test here (a test begins with `litmus "name"`)'),
        ("litmus", "1:7 expected a string in double quotes, found the end of the file"),
        ("litmus a", "1:8 expected a string in double quotes, found 'a'"),
        ('litmus "a"', "1:1 a test needs at least one thread"),
        ("thread A { }", '1:1 a test begins with `litmus "name"`'),
        ("/* never closed", "1:1 the comment is not closed"),
        ('litmus "a"\nthread A { "abc }', "2:12 the string is not closed on its line"),
        ('litmus "a"\nmodels lkm;\nthread A { }', "2:8 unknown model 'lkm' (did you mean 'lkmm'?)"),
        ('litmus "a"\nunroll 0;\nthread A { }', "2:8 the bound must be between 1 and 1000"),
        ('litmus "a"\ninclude "b";\nthread A { }', "2:9 no file can be included here"),
        (
            'litmus "a"\nbitops pre60;\nthread A { }',
            "2:8 unknown reading of the bit operations 'pre60' (did you mean 'pre_6_0'?)",
        ),
        ('litmus "a"\ndoc "x"; doc "y";\nthread A { }', "2:10 this is said twice, first on line 2"),
        (
            'litmus "a" thread A { }\nlitmus "a" thread B { }',
            "2:1 a test of this name is already in the file (on line 1)",
        ),
        ('litmus "a"\nthread A { }\nthread A { }', "3:8 'A' is already the name of a thread on line 2"),
        ('litmus "a"\nint x;\nthread x { }', "3:8 'x' is already the name of a shared object"),
        ('litmus "a"\nthread A[0] { }', "2:10 the number of instances must be between 1 and 64"),
    ],
)
def test_a_file(text: str, expected: str) -> None:
    assert expected in errors(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "4:10 expected a statement or '}', found the end of the file (the '{' on line 4 is not closed)"),
        ("{ x = 1", "4:16 expected ';', found the end of the file (the '{' on line 4 is not closed)"),
        ("{ x = 1;\n", "4:16 expected a statement or '}', found the end of the file (the '{' on line 4 is not closed)"),
        ("", "4:9 expected '.', '{', '[' or 'on', found the end of the file"),
    ],
)
def test_a_file_cut_off_in_a_thread(text: str, expected: str) -> None:
    assert errors(f"{SHARED}thread A{text}") == [expected]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("smp_wbm();", "5:1 unknown primitive 'smp_wbm' (did you mean 'smp_wmb'?)"),
        ("SetPagePinn(page);", "5:1 unknown primitive 'SetPagePinn' (did you mean 'SetPagePin'?)"),
        ("whle(x);", "5:1 unknown primitive 'whle' (did you mean 'while'?)"),
        ("lock_page(page);", "5:1 lock_page() needs a page flag (declare `page_flag Locked;` in the struct)"),
        ("atomic_inc(&a)\n[L] smp_mb();", "5:14 expected ';' before '[L]'"),
        ("r = READ_ONCE(x;", "5:16 expected ')' before ';'"),
        ("r = READ_ONCE(x\n", "5:15 expected ');' before '}'"),
        ("r = READ_ONCE(&x);", "5:15 READ_ONCE() takes the location itself, not its address (write READ_ONCE(x))"),
        ("atomic_inc(a);", "5:12 atomic_inc() takes an address, 'a' is a value (did you mean '&a'?)"),
        ("atomic_inc(0);", "5:12 atomic_inc() takes an address, '0' is a value"),
        ("atomic_inc(page);", "5:12 atomic_inc() needs one location, 'page' is a whole struct page"),
        ("WRITE_ONCE(x);", "5:1 WRITE_ONCE() takes 2 arguments, 1 given"),
        ("x = yy;", "5:5 unknown name 'yy' (did you mean 'y'?)"),
        ("r = zzz->v;", "5:5 unknown name 'zzz'"),
        ("[L] x = 1;\n[L] y = 1;", "6:1 the label 'L' is already in thread 'A' (on line 5)"),
        ("[out] x = 1; goto oot;", "5:19 unknown label 'oot' (did you mean 'out'?)"),
        ("spin_lock(&x);", "5:11 spin_lock() needs a spinlock_t, '&x' is of type int"),
        ("WRITE_ONCE(l, 1);", "5:12 WRITE_ONCE() cannot be used on 'l', a spinlock_t"),
        ("x = l;", "5:5 'l' is a spinlock_t: only its own primitives may use it"),
        ("r = *x;", "5:6 'x' is of type int, not a pointer"),
        ("r = x->v;", "5:5 'x' is of type int, not a pointer"),
        ("r = p->v;", "5:5 'p' is of type int *, which has no fields"),
        ("r = page->cc;", "5:11 unknown field 'cc' of struct page (did you mean 'c'?)"),
        (
            "r = page->Pin;",
            "5:11 'Pin' is a page flag, one bit of 'flags' (use PagePin(...), SetPagePin(...) and the like)",
        ),
        ("SetPagePin(x);", "5:12 'x' is not the address of a struct page"),
        ("break;", "5:1 'break' outside a loop"),
        ("int x = 1;", "5:5 'x' is shared: a local cannot have its name"),
        ("int r;\nint r;", "6:5 'r' is already declared (on line 5)"),
        ("int r; { long r; }", "5:15 'r' is already declared (on line 5)"),
        ("{ int r; } { long r; }", "5:19 'r' is already declared as int in this thread"),
        ("aotmic_t q = 1;", "5:1 unknown type 'aotmic_t' (did you mean 'atomic_t'?)"),
        ("struct pgae *q;", "5:8 unknown struct 'pgae' (did you mean 'page'?)"),
        ("r = smp_mb();", "5:5 smp_mb() has no value"),
        ("if (x = 1) y = 1;", "5:5 an assignment is not a value (did you mean '=='?)"),
        ("r = x /\\ y;", "5:5 '/\\' belongs to conditions of assertions (did you mean '&&'?)"),
        ("r = x => y;", "5:5 '=>' belongs to conditions of assertions"),
        ("r = 0:q + 1;", "5:5 a herd register has no meaning in a thread"),
        ("r = arr[2];", "5:5 'arr[2]' is outside the object 'arr'"),
        ("5 = x;", "5:1 '5' is not a location in memory"),
        ("page = 1;", "5:1 'page' is a whole object, not one location"),
        ("r = page * 2;", "5:5 '*' on addresses is not supported"),
        ("return 1;", "5:8 a thread returns no value"),
        ("r = this;", "5:5 'this' has a meaning in `thread NAME[n]` only: the number of the instance"),
        ("r = x $ y;", "5:7 unexpected character '$'"),
        ('r = "abc";', "5:5 a string has no meaning in a thread"),
        ("x = 08;", "5:5 '08' is not an octal number"),
        ("x = 12abc;", "5:5 '12abc' is not a number (decimal, 0x hexadecimal or 0 octal)"),
        ("x = 99999999999999999999;", "5:5 '99999999999999999999' does not fit 64 bits"),
        ("try_cmpxchg(&x, 1, 2);", "5:17 try_cmpxchg() takes the address of a local variable here (write &old)"),
        ("await (spin_lock(&l));", "5:8 spin_lock() has no value"),
        ("r = await(x);", "5:5 'await' is a statement, not a value"),
        ("int q[3];", "5:5 arrays are supported as shared state only"),
        ("r = q; r2 = x[1];", "5:13 'x' is of type int, not a pointer"),
    ],
)
def test_a_statement(code: str, expected: str) -> None:
    assert expected in in_thread(code)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("forbid f: A.q == 1;", "6:13 unknown register 'q': thread 'A' never assigns it"),
        ("forbid f: 1:q = 1;", "6:11 unknown register 'q': thread 'B' never assigns it"),
        ("forbid f: 7:q = 1;", "6:11 there is no thread 7: they are numbered from 0"),
        ("forbid f: C.r == 1;", "6:11 unknown thread 'C'"),
        ("forbid f: r == 1;", "6:11 'r' is a register: say of which thread (did you mean 'A.r'?)"),
        ("forbid f: xx == 1;", "6:11 unknown name 'xx' (did you mean 'x'?)"),
        ("forbid f: page->d == 1;", "6:17 unknown field 'd' of struct page"),
        ("forbid f: PagePinn(page);", "6:11 unknown function of final values 'PagePinn' (did you mean 'PagePin'?)"),
        ("forbid f: *p == 1;", "6:11 a condition cannot follow pointers"),
        ("forbid f: A == 1;", "6:11 'A' is a thread: say which of its registers (write A.r)"),
        ("forbid f: x / 0 == 1;", "6:15 '/' in a condition needs a constant other than 0"),
        ("forbid f: x % y == 1;", "6:15 '%' in a condition needs a constant other than 0"),
        ("forbid f: x << 64;", "6:16 '<<' in a condition needs a constant from 0 to 63"),
        ("forbid f: x >> -1;", "6:16 '>>' in a condition needs a constant from 0 to 63"),
        ("forbid f: test_bit(64, &x);", "6:20 the number of a bit of 'x' must be a constant from 0 to 31"),
        ("forbid f: page * 2 == 1;", "6:11 '*' has no meaning on addresses"),
        ("forbid f: ~x = 1;", "6:11 '~' before '=' may be read in two ways (write ~(a = b))"),
        ("forbid f on lkmm;", "6:8 unknown assertion 'f': give it a condition"),
        ("forbid f: x == 1 on lkm;", "6:21 unknown model 'lkm' (did you mean 'lkmm'?)"),
        ("forbid f: x == 1;\nallow f: x == 2;", "7:7 'f' is already asserted (on line 6)"),
        ("forbid f: x == 1 on sc; allow f on x86, sc;", "6:31 'f' is already asserted on sc (on line 6)"),
        ("forbidd f: x == 1;", "6:1 expected the start of a declaration, thread, assertion or variant"),
        ("forbid f x == 1;", "6:10 expected ':', 'on' or ';', found 'x'"),
        ("forbid f: x == 1", "6:16 expected 'on' or ';', found the end of the file"),
        ("locations zz;", "6:11 unknown name 'zz'"),
        ("variant v { drop Q; }", "6:18 unknown label 'Q' in variant 'v'"),
        ("variant v { drop L; drop A.L; }", "6:26 'L' is dropped, replaced or swapped twice in variant 'v'"),
        ("variant v { drop C.L; }", "6:18 unknown thread 'C' in variant 'v'"),
        ("variant v { drop B.L; }", "6:18 no statement 'L' is left in 'B' in variant 'v'"),
        ("variant v { drop thread C; }", "6:25 unknown thread 'C' in variant 'v'"),
        ("variant v { swap L, M; }", "6:18 'M' is not beside 'L' in variant 'v' (swap within one body)"),
        ("variant v { } variant v { }", "6:23 variant 'v' is already there (on line 6)"),
        ("variant v { repalce L { } }", "(did you mean 'replace'?)"),
        ("variant v { init r = 1; }", "6:18 unknown shared location 'r' in variant 'v'"),
        ("forbid f: A.r == 1; variant v { drop L; }", "never assigns it in variant 'v'"),
        ("define f(q, q) = q;", "6:13 'q' is already a parameter"),
        ("define f(q) = q; function f(q) { }", "6:27 'f' is already defined"),
        ("define smp_mb() = 1;", "6:8 'smp_mb' is a kernel primitive"),
        ("define SetPagePin(q) = 1;", "6:8 'SetPagePin' means something else already"),
    ],
)
def test_what_follows_the_threads(items: str, expected: str) -> None:
    found = after_threads(items)
    assert any(expected in error for error in found), found


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("int x;", "4:5 'x' is already declared (on line 2)"),
        ("int z = x;", "4:9 a constant is needed here, not what 'x' holds (did you mean '&x'?)"),
        ("u8 z = 300;", "4:8 300 does not fit type u8"),
        (f"int z[] = {{ {'1, ' * 257} }};", "4:781 the number of elements must be between 1 and 256"),
        ("int z[];", "4:6 how many elements? (give a number or an initialiser in braces)"),
        ("int z[2] = {1, 2, 3};", "4:19 the array has 2 elements only"),
        ("int z = {1};", "4:9 braces initialise arrays and structs only"),
        ("struct page q = { .Pn = 1 };", "4:20 unknown field 'Pn' of struct page (did you mean 'Pin'?)"),
        ("struct page q = { .Pin = 2 };", "4:26 a page flag is 0 or 1"),
        ("struct page q = { 0, 0, 0 };", "4:25 struct page has 2 members only"),
        ("struct page { int v; };", "4:8 struct 'page' is already declared"),
        ("struct s { struct s inner; };", "4:21 struct s is not complete here: use a pointer, or declare it before"),
        ("struct s { int v; int v; };", "4:23 'v' is already a member of struct s"),
        ("struct s { int v } q;", "4:18 expected ';' before '}'"),
        ("struct q *z;", "4:8 unknown struct 'q'"),
        ("void z;", "4:1 nothing is of type void"),
        ("page_flag Pin;", "expected the start of a declaration"),
    ],
)
def test_a_declaration(item: str, expected: str) -> None:
    found = errors(f"{SHARED}{item}\nthread A {{ }}\n")
    assert any(expected in error for error in found), found


def test_one_run_reports_every_error() -> None:
    text = """litmus "many"
int x
atomic_t a;
thread A {
    [L1] smp_wbm();
    r = READ_ONCE(y);
    if (x { y = 1; }
    [L1] WRITE_ONCE(x, 1);
    goto nowhere;
}
thread B { r = ; s = READ_ONCE(x); }
forbid f: B.t == 1 on lkmmm;
variant v { drop L9; }
"""
    assert errors(text) == [
        "2:5 expected ';' before 'atomic_t'",
        "5:10 unknown primitive 'smp_wbm' (did you mean 'smp_wmb'?)",
        "6:19 unknown shared location 'y'",
        "7:11 expected ')' before '{'",
        "8:5 the label 'L1' is already in thread 'A' (on line 5)",
        "9:10 unknown label 'nowhere'",
        "11:16 expected an expression, found ';'",
        "12:13 unknown register 't': thread 'B' never assigns it",
        "12:23 unknown model 'lkmmm' (did you mean 'lkmm'?)",
        "13:18 unknown label 'L9' in variant 'v'",
    ]


def test_what_is_lost_to_an_error_is_not_unknown_as_well() -> None:
    assert errors('litmus "a"\nint x = = 1;\nthread A { r = READ_ONCE(x); }\nforbid f: x == 1;') == [
        "2:9 expected an expression or '{', found '='"
    ]


def test_a_missing_brace_loses_nothing() -> None:
    assert errors(f"{SHARED}thread A {{\n r = x;\n\nthread B {{ q = z; }}\nforbid f: A.r == 1;") == [
        "7:1 expected '}' before 'thread' (the '{' on line 4 is not closed)",
        "7:16 unknown name 'z'",
    ]


def test_deep_nesting_is_an_error() -> None:
    (message,) = errors(f"{SHARED}thread A {{ r = {'(' * 2000}1{')' * 2000}; }}")
    assert "nested more than 200 deep" in message


def test_functions_that_call_themselves() -> None:
    found = errors(f"{SHARED}function g(v) {{ return g(v); }}\nthread A {{ r = g(1); }}")
    assert found == ["4:10 'g' uses itself: expansion would not end"]


def doubled(kind: str) -> str:
    return "".join(kind.format(i + 1, i) for i in range(40))


@pytest.mark.parametrize(
    "text",
    [
        "define D0 = x;\n" + doubled("define D{0} = D{1} + D{1};\n") + "thread A { r = D40; }",
        "function f0() { x = 1; }\n" + doubled("function f{0}() {{ f{1}(); f{1}(); }}\n") + "thread A { f40(); }",
    ],
)
def test_expansion_that_would_hardly_end_is_an_error(text: str) -> None:
    (message,) = errors(SHARED + text)
    assert "expand to more than 1000000 characters" in message


def test_expansion_that_goes_too_deep_is_an_error() -> None:
    chain = "".join(f"define D{i + 1} = D{i} + 1;\n" for i in range(300))
    (message,) = errors(f"{SHARED}define D0 = 1;\n{chain}thread A {{ r = D300; }}")
    assert "defines and functions use each other more than 50 deep" in message
