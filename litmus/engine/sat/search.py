"""Executions of an event structure, found by a solver: one for each final state, or for each side of each condition.

What the solver finds is judged again by the model as the explicit engine has it compiled; where a part of the model is
written down one way only (`Encoder.inexact`), what does not pass is excluded and the search goes on.
"""

from collections.abc import Iterable, Iterator, Sequence

from litmus.dataclass import dataclass, field, replace
from litmus.deadline import NEVER, Deadline
from litmus.engine.base import NotForSolver
from litmus.engine.basis import basis_of
from litmus.engine.candidate import Candidates
from litmus.engine.explicit import Accepted, Choice, remarks_of
from litmus.engine.goals import Goals, stops
from litmus.engine.sat.choice import Choices, Contents, Domain, Terms, circular, may_be_circular, require_grounded
from litmus.engine.sat.encode import Encoder
from litmus.engine.sat.end import Ends
from litmus.engine.sat.matrix import Reader
from litmus.engine.sat.narrow import Narrowed, narrow
from litmus.engine.sat.solver import FALSE, TRUE, Literal, Solver
from litmus.engine.symmetry import in_order
from litmus.event.structure import EventStructure
from litmus.program.term import Value
from litmus.relation import bits
from litmus.relation.bounds import bound_nodes
from litmus.relation.model import Axiom, Effect, Instance, Model, NeedsReadsFrom

CIRCULAR = 1024
"""How many executions are looked for in which values depend on themselves."""


@dataclass(slots=True)
class SolverEnumerator:
    """Finds executions of event structures under one model."""

    model: Model
    goals: Goals
    deadline: Deadline = NEVER
    candidates: int = 0
    """How many executions the solver proposed."""
    reached: set[tuple[int, bool]] = field(default_factory=set)
    """The sides of conditions that some execution has shown."""
    remarked: set[tuple[str, bool]] = field(default_factory=set)
    """The remarks of the model that some execution has, or has not."""
    ended: bool = False
    """Whether some execution ends."""
    states: set[tuple[Value, ...]] = field(default_factory=set)
    """The final states that some execution has shown."""

    def executions(self, structure: EventStructure) -> Iterator[Accepted]:
        """Yield executions of ``structure`` that the model accepts: with all that is asked for and possible.

        Raises:
            NotForSolver: where the question cannot be asked; nothing has been yielded then.
            OutOfTime: where the deadline passes.
        """
        candidates = Candidates(structure)
        goals = _bare(self.goals) if stops(structure.marks) else self.goals
        try:
            instances = self.model.instances(basis_of(structure, deadline=self.deadline))
        except NeedsReadsFrom:
            raise NotForSolver("the model asks for a concrete rf") from None
        queries = [query for i in instances if (query := self._query(candidates, i, goals)) is not None]
        for query in queries:
            yield from self._asked(query, goals)
            query.solver.close()

    def _query(self, candidates: Candidates, instance: Instance, goals: Goals) -> "_Query | None":
        if instance.coherence is not None or not instance.ordered:
            raise NotForSolver("the model has a co of its own")
        if candidates.structure.divided:
            raise NotForSolver("accesses of several sizes")
        narrowed = narrow(in_order(candidates, goals.asked()), instance, self.deadline)
        return None if narrowed is None else _Query.of(narrowed, goals, self.deadline)

    def _asked(self, query: "_Query", goals: Goals) -> Iterator[Accepted]:
        """Yield executions for all that is asked. What the structure is marked with, or not, any of them shows."""
        for accepted in query.circular:
            self.candidates += 1
            self.ended = self.ended or not stops(accepted.structure.marks)
            yield accepted
        if goals.states:
            yield from self._states(query)
        if goals.marks or query.choices.candidates.structure.marks or not query.conditions:
            yield from self._first(query, [])
        for index, condition in enumerate(query.conditions):
            for side, literal in ((True, condition), (False, -condition)):
                if (index, side) not in self.reached:
                    yield from self._first(query, [literal])
        for remark in query.remarks:
            for made, asked in ((True, remark.made), (False, remark.avoided)):
                if asked is not None and (remark.name, made) not in self.remarked:
                    yield from self._first(query, [asked], (remark.name, made))
        if not self.ended:
            yield from self._unfiltered(query)

    def _unfiltered(self, query: "_Query") -> Iterator[Accepted]:
        """Yield an execution whether it passes the filter or not: it shows that executions end."""
        if query.passes != TRUE and (found := query.next([])) is not None:
            self.ended = True
            yield found[0]

    def _states(self, query: "_Query") -> Iterator[Accepted]:
        fresh = query.solver.variable()
        for state in self.states:
            query.exclude_state(state, fresh)
        while (found := query.next([fresh, query.passes])) is not None:
            accepted, true = found
            state = query.state(true)
            self.states.add(state)
            query.exclude_state(state, fresh)
            self._note(query, accepted, true)
            yield accepted

    def _first(
        self, query: "_Query", asked: list[Literal], remark: tuple[str, bool] | None = None
    ) -> Iterator[Accepted]:
        """Yield an execution with which the literals are true, and that has the remark or has it not."""
        guard = query.solver.variable()
        while (found := query.next([guard, query.passes, *asked])) is not None:
            accepted, true = found
            self._note(query, accepted, true)
            if remark is None or (remark[0] in accepted.flags | accepted.undefined) == remark[1]:
                yield accepted
                return
            query.exclude(accepted, guard)

    def _note(self, query: "_Query", accepted: Accepted, true: frozenset[Literal]) -> None:
        self.candidates += 1
        self.ended = self.ended or not stops(accepted.structure.marks)
        made = accepted.flags | accepted.undefined
        self.remarked.update((remark.name, remark.name in made) for remark in query.remarks)
        self.reached.update((index, condition in true) for index, condition in enumerate(query.conditions))


