"""The code of one thread while it is being written: instructions, fresh registers, labels, and what types are known."""

from collections.abc import Sequence

from litmus.arch.inference import field_type, location_type
from litmus.dataclass import dataclass, field
from litmus.deadline import NEVER, Deadline
from litmus.program.instruction import Assign, Assume, Branch, Defined, Fence, Instruction, Jump, Label, Origin
from litmus.program.program import Program
from litmus.program.term import Address, Apply, Register, Term, evaluate
from litmus.program.types import Type


@dataclass(frozen=True, slots=True)
class Value:
    """A computed expression: its term, and its C type where it is known."""

    term: Term
    type: Type | None


def fold(operator: str, *operands: Term) -> Term:
    """Return the application of an operator, computed only where every operand is constant.

    Simplifying more would lose dependencies: ``r ^ r`` is 0 and depends on ``r``.

    Raises:
        UndefinedOperation: on addresses for which the operator has no meaning.
    """
    constants = tuple(o for o in operands if isinstance(o, (int, Address)))
    return evaluate(operator, constants) if len(constants) == len(operands) else Apply(operator, operands)


@dataclass(slots=True)
class Emitter:
    """Collects the instructions of one thread.

    ``structured``: a control dependency ends where the branches of its statement meet, as for the kernel's model;
    otherwise a branch is a branch, and all that follows depends on it.
    """

    program: Program
    structured: bool
    types: dict[str, Type | None]
    origin: Origin
    code: list[Instruction] = field(default_factory=list)
    fresh_registers: int = 0
    fresh_labels: int = 0
    deadline: Deadline = NEVER

    def register(self, type_: Type | None) -> Register:
        """Return a register that nothing else uses, for values of a type."""
        self.fresh_registers += 1
        name = f"%{self.fresh_registers}"
        self.types[name] = type_
        return Register(name)

    def label(self, meaning: str) -> str:
        """Return a label that nothing else uses."""
        self.fresh_labels += 1
        return f"{meaning}.{self.fresh_labels}"

    def location_type(self, address: Address) -> Type | None:
        """Return the declared type of the location at an address."""
        return location_type(self.program, address)

    def field_type(self, name: str, offset: int) -> Type | None:
        """Return the type of the field ``name`` at ``offset``, where all the objects that have one agree."""
        return field_type(self.program, name, offset)

    def add(self, instruction: Instruction) -> None:
        """Append an instruction."""
        self.deadline.check()
        self.code.append(instruction)

    def assign(self, target: str, value: Term) -> None:
        """Append ``target = value``."""
        self.add(Assign(target, value, self.origin))

    def assume(self, condition: Term, *, waits: bool = False) -> None:
        """Append an assumption, unless it is known to hold."""
        if not (isinstance(condition, int) and condition):
            self.add(Assume(condition, self.origin, waits))

    def wait(self, head: str, condition: Term) -> None:
        """Append that what follows ``head`` is done again while ``condition`` is zero. The rest depends on it."""
        self.add(Branch(fold("!", condition), head, self.origin))

    def require(self, condition: Term, problem: str) -> None:
        """Append that executions in which ``condition`` is zero mean nothing from here on, for the reason given."""
        self.add(Defined(condition, problem, self.origin))

    def fences(self, tags: Sequence[str]) -> None:
        """Append one fence for each tag."""
        for tag in tags:
            self.add(Fence(frozenset({tag}), self.origin))

    def place(self, label: str) -> None:
        """Append a label."""
        self.add(Label(label))

    def jump(self, label: str) -> None:
        """Append a jump."""
        self.add(Jump(label, self.origin))

    def branch(self, condition: Term, target: str, join: str) -> None:
        """Append a branch whose control dependency, if anything ends it, ends at ``join``."""
        self.add(Branch(condition, target, self.origin, join if self.structured else None))

    def unless(self, condition: Term, target: str, join: str) -> None:
        """Append a branch that is taken where ``condition`` is zero."""
        self.branch(fold("!", condition), target, join)
