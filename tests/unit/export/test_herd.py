"""Exported tests mean what their source means: read back, they have as many executions of each kind."""

from pathlib import Path

import pytest

from litmus.errors import UnsupportedError
from litmus.export.file import Lower
from litmus.export.herd import export
from litmus.export.identifier import identifier, identifiers, name_of_test
from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

INPUT = Path(__file__).parents[2] / "golden" / "input"


def exported(text):
    """Each assertion of each test in ``text``: its tally, and the tally of what it is exported to."""
    for program in parse(Source("t.lit", text)):
        result = evaluate(program, "lkmm", Settings())
        for tally in result.tallies:
            file = export(result.program, tally.assertion)
            (back,) = parse(Source(file.file, file.text))
            yield tally, evaluate(back, "lkmm", Settings()), file


@pytest.mark.parametrize("name", ["pin.lit", "wrong.lit", "locked.lit"])
def test_files(name):
    for tally, again, _ in exported((INPUT / name).read_text()):
        (other,) = again.tallies
        assert (tally.positive, tally.negative) == (other.positive, other.negative)


THREAD = """litmus "t"
models lkmm;
int x = 0;
int y = 0;
atomic_t a = 1;
struct s {{ unsigned long flags = 0; int v = 3; }} s;
int *p = &y;
spinlock_t l;
struct mutex m;
struct srcu_struct ss;
u8 b = 255;
thread A {{ {body} }}
thread B {{ WRITE_ONCE(x, 1); smp_mb(); WRITE_ONCE(y, 1); }}
allow some: A.r == {value};
"""


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("int r = READ_ONCE(x) + 2 * READ_ONCE(y);", 2),
        ("int r = 0; if (READ_ONCE(y) && READ_ONCE(x)) r = 1; else r = 2;", 1),
        ("int r = 0; if (READ_ONCE(y) || !READ_ONCE(x)) { r = 1; }", 1),
        ("int r = 0; if (READ_ONCE(y) == 1) { if (READ_ONCE(x)) r = 1; } else r = 3;", 3),
        ("int q = READ_ONCE(x); int r = q && !q;", 0),
        ("int r = -READ_ONCE(x);", -1),
        ("int r = ~READ_ONCE(x);", -2),
        ("int r = READ_ONCE(x) << 3;", 8),
        ("int *q = READ_ONCE(p); int r = READ_ONCE(*q);", 1),
        ("int r = READ_ONCE(s.v);", 3),
        ("int r = test_and_set_bit(3, &s.flags); clear_bit(3, &s.flags);", 0),
        ("set_bit(2, &s.flags); change_bit(2, &s.flags); int r = test_bit(2, &s.flags);", 0),
        ("spin_lock_irqsave(&l); int r = x; raw_spin_unlock(&l);", 1),
        ("mutex_lock(&m); int r = READ_ONCE(x); mutex_unlock(&m);", 1),
        ("int i = srcu_read_lock(&ss); int r = READ_ONCE(x); srcu_read_unlock(&ss, i);", 1),
        ("int r = atomic_inc_not_zero(&a);", 1),
        ("int r = atomic_fetch_add_relaxed(2, &a); xchg(&x, 4);", 1),
        ("int r = cmpxchg_acquire(&x, 1, 5);", 0),
        ("int r = atomic_dec_and_test(&a);", 1),
        ("int r = READ_ONCE(x); assume(r);", 1),
        ("rcu_read_lock(); int r = READ_ONCE(y); rcu_read_unlock();", 1),
        ("smp_store_mb(x, 2); int r = READ_ONCE(y);", 0),
        ("await (READ_ONCE(y)); int r = READ_ONCE(x);", 0),
        ("await (READ_ONCE(x)); await (READ_ONCE(y) == 1); int r = READ_ONCE(x);", 1),
        ("await (!test_and_set_bit_lock(1, &s.flags)); int r = READ_ONCE(x); clear_bit_unlock(1, &s.flags);", 1),
        ("int r = READ_ONCE(x) >> 1 & 1;", 0),
        ("int r = smp_cond_load_acquire(&x, VAL); WRITE_ONCE(y, 2);", 1),
        ("int r = 0; smp_cond_load_relaxed(&y, VAL == 1); r = READ_ONCE(x);", 0),
        ("int r = 0; if (READ_ONCE(y)) { atomic_cond_read_acquire(&a, VAL == 1); } r = READ_ONCE(x);", 0),
        ("int r = atomic_cond_read_relaxed(&a, VAL > 0);", 1),
        ("int r = READ_ONCE(x); if (r) { await (READ_ONCE(y)); }", 1),
        ("int r = 0; if (READ_ONCE(y)) return; r = READ_ONCE(x) + 1;", 1),
        ("int r = 0; if (READ_ONCE(y)) { r = 2; if (READ_ONCE(x)) { return; } r = 3; } r = r + 1;", 2),
        ("int r = 0; { if (READ_ONCE(y)) { r = 1; return; } r = 5; } WRITE_ONCE(x, 7);", 1),
        ("int r = READ_ONCE(y) || READ_ONCE(x) == 1;", 1),
        ("bool r = READ_ONCE(y) && !READ_ONCE(x);", 0),
        ("int o = 1; int r = try_cmpxchg(&x, &o, 5); r = r + o;", 0),
        ("int o = 3; int r = 1; try_cmpxchg_relaxed(&x, &o, 5); WRITE_ONCE(y, o);", 1),
        ("int *q = &x; int r = try_cmpxchg(&p, &q, &x); r = q == &y;", 1),
        ("RCU_INIT_POINTER(p, &x); int r = rcu_access_pointer(p) == &x;", 1),
        ("int r = READ_ONCE(x) % 3;", 1),
        ("b++; int r = b;", 0),
        ("b = b + x; s8 c = b; int r = c;", -1),
        ("u32 w = x - 1; int r = w > 5;", 1),
        ("u32 w = x - 1; int r = w / 16 == 268435455;", 1),
        ("u32 w = x - 1; int r = (w >> 4) == 268435455;", 1),
        ("s16 h = 32767 + x; int r = h >> 3;", -4096),
        ("int r = (u16)(x - 1);", 65535),
        ("bool t = 2 * x; int r = t;", 1),
        ("u64 w = x; w = w - 1; int r = w == -1UL;", 1),
        ("unsigned long w = x | 6; w &= ~(2UL); int r = w;", 5),
        ("int r = xchg(&b, 300 + x); r = b;", 45),
        ("int r = cmpxchg(&b, x - 1, 3);", 255),
        ("int r = 2147483647 + x < 0;", 1),
        ("set_bit(7, &b); clear_bit(0, &b); int r = b;", 254),
    ],
)
def test_statements(body, value):
    for tally, again, file in exported(THREAD.format(body=body, value=value)):
        (other,) = again.tallies
        assert tally.positive > 0
        assert (tally.positive, tally.negative) == (other.positive, other.negative), file.text


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("int r = 0; while (READ_ONCE(x)) { r = 1; }", "a loop"),
        ("int r = READ_ONCE(x); if (r) { await (READ_ONCE(y)); } r = 1;", "await"),
        ("int r = 1; if (r) { r = smp_cond_load_relaxed(&x, VAL); } r = 1;", "smp_cond_load_relaxed()"),
        ("int r = 0; if (READ_ONCE(x)) { if (READ_ONCE(y)) { return; } while (READ_ONCE(x)) { r = 2; } }", "a loop"),
        ("int r = READ_ONCE(x) ? 1 : 2;", "conditional expression"),
        ("int r = READ_ONCE(x) % READ_ONCE(y);", "this divisor may be zero"),
        ("int r = 1 << READ_ONCE(x);", "'<<' by an amount known at run time only"),
        ("u64 q = READ_ONCE(x) - 1; int r = q / 3 > 5;", "the u64 that '/' divides here"),
        ("u64 q = READ_ONCE(x) - 1; q = q * 2147483648; int r = q == 0;", "what 'q' is, of type u64"),
        ("long r = READ_ONCE(x) * 3000000000;", "3000000000"),
        ("int r = READ_ONCE(x) + 2147483647L > 0;", "the long that '+' gives here"),
        ("u32 w = -READ_ONCE(x); u64 r = w;", "the u32 here as u64"),
        ("u64 w = -READ_ONCE(x); int r = w >> 1;", "the u64 that '>>' shifts here"),
        ("u32 w = -READ_ONCE(x); int r = w / 3;", "the u32 that '/' divides here"),
        ("set_bit(8, &b); int r = 1;", "bit 8 is outside its word of 8 bits"),
        ("int r = test_and_set_bit_lock(1, &s.flags);", "test_and_set_bit_lock()"),
        ("struct s *q = &s; if (READ_ONCE(x)) q = &s; int r = READ_ONCE(q->v);", "'v' behind a pointer"),
    ],
)
def test_what_has_no_equal_is_named(body, what):
    (program,) = parse(Source("t.lit", THREAD.format(body=body, value=1)))
    with pytest.raises(UnsupportedError) as refused:
        export(program, program.assertions[0])
    assert what in refused.value.message
    assert refused.value.span is not None


