"""AArch64 operands: register names, widths, extensions and shifts. Source: Arm ARM, C1.2 and C6."""

from litmus.arch.assembly import Bank, Line, clipped, register_names
from litmus.program.syntax import AsmImmediate, AsmSymbol
from litmus.program.term import Apply, Term


def _names() -> dict[str, str | None]:
    table: dict[str, str | None] = {f"{w}{i}": f"X{i}" for w in "XW" for i in range(31)}
    return table | {"XZR": None, "WZR": None, "SP": "SP", "WSP": "SP"}


_NAMES = _names()


def canonical(name: str) -> str | None:
    """Return the X name of a register, None for the zero register. Raises KeyError for what is no register.

    Registers without a number (``%p``, ``W%p``, ``X%p``) keep their names.
    """
    if "%" in name:
        return f"%{name[name.index('%') :]}"
    return _NAMES[name.upper()]


def _is_word(name: str) -> bool:
    return name.upper().startswith("W")


BANK = Bank(canonical, _is_word)


def is_word(line: Line, index: int = 0) -> bool:
    """Whether the instruction works on 32 bits, told by the register that is its operand ``index``."""
    return _is_word(line.name(index))


def bits(line: Line, index: int = 0) -> int:
    """Return the width that the instruction works in."""
    return 32 if is_word(line, index) else 64


_CONVERSIONS = {"UXTB": "u8", "UXTH": "u16", "UXTW": "u32", "SXTB": "s8", "SXTH": "s16"}
_SHIFTS = frozenset({"LSR", "ASR", "ROR"})
_SUMS = frozenset({"add", "adds", "sub", "subs", "cmp", "cmn", "neg", "negs"})
_EXTENSIONS = frozenset(_CONVERSIONS) | {"UXTX", "SXTW", "SXTX", "LSL"}


def modified(line: Line, term: Term, rest: tuple[object, ...], width: int, source: int) -> Term:
    """Return ``term``, of ``source`` bits, under the extension or shift that follows it among the operands."""
    match rest:
        case ():
            return term
        case (AsmSymbol(word), *amount) if word.upper() in _EXTENSIONS:
            shift = amount[0].value if amount and isinstance(amount[0], AsmImmediate) else 0
            known = _CONVERSIONS.get(word.upper())
            term = clipped(known, term) if known else term
            return clipped(f"s{width}", Apply("<<", (term, shift))) if shift else term
        case (AsmSymbol(word), AsmImmediate(value)) if word.upper() in _SHIFTS and 0 <= value < source:
            return _shifted(word.upper(), term, value, source)
    raise line.error("not an extension or shift of the register before it")


def _shifted(word: str, term: Term, amount: int, source: int) -> Term:
    unsigned = clipped(f"u{source}", term)
    match word:
        case "LSR":
            return Apply(">>", (unsigned, amount))
        case "ASR":
            return Apply(">>", (term, amount))
    return Apply("|", (Apply(">>", (unsigned, amount)), Apply("<<", (unsigned, source - amount)))) if amount else term


def wrapped(line: Line, value: Term) -> Term:
    """Return a result that may leave the range of the destination, cut to its width."""
    return clipped(f"s{bits(line)}", value)


def second(line: Line, index: int) -> Term:
    """Return the last source operand with what modifies it (``W2,SXTW``, ``X3,LSL #2``), in the signed range."""
    rest, width = line.operands[index + 1 :], bits(line)
    if line.mnemonic in _SUMS and any(isinstance(o, AsmSymbol) and o.name.upper() == "ROR" for o in rest):
        raise line.error(f"the operand of '{line.statement.mnemonic}' cannot be rotated")
    match line.operand(index):
        case AsmImmediate(value):
            return clipped(f"s{width}", modified(line, value, rest, width, width))
    term = modified(line, line.term(index), rest, width, bits(line, index))
    return clipped(f"s{width}", term) if rest else term


def same_width(line: Line) -> None:
    """Raise where registers of different widths meet that nothing extends."""
    names = [name for name in register_names(line.statement) if name.upper() not in ("SP", "WSP")]
    extended = any(isinstance(operand, AsmSymbol) and operand.name.upper() in _EXTENSIONS for operand in line.operands)
    if len({_is_word(name) for name in names}) > 1 and not extended:
        raise line.unsupported("'{}' mixes registers of 32 and 64 bits")
