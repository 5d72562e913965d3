"""The conditions of x86, and how its instructions set the flags that they look at.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1 (appendix B) and volume 2.
"""

from litmus.arch.assembly import Line, Rule
from litmus.arch.flags import ADDED, RESULT, SUBTRACTED, Setting, opposite
from litmus.arch.x86_operand import bits
from litmus.program.instruction import Branch, Instruction
from litmus.program.syntax import AsmImmediate, Assembly
from litmus.program.term import Apply, Term

CONDITIONS = {
    "e": "EQ",
    "z": "EQ",
    "ne": "NE",
    "nz": "NE",
    "l": "LT",
    "nge": "LT",
    "ge": "GE",
    "nl": "GE",
    "le": "LE",
    "ng": "LE",
    "g": "GT",
    "nle": "GT",
    "s": "MI",
    "ns": "PL",
    "o": "VS",
    "no": "VC",
    "lt": "LT",
    "gt": "GT",  # not Intel's words, but herd7's
}
"""By their suffixes, in AArch64's words, the conditions that do not look at the carry."""
CARRIES = {
    "b": "CC",
    "nae": "CC",
    "c": "CC",
    "ae": "CS",
    "nb": "CS",
    "nc": "CS",
    "be": "LS",
    "na": "LS",
    "a": "HI",
    "nbe": "HI",
}
"""Those that do."""
SHIFTS = {"shl": ("<<", False), "sal": ("<<", False), "shr": (">>", True), "sar": (">>", False)}
"""The operator of each shift, and whether what it shifts is unsigned."""
BITS = {"bt": None, "bts": "|", "btr": "&", "btc": "^"}
"""The operator by which each changes its bit."""

_SETTINGS = {
    "cmp": SUBTRACTED,
    "sub": SUBTRACTED,
    "neg": SUBTRACTED,
    "cmpxchg": SUBTRACTED,
    "dec": SUBTRACTED,
    "add": ADDED,
    "inc": ADDED,
    "xadd": ADDED,
    "and": RESULT,
    "or": RESULT,
    "xor": RESULT,
    "test": RESULT,
}
_QUAD = 64


def counted_bits(size: int) -> int:
    """Return the bits of a shift's count that count, for an operand of ``size`` bits."""
    return 63 if size == _QUAD else 31


def sets_flags(statement: Assembly) -> Setting | None:
    """Return how an instruction sets the flags, None where it does not."""
    name = statement.mnemonic.lower().removeprefix("lock ")
    if name not in {*_SETTINGS, *SHIFTS, *BITS} and name[-1:] in ("b", "w", "l", "q"):
        name = name[:-1]
    if name in SHIFTS:
        return _shift_setting(statement)
    if name in BITS:
        return Setting(SUBTRACTED, bits(statement), shows=frozenset({"CS", "CC"}))
    mode = _SETTINGS.get(name)
    return Setting(mode, bits(statement), carry=name not in ("inc", "dec")) if mode else None


def _shift_setting(statement: Assembly) -> Setting | None:
    """A shift by no bit leaves the flags alone, others show the result, and its last bit out in the carry."""
    counts = [o.value for o in statement.operands if isinstance(o, AsmImmediate)]
    if len(statement.operands) == 2 and not counts:
        return Setting(RESULT, bits(statement), shows=frozenset())
    if counts and not counts[0] & counted_bits(bits(statement)):
        return None
    return Setting(RESULT, bits(statement), shows=frozenset({"EQ", "NE", "MI", "PL"}))


def branch_on_carry(name: str) -> Rule:
    """Return the rule of a branch that looks at the carry, which after a subtraction is the opposite of AArch64's."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(1)
        return (Branch(_carry(line, name), line.symbol(0), line.origin),)

    return rule


def _carry(line: Line, name: str) -> Term:
    if all(setting is not None and setting.mode == SUBTRACTED for setting in line.flags):
        return line.condition(name)
    carry, zero = line.condition("CS"), line.condition("EQ")
    match name:
        case "CC":
            return carry
        case "CS":
            return opposite(carry)
        case "LS":
            return Apply("||", (carry, zero))
    return opposite(Apply("||", (carry, zero)))


def truth(line: Line, suffix: str) -> Term:
    """Return the truth of a condition by its suffix: ``ne``, ``ae``."""
    return line.condition(CONDITIONS[suffix]) if suffix in CONDITIONS else _carry(line, CARRIES[suffix])