CONDITION = """litmus "t"
models lkmm;
u32 w = 4294967295; u8 b = 255; int x = 0; int n = 0;
thread A {{ u32 r = w; int s = -1; u64 q = -1; WRITE_ONCE(x, 1); WRITE_ONCE(n, x * 5000); }}
thread B {{ r = READ_ONCE(x); }}
allow some: {condition};
"""


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        ("w == 4294967295", "w=-1"),
        ("w == -1", "w=-1"),
        ("w != -1", "not (w=-1)"),
        ("w == -1L", "false"),
        ("A.s == 4294967295U", "0:s=-1"),
        ("A.s == 4294967295L", "false"),
        ("A.q == -1", "0:q=-1"),
        ("0U", "false"),
        ("A.r + 1 == 0", "not (0:c0=0)"),
        ("A.s < 1U", "not (0:c0=0)"),
        ("~A.r == 0", "not (0:c0=0)"),
        ("x - 1U > 0", "x=0"),
        ("b == 256", "false"),
        ("A.q == 18446744073709551615", "0:q=-1"),
        ("A.r == w", "0:r=[w]"),
        ("n == x", "n=[x]"),
        ("x == b", "false"),
        ("x == B.r", "x=0 /\\ 1:r=0 \\/ x=1 /\\ 1:r=1"),
        ("A.r == A.s", "not (0:c0=0)"),
        ("w == A.s", "w=-1 /\\ 0:s=-1"),
        ("x + B.r == 1", "x=0 /\\ 1:r=1 \\/ x=1 /\\ 1:r=0"),
        ("x >= 1", "x=1"),
        ("B.r + 1 > 1", "not (1:c0=0)"),
    ],
)
def test_conditions_on_numbers(condition, written):
    (program,) = parse(Source("t.lit", CONDITION.format(condition=condition)))
    text = export(program, program.assertions[0]).text
    assert f"exists ({written})" in text
    for tally, again, _ in exported(CONDITION.format(condition=condition)):
        (other,) = again.tallies
        assert (tally.positive, tally.negative) == (other.positive, other.negative)


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("w == n", "a value of type u32 with one of type int"),
        ("A.r + 1L == 0", "the u32 here as s64"),
        ("n + 1 == 0", "cannot compute with final values of memory"),
    ],
)
def test_conditions_that_have_no_equal(condition, what):
    (program,) = parse(Source("t.lit", CONDITION.format(condition=condition)))
    with pytest.raises(UnsupportedError) as refused:
        export(program, program.assertions[0])
    assert what in refused.value.message


