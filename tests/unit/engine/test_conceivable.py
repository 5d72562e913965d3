"""Control paths that values alone rule out are passed over before the model is made ready for them."""

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.engine import explicit
from litmus.engine.candidate import Candidates
from litmus.engine.explicit import Enumerator, conceivable
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.source import Source

TWO_BRANCHES = """litmus "branches"
int x; int y; int z;
thread A { int r = READ_ONCE(x); if (r == 1) { WRITE_ONCE(y, 1); } }
thread B { int r = READ_ONCE(z); if (r == 1) { WRITE_ONCE(x, 1); } }
thread C { WRITE_ONCE(z, 1); }
forbid seen: y == 1;
"""
"""Of four ways to go, that is none in which A sees a 1 that B does not write."""


def structures():
    program = parse(Source("T.lit", TWO_BRANCHES))[0]
    return [*unfold(program, compile_for(program, "lkmm").threads, "lkmm", 2)]


def test_a_path_with_a_value_that_nothing_writes():
    paths = structures()
    assert sorted(conceivable(Candidates(path)) for path in paths) == [False, True, True, True]


def test_the_model_is_not_asked_about_it(monkeypatch):
    enumerator = Enumerator(load_model("lkmm"))
    asked = []
    monkeypatch.setattr(Enumerator, "_choices", lambda self, basis, candidates: asked.append(basis) or ())
    for path in structures():
        assert not [*enumerator.executions(path)]
    assert len(asked) == 3


def test_what_is_not_seen_at_a_glance_may_be_so(monkeypatch):
    monkeypatch.setattr(explicit, "GLANCE", 0)
    assert all(conceivable(Candidates(path)) for path in structures())
