"""The executions among many candidates of an event structure, without having looked at any of them alone."""

from collections.abc import Iterator, Mapping

from litmus.dataclass import dataclass, replace
from litmus.deadline import Deadline
from litmus.engine.block.choice import Choices, NotInBlocks, bounds
from litmus.engine.block.content import Contents, Ends
from litmus.engine.block.evaluate import Evaluator
from litmus.engine.block.order import Ordering, Rules, rules_of
from litmus.engine.block.space import Table, lowest
from litmus.engine.candidate import EventValues
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
    counted: bool = True
    """Whether all executions are among them, rather than one for each rf."""

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

    def reads_from(self, combination: int) -> tuple[int, EventValues, bool]:
        """Return the rf of a candidate, with the values that follow from it, as `engine.search` has it."""
        candidates = self.choices.candidates
        assigned, _ = self.choices.at(combination)
        known: dict[int, Value] = {}
        fits = candidates.propagate(assigned, known)
        values = candidates.values(assigned, known) if fits else None
        assert values is not None, "a candidate of the control path has values"
        return self.choices.rf().at(combination), values, False

    def example(self, table: Table) -> Accepted:
        """Return the first execution where a table says so, judged once more by itself."""
        combination, n = lowest(table), self.choices.candidates.n
        rf, values, _ = self.reads_from(combination)
        (_, last), co = self.choices.at(combination), self.choices.co().at(combination)
        assert self.choice.compiled.exact(rf, co), "an execution is accepted alone too"
        flags, undefined = remarks_of(self.choice, rf, co, n)
        instance = self.choice.instance
        return Accepted(self.structure, rf, co, values, last, flags, instance, undefined, self.stands_for)


@dataclass(slots=True)
class Judge:
    """Judges blocks under one instance of a model."""

    choice: Choice
    goals: Goals
    deadline: Deadline
    stands_for: int = 1
    rules: Rules | None = None

    @property
    def required(self) -> tuple[Axiom, ...]:
        """The axioms that the structure alone does not decide."""
        return self.choice.compiled.live

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
        return self._block(contents, evaluator, accepted)

    def _block(self, contents: Contents, evaluator: Evaluator, accepted: Table) -> Block:
        """Return the executions that are ``accepted``.

        Raises:
            NotInBlocks: where what is asked of their ends has no meaning for all candidates.
        """
        remarks = self._remarks(evaluator, accepted) if accepted else {}
        undefined = frozenset(a.name for a in self.choice.remarks if a.effect is Effect.UNDEFINED)
        ends = Ends(contents, self.goals)
        ends.prepare()
        counted = contents.choices.order is None
        return Block(
            contents.choices, self.choice, accepted, remarks, undefined, ends, self.stands_for, counted
        )  # fmt: skip

    def judged_in_one_order(self, choices: Choices, must: int) -> tuple[Block, Table]:
        """Return an execution for each rf of which one was found; and the candidates of which it is not known whether
        another order of writes makes them one. All orders have the pairs of ``must``.

        Raises:
            NotInBlocks: where they cannot be judged together, or the order of writes may matter to what is asked.
        """
        if not self.choice.compiled.monotone:
            raise NotInBlocks
        if self.rules is None:
            self.rules = rules_of(choices.candidates, self.choice, self.deadline)
        contents, order = Contents(choices), Ordering(self.choice, self.rules, choices, must, self.deadline)
        left, rf = _possible(contents), choices.rf()
        co, clash = order.forced(rf)
        least = order.evaluator(rf, co, self.required)
        for axiom in self.required:
            left &= least.passed(axiom)
        left &= ~clash
        whole = order.completed(co)
        evaluator = order.evaluator(rf, whole, (*self.required, *self.choice.remarks))
        if not all(map(evaluator.settles, self.choice.remarks)):
            raise NotInBlocks
        accepted = left
        for axiom in self.required:
            accepted &= evaluator.passed(axiom)
        ordered = Contents(replace(choices, order=whole))
        block = self._block(ordered, evaluator, accepted)
        return block, left & ~accepted

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
