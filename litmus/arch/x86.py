"""x86 assembly, 32-bit (destination first) and 64-bit (source first): what each instruction does.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volumes 2 and 3 (chapter 8.1.2, bus locking).
"""

import re
from dataclasses import replace

from litmus.arch.assembly import (
    OLD,
    Bank,
    Line,
    Rule,
    add,
    assemble,
    branch_if,
    clipped,
    compare,
    jump,
    nothing,
)
from litmus.arch.flags import ADDED, LEFT, RESULT, RIGHT, SUBTRACTED, Setting, opposite
from litmus.program.instruction import Assign, Branch, Fence, Instruction, Load, ReadModifyWrite, Store
from litmus.program.program import Dialect, Thread
from litmus.program.syntax import AsmImmediate, AsmMemory, AsmRegister, AsmSymbol, Assembly
from litmus.program.term import Address, Apply, Register, Term

_LOCKED = frozenset({"X"})
_BITWISE = frozenset("&|^")
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


def _is_word(name: str) -> bool:
    return name.lower().startswith("e") or name.lower().endswith("d")


BANK = Bank(canonical, _is_word)
BANK_64 = Bank(canonical_64, _is_word)

_SUFFIXED = re.compile(r"(?:lock )?(?:mov|xchg|cmp|test|add|sub|and|or|xor|inc|dec|xadd|cmpxchg|neg|not)([lq])")


def bits(statement: Assembly) -> int:
    """Return the width of an instruction: of its suffix or its register, 32 where it has neither."""
    suffix = _SUFFIXED.fullmatch(statement.mnemonic.lower())
    if suffix:
        return {"l": 32, "q": 64}[suffix[1]]
    names = [operand.name for operand in statement.operands if isinstance(operand, AsmRegister)]
    return 64 if any(not _is_word(name) for name in names) else 32


def _wrapped(line: Line, value: Term) -> Term:
    return clipped(f"s{bits(line.statement)}", value)


def _check_width(line: Line) -> None:
    """Raise where a register is not as wide as the instruction."""
    for operand in line.operands:
        if isinstance(operand, AsmRegister) and _is_word(operand.name) != (bits(line.statement) == 32):
            raise line.unsupported("'{}' has a register of another width")


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
            return (_load(line, scratch, memory),), Register(scratch)
        case AsmSymbol(name):  # `MOV EAX,x` in the 32-bit dialect: the address of x
            return (), Address(name)
        case AsmImmediate(value):
            return (), _wrapped(line, value)
    return (), line.term(index)


