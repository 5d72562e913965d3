"""Power assembly: what each instruction does. Source: Power ISA v3.1, books I and II (barriers, load-and-reserve)."""

import re
from collections.abc import Callable

from litmus.arch.assembly import Bank, Line, Rule, add, assemble, jump, nothing
from litmus.program.instruction import Assign, Branch, Fence, Instruction, Load, Store, StoreConditional
from litmus.program.program import Thread
from litmus.program.syntax import AsmImmediate, AsmRegister
from litmus.program.term import Apply, Register, Term

_REGISTER = re.compile(r"r([0-9]|[12][0-9]|3[01])|cr[0-7]")
_LINK = frozenset({"X"})
_PLAIN: frozenset[str] = frozenset()


def canonical(name: str) -> str:
    """Return the register's own name. Raises KeyError for what is no register."""
    if not _REGISTER.fullmatch(name):
        raise KeyError(name)
    return name


BANK = Bank(canonical)


def _fields(field: str) -> tuple[str, str]:
    """A condition register field is kept as the two numbers whose comparison set it."""
    return f"%{field}.left", f"%{field}.right"


def _set_field(line: Line, field: str, left: Term, right: Term) -> tuple[Instruction, ...]:
    one, other = _fields(field)
    return Assign(one, left, line.origin), Assign(other, right, line.origin)


def _displacement(line: Line) -> Term:
    memory = line.memory(1)
    offset = next((part.value for part in memory.parts if isinstance(part, AsmImmediate)), 0)
    return add(line.value_of(memory.base.name), offset)


def _indexed(line: Line) -> Term:
    """``rA|0 + rB``: as first of the two, r0 (or a plain 0) stands for the number 0."""
    match line.operand(1):
        case AsmImmediate(0) | AsmRegister("r0"):
            return line.term(2)
    return Apply("+", (line.term(1), line.term(2)))


def _load(address: Callable[[Line], Term], operands: int, narrow: str | None = None, size: int = 0) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(operands)
        target = line.target(0)
        load = Load(target, address(line), _PLAIN, line.origin, size=size)
        return (load, *line.assign(target, Apply(narrow, (line.term(0),)))) if narrow else (load,)

    return rule


def _store(address: Callable[[Line], Term], operands: int, narrow: str | None = None, size: int = 0) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(operands)
        value = Apply(narrow, (line.register(0),)) if narrow else line.register(0)
        return (Store(address(line), value, _PLAIN, line.origin, size=size),)

    return rule


