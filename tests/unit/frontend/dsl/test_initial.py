"""Initial values are constants of C, with its types and conversions."""

import pytest

from litmus.errors import ProgramErrors
from litmus.frontend.dsl.parse import parse
from litmus.source import Source


def initial(declaration: str) -> object:
    (program,) = parse(
        Source("t.lit", f'litmus "t"\n{declaration};\nint y;\nthread A {{ r = 1; }}\nallow s: A.r == 1;\n')
    )
    return program.locations[0].initial


@pytest.mark.parametrize(
    ("declaration", "value"),
    [
        ("long x = 0U - 1", 4294967295),
        ("long x = -1U", 4294967295),
        ("long x = 0 - 1", -1),
        ("u64 x = ~0", (1 << 64) - 1),
        ("u64 x = ~0U", 4294967295),
        ("long x = 1U << 31", 1 << 31),
        ("long x = 1L << 40", 1 << 40),
        ("u8 x = (u8)300", 44),
        ("int x = (s8)200", -56),
        ("int x = (bool)7", 1),
        ("u32 x = 3000000000", 3000000000),
        ("int x = 7 / -1", -7),
        ("int x = 1 ? 2 : 3", 2),
        ("s8 x = 0xff", -1),
        ("u64 x = 18446744073709551615UL", (1 << 64) - 1),
        ("bool x = 0U - 1", 1),
        ("long x = 4294967295 + 1", 1 << 32),
        ("long x = 0xffffffff + 1", 0),
    ],
)
def test_values(declaration: str, value: int) -> None:
    assert initial(declaration) == value


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("int x = 1 << 40", "undefined in C: a shift of 32 bits by 40"),
        ("int x = 5 / 0", "'/' in an initial value needs a constant other than 0"),
        ("u8 x = 0U - 1", "4294967295 does not fit type u8"),
        ("int x = y", "a constant is needed here, not what 'y' holds"),
        ("struct e { }; struct e x", "struct e has no members: there is nothing in 'x'"),
    ],
)
def test_refused(declaration: str, message: str) -> None:
    with pytest.raises(ProgramErrors) as caught:
        initial(declaration)
    assert caught.value.errors[0].message == message
