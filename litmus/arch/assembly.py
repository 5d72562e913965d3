"""What the assembly dialects share: reading operands, and turning a thread's lines into instructions.

A dialect is a table from mnemonic to a rule, and each rule one short function from a line to its instructions.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from litmus.errors import LitmusError, ParseError, UnknownNameError, did_you_mean
from litmus.program.instruction import Assign, Branch, Instruction, Jump, Label, Origin
from litmus.program.program import Thread
from litmus.program.syntax import AsmImmediate, AsmMemory, AsmRegister, AsmSymbol, Assembly, AssemblyOperand
from litmus.program.term import Apply, Register, Term
from litmus.source import Span

Rule: TypeAlias = "Callable[[Line], tuple[Instruction, ...]]"

Combine: TypeAlias = Callable[[Term, Term], Term]
"""From what an atomic operation read and its operand to what it writes."""

LEFT, RIGHT = "%left", "%right"
"""The flags are kept as the two numbers that were compared; a branch applies its own comparison to them."""

OLD = "%old"
"""Where an atomic operation keeps what it read, until its own destination is written."""


@dataclass(frozen=True, slots=True)
class Bank:
    """The registers of a dialect. ``canonical`` gives one name to all that name the same register, None for the one
    that is always zero, and raises KeyError for what is no register."""

    canonical: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction with what is needed to read its operands."""

    statement: Assembly
    bank: Bank
    origin: Origin

    @property
    def mnemonic(self) -> str:
        """The mnemonic in lower case."""
        return self.statement.mnemonic.lower()

    @property
    def operands(self) -> tuple[AssemblyOperand, ...]:
        """The operands as written."""
        return self.statement.operands

    def error(self, message: str) -> LitmusError:
        """Return an error that points at this line."""
        return ParseError(message, self.statement.span)

    def expect(self, *counts: int) -> None:
        """Raise where the number of operands is none of ``counts``."""
        if len(self.operands) not in counts:
            wanted = " or ".join(str(c) for c in counts)
            raise self.error(f"'{self.statement.mnemonic}' takes {wanted} operands, not {len(self.operands)}")

    def operand(self, index: int) -> AssemblyOperand:
        """Return an operand, counted from 0, or from the end with a negative index."""
        if not -len(self.operands) <= index < len(self.operands):
            raise self.error(f"'{self.statement.mnemonic}' needs more than {len(self.operands)} operands")
        return self.operands[index]

    def wrong(self, index: int, wanted: str) -> LitmusError:
        """Return the error of an operand that is not what is ``wanted``."""
        position = index % len(self.operands) + 1
        return self.error(f"operand {position} of '{self.statement.mnemonic}' must be {wanted}")

    def name(self, index: int) -> str:
        """Return a register operand's name as written."""
        match self.operand(index):
            case AsmRegister(name):
                return name
        raise self.wrong(index, "a register")

    def target(self, index: int) -> str | None:
        """Return the canonical name of a register operand that is written; None discards what is written."""
        return self.target_of(self.name(index))

    def target_of(self, name: str) -> str | None:
        """Return the canonical name of a register that is written."""
        try:
            return self.bank.canonical(name)
        except KeyError:
            raise UnknownNameError(f"unknown register '{name}'", self.statement.span) from None

    def value_of(self, name: str) -> Term:
        """Return the value of a register by its name as written."""
        known = self.target_of(name)
        return 0 if known is None else Register(known)

    def register(self, index: int) -> Term:
        """Return the value of a register operand."""
        return self.value_of(self.name(index))

    def term(self, index: int) -> Term:
        """Return the value of a register or an immediate."""
        match self.operand(index):
            case AsmRegister(name):
                return self.value_of(name)
            case AsmImmediate(value):
                return value
        raise self.wrong(index, "a register or a number")

    def immediate(self, index: int) -> int:
        """Return an immediate's value."""
        match self.operand(index):
            case AsmImmediate(value):
                return value
        raise self.wrong(index, "a number")

    def symbol(self, index: int) -> str:
        """Return a word that is no register: a label or a keyword. Register-like names may be labels too."""
        match self.operand(index):
            case AsmSymbol(name) | AsmRegister(name):
                return name
        raise self.wrong(index, "a label")

    def memory(self, index: int) -> AsmMemory:
        """Return a memory operand."""
        match self.operand(index):
            case AsmMemory() as memory:
                return memory
        raise self.wrong(index, "an address")

    def assign(self, target: str | None, value: Term) -> tuple[Instruction, ...]:
        """Return ``target = value``, nothing where the target discards it."""
        return () if target is None else (Assign(target, value, self.origin),)


