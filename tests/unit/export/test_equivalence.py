"""Programs that differ in anything at all are told apart, and what makes no difference does not."""

import pytest

from litmus.export.equivalence import Renaming, difference
from litmus.frontend.dispatch import parse
from litmus.source import Source

ONE = """litmus "t"
models lkmm;
int x, y; int *p = &x;
thread A { int r = READ_ONCE(x); if (r) { smp_wmb(); WRITE_ONCE(y, r + 1); } }
thread B { u8 s = 0; int q = smp_load_acquire(&y); s = q & 255; WRITE_ONCE(x, 300); }
filter x == 0;
locations p;
forbid bad: A.r == 1 && B.q == 0 && y == 2;
"""


def compared(one, other):
    ((first,), (second,)) = (parse(Source("t.lit", text)) for text in (one, other))
    return difference(first, second, Renaming({}, [{}] * len(first.threads)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("int x, y;", "int x = 1, y;"),
        ("p = &x;", "p = &y;"),
        ("READ_ONCE(x)", "READ_ONCE(y)"),
        ("READ_ONCE(x)", "x"),
        ("int r = READ_ONCE(x);", "u8 r = READ_ONCE(x);"),
        ("if (r)", "if (!r)"),
        ("smp_wmb", "smp_mb"),
        ("smp_wmb(); WRITE_ONCE(y, r + 1);", "WRITE_ONCE(y, r + 1); smp_wmb();"),
        ("smp_wmb(); WRITE_ONCE(y, r + 1); }", "smp_wmb(); } WRITE_ONCE(y, r + 1);"),
        ("r + 1", "r + 2"),
        ("r + 1", "1"),
        ("smp_load_acquire(&y)", "READ_ONCE(y)"),
        ("q & 255", "q & 511"),
        ("u8 s = 0;", "u8 s = 3;"),
        ("A.r == 1", "A.r == 2"),
        ("A.r == 1 &&", "A.r == 1 ||"),
        ("forbid bad", "allow bad"),
        ("forbid bad", "forbid data_race; forbid bad"),
        ("filter x == 0;", ""),
        ("filter x == 0;", "filter x == 1;"),
        ("locations p;", ""),
        ("smp_wmb(); ", ""),
    ],
)
def test_a_difference_is_found(old, new):
    assert old in ONE
    assert compared(ONE, ONE.replace(old, new)) is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("A.r == 1 && B.q == 0 && y == 2", "A.r == 1 && (B.q == 0 && y == 2)"),
        ("forbid bad", "forbid otherwise_called"),
        ("u8 s = 0;", "u8 s = 0; int unused = 0;"),
        ("int r = READ_ONCE(x);", "long r = READ_ONCE(x);"),
        ("q & 255", "(u8)(q & 255)"),
        ("thread A {", "thread A { { } /* nothing */"),
    ],
)
def test_what_makes_no_difference(old, new):
    one = ONE.replace("r + 1", "1")
    assert compared(one, one.replace(old, new)) is None


def test_a_statement_is_named():
    found = compared(ONE, ONE.replace("smp_wmb", "smp_rmb"))
    assert found is not None
    assert found.span is not None
    assert (found.what, found.span.text) == ("'smp_wmb()'", "smp_wmb()")
