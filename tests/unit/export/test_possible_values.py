"""What registers and locations of a compiled program may hold."""

import pytest

from litmus.arch.compile import compile_for
from litmus.export.assembly import possible
from litmus.export.assembly.possible import Knowledge, possible_values
from litmus.frontend.dispatch import parse
from litmus.source import Source


def _knowledge(increments: int) -> Knowledge:
    body = "atomic_inc(&x); smp_wmb(); " * increments
    (program,) = parse(Source("t.lit", f'litmus "t"\natomic_t x;\nthread A {{ {body} }}\nallow a: x == 1;\n'))
    return possible_values(program, compile_for(program, "armv8").threads, 2)


def test_a_thousand_increments_are_not_added_up_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    executed = 0
    real = Knowledge.execute

    def counted(self: Knowledge, *rest: object) -> None:
        nonlocal executed
        executed += 1
        real(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Knowledge, "execute", counted)
    _knowledge(500)
    assert executed < 2 * possible.PATIENCE


def test_few_increments_are() -> None:
    (held,) = (known for place, known in _knowledge(3).known.items() if not isinstance(place, tuple))
    assert held.numbers is not None
    assert held.numbers[0] == 0
    assert 3 <= held.numbers[1] <= 3 * 100
