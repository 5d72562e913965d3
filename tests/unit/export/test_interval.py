"""Which integers locations may hold."""

import time

from litmus.export.interval import NUMBER, intervals
from litmus.frontend.dispatch import parse
from litmus.program.term import Address
from litmus.source import Source


def held(body: str) -> tuple[int, int]:
    (program,) = parse(Source("t.lit", f'litmus "t" atomic_t x; thread A {{ {body} }} allow s: x == 0;'))
    return intervals(program)[Address("x")]


def test_what_is_counted() -> None:
    low, high = held("atomic_inc(&x); " * 50)
    assert (low, high >= 50, high < 1 << 31) == (0, True, True)


def test_a_long_test_takes_no_square_of_its_length() -> None:
    """The fuzzer repeated a call 300 times, and the export took half a minute."""
    before = time.process_time()
    assert held("atomic_inc(&x); " * 2000) == NUMBER
    assert time.process_time() - before < 20
