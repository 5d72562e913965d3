"""Operations that C leaves without a meaning: division by zero, quotients that overflow, shifts by too much, and those
of the kernel on a bit that its word does not have.

Constants that rule a meaning out are errors. Where it depends on what is read, executions in which there is none end
there and say so (`program.instruction.Defined`). Other arithmetic wraps around, signed too, as the kernel is compiled
(-fno-strict-overflow in its Makefile).
"""

from collections.abc import Iterator

from litmus.arch.emitter import Emitter, fold
from litmus.arch.inference import SHIFTS
from litmus.arch.ranges import Types, bounds, type_bounds
from litmus.errors import ParseError, UnsupportedError
from litmus.program.term import Address, Term
from litmus.program.types import Type
from litmus.source import Span

DIVISIONS = {"/": "division", "%": "remainder"}
_LONG = 64
"""The bits of ``unsigned long``, of which the kernel's bitmaps are."""


def has_meaning(
    emitter: Emitter, under: Term, operator: str, operands: tuple[Term, Term], type_: Type, span: Span | None
) -> bool:
    """Append what ends the executions in which an operation in ``type_`` has no meaning though it is needed, as it is
    ``under`` a condition. Return False where it never has one and is not needed.

    Raises:
        ParseError: where it is needed and never has one.
    """
    for condition, problem in _conditions(operator, *operands, type_, emitter.types):
        if condition == 0 and under == 0:
            return False
        if condition == 0 and under == 1:
            raise ParseError(f"undefined in C: {problem}", span)
        place = f" ({span.location()})" if span else ""
        needed = condition if under == 1 else fold("||", fold("!", under), condition)
        emitter.require(needed, f"a {problem}{place}")
        if condition == 0:
            return False
    return True


def _conditions(operator: str, left: Term, right: Term, type_: Type, types: Types) -> Iterator[tuple[Term, str]]:
    """Yield what must hold and the problem where it does not; nothing for what surely holds."""
    if operator in DIVISIONS:
        yield from _division(DIVISIONS[operator], left, right, type_, types)
    elif operator in SHIFTS:
        yield from _shift(right, type_, types)


def _division(word: str, left: Term, right: Term, type_: Type, types: Types) -> Iterator[tuple[Term, str]]:
    least = type_bounds(type_)[0]
    if may_be(right, 0, types):
        yield fold("!=", right, 0), f"{word} by zero"
    if type_.signed and may_be(right, -1, types) and may_be(left, least, types):
        inside = fold("||", fold("!=", left, least), fold("!=", right, -1))
        yield inside, f"{word} of the least {type_} by -1, which overflows"


def _shift(amount: Term, type_: Type, types: Types) -> Iterator[tuple[Term, str]]:
    width = 8 * type_.size
    known = bounds(amount, types)
    if known is None or known[0] < 0 or known[1] >= width:
        inside = fold("&&", fold(">=", amount, 0), fold("<", amount, width))
        told = str(amount) if isinstance(amount, int) else "less than 0 or no less than that"
        yield inside, f"shift of {width} bits by {told}"


def require_bit(emitter: Emitter, number: Term, word: Type | None, span: Span | None) -> None:
    """Append what ends the executions in which a word has no bit of a number; a word of unknown type has 64.

    Raises:
        UnsupportedError: where it never has one. (The kernel's operations would look into the words that follow.)
    """
    if isinstance(number, Address):
        raise ParseError("the number of a bit is needed here, not an address", span)
    width = _LONG if word is None else 1 if word.is_bool else 8 * word.size
    known = bounds(number, emitter.types)
    if known is not None and known[0] >= 0 and known[1] < width:
        return
    bits = f"{width} bit{'s' if width > 1 else ''}"
    if not isinstance(number, int):
        inside = fold("&&", fold(">=", number, 0), fold("<", number, width))
        place = f" ({span.location()})" if span else ""
        emitter.require(inside, f"a bit outside its word of {bits}{place}")
        return
    raise UnsupportedError(f"bit {number} is outside its word of {bits}", span)


def may_be(term: Term, number: int, types: Types) -> bool:
    """Whether a term may have a value, as far as its types tell."""
    known = bounds(term, types)
    return known is None or known[0] <= number <= known[1]
