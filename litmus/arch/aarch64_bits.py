"""AArch64 instructions on single bits and bit fields, products and quotients. Source: Arm ARM, C6.

Sources are in the signed range of the width, and so is every result.
"""

from litmus.arch.aarch64_operand import bits, is_word, same_width, wrapped
from litmus.arch.assembly import Line, Rule, clipped, extreme
from litmus.program.instruction import Instruction
from litmus.program.term import Apply, Term

_WORD = 32


def _unsigned(line: Line, index: int) -> Term:
    return clipped(f"u{bits(line)}", line.register(index))


def _field(value: Term, low: int, width: int) -> Term:
    """Return ``width`` bits of a number that is not negative."""
    return Apply("&", (Apply(">>", (value, low)), (1 << width) - 1))


def _extended(value: Term, width: int, signed: bool) -> Term:
    """Return a field of so many bits as a number, its highest bit being a sign."""
    if not signed:
        return value
    sign = 1 << (width - 1)
    return Apply("-", (Apply("^", (value, sign)), sign))


def _limits(line: Line, low: int, width: int) -> None:
    if not 0 <= low < low + width <= bits(line):
        raise line.error(f"a register has no such bits as '{line.statement.text}' takes")


def _extract(line: Line, low: int, width: int, signed: bool) -> tuple[Instruction, ...]:
    _limits(line, low, width)
    value = _extended(_field(_unsigned(line, 1), low, width), width, signed)
    return line.put(0, wrapped(line, value))


def _move_up(line: Line, low: int, width: int, signed: bool) -> tuple[Instruction, ...]:
    _limits(line, low, width)
    value = _extended(_field(_unsigned(line, 1), 0, width), width, signed)
    return line.put(0, wrapped(line, Apply("<<", (value, low))))


def _insert(line: Line, source: int, target: int, width: int) -> tuple[Instruction, ...]:
    """Replace bits of the destination, the others keep what they are."""
    _limits(line, source, width)
    _limits(line, target, width)
    mask = ((1 << width) - 1) << target
    others = Apply("&", (line.register(0), ~mask))
    new = Apply("<<", (_field(_unsigned(line, 1), source, width), target))
    return line.put(0, wrapped(line, Apply("|", (others, new))))


def _by_width(signed: bool, *, up: bool) -> Rule:
    """``UBFX Wd,Wn,#low,#width``, ``UBFIZ``, ``SBFX``, ``SBFIZ``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(4)
        same_width(line)
        return (_move_up if up else _extract)(line, line.immediate(2), line.immediate(3), signed)

    return rule


def _by_ends(signed: bool) -> Rule:
    """``UBFM Wd,Wn,#r,#s``: bits r to s, or with s below r the low s+1 bits moved up."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(4)
        same_width(line)
        first, last = _ends(line)
        if last >= first:
            return _extract(line, first, last - first + 1, signed)
        return _move_up(line, bits(line) - first, last + 1, signed)

    return rule


def _ends(line: Line) -> tuple[int, int]:
    first, last = line.immediate(2), line.immediate(3)
    if not (0 <= first < bits(line) and 0 <= last < bits(line)):
        raise line.error(f"a register has no such bits as '{line.statement.text}' takes")
    return first, last


def _insert_by_ends(line: Line) -> tuple[Instruction, ...]:
    """``BFM Wd,Wn,#r,#s``."""
    line.expect(4)
    same_width(line)
    first, last = _ends(line)
    if last >= first:
        return _insert(line, first, 0, last - first + 1)
    return _insert(line, 0, bits(line) - first, last + 1)


def _insert_field(*, low: bool) -> Rule:
    """``BFXIL Wd,Wn,#from,#width`` into the low bits, ``BFI Wd,Wn,#to,#width`` of the low bits."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(4)
        same_width(line)
        place, width = line.immediate(2), line.immediate(3)
        return _insert(line, place, 0, width) if low else _insert(line, 0, place, width)

    return rule


def _pair_of_registers(line: Line) -> tuple[Instruction, ...]:
    """``EXTR Wd,Wn,Wm,#low``: a register's width of bits of ``Wn`` above ``Wm``."""
    line.expect(4)
    same_width(line)
    low = line.immediate(3)
    _limits(line, low, 1)
    # In two steps: a shift by 64 would be one by 0.
    above = Apply("<<", (Apply("<<", (_unsigned(line, 1), bits(line) - 1 - low)), 1))
    return line.put(0, wrapped(line, Apply("|", (Apply(">>", (_unsigned(line, 2), low)), above))))


