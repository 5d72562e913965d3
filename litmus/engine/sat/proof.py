"""Proofs that no execution does something, to be checked by others: a formula for each event structure, refuted.

A formula says that there is an execution of an event structure that the model accepts and that does what is asked
about. Nothing that the engine works out beforehand goes into it: neither what `engine.sat.narrow` refutes, nor, as long
as the solver manages without, the order of threads that do the same.
"""

from collections.abc import Iterable, Iterator

from litmus.dataclass import dataclass, field, replace
from litmus.deadline import NEVER, Deadline
from litmus.engine.base import NotForSolver
from litmus.engine.basis import basis_of
from litmus.engine.candidate import Candidates
from litmus.engine.explicit import Choice, choice_of, remarks_of
from litmus.engine.goals import Goals, stops
from litmus.engine.sat.choice import Choices, Contents, Terms, circular, may_be_circular
from litmus.engine.sat.encode import Encoder
from litmus.engine.sat.end import Ends
from litmus.engine.sat.formula import Formula, Reason
from litmus.engine.sat.matrix import Matrix
from litmus.engine.sat.meaning import Asked, Meaning, contents, edges, outcomes, relations
from litmus.engine.sat.solver import FALSE, TRUE, Literal, refute
from litmus.engine.symmetry import in_order
from litmus.event.structure import EventStructure
from litmus.program.term import Term
from litmus.relation import bits
from litmus.relation.bounds import bound_nodes
from litmus.relation.model import Axiom, Effect, Instance, Model, NeedsReadsFrom

EASY = 4_000
"""How many conflicts a refutation may take without the order of threads that do the same."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an execution of an event structure is asked to do, by a ``name`` for files and in words.

    ``condition`` has to come out as ``holds``, and with a ``remark``, a flag or `undefined_unless` of the model, the
    execution to carry it or not. With ``grounded`` a value has to depend on itself; with none of these any execution is
    one. ``filtered`` tells whether the filter of the test has to be passed.
    """

    name: str
    text: str
    condition: Term | None = None
    remark: str | None = None
    holds: bool = True
    grounded: bool = False
    filtered: bool = True


