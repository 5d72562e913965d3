"""AArch64 arithmetic, comparisons and conditional selection. Source: Arm ARM, C6 and C1.2.4 (conditions).

Sources are in the signed range of the width, and so is every result.
"""

from litmus.arch.aarch64_operand import bits, same_width, second, wrapped
from litmus.arch.assembly import Line, Rule, clipped, compare
from litmus.arch.flags import ADDED, LEFT, RESULT, RIGHT, SUBTRACTED, Setting
from litmus.program.instruction import Instruction
from litmus.program.syntax import AsmRegister, Assembly
from litmus.program.term import Apply, Register, Term

_MODES = {
    "adds": ADDED,
    "cmn": ADDED,
    "negs": SUBTRACTED,
    "subs": SUBTRACTED,
    "cmp": SUBTRACTED,
    "ands": RESULT,
    "bics": RESULT,
    "tst": RESULT,
}


def sets_flags(statement: Assembly) -> Setting | None:
    """Return how an instruction sets the flags, None where it does not."""
    mode = _MODES.get(statement.mnemonic.lower())
    match statement.operands:
        case (AsmRegister(name), *_) if mode:
            return Setting(mode, 32 if name.upper().startswith("W") else 64)
    return None


def _operation(operator: str, *, inverted: bool = False) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3, 4, 5)
        same_width(line)
        last = second(line, 2)
        value = Apply(operator, (line.register(1), Apply("~", (last,)) if inverted else last))
        return line.put(0, value if operator in "&|^" else wrapped(line, value))

    return rule


def _operation_with_flags(operator: str) -> Rule:
    """``ADDS``, ``SUBS``: the flags keep both operands."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3, 4, 5)
        same_width(line)
        value = wrapped(line, Apply(operator, (Register(LEFT), Register(RIGHT))))
        return *compare(line, line.register(1), second(line, 2)), *line.put(0, value)

    return rule


def _bits_with_flags(*, inverted: bool = False) -> Rule:
    """``ANDS``, ``BICS``: the flags keep the result."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3, 4, 5)
        same_width(line)
        last = second(line, 2)
        value = Apply("&", (line.register(1), Apply("~", (last,)) if inverted else last))
        return *compare(line, value, 0), *line.put(0, Register(LEFT))

    return rule


def _shift(operator: str, *, unsigned: bool = False) -> Rule:
    """Shifts by a number or by a register, of which only the bits count that number those of the value."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        same_width(line)
        amount, value = line.term(2), line.register(1)
        amount = amount % bits(line) if isinstance(amount, int) else Apply("&", (amount, bits(line) - 1))
        value = clipped(f"u{bits(line)}", value) if unsigned else value
        return line.put(0, wrapped(line, Apply(operator, (value, amount))))

    return rule


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 4)
    same_width(line)
    return line.put(0, second(line, 1))


def _move_inverted(line: Line) -> tuple[Instruction, ...]:
    """``MOVN Wd,#n{,LSL #s}``."""
    line.expect(2, 4)
    return line.put(0, wrapped(line, Apply("~", (second(line, 1),))))


def _keep(line: Line) -> tuple[Instruction, ...]:
    """``MOVK Wd,#n{,LSL #s}`` replaces 16 bits."""
    line.expect(2, 4)
    shift = line.immediate(3) if len(line.operands) == 4 else 0
    others = Apply("&", (line.register(0), ~(0xFFFF << shift)))
    return line.put(0, wrapped(line, Apply("|", (others, (line.immediate(1) & 0xFFFF) << shift))))


def _rotate(line: Line) -> tuple[Instruction, ...]:
    """``ROR Wd,Wn,#s`` and ``ROR Wd,Wn,Wm``."""
    line.expect(3)
    same_width(line)
    width, amount = bits(line), line.term(2)
    amount = amount % width if isinstance(amount, int) else Apply("&", (amount, width - 1))
    value = clipped(f"u{width}", line.register(1))
    # In two steps, so that a rotation by 0 does not shift by the whole width, which counts as 0.
    rest = Apply("<<", (Apply("<<", (value, 1)), Apply("-", (width - 1, amount))))
    return line.put(0, wrapped(line, Apply("|", (Apply(">>", (value, amount)), rest))))


