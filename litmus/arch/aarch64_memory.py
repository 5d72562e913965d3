"""AArch64 loads, stores, exclusives and atomic instructions. Source: Arm ARM, C6 and B2."""

from litmus.arch.aarch64_operand import bits, modified
from litmus.arch.assembly import OLD, Combine, Line, Rule, add, clear_bits, clipped, extreme, operation, swap
from litmus.program.instruction import Assign, Instruction, Load, ReadModifyWrite, Store, StoreConditional, Tags
from litmus.program.syntax import AsmImmediate, AsmRegister, AsmSymbol
from litmus.program.term import Apply, Register, Term

_EXPECTED = "%expected"


def address_of(line: Line, index: int) -> tuple[tuple[Instruction, ...], Term, tuple[Instruction, ...]]:
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
            address = Apply(
                "+", (base, modified(line, line.value_of(name), tuple(rest), 64, 32 if line.bank.is_word(name) else 64))
            )
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
        before, address, after = address_of(line, 1)
        load = Load(line.target(0), address, tags, line.origin, exclusive, size or bits(line) // 8)
        return *before, load, *line.loaded(0, narrow), *after

    return rule


def _store(tags: Tags, narrow: str | None = None, size: int = 0) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(*((2,) if tags else (2, 3)))
        before, address, after = address_of(line, 1)
        value = clipped(narrow, line.register(0)) if narrow else line.register(0)
        return *before, Store(address, value, tags, line.origin, size or bits(line) // 8), *after

    return rule


def _conditional(tags: Tags, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        value = clipped(narrow, line.register(1)) if narrow else line.register(1)
        _, address, _ = address_of(line, 2)
        width = size or bits(line, 1) // 8
        return (StoreConditional(line.target(0), address, value, tags, line.origin, size=width),)

    return rule


def _atomic(combine: Combine, order: str, narrow: str | None, size: int, *, returns: bool = True) -> Rule:
    """``LDADD Ws,Wt,[Xn]`` and ``STADD Ws,[Xn]``. Without a destination the read has no acquire effect: NoRet."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3 if returns else 2)
        returned = returns and line.target(1) is not None
        old, width = Register(OLD), size or bits(line) // 8
        _, address, _ = address_of(line, 2 if returns else 1)
        new = _fit(combine(old, line.register(0)), narrow, line)
        reads = _acquire(order) if returned else frozenset({"NoRet"})
        change = ReadModifyWrite(old, address, new, reads, _release(order), line.origin, size=width)
        return (change, *line.put(1, clipped(narrow, old) if narrow else old)) if returned else (change,)

    return rule


def _fit(value: Term, narrow: str | None, line: Line) -> Term:
    """Return ``value`` as the access keeps it: only results that can leave their range are cut."""
    match value:
        case Apply("+") if narrow is None:
            return Apply(f"s{bits(line)}", (value,))
    return clipped(narrow, value) if narrow else value


def _compare_and_swap(order: str, narrow: str | None, size: int) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        target, old = line.target(0), Register(OLD)
        _, address, _ = address_of(line, 2)
        expected = clipped(narrow, line.register(0)) if narrow else line.register(0)
        reads = _acquire(order) if target is not None else frozenset({"NoRet"})
        change = ReadModifyWrite(
            old,
            address,
            clipped(narrow, line.register(1)) if narrow else line.register(1),
            reads,
            _release(order),
            line.origin,
            condition=Apply("==", (old, Register(_EXPECTED))),
            failed_tags=reads,
            size=size or bits(line) // 8,
            expected=Register(_EXPECTED),
        )
        return Assign(_EXPECTED, expected, line.origin), change, *line.put(0, old)

    return rule


def _acquire(order: str) -> Tags:
    return frozenset({"A"} if "a" in order else ())


def _release(order: str) -> Tags:
    return frozenset({"L"} if "l" in order else ())


_SIZES: dict[str, tuple[str | None, int]] = {"": (None, 0), "b": ("u8", 1), "h": ("u16", 2)}
_SIGNED: dict[str, tuple[str | None, int]] = {"sb": ("s8", 1), "sh": ("s16", 2), "sw": ("s32", 4)}


def _operations(size: int) -> dict[str, Combine]:
    """The atomic operations on so many bytes. Words are in the signed range, where 64 bits keep the unsigned order."""
    signed, unsigned = (f"s{8 * size}", f"u{8 * size}") if size else (None, "u64")
    table: dict[str, Combine] = {"add": operation("+"), "clr": clear_bits, "eor": operation("^"), "set": operation("|")}
    table |= {"smax": extreme(">", signed), "smin": extreme("<", signed)}
    return table | {"umax": extreme(">", unsigned), "umin": extreme("<", unsigned)}


def accesses() -> dict[str, Rule]:
    """Return the rules of loads, stores and exclusives."""
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
    return table


def atomics() -> dict[str, Rule]:
    """Return the rules of the atomic instructions (LSE)."""
    table: dict[str, Rule] = {}
    for suffix, (narrow, size) in _SIZES.items():
        operations = _operations(size)
        for order in ("", "a", "l", "al"):
            table[f"swp{order}{suffix}"] = _atomic(swap, order, narrow, size)
            table[f"cas{order}{suffix}"] = _compare_and_swap(order, narrow, size)
            for name, combine in operations.items():
                table[f"ld{name}{order}{suffix}"] = _atomic(combine, order, narrow, size)
        for name, combine in operations.items():
            for order in ("", "l"):
                table[f"st{name}{order}{suffix}"] = _atomic(combine, order, narrow, size, returns=False)
    return table
