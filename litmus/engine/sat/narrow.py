"""Choices that are refuted one by one, before anything is written in clauses."""

from litmus.dataclass import dataclass
from litmus.deadline import Deadline
from litmus.engine.candidate import Candidates
from litmus.engine.code import Judge
from litmus.engine.explicit import Choice, choice_of
from litmus.engine.search import forced_coherence
from litmus.engine.specialise import Compiled
from litmus.relation.bounding import Bounds
from litmus.relation.model import Instance


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The candidates that are left of an event structure, and the model made ready for them."""

    candidates: Candidates
    judge: Choice

    @property
    def rf(self) -> Bounds:
        """The least and the greatest rf."""
        return _single_sources(self.candidates), self.candidates.rf_may

    @property
    def co(self) -> Bounds:
        """The least and the greatest co."""
        return self.candidates.co_must, self.candidates.co_may


def narrow(candidates: Candidates, instance: Instance, deadline: Deadline) -> Narrowed | None:
    """Return the candidates without the writes that a read cannot take, whatever else is chosen, and with the pairs of
    co that follow; None where nothing is left."""
    judge = _judge(candidates, instance, deadline).compiled
    left = _settled(candidates, judge, judge.quick, deadline) if judge.possible else None
    # The whole model costs more, and is asked where the cheap axioms have nothing more to say.
    left = None if left is None else _settled(left, judge, judge.partial, deadline)
    return None if left is None else Narrowed(left, _judge(left, instance, deadline))


def _settled(candidates: Candidates, judge: Compiled, allows: Judge, deadline: Deadline) -> Candidates | None:
    """Return the candidates without what is refuted, until nothing more is; None where nothing is left."""
    while True:
        left = _further(candidates, judge, allows, deadline)
        if left is None or (left.sources == candidates.sources and left.co_must == candidates.co_must):
            return left
        candidates = left


def _further(candidates: Candidates, judge: Compiled, allows: Judge, deadline: Deadline) -> Candidates | None:
    """Look at each read once, knowing what was found of those before it."""
    n, rf, sources = candidates.n, _single_sources(candidates), dict(candidates.sources)
    co = _forced(candidates, judge, rf, deadline)
    if co is None or not allows(rf, co):
        return None
    for read, writes in candidates.sources.items():
        if len(writes) == 1:
            continue
        deadline.check()
        edges = {w: 1 << (w * n + read) for w in writes if candidates.propagate({read: w}, {})}
        sources[read] = [write for write, edge in edges.items() if allows(rf | edge, co)]
        if len(sources[read]) == 1:
            rf |= edges[sources[read][0]]
            co = _forced(candidates, judge, rf, deadline)
        if co is None or not sources[read]:
            return None
    return candidates.narrowed(sources, co)


def _forced(candidates: Candidates, judge: Compiled, rf: int, deadline: Deadline) -> int | None:
    """Return the co that follows from an rf, None where there is none."""
    forced = forced_coherence(candidates, judge, rf, deadline.check)
    return None if forced is None else candidates.co_must | forced


def _judge(candidates: Candidates, instance: Instance, deadline: Deadline) -> Choice:
    rf = (_single_sources(candidates), candidates.rf_may)
    return choice_of(instance, rf, (candidates.co_must, candidates.co_may), deadline)


def _single_sources(candidates: Candidates) -> int:
    n = candidates.n
    return sum(1 << (sources[0] * n + read) for read, sources in candidates.sources.items() if len(sources) == 1)
