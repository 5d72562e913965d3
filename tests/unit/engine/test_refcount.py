"""The last reference that goes is an acquire: what frees the object comes after every use of it."""

import pytest

from litmus.engine.base import Verdict
from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

TEXT = """litmus "t"
struct object {{ refcount_t ref = 2; int freed; }} object;
thread A {{ bool last = {drop}(&object->ref); if (last) object->freed = 1; }}
thread B {{ int freed = object->freed; bool last = {drop}(&object->ref); }}
forbid used: B.freed == 1;
allow first: A.last;
allow second: B.last;
forbid both: A.last && B.last;
"""


@pytest.mark.parametrize("model", ["lkmm", "x86", "armv8", "power", "riscv"])
def test_the_last_one_frees_by_a_plain_write(model: str) -> None:
    (program,) = parse(Source("t.lit", TEXT.format(drop="refcount_dec_and_test")))
    result = evaluate(program, model, Settings())
    assert [tally.verdict for tally in result.tallies] == [Verdict.HOLDS] * 4
    assert "data-race" not in result.flags
