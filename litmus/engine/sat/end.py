"""What registers and locations hold in the end, in literals."""

from litmus.dataclass import dataclass, field
from litmus.engine.goals import Goals
from litmus.engine.sat.choice import Choices, Contents, Domain, Terms
from litmus.engine.sat.solver import TRUE, Literal
from litmus.program.term import FinalLocation, FinalRegister, Leaf, Value, apply


@dataclass(slots=True)
class Ends:
    """What registers and locations hold in the end."""

    choices: Choices
    contents: Contents
    goals: Goals
    domains: dict[Leaf, Domain] = field(default_factory=dict)
    """What has been asked for so far."""

    def domain(self, leaf: Leaf) -> Domain:
        """Return the values that something observed may have, each with the literal that it has."""
        if leaf not in self.domains:
            match leaf:
                case FinalRegister(thread, register):
                    term = self.choices.candidates.structure.final.get((thread, register), 0)
                    self.domains[leaf] = Terms(self.choices.solver, self.contents.read, strict=True).values(term)
                case FinalLocation(name):
                    self.domains[leaf] = self._location(name)
                case _:
                    raise AssertionError(leaf)
        return self.domains[leaf]

    def _location(self, name: str) -> Domain:
        solver, conversion = self.choices.solver, self.goals.shown.get(name, "s64")
        ways: dict[Value, list[Literal]] = {}
        for write, last in self.choices.last(name):
            for value, has in self.contents.written[write].items():
                shown = apply(conversion, value)
                assert not isinstance(shown, Leaf)
                ways.setdefault(shown, []).append(solver.conjunction((last, has)))  # type: ignore[arg-type]
        if not ways:
            return {apply(conversion, self.goals.initial.get(name, 0)): TRUE}  # type: ignore[dict-item]
        return {value: solver.disjunction(found) for value, found in ways.items()}
