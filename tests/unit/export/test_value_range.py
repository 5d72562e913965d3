"""What the places of a program may hold."""

import pytest

from litmus.arch.compile import compile_for
from litmus.export.value_range import ranges
from litmus.frontend.dispatch import parse
from litmus.program.term import Address
from litmus.source import Source


def held(shared, body, place):
    (program,) = parse(Source("t.lit", f'litmus "t" models lkmm; {shared} thread A {{ {body} }}'))
    found = ranges(program, compile_for(program, "lkmm").threads)
    known = found.known[(0, place) if isinstance(place, str) else place]
    return known.low, known.high, known.address


@pytest.mark.parametrize(
    ("shared", "body", "place", "expected"),
    [
        ("int x = 5;", "int r = x;", "r", (0, 5, False)),
        ("int x = 5;", "x = 7; int r = x;", "r", (0, 7, False)),
        ("int x;", "int r = x; x = r + 1;", "r", (-(1 << 31), (1 << 31) - 1, False)),
        ("u8 x;", "u8 r = x; x = r + 1;", "r", (0, 255, False)),
        ("u64 x;", "u64 r = x; x = r + 1;", "r", (0, (1 << 64) - 1, False)),
        ("u32 x;", "u32 r = x; x = r + 1;", "r", (0, (1 << 32) - 1, False)),
        ("int x, y = 3;", "int r = (x & 7) == y;", "r", (0, 1, False)),
        ("int x; int *p;", "p = &x; *p = 4; int r = x;", Address("p"), (0, 4, True)),
        ("int x = -3;", "int r = x ? 8 : x;", "r", (-3, 8, False)),
    ],
)
def test_ranges(shared, body, place, expected):
    assert held(shared, body, place) == expected
