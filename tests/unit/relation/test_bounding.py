"""Bounds by generated code, against folding the graph for the structure at hand and bounding that."""

from collections.abc import Iterator

import pytest

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.cat.template import DYNAMIC, static_value
from litmus.engine.basis import basis_of
from litmus.engine.candidate import Candidates
from litmus.event.structure import EventStructure
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.relation.bounding import Bounding, NotBounded
from litmus.relation.bounds import bound_nodes
from litmus.relation.graph import Graph
from litmus.relation.node import Sort
from litmus.source import Source

STORE_BUFFERING = (
    "int x; int y; thread A { WRITE_ONCE(x, 1); smp_mb(); int r = READ_ONCE(y); }"
    " thread B { WRITE_ONCE(y, 1); smp_mb(); int r = READ_ONCE(x); } forbid f: A.r == 0;"
)
GRACE_PERIOD = (
    "int x; int y; thread A { rcu_read_lock(); WRITE_ONCE(x, 1); int r = READ_ONCE(y); rcu_read_unlock(); }"
    " thread B { WRITE_ONCE(y, 1); synchronize_rcu(); int r = READ_ONCE(x); } forbid f: A.r == 0;"
)
LOCKS = "spinlock_t l; int x; thread A[3] { spin_lock(&l); int r = x; x = r + 1; spin_unlock(&l); } forbid f: x == 2;"
UPDATES = (
    "atomic_t x; int y; thread A[2] { int r = atomic_fetch_add_acquire(1, &x); if (r) WRITE_ONCE(y, r); }"
    " forbid f: y == 2;"
)
PROGRAMS = (STORE_BUFFERING, GRACE_PERIOD, LOCKS, UPDATES)


def _structures(text: str, target: str) -> Iterator[EventStructure]:
    (program,) = parse(Source("t.lit", f'litmus "t" {text}'))
    yield from unfold(program, compile_for(program, target).threads, target, 2)


@pytest.mark.parametrize(
    ("name", "text"),
    [("lkmm", text) for text in PROGRAMS] + [(name, PROGRAMS[0]) for name in ("armv8", "power", "riscv", "x86", "sc")],
)
def test_bounds_are_those_of_the_folded_graph(name: str, text: str) -> None:
    model = load_model(name)
    for structure in _structures(text, name):
        basis, candidates = basis_of(structure), Candidates(structure)
        rf, co = (0, candidates.rf_may), (candidates.co_must, candidates.co_may)
        instances = model.instances(basis)
        (attempt,) = (a for a in model.attempts.values() if a.templates)
        for template, folded in zip(attempt.templates or (), instances, strict=True):
            nodes = tuple(a.node for a in template.instance.axioms)
            made = Bounding(template.instance.graph, nodes)
            leaves = {v: static_value(basis, v) for v in made.variables - DYNAMIC}
            found = made.bounds(leaves, basis.universe, rf, co)
            wanted = bound_nodes(folded.graph, tuple(a.node for a in folded.axioms), {"rf": rf, "co": co})
            assert [found[node] for node in nodes] == [wanted[a.node] for a in folded.axioms]


def test_a_recursion_over_rf_that_subtracts_itself_is_not_bounded() -> None:
    graph = Graph()
    rf, x = graph.variable("rf", Sort.RELATION), graph.variable("x", Sort.RELATION)
    (solved,) = graph.fixpoint((x,), (graph.difference(rf, graph.sequence(x, x)),))
    with pytest.raises(NotBounded):
        Bounding(graph, (solved,))


def test_a_recursion_over_constants_may_subtract_itself() -> None:
    graph = Graph()
    po, x = graph.variable("po", Sort.RELATION), graph.variable("x", Sort.RELATION)
    (solved,) = graph.fixpoint((x,), (graph.difference(po, graph.sequence(x, x)),))
    made = Bounding(graph, (solved,))
    low, high = made.bounds({"po": 0b000_100_110}, 3, (0, 0), (0, 0))[solved]
    assert low == high == 0b000_100_010
