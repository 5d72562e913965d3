"""x86 assembly, 32-bit (destination first) and 64-bit (source first): what each instruction does.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volumes 2 and 3 (chapter 8.1.2, bus locking).
"""

from litmus.arch.assembly import OLD, Line, Rule, assemble, branch_if, clipped, compare, jump, leave, nothing
from litmus.arch.flags import LEFT, RIGHT
from litmus.arch.x86_flags import (
    BITS,
    CARRIES,
    CONDITIONS,
    SHIFTS,
    branch_on_carry,
    counted_bits,
    sets_flags,
    truth,
)
from litmus.arch.x86_operand import (
    BANK,
    BANK_64,
    accumulator,
    address,
    bits,
    canonical,
    canonical_64,
    check_width,
    load,
    merged,
    named,
    put,
    register,
    source,
    stored,
    term,
    widened,
    wrapped,
    write,
)
from litmus.dataclass import replace
from litmus.program.instruction import Assign, Fence, Instruction, ReadModifyWrite
from litmus.program.program import Dialect, Thread
from litmus.program.syntax import AsmImmediate, AsmMemory, AsmRegister
from litmus.program.term import Apply, Register, Term

__all__ = ["canonical", "canonical_64", "compile_thread"]

_LOCKED = frozenset({"X"})
_BITWISE = frozenset("&|^")
_WORD = 32


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    match line.operand(0), line.operand(1):
        case AsmRegister(), AsmMemory() as memory:
            if bits(line.statement) < _WORD:
                return *source(line, 1, OLD)[0], *put(line, 0, Register(OLD))
            return load(line, line.target(0), memory), *line.loaded(0)
        case AsmMemory(), AsmMemory():
            raise line.error("at most one operand can be in memory")
    return write(line, 0, source(line, 1, OLD)[1])


def _exchange(line: Line) -> tuple[Instruction, ...]:
    """``XCHG`` with memory is locked, with or without the prefix."""
    line.expect(2)
    match line.operand(0), line.operand(1):
        case AsmMemory() as memory, AsmRegister():
            return _locked_change(line, memory, term(line, 1)), *put(line, 1, Register(OLD))
        case AsmRegister(), AsmMemory() as memory:
            return _locked_change(line, memory, term(line, 0)), *put(line, 0, Register(OLD))
    first, second = term(line, 0), term(line, 1)
    return Assign(OLD, first, line.origin), *put(line, 0, second), *put(line, 1, Register(OLD))


