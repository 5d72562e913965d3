"""AArch64 instructions on pairs: accesses side by side in one instruction, which nothing orders.

Source: Arm ARM, C6 (LDP, LDPSW, LDNP, STP, LDXP, STXP, CASP) and B2.2.1: each register of a pair is an access of its
own. (With FEAT_LSE2, and in exclusive and compare-and-swap pairs, some are one access; what holds of two holds of one.)
"""

from litmus.arch.aarch64_memory import address_of
from litmus.arch.aarch64_operand import bits
from litmus.arch.assembly import OLD, Line, Rule, add
from litmus.program.instruction import (
    Assign,
    Instruction,
    Load,
    ReadModifyWrite,
    SecondHalf,
    Store,
    StoreConditional,
    Tags,
)
from litmus.program.term import Apply, Register, Term

_BASE = "%base"
"""Keeps the address of a pair where the first load overwrites the register that it came from."""
_OLD_2, _EXPECTED, _EXPECTED_2 = "%old2", "%expected", "%expected2"
_PLAIN: Tags = frozenset()
_EXCLUSIVE: Tags = frozenset({"X"})
_NON_TEMPORAL: Tags = frozenset({"NT"})
"""An address dependency to a non-temporal load orders nothing (Arm ARM, C3.2.4)."""


def _load(narrow: str | None = None, size: int = 0, tags: Tags = _PLAIN, *, exclusive: bool = False) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        before, address, after = _places(line)
        first, second = line.target(0), line.target(1)
        if first == second and first is not None:
            raise line.error(f"'{line.statement.mnemonic}' loads two values into one register")
        if after and {first, second} & {line.target_of(line.memory(2).base.name)}:
            raise line.error(f"'{line.statement.mnemonic}' loads into the register that it updates")
        width = size or bits(line) // 8
        if first is not None and first == line.target_of(line.memory(2).base.name):
            before, address = (*before, Assign(_BASE, address, line.origin)), Register(_BASE)
        return (
            *before,
            Load(first, address, tags, line.origin, exclusive, width),
            Load(second, add(address, width), tags, line.origin, exclusive, width, joined=True),
            *line.loaded(0, narrow),
            *line.loaded(1, narrow),
            *after,
        )

    return rule


def _store(line: Line) -> tuple[Instruction, ...]:
    before, address, after = _places(line)
    width = bits(line) // 8
    return (
        *before,
        Store(address, line.register(0), _PLAIN, line.origin, width),
        Store(add(address, width), line.register(1), _PLAIN, line.origin, width, joined=True),
        *after,
    )


def _places(line: Line) -> tuple[tuple[Instruction, ...], Term, tuple[Instruction, ...]]:
    line.expect(3, 4)
    if bits(line, 0) != bits(line, 1):
        raise line.unsupported("'{}' mixes registers of 32 and 64 bits")
    return address_of(line, 2)


def _conditional(tags: Tags) -> Rule:
    """``STXP Ws,Wt,Wt2,[Xn]``: both are stored, or none."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(4)
        if bits(line, 1) != bits(line, 2):
            raise line.unsupported("'{}' mixes registers of 32 and 64 bits")
        _, address, _ = address_of(line, 3)
        status, width = line.target(0), bits(line, 1) // 8
        values = line.register(1), line.register(2)
        return (StoreConditional(status, address, values[0], tags, line.origin, size=width, second=values[1]),)

    return rule


def _compare_and_swap(order: str) -> Rule:
    """``CASP Xs,X(s+1),Xt,X(t+1),[Xn]``: both are compared, and both replaced or none."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(5)
        if len({bits(line, index) for index in range(4)}) > 1:
            raise line.unsupported("'{}' mixes registers of 32 and 64 bits")
        _check_pair(line, 0)
        _check_pair(line, 2)
        _, address, _ = address_of(line, 4)
        olds, wanted = (Register(OLD), Register(_OLD_2)), (Register(_EXPECTED), Register(_EXPECTED_2))
        equal = Apply("&&", tuple(Apply("==", pair) for pair in zip(olds, wanted, strict=True)))
        reads = frozenset({"A"} if "a" in order else ())
        change = ReadModifyWrite(
            olds[0],
            address,
            line.register(2),
            reads,
            frozenset({"L"} if "l" in order else ()),
            line.origin,
            condition=equal,
            failed_tags=reads,
            size=bits(line) // 8,
            expected=wanted[0],
            second=SecondHalf(olds[1], line.register(3), wanted[1]),
        )
        kept = (Assign(name.name, line.register(index), line.origin) for index, name in enumerate(wanted))
        return *kept, change, *line.put(0, olds[0]), *line.put(1, olds[1])

    return rule


def _check_pair(line: Line, index: int) -> None:
    """Raise where two operands are not an even register and the next."""
    numbers = [_number(line.name(i)) for i in (index, index + 1)]
    if numbers[0] % 2 or numbers[1] != numbers[0] + 1:
        raise line.error(f"'{line.statement.mnemonic}' takes an even register and the next one")


def _number(name: str) -> int:
    number = name[1:]
    return int(number) if number.isdigit() else 31


def pairs() -> dict[str, Rule]:
    """Return the rules of instructions on pairs."""
    table = {"ldp": _load(), "ldpsw": _load("s32", 4), "stp": _store, "stnp": _store, "ldnp": _load(tags=_NON_TEMPORAL)}
    table |= {"ldxp": _load(tags=_EXCLUSIVE, exclusive=True), "stxp": _conditional(_EXCLUSIVE)}
    table |= {"ldaxp": _load(tags=_EXCLUSIVE | {"A"}, exclusive=True), "stlxp": _conditional(_EXCLUSIVE | {"L"})}
    return table | {f"casp{order}": _compare_and_swap(order) for order in ("", "a", "l", "al")}
