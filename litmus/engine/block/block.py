"""The executions among many candidates of an event structure, without having looked at any of them alone."""

from collections.abc import Iterator, Mapping

from litmus.dataclass import dataclass, field
from litmus.deadline import Deadline
from litmus.engine.block.choice import Choices, bounds
from litmus.engine.block.content import Contents, Ends
from litmus.engine.block.evaluate import Evaluator, NotInBlocks
from litmus.engine.block.space import Table, lowest
from litmus.engine.explicit import Accepted, Choice, remarks_of
from litmus.engine.goals import Goals
from litmus.engine.specialise import bounds_of
from litmus.errors import ModelError
from litmus.event.structure import EventStructure
from litmus.program.term import Address, Value
from litmus.relation.model import Axiom, Effect


@dataclass(slots=True)
class Block:
    """The executions of a block: ``accepted`` tells which of its candidates are."""

    choices: Choices
    choice: Choice
    accepted: Table
    remarks: Mapping[str, Table]
    """Where a flag is raised or an `undefined_unless` fails, by its name."""
    undefined: frozenset[str]
    """The names among ``remarks`` that are of an `undefined_unless`."""
    ends: Ends
    stands_for: int = 1
    """How many executions each stands for (`engine.symmetry`)."""

    @property
    def structure(self) -> EventStructure:
        """The event structure."""
        return self.choices.candidates.structure

    def number(self, table: Table) -> int:
        """Return how many executions there are where a table says so."""
        return table.bit_count() * self.stands_for

    def states(self, among: Table) -> Iterator[tuple[tuple[Value, ...], Table]]:
        """Yield what executions of ``among`` end with, and where."""
        domains = [tuple(self.ends.domain(leaf).items()) for leaf in self.ends.goals.observed]
        work: list[tuple[tuple[Value, ...], Table]] = [((), among)] if among else []
        while work:
            values, table = work.pop()
            if len(values) == len(domains):
                yield values, table
                continue
            for value, has in reversed(domains[len(values)]):
                if part := table & has:
                    work.append(((*values, value), part))

    def example(self, table: Table) -> Accepted:
        """Return the first execution where a table says so, judged once more by itself."""
        candidates = self.choices.candidates
        combination = lowest(table)
        assigned, last = self.choices.at(combination)
        rf, co = self.choices.rf().at(combination), self.choices.co().at(combination)
        known: dict[int, Value] = {}
        fits = candidates.propagate(assigned, known)
        values = candidates.values(assigned, known) if fits else None
        assert values is not None, "an execution has values"
        assert self.choice.compiled.exact(rf, co), "an execution is accepted alone too"
        flags, undefined = remarks_of(self.choice, rf, co, candidates.n)
        instance = self.choice.instance
        return Accepted(self.structure, rf, co, values, last, flags, instance, undefined, self.stands_for)


@dataclass(slots=True)
class Judge:
    """Judges blocks under one instance of a model."""

    choice: Choice
    goals: Goals
    deadline: Deadline
    stands_for: int = 1
    required: list[Axiom] = field(init=False)

    def __post_init__(self) -> None:
        live = self.choice.compiled.live
        self.required = list(live)

    def judged(self, choices: Choices) -> Block:
        """Return the executions among some candidates.

        Raises:
            NotInBlocks: where they cannot be judged together.
        """
        contents = Contents(choices)
        accepted = _possible(contents)
        axioms = (*self.required, *self.choice.remarks)
        variables = {"rf": choices.rf(), "co": choices.co()}
        instance = self.choice.instance
        known = bounds_of(instance, bounds(variables["rf"]), bounds(variables["co"]), self.deadline)
        evaluator = Evaluator(instance.graph, known, variables, choices.space.full, self.deadline)
        evaluator.prepare(axioms)
        for axiom in self.required:
            if accepted:
                accepted &= evaluator.passed(axiom)
        remarks = self._remarks(evaluator, accepted) if accepted else {}
        undefined = frozenset(a.name for a in self.choice.remarks if a.effect is Effect.UNDEFINED)
        ends = Ends(contents, self.goals)
        return Block(choices, self.choice, accepted, remarks, undefined, ends, self.stands_for)

    def _remarks(self, evaluator: Evaluator, accepted: Table) -> dict[str, Table]:
        found: dict[str, Table] = {}
        for axiom in self.choice.remarks:
            passed = evaluator.passed(axiom)
            failed = accepted & (evaluator.full ^ passed)
            if axiom.effect is Effect.ASSERT and failed:
                raise ModelError(f"the assertion '{axiom.name}' of the model fails", axiom.span)
            if made := accepted & passed if axiom.effect is Effect.FLAG else failed:
                found[axiom.name] = found.get(axiom.name, 0) | made
        return found


def _possible(contents: Contents) -> Table:
    """Return where the values are those of the control path, and all of them have a meaning."""
    structure = contents.choices.candidates.structure
    possible = contents.choices.space.full
    for event in structure.events:
        if event.value is not None and not isinstance(event.value, (int, Address)):
            before = contents.meaningless
            contents.register(event.value)
            if event.kind == "U" and contents.meaningless != before:
                raise NotInBlocks
    for constraint in structure.constraints:
        possible &= contents.of_reads(constraint)
    return possible & ~contents.meaningless
