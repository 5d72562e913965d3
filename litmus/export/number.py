"""Integers of any C type in a language that has 32 bits only.

herd7 computes herd's C in 32 bits, signed and wrapping, whatever the types say (herd/CParseTest.ml: Int32Value). So a
value is written as the 32-bit number that it is congruent to: modulo 2^32 where its type is ``u32``, modulo 2^64 where
it is ``u64``, and itself in all other types. What may not be so written is refused.
"""

from litmus.arch.inference import COMPARISONS, operation_type
from litmus.arch.ranges import is_bool, operation_bounds, promoted, type_bounds
from litmus.dataclass import dataclass
from litmus.errors import UnsupportedError
from litmus.export.interval import Interval
from litmus.program.term import evaluate, wrap
from litmus.program.types import INT, TYPES, Type
from litmus.source import Span

WORD: Interval = (-(1 << 31), (1 << 31) - 1)
LEAST = WORD[0]
LONG = TYPES["long"]

HINT = "use 32-bit types, or values that need no more"


@dataclass(frozen=True, slots=True)
class Number:
    """A pure expression of herd's C: ``text`` with the numbers that it may evaluate to, None where it is an address.
    ``type`` is that of the value it stands for; ``constant`` says that it is a literal."""

    text: str
    type: Type
    interval: Interval | None
    constant: bool = False

    @property
    def tight(self) -> str:
        """The text as an operand: in parentheses where it is more than a name or a number."""
        simple = self.text.lstrip("-").replace("_", "a").isalnum()
        return self.text if simple else f"({self.text})"

    @property
    def low(self) -> int:
        """The least number."""
        return LEAST if self.interval is None else self.interval[0]

    @property
    def high(self) -> int:
        """The greatest number."""
        return WORD[1] if self.interval is None else self.interval[1]


def literal(value: int, type_: Type, span: Span | None) -> Number:
    """Return a constant.

    Raises:
        UnsupportedError: where 32 bits cannot tell it.
    """
    number = represented(value, value, type_)
    if number is None:
        raise too_wide(f"{value}", span)
    return Number(str(number[0]), type_, number, constant=True)


def converted_literal(value: int, type_: Type, span: Span | None) -> Number:
    """Return a constant converted to a type.

    Raises:
        UnsupportedError: where 32 bits cannot tell it.
    """
    wrapped = int(value != 0) if is_bool(type_) else wrap(value, 8 * type_.size, type_.signed)
    assert isinstance(wrapped, int)
    return literal(wrapped, type_, span)


def too_wide(what: str, span: Span | None) -> UnsupportedError:
    """Return the error for what does not fit."""
    return UnsupportedError(f"herd7 computes C in 32 bits, which may not hold {what}", span, hint=HINT)


def represented(low: int, high: int, type_: Type) -> Interval | None:
    """Return the 32-bit numbers that stand for the values from ``low`` to ``high``, None where some have none."""
    if _inside((low, high), WORD):
        return low, high
    if type_.signed or type_.size not in (4, 8):
        return None
    modulus = 1 << 8 * type_.size
    moved = low - modulus, high - modulus
    if _inside(moved, WORD):
        return moved
    return WORD if type_.size == INT.size else None


def _inside(inner: Interval, outer: Interval) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def read(text: str, type_: Type | None, values: Interval | None, span: Span | None) -> Number:
    """Return a variable, or what is read from memory, that may have these values (as `interval` counts them).

    Raises:
        UnsupportedError: where it has a type for which they are too many.
    """
    type_ = type_ or INT
    if values is None or type_.pointer:
        return Number(text, type_, None)
    low, high = type_bounds(LONG if type_.size == LONG.size else type_)
    found = represented(max(low, values[0]), min(high, values[1]), type_)
    if found is None:
        raise too_wide(f"what '{span.text}' is, of type {type_}" if span else f"a {type_}", span)
    return Number(text, type_, found)


def convert(number: Number, type_: Type, span: Span | None) -> Number:
    """Return a number converted to a type, as C does where it is assigned, cast or computed with.

    Raises:
        UnsupportedError: where the result needs more than 32 bits.
    """
    if type_.pointer or number.interval is None:
        return Number(number.text, type_, number.interval, number.constant)
    if is_bool(type_):
        return number if _inside(number.interval, (0, 1)) else Number(f"{number.tight} != 0", type_, (0, 1))
    if type_.size < INT.size:
        return _narrowed(number, type_)
    widened = type_.size > number.type.size and number.type.size == INT.size
    if widened and not number.type.signed and number.low < 0:
        raise too_wide(f"the {number.type} here as {type_}", span)
    return Number(number.text, type_, number.interval, number.constant)


def _narrowed(number: Number, type_: Type) -> Number:
    bounds, mask = type_bounds(type_), (1 << 8 * type_.size) - 1
    assert number.interval is not None
    if _inside(number.interval, bounds):
        return Number(number.text, type_, number.interval, number.constant)
    if number.constant:
        value = number.interval[0] & mask
        value -= (mask + 1) if value > bounds[1] else 0
        return Number(str(value), type_, (value, value), constant=True)
    cut = f"{number.tight} & {mask}"
    sign = (mask + 1) // 2
    return Number(cut if not type_.signed else f"(({cut}) ^ {sign}) - {sign}", type_, bounds)


def negated(number: Number) -> Number:
    """Return ``!number``."""
    return Number(f"{number.tight} == 0", INT, (0, 1))