def test_an_initial_value_of_more_than_32_bits_is_refused():
    (program,) = parse(Source("t.lit", 'litmus "t" s64 far = 9000000000; thread A { r = 1; } allow a: A.r == 1;'))
    with pytest.raises(UnsupportedError, match="may not hold 9000000000") as refused:
        export(program, program.assertions[0])
    assert refused.value.span is not None
    assert refused.value.span.text.startswith("far")


def test_bit_operations_of_old_are_refused():
    text = THREAD.format(body="int r = test_and_clear_bit(0, &s.flags);", value=0).replace(
        "models lkmm;", "bitops pre_6_0;"
    )
    (program,) = parse(Source("t.lit", text))
    with pytest.raises(UnsupportedError, match=r"no test_and_clear_bit\(\) as before Linux 6.0"):
        export(program, program.assertions[0])


def test_variables_and_pointers_of_the_initial_state():
    text = """C m
{ int x = 1; 0:r2 = 5; int *0:r3 = x; int y = 7; z = y; 1:r4 = y; }
P0(int *x) { int r1; r1 = *r3 + r2; }
P1(int *y, int **z) { int r1; int *q; q = READ_ONCE(*z); r1 = READ_ONCE(*r4); if (r1 == 8) { r5 = 5; } r6 = *q; }
locations [0:r2; 1:r5;]
exists (0:r1=6 /\\ 1:r1=7 /\\ 1:r6=7)
"""
    (program,) = parse(Source("m.litmus", text))
    file = export(program, program.assertions[0])
    (back,) = parse(Source(file.file, file.text))
    for test in (program, back):
        (tally,) = evaluate(test, "lkmm", Settings()).tallies
        assert (tally.positive, tally.negative) == (1, 0), file.text


def test_conditions_know_that_a_variable_may_be_left_alone():
    text = """litmus "t" models lkmm; int x; int n;
    thread A { if (READ_ONCE(x)) r = 5; } thread B { WRITE_ONCE(x, 1); n = 2; }
    allow some: A.r + n == 2;"""
    for tally, again, _ in exported(text):
        (other,) = again.tallies
        assert (tally.positive, tally.negative) == (other.positive, other.negative) == (1, 1)


