"""What the SAT engine assumes before it asks: threads that do the same come in order."""

import pytest

from litmus.engine.base import Ask, EngineName, Result
from litmus.engine.candidate import Candidates
from litmus.engine.symmetry import in_order
from litmus.frontend.dispatch import parse
from litmus.program.term import FinalRegister
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate, structures

pytest.importorskip("pysat")

INCREMENT = "int r = atomic_fetch_inc(&x);"
LOCKED = "spin_lock(&l); int r = y; y = r + 1; spin_unlock(&l);"
EXCHANGE = "int r = xchg(&y, 1); int s = READ_ONCE(z); if (r == 1) { WRITE_ONCE(z, s + 1); }"
BODIES = (INCREMENT, LOCKED, EXCHANGE)
CONDITIONS = ("x == {n}", "y == {less}", "z == 1", "A.0.r == 0", "A.{last}.r == 0 && z == 0", "A.0.r < A.{last}.r")


def _program(body: str, n: int, condition: str, other: str = "") -> str:
    held = condition.format(n=n, less=n - 1, last=n - 1)
    return (
        f'litmus "same"\natomic_t x; spinlock_t l; int y; int z;\n'
        f"thread A[{n}] {{ {body} }}\nthread B {{ int q = READ_ONCE(z); {other} }}\nforbid held: {held};\n"
    )


def _answer(text: str, model: str, engine: EngineName, ask: Ask) -> Result:
    (program,) = parse(Source("same.lit", text))
    return evaluate(program, model, Settings(ask=ask, engine=engine))


@pytest.mark.parametrize("model", ["lkmm", "armv8", "x86"])
@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("body", BODIES)
def test_plain_search_finds_the_same(body: str, condition: str, model: str) -> None:
    text = _program(
        body, 3 if body is EXCHANGE else 2, condition, "smp_mb(); WRITE_ONCE(y, 5);" if body is EXCHANGE else ""
    )
    plain = _answer(text, model, EngineName.EXPLICIT, Ask.COUNTS)
    for ask in (Ask.STATES, Ask.VERDICT):
        found = _answer(text, model, EngineName.SAT, ask)
        assert [t.observation for t in found.tallies] == [t.observation for t in plain.tallies]
        assert found.flags.keys() == plain.flags.keys()
        if ask is Ask.STATES:
            assert found.states.keys() == plain.states.keys()


def _candidates(body: str, n: int) -> Candidates:
    (program,) = parse(Source("same.lit", _program(body, n, "x == 0")))
    return Candidates(next(iter(structures(program, "lkmm", Settings()))))


def test_threads_that_nobody_looks_at_come_in_order() -> None:
    candidates = _candidates(INCREMENT, 4)
    n, (writes,) = candidates.n, candidates.writes.values()
    ordered = in_order(candidates, ())
    assert all(ordered.co_must >> (one * n + other) & 1 for i, one in enumerate(writes) for other in writes[i + 1 :])
    assert not any(ordered.co_may >> (other * n + one) & 1 for i, one in enumerate(writes) for other in writes[i + 1 :])


def test_threads_that_are_looked_at_do_not() -> None:
    candidates = _candidates(INCREMENT, 3)
    asked = [FinalRegister(thread, "r") for thread in range(3)]
    assert in_order(candidates, asked) is candidates
    two = in_order(candidates, asked[:1])
    assert (two.co_must & ~candidates.co_must).bit_count() == 1


def test_threads_that_differ_do_not() -> None:
    text = (
        'litmus "differ"\natomic_t x;\nthread A { atomic_inc(&x); }\nthread B { atomic_dec(&x); }\nallow a: x == 0;\n'
    )
    (program,) = parse(Source("differ.lit", text))
    candidates = Candidates(next(iter(structures(program, "lkmm", Settings()))))
    assert in_order(candidates, ()) is candidates