def _bare(goals: Goals) -> Goals:
    """Return the question whether there is any execution at all."""
    return replace(goals, observed=(), conditions={}, filter=None, states=False)


@dataclass(frozen=True, slots=True)
class _Remark:
    """A check of the model that rejects nothing: ``made`` is true only where it applies, ``avoided``, where that is
    asked for, only where it does not."""

    name: str
    made: Literal
    avoided: Literal | None


@dataclass(slots=True)
class _Query:
    """The clauses of one event structure and one instance of the model."""

    solver: Solver
    choices: Choices
    judge: Choice
    passes: Literal
    """True where an execution passes the filter."""
    observed: tuple[Domain, ...]
    conditions: tuple[Literal, ...]
    remarks: tuple[_Remark, ...]
    circular: tuple[Accepted, ...] = ()
    """All executions in which some value depends on itself: they are not among those that the clauses describe."""
    rf: Reader = field(init=False)
    co: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.rf, self.co = Reader(self.choices.rf), Reader(self.choices.co)

    @classmethod
    def of(cls, narrowed: Narrowed, goals: Goals, deadline: Deadline) -> "_Query":
        possible, circular = _circular(narrowed, deadline)
        solver = Solver(deadline)
        choices = Choices(solver, narrowed.candidates)
        if possible:
            require_grounded(choices)
        remarks = _encoded(choices, narrowed, goals.flags)
        ends = Ends(choices, Contents(choices), goals)
        terms = Terms(solver, ends.domain, strict=True)
        passes = TRUE if goals.filter is None else terms.truth(goals.filter)
        observed = tuple(ends.domain(term) for term in goals.observed) if goals.states else ()
        return cls(
            solver,
            choices,
            narrowed.judge,
            passes,
            observed,
            tuple(map(terms.truth, goals.conditions.values())),
            remarks,
            tuple(circular),
        )

    def next(self, assumptions: Sequence[Literal]) -> tuple[Accepted, frozenset[Literal]] | None:
        """Return the next execution under these assumptions with what is true of it; None where there is none."""
        while (true := self.solver.solve(assumptions)) is not None:
            accepted = self._accepted(true)
            if accepted is not None:
                return accepted, true
            self._exclude_choice(true)
        return None

    def _accepted(self, true: frozenset[Literal]) -> Accepted | None:
        rf, co = self.rf.value(true), self.co.value(true)
        if not self.judge.compiled.exact(rf, co):
            return None
        accepted = _execution(self.choices.candidates, self.judge, rf, co)
        assert accepted is not None, "the solver's values are those of the execution"
        return accepted

    def _exclude_choice(self, true: frozenset[Literal], *unless: Literal) -> None:
        chosen = self.rf.chosen(true) | self.co.chosen(true)
        self.solver.add(*unless, *(-literal for literal in chosen))

    def exclude(self, accepted: Accepted, guard: Literal) -> None:
        """Exclude an execution where ``guard`` is assumed."""
        rf, co = self.choices.rf, self.choices.co
        chosen = {x for bit, x in rf.open.items() if accepted.reads_from >> bit & 1}
        chosen |= {x for bit, x in co.open.items() if accepted.coherence >> bit & 1}
        self.solver.add(-guard, *(-literal for literal in chosen))

    def state(self, true: frozenset[Literal]) -> tuple[Value, ...]:
        """Return what is observed where these literals are true."""
        return tuple(next(v for v, has in domain.items() if has in true) for domain in self.observed)

    def exclude_state(self, state: tuple[Value, ...], guard: Literal) -> None:
        """Exclude a final state where ``guard`` is assumed."""
        held = [domain.get(value, FALSE) for domain, value in zip(self.observed, state, strict=True)]
        self.solver.add(-guard, *(-literal for literal in held))


