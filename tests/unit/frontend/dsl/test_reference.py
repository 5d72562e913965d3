"""What the specification of the language says, sentence by sentence, from text to verdict: all but the primitives.

Each text is a test whose own assertions say what the sentence does; all of them have to hold under every model.
"""

import sys
from pathlib import Path

import pytest

from litmus.errors import LitmusError, ProgramErrors
from litmus.frontend.dsl.parse import parse
from litmus.program.program import DEFAULT_MODELS
from litmus.source import Source

sys.path.insert(0, str(Path(__file__).parent))

from verdicts import tallies, wrong

FAST = "models sc, lkmm; "
"""For sentences that say nothing of models."""


def errors(text: str) -> list[LitmusError]:
    with pytest.raises(LitmusError) as caught:
        parse(Source("t.lit", text))
    return list(caught.value.errors) if isinstance(caught.value, ProgramErrors) else [caught.value]


def test_the_example_of_the_first_page() -> None:
    text = """litmus "gup-vs-page_mkclean"
        struct page { atomic_t _mapcount = 0; page_flag Pin = 0; } page;
        thread GUP { [G2] atomic_inc(&page->_mapcount); [G3] smp_wmb(); [G4] SetPagePin(page); }
        thread page_mkclean {
            [C1] bool pinned = TestClearPagePin(page); [C2] smp_mb(); [C3] int count = atomic_read(&page->_mapcount);
        }
        forbid pin_lost: page_mkclean.pinned && page_mkclean.count == 0;
        allow  seen:     page_mkclean.pinned && page_mkclean.count == 1;
        variant no_wmb { drop G3; forbid pin_lost on sc, x86; allow pin_lost on lkmm, armv8, power, riscv; }
        variant no_mb { drop C2; }"""
    assert not wrong(text)
    names = {title for title, _, _ in tallies(text)}
    assert names == {"gup-vs-page_mkclean", "gup-vs-page_mkclean/no_wmb", "gup-vs-page_mkclean/no_mb"}


def body(code: str, claim: str, shared: str = "int x, y;") -> str:
    return f'litmus "t" {FAST} {shared} thread A {{ {code} }} require it: {claim};'


