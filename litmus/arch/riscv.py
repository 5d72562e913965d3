"""RISC-V assembly: what each instruction does.

Source: The RISC-V Instruction Set Manual, volume I: chapters RV32I/RV64I, "A" (atomics) and RVWMO, where an AMO is one
memory operation, so that its aq and rl annotations belong to its read and its write alike.
"""

from litmus.arch.assembly import OLD, Bank, Combine, Line, Rule, add, assemble, extreme, jump, nothing, operation, swap
from litmus.program.instruction import (
    Branch,
    Fence,
    Instruction,
    Load,
    ReadModifyWrite,
    Store,
    StoreConditional,
    Tags,
)
from litmus.program.program import Thread
from litmus.program.syntax import AsmImmediate
from litmus.program.term import Apply, Register, Term


def _abi_names() -> dict[str, str | None]:
    """The names of the calling convention (RISC-V ELF psABI, integer registers)."""
    names = {"ra": 1, "sp": 2, "gp": 3, "tp": 4, "fp": 8, "s0": 8, "s1": 9}
    names |= {f"t{i}": 5 + i for i in range(3)} | {f"t{i}": 25 + i for i in range(3, 7)}
    names |= {f"a{i}": 10 + i for i in range(8)} | {f"s{i}": 16 + i for i in range(2, 12)}
    registers: dict[str, str | None] = {f"x{i}": f"x{i}" for i in range(1, 32)}
    return registers | {name: f"x{i}" for name, i in names.items()} | {"x0": None, "zero": None}


_NAMES = _abi_names()
BANK = Bank(_NAMES.__getitem__)
_ANNOTATIONS = {"": (), "aq": ("Acq",), "rl": ("Rel",), "aq.rl": ("AcqRel",), "aqrl": ("AcqRel",)}
_FENCES = frozenset(f"{a}.{b}" for a in ("r", "w", "rw") for b in ("r", "w", "rw"))


def canonical(name: str) -> str | None:
    """Return the ``x`` name of a register, None for ``x0``. Raises KeyError for what is no register."""
    return _NAMES[name]


def _tags(annotation: str, *more: str) -> Tags:
    return frozenset((*_ANNOTATIONS[annotation], *more))


def _address(line: Line, index: int) -> Term:
    memory = line.memory(index)
    offset = next((part.value for part in memory.parts if isinstance(part, AsmImmediate)), 0)
    return add(line.value_of(memory.base.name), offset)


