"""RISC-V assembly: what each instruction does.

Source: The RISC-V Instruction Set Manual, volume I: chapters RV32I/RV64I, "A" (atomics) and RVWMO, where an AMO is one
memory operation, so that its aq and rl annotations belong to its read and its write alike.
"""

from litmus.arch.assembly import (
    OLD,
    Bank,
    Combine,
    Line,
    Rule,
    add,
    assemble,
    clipped,
    extreme,
    jump,
    leave,
    nothing,
    operation,
    swap,
)
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
from litmus.program.term import Address, Apply, Register, Term


def _abi_names() -> dict[str, str | None]:
    """The names of the calling convention (RISC-V ELF psABI, integer registers)."""
    names = {"ra": 1, "sp": 2, "gp": 3, "tp": 4, "fp": 8, "s0": 8, "s1": 9}
    names |= {f"t{i}": 5 + i for i in range(3)} | {f"t{i}": 25 + i for i in range(3, 7)}
    names |= {f"a{i}": 10 + i for i in range(8)} | {f"s{i}": 16 + i for i in range(2, 12)}
    registers: dict[str, str | None] = {f"x{i}": f"x{i}" for i in range(1, 32)}
    return registers | {name: f"x{i}" for name, i in names.items()} | {"x0": None, "zero": None}


_NAMES = _abi_names()
_ANNOTATIONS = {"": (), "aq": ("Acq",), "rl": ("Rel",), "aq.rl": ("AcqRel",), "aqrl": ("AcqRel",)}
_FENCES = frozenset(f"{a}.{b}" for a in ("r", "w", "rw") for b in ("r", "w", "rw"))


def canonical(name: str) -> str | None:
    """Return the ``x`` name of a register, None for ``x0``, ``%%p`` for one without a number.

    Raises KeyError for what is no register.
    """
    return f"%{name}" if name.startswith("%") else _NAMES[name]


BANK = Bank(canonical)


def _tags(annotation: str, *more: str) -> Tags:
    return frozenset((*_ANNOTATIONS[annotation], *more))


def _address(line: Line, index: int) -> Term:
    memory = line.memory(index)
    offset = next((part.value for part in memory.parts if isinstance(part, AsmImmediate)), 0)
    return add(line.value_of(memory.base.name), offset)