def _store_update(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    address = _displacement(line)
    base = line.target_of(line.memory(1).base.name)
    return Store(address, line.register(0), _PLAIN, line.origin), *line.assign(base, address)


def _load_update(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    base = line.target_of(line.memory(1).base.name)
    return (*line.assign(base, _displacement(line)), Load(line.target(0), Register(base or ""), _PLAIN, line.origin))


def _reserve(line: Line) -> tuple[Instruction, ...]:
    line.expect(3)
    return (Load(line.target(0), _indexed(line), _LINK, line.origin, exclusive=True),)


def _conditional(line: Line) -> tuple[Instruction, ...]:
    """The store tells its success in cr0: 0 equals 0 where it was made."""
    line.expect(3)
    status, zero = _fields("cr0")
    store = StoreConditional(status, _indexed(line), line.register(0), _LINK, line.origin)
    return store, Assign(zero, 0, line.origin)


def _fence(tag: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(0)
        return (Fence(frozenset({tag}), line.origin),)

    return rule


def _operation(operator: str, *, record: bool = False, swapped: bool = False) -> Rule:
    """``op rD,rA,rB`` and ``op rD,rA,immediate``; with ``record`` (a dot) the result is compared with 0 in cr0."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        left, right = line.register(1), line.term(2)
        value = Apply(operator, (right, left) if swapped else (left, right))
        result = line.assign(line.target(0), value)
        return (*result, *_set_field(line, "cr0", line.register(0), 0)) if record else result

    return rule


def _add_immediate(line: Line) -> tuple[Instruction, ...]:
    """``addi rD,rA|0,n``: r0 as rA stands for the number 0."""
    line.expect(3)
    base = 0 if line.operand(1) == AsmRegister("r0") else line.register(1)
    return line.assign(line.target(0), Apply("+", (base, line.immediate(2))))


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    return line.assign(line.target(0), line.term(1))


def _negation(operator: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return line.assign(line.target(0), Apply(operator, (line.term(1),)))

    return rule


def _not_or(line: Line) -> tuple[Instruction, ...]:
    line.expect(3)
    return line.assign(line.target(0), Apply("~", (Apply("|", (line.term(1), line.term(2))),)))


def _compare(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 3)
    field = line.name(0) if len(line.operands) == 3 else "cr0"
    return _set_field(line, field, line.register(-2), line.term(-1))


def _branch(comparison: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1, 2)
        field = line.name(0) if len(line.operands) == 2 else "cr0"
        left, right = _fields(field)
        return (Branch(Apply(comparison, (Register(left), Register(right))), line.symbol(-1), line.origin),)

    return rule


def _table() -> dict[str, Rule]:
    widths = {"bz": ("u8", 1), "hz": ("u16", 2), "ha": ("s16", 2), "wz": (None, 0), "wa": (None, 0), "d": (None, 0)}
    table: dict[str, Rule] = {}
    for suffix, (narrow, size) in widths.items():
        table[f"l{suffix}"] = _load(_displacement, 2, narrow, size)
        table[f"l{suffix}x"] = _load(_indexed, 3, narrow, size)
    for suffix, (narrow, size) in {"b": ("u8", 1), "h": ("u16", 2), "w": (None, 0), "d": (None, 0)}.items():
        table[f"st{suffix}"] = _store(_displacement, 2, narrow, size)
        table[f"st{suffix}x"] = _store(_indexed, 3, narrow, size)
    operations = {"add": "+", "xor": "^", "or": "|", "and": "&", "mullw": "*", "divw": "/", "slw": "<<", "sub": "-"}
    for name, operator in operations.items():
        table[name] = _operation(operator)
        table[f"{name}."] = _operation(operator, record=True)
    table["subf"] = _operation("-", swapped=True)
    table["subf."] = _operation("-", record=True, swapped=True)
    for name, operator in {"xori": "^", "ori": "|", "mulli": "*", "subi": "-", "sraw": ">>", "srawi": ">>"}.items():
        table[name] = _operation(operator)
    for name, comparison in {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
        table[f"b{name}"] = _branch(comparison)
    table |= {"bnl": table["bge"], "bng": table["ble"]}
    return table | {
        "andi.": _operation("&", record=True),
        "addi": _add_immediate,
        "nor": _not_or,
        "li": _move,
        "mr": _move,
        "neg": _negation("neg"),
        "not": _negation("~"),
        "extsw": _negation("s32"),
        "cmpw": _compare,
        "cmpwi": _compare,
        "cmpd": _compare,
        "cmpdi": _compare,
        "b": jump,
        "nop": nothing,
        "sync": _fence("SYNC"),
        "hwsync": _fence("SYNC"),
        "lwsync": _fence("LWSYNC"),
        "eieio": _fence("EIEIO"),
        "isync": _fence("ISYNC"),
        "stwu": _store_update,
        "stdu": _store_update,
        "lwzu": _load_update,
        "ldu": _load_update,
        "lwarx": _reserve,
        "ldarx": _reserve,
        "stwcx.": _conditional,
        "stdcx.": _conditional,
    }


_TABLE = _table()


def compile_thread(thread: Thread) -> tuple[Instruction, ...]:
    """Return the instructions of a thread of Power assembly."""
    return assemble(thread, _TABLE, BANK)