LEXICAL = {
    "comments": body("// one\n /* two\n lines */ int r = 1;", "A.r == 1"),
    "names as in C": body("int _a1B = 1;", "A._a1B == 1"),
    "decimal, hexadecimal, octal": body(
        "int r = 10; int s = 0x1F; int t = 017;", "A.r == 10 && A.s == 31 && A.t == 15"
    ),
    "suffixes": body("long r = 1UL + 2L + 3U;", "A.r == 6"),
    "negative": body("int r = -5;", "A.r == -5"),
    "truth and nothing": body("int r = true; int s = false; int *p = NULL;", "A.r == 1 && A.s == 0 && A.p == 0"),
}
HEADER = {
    "doc and source": f'litmus "t" doc "a" "b"; source "c"; {FAST} int x; thread A {{ x = 1; }} require it: x == 1;',
    "any order": 'litmus "t" thread A { x = 1; } require it: x == 1; int x; models sc;',
    "unroll": 'litmus "t" models sc; unroll 4; atomic_t a; thread A { do ; while (atomic_inc_return(&a) < 4); }'
    " require ends: a == 4;",
}
SHARED = {
    "numbers, counters, locks, pointers, arrays": (
        f'litmus "t" {FAST} int x = 1; atomic_t a = 2; spinlock_t l; int *p = &x; int arr[3] = {{1, 2, 3}};'
        "struct srcu_struct ss; thread A { r = READ_ONCE(*p); } require it: A.r == 1 && a == 2 && arr[2] == 3;"
    ),
    "an object and its address": body(
        "page->f = 1; page.f += 1; int *p = &page->f; *p = *p + 1; struct page *q = page; q->f++;",
        "page->f == 4 && page.f == 4 && A.p == &page->f",
        "struct page { int f; } page, other;",
    ),
    "a shared pointer to an object": body(
        "cur->f = 3; r = READ_ONCE(other.f);", "page->f == 3 && A.r == 0 && cur == &page",
        "struct page { int f; } page, other; struct page *cur = page;",
    ),
    "values in the order of fields, or by name": body(
        "r = a.next->v; s = a.v; t = b.v;", "A.r == 7 && A.s == 5 && A.t == 7 && b.next == 0",
        "struct node { int v; struct node *next; } a = { 5, &b }, b = { .v = 7 };",
    ),
    "what is not initialised": body("r = x; p = q;", "A.r == 0 && A.p == 0", "int x, *q;"),
    "operations on a flag": body(
        "a = PagePin(page); SetPagePin(page); b = PagePin(page); ClearPagePin(page); c = TestSetPagePin(page);"
        "d = TestClearPagePin(page); __SetPagePin(page); e = PagePin(page); __ClearPagePin(page); f = PagePin(page);",
        "A.a == 0 && A.b == 1 && A.c == 0 && A.d == 1 && A.e == 1 && A.f == 0 && !PagePin(page)",
        "struct page { page_flag Pin; } page;",
    ),
    "flags that begin set, in one word": body(
        "ClearPageB(page); r = READ_ONCE(page->flags) == (1 << PG_A);", "A.r && PageA(page) && !PageB(page)",
        "struct page { page_flag A = 1, B = 1; } page;",
    ),
    "a flag that is a lock": body(
        "lock_page(page); r = trylock_page(page); s = PageLocked(page); unlock_page(page); t = trylock_page(page);",
        "A.r == 0 && A.s == 1 && A.t == 1 && PageLocked(page)", "struct page { page_flag Locked; } page;",
    ),
    "bits of any integer": body(
        "set_bit(1, &w); change_bit(0, &w); change_bit(0, &w); a = test_bit(1, &w); b = test_and_set_bit(3, &w);"
        "c = test_and_clear_bit(1, &w); d = test_and_change_bit(2, &w); e = test_and_set_bit_lock(5, &w);"
        "clear_bit_unlock(5, &w); __set_bit(6, &w); __clear_bit(3, &w); __change_bit(7, &w);",
        "A.a == 1 && A.b == 0 && A.c == 1 && A.d == 0 && A.e == 0 && w == (4 | 64 | 128)", "unsigned long w;",
    ),
}  # fmt: skip
WIDTHS = {
    "char": "-128", "u8": "0", "s8": "-128", "bool": "1", "short": "-32768", "u16": "0", "s16": "-32768",
    "int": "-2147483647 - 1", "unsigned": "0", "u32": "0", "s32": "-2147483647 - 1", "unsigned int": "0",
}  # fmt: skip
"""What the largest value of a type and one more come to."""
LARGEST = {
    "char": 127, "u8": 255, "s8": 127, "bool": 1, "short": 32767, "u16": 65535, "s16": 32767, "int": 2147483647,
    "unsigned": 4294967295, "u32": 4294967295, "s32": 2147483647, "unsigned int": 4294967295,
}  # fmt: skip
THREADS = {
    "on a processor": f'litmus "t" {FAST} int x; thread A on CPU2 {{ x = 1; }} require it: x == 1;',
    "several of one text": (
        f'litmus "t" {FAST} int arr[3]; thread A[3] {{ WRITE_ONCE(arr[this], this + 1); r = this; }}'
        "require it: arr[0] == 1 && arr[2] == 3 && A.0.r == 0 && A.1.r == 1 && A.2.r == 2;"
    ),
    "labels anywhere": body("[L1] int r = 1; [L2] if (r) { [L3] r = 2; } [L4] ;", "A.r == 2"),
    "locals with and without declaration": body("int r = 1; s = r + 1; s = s * 2;", "A.s == 4"),
    "a shared name is no register": body("y = 1; r = y;", "y == 1 && A.r == 1"),
    "assignments": body(
        "int r = 6; r += 2; r -= 1; r |= 8; r &= 13; r ^= 1; r <<= 2; r >>= 1; r++; r--; ++r; --r;", "A.r == 24"
    ),
    "branches": body("int r; if (x) r = 1; else if (y == 0) r = 2; else r = 3;", "A.r == 2"),
    "loops": body(
        "int r = 0; int i = 0; while (i < 3) { i++; r += i; } do r++; while (r < 8); for (int j = 0; j < 2; j++) r++;",
        "A.r == 10",
    ),
    "leaving loops": body(
        "int r = 0; for (int i = 0; i < 9; i++) { if (i == 1) continue; if (i == 4) break; r += i; } "
        "if (r == 5) goto out; r = 0; [out] r++; if (r) return; r = 99;",
        "A.r == 6",
    ),
    "precedence": body(
        "int r = 2 + 3 * 4 - 10 / 2 % 3; int s = 1 << 2 + 1; int t = 6 & 3 | 8 ^ 1; int u = 1 < 2 == 1;"
        "int v = !0 + ~0;",
        "A.r == 12 && A.s == 8 && A.t == 11 && A.u == 1 && A.v == 0",
    ),
    "what && and || and ?: do not evaluate": body(
        "int r = x && xchg(&y, 5); int s = 1 || xchg(&y, 6); int t = x ? xchg(&y, 7) : 3;",
        "A.r == 0 && A.s == 1 && A.t == 3 && y == 0",
    ),
    "await": (
        f'litmus "t" {FAST} int x; thread A {{ await (READ_ONCE(x) == 2); r = READ_ONCE(x); }}'
        "thread B { WRITE_ONCE(x, 1); WRITE_ONCE(x, 2); } require it: A.r == 2; forbid deadlock;"
    ),
    "assume": (
        f'litmus "t" {FAST} int x; thread A {{ r = READ_ONCE(x); assume (r); }} thread B {{ WRITE_ONCE(x, 1); }}'
        "require it: A.r == 1;"
    ),
    "a bug": (
        f'litmus "t" {FAST} int x; thread A {{ BUG_ON(READ_ONCE(x) == 2); }} thread B {{ WRITE_ONCE(x, 1); }}'
        'litmus "u" models sc; int x; thread A { BUG_ON(READ_ONCE(x)); } thread B { WRITE_ONCE(x, 1); } allow bug;'
        'litmus "v" models sc; int x; thread A { WARN_ON(READ_ONCE(x)); } thread B { WRITE_ONCE(x, 1); } allow bug;'
    ),
    "plain accesses may race": (
        'litmus "t" models lkmm; int x; thread A { x = 1; } thread B { r = READ_ONCE(x); } allow data_race;'
        'litmus "u" models lkmm; int x; thread A { WRITE_ONCE(x, 1); } thread B { r = READ_ONCE(x); } forbid data_race;'
    ),
    "a control dependency": (
        'litmus "t" int x, y; thread A { if (READ_ONCE(x)) WRITE_ONCE(y, 1); } '
        "thread B { if (READ_ONCE(y)) WRITE_ONCE(x, 1); } forbid out_of_thin_air: x == 1;"
    ),
}
REUSE = {
    "a define": body("int y1 = 2; r = twice(y1 + 1);", "A.r == 6", "define twice(e) = (e) + e;"),
    "a define is hygienic": body("int x1 = 5; r = plus(x1);", "A.r == 6", "int n = 1; define plus(n1) = n1 + n;"),
    "a function": body(
        "r = pin(page); s = pin(other);", "A.r == 1 && A.s == 1 && page->c == 1 && other->c == 1 && PagePin(other)",
        "struct page { atomic_t c; page_flag Pin; } page, other;"
        "function pin(p) { [G2] atomic_inc(&p->c); smp_wmb(); SetPagePin(p); return 1; }",
    ),
}  # fmt: skip
ASSERTIONS = {
    "conditions": (
        f'litmus "t" {FAST} int x = 1, arr[2] = {{4, 5}}; int *p = &x;'
        "struct page { page_flag Pin = 1; int f; } page; "
        "thread A { r = 2; } require a: A.r == 2 && x == 1 && page->f == 0 && PagePin(page) && arr[1] == 5 && p == &x;"
        "require b: A.r == 3 => x == 7; require c: A.r == 2 => x == 1; forbid d: A.r == 2 && !(x == 1);"
    ),
    "herd's words": (
        f'litmus "t" {FAST} int x = 1; thread A {{ r1 = 2; }} thread B {{ r1 = 3; }} '
        "require a: 0:r1=2 /\\ 1:r1=3 /\\ ~(x=2 \\/ [x]=3); allow b: 0:r1=2;"
    ),
    "some, none, every": (
        f'litmus "t" {FAST} int x; thread A {{ WRITE_ONCE(x, 1); }} thread B {{ r = READ_ONCE(x); }}'
        "allow new: B.r == 1; allow old: B.r == 0; forbid other: B.r == 2; require one: B.r == 0 || B.r == 1;"
    ),
    "on models": (
        'litmus "t" int x, y; thread A { WRITE_ONCE(x, 1); r = READ_ONCE(y); } thread B { WRITE_ONCE(y, 1);'
        "r = READ_ONCE(x); } allow both: A.r == 0 && B.r == 0; forbid both on sc; forbid some: A.r == 2 on x86, sc;"
        "require every: A.r == 0 || A.r == 1 on all;"
    ),
    "filter and locations": (
        f'litmus "t" {FAST} int x, y; thread A {{ WRITE_ONCE(x, 1); }} thread B {{ r = READ_ONCE(x); }}'
        "filter B.r == 1; locations x, y; require it: B.r == 1;"
    ),
    "reserved conditions": (
        'litmus "t" models lkmm; int x; spinlock_t l; thread A { spin_lock(&l); x = 1; spin_unlock(&l); } '
        "thread B { spin_lock(&l); x = 2; spin_unlock(&l); } "
        "forbid data_race; forbid deadlock; forbid bug; forbid unroll_bound_reached;"
        'litmus "u" models sc; atomic_t a; thread A { while (atomic_inc_return(&a)) ; } allow unroll_bound_reached;'
    ),
}
MESSAGE = """int x, y; thread A { [A1] WRITE_ONCE(x, 1); [A2] smp_wmb(); [A3] WRITE_ONCE(y, 1); }
thread B { [B1] r = READ_ONCE(y); [B2] smp_rmb(); [B3] s = READ_ONCE(x); } forbid stale: B.r == 1 && B.s == 0; """
VARIANTS = {
    "drop": "variant v { drop A2; allow stale on lkmm, armv8, power, riscv; }",
    "replace": "variant v { replace A3 { smp_store_release(&y, 1); } drop A2; }",
    "before": "variant v { drop B2; before B3 { smp_mb(); } }",
    "after": "variant v { drop A2; after A1 { smp_mb(); } }",
    "swap": "variant v { swap A1, A3; allow stale; }",
    "add a thread": "variant v { add thread C { WRITE_ONCE(x, 2); } allow two: B.s == 2; }",
    "drop a thread": "variant v { drop thread A; require nothing: B.r == 0; }",
    "init": "variant v { init x = 2; allow two: B.s == 2; forbid zero: B.s == 0; }",
    "assertions are inherited": "variant v { drop A2; drop B2; forbid stale on sc, x86;"
    " allow stale on lkmm, armv8, power, riscv; }",
}
PAGES = LEXICAL | HEADER | SHARED | THREADS | REUSE | ASSERTIONS