def _load(line: Line, target: str | None, memory: AsmMemory) -> Instruction:
    return Load(target, _address(line, memory), _PLAIN, line.origin, size=bits(line.statement) // 8)


def _write(line: Line, index: int, value: Term) -> tuple[Instruction, ...]:
    match line.operand(index):
        case AsmMemory() as memory:
            return (Store(_address(line, memory), value, _PLAIN, line.origin, size=bits(line.statement) // 8),)
    return line.put(index, value)


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    match line.operand(0), line.operand(1):
        case AsmRegister(), AsmMemory() as memory:
            return _load(line, line.target(0), memory), *line.loaded(0)
        case AsmMemory(), AsmMemory():
            raise line.error("at most one operand can be in memory")
    return _write(line, 0, _value(line, 1, OLD)[1])


def _exchange(line: Line) -> tuple[Instruction, ...]:
    """``XCHG`` with memory is locked, with or without the prefix."""
    line.expect(2)
    match line.operand(0), line.operand(1):
        case AsmMemory() as memory, AsmRegister():
            return _locked_change(line, memory, line.term(1)), *line.put(1, Register(OLD))
        case AsmRegister(), AsmMemory() as memory:
            return _locked_change(line, memory, line.term(0)), *line.put(0, Register(OLD))
    first, second = line.term(0), line.term(1)
    return Assign(OLD, first, line.origin), *line.put(0, second), *line.put(1, Register(OLD))


def _locked_change(line: Line, memory: AsmMemory, new: Term, condition: Term | None = None) -> Instruction:
    return ReadModifyWrite(
        Register(OLD),
        _address(line, memory),
        new,
        _LOCKED,
        _LOCKED,
        line.origin,
        condition=condition,
        failed_tags=_LOCKED if condition is not None else frozenset(),
        size=bits(line.statement) // 8,
    )


def _flags(line: Line, operator: str, operand: Term) -> tuple[Instruction, ...]:
    """Set the flags from what was read and the operand, or where bits were combined from the result alone."""
    if operator in _BITWISE:
        return compare(line, Apply(operator, (Register(OLD), operand)), 0)
    return compare(line, Register(OLD), operand)


def _arithmetic(operator: str) -> Rule:
    """``ADD dst,src`` and, with one operand, ``INC dst``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1, 2)
        before, operand = _value(line, 1, RIGHT) if len(line.operands) == 2 else ((), 1)
        read, old = _value(line, 0, OLD)
        kept = read or (Assign(OLD, old, line.origin),)
        flags, right = _flags(line, operator, operand), operand
        if operator not in _BITWISE:
            right = Register(RIGHT)  # the operand may be the register that is about to change
        value = Register(LEFT) if operator in _BITWISE else _wrapped(line, Apply(operator, (Register(LEFT), right)))
        return *before, *kept, *flags, *_write(line, 0, value)

    return rule


def _locked(operator: str) -> Rule:
    """``LOCK ADD [x],src`` and, with one operand, ``LOCK INC [x]``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1, 2)
        operand = line.term(1) if len(line.operands) == 2 else 1
        return _changed(line, operator, _wrapped(line, operand) if isinstance(operand, int) else operand)

    return rule


def _changed(line: Line, operator: str, operand: Term) -> tuple[Instruction, ...]:
    value = Apply(operator, (Register(OLD), operand))
    new = value if operator in _BITWISE else _wrapped(line, value)
    return _locked_change(line, line.memory(0), new), *_flags(line, operator, operand)


def _exchange_add(line: Line) -> tuple[Instruction, ...]:
    """``LOCK XADD [x],reg``: the register receives what was in memory."""
    line.expect(2)
    return *_changed(line, "+", line.register(1)), *line.put(1, Register(OLD))


def _compare_exchange(line: Line) -> tuple[Instruction, ...]:
    """``LOCK CMPXCHG [x],reg``: compares with eax. Where they differ memory keeps its value and eax receives it.

    The accumulator is written only then: that clears the upper half of a 64-bit register, and a match leaves it.
    """
    line.expect(2)
    name = "rax" if bits(line.statement) == 64 else "eax"
    accumulator, old = line.value_of(name), Register(OLD)
    change = _locked_change(line, line.memory(0), line.register(1), Apply("==", (old, accumulator)))
    found: Term = clipped("u32", old) if line.extends(name) else old
    if line.extends(name):
        whole = Register(line.target_of(name) or "")
        found = Apply("ite", (Apply("==", (Register(LEFT), Register(RIGHT))), whole, found))
    return change, *compare(line, accumulator, old), *line.assign(line.target_of(name), found)


def _compare(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    (read, left), (more, right) = _value(line, 0, LEFT), _value(line, 1, RIGHT)
    return *read, *more, *compare(line, left, right)


def _test(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    (read, left), (more, right) = _value(line, 0, LEFT), _value(line, 1, RIGHT)
    return *read, *more, *compare(line, Apply("&", (left, right)), 0)


def _complement(line: Line) -> tuple[Instruction, ...]:
    """``NOT`` leaves the flags alone."""
    line.expect(1)
    read, old = _value(line, 0, OLD)
    return *read, *_write(line, 0, Apply("~", (old,)))


def _negate(line: Line) -> tuple[Instruction, ...]:
    """``NEG`` subtracts from 0."""
    line.expect(1)
    read, old = _value(line, 0, OLD)
    return *read, *compare(line, 0, old), *_write(line, 0, _wrapped(line, Apply("neg", (Register(RIGHT),))))


def _fence(tag: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(0)
        return (Fence(frozenset({tag}), line.origin),)

    return rule


_OPERATIONS = {"add": "+", "sub": "-", "and": "&", "or": "|", "xor": "^", "inc": "+", "dec": "-"}
_CONDITIONS = {"e": "EQ", "z": "EQ", "ne": "NE", "nz": "NE", "l": "LT", "nge": "LT", "ge": "GE", "nl": "GE"}
_CONDITIONS |= {"le": "LE", "ng": "LE", "g": "GT", "nle": "GT", "s": "MI", "ns": "PL", "o": "VS", "no": "VC"}
_CARRIES = {"b": "CC", "nae": "CC", "c": "CC", "ae": "CS", "nb": "CS", "nc": "CS", "be": "LS", "na": "LS"}
_CARRIES |= {"a": "HI", "nbe": "HI"}
_SETTINGS = {"cmp": SUBTRACTED, "sub": SUBTRACTED, "neg": SUBTRACTED, "cmpxchg": SUBTRACTED, "dec": SUBTRACTED}
_SETTINGS |= {"add": ADDED, "inc": ADDED, "xadd": ADDED, "and": RESULT, "or": RESULT, "xor": RESULT, "test": RESULT}


def sets_flags(statement: Assembly) -> Setting | None:
    """Return how an instruction sets the flags, None where it does not."""
    name = statement.mnemonic.lower().removeprefix("lock ")
    if name not in _SETTINGS and name[-1:] in ("l", "q"):
        name = name[:-1]
    mode = _SETTINGS.get(name)
    return Setting(mode, bits(statement), carry=name not in ("inc", "dec")) if mode else None


def _branch_on_carry(name: str) -> Rule:
    """A branch that looks at the carry, which after a subtraction is the opposite of AArch64's."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1)
        return (Branch(_carry(line, name), line.symbol(0), line.origin),)

    return rule


def _carry(line: Line, name: str) -> Term:
    if all(setting is not None and setting.mode == SUBTRACTED for setting in line.flags):
        return line.condition(name)
    carry, zero = line.condition("CS"), line.condition("EQ")
    match name:
        case "CC":
            return carry
        case "CS":
            return opposite(carry)
        case "LS":
            return Apply("||", (carry, zero))
    return opposite(Apply("||", (carry, zero)))


def _of_one_width(rule: Rule) -> Rule:
    def checked(line: Line) -> tuple[Instruction, ...]:
        _check_width(line)
        return rule(line)

    return checked


def _table() -> dict[str, Rule]:
    table: dict[str, Rule] = {"mov": _move, "xchg": _exchange, "lock xchg": _exchange, "cmp": _compare, "test": _test}
    for name, operator in _OPERATIONS.items():
        table[name] = _arithmetic(operator)
        table[f"lock {name}"] = _locked(operator)
    table |= {"lock xadd": _exchange_add, "lock cmpxchg": _compare_exchange, "neg": _negate, "not": _complement}
    table = {name: _of_one_width(rule) for name, rule in table.items()} | {"jmp": jump, "nop": nothing}
    table |= {f"j{name}": branch_if(condition) for name, condition in _CONDITIONS.items()}
    table |= {f"j{name}": _branch_on_carry(condition) for name, condition in _CARRIES.items()}
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
        return assemble(thread, _TABLE_64, BANK_64, sets_flags)
    return assemble(thread, _TABLE, BANK, sets_flags)
