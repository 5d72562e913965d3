"""What cannot be judged in blocks is looked at one by one, and told as ever."""

import pytest

from litmus.engine.base import Verdict
from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

TEXT = """litmus "many"
models lkmm;
int x = 0; int y = 0; int z = 0;
int *p = &x;
thread A {{ WRITE_ONCE(x, 1); int r = READ_ONCE(y); int s = READ_ONCE(z); }}
thread B {{ WRITE_ONCE(y, 1); int r = READ_ONCE(x); int s = READ_ONCE(z); WRITE_ONCE(p, &y); }}
thread C {{ WRITE_ONCE(z, 1); int r = READ_ONCE(x); int s = READ_ONCE(y); }}
thread D {{ int r = READ_ONCE(x); int s = READ_ONCE(y); int *q = READ_ONCE(p); {statement} }}
{claims}
"""


@pytest.mark.parametrize(
    "claims",
    [
        "exists asked: D.b == 1;",
        "filter D.b == 1; exists asked: A.r == 0;",
        "locations D.b; exists asked: A.r == 2;",
        "forbid asked: D.q < &y;",
    ],
)
def test_final_values_without_a_meaning(claims: str) -> None:
    """The order of two objects is undefined: no number, no traceback."""
    (program,) = parse(Source("t.lit", TEXT.format(statement="bool b = q < &y;", claims=claims)))
    result = evaluate(program, "lkmm", Settings())
    assert "an operation on an address that has no meaning reaches the final state" in result.unknown
    assert result.tallies[0].verdict is Verdict.UNKNOWN


def test_many_executions_are_counted_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    (program,) = parse(Source("t.lit", TEXT.format(statement="int b = q == &y;", claims="exists asked: D.b == 1;")))
    together = evaluate(program, "lkmm", Settings())
    monkeypatch.setattr("litmus.engine.explicit.PROBED", 1 << 30)
    alone = evaluate(program, "lkmm", Settings())
    assert together.executions == alone.executions > 128
    assert dict(together.states.items()) == dict(alone.states.items())
    assert together.tallies[0].positive == alone.tallies[0].positive
