"""Exported tests compute with integers of any width as their source does."""

import importlib.util
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litmus.engine.base import Result
from litmus.errors import UnsupportedError
from litmus.export.herd import export
from litmus.frontend.dispatch import parse
from litmus.program.term import Term, Value, wrap
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate


def _generator() -> Callable[[Random], str]:
    """Load the generator beside this file: tests are no package."""
    spec = importlib.util.spec_from_file_location("width_programs", Path(__file__).with_name("width_programs.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.program  # type: ignore[no-any-return]


program = _generator()
State = frozenset[tuple[Term, Value]]


def states(result: Result, known: set[Term]) -> Counter[State]:
    """The states of what is known with their counts, as 32-bit numbers."""
    found: Counter[State] = Counter()
    for state, count in result.states.items():
        found[frozenset((of, wrap(value, 32, True)) for of, value in state if of in known)] += count
    return found


def compare(text: str) -> bool:
    """Hold the test to what it is exported to; return whether it can be exported."""
    try:
        (source,) = parse(Source("t.lit", text))
        result = evaluate(source, "lkmm", Settings())
        file = export(result.program, result.program.assertions[0])
    except UnsupportedError:
        return False
    (back,) = parse(Source(file.file, file.text))
    again = evaluate(back, "lkmm", Settings())
    known = {of for state in result.states for of, _ in state}
    assert states(again, known) == states(result, known), file.text
    (one,), (other,) = result.tallies, again.tallies
    assert (one.positive, one.negative) == (other.positive, other.negative), file.text
    return True


@settings(deadline=None)
@given(st.integers(0, 1 << 32))
def test_exported_tests_have_the_states_of_their_source(seed: int) -> None:
    compare(program(Random(seed)))


def test_most_can_be_exported() -> None:
    exported = sum(compare(program(Random(seed))) for seed in range(60))
    assert exported >= 30


@pytest.mark.parametrize("type_", "char short int long bool u8 u16 u32 u64 s8 s16 s32 s64 unsigned".split())
def test_increments(type_: str) -> None:
    start = {"u64": 2**32 - 1, "long": 1, "s64": 1, "bool": 1}.get(type_, 255 if type_[-1] == "8" else 32767)
    assert compare(
        f'litmus "t" models lkmm; {type_} x = {start % 128 if type_ in ("s8", "char") else start}; '
        "thread A { x++; r = x; x = x * 2; s = x > 0; } locations A.r, A.s, x; exists e: A.r > 0;"
    ) == (type_ != "u64")
