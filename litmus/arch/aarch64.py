"""AArch64 assembly: branches, barriers, and the table of all instructions.

Source: Arm Architecture Reference Manual for A-profile (Arm ARM), C6 and B2.3.
"""

from litmus.arch.aarch64_arithmetic import CONDITIONS, arithmetic, sets_flags
from litmus.arch.aarch64_beyond import beyond
from litmus.arch.aarch64_bits import bit_instructions
from litmus.arch.aarch64_memory import accesses, atomics
from litmus.arch.aarch64_operand import BANK, canonical
from litmus.arch.aarch64_pair import pairs
from litmus.arch.assembly import Line, Rule, assemble, branch_if, jump, nothing
from litmus.program.instruction import Branch, Fence, Instruction
from litmus.program.program import Thread
from litmus.program.term import Apply

__all__ = ["canonical", "compile_thread"]


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


def _table() -> dict[str, Rule]:
    table = beyond() | accesses() | pairs() | atomics() | arithmetic() | bit_instructions()
    table |= {f"b.{name.lower()}": branch_if(name) for name in CONDITIONS - {"AL"}}
    table |= {"b": jump, "b.al": jump, "cbz": _branch_on_zero("=="), "cbnz": _branch_on_zero("!=")}
    table |= {"tbz": _branch_on_bit("=="), "tbnz": _branch_on_bit("!=")}
    return table | {"dmb": _barrier("DMB"), "dsb": _barrier("DSB"), "isb": _synchronise, "nop": nothing}


_TABLE = _table()


def compile_thread(thread: Thread) -> tuple[Instruction, ...]:
    """Return the instructions of a thread of AArch64 assembly."""
    return assemble(thread, _TABLE, BANK, sets_flags)
