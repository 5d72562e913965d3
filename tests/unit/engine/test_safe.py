"""What is most tells that no completion fails: a ring of grace periods and critical sections, and one broken link."""

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.deadline import NEVER
from litmus.engine.basis import basis_of
from litmus.engine.candidate import Candidates
from litmus.engine.explicit import Choice, choice_of
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.source import Source

RING = """litmus "ring"
int x; int y; int z;
thread A { WRITE_ONCE(x, 1); synchronize_rcu(); int r = READ_ONCE(y); }
thread B { WRITE_ONCE(y, 1); synchronize_rcu(); int r = READ_ONCE(z); }
thread C { rcu_read_lock(); WRITE_ONCE(z, 1); int r = READ_ONCE(x); rcu_read_unlock(); }
forbid stale: A.r == 0 && B.r == 0 && C.r == 0;
"""


def _ring() -> tuple[Candidates, Choice]:
    (program,) = parse(Source("ring.lit", RING))
    (structure,) = unfold(program, compile_for(program, "lkmm").threads, "lkmm", 2)
    candidates = Candidates(structure)
    (instance,) = load_model("lkmm").instances(basis_of(structure))
    rf, co = (0, candidates.rf_may), (candidates.co_must, candidates.co_may)
    return candidates, choice_of(instance, rf, co, NEVER)


def test_all_may_be_forbidden_while_every_link_may_hold() -> None:
    candidates, choice = _ring()
    assert not choice.compiled.safe(candidates.rf_may, candidates.co_may)


def test_nothing_more_is_forbidden_once_a_link_is_broken() -> None:
    candidates, choice = _ring()
    read = candidates.reads[0]
    (new,) = (write for write in candidates.sources[read] if candidates.structure.events[write].thread >= 0)
    stale = sum(1 << (write * candidates.n + read) for write in candidates.sources[read] if write != new)
    assert choice.compiled.safe(candidates.rf_may & ~stale, candidates.co_may)
