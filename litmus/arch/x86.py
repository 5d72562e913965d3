"""x86 assembly, 32-bit (destination first) and 64-bit (source first): what each instruction does.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volumes 2 and 3 (chapter 8.1.2, bus locking).
"""

import re
from dataclasses import replace

from litmus.arch.assembly import (
    LEFT,
    OLD,
    RIGHT,
    Bank,
    Combine,
    Line,
    Rule,
    add,
    assemble,
    branch_if,
    compare,
    flag,
    jump,
    nothing,
    operation,
    swap,
    unsigned_flag,
)
from litmus.program.instruction import Assign, Fence, Instruction, Load, ReadModifyWrite, Store
from litmus.program.program import Dialect, Thread
from litmus.program.syntax import AsmMemory, AsmRegister, AsmSymbol
from litmus.program.term import Address, Apply, Register, Term

_LOCKED = frozenset({"X"})
_PLAIN: frozenset[str] = frozenset()
_WIDE = re.compile(r"e([a-d]x|[sd]i|[sb]p)")
_WIDE_64 = re.compile(r"[re]([a-d]x|[sd]i|[sb]p)|(r(?:8|9|1[0-5]))d?")


def canonical(name: str) -> str:
    """Return a 32-bit register's name in capitals. Raises KeyError for what is none, and for 8 and 16-bit parts."""
    if not _WIDE.fullmatch(name.lower()):
        raise KeyError(name)
    return name.upper()


def canonical_64(name: str) -> str:
    """Return ``rax`` for ``RAX`` and ``eax``. Raises KeyError for what is no register, and for 8 and 16-bit parts."""
    known = _WIDE_64.fullmatch(name.lower())
    if known is None:
        raise KeyError(name)
    return known[2] or f"r{known[1]}"


BANK = Bank(canonical)
BANK_64 = Bank(canonical_64)


def _address(line: Line, memory: AsmMemory) -> Term:
    match memory.base:
        case AsmSymbol(name):
            base: Term = Address(name)
        case AsmRegister(name):
            base = line.value_of(name)
    for part in memory.parts:
        base = add(base, line.value_of(part.name) if isinstance(part, AsmRegister) else _number(line, part))
    return base


def _number(line: Line, part: object) -> int:
    value = getattr(part, "value", None)
    if value is None:
        raise line.error("an address is made of registers and numbers")
    return int(value)


def _value(line: Line, index: int, scratch: str) -> tuple[tuple[Instruction, ...], Term]:
    """Return what reads a source operand, and its value."""
    match line.operand(index):
        case AsmMemory() as memory:
            return (Load(scratch, _address(line, memory), _PLAIN, line.origin),), Register(scratch)
        case AsmSymbol(name):  # `MOV EAX,x` in the 32-bit dialect: the address of x
            return (), Address(name)
    return (), line.term(index)


def _write(line: Line, index: int, value: Term) -> tuple[Instruction, ...]:
    match line.operand(index):
        case AsmMemory() as memory:
            return (Store(_address(line, memory), value, _PLAIN, line.origin),)
    return line.assign(line.target(index), value)


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    match line.operand(0), line.operand(1):
        case AsmRegister(), AsmMemory() as memory:
            return (Load(line.target(0), _address(line, memory), _PLAIN, line.origin),)
        case AsmMemory(), AsmMemory():
            raise line.error("at most one operand can be in memory")
    return _write(line, 0, _value(line, 1, OLD)[1])


def _exchange(line: Line) -> tuple[Instruction, ...]:
    """``XCHG`` with memory is locked, with or without the prefix."""
    line.expect(2)
    match line.operand(0), line.operand(1):
        case AsmMemory() as memory, AsmRegister():
            return _locked_change(line, memory, swap, line.term(1), line.target(1))
        case AsmRegister(), AsmMemory() as memory:
            return _locked_change(line, memory, swap, line.term(0), line.target(0))
    first, second = line.term(0), line.term(1)
    kept = Assign(OLD, first, line.origin)
    return kept, *line.assign(line.target(0), second), *line.assign(line.target(1), Register(OLD))


def _locked_change(
    line: Line, memory: AsmMemory, combine: Combine, operand: Term, result: str | None
) -> tuple[Instruction, ...]:
    old = Register(OLD)
    new = combine(old, operand)
    change = ReadModifyWrite(old, _address(line, memory), new, _LOCKED, _LOCKED, line.origin)
    return (change, *line.assign(result, old))