def test_assembly_is_refused():
    (program,) = parse(Source("t.litmus", (INPUT / "sb.litmus").read_text()))
    with pytest.raises(UnsupportedError):
        export(program, program.assertions[0])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("page->_mapcount", "page_mapcount"),
        ("arr[1]", "arr_1"),
        ("0x", "v0x"),
        ("exists", "exists_"),
        ("a.b->c", "a_b_c"),
    ],
)
def test_identifiers(text, name):
    assert identifier(text) == name


def test_identifiers_differ():
    assert identifiers(["a.b", "a->b", "a.b"], ["a_b"]) == {"a.b": "a_b2", "a->b": "a_b3"}
    assert name_of_test("gup vs/no_wmb") == "gup_vs+no_wmb"


def text_of(body, shared, others=""):
    text = f'litmus "t" models lkmm; {shared} thread A {{ int r = 0; {body} }} {others} allow some: A.r == 1;'
    (program,) = parse(Source("t.lit", text))
    return export(program, program.assertions[0]).text


@pytest.mark.parametrize("name", ["lock", "unlock", "P1", "WCAS", "regions", "u8", "linux", "int64_t"])
def test_words_that_mean_something_else_get_another_name(name):
    assert identifier(name) == f"{name}_"


def test_a_word_for_atomics_that_is_accessed_otherwise_too_is_an_int():
    shared = "struct page { unsigned long flags; } page; unsigned long own;"
    text = text_of("set_bit(0, &page->flags); r = READ_ONCE(page->flags); set_bit(1, &own);", shared)
    assert "atomic_or(1, (atomic_t *)page_flags);" in text
    assert "int page_flags = 0;" in text
    assert "int *page_flags" in text
    assert "READ_ONCE(*page_flags)" in text
    assert "atomic_t own = ATOMIC_INIT(0);" in text
    assert "atomic_or(2, own);" in text


def test_what_is_behind_a_pointer_variable_is_said():
    shared = "struct node { int v; }; atomic_t a = 1; int x; int *p = &x; int **head = &p; atomic_t *q = &a;"
    text = text_of(
        "int **h = READ_ONCE(head); int *f = READ_ONCE(*h); atomic_t *g = READ_ONCE(q); atomic_inc(g);", shared
    )
    assert "READ_ONCE(*(int **)h)" in text
    assert "atomic_inc((atomic_t *)g)" in text
    assert "int a = 1;" in text


def test_values_that_are_addresses_are_kept_in_pointers():
    text = text_of("if (READ_ONCE(p) == &x) r = 1; READ_ONCE(p);", "int x; int *p = &x;")
    assert "int *t0 = 0;" in text
    assert "int *unused0 = 0;" in text


UNLESS_ZERO = """litmus "t" models lkmm; refcount_t c = 1; refcount_t *p = &c; int x, y;
thread A {{ {body} if (r) WRITE_ONCE(y, 1); else WRITE_ONCE(y, 2); int v = READ_ONCE(x); }}
thread B {{
    int w = READ_ONCE(y);
    smp_mb(); WRITE_ONCE(x, 1); smp_wmb(); refcount_set(&c, 0);
    smp_mb(); refcount_set(&c, 1);
}}
exists success: A.r && B.w == 1 && c == 2;
exists failure: !A.r && B.w == 2;
exists after:   A.r && A.v == 0 && c == 2;
exists before:  A.r && c == 1;
"""


@pytest.mark.parametrize(
    "body",
    [
        "bool r = refcount_inc_not_zero(&c);",
        "bool r = refcount_inc_not_zero_acquire(&c);",
        "bool r = refcount_add_not_zero(1, &c);",
        "atomic_t *q = (atomic_t *)READ_ONCE(p); bool r = refcount_inc_not_zero((refcount_t *)q);",
    ],
)
def test_an_update_unless_zero_is_the_last_turn_of_its_loop(body):
    """The read that looks first may read the same from elsewhere: there are more executions, of the same kinds."""
    for tally, again, file in exported(UNLESS_ZERO.format(body=body)):
        (other,) = again.tallies
        assert tally.observation == other.observation
        assert "the last turn of its loop" in file.text


def test_an_update_unless_zero_is_an_error_unless_asked_for():
    (program,) = parse(Source("t.lit", UNLESS_ZERO.format(body="bool r = refcount_inc_not_zero(&c);")))
    with pytest.raises(UnsupportedError, match="herd's C has no refcount_inc_not_zero"):
        export(program, program.assertions[0], lower=Lower.NOTHING)