def _load(annotation: str, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        target = line.target(0)
        load = Load(target, _address(line, 1), _tags(annotation), line.origin, size=size)
        return (load, *line.assign(target, Apply(narrow, (line.term(0),)))) if narrow else (load,)

    return rule


def _store(annotation: str, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        value = Apply(narrow, (line.register(0),)) if narrow else line.register(0)
        return (Store(_address(line, 1), value, _tags(annotation), line.origin, size=size),)

    return rule


def _reserve(annotation: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return (Load(line.target(0), _address(line, 1), _tags(annotation, "X"), line.origin, exclusive=True),)

    return rule


def _conditional(annotation: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        tags = _tags(annotation, "X")
        # The success code is carried from the store itself (RVWMO, syntactic dependencies): hence ``carries``.
        store = StoreConditional(line.target(0), _address(line, 2), line.register(1), tags, line.origin, carries=True)
        return (store,)

    return rule


def _amo(combine: Combine, annotation: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        old = Register(OLD)
        tags = _tags(annotation)
        new = combine(old, line.register(1))
        change = ReadModifyWrite(old, _address(line, 2), new, tags, tags, line.origin)
        return (change, *line.assign(line.target(0), old))

    return rule


def _operation(operator: str, narrow: str | None = None) -> Rule:
    """``op rd,rs1,rs2`` and ``opi rd,rs1,n``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        value = Apply(operator, (line.register(1), line.term(2)))
        return line.assign(line.target(0), Apply(narrow, (value,)) if narrow else value)

    return rule


def _unsigned(operator: str, conversion: str = "u64", narrow: str | None = None) -> Rule:
    """As :func:`_operation` on unsigned operands."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        value = Apply(operator, (Apply(conversion, (line.register(1),)), Apply(conversion, (line.term(2),))))
        return line.assign(line.target(0), Apply(narrow, (value,)) if narrow else value)

    return rule


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    return line.assign(line.target(0), line.term(1))


def _unary(operator: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return line.assign(line.target(0), Apply(operator, (line.register(1),)))

    return rule


def _against_zero(comparison: str) -> Rule:
    """``seqz``, ``snez``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return line.assign(line.target(0), Apply(comparison, (line.register(1), 0)))

    return rule


def _upper(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    return line.assign(line.target(0), line.immediate(1) << 12)


def _branch(comparison: str, conversion: str | None = None) -> Rule:
    """``beq rs1,rs2,label``, and ``beqz rs,label`` with the number 0 as second."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2, 3)
        left: Term = line.register(0)
        right: Term = line.register(1) if len(line.operands) == 3 else 0
        if conversion:
            left, right = Apply(conversion, (left,)), Apply(conversion, (right,))
        return (Branch(Apply(comparison, (left, right)), line.symbol(-1), line.origin),)

    return rule


def _fence(line: Line) -> tuple[Instruction, ...]:
    """``fence rw,w``; a bare ``fence`` orders everything."""
    line.expect(0, 2)
    kind = ".".join(line.symbol(i) for i in range(2)) if line.operands else "rw.rw"
    memory = kind.replace("i", "").replace("o", "") if set(kind) <= set("iorw.") else kind
    if memory not in _FENCES:
        raise line.error(f"no such fence: '{line.statement.text}'")
    return (Fence(frozenset({f"Fence.{memory}"}), line.origin),)


def _named_fence(tag: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(0)
        return (Fence(frozenset({tag}), line.origin),)

    return rule


_WIDTHS = {
    "b": ("s8", 1),
    "h": ("s16", 2),
    "w": (None, 0),
    "d": (None, 0),
    "bu": ("u8", 1),
    "hu": ("u16", 2),
    "wu": ("u32", 0),
}
_AMOS: dict[str, Combine] = {
    "swap": swap,
    "add": operation("+"),
    "and": operation("&"),
    "or": operation("|"),
    "xor": operation("^"),
    "max": extreme(">"),
    "min": extreme("<"),
    "maxu": extreme(">", "u64"),
    "minu": extreme("<", "u64"),
}


def _accesses(annotation: str) -> dict[str, Rule]:
    """The instructions that access memory, all with the same annotation."""
    end = f".{annotation}" if annotation else ""
    table = {f"l{w}{end}": _load(annotation, narrow, size) for w, (narrow, size) in _WIDTHS.items()}
    for width in "bhwd":
        narrow, size = _WIDTHS[width]
        table[f"s{width}{end}"] = _store(annotation, narrow, size)
    for width in "wd":
        table[f"lr.{width}{end}"] = _reserve(annotation)
        table[f"sc.{width}{end}"] = _conditional(annotation)
        table |= {f"amo{name}.{width}{end}": _amo(combine, annotation) for name, combine in _AMOS.items()}
    return table


def _arithmetic() -> dict[str, Rule]:
    """Register-register instructions and their immediate forms."""
    table: dict[str, Rule] = {}
    for name, operator in {"add": "+", "and": "&", "or": "|", "xor": "^", "sll": "<<", "slt": "<", "sra": ">>"}.items():
        table[name] = table[f"{name}i"] = _operation(operator)
    for name, operator in {"add": "+", "sll": "<<", "sra": ">>"}.items():
        table[f"{name}w"] = table[f"{name}iw"] = _operation(operator, "s32")
    table |= {
        "sub": _operation("-"),
        "subw": _operation("-", "s32"),
        "mul": _operation("*"),
        "mulw": _operation("*", "s32"),
    }
    table["srl"] = table["srli"] = _unsigned(">>")
    table["srlw"] = table["srliw"] = _unsigned(">>", "u32", "s32")
    table["sltu"] = table["sltiu"] = _unsigned("<")
    return table


def _branches() -> dict[str, Rule]:
    table: dict[str, Rule] = {}
    for name, comparison in {"eq": "==", "ne": "!=", "lt": "<", "ge": ">=", "gt": ">", "le": "<="}.items():
        table[f"b{name}"] = table[f"b{name}z"] = _branch(comparison)
    for name, comparison in {"lt": "<", "ge": ">=", "gt": ">", "le": "<="}.items():
        table[f"b{name}u"] = _branch(comparison, "u64")
    return table | {"j": jump}


def _table() -> dict[str, Rule]:
    table = _arithmetic() | _branches()
    for annotation in _ANNOTATIONS:
        table |= _accesses(annotation)
    return table | {
        "li": _move,
        "mv": _move,
        "lui": _upper,
        "neg": _unary("neg"),
        "not": _unary("~"),
        "sext.w": _unary("s32"),
        "zext.w": _unary("u32"),
        "seqz": _against_zero("=="),
        "snez": _against_zero("!="),
        "nop": nothing,
        "fence": _fence,
        "fence.i": _named_fence("Fence.i"),
        "fence.tso": _named_fence("Fence.tso"),
    }


_TABLE = _table()


def compile_thread(thread: Thread) -> tuple[Instruction, ...]:
    """Return the instructions of a thread of RISC-V assembly."""
    return assemble(thread, _TABLE, BANK)
