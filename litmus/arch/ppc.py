"""Power assembly: what each instruction does. Source: Power ISA v3.1, books I and II (barriers, load-and-reserve)."""

import re
from collections.abc import Callable, Sequence

from litmus.arch.assembly import Bank, Line, Rule, add, assemble, clipped, jump, nothing
from litmus.errors import UnsupportedError
from litmus.program.instruction import Assign, Branch, Fence, Instruction, Load, Store, StoreConditional
from litmus.program.program import Thread
from litmus.program.syntax import AsmImmediate, AsmRegister, Assembly
from litmus.program.term import Apply, Register, Term, wrap

_REGISTER = re.compile(r"r([0-9]|[12][0-9]|3[01])|cr[0-7]")
_WORD = 4
_LINK = frozenset({"X"})
_PLAIN: frozenset[str] = frozenset()


def canonical(name: str) -> str:
    """Return the register's own name. Raises KeyError for what is no register."""
    if not _REGISTER.fullmatch(name):
        raise KeyError(name)
    return name


BANK = Bank(canonical)
WORDS = Bank(canonical, lambda _: True)
"""The registers of a thread in which nothing looks at an upper half: they hold 32 bits."""


def _bits(line: Line) -> int:
    return 32 if line.bank is WORDS else 64


def _word(line: Line, value: Term, conversion: str = "s32") -> Term:
    """Return the low 32 bits of a value, which are all there is where registers hold words."""
    return value if line.bank is WORDS and not isinstance(value, int) else clipped(conversion, value)


def _wrapped(line: Line, value: Term) -> Term:
    return clipped(f"s{_bits(line)}", value)


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


def _loaded(line: Line, narrow: str | None, size: int) -> tuple[Instruction, ...]:
    """``lwz`` clears the upper half, which memory's signed words do not say."""
    if size == _WORD and narrow is None:
        return ()
    return () if size == _WORD and line.bank is WORDS else line.loaded(0, narrow)


