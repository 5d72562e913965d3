"""Power instructions that shift and rotate. Source: Power ISA v3.1, book I, 3.3.14."""

from litmus.arch.assembly import Line, Rule, clipped
from litmus.arch.ppc_operand import wrapped
from litmus.program.instruction import Instruction
from litmus.program.term import Apply, Term


def _rotated(line: Line) -> tuple[Term, int]:
    """Return the low word of the second operand rotated to the left, and the mask, of ``rlwinm`` and ``rlwimi``: bits
    ``first`` to ``last``, counted from the highest. A mask that wraps around reaches into the upper half: an error."""
    line.expect(5)
    shift, first, last = (line.immediate(index) for index in (2, 3, 4))
    if not (0 <= shift < 32 and 0 <= first <= last < 32):
        raise line.unsupported("'{}' with numbers beyond 31 or a mask that wraps around")
    word = clipped("u32", line.register(1))
    rotated = Apply("|", (Apply("<<", (word, shift)), Apply(">>", (word, 32 - shift)))) if shift else word
    return rotated, (1 << 32 - first) - (1 << 31 - last)


def _rotate_and_mask(line: Line) -> tuple[Instruction, ...]:
    """``rlwinm rD,rS,shift,first,last``: the other bits are cleared."""
    rotated, mask = _rotated(line)
    return line.assign(line.target(0), wrapped(line, Apply("&", (rotated, mask))))


def _rotate_and_insert(line: Line) -> tuple[Instruction, ...]:
    """``rlwimi rD,rS,shift,first,last``: the other bits are kept."""
    rotated, mask = _rotated(line)
    kept = Apply("&", (line.register(0), ~mask))
    return line.assign(line.target(0), wrapped(line, Apply("|", (kept, Apply("&", (rotated, mask))))))


def _shift_by_number(operator: str) -> Rule:
    """``slwi rD,rS,n``, ``srwi``: of the low word."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        shifted = Apply(operator, (clipped("u32", line.register(1)), line.immediate(2) % 32))
        return line.assign(line.target(0), wrapped(line, clipped("u32", shifted)))

    return rule


def _clear_left(line: Line) -> tuple[Instruction, ...]:
    """``clrldi rD,rS,n``: only the low 64-n bits stay."""
    line.expect(3)
    stay = 64 - line.immediate(2) % 64
    return line.assign(line.target(0), wrapped(line, Apply("&", (line.register(1), (1 << stay) - 1))))


def _shift_left(line: Line) -> tuple[Instruction, ...]:
    """``slw``: six bits of the amount count, and by 32 or more nothing is left."""
    line.expect(3)
    amount = line.register(2)
    shifted = wrapped(line, clipped("u32", Apply("<<", (line.register(1), Apply("&", (amount, 31))))))
    return line.assign(line.target(0), Apply("ite", (Apply("&", (amount, 32)), 0, shifted)))


def shifts() -> dict[str, Rule]:
    """Return the rules of shifts and rotations."""
    table: dict[str, Rule] = {"rlwinm": _rotate_and_mask, "rlwimi": _rotate_and_insert, "clrldi": _clear_left}
    return table | {"slw": _shift_left, "slwi": _shift_by_number("<<"), "srwi": _shift_by_number(">>")}
