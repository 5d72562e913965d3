"""AArch64 arithmetic, comparisons and conditional selection. Source: Arm ARM, C6 and C1.2.4 (conditions)."""

from litmus.arch.aarch64_operand import is_word, second, wrapped
from litmus.arch.assembly import LEFT, RIGHT, Line, Rule, compare, flag, unsigned_flag
from litmus.program.instruction import Instruction
from litmus.program.term import Apply, Register, Term


def _operation(operator: str, *, wraps: bool = False, inverted: bool = False, flags: bool = False) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3, 4, 5)
        last = second(line, 2)
        right = Apply("~", (last,)) if inverted else last
        value: Term = Apply(operator, (line.register(1), right))
        value = wrapped(line, value) if wraps else value
        target = line.target(0)
        if not flags:
            return line.assign(target, value)
        if operator == "-":
            return *compare(line, line.register(1), right), *line.assign(target, value)
        return *compare(line, value, 0), *line.assign(target, Register(LEFT))

    return rule


def _shift_right(line: Line) -> tuple[Instruction, ...]:
    line.expect(3)
    unsigned = Apply("u32" if is_word(line) else "u64", (line.register(1),))
    return line.assign(line.target(0), wrapped(line, Apply(">>", (unsigned, line.term(2)))))


def _move(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 4)
    value = second(line, 1)
    return line.assign(line.target(0), wrapped(line, value) if isinstance(value, int) and value >> 31 else value)


def _negation(operator: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2, 3, 4)
        return line.assign(line.target(0), wrapped(line, Apply(operator, (second(line, 1),))))

    return rule


def _conversion(operator: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        return line.assign(line.target(0), Apply(operator, (line.register(1),)))

    return rule


def _compare(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 3, 4)
    return compare(line, line.register(0), second(line, 1))


def _compare_negative(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 3, 4)
    return compare(line, line.register(0), Apply("neg", (second(line, 1),)))


def _test(line: Line) -> tuple[Instruction, ...]:
    line.expect(2, 3, 4)
    return compare(line, Apply("&", (line.register(0), second(line, 1))), 0)


_MINUS = Apply("-", (Register(LEFT), Register(RIGHT)))
CONDITIONS: dict[str, Term] = {
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
    if name not in CONDITIONS:
        raise line.error(f"unknown condition '{name}'")
    return CONDITIONS[name]


def _choose(operator: str | None = None) -> Rule:
    """``CSEL Wd,Wn,Wm,cond`` and, with an operator on the last, ``CSINC``, ``CSINV``, ``CSNEG``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(4)
        other = line.register(2)
        if operator == "+":
            other = wrapped(line, Apply("+", (other, 1)))
        elif operator:
            other = wrapped(line, Apply(operator, (other,)))
        return line.assign(line.target(0), Apply("ite", (_condition(line, 3), line.register(1), other)))

    return rule


def _set(line: Line) -> tuple[Instruction, ...]:
    """``CSET Wd,cond``."""
    line.expect(2)
    return line.assign(line.target(0), Apply("ite", (_condition(line, 1), 1, 0)))


def arithmetic() -> dict[str, Rule]:
    """Return the rules of everything that computes in registers."""
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