def add(base: Term, offset: Term) -> Term:
    """Return ``base + offset``, left out where the offset is the number 0 (a register that holds 0 still counts)."""
    return base if offset == 0 else Apply("+", (base, offset))


def compare(line: Line, left: Term, right: Term) -> tuple[Instruction, ...]:
    """Return the instructions that set the flags from comparing two numbers."""
    return Assign(LEFT, left, line.origin), Assign(RIGHT, right, line.origin)


def flag(comparison: str) -> Term:
    """Return the truth of a signed ``comparison`` (or ``==``, ``!=``) of what was compared last."""
    return Apply(comparison, (Register(LEFT), Register(RIGHT)))


def unsigned_flag(comparison: str) -> Term:
    """Return the truth of an unsigned ``comparison`` of what was compared last."""
    return Apply(comparison, (Apply("u64", (Register(LEFT),)), Apply("u64", (Register(RIGHT),))))


def operation(operator: str) -> Combine:
    """Return the new value of an atomic operation that applies ``operator`` to what it read and its operand."""
    return lambda old, operand: Apply(operator, (old, operand))


def extreme(comparison: str, conversion: str | None = None) -> Combine:
    """Return the new value of an atomic minimum or maximum, compared after ``conversion`` (``u64``: unsigned)."""

    def combine(old: Term, operand: Term) -> Term:
        left, right = (Apply(conversion, (t,)) if conversion else t for t in (old, operand))
        return Apply("ite", (Apply(comparison, (left, right)), old, operand))

    return combine


def clear_bits(old: Term, operand: Term) -> Term:
    """Return ``old & ~operand``."""
    return Apply("&", (old, Apply("~", (operand,))))


def swap(_old: Term, operand: Term) -> Term:
    """Return the operand."""
    return operand


def branch_if(comparison: Term) -> Rule:
    """Return the rule of a conditional branch with its label as last operand."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        return (Branch(comparison, line.symbol(len(line.operands) - 1), line.origin),)

    return rule


def jump(line: Line) -> tuple[Instruction, ...]:
    """``b label``."""
    line.expect(1)
    return (Jump(line.symbol(0), line.origin),)


def nothing(line: Line) -> tuple[Instruction, ...]:
    """``nop``."""
    line.expect(0)
    return ()


def assemble(thread: Thread, table: Mapping[str, Rule], bank: Bank) -> tuple[Instruction, ...]:
    """Return the instructions of a thread.

    Raises:
        UnknownNameError: for a mnemonic that ``table`` does not have or a label that the thread does not.
        ParseError: for an operand that the mnemonic does not take.
    """
    code: list[Instruction] = []
    for statement in thread.body:
        assert isinstance(statement, Assembly)
        if statement.label is not None:
            code.append(Label(statement.label))
        if statement.mnemonic:
            code += _instructions(statement, thread, table, bank)
    _check_labels(code)
    return tuple(code)


def _instructions(
    statement: Assembly, thread: Thread, table: Mapping[str, Rule], bank: Bank
) -> tuple[Instruction, ...]:
    mnemonic = statement.mnemonic.lower()
    rule = table.get(mnemonic)
    if rule is None:
        known = [name.upper() for name in table] if statement.mnemonic.isupper() else table
        hint = did_you_mean(statement.mnemonic, known)
        raise UnknownNameError(f"unknown instruction '{statement.mnemonic}'", _head(statement), hint=hint)
    line = statement.span.line if statement.span else 0
    return rule(Line(statement, bank, Origin(f"{thread.name}:{line}", statement.text, statement.span)))


def _head(statement: Assembly) -> Span | None:
    span = statement.span
    return span and Span(span.source, span.start, span.start + len(statement.mnemonic))


def _targets(code: list[Instruction]) -> Iterator[tuple[str, Origin]]:
    for instruction in code:
        if isinstance(instruction, (Jump, Branch)):
            yield instruction.target, instruction.origin


def _check_labels(code: list[Instruction]) -> None:
    labels = [i.name for i in code if isinstance(i, Label)]
    for target, origin in _targets(code):
        if target not in labels:
            raise UnknownNameError(f"unknown label '{target}'", origin.span, hint=did_you_mean(target, labels))