def _locked_change(line: Line, memory: AsmMemory, new: Term, condition: Term | None = None) -> Instruction:
    return ReadModifyWrite(
        Register(OLD),
        address(line, memory),
        stored(line, new),
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
        before, operand = source(line, 1, RIGHT) if len(line.operands) == 2 else ((), 1)
        read, old = source(line, 0, OLD)
        kept = read or (Assign(OLD, old, line.origin),)
        flags, right = _flags(line, operator, operand), operand
        if operator not in _BITWISE:
            right = Register(RIGHT)  # the operand may be the register that is about to change
        value = Register(LEFT) if operator in _BITWISE else wrapped(line, Apply(operator, (Register(LEFT), right)))
        return *before, *kept, *flags, *write(line, 0, value)

    return rule


def _locked(operator: str) -> Rule:
    """``LOCK ADD [x],src`` and, with one operand, ``LOCK INC [x]``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1, 2)
        operand = term(line, 1) if len(line.operands) == 2 else 1
        return _changed(line, operator, wrapped(line, operand) if isinstance(operand, int) else operand)

    return rule


def _changed(line: Line, operator: str, operand: Term) -> tuple[Instruction, ...]:
    value = Apply(operator, (Register(OLD), operand))
    new = value if operator in _BITWISE else wrapped(line, value)
    return _locked_change(line, line.memory(0), new), *widened(line, OLD), *_flags(line, operator, operand)


def _exchange_add(line: Line) -> tuple[Instruction, ...]:
    """``LOCK XADD [x],reg``: the register receives what was in memory."""
    line.expect(2)
    return *_changed(line, "+", register(line, 1)), *put(line, 1, Register(OLD))


def _compare_exchange(line: Line) -> tuple[Instruction, ...]:
    """``LOCK CMPXCHG [x],reg``: compares with eax. Where they differ memory keeps its value and eax receives it.

    The accumulator is written only then: that clears the upper half of a 64-bit register, and a match leaves it.
    """
    line.expect(2)
    name, old = accumulator(line.statement), Register(OLD)
    expected = named(line, name)
    equal = Apply("==", (old, stored(line, expected)))
    change = _locked_change(line, line.memory(0), register(line, 1), equal)
    compared = (*widened(line, OLD), *compare(line, expected, old))
    return change, *compared, *line.assign(line.target_of(name), _found(line, name))


def _compare_exchange_registers(line: Line) -> tuple[Instruction, ...]:
    """``CMPXCHG`` of two registers of 64 bits, the first of which is compared with rax (herd7's order, see below)."""
    line.expect(2)
    if bits(line.statement) <= _WORD:
        raise line.unsupported("'{}' of less than 64 bits is not modelled")
    before, new = term(line, 0), register(line, 1)
    name, old, same = accumulator(line.statement), Register(OLD), Apply("==", (Register(LEFT), Register(RIGHT)))
    held = Assign(OLD, before, line.origin), *compare(line, named(line, name), old)
    return *held, *put(line, 0, Apply("ite", (same, new, old))), *line.assign(line.target_of(name), old)


def _found(line: Line, name: str) -> Term:
    """What the whole accumulator holds after a comparison of its part ``name`` with what was in memory."""
    if bits(line.statement) < _WORD:
        return merged(line, name, Register(OLD))
    if not line.extends(name):
        return Register(OLD)
    whole = Register(line.target_of(name) or "")
    return Apply("ite", (Apply("==", (Register(LEFT), Register(RIGHT))), whole, clipped("u32", Register(OLD))))


def _compare(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    (read, left), (more, right) = source(line, 0, LEFT), source(line, 1, RIGHT)
    return *read, *more, *compare(line, left, right)


def _test(line: Line) -> tuple[Instruction, ...]:
    line.expect(2)
    (read, left), (more, right) = source(line, 0, LEFT), source(line, 1, RIGHT)
    return *read, *more, *compare(line, Apply("&", (left, right)), 0)


def _complement(line: Line) -> tuple[Instruction, ...]:
    """``NOT`` leaves the flags alone."""
    line.expect(1)
    read, old = source(line, 0, OLD)
    return *read, *write(line, 0, Apply("~", (old,)))


def _negate(line: Line) -> tuple[Instruction, ...]:
    """``NEG`` subtracts from 0."""
    line.expect(1)
    read, old = source(line, 0, OLD)
    return *read, *compare(line, 0, old), *write(line, 0, wrapped(line, Apply("neg", (Register(RIGHT),))))


def _shift(operator: str, *, unsigned: bool = False) -> Rule:
    """``SHL dst,count``, by one where no count is written; five bits of a count count, six of 64-bit operands."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1, 2)
        size = bits(line.statement)
        amount = _amount(line, counted_bits(size))
        read, old = source(line, 0, OLD)
        value = wrapped(line, Apply(operator, (clipped(f"u{size}", old) if unsigned else old, amount)))
        return *read, Assign(LEFT, value, line.origin), *write(line, 0, Register(LEFT))

    return rule


def _amount(line: Line, mask: int) -> Term:
    match line.operands[1:]:
        case ():
            return 1
        case (AsmImmediate(number),):
            return number & mask
        case (AsmRegister(name),) if name.lower() == "cl":
            return Apply("&", (named(line, name), mask))
    raise line.wrong(1, "a number or CL")


def _bit(operator: str | None, *, locked: bool) -> Rule:
    """``BTS dst,$n`` and its like: the carry keeps the bit as it was, which is then set, cleared or turned."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        if not isinstance(line.operand(1), AsmImmediate):
            raise line.unsupported("'{}' with a bit that a register tells is not modelled")
        place = line.immediate(1) % bits(line.statement)
        mask = wrapped(line, 1 << place)
        kept = (
            Assign(LEFT, 0, line.origin),
            Assign(RIGHT, Apply("!=", (Apply("&", (Register(OLD), mask)), 0)), line.origin),
        )
        new = _with_bit(operator, mask)
        if locked:
            return _locked_change(line, line.memory(0), new), *widened(line, OLD), *kept
        read, old = source(line, 0, OLD)
        return *(read or (Assign(OLD, old, line.origin),)), *kept, *(write(line, 0, new) if operator else ())

    return rule


def _with_bit(operator: str | None, mask: Term) -> Term:
    if operator == "&":
        return Apply("&", (Register(OLD), Apply("~", (mask,))))
    return Apply(operator or "|", (Register(OLD), mask))


def _move_if(suffix: str) -> Rule:
    """``CMOVcc reg,src``: memory is read in any case, and the upper half of a 64-bit register cleared."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        read, value = source(line, 1, OLD)
        return *read, *put(line, 0, Apply("ite", (truth(line, suffix), value, register(line, 0))))

    return rule


def _set_if(suffix: str) -> Rule:
    """``SETcc dst``: a byte, 1 or 0."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1)
        return write(line, 0, Apply("ite", (truth(line, suffix), 1, 0)))

    return rule


def _no_operation(line: Line) -> tuple[Instruction, ...]:
    """``NOPL 0(%rax)`` does not access what it names."""
    line.expect(0, 1)
    return ()


def _fence(tag: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(0)
        return (Fence(frozenset({tag}), line.origin),)

    return rule


_OPERATIONS = {"add": "+", "sub": "-", "and": "&", "or": "|", "xor": "^", "inc": "+", "dec": "-"}


def _of_one_width(rule: Rule) -> Rule:
    def checked(line: Line) -> tuple[Instruction, ...]:
        check_width(line)
        return rule(line)

    return checked


def _table() -> dict[str, Rule]:
    table: dict[str, Rule] = {"mov": _move, "xchg": _exchange, "lock xchg": _exchange, "cmp": _compare, "test": _test}
    for name, operator in _OPERATIONS.items():
        table[name] = _arithmetic(operator)
        table[f"lock {name}"] = _locked(operator)
    table |= {"lock xadd": _exchange_add, "lock cmpxchg": _compare_exchange, "cmpxchg": _compare_exchange_registers}
    table |= {"neg": _negate, "not": _complement}
    for name, turn in BITS.items():
        table[name] = _bit(turn, locked=False)
        table |= {f"lock {name}": _bit(turn, locked=True)} if turn else {}
    table |= {f"cmov{suffix}": _move_if(suffix) for suffix in (*CONDITIONS, *CARRIES)}
    table |= {f"set{suffix}": _set_if(suffix) for suffix in (*CONDITIONS, *CARRIES)}
    table = {name: _of_one_width(rule) for name, rule in table.items()} | {"jmp": jump, "nop": _no_operation}
    table |= {name: _shift(operator, unsigned=unsigned) for name, (operator, unsigned) in SHIFTS.items()}
    table |= {"endbr64": nothing, "ret": leave, "retq": leave}
    table |= {f"j{name}": branch_if(condition) for name, condition in CONDITIONS.items()}
    table |= {f"j{name}": branch_on_carry(condition) for name, condition in CARRIES.items()}
    return table | {name: _fence(name.upper()) for name in ("mfence", "sfence", "lfence")}


def _source_first(rule: Rule) -> Rule:
    """Return ``rule`` for the other order of operands."""

    def reversed_rule(line: Line) -> tuple[Instruction, ...]:
        statement = line.statement
        first = next(iter(statement.operands), None)
        if rule is _TABLE["cmpxchg"] or (rule is _TABLE["lock cmpxchg"] and isinstance(first, AsmMemory)):
            return rule(line)  # herd7 has no other order for this one (lib/X86_64Parser.mly)
        turned = replace(statement, operands=tuple(reversed(statement.operands)))
        return rule(replace(line, statement=turned))

    return reversed_rule


def _table_64() -> dict[str, Rule]:
    """The 64-bit dialect: the same with operands turned round, and size suffixes."""
    table = {name: _source_first(rule) for name, rule in _TABLE.items()}
    sized = {
        f"{name}{size}": rule
        for name, rule in table.items()
        if not name.startswith(("j", "ret", "endbr", "set"))
        for size in "bwlq"
    }
    return sized | table


_TABLE = _table()
_TABLE_32 = _TABLE | {f"mov{size}": _TABLE["mov"] for size in "bwl"}
_TABLE_64 = _table_64()


def compile_thread(thread: Thread, dialect: Dialect = Dialect.X86) -> tuple[Instruction, ...]:
    """Return the instructions of a thread of x86 assembly."""
    if dialect is Dialect.X86_64:
        return assemble(thread, _TABLE_64, BANK_64, sets_flags)
    return assemble(thread, _TABLE_32, BANK, sets_flags)
