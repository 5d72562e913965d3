"""The kernel's model allows what machines do, on a few random tests; and the comparison sees where one does not."""

import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import lkmm_against_hardware as against
from generator import dsl

from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

FOUND_WRONG = {"same", "fewer", "race", "unknown", "unsupported"}
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.mark.parametrize("number", range(12))
def test_lkmm_allows_what_machines_do(number):
    ((_, program),) = against.random_tests(7, number, 1)
    assert set(against.compare(program, 20)) <= FOUND_WRONG


def test_the_same_seed_gives_the_same_test():
    first, again, other = (dsl.test(Random(seed), "t") for seed in ("1/2", "1/2", "1/3"))
    assert first == again != other


def test_all_kinds_of_primitives_are_drawn():
    text = "".join(dsl.test(Random(number), "t") for number in range(400))
    for name in ("try_cmpxchg", "atomic64_", "test_and_set_bit(", "refcount_", "spin_trylock", "smp_cond_load", "& 0]"):
        assert name in text


def program(left, right):
    text = f'litmus "t" int x, y; thread A {{ {left} }} thread B {{ {right} }}'
    return parse(Source("t.lit", text))[0]


def test_a_state_that_the_weaker_does_not_have_is_told():
    relaxed = program("WRITE_ONCE(x, 1); WRITE_ONCE(y, 1);", "r = READ_ONCE(y); s = READ_ONCE(x);")
    on_power, on_sc = (evaluate(against.everything(relaxed), model, Settings()) for model in ("power", "sc"))
    assert against._compared(on_sc, on_power) == "fewer"
    assert against._compared(on_power, on_sc) == "sc forbids what power allows: B.r=1; B.s=0; x=1; y=1"
    assert against._compared(on_power, replace(on_sc, unknown=("a bound",))) == "unknown"
    assert against._compared(on_power, replace(on_sc, flags={"data-race": 1})) == "race"


def test_everything_is_looked_at():
    (_, variant), *_ = against.stored_tests((str(EXAMPLES / "gup" / "locked.lit"),))
    names = {str(term) for term in against.everything(variant).observed}
    assert len(names) > 2