def _load(address: Callable[[Line], Term], operands: int, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(operands)
        load = Load(line.target(0), address(line), _PLAIN, line.origin, size=size)
        return load, *_loaded(line, narrow, size)

    return rule


def _stored(line: Line, narrow: str | None) -> Term:
    value = line.register(0)
    return _word(line, value) if narrow == "s32" else clipped(narrow, value) if narrow else value


def _store(address: Callable[[Line], Term], operands: int, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(operands)
        return (Store(address(line), _stored(line, narrow), _PLAIN, line.origin, size=size),)

    return rule


def _store_update(narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        address = _displacement(line)
        base = line.target_of(line.memory(1).base.name)
        return Store(address, _stored(line, narrow), _PLAIN, line.origin, size), *line.assign(base, address)

    return rule


def _load_update(narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        base = line.target_of(line.memory(1).base.name)
        load = Load(line.target(0), Register(base or ""), _PLAIN, line.origin, size=size)
        return *line.assign(base, _displacement(line)), load, *_loaded(line, narrow, size)

    return rule


def _reserve(narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        load = Load(line.target(0), _indexed(line), _LINK, line.origin, True, size)
        return load, *_loaded(line, narrow, size)

    return rule


def _conditional(narrow: str | None, size: int) -> Rule:
    """The store tells its success in cr0: 0 equals 0 where it was made."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        status, zero = _fields("cr0")
        store = StoreConditional(status, _indexed(line), _stored(line, narrow), _LINK, line.origin, size=size)
        return store, Assign(zero, 0, line.origin)

    return rule


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
        value: Term = Apply(operator, (right, left) if swapped else (left, right))
        value = value if operator in "&|^" else _wrapped(line, value)
        result = line.assign(line.target(0), value)
        return (*result, *_set_field(line, "cr0", line.register(0), 0)) if record else result

    return rule


def _add_immediate(line: Line) -> tuple[Instruction, ...]:
    """``addi rD,rA|0,n``: r0 as rA stands for the number 0."""
    line.expect(3)
    base = 0 if line.operand(1) == AsmRegister("r0") else line.register(1)
    return line.assign(line.target(0), _wrapped(line, Apply("+", (base, line.immediate(2)))))


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    value = line.term(1)
    return line.assign(line.target(0), _wrapped(line, value) if isinstance(value, int) else value)


def _negation(operator: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return line.assign(line.target(0), _wrapped(line, Apply(operator, (line.term(1),))))

    return rule


def _on_words(operator: str) -> Rule:
    """``mullw``, ``divw``, ``sraw``: of the low words of the operands."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        operands = _word(line, line.register(1)), _word(line, line.term(2))
        value = Apply(operator, operands)
        return line.assign(line.target(0), value if operator == ">>" else _wrapped(line, value))

    return rule


def _shift_left(line: Line) -> tuple[Instruction, ...]:
    """``slw``: six bits of the amount count, and by 32 or more nothing is left."""
    line.expect(3)
    amount = line.register(2)
    shifted = _wrapped(line, clipped("u32", Apply("<<", (line.register(1), Apply("&", (amount, 31))))))
    return line.assign(line.target(0), Apply("ite", (Apply("&", (amount, 32)), 0, shifted)))


def _not_or(line: Line) -> tuple[Instruction, ...]:
    line.expect(3)
    return line.assign(line.target(0), Apply("~", (Apply("|", (line.term(1), line.term(2))),)))


def _compare(bits: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2, 3)
        field = line.name(0) if len(line.operands) == 3 else "cr0"
        left, right = line.register(-2), line.term(-1)
        if bits == 32:
            left, right = _word(line, left), _word(line, right)
        return _set_field(line, field, left, right)

    return rule


def _branch(comparison: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1, 2)
        field = line.name(0) if len(line.operands) == 2 else "cr0"
        left, right = _fields(field)
        return (Branch(Apply(comparison, (Register(left), Register(right))), line.symbol(-1), line.origin),)

    return rule


def _table() -> dict[str, Rule]:
    widths = {"bz": ("u8", 1), "hz": ("u16", 2), "ha": ("s16", 2), "wz": ("u32", 4), "wa": (None, 4), "d": (None, 8)}
    table: dict[str, Rule] = {}
    for suffix, (narrow, size) in widths.items():
        table[f"l{suffix}"] = _load(_displacement, 2, narrow, size)
        table[f"l{suffix}x"] = _load(_indexed, 3, narrow, size)
    for suffix, (narrow, size) in {"b": ("u8", 1), "h": ("u16", 2), "w": ("s32", 4), "d": (None, 8)}.items():
        table[f"st{suffix}"] = _store(_displacement, 2, narrow, size)
        table[f"st{suffix}x"] = _store(_indexed, 3, narrow, size)
    for name, operator in {"add": "+", "xor": "^", "or": "|", "and": "&", "sub": "-"}.items():
        table[name] = _operation(operator)
        table[f"{name}."] = _operation(operator, record=True)
    table |= {"mullw": _on_words("*"), "divw": _on_words("/"), "sraw": _on_words(">>"), "srawi": _on_words(">>")}
    table |= {"slw": _shift_left, "subf": _operation("-", swapped=True)}
    table["subf."] = _operation("-", record=True, swapped=True)
    for name, operator in {"xori": "^", "ori": "|", "mulli": "*", "subi": "-"}.items():
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
        "cmpw": _compare(32),
        "cmpwi": _compare(32),
        "cmpd": _compare(64),
        "cmpdi": _compare(64),
        "b": jump,
        "nop": nothing,
        "sync": _fence("SYNC"),
        "hwsync": _fence("SYNC"),
        "lwsync": _fence("LWSYNC"),
        "eieio": _fence("EIEIO"),
        "isync": _fence("ISYNC"),
        "stwu": _store_update("s32", 4),
        "stdu": _store_update(None, 8),
        "lwzu": _load_update("u32", 4),
        "ldu": _load_update(None, 8),
        "lwarx": _reserve("u32", 4),
        "ldarx": _reserve(None, 8),
        "stwcx.": _conditional("s32", 4),
        "stdcx.": _conditional(None, 8),
    }


_TABLE = _table()


_RECORDING = frozenset(name for name in _TABLE if name.endswith("."))
_INDEXED = frozenset(name for name in _TABLE if name.endswith("x") and name[0] in "ls")
_DOUBLE = frozenset({"cmpd", "cmpdi", "ld", "ldu", "std", "stdu"})
_CONDITIONAL = frozenset({"stwcx.", "stdcx."})
_ORDERS = frozenset({"blt", "ble", "bgt", "bge", "bnl", "bng"})


def _sets(statement: Assembly) -> str | None:
    """Return the condition field that an instruction sets."""
    name = statement.mnemonic.lower()
    if name.startswith("cmp"):
        match statement.operands:
            case (AsmRegister(field), _, _):
                return field
        return "cr0"
    return "cr0" if name in _RECORDING else None


def _check_fields(body: Sequence[Assembly]) -> None:
    """Raise for a branch on a field that nothing sets, or that asks more of a store's success than whether."""
    known = {_sets(statement) for statement in body}
    conditional = any(statement.mnemonic.lower() in _CONDITIONAL for statement in body)
    for statement in body:
        name, fields = statement.mnemonic.lower(), [o.name for o in statement.operands if isinstance(o, AsmRegister)]
        if name in _ORDERS | {"beq", "bne"}:
            field = fields[0] if len(statement.operands) > 1 and fields else "cr0"
            if field not in known:
                raise UnsupportedError(f"nothing sets the field {field} that '{name}' looks at", statement.span)
            if conditional and field == "cr0" and name in _ORDERS:
                raise UnsupportedError(f"'{name}' in a thread that sets cr0 by a store-conditional", statement.span)


def compile_thread(thread: Thread) -> tuple[Instruction, ...]:
    """Return the instructions of a thread of Power assembly.

    The upper half of registers is modelled where something can tell what is in it: 64-bit accesses and comparisons,
    comparisons of results with 0, indexed addresses, and registers that are declared to have or are given 64 bits.
    """
    body = [statement for statement in thread.body if isinstance(statement, Assembly)]
    _check_fields(body)
    looks = (_RECORDING - {"stwcx."}) | (_INDEXED - {"lwarx"}) | _DOUBLE
    double = any(statement.mnemonic.lower() in looks for statement in body)
    double = double or any(declared.size > _WORD for declared in thread.types.values())
    double = double or any(wrap(value, 32, True) != value for value in thread.registers.values())
    return assemble(thread, _TABLE, BANK if double else WORDS)