GROUNDED = Question(
    "grounded", "some value depends on itself, which the values of the other formulas leave out", grounded=True,
    filtered=False,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refutation:
    """A question, the formula that says that an execution does it, and the proof that none does.

    ``choice`` counts the instances of the model, where it has several, from 1.
    """

    question: Question
    choice: int
    candidates: Candidates
    formula: Formula
    rf: Matrix
    co: Matrix
    meanings: tuple[Meaning, ...]
    proof: tuple[str, ...]


class Reached(Exception):
    """Some execution does what is asked about, so that there is nothing to prove."""


@dataclass(slots=True)
class _Written:
    """The formula of a question over one instance of the model, and what is needed to judge what satisfies it."""

    question: Question
    formula: Formula
    choices: Choices
    judge: Choice
    meanings: tuple[Meaning, ...] = ()


@dataclass(slots=True)
class Prover:
    """Refutes questions about event structures under one model."""

    model: Model
    goals: Goals
    deadline: Deadline = NEVER
    easy: int = field(default=EASY)

    def refutations(self, structure: EventStructure, questions: Iterable[Question]) -> Iterator[Refutation]:
        """Yield a refutation of each question for each choice that the model makes; before them those that show that
        values are grounded, where that is not plain, and that nothing of the model makes executions undefined.

        Raises:
            NotForSolver: where a question cannot be asked.
            Reached: where the answer to a question is yes.
            OutOfTime: where the deadline passes.
        """
        candidates = Candidates(structure)
        if structure.divided:
            raise NotForSolver("accesses of several sizes")
        try:
            instances = self.model.instances(basis_of(structure, deadline=self.deadline))
        except NeedsReadsFrom:
            raise NotForSolver("the model asks for a concrete rf") from None
        first = (GROUNDED,) if may_be_circular(candidates) else ()
        wanted = tuple(questions)
        for number, instance in enumerate(instances, 1):
            if instance.coherence is not None or not instance.ordered:
                raise NotForSolver("the model has a co of its own")
            meant = () if stops(structure.marks) else _meaningful(instance)
            for question in (*first, *meant, *wanted):
                yield self._refuted(candidates, instance, question, number)

    def _refuted(self, candidates: Candidates, instance: Instance, question: Question, number: int) -> Refutation:
        written = self._written(candidates, instance, question)
        formula, choices = written.formula, written.choices
        ordered = _ordered(choices, in_order(candidates, self._asked(question)))
        proof = self._proof(written, self.easy if ordered else None)
        if proof is None:
            formula.begin(Reason.SYMMETRY, "threads that do the same come in the order of their numbers")
            for literal in ordered:
                formula.add(literal)
            proof = self._proof(written, None)
            assert proof is not None
        formula.end()
        return Refutation(
            question, number, candidates, formula, choices.rf, choices.co, written.meanings, proof
        )  # fmt: skip

    def _asked(self, question: Question) -> tuple[Term, ...]:
        """Return the terms over final values that the answer to a question depends on."""
        passed = self.goals.filter if question.filtered else None
        return tuple(term for term in (question.condition, passed) if term is not None)

    def _proof(self, written: _Written, conflicts: int | None) -> tuple[str, ...] | None:
        """Return a proof that the formula has no solution, None where that takes too many conflicts. What satisfies it
        and is no execution is added to it."""
        while True:
            found = refute(written.formula.written, self.deadline, conflicts)
            if not isinstance(found, frozenset):
                return found
            _refuse(written, found)

    def _written(self, candidates: Candidates, instance: Instance, question: Question) -> _Written:
        formula = Formula(self.deadline)
        formula.begin(Reason.CHOICE, "each read takes one write; co is a total order of the writes of each location")
        choices = Choices(formula, candidates)
        rf, co = (choices.rf.sure, candidates.rf_may), (candidates.co_must, candidates.co_may)
        judge = choice_of(instance, rf, co, self.deadline)
        remarks = [axiom for axiom in judge.remarks if axiom.name == question.remark]
        encoder = _model(choices, instance, remarks, question)
        written = _Written(question, formula, choices, judge)
        if question.grounded:
            formula.begin(Reason.VALUE, "what a write has written whose value is known leads off the control path")
            for literal in _off_the_path(choices):
                formula.add(-literal)
            formula.begin(Reason.GOAL, question.text)
            formula.add(circular(choices))
            written.meanings = (*edges(choices), *relations(encoder, instance))
            return written
        formula.begin(Reason.VALUE, "reads return what the writes that they take have written; the path is taken")
        values = Contents(choices)
        goals = self.goals if question.filtered else replace(self.goals, filter=None)
        ends = Ends(choices, values, goals)
        asked = _state_goal(formula, Terms(formula, ends.domain, strict=True), goals, question)
        _state_remark(formula, encoder, remarks, question)
        known = (edges(choices), contents(values), outcomes(ends), asked, relations(encoder, instance))
        written.meanings = tuple(meaning for found in known for meaning in found)
        return written


def _meaningful(instance: Instance) -> Iterator[Question]:
    """Yield the questions whether an execution fails what it must not for the test to have a meaning."""
    for axiom in instance.axioms:
        if axiom.effect in (Effect.UNDEFINED, Effect.ASSERT):
            yield Question(f"model-{word(axiom.name)}", f"'{axiom.name}' of the model fails", remark=axiom.name)


def word(text: str) -> str:
    """Return a text as part of the name of a file."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in text)


def fails_with(remark: Axiom) -> bool:
    """Whether a remark is made where its check, without its negation, fails."""
    return remark.negated if remark.effect is Effect.FLAG else not remark.negated


def _model(choices: Choices, instance: Instance, remarks: list[Axiom], question: Question) -> Encoder:
    """Write down what the model requires; the remarks are prepared from the side that is asked about."""
    formula, candidates = choices.solver, choices.candidates
    assert isinstance(formula, Formula)
    required = [axiom for axiom in instance.axioms if axiom.effect is Effect.REQUIRE]
    nodes = tuple(axiom.node for axiom in (*required, *remarks))
    variables = {
        "rf": (choices.rf.sure, candidates.rf_may),
        "co": (candidates.co_must, candidates.co_may),
    }
    bounds = bound_nodes(instance.graph, nodes, variables, formula.deadline)
    encoder = Encoder(formula, instance.graph, bounds, {"rf": choices.rf, "co": choices.co})
    for axiom in required:
        encoder.prepare(axiom, fails=axiom.negated)
    for axiom in remarks:
        encoder.prepare(axiom, fails=fails_with(axiom) == question.holds)
    for axiom in required:
        formula.begin(Reason.MODEL, f"{'~' if axiom.negated else ''}{axiom.check} as {axiom.name}")
        encoder.require(axiom)
    return encoder


def _off_the_path(choices: Choices) -> Iterator[Literal]:
    """Yield the literals of reads of a constant with which the control path is not taken, whatever others read."""
    candidates = choices.candidates
    for read, writes in candidates.sources.items():
        for write in writes:
            if not candidates.propagate({read: write}, {}):
                yield choices.rf.literal(write * candidates.n + read)


def _state_remark(formula: Formula, encoder: Encoder, remarks: list[Axiom], question: Question) -> None:
    """Add that the execution has one of the remarks, or none of them."""
    if question.remark is None:
        return
    formula.begin(Reason.MODEL, f"where '{question.remark}' {'applies' if question.holds else 'does not apply'}")
    sides = [encoder.outcome(axiom, fails=fails_with(axiom) == question.holds) for axiom in remarks]
    formula.begin(Reason.GOAL, question.text)
    if question.holds:
        formula.add(*sides)
    else:
        for side in sides:
            formula.add(side)


def _state_goal(formula: Formula, terms: Terms, goals: Goals, question: Question) -> list[Asked]:
    """Add that the execution passes the filter and has the condition; return what the literals of both mean."""
    formula.begin(Reason.END, "what registers and locations hold in the end, and what is asked of it")
    found: list[Asked] = []
    if goals.filter is not None:
        found.append(Asked(terms.truth(goals.filter), "the filter of the test"))
    if question.condition is not None:
        found.append(Asked(terms.truth(question.condition), "the condition"))
    for asked in found:
        holds = asked.text != "the condition" or question.holds
        formula.begin(Reason.GOAL, f"{asked.text} is {'true' if holds else 'false'}")
        formula.add(asked.literal if holds else -asked.literal)
    return [asked for asked in found if asked.literal not in (TRUE, FALSE)]


def _ordered(choices: Choices, ordered: Candidates) -> list[Literal]:
    """Return the literals of what is assumed of threads that do the same."""
    candidates, n = choices.candidates, choices.candidates.n
    order = ordered.co_must & ~candidates.co_must
    left_out = candidates.rf_may & ~ordered.rf_may
    found = [choices.co.literal(bit) for bit in bits.members(order)]
    found += [-choices.rf.literal(bit) for bit in bits.members(left_out)]
    assert not order & bits.inverse(order, n)
    return [literal for literal in found if literal != TRUE]


def _refuse(written: _Written, true: frozenset[Literal]) -> None:
    """Add that an execution is none, which the formula takes for one.

    Raises:
        Reached: where it is one.
    """
    choices, judge, question = written.choices, written.judge, written.question
    rf, co = choices.rf.value(true), choices.co.value(true)
    if judge.compiled.exact(rf, co):
        flags, undefined = remarks_of(judge, rf, co, choices.candidates.n)
        if question.remark is None or (question.remark in flags | undefined) == question.holds:
            raise Reached(question.text)
    chosen = {*choices.rf.open.values(), *choices.co.open.values()} & true
    written.formula.begin(Reason.REFUSED, "the model, evaluated over this rf and co, does not have the execution")
    written.formula.add(*(-literal for literal in sorted(chosen)))