def _encoded(choices: Choices, narrowed: Narrowed, both: frozenset[str] = frozenset()) -> tuple[_Remark, ...]:
    """Add what the model requires; return its remarks, those named ``both`` from both sides."""
    choice = narrowed.judge
    required = [a for a in choice.instance.axioms if a.effect is Effect.REQUIRE]
    variables = {"rf": narrowed.rf, "co": narrowed.co}
    bounds = bound_nodes(choice.instance.graph, _nodes((*required, *choice.remarks)), variables)
    encoder = Encoder(choices.solver, choice.instance.graph, bounds, {"rf": choices.rf, "co": choices.co})
    for axiom in required:
        encoder.prepare(axiom, fails=axiom.negated)
    for axiom in choice.remarks:
        encoder.prepare(axiom, fails=_where_it_fails(axiom))
        if axiom.name in both:
            encoder.prepare(axiom, fails=not _where_it_fails(axiom))
    for axiom in required:
        encoder.require(axiom)
    remarks = (_remark(encoder, axiom, axiom.name in both) for axiom in choice.remarks)
    return tuple(remark for remark in remarks if remark.made != FALSE or remark.avoided is not None)


def _remark(encoder: Encoder, axiom: Axiom, both: bool) -> _Remark:
    fails = _where_it_fails(axiom)
    made = encoder.outcome(axiom, fails=fails)
    return _Remark(axiom.name, made, encoder.outcome(axiom, fails=not fails) if both else None)


def _nodes(axioms: Iterable[Axiom]) -> tuple[int, ...]:
    return tuple(axiom.node for axiom in axioms)


def _where_it_fails(axiom: Axiom) -> bool:
    """Whether a remark is made where the check without its negation fails: a flag is where its check passes."""
    return axiom.negated if axiom.effect is Effect.FLAG else not axiom.negated


def _execution(candidates: Candidates, judge: Choice, rf: int, co: int) -> Accepted | None:
    """Return the execution with an rf and a co that the model accepts, None where no values fit."""
    assigned = {read: write for write, read in bits.pairs(rf, candidates.n)}
    known: dict[int, Value] = {}
    values = candidates.values(assigned, known) if candidates.propagate(assigned, known) else None
    if values is None:
        return None
    flags, undefined = remarks_of(judge, rf, co, candidates.n)
    (last,) = candidates.lasts(co)
    return Accepted(candidates.structure, rf, co, values, last, flags, judge.instance, undefined)


def _circular(narrowed: Narrowed, deadline: Deadline) -> tuple[bool, list[Accepted]]:
    """Return whether the model lets values depend on themselves, and the executions in which some do. Such values are
    of no domain: these executions are found one by one, without values.

    Raises:
        NotForSolver: where they are too many.
    """
    candidates, judge = narrowed.candidates, narrowed.judge
    if not may_be_circular(candidates):
        return False, []
    solver = Solver(deadline)
    choices = Choices(solver, candidates)
    depends, tried = circular(choices), 0
    found: list[Accepted] = []
    if depends != FALSE:
        _encoded(choices, narrowed)
        readers = Reader(choices.rf), Reader(choices.co)
        while (true := solver.solve([depends])) is not None:
            if (tried := tried + 1) > CIRCULAR:
                raise NotForSolver(f"in more than {CIRCULAR} executions values depend on themselves")
            rf, co = (reader.value(true) for reader in readers)
            accepted = _execution(candidates, judge, rf, co) if judge.compiled.exact(rf, co) else None
            if accepted is not None:
                found.append(accepted)
            solver.add(*(-literal for reader in readers for literal in reader.chosen(true)))
    solver.close()
    return tried > 0, found
