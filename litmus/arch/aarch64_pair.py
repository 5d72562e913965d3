"""AArch64 loads and stores of pairs: two accesses side by side in one instruction, which nothing orders.

Source: Arm ARM, C6 (LDP, LDPSW, STP) and B2.2.1: each register of a pair is an access of its own. (With FEAT_LSE2 some
pairs are one access; what holds of two holds of one.)
"""

from litmus.arch.aarch64_memory import address_of
from litmus.arch.aarch64_operand import bits
from litmus.arch.assembly import Line, Rule, add
from litmus.errors import UnsupportedError
from litmus.program.instruction import Assign, Instruction, Load, Store, Tags
from litmus.program.term import Register, Term

_BASE = "%base"
"""Keeps the address of a pair where the first load overwrites the register that it came from."""
_PLAIN: Tags = frozenset()


def _load(narrow: str | None = None, size: int = 0) -> Rule:
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
            Load(first, address, _PLAIN, line.origin, size=width),
            Load(second, add(address, width), _PLAIN, line.origin, size=width, joined=True),
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


def _unordered(line: Line) -> tuple[Instruction, ...]:
    message = f"'{line.statement.mnemonic}' is an access to a pair that is not modelled: "
    why = "non-temporal" if "n" in line.mnemonic else "exclusive"
    raise UnsupportedError(message + why, line.statement.span)


def pairs() -> dict[str, Rule]:
    """Return the rules of loads and stores of pairs."""
    table = {"ldp": _load(), "ldpsw": _load("s32", 4), "stp": _store}
    return table | dict.fromkeys(("ldnp", "stnp", "ldxp", "ldaxp", "stxp", "stlxp"), _unordered)
