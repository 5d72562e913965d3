"""What the assembly dialects share: reading operands, and turning a thread's lines into instructions.

A dialect is a table from mnemonic to a rule, and each rule one short function from a line to its instructions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TypeAlias

from litmus.arch.final import convert_finals, without_idle
from litmus.arch.flags import CARRY, LEFT, RIGHT, Setting, Settings, condition, reaching
from litmus.arch.offset import with_labels
from litmus.dataclass import dataclass
from litmus.errors import LitmusError, ParseError, UnknownNameError, UnsupportedError, did_you_mean
from litmus.program.instruction import Assign, Branch, Instruction, Jump, Label, Origin
from litmus.program.program import Thread
from litmus.program.syntax import AsmImmediate, AsmMemory, AsmRegister, AsmSymbol, Assembly, AssemblyOperand, Statement
from litmus.program.term import Address, Apply, Register, Term, wrap
from litmus.program.types import INT
from litmus.source import Span

Rule: TypeAlias = "Callable[[Line], tuple[Instruction, ...]]"

Combine: TypeAlias = Callable[[Term, Term], Term]
"""From what an atomic operation read and its operand to what it writes."""

OLD = "%old"
"""Where an atomic operation keeps what it read, until its own destination is written."""


@dataclass(frozen=True, slots=True)
class Bank:
    """The registers of a dialect. ``canonical`` gives one name to all that name the same register, None for the one
    that is always zero, and raises KeyError for what is no register. ``is_word`` tells the names of the low 32 bits.

    A register holds a number in the signed range of its width: of 32 bits where the thread knows it by its word names
    only, else of 64. Addresses are what they are in either.
    """

    canonical: Callable[[str], str | None]
    is_word: Callable[[str], bool] = lambda _: False
    implied: Callable[[Assembly], Iterable[str]] = lambda _: ()
    """The registers, by name, that an instruction uses without naming them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction with what is needed to read its operands."""

    statement: Assembly
    bank: Bank
    origin: Origin
    wide: frozenset[str] = frozenset()
    """The registers that hold 64 bits in this thread."""
    flags: Settings = frozenset()
    """What may have set the flags last."""

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
        """Return the value of a register by its name as written, in the signed range of what is named."""
        known = self.target_of(name)
        if known is None:
            return 0
        return Apply("s32", (Register(known),)) if self.extends(name) else Register(known)

    def extends(self, name: str) -> bool:
        """Whether the name is of the low 32 bits of a register that holds 64: writing them clears the others."""
        return self.bank.is_word(name) and self.target_of(name) in self.wide

    def put(self, index: int, value: Term) -> tuple[Instruction, ...]:
        """Return the assignment to a register operand of a value in the signed range of what is named."""
        name = self.name(index)
        return self.assign(self.target_of(name), clipped("u32", value) if self.extends(name) else value)

    def pick(self, index: int, condition: Term, first: Term, second: Term) -> tuple[Instruction, ...]:
        """Return the assignment to a register operand of one of two values, which the condition only picks."""
        target = self.target(index)
        if isinstance(condition, int) or target is None:
            return self.put(index, first if condition else second)
        values = (clipped("u32", value) if self.extends(self.name(index)) else value for value in (first, second))
        return (Assign(target, Apply("ite", (condition, *values)), self.origin, picks=True),)

    def loaded(self, index: int, conversion: str | None = None) -> tuple[Instruction, ...]:
        """Return what makes of the value just loaded into a register operand one in the range of what is named."""
        target = self.target(index)
        if target is None or (conversion is None and not self.extends(self.name(index))):
            return ()
        return self.put(index, clipped(conversion, Register(target)) if conversion else Register(target))

    def condition(self, name: str) -> Term:
        """Return the truth of a condition, named as on AArch64, of the flags.

        Raises:
            UnsupportedError: where the flags were not set before, or were set in more than one way.
        """
        if len(self.flags) != 1:
            raise self.unsupported("the flags that '{}' looks at were set in different ways before it")
        (setting,) = self.flags
        if setting is None:
            raise self.unsupported("nothing has set the flags that '{}' looks at")
        if name in CARRY and not setting.carry:
            raise self.unsupported("the carry that '{}' looks at is older than the other flags")
        if setting.shows is not None and name not in setting.shows:
            raise self.unsupported("'{}' looks at a flag that the instruction before leaves undefined or as it was")
        return condition(name, setting)

    def unsupported(self, message: str) -> LitmusError:
        """Return the error of what is understood but not modelled; ``{}`` in the message is the mnemonic."""
        return UnsupportedError(message.format(self.statement.mnemonic), self.statement.span)

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


def clipped(conversion: str, value: Term) -> Term:
    """Return ``value`` after one of the conversions ``s8 u8 ... s64 u64``, done at once on a number."""
    if isinstance(value, int):
        return wrap(value, int(conversion[1:]), conversion[0] == "s")
    return value if isinstance(value, Address) else Apply(conversion, (value,))


def compare(line: Line, left: Term, right: Term) -> tuple[Instruction, ...]:
    """Return the instructions that set the flags from two numbers."""
    return Assign(LEFT, left, line.origin), Assign(RIGHT, right, line.origin)


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


def branch_if(name: str) -> Rule:
    """Return the rule of a branch on a condition of the flags, with its label as only operand."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1)
        return (Branch(line.condition(name), line.symbol(0), line.origin),)

    return rule