def unary(operator: str, operand: Number, span: Span | None) -> Number:
    """Return ``-operand`` or ``~operand``."""
    if operand.interval is None:
        raise UnsupportedError(f"herd's C has no operator '{operator}' on addresses", span)
    type_ = promoted(operand.type)
    number = convert(operand, type_, span)
    if operator == "~":
        return _computed("^", number, Number("-1", type_, (-1, -1)), type_, span)
    if number.constant and number.low > LEAST:
        return Number(str(-number.low), type_, (-number.low, -number.low), constant=True)
    return _computed("-", Number("0", type_, (0, 0)), number, type_, span)


def binary(operator: str, left: Number, right: Number, span: Span | None) -> Number:
    """Return ``left operator right`` for an operator of C that is neither a shift nor ``&&`` or ``||``.

    Raises:
        UnsupportedError: where herd's C cannot compute it.
    """
    type_ = operation_type(operator, left.type, right.type)
    one, other = convert(left, type_, span), convert(right, type_, span)
    if operator not in ("==", "!=") and None in (one.interval, other.interval):
        raise UnsupportedError(f"herd's C has no operator '{operator}' on addresses", span)
    if operator in COMPARISONS:
        return Number(_comparison(operator, one, other), INT, (0, 1))
    if operator in "/%":
        return _division(operator, one, other, type_, span)
    return _computed(operator, one, other, type_, span)


def _comparison(operator: str, one: Number, other: Number) -> str:
    if operator in ("==", "!=") or one.type.signed or (one.low >= 0 and other.low >= 0):
        return f"{one.tight} {operator} {other.tight}"
    # The order of unsigned numbers is that of signed ones with the highest bit flipped.
    return f"{_flipped(one)} {operator} {_flipped(other)}"


def _flipped(number: Number) -> str:
    return str(number.low ^ LEAST) if number.constant else f"({number.tight} ^ {LEAST})"


def _computed(operator: str, one: Number, other: Number, type_: Type, span: Span | None) -> Number:
    if one.constant and other.constant:
        result = wrap(evaluate(operator, (one.low, other.low)), 32 if type_.size == INT.size else 8 * type_.size, True)
        assert isinstance(result, int)
        return literal(result, type_, span)
    interval = operation_bounds(operator, one.interval, other.interval)
    if interval is None or not _inside(interval, WORD):
        if type_.size != INT.size:
            raise too_wide(f"the {type_} that '{operator}' gives here", span)
        interval = WORD
    return Number(f"{one.tight} {operator} {other.tight}", type_, interval)


def _division(operator: str, one: Number, other: Number, type_: Type, span: Span | None) -> Number:
    if other.low <= 0 <= other.high:
        message = f"herd7 stops where '{operator}' divides by zero, and this divisor may be zero"
        raise UnsupportedError(message, span, hint="divide by a constant")
    if type_.signed and other.low <= -1 <= other.high and one.low == LEAST:
        raise too_wide(f"the {type_} that '{operator}' gives here", span)
    if not type_.signed and (one.low < 0 or other.low < 0):
        return _unsigned_division(operator, one, other, type_, span)
    quotient = f"{one.tight} / {other.tight}"
    if operator == "/":
        return Number(quotient, type_, operation_bounds("/", one.interval, other.interval) or WORD)
    interval = operation_bounds("%", one.interval, other.interval) or WORD
    return Number(f"{one.tight} - ({quotient}) * {other.tight}", type_, interval)


def _unsigned_division(operator: str, one: Number, other: Number, type_: Type, span: Span | None) -> Number:
    """Of numbers that stand for greater ones: by powers of two."""
    power = other.low.bit_length() - 1
    if not other.constant or other.low != 1 << power:
        raise too_wide(f"the {type_} that '{operator}' divides here", span)
    if operator == "/":
        return shifted_right(one, power, span)
    return _computed("&", one, Number(str(other.low - 1), type_, (other.low - 1, other.low - 1)), type_, span)


def shifted_left(number: Number, amount: int, span: Span | None) -> Number:
    """Return ``number << amount``, which is less than the width of the type."""
    type_ = promoted(number.type)
    factor = 1 << amount
    if number.constant:
        return _computed("*", number, Number(str(factor), type_, (factor, factor), constant=True), type_, span)
    interval = operation_bounds("*", number.interval, (factor, factor)) or WORD
    if not _inside(interval, WORD):
        if type_.size != INT.size:
            raise too_wide(f"the {type_} that '<<' gives here", span)
        interval = WORD
    return Number(f"{number.tight} * {LEAST if amount == 31 else factor}", type_, interval)


def shifted_right(number: Number, amount: int, span: Span | None) -> Number:
    """Return ``number >> amount``, which is less than the width of the type: a division that rounds down."""
    type_ = promoted(number.type)
    interval = operation_bounds(">>", number.interval, (amount, amount)) or WORD
    if amount == 0:
        return Number(number.text, type_, number.interval)
    if number.low >= 0:
        text = f"{number.tight} / {1 << amount}" if amount < 31 else f"{number.tight} & 0"
        return Number(text, type_, interval)
    if type_.signed:
        text = f"({number.tight} & {-1 << amount}) / {1 << amount}" if amount < 31 else f"0 - ({number.tight} < 0)"
        return Number(text, type_, interval)
    if type_.size != INT.size:
        raise too_wide(f"the {type_} that '>>' shifts here", span)
    if amount == 31:
        return Number(f"{number.tight} < 0", type_, (0, 1))
    most = (1 << 32 - amount) - 1
    return Number(f"(({number.tight} & {-1 << amount}) / {1 << amount}) & {most}", type_, (0, most))
