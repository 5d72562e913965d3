"""Power assembly: what each instruction does. Source: Power ISA v3.1, books I and II (barriers, load-and-reserve)."""

from collections.abc import Callable, Sequence

from litmus.arch.assembly import Line, Rule, add, assemble, clipped, jump, leave, nothing
from litmus.arch.ppc_operand import BANK, WORDS, canonical, word, wrapped
from litmus.arch.ppc_shift import shifts
from litmus.errors import UnsupportedError
from litmus.program.instruction import Assign, Branch, Fence, Instruction, Load, Store, StoreConditional
from litmus.program.program import Thread
from litmus.program.syntax import AsmImmediate, AsmRegister, Assembly
from litmus.program.term import Apply, Register, Term, wrap

__all__ = ["canonical", "compile_thread"]

_WORD = 4
_LINK = frozenset({"X"})
_PLAIN: frozenset[str] = frozenset()


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
    return word(line, value) if narrow == "s32" else clipped(narrow, value) if narrow else value


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
        value = value if operator in "&|^" else wrapped(line, value)
        result = line.assign(line.target(0), value)
        return (*result, *_set_field(line, "cr0", line.register(0), 0)) if record else result

    return rule


def _add_immediate(shift: int) -> Rule:
    """``addi rD,rA|0,n`` and, shifted, ``addis``: r0 as rA stands for the number 0."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        base = 0 if line.operand(1) == AsmRegister("r0") else line.register(1)
        return line.assign(
            line.target(0), wrapped(line, Apply("+", (base, _half(line, 2) << shift if shift else line.immediate(2))))
        )

    return rule


def _half(line: Line, index: int) -> int:
    """Return an immediate of 16 bits with its sign, which may be written without."""
    value = wrap(line.immediate(index), 16, True)
    return value if isinstance(value, int) else 0


def _load_shifted(line: Line) -> tuple[Instruction, ...]:
    """``lis rD,n``."""
    line.expect(2)
    return line.assign(line.target(0), _half(line, 1) << 16)


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    value = line.term(1)
    return line.assign(line.target(0), wrapped(line, value) if isinstance(value, int) else value)


def _negation(operator: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return line.assign(line.target(0), wrapped(line, Apply(operator, (line.term(1),))))

    return rule


def _recording(rule: Rule) -> Rule:
    """Return an instruction with a dot: its result is compared with 0 in cr0."""

    def recorded(line: Line) -> tuple[Instruction, ...]:
        return *rule(line), *_set_field(line, "cr0", line.register(0), 0)

    return recorded


def _on_words(operator: str) -> Rule:
    """``mullw``, ``divw``, ``sraw``: of the low words of the operands."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        operands = word(line, line.register(1)), word(line, line.term(2))
        value = Apply(operator, operands)
        return line.assign(line.target(0), value if operator == ">>" else wrapped(line, value))

    return rule


def _not_or(line: Line) -> tuple[Instruction, ...]:
    line.expect(3)
    return line.assign(line.target(0), Apply("~", (Apply("|", (line.term(1), line.term(2))),)))


def _compare(bits: int, sign: str = "s") -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2, 3)
        field = line.name(0) if len(line.operands) == 3 else "cr0"
        left, right = line.register(-2), line.term(-1)
        if sign == "u":
            left, right = clipped(f"u{bits}", left), clipped(f"u{bits}", right)
        elif bits == 32:
            left, right = word(line, left), word(line, right)
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
    table |= {"subf": _operation("-", swapped=True)}
    table["subf."] = _operation("-", record=True, swapped=True)
    for name, operator in {"xori": "^", "ori": "|", "mulli": "*", "subi": "-"}.items():
        table[name] = _operation(operator)
    for name, comparison in {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
        table[f"b{name}"] = _branch(comparison)
    table |= {f"{name}.": _recording(table[name]) for name in ("mullw", "divw")}
    table |= {"neg.": _recording(_negation("neg")), "nor.": _recording(_not_or)}
    table |= {"bnl": table["bge"], "bng": table["ble"]}
    return table | shifts() | _computations() | _orders_and_updates()


def _computations() -> dict[str, Rule]:
    return {
        "andi.": _operation("&", record=True),
        "addi": _add_immediate(0),
        "nor": _not_or,
        "lis": _load_shifted,
        "addis": _add_immediate(16),
        "cmplw": _compare(32, "u"),
        "cmplwi": _compare(32, "u"),
        "cmpld": _compare(64, "u"),
        "cmpldi": _compare(64, "u"),
        "li": _move,
        "mr": _move,
        "neg": _negation("neg"),
        "not": _negation("~"),
        "extsw": _negation("s32"),
        "cmpw": _compare(32),
        "cmpwi": _compare(32),
        "cmpd": _compare(64),
        "cmpdi": _compare(64),
    }


def _orders_and_updates() -> dict[str, Rule]:
    return {
        "b": jump,
        "blr": leave,
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
_DOUBLE = frozenset({"cmpd", "cmpdi", "cmpld", "cmpldi", "ld", "ldu", "std", "stdu"})
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