def _groups(line: Line, size: int) -> Term:
    """Return the register with the bytes of each group of ``size`` bits reversed."""
    value = _unsigned(line, 1)
    moved = (
        Apply("<<", (_field(value, low, 8), _mirrored(low // 8, size // 8) * 8)) for low in range(0, bits(line), 8)
    )
    return _joined(list(moved))


def _mirrored(place: int, count: int) -> int:
    return place - place % count + count - 1 - place % count


def _joined(parts: list[Term]) -> Term:
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return Apply("|", (_joined(parts[:middle]), _joined(parts[middle:])))


def _reverse(size: int) -> Rule:
    """``REV``, ``REV16``, ``REV32``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(2)
        same_width(line)
        if size == _WORD and is_word(line):
            raise line.error(f"'{line.statement.mnemonic}' is for registers of 64 bits")
        return line.put(0, wrapped(line, _groups(line, size or bits(line))))

    return rule


def _reverse_bits(line: Line) -> tuple[Instruction, ...]:
    """``RBIT``."""
    line.expect(2)
    same_width(line)
    last = bits(line) - 1
    value = _unsigned(line, 1)
    moved = [Apply("<<", (_field(value, place, 1), last - place)) for place in range(last + 1)]
    return line.put(0, wrapped(line, _joined([*moved])))


def _leading_zeros(line: Line) -> tuple[Instruction, ...]:
    """``CLZ``: how many times the value can be halved before nothing is left of it, from the width down."""
    line.expect(2)
    same_width(line)
    value = _unsigned(line, 1)
    count: Term = bits(line)
    for place in range(bits(line)):
        count = Apply("-", (count, Apply("!=", (Apply(">>", (value, place)), 0))))
    return line.put(0, count)


def _absolute(line: Line) -> tuple[Instruction, ...]:
    """``ABS``: the lowest number stays what it is."""
    line.expect(2)
    same_width(line)
    value = line.register(1)
    return line.put(0, wrapped(line, Apply("ite", (Apply("<", (value, 0)), Apply("neg", (value,)), value))))


def _accumulate(operator: str, conversion: str | None = None) -> Rule:
    """``MADD Wd,Wn,Wm,Wa`` and ``MSUB``; with a conversion of the factors ``SMADDL Xd,Wn,Wm,Xa`` and its like."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(4)
        return line.put(0, wrapped(line, Apply(operator, (line.register(3), _product(line, conversion)))))

    return rule


def _product(line: Line, conversion: str | None) -> Term:
    factors = (line.register(1), line.register(2))
    if conversion is None:
        same_width(line)
    elif is_word(line) or not (is_word(line, 1) and is_word(line, 2)):
        raise line.error(f"'{line.statement.mnemonic}' multiplies registers of 32 bits into one of 64")
    return Apply("*", tuple(clipped(conversion, f) for f in factors) if conversion else factors)


def _multiply(*, negative: bool, conversion: str | None = None) -> Rule:
    """``MNEG``, ``SMULL``, ``UMULL``, ``SMNEGL``, ``UMNEGL``."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        product = _product(line, conversion)
        return line.put(0, wrapped(line, Apply("neg", (product,)) if negative else product))

    return rule


def _multiply_high(conversion: str) -> Rule:
    """``SMULH``, ``UMULH``: the upper 64 bits of the product."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        same_width(line)
        if is_word(line):
            raise line.error(f"'{line.statement.mnemonic}' is for registers of 64 bits")
        factors = tuple(clipped(conversion, line.register(i)) for i in (1, 2))
        # In two steps: a shift by 64 would be one by 0.
        return line.put(0, wrapped(line, Apply(">>", (Apply(">>", (Apply("*", factors), 32)), 32))))

    return rule


def _divide_unsigned(line: Line) -> tuple[Instruction, ...]:
    """``UDIV``: 0 where the divisor is 0."""
    line.expect(3)
    same_width(line)
    return line.put(0, wrapped(line, Apply("/", (_unsigned(line, 1), _unsigned(line, 2)))))


def _choose(comparison: str, *, unsigned: bool = False) -> Rule:
    """``SMAX Wd,Wn,Wm`` and its like; the last operand may be a number."""

    def rule(line: Line) -> tuple[Instruction, ...]:
        line.expect(3)
        same_width(line)
        chosen = extreme(comparison, f"u{bits(line)}" if unsigned else None)(line.register(1), line.term(2))
        return line.put(0, wrapped(line, chosen))

    return rule


def bit_instructions() -> dict[str, Rule]:
    """Return the rules of instructions on bits, and of products and quotients."""
    table: dict[str, Rule] = {}
    for letter, signed in {"u": False, "s": True}.items():
        table |= {f"{letter}bfx": _by_width(signed, up=False), f"{letter}bfiz": _by_width(signed, up=True)}
        table |= {f"{letter}bfm": _by_ends(signed)}
        word = f"{letter}32"
        table |= {f"{letter}maddl": _accumulate("+", word), f"{letter}msubl": _accumulate("-", word)}
        table[f"{letter}mull"] = _multiply(negative=False, conversion=word)
        table[f"{letter}mnegl"] = _multiply(negative=True, conversion=word)
        table[f"{letter}mulh"] = _multiply_high(f"{letter}64")
        table |= {f"{letter}max": _choose(">", unsigned=not signed), f"{letter}min": _choose("<", unsigned=not signed)}
    table |= {"bfm": _insert_by_ends, "bfi": _insert_field(low=False), "bfxil": _insert_field(low=True)}
    table |= {"extr": _pair_of_registers, "rbit": _reverse_bits, "clz": _leading_zeros, "abs": _absolute}
    table |= {"rev": _reverse(0), "rev16": _reverse(16), "rev32": _reverse(32), "rev64": _reverse(0)}
    table |= {"madd": _accumulate("+"), "msub": _accumulate("-"), "mneg": _multiply(negative=True)}
    return table | {"udiv": _divide_unsigned}