def _arithmetic(combine: Combine) -> Rule:
    """``ADD dst,src`` and, with one operand, ``INC dst``: sets the flags from the result."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1, 2)
        before, operand = _value(line, 1, RIGHT) if len(line.operands) == 2 else ((), 1)
        read, old = _value(line, 0, OLD)
        value = combine(old, operand)
        result = (Assign(LEFT, value, line.origin), Assign(RIGHT, 0, line.origin))
        return *before, *read, *result[:1], *_write(line, 0, Register(LEFT)), result[1]

    return rule


def _locked(combine: Combine) -> Rule:
    """``LOCK ADD [x],src`` and, with one operand, ``LOCK INC [x]``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1, 2)
        operand = line.term(1) if len(line.operands) == 2 else 1
        change = _locked_change(line, line.memory(0), combine, operand, None)
        return *change, *compare(line, combine(Register(OLD), operand), 0)

    return rule


def _exchange_add(line: Line) -> tuple[Instruction, ...]:
    """``LOCK XADD [x],reg``: the register receives what was in memory."""
    line.expect(2)
    flags = compare(line, Apply("+", (Register(OLD), line.term(1))), 0)
    change, *result = _locked_change(line, line.memory(0), operation("+"), line.term(1), line.target(1))
    return change, *flags, *result


def _compare_exchange(line: Line) -> tuple[Instruction, ...]:
    """``LOCK CMPXCHG [x],reg``: compares with eax. Where they differ memory keeps its value and eax receives it."""
    line.expect(2)
    accumulator, old = line.target_of("eax"), Register(OLD)
    assert accumulator is not None
    equal = Apply("==", (old, Register(accumulator)))
    address, new = _address(line, line.memory(0)), line.term(1)
    change = ReadModifyWrite(old, address, new, _LOCKED, _LOCKED, line.origin, condition=equal, failed_tags=_LOCKED)
    return change, *compare(line, Register(accumulator), old), Assign(accumulator, old, line.origin)


def _compare(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    (read, left), (more, right) = _value(line, 0, LEFT), _value(line, 1, RIGHT)
    return *read, *more, *compare(line, left, right)


def _test(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    (read, left), (more, right) = _value(line, 0, LEFT), _value(line, 1, RIGHT)
    return *read, *more, *compare(line, Apply("&", (left, right)), 0)


def _unary(operator: str) -> Rule:
    """``NEG``, ``NOT``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1)
        read, old = _value(line, 0, OLD)
        return *read, *_write(line, 0, Apply(operator, (old,)))

    return rule


def _fence(tag: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(0)
        return (Fence(frozenset({tag}), line.origin),)

    return rule


_OPERATIONS = {"add": "+", "sub": "-", "and": "&", "or": "|", "xor": "^", "inc": "+", "dec": "-"}
_SIGNED = {
    "e": "==",
    "z": "==",
    "ne": "!=",
    "nz": "!=",
    "l": "<",
    "nge": "<",
    "le": "<=",
    "ng": "<=",
    "g": ">",
    "nle": ">",
}
_SIGNED |= {"ge": ">=", "nl": ">=", "s": "<", "ns": ">="}
_UNSIGNED = {
    "b": "<",
    "nae": "<",
    "c": "<",
    "ae": ">=",
    "nb": ">=",
    "nc": ">=",
    "be": "<=",
    "na": "<=",
    "a": ">",
    "nbe": ">",
}


def _table() -> dict[str, Rule]:
    table: dict[str, Rule] = {"mov": _move, "xchg": _exchange, "lock xchg": _exchange, "cmp": _compare, "test": _test}
    for name, operator in _OPERATIONS.items():
        table[name] = _arithmetic(operation(operator))
        table[f"lock {name}"] = _locked(operation(operator))
    table |= {f"j{name}": branch_if(flag(comparison)) for name, comparison in _SIGNED.items()}
    table |= {f"j{name}": branch_if(unsigned_flag(comparison)) for name, comparison in _UNSIGNED.items()}
    table |= {"lock xadd": _exchange_add, "lock cmpxchg": _compare_exchange, "jmp": jump, "nop": nothing}
    table |= {"neg": _unary("neg"), "not": _unary("~")}
    return table | {name: _fence(name.upper()) for name in ("mfence", "sfence", "lfence")}


def _source_first(rule: Rule) -> Rule:
    """Return ``rule`` for the other order of operands."""

    def reversed_rule(line: Line) -> tuple[Instruction, ...]:
        statement = line.statement
        turned = replace(statement, operands=tuple(reversed(statement.operands)))
        return rule(replace(line, statement=turned))

    return reversed_rule


def _table_64() -> dict[str, Rule]:
    """The 64-bit dialect: the same with operands turned round, and size suffixes."""
    table = {name: _source_first(rule) for name, rule in _TABLE.items()}
    sized = {f"{name}{size}": rule for name, rule in table.items() if not name.startswith("j") for size in "lq"}
    return sized | table


_TABLE = _table()
_TABLE_64 = _table_64()


def compile_thread(thread: Thread, dialect: Dialect = Dialect.X86) -> tuple[Instruction, ...]:
    """Return the instructions of a thread of x86 assembly."""
    if dialect is Dialect.X86_64:
        return assemble(thread, _TABLE_64, BANK_64)
    return assemble(thread, _TABLE, BANK)