def _load(annotation: str, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        load = Load(line.target(0), _address(line, 1), _tags(annotation), line.origin, size=size)
        return load, *line.loaded(0, narrow)

    return rule


def _store(annotation: str, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        value = clipped(narrow, line.register(0)) if narrow else line.register(0)
        return (Store(_address(line, 1), value, _tags(annotation), line.origin, size=size),)

    return rule


def _reserve(annotation: str, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return (Load(line.target(0), _address(line, 1), _tags(annotation, "X"), line.origin, True, size),)

    return rule


def _conditional(annotation: str, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        tags = _tags(annotation, "X")
        # The success code is carried from the store itself (RVWMO, syntactic dependencies): hence ``carries``.
        target, address, value = line.target(0), _address(line, 2), _word(line.register(1), size)
        return (StoreConditional(target, address, value, tags, line.origin, size=size, carries=True),)

    return rule


def _word(value: Term, size: int) -> Term:
    """Return what an access of so many bytes takes from a register, in its signed range."""
    return clipped("s32", value) if size == _WORD else value


def _amo(combine: Combine, annotation: str, size: int) -> Rule:
    """Works in the width of the access; what a word access returns is sign-extended, as words are kept."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        old = Register(OLD)
        tags = _tags(annotation)
        new = combine(old, _word(line.register(1), size))
        new = clipped(f"s{8 * size}", new) if isinstance(new, Apply) and new.operator == "+" else new
        change = ReadModifyWrite(old, _address(line, 2), new, tags, tags, line.origin, size=size)
        return (change, *line.assign(line.target(0), old))

    return rule


def _operation(operator: str, narrow: str | None = None) -> Rule:
    """``op rd,rs1,rs2`` and ``opi rd,rs1,n``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        value = Apply(operator, (line.register(1), line.term(2)))
        return line.assign(line.target(0), Apply(narrow, (value,)) if narrow else value)

    return rule


def _unsigned_less(line: Line) -> tuple[Instruction, ...]:
    """``sltu``, ``sltiu``: an immediate is sign-extended first."""
    line.expect(3)
    return line.assign(line.target(0), Apply("<", (clipped("u64", line.register(1)), clipped("u64", line.term(2)))))


def _shift(operator: str, bits: int, source: str) -> Rule:
    """Shifts of the ``source`` conversion of a register, by a number or the low bits of a register."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        amount = line.term(2)
        amount = amount % bits if isinstance(amount, int) else Apply("&", (amount, bits - 1))
        return line.assign(
            line.target(0), Apply(f"s{bits}", (Apply(operator, (clipped(source, line.register(1)), amount)),))
        )

    return rule


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    value = line.term(1)
    return line.assign(line.target(0), clipped("s64", value) if isinstance(value, int) else value)


def _load_address(line: Line) -> tuple[Instruction, ...]:
    """``la rd,x``: the address of a location."""
    line.expect(2)
    return line.assign(line.target(0), Address(line.symbol(1)))


def _unary(operator: str, narrow: str | None = None) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        value = Apply(operator, (line.register(1),))
        return line.assign(line.target(0), Apply(narrow, (value,)) if narrow else value)

    return rule


def _against_zero(comparison: str) -> Rule:
    """``seqz``, ``snez``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return line.assign(line.target(0), Apply(comparison, (line.register(1), 0)))

    return rule


def _upper(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    return line.assign(line.target(0), clipped("s32", line.immediate(1) << 12))


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


_WORD = 4
_WIDTHS = {
    "b": ("s8", 1),
    "h": ("s16", 2),
    "w": (None, 4),
    "d": (None, 8),
    "bu": ("u8", 1),
    "hu": ("u16", 2),
    "wu": ("u32", 4),
}
_STORED = {"b": "u8", "h": "u16", "w": "s32", "d": None}
"""How memory keeps what is stored: bytes and halves as their bits, words with a sign."""
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
        _, size = _WIDTHS[width]
        table[f"s{width}{end}"] = _store(annotation, _STORED[width], size)
    for width, size in {"w": _WORD, "d": 2 * _WORD}.items():
        table[f"lr.{width}{end}"] = _reserve(annotation, size)
        table[f"sc.{width}{end}"] = _conditional(annotation, size)
        table |= {f"amo{name}.{width}{end}": _amo(combine, annotation, size) for name, combine in _AMOS.items()}
    return table


def _arithmetic() -> dict[str, Rule]:
    """Register-register instructions and their immediate forms."""
    table: dict[str, Rule] = {}
    for name, operator in {"and": "&", "or": "|", "xor": "^", "slt": "<"}.items():
        table[name] = table[f"{name}i"] = _operation(operator)
    for name, operator in {"add": "+", "sub": "-", "mul": "*"}.items():
        table[name], table[f"{name}w"] = _operation(operator, "s64"), _operation(operator, "s32")
    table |= {"addi": table["add"], "addiw": table["addw"]}
    for name, operator, sign in (("sll", "<<", "s"), ("sra", ">>", "s"), ("srl", ">>", "u")):
        table[name] = table[f"{name}i"] = _shift(operator, 64, f"{sign}64")
        table[f"{name}w"] = table[f"{name}iw"] = _shift(operator, 32, f"{sign}32")
    table["sltu"] = table["sltiu"] = _unsigned_less
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
        "neg": _unary("neg", "s64"),
        "not": _unary("~"),
        "sext.w": _unary("s32"),
        "zext.w": _unary("u32"),
        "seqz": _against_zero("=="),
        "snez": _against_zero("!="),
        "nop": nothing,
        "ret": leave,
        "la": _load_address,
        "fence": _fence,
        "fence.i": _named_fence("Fence.i"),
        "fence.tso": _named_fence("Fence.tso"),
    }


_TABLE = _table()


def compile_thread(thread: Thread) -> tuple[Instruction, ...]:
    """Return the instructions of a thread of RISC-V assembly."""
    return assemble(thread, _TABLE, BANK)
