"""Hashes of tests as herd7 7.58 printed them for these very files."""

from pathlib import Path

import pytest

from litmus.frontend.dispatch import parse
from litmus.report.herd import hash_of
from litmus.source import Source

GOLDEN = Path(__file__).parents[2] / "golden"

TYPED = """C typed

{
int x = 1;
y = 2;
atomic_t a = ATOMIC_INIT(3);
int *p = &x;
0:r1 = 4;
}

P0(int *x, int **p, volatile int *y, atomic_t *a)
{
	int r1;
	int *r2 = READ_ONCE(*p); /* { */
	/* } */
	r1 = READ_ONCE(*r2);
	atomic_inc(a);
}

locations [y; a;]
exists (0:r1=1 /\\ [x]=1)
"""


def hash_in(text):
    (program,) = parse(Source("t.litmus", text))
    return hash_of(program)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("input/race.litmus", "155eef96c29d242ba7790cfbefcd692b"),
        ("export/wrong.both.litmus", "fcdde148f7390553d70e949e6a76fa66"),
        ("export/pin.lost.litmus", "d505b15dea007f991116d65808d811d3"),
    ],
)
def test_c(file, expected):
    assert hash_in((GOLDEN / file).read_text()) == expected


def test_types_and_values():
    assert hash_in(TYPED) == "68c60230734b3dc91116bcd5ef1ffa5d"


def test_assembly_has_one_only_where_it_is_stated():
    text = (GOLDEN / "input" / "sb.litmus").read_text()
    assert hash_in(text) is None
    assert hash_in(text.replace("{ }", "Hash=0123\n{ }")) == "0123"
