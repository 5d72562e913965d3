"""AArch64 operands: register names, widths, extensions and shifts. Source: Arm ARM, C1.2 and C6.

A register holds its 32 low bits as a signed number when it was written by its W name, which is how states print it.
"""

from litmus.arch.assembly import Bank, Line
from litmus.program.syntax import AsmImmediate, AsmSymbol
from litmus.program.term import Apply, Term


def _names() -> dict[str, str | None]:
    table: dict[str, str | None] = {f"{w}{i}": f"X{i}" for w in "XW" for i in range(31)}
    return table | {"XZR": None, "WZR": None, "SP": "SP", "WSP": "SP"}


_NAMES = _names()


def canonical(name: str) -> str | None:
    """Return the X name of a register, None for the zero register. Raises KeyError for what is no register."""
    return _NAMES[name.upper()]


BANK = Bank(canonical)


def is_word(line: Line, index: int = 0) -> bool:
    """Whether the instruction works on 32 bits, told by the register that is its operand ``index``."""
    return line.name(index).upper().startswith("W")


def _extend(term: Term, how: str, amount: int) -> Term:
    """Return an offset register after ``SXTW #2``, ``UXTW``, ``LSL #3`` and the like."""
    conversions = {"UXTB": "u8", "UXTH": "u16", "UXTW": "u32", "SXTB": "s8", "SXTH": "s16"}
    if how in conversions:
        term = Apply(conversions[how], (term,))
    return Apply("<<", (term, amount)) if amount else term


_EXTENSIONS = frozenset({"UXTB", "UXTH", "UXTW", "UXTX", "SXTB", "SXTH", "SXTW", "SXTX", "LSL"})


def modified(line: Line, term: Term, rest: tuple[object, ...]) -> Term:
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


def wrapped(line: Line, value: Term) -> Term:
    """Return a result that may leave the range of the destination, cut to its width."""
    return Apply("s32" if is_word(line) else "s64", (value,))


def second(line: Line, index: int) -> Term:
    """Return the last source operand with what modifies it (``W2,SXTW``, ``X3,LSL #2``)."""
    return modified(line, line.term(index), line.operands[index + 1 :])
