"""AArch64 assembly: what each instruction does. Source: Arm Architecture Reference Manual for A-profile, C6 and B2.3.

A register holds its 32 low bits as a signed number when it was written by its W name, which is how states print it.
"""

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
    clear_bits,
    compare,
    extreme,
    flag,
    jump,
    nothing,
    operation,
    swap,
    unsigned_flag,
)
from litmus.errors import UnsupportedError
from litmus.program.instruction import (
    Assign,
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
from litmus.program.syntax import AsmImmediate, AsmRegister, AsmSymbol
from litmus.program.term import Apply, Register, Term


def _names() -> dict[str, str | None]:
    table: dict[str, str | None] = {f"{w}{i}": f"X{i}" for w in "XW" for i in range(31)}
    return table | {"XZR": None, "WZR": None, "SP": "SP", "WSP": "SP"}


_NAMES = _names()
_EXPECTED = "%expected"


def canonical(name: str) -> str | None:
    """Return the X name of a register, None for the zero register. Raises KeyError for what is no register."""
    return _NAMES[name.upper()]


BANK = Bank(canonical)


def _is_word(line: Line, index: int = 0) -> bool:
    """Whether the instruction works on 32 bits, told by the register that is its operand ``index``."""
    return line.name(index).upper().startswith("W")


def _extend(term: Term, how: str, amount: int) -> Term:
    """Return an offset register after ``SXTW #2``, ``UXTW``, ``LSL #3`` and the like."""
    conversions = {"UXTB": "u8", "UXTH": "u16", "UXTW": "u32", "SXTB": "s8", "SXTH": "s16"}
    if how in conversions:
        term = Apply(conversions[how], (term,))
    return Apply("<<", (term, amount)) if amount else term


_EXTENSIONS = frozenset({"UXTB", "UXTH", "UXTW", "UXTX", "SXTB", "SXTH", "SXTW", "SXTX", "LSL"})


def _modified(line: Line, term: Term, rest: tuple[object, ...]) -> Term:
    """Return ``term`` under the extension or shift that follows it among the operands."""
    match rest:
        case ():
            return term
        case (AsmSymbol(word), *amount) if word.upper() in _EXTENSIONS:
            shift = amount[0].value if amount and isinstance(amount[0], AsmImmediate) else 0
            return _extend(term, word.upper(), shift)
        case (AsmSymbol("LSR" | "lsr"), AsmImmediate(value)):
            return Apply(">>", (Apply("u64", (term,)), value))
        case (AsmSymbol("ASR" | "asr"), AsmImmediate(value)):
            return Apply(">>", (term, value))
    raise line.error("not an extension or shift of the register before it")


def _address(line: Line, index: int) -> tuple[tuple[Instruction, ...], Term, tuple[Instruction, ...]]:
    """Return what happens before the access, its address, and what happens after (write-back of the base)."""
    memory = line.memory(index)
    base = line.value_of(memory.base.name)
    target = line.target_of(memory.base.name)
    parts = tuple(p for p in memory.parts if p != AsmSymbol("!"))
    match parts:
        case ():
            address = base
        case (AsmImmediate(value),):
            address = add(base, value)
        case (AsmRegister(name), *rest):
            address = Apply("+", (base, _modified(line, line.value_of(name), tuple(rest))))
        case _:
            raise line.error("an address is a base with a number or a register added to it")
    if len(parts) != len(memory.parts):
        return line.assign(target, address), base, ()
    if len(line.operands) > index + 1:
        return (), base, line.assign(target, add(base, line.immediate(index + 1)))
    return (), address, ()


def _load(tags: Tags, narrow: str | None = None, size: int = 0, *, exclusive: bool = False) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(*((2,) if tags else (2, 3)))
        before, address, after = _address(line, 1)
        target = line.target(0)
        load = Load(target, address, tags, line.origin, exclusive, size)
        narrowed = line.assign(target, Apply(narrow, (Register(target),))) if narrow and target else ()
        return *before, load, *narrowed, *after

    return rule


def _store(tags: Tags, narrow: str | None = None, size: int = 0) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(*((2,) if tags else (2, 3)))
        before, address, after = _address(line, 1)
        value = Apply(narrow, (line.register(0),)) if narrow else line.register(0)
        return *before, Store(address, value, tags, line.origin, size), *after

    return rule


def _conditional(tags: Tags, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        value = Apply(narrow, (line.register(1),)) if narrow else line.register(1)
        _, address, _ = _address(line, 2)
        return (StoreConditional(line.target(0), address, value, tags, line.origin, size=size),)

    return rule


def _atomic(combine: Combine, order: str, narrow: str | None, size: int, *, returns: bool = True) -> Rule:
    """``LDADD Ws,Wt,[Xn]`` and ``STADD Ws,[Xn]``. Without a destination the read has no acquire effect: NoRet."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3 if returns else 2)
        target = line.target(1) if returns else None
        old = Register(OLD)
        _, address, _ = _address(line, 2 if returns else 1)
        new = _fit(combine(old, line.register(0)), narrow, line)
        reads = _acquire(order) if target is not None else frozenset({"NoRet"})
        change = ReadModifyWrite(old, address, new, reads, _release(order), line.origin, size=size)
        return (change, *line.assign(target, Apply(narrow, (old,)) if narrow else old))

    return rule


def _fit(value: Term, narrow: str | None, line: Line) -> Term:
    """Return ``value`` as the access keeps it: only results that can leave their range are cut."""
    match value:
        case Apply("+") if narrow is None:
            return Apply("s32" if _is_word(line) else "s64", (value,))
    return Apply(narrow, (value,)) if narrow else value


def _compare_and_swap(order: str, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        target, old = line.target(0), Register(OLD)
        _, address, _ = _address(line, 2)
        expected = Apply(narrow, (line.register(0),)) if narrow else line.register(0)
        reads = _acquire(order) if target is not None else frozenset({"NoRet"})
        change = ReadModifyWrite(
            old,
            address,
            Apply(narrow, (line.register(1),)) if narrow else line.register(1),
            reads,
            _release(order),
            line.origin,
            condition=Apply("==", (old, Register(_EXPECTED))),
            failed_tags=reads,
            size=size,
        )
        return Assign(_EXPECTED, expected, line.origin), change, *line.assign(target, old)

    return rule


def _acquire(order: str) -> Tags:
    return frozenset({"A"} if "a" in order else ())


def _release(order: str) -> Tags:
    return frozenset({"L"} if "l" in order else ())


def _wrapped(line: Line, value: Term) -> Term:
    """Return a result that may leave the range of the destination, cut to its width."""
    return Apply("s32" if _is_word(line) else "s64", (value,))


def _second(line: Line, index: int) -> Term:
    """Return the last source operand with what modifies it (``W2,SXTW``, ``X3,LSL #2``)."""
    return _modified(line, line.term(index), line.operands[index + 1 :])


def _operation(operator: str, *, wraps: bool = False, inverted: bool = False, flags: bool = False) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3, 4, 5)
        second = _second(line, 2)
        right = Apply("~", (second,)) if inverted else second
        value: Term = Apply(operator, (line.register(1), right))
        value = _wrapped(line, value) if wraps else value
        target = line.target(0)
        if not flags:
            return line.assign(target, value)
        if operator == "-":
            return *compare(line, line.register(1), right), *line.assign(target, value)
        return *compare(line, value, 0), *line.assign(target, Register(LEFT))

    return rule


def _shift_right(line: Line) -> tuple[Instruction, ...]:
    line.expect(3)
    unsigned = Apply("u32" if _is_word(line) else "u64", (line.register(1),))
    return line.assign(line.target(0), _wrapped(line, Apply(">>", (unsigned, line.term(2)))))


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 4)
    value = _second(line, 1)
    return line.assign(line.target(0), _wrapped(line, value) if isinstance(value, int) and value >> 31 else value)


def _negation(operator: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2, 3, 4)
        return line.assign(line.target(0), _wrapped(line, Apply(operator, (_second(line, 1),))))

    return rule


def _conversion(operator: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return line.assign(line.target(0), Apply(operator, (line.register(1),)))

    return rule


def _compare(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 3, 4)
    return compare(line, line.register(0), _second(line, 1))


def _compare_negative(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 3, 4)
    return compare(line, line.register(0), Apply("neg", (_second(line, 1),)))


def _test(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 3, 4)
    return compare(line, Apply("&", (line.register(0), _second(line, 1))), 0)


_MINUS = Apply("-", (Register(LEFT), Register(RIGHT)))
_CONDITIONS: dict[str, Term] = {
    "EQ": flag("=="),
    "NE": flag("!="),
    "LT": flag("<"),
    "LE": flag("<="),
    "GT": flag(">"),
    "GE": flag(">="),
    "MI": Apply("<", (_MINUS, 0)),
    "PL": Apply(">=", (_MINUS, 0)),
    "CS": unsigned_flag(">="),
    "HS": unsigned_flag(">="),
    "CC": unsigned_flag("<"),
    "LO": unsigned_flag("<"),
    "HI": unsigned_flag(">"),
    "LS": unsigned_flag("<="),
    "AL": 1,
}


def _condition(line: Line, index: int) -> Term:
    name = line.symbol(index).upper()
    if name not in _CONDITIONS:
        raise line.error(f"unknown condition '{name}'")
    return _CONDITIONS[name]


def _choose(operator: str | None = None) -> Rule:
    """``CSEL Wd,Wn,Wm,cond`` and, with an operator on the last, ``CSINC``, ``CSINV``, ``CSNEG``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(4)
        other = line.register(2)
        if operator == "+":
            other = _wrapped(line, Apply("+", (other, 1)))
        elif operator:
            other = _wrapped(line, Apply(operator, (other,)))
        return line.assign(line.target(0), Apply("ite", (_condition(line, 3), line.register(1), other)))

    return rule


def _set(line: Line) -> tuple[Instruction, ...]:
    """``CSET Wd,cond``."""
    line.expect(2)
    return line.assign(line.target(0), Apply("ite", (_condition(line, 1), 1, 0)))


def _branch_on_zero(comparison: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return (Branch(Apply(comparison, (line.register(0), 0)), line.symbol(1), line.origin),)

    return rule


def _branch_on_bit(comparison: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        bit = Apply("&", (line.register(0), 1 << line.immediate(1)))
        return (Branch(Apply(comparison, (bit, 0)), line.symbol(2), line.origin),)

    return rule


_DOMAINS = {"SY": "SY", "LD": "LD", "ST": "ST"} | {
    f"{domain}{kind}": f"{domain}{kind}" for domain in ("ISH", "NSH", "OSH") for kind in ("", "LD", "ST")
}


def _barrier(kind: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(0, 1)
        option = line.symbol(0).upper() if line.operands else "SY"
        if option not in _DOMAINS:
            raise line.error(f"unknown barrier option '{option}'")
        return (Fence(frozenset({f"{kind}.{option}"}), line.origin),)

    return rule


def _synchronise(line: Line) -> tuple[Instruction, ...]:
    line.expect(0)
    return (Fence(frozenset({"ISB"}), line.origin),)


def _pair(line: Line) -> tuple[Instruction, ...]:
    raise UnsupportedError(f"'{line.statement.mnemonic}' accesses two locations at once", line.statement.span)


_SIZES: dict[str, tuple[str | None, int]] = {"": (None, 0), "b": ("u8", 1), "h": ("u16", 2)}
_SIGNED: dict[str, tuple[str | None, int]] = {"sb": ("s8", 1), "sh": ("s16", 2), "sw": (None, 0)}
_ATOMICS: dict[str, Combine] = {
    "add": operation("+"),
    "clr": clear_bits,
    "eor": operation("^"),
    "set": operation("|"),
    "smax": extreme(">"),
    "smin": extreme("<"),
    "umax": extreme(">", "u64"),
    "umin": extreme("<", "u64"),
}


def _accesses() -> dict[str, Rule]:
    plain: Tags = frozenset()
    table: dict[str, Rule] = {}
    for suffix, (narrow, size) in _SIZES.items():
        table[f"ldr{suffix}"] = table[f"ldur{suffix}"] = _load(plain, narrow, size)
        table[f"str{suffix}"] = table[f"stur{suffix}"] = _store(plain, narrow, size)
        table[f"ldar{suffix}"] = _load(frozenset({"A"}), narrow, size)
        table[f"ldapr{suffix}"] = table[f"ldapur{suffix}"] = _load(frozenset({"Q"}), narrow, size)
        table[f"stlr{suffix}"] = table[f"stlur{suffix}"] = _store(frozenset({"L"}), narrow, size)
        table[f"ldxr{suffix}"] = _load(frozenset({"X"}), narrow, size, exclusive=True)
        table[f"ldaxr{suffix}"] = _load(frozenset({"A", "X"}), narrow, size, exclusive=True)
        table[f"stxr{suffix}"] = _conditional(frozenset({"X"}), narrow, size)
        table[f"stlxr{suffix}"] = _conditional(frozenset({"L", "X"}), narrow, size)
    for suffix, (narrow, size) in _SIGNED.items():
        table[f"ldr{suffix}"] = table[f"ldur{suffix}"] = _load(plain, narrow, size)
    return table | dict.fromkeys(("ldp", "stp", "ldnp", "stnp", "ldxp", "ldaxp", "stxp", "stlxp", "ldpsw"), _pair)


def _atomics() -> dict[str, Rule]:
    table: dict[str, Rule] = {}
    for suffix, (narrow, size) in _SIZES.items():
        for order in ("", "a", "l", "al"):
            table[f"swp{order}{suffix}"] = _atomic(swap, order, narrow, size)
            table[f"cas{order}{suffix}"] = _compare_and_swap(order, narrow, size)
            for name, combine in _ATOMICS.items():
                table[f"ld{name}{order}{suffix}"] = _atomic(combine, order, narrow, size)
        for name, combine in _ATOMICS.items():
            for order in ("", "l"):
                table[f"st{name}{order}{suffix}"] = _atomic(combine, order, narrow, size, returns=False)
    return table


def _arithmetic() -> dict[str, Rule]:
    table: dict[str, Rule] = {"add": _operation("+", wraps=True), "sub": _operation("-", wraps=True)}
    table |= {"adds": _operation("+", wraps=True, flags=True), "subs": _operation("-", wraps=True, flags=True)}
    for name, operator in {"and": "&", "orr": "|", "eor": "^"}.items():
        table[name] = _operation(operator)
    table |= {"ands": _operation("&", flags=True), "bic": _operation("&", inverted=True)}
    table |= {"bics": _operation("&", inverted=True, flags=True)}
    table |= {"orn": _operation("|", inverted=True), "eon": _operation("^", inverted=True)}
    table |= {"mul": _operation("*", wraps=True), "sdiv": _operation("/"), "asr": _operation(">>")}
    table |= {"lsl": _operation("<<", wraps=True), "lsr": _shift_right}
    table |= {"mov": _move, "movz": _move, "mvn": _negation("~"), "neg": _negation("neg")}
    table |= {"cmp": _compare, "cmn": _compare_negative, "tst": _test, "cset": _set, "csel": _choose()}
    table |= {"csinc": _choose("+"), "csinv": _choose("~"), "csneg": _choose("neg")}
    conversions = {"sxtb": "s8", "sxth": "s16", "sxtw": "s32", "uxtb": "u8", "uxth": "u16", "uxtw": "u32"}
    return table | {name: _conversion(operator) for name, operator in conversions.items()}


def _table() -> dict[str, Rule]:
    table = _accesses() | _atomics() | _arithmetic()
    table |= {f"b.{name.lower()}": branch_if(condition) for name, condition in _CONDITIONS.items()}
    table |= {"b": jump, "cbz": _branch_on_zero("=="), "cbnz": _branch_on_zero("!=")}
    table |= {"tbz": _branch_on_bit("=="), "tbnz": _branch_on_bit("!=")}
    return table | {"dmb": _barrier("DMB"), "dsb": _barrier("DSB"), "isb": _synchronise, "nop": nothing}


_TABLE = _table()


def compile_thread(thread: Thread) -> tuple[Instruction, ...]:
    """Return the instructions of a thread of AArch64 assembly."""
    return assemble(thread, _TABLE, BANK)