@pytest.mark.parametrize("sentence", PAGES)
def test_holds(sentence: str) -> None:
    assert not wrong(PAGES[sentence])


@pytest.mark.parametrize("edit", VARIANTS)
def test_edits(edit: str) -> None:
    assert not wrong(f'litmus "t" {MESSAGE} {VARIANTS[edit]}')


@pytest.mark.parametrize("type_", WIDTHS)
def test_values_wrap_around_as_their_type_does(type_: str) -> None:
    code = f"x = {LARGEST[type_]}; r = x == {LARGEST[type_]}; x = x + 1;"
    assert not wrong(body(code, f"A.r && x == {WIDTHS[type_]}", f"{type_} x;"))


@pytest.mark.parametrize("type_", ["long", "s64", "u64", "unsigned long"])
def test_wide_values_wrap_around(type_: str) -> None:
    least = "x == 0" if type_.startswith("u") else "x < 0 && x - 1 > 0"
    value = "0xffffffffffffffff" if type_.startswith("u") else "0x7fffffffffffffff"
    assert not wrong(body(f"x = {value}; x = x + 1;", least, f"{type_} x;"))


def test_the_default_models() -> None:
    (program,) = parse(Source("t.lit", 'litmus "t" int x; thread A { x = 1; }'))
    assert program.models == DEFAULT_MODELS == ("lkmm", "x86", "armv8", "power", "riscv")


