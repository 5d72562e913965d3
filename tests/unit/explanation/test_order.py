"""Orders in which to tell steps."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litmus.explanation.order import EXACT, order


def test_program_order_is_kept_where_it_can_be():
    found = order(4, [(1, 2)], {(0, 1): 1, (2, 3): 1})
    assert found is not None
    assert found.sequence == (0, 1, 2, 3)
    assert found.inverted == ()


def test_the_cheapest_inversion_is_taken():
    """Store buffering: each thread's read is before the other's write; the second thread is fenced."""
    found = order(4, [(1, 2), (3, 0)], {(0, 1): 1, (2, 3): 6})
    assert found is not None
    assert found.inverted == ((0, 1),)


def test_what_is_required_may_be_impossible():
    assert order(2, [(0, 1), (1, 0)], {}) is None
    assert order(EXACT + 2, [(0, 1), (1, 0)], {}) is None


@given(st.data())
def test_no_order_is_cheaper(data):
    size = data.draw(st.integers(1, 5))
    pairs = [(a, b) for a in range(size) for b in range(size) if a < b]
    edges = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    required = [(b, a) if data.draw(st.booleans()) else (a, b) for a, b in edges]
    program = {pair: data.draw(st.integers(1, 6)) for pair in pairs if data.draw(st.booleans())}
    legal = [p for p in permutations(range(size)) if all(p.index(a) < p.index(b) for a, b in required)]
    found = order(size, required, program)
    assert (found is None) == (not legal)
    if found is not None:
        prices = [sum(cost for (a, b), cost in program.items() if p.index(a) > p.index(b)) for p in legal]
        assert sum(program[edge] for edge in found.inverted) == min(prices)
        assert found.sequence in legal


@pytest.mark.parametrize("size", [EXACT + 1, 40])
def test_many_steps_are_told_one_by_one(size):
    found = order(size, [(size - 1, 0)], {(i, i + 1): 1 for i in range(size - 1)})
    assert found is not None
    assert found.sequence.index(size - 1) < found.sequence.index(0)
