"""The explicit engine: enumerates the candidates of an event structure and keeps those that the model accepts."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import factorial, prod
from typing import TYPE_CHECKING

from litmus.dataclass import dataclass, field, replace
from litmus.deadline import NEVER, Deadline, OutOfTime
from litmus.engine.base import Execution, State
from litmus.engine.basis import basis_of
from litmus.engine.candidate import Candidates, EventValues
from litmus.engine.code import Values
from litmus.engine.filtered import filtered
from litmus.engine.goals import Goals
from litmus.engine.search import Coherence, CoherenceSearch, ReadsFrom, ReadsSearch
from litmus.engine.specialise import Compiled, bounds_of, compile_instance, compile_values
from litmus.engine.symmetry import Ordered, ordered
from litmus.errors import ModelError
from litmus.event.structure import EventStructure
from litmus.program.term import Term
from litmus.relation.model import Axiom, Basis, Effect, Instance, Model, NeedsReadsFrom, passes
from litmus.relation.recent import Recent

if TYPE_CHECKING:
    from litmus.engine.block.block import Block

KEPT = 1024
"""How many shapes of event structures the model stays compiled for."""

REMEMBERED = 64
"""How many values of remarks are remembered."""

GLANCE = 50
"""How many steps may be made to see that no execution takes a control path."""


PROBED = 128
"""How many executions are looked for one by one before blocks are tried."""


class Exhausted(Exception):
    """The effort that was asked for is made, and there is more to enumerate."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted candidate: ``values`` by event number, and ``last`` the co-maximal write of each location."""

    structure: EventStructure
    reads_from: int
    coherence: int
    values: EventValues
    last: Mapping[str, int]
    flags: frozenset[str]
    instance: Instance
    undefined: frozenset[str] = frozenset()
    """The `undefined_unless` that it fails."""
    stands_for: int = 1
    """How many executions it stands for that differ in which of the threads is which (`engine.symmetry`)."""

    def execution(self, state: State) -> Execution:
        """Return the execution, which ends in ``state``."""
        return Execution(
            self.structure,
            self.reads_from,
            self.coherence,
            self.values,
            state,
            self.flags,
            self.instance,
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A model instance made ready for one structure shape and one set of rf and co candidates."""

    instance: Instance
    compiled: Compiled
    remarks: tuple[Axiom, ...]
    """The checks that do not reject executions: flags, `undefined_unless`, assertions."""
    remark_values: Values
    known: dict[tuple[int, ...], tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict, compare=False)
    """The remarks that values give which have been met: mostly all are empty."""


@dataclass(slots=True)
class Enumerator:
    """Enumerates the executions of event structures under one model, sharing work between equal shapes."""

    model: Model
    deadline: Deadline = NEVER
    candidates: int = 0
    """How many complete candidates were judged so far."""
    _cache: Recent[tuple[Choice, ...]] = field(default_factory=lambda: Recent(KEPT))
    _left: int | None = None
    """How many steps of the search may still be made."""
    _effort: int | None = None
    _any_order: bool = False

    def found(
        self, structure: EventStructure, goals: Goals, effort: int | None = None, *, any_order: bool = False
    ) -> Iterator["Accepted | Block"]:
        """Yield what `executions` does where the answer depends on ``goals`` only: many of them in blocks, where there
        are many. With ``any_order`` one execution is enough for each rf.
        """
        self._any_order = any_order
        passing, asked, nothing = filtered(structure, goals.filter), goals.asked(), True
        for found in self._found(passing, effort, asked, goals):
            nothing = False
            yield found
        if nothing and passing is not structure:
            # One that does not pass the filter shows that executions end.
            yield from islice(self._found(structure, effort, asked, goals), 1)

    def executions(
        self, structure: EventStructure, effort: int | None = None, asked: Sequence[Term] | None = None
    ) -> Iterator[Accepted]:
        """Yield each execution of ``structure`` that the model accepts.

        Where ``asked`` are all the terms that the answer depends on, of executions that differ in which of several
        threads that do the same is which only one is yielded; it tells for how many it stands.

        Raises:
            Exhausted: after ``effort`` steps of the search.
            OutOfTime: when the deadline passes.
            ModelError: where the model is wrong.
        """
        for accepted in self._found(structure, effort, asked):
            assert isinstance(accepted, Accepted)
            yield accepted

    def _found(
        self,
        structure: EventStructure,
        effort: int | None,
        asked: Sequence[Term] | None,
        goals: Goals | None = None,
    ) -> Iterator["Accepted | Block"]:
        self._left = self._effort = effort
        candidates = Candidates(structure)
        if structure.constraints and not conceivable(candidates):
            return
        basis = basis_of(structure, deadline=self.deadline)
        try:
            few = Ordered(candidates, 1) if asked is None else ordered(candidates, asked)
            choices = self._choices(basis, few.candidates)
            if few.ways > 1 and not all(_orders_writes(choice.instance) for choice in choices):
                few, choices = Ordered(candidates, 1), self._choices(basis, candidates)
        except NeedsReadsFrom:
            yield from self._with_concrete_reads(candidates)
            return
        for choice in choices:
            if choice.compiled.possible:
                yield from self._run(few, choice, goals)

    def renew(self, effort: int) -> None:
        """Allow so many steps more, where they are counted."""
        if self._left is not None:
            self._left += effort

    def _tick(self) -> None:
        self._spend(1)

    def _spend(self, steps: int) -> None:
        self.deadline.check()
        if self._left is not None:
            self._left -= steps
            if self._left < 0:
                raise Exhausted

    def _choices(self, basis: Basis, candidates: Candidates) -> tuple[Choice, ...]:
        rf, co = (0, candidates.rf_may), (candidates.co_must, candidates.co_may)
        key = (basis.shape, rf, co)
        found = self._cache.get(key)
        if found is None:
            found = tuple(choice_of(i, rf, co, self.deadline) for i in self.model.sketches(basis))
            self._cache.keep(key, found)
        return found

    def _run(self, few: Ordered, choice: Choice, goals: Goals | None) -> Iterator["Accepted | Block"]:
        one_by_one = self._one_by_one(few, choice, ReadsSearch(few.candidates, choice.compiled, self._tick).run())
        if goals is None or not _orders_writes(choice.instance) or not _many(few.candidates):
            yield from one_by_one
            return
        first: list[Accepted] = []
        try:
            first.extend(islice(one_by_one, PROBED))
        except OutOfTime:
            yield from first
            raise
        except Exhausted:
            if not self._any_order:
                yield from first
                raise
            # Most of the effort goes into the orders of writes, of which one is enough.
            self._left = self._effort
            yield from self._in_blocks(few, choice, goals)
            return
        if len(first) < PROBED:
            yield from first
        else:
            yield from self._in_blocks(few, choice, goals)

    def _in_blocks(self, few: Ordered, choice: Choice, goals: Goals) -> Iterator["Accepted | Block"]:
        from litmus.engine.block.search import BlockSearch

        any_order = self._any_order
        for found in BlockSearch(few.candidates, choice, goals, self.deadline, self._spend, few.ways, any_order).run():
            if isinstance(found, tuple):
                yield from self._one_by_one(few, choice, iter((found,)))
            else:
                yield found

    def _one_by_one(self, few: Ordered, choice: Choice, found: Iterator[ReadsFrom]) -> Iterator[Accepted]:
        for rf, values, safe in found:
            for accepted in self._complete(few.candidates, choice, rf, values, safe=safe):
                yield accepted if few.ways == 1 else replace(accepted, stands_for=few.ways)

    def _with_concrete_reads(self, candidates: Candidates) -> Iterator[Accepted]:
        """For models that generate co, or match on sets, from a concrete rf and concrete final writes."""
        for rf, values, _ in ReadsSearch(candidates, None, self._tick).run():
            for final in candidates.final_writes():
                basis = basis_of(candidates.structure, rf, final, values, self.deadline)
                for instance in self.model.instances(replace(basis, to_first_failure=True)):
                    choice = choice_of(instance, (rf, rf), (candidates.co_must, candidates.co_may), self.deadline)
                    if choice.compiled.possible:
                        yield from self._complete(candidates, choice, rf, values, final)

    def _complete(
        self,
        candidates: Candidates,
        choice: Choice,
        rf: int,
        values: EventValues,
        final: int = -1,
        *,
        safe: bool = False,
    ) -> Iterator[Accepted]:
        """Yield the executions with this rf, and with these final writes where they are chosen already. Where it is
        ``safe`` only the quick axioms are asked."""
        compiled = choice.compiled
        for co, last, asked in self._coherences(candidates, choice, rf, final, safe=safe):
            self.candidates += 1
            if (asked or compiled.quick(rf, co)) and (safe or compiled.rest(rf, co)):
                flags, undefined = remarks_of(choice, rf, co, candidates.n)
                yield Accepted(candidates.structure, rf, co, values, last, flags, choice.instance, undefined)

    def _coherences(
        self, candidates: Candidates, choice: Choice, rf: int, final: int, *, safe: bool
    ) -> Iterator[Coherence]:
        """The model's own co where it makes one, with every choice of last writes that it leaves; else every order, or,
        for a model that does not ask for the order, every choice of last writes: those with ``final`` last."""
        own = choice.instance.coherence
        if own is not None:
            bounds = (candidates.co_must, candidates.co_may)
            known = bounds_of(choice.instance, (rf, rf), bounds, self.deadline)
            (co,) = compile_values(choice.instance.graph, [own], known, self.deadline)(rf, candidates.co_must)
            yield from ((co, last, False) for last in candidates.lasts(co, final))
        elif choice.instance.ordered:
            asked = bool(candidates.reads) and final < 0
            for found in CoherenceSearch(candidates, choice.compiled, rf, self._tick, safe, asked).run():
                if final < 0 or candidates.agrees(found[1], final):
                    yield found
        else:
            for last in candidates.lasts(candidates.co_must, final):
                self._tick()
                yield candidates.towards(last), last, False


def conceivable(candidates: Candidates) -> bool:
    """Whether any choice of writes for the reads gives the values that the control path takes, whatever the model.

    Most paths of tests that read addresses are taken by no execution. To see that is cheaper than to make the model
    ready; where it is not seen after `GLANCE` steps the answer is that it may be so.
    """
    steps = iter(range(GLANCE))

    def tick() -> None:
        if next(steps, None) is None:
            raise Exhausted

    try:
        return next(ReadsSearch(candidates, None, tick).run(), None) is not None
    except Exhausted:
        return True


def _many(candidates: Candidates) -> bool:
    """Whether there may be enough executions for blocks, and they can be judged together."""
    choices = prod(map(len, candidates.sources.values())) * prod(factorial(len(w)) for w in candidates.writes.values())
    if choices < 2 * PROBED:
        return False
    from litmus.engine.block.search import fits

    return fits(candidates)


def _orders_writes(instance: Instance) -> bool:
    """Whether every order of writes is an execution of its own."""
    return instance.ordered and instance.coherence is None


def choice_of(instance: Instance, rf: tuple[int, int], co: tuple[int, int], deadline: Deadline) -> Choice:
    """Return a model instance made ready for these bounds of rf and co."""
    remarks = tuple(a for a in instance.axioms if a.effect is not Effect.REQUIRE)
    bounds = bounds_of(instance, rf, co, deadline)
    values = compile_values(instance.graph, [a.node for a in remarks], bounds, deadline)
    return Choice(instance, compile_instance(instance, bounds, deadline), remarks, values)


def remarks_of(choice: Choice, rf: int, co: int, n: int) -> tuple[frozenset[str], frozenset[str]]:
    """The flags that an execution carries, whose checks pass, and the `undefined_unless` that it fails."""
    if not choice.remarks:
        return frozenset(), frozenset()
    values = choice.remark_values(rf, co)
    known = choice.known.get(values)
    if known is None:
        known = _remarks(choice, values, n)
        if len(choice.known) < REMEMBERED:
            choice.known[values] = known
    return known


def _remarks(choice: Choice, values: tuple[int, ...], n: int) -> tuple[frozenset[str], frozenset[str]]:
    found = [a for a, value in zip(choice.remarks, values, strict=True) if _remarked(a, value, n)]
    undefined = frozenset(a.name for a in found if a.effect is Effect.UNDEFINED)
    return frozenset(a.name for a in found if a.effect is Effect.FLAG), undefined


def _remarked(axiom: Axiom, value: int, n: int) -> bool:
    passed = passes(axiom, value, n)
    match axiom.effect:
        case Effect.FLAG:
            return passed
        case Effect.ASSERT if not passed:
            raise ModelError(f"the assertion '{axiom.name}' of the model fails", axiom.span)
        case Effect.ASSERT:
            return False
        case _:
            return not passed