def jump(line: Line) -> tuple[Instruction, ...]:
    """``b label``."""
    line.expect(1)
    return (Jump(line.symbol(0), line.origin),)


END = ". end"
"""Labels the end of a thread."""


def leave(line: Line) -> tuple[Instruction, ...]:
    """``ret`` where nothing has called: the thread ends."""
    line.expect(0)
    return (Jump(END, line.origin),)


def nothing(line: Line) -> tuple[Instruction, ...]:
    """``nop``."""
    line.expect(0)
    return ()


def always_jumps(statement: Assembly) -> bool:
    """Whether nothing falls through a statement."""
    return statement.mnemonic.lower() in ("b", "b.al", "j", "jmp", "ret", "retq", "blr")


def assemble(
    thread: Thread,
    table: Mapping[str, Rule],
    bank: Bank,
    sets: Callable[[Assembly], Setting | None] = lambda _: None,
) -> tuple[Instruction, ...]:
    """Return the instructions of a thread. ``sets`` tells how a statement sets the flags.

    Raises:
        UnknownNameError: for a mnemonic that ``table`` does not have or a label that the thread does not.
        ParseError: for an operand that the mnemonic does not take.
        UnsupportedError: for what cannot be said exactly.
    """
    body = with_labels([statement for statement in thread.body if isinstance(statement, Assembly)])
    wide = _wide(thread, body, bank)
    code: list[Instruction] = list(_in_range(thread))
    for statement, flags in zip(body, reaching(body, sets, always_jumps), strict=False):
        if statement.label is not None:
            code.append(Label(statement.label))
        if statement.mnemonic:
            line = Line(statement, bank, origin_of(statement, thread), wide, flags)
            code += _rule(statement, table)(line)
    if any(target == END for target, _ in _targets(code)):
        code.append(Label(END))
    _check_labels(code)
    return (*without_idle(thread, code), *convert_finals(thread, code, wide))


def _in_range(thread: Thread) -> Iterator[Instruction]:
    """Yield what brings the numbers that registers are given into the signed range of 64 bits."""
    for name, value in thread.registers.items():
        if isinstance(value, int) and wrap(value, 64, True) != value:
            yield Assign(name, wrap(value, 64, True), Origin(thread.name, "", thread.span))


def origin_of(statement: Statement, thread: Thread) -> Origin:
    """Return where the instructions of a statement come from."""
    line = statement.span.line if statement.span else 0
    return Origin(f"{thread.name}:{line}", statement.text, statement.span)


def _rule(statement: Assembly, table: Mapping[str, Rule]) -> Rule:
    rule = table.get(statement.mnemonic.lower())
    if rule is None:
        known = [name.upper() for name in table] if statement.mnemonic.isupper() else table
        hint = did_you_mean(statement.mnemonic, known)
        raise UnknownNameError(f"unknown instruction '{statement.mnemonic}'", _head(statement), hint=hint)
    return rule


def register_names(statement: Assembly) -> Iterator[str]:
    """Yield the registers that a statement names, as written."""
    for operand in statement.operands:
        parts = (operand.base, *operand.parts) if isinstance(operand, AsmMemory) else (operand,)
        yield from (part.name for part in parts if isinstance(part, AsmRegister))


def _wide(thread: Thread, body: Iterable[Assembly], bank: Bank) -> frozenset[str]:
    """Return the registers that hold 64 bits: known by a name of all of them, or given more than 32 at the start."""
    long = {name for name, declared in thread.types.items() if declared.size > INT.size}
    big = {
        name
        for name, value in thread.registers.items()
        if isinstance(value, int) and (wrap(value, 32, True) != value or (value < 0 and name in long))
    }
    for statement in body:
        for name in (*register_names(statement), *bank.implied(statement)):
            with suppress(KeyError):  # a register that there is none of is an error where it is used
                known = bank.canonical(name)
                if known is not None and not bank.is_word(name):
                    big.add(known)
    return frozenset(big)


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
