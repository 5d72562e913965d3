"""Counting one execution for all that differ in which of several equal threads is which, against counting each."""

from hypothesis import given
from hypothesis import strategies as st

from litmus.engine.base import Keep, Result
from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

STEPS = (
    "WRITE_ONCE(y, 1);",
    "WRITE_ONCE(z, 2);",
    "int a = READ_ONCE(y); WRITE_ONCE(z, a + 1);",
    "int b = READ_ONCE(z);",
    "atomic_inc(&x);",
    "int c = atomic_fetch_add_acquire(1, &x); if (c == 1) { WRITE_ONCE(y, 2); }",
    "int d = xchg(&y, 3); z = d;",
    "smp_mb();",
)
CONDITIONS = ("x == 2", "y == 1 && z == 2", "x == 3 && y != 0", "B.q == 1 && z == 2")


def _result(text: str, model: str, keep: Keep) -> Result:
    (program,) = parse(Source("equal.lit", text))
    return evaluate(program, model, Settings(keep=keep))


@given(
    st.lists(st.sampled_from(STEPS), min_size=1, max_size=2, unique=True),
    st.integers(2, 3),
    st.sampled_from(CONDITIONS),
    st.sampled_from(("sc", "x86", "lkmm", "armv8", "riscv", "power")),
)
def test_equal_threads_are_counted_as_if_each_were_looked_at(
    steps: list[str], number: int, condition: str, model: str
) -> None:
    text = (
        'litmus "equal"\natomic_t x; int y; int z;\n'
        f"thread A[{number}] {{ {' '.join(steps)} }}\n"
        f"thread B {{ int q = READ_ONCE(y); }}\nallow held: {condition};\nforbid data_race;\n"
    )
    plain, counted = _result(text, model, Keep.ALL), _result(text, model, Keep.NONE)
    assert dict(counted.states) == dict(plain.states)
    assert counted.executions == plain.executions
    assert dict(counted.flags) == dict(plain.flags)
    for mine, its in zip(counted.tallies, plain.tallies, strict=True):
        assert (mine.positive, mine.negative, mine.verdict) == (its.positive, its.negative, its.verdict)


def test_increments_are_counted_without_looking_at_each_order() -> None:
    result = _result(
        'litmus "inc"\natomic_t x;\nthread A[12] { atomic_inc(&x); }\nforbid f: x != 12;\n', "lkmm", Keep.NONE
    )
    assert (result.executions, result.candidates) == (479001600, 1)