def _negate_with_flags(line: Line) -> tuple[Instruction, ...]:
    """``NEGS`` subtracts from 0."""
    line.expect(2, 4)
    same_width(line)
    value = wrapped(line, Apply("neg", (Register(RIGHT),)))
    return *compare(line, 0, second(line, 1)), *line.put(0, value)


def _negation(operator: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2, 3, 4)
        same_width(line)
        return line.put(0, wrapped(line, Apply(operator, (second(line, 1),))))

    return rule


def _conversion(operator: str) -> Rule:
    """``SXTW Xd,Wn``, ``UXTB Wd,Wn``: the source is a word, whatever the destination."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return line.put(0, wrapped(line, Apply(operator, (line.register(1),))))

    return rule


def _compare(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 3, 4)
    same_width(line)
    return compare(line, line.register(0), second(line, 1))


def _test(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 3, 4)
    same_width(line)
    return compare(line, Apply("&", (line.register(0), second(line, 1))), 0)


CONDITIONS = frozenset("EQ NE LT LE GT GE MI PL VS VC CS HS CC LO HI LS AL".split())


def _condition(line: Line, index: int) -> Term:
    name = line.symbol(index).upper()
    if name not in CONDITIONS:
        raise line.error(f"unknown condition '{name}'")
    return 1 if name == "AL" else line.condition(name)


def _choose(operator: str | None = None) -> Rule:
    """``CSEL Wd,Wn,Wm,cond`` and, with an operator on the last, ``CSINC``, ``CSINV``, ``CSNEG``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(4)
        same_width(line)
        other = line.register(2)
        if operator == "+":
            other = wrapped(line, Apply("+", (other, 1)))
        elif operator:
            other = wrapped(line, Apply(operator, (other,)))
        return line.pick(0, _condition(line, 3), line.register(1), other)

    return rule


def _set(line: Line) -> tuple[Instruction, ...]:
    """``CSET Wd,cond``."""
    line.expect(2)
    return line.pick(0, _condition(line, 1), 1, 0)


def _set_all(line: Line) -> tuple[Instruction, ...]:
    """``CSETM Wd,cond``: all bits."""
    line.expect(2)
    return line.pick(0, _condition(line, 1), -1, 0)


def _change_if(operator: str) -> Rule:
    """``CINC Wd,Wn,cond``, ``CINV``, ``CNEG``: changed where the condition holds."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        same_width(line)
        old = line.register(1)
        new = Apply("+", (old, 1)) if operator == "+" else Apply(operator, (old,))
        return line.pick(0, _condition(line, 2), wrapped(line, new), old)

    return rule


def arithmetic() -> dict[str, Rule]:
    """Return the rules of everything that computes in registers."""
    operators = {"add": "+", "sub": "-", "and": "&", "orr": "|", "eor": "^", "mul": "*", "sdiv": "/"}
    table: dict[str, Rule] = {name: _operation(operator) for name, operator in operators.items()}
    table |= {"adds": _operation_with_flags("+"), "subs": _operation_with_flags("-")}
    table |= {"ands": _bits_with_flags(), "bics": _bits_with_flags(inverted=True)}
    table |= {
        name: _operation(operator, inverted=True) for name, operator in {"bic": "&", "orn": "|", "eon": "^"}.items()
    }
    table |= {"lsl": _shift("<<"), "asr": _shift(">>"), "lsr": _shift(">>", unsigned=True)}
    table |= {"mov": _move, "movz": _move, "mvn": _negation("~"), "neg": _negation("neg")}
    table |= {"movn": _move_inverted, "movk": _keep, "ror": _rotate, "negs": _negate_with_flags}
    table |= {f"{name}v": table[name] for name in ("lsl", "asr", "lsr", "ror")}
    table |= {"cinc": _change_if("+"), "cinv": _change_if("~"), "cneg": _change_if("neg")}
    table |= {"cmp": _compare, "cmn": _compare, "tst": _test, "cset": _set, "csetm": _set_all, "csel": _choose()}
    table |= {"csinc": _choose("+"), "csinv": _choose("~"), "csneg": _choose("neg")}
    conversions = {"sxtb": "s8", "sxth": "s16", "sxtw": "s32", "uxtb": "u8", "uxth": "u16", "uxtw": "u32"}
    return table | {name: _conversion(operator) for name, operator in conversions.items()}