def test_several_tests_in_a_file_and_what_is_said_of_them() -> None:
    text = 'litmus "a" doc "what"; source "where"; thread A { } litmus "b" thread A { }'
    first, second = parse(Source("t.lit", text))
    assert (first.name, first.doc, first.source, second.name, second.doc) == ("a", "what", "where", "b", None)


def test_include_brings_structs_defines_and_functions() -> None:
    files = {"other.lit": 'litmus "o" struct s { int f; } gone; define one() = 1; function set(p) { p->f = one(); }'}
    text = f'litmus "t" {FAST} include "other.lit"; struct s obj; thread A {{ set(obj); }} require it: obj->f == one();'
    assert not wrong(text, files)


def test_a_shared_name_is_resolved_first() -> None:
    (error,) = errors('litmus "t" int x; thread A { int x = 1; }')
    assert "x" in error.message


def test_labels_are_unique_within_a_thread() -> None:
    assert errors('litmus "t" int x; thread A { [L] x = 1; [L] x = 2; }')
    assert parse(Source("t.lit", 'litmus "t" int x; thread A { [L] x = 1; } thread B { [L] x = 2; }'))


def test_an_error_has_file_line_column_caret_and_the_nearest_name() -> None:
    (error,) = errors('litmus "t"\nint x;\nthread A {\n    smp_wbm();\n}')
    assert error.render() == (
        "t.lit:4:5: error: unknown primitive 'smp_wbm' (did you mean 'smp_wmb'?)\n      smp_wbm();\n      ^^^^^^^"
    )


def test_one_run_reports_every_error() -> None:
    text = (
        'litmus "t"\nint x\nthread A { [L] smp_wbm(); q = r; }\nforbid a: B.r == 1;\nvariant v { drop M; }\nint y = ;'
    )
    lines = [error.span.line for error in errors(text) if error.span is not None]
    assert sorted(set(lines)) == [2, 3, 4, 5, 6]
