"""Conditions are C expressions: promotions, the usual arithmetic conversions, and types of constants."""

import pytest

from litmus.errors import ProgramErrors
from litmus.frontend.dsl.parse import parse
from litmus.program.printer import print_program
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

TEXT = """litmus "t"
models sc;
u32 u; u64 q; u32 ones = 0xffffffff; u8 b = 255; s8 c = -1; long l = -1; bool t = 1; int n = 5; atomic_t a = -1;
int *p = &n;
thread A {{ u--; q = ~q; int big = 0x7fffffff; u8 byte = 200; unknown = u; }}
exists e: {condition};
"""


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("u == -1", True),
        ("-1 == u", True),
        ("u == -1L", False),
        ("u != -1", False),
        ("u < 0", False),
        ("-1 < u", False),
        ("u > -2", True),
        ("u + 1 == 0", True),
        ("u + 1L == 0", False),
        ("u + 4294967295 == 0", False),
        ("0 - u == 1", True),
        ("-u == 1", True),
        ("~ones == 0", True),
        ("q == -1", True),
        ("q == u", False),
        ("q + 1 == 0", True),
        ("A.big + 1 < 0", True),
        ("A.big + 1 > 0", False),
        ("A.big + 1L > 0", True),
        ("A.big + 1U > 0", True),
        ("A.big * 2 == -2", True),
        ("b + 1 == 256", True),
        ("A.byte + A.byte == 400", True),
        ("~b == -256", True),
        ("c == -1", True),
        ("c == b", False),
        ("c == u", True),
        ("l == u", False),
        ("l == q", True),
        ("l < 1U", True),
        ("l < 1UL", False),
        ("a < 0U", False),
        ("a == u", True),
        ("t + t == 2", True),
        ("A.unknown == -1", True),
        ("u << 1 == -2", True),
        ("1 << 31 < 0", True),
        ("1L << 31 < 0", False),
        ("u >> 31 == 1", True),
        ("l >> 63 == -1", True),
        ("u / 2 == 0x7fffffff", True),
        ("u / -1 == 1", True),
        ("l / 2U == 0", True),
        ("(n ? -1 : u) > 0", True),
        ("(n ? -1 : l) > 0", False),
        ("1U - 2 > 0", True),
        ("1 - 2 > 0", False),
        ("0xffffffff + 1 == 0", True),
        ("4294967295 + 1 == 0", False),
        ("n - n == 0U", True),
        ("(u8)u == 255", True),
        ("(int)u == -1", True),
        ("(s64)u == -1", False),
        ("(bool)u == 1", True),
        ("u == -1 => c < 0", True),
        ("p == &n && p != 0 && !(p == &u)", True),
        ("+b - 256 < 0", True),
        ("0U", False),
        ("1UL", True),
    ],
)
def test_conditions_convert_as_c_does(condition: str, holds: bool) -> None:
    (program,) = parse(Source("t.lit", TEXT.format(condition=condition)))
    (tally,) = evaluate(program, "sc", Settings()).tallies
    assert (tally.positive, tally.negative) == (int(holds), int(not holds))
    assert parse(Source("printed", print_program(program))) == (program,)


def test_filters_convert_too() -> None:
    (program,) = parse(Source("t.lit", TEXT.format(condition="true") + "filter u == -1;"))
    (tally,) = evaluate(program, "sc", Settings()).tallies
    assert (tally.positive, tally.negative) == (1, 0)


@pytest.mark.parametrize(
    ("condition", "message", "place"),
    [
        ("u == 1 << 32", "undefined in C: a shift of 32 bits by 32", "32"),
        ("b >> 40 == 0", "undefined in C: a shift of 32 bits by 40", "40"),
        ("A.big / -1 < 0", "'/' by -1 in a condition may overflow", "-1"),
        ("&n * (n - n + 1) == 0", "has no meaning on addresses", "&n * (n - n + 1) == 0"),
    ],
)
def test_what_has_no_meaning_is_an_error_at_its_place(condition: str, message: str, place: str) -> None:
    with pytest.raises(ProgramErrors) as caught:
        parse(Source("t.lit", TEXT.format(condition=condition)))
    (error,) = caught.value.errors
    assert message in error.message
    assert error.span is not None
    assert error.span.text == place
