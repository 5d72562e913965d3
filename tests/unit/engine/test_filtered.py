"""A filter that is part of the control path drops the same executions as one that is asked in the end."""

import pytest

from litmus.engine import explicit
from litmus.engine.base import Keep
from litmus.engine.filtered import filtered
from litmus.engine.goals import goals_of
from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate, structures

TEXT = """litmus "t"
int x; int y;
thread A {{ WRITE_ONCE(x, 1); int r = READ_ONCE(y); int s = READ_ONCE(x); int u = r + s; }}
thread B {{ WRITE_ONCE(y, 1); int r = READ_ONCE(x); WRITE_ONCE(x, 2); if (r == 0) {{ WRITE_ONCE(y, 3); }} }}
filter {0};
exists one: A.r == 1 && B.r == 1;
require two: x == 2 || A.s == 2;
"""


def _program(condition):
    (program,) = parse(Source("t.lit", TEXT.format(condition)))
    return program


@pytest.mark.parametrize(
    ("condition", "early"),
    [
        ("A.r == 1", True),
        ("A.r != 0 && B.r == 0 || A.s == 2", True),
        ("!(A.r == 3)", True),
        ("A.u == 2", False),
        ("x == 2", False),
        ("A.r == 1 && x == 2", False),
        ("A.r == 7", True),
    ],
)
def test_the_answer_is_that_of_all_executions(condition, early):
    program = _program(condition)
    found = list(structures(program, "lkmm", Settings()))
    term = goals_of(program, Settings().ask).filter
    assert [filtered(structure, term) is not structure for structure in found] == [early] * len(found)
    one, other = (evaluate(program, "lkmm", Settings(keep=keep)) for keep in (Keep.NONE, Keep.ALL))
    assert dict(one.states) == dict(other.states)
    assert [(t.positive, t.negative, t.verdict, t.reason) for t in one.tallies] == [
        (t.positive, t.negative, t.verdict, t.reason) for t in other.tallies
    ]
    assert one.executions == other.executions
    assert not one.deadlock


def test_an_execution_that_is_dropped_shows_that_executions_end():
    result = evaluate(_program("A.r == 7"), "lkmm", Settings())
    assert result.executions == 0
    assert result.tallies[1].reason == "no execution that ends passes the filter"


def test_blocks_drop_the_same(monkeypatch):
    monkeypatch.setattr(explicit, "PROBED", 0)
    for condition in ("A.r == 1", "x == 2", "A.u == 2", "A.r == 7"):
        one, other = (evaluate(_program(condition), "lkmm", Settings(keep=keep)) for keep in (Keep.NONE, Keep.ALL))
        assert dict(one.states) == dict(other.states)
        assert one.tallies[1].reason == other.tallies[1].reason
