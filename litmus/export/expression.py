"""Expressions in herd's C, where each access to memory is a statement: herd7 evaluates operands in no order.

A value is pure text; the accesses that it needs are written before it, each into a variable.
"""

from dataclasses import dataclass

from litmus.errors import UnsupportedError
from litmus.export.primitive import Rendering, rendering
from litmus.export.sheet import Sheet
from litmus.program.syntax import (
    Access,
    Binary,
    Call,
    Cast,
    Conditional,
    Constant,
    Element,
    Expression,
    Local,
    Member,
    Static,
    Unary,
)

PLAIN_OPERATORS = frozenset("+ - * / & | ^ == != < > <= >=".split())
COMPARISONS = frozenset("== != < > <= >=".split())


@dataclass(slots=True)
class Expressions:
    """Writes the expressions of one thread on its sheet."""

    sheet: Sheet

    def assign(self, target: str, value: Expression) -> None:
        """Write ``target = value;``."""
        match value:
            case Call():
                self.sheet.line(f"{target} = {self.call(value, needed=True)};")
            case Access(address):
                self.sheet.line(f"{target} = {self.content(address)};")
            case _:
                self.sheet.line(f"{target} = {self.value(value)};")

    def effect(self, value: Expression) -> None:
        """Write ``value`` for what it does."""
        match value:
            case Call():
                self.sheet.line(f"{self.call(value, needed=False)};")
            case Access(address):
                self.sheet.line(f"{self.sheet.temporary('unused')} = {self.content(address)};")
            case _:
                self.value(value)

    def value(self, expression: Expression) -> str:
        """Return a pure expression; accesses that it makes are written first, each into a variable of its own."""
        match expression:
            case Constant(value):
                return str(value)
            case Local(name):
                return self.sheet.local(name, expression.span)
            case Static(address):
                return self.sheet.name(address, expression.span)
            case Access() | Call():
                held = self.sheet.temporary("t")
                self.assign(held, expression)
                return held
            case Unary() | Binary():
                return self._operation(expression)
            case Cast(_, operand):
                return self._cast(expression, operand)
            case Member() | Element():
                return self.pointer(expression)
            case Conditional():
                raise UnsupportedError("herd's C has no conditional expression (?:)", expression.span)
            case _:
                raise UnsupportedError("herd's C has no equal of this expression", expression.span)

    def _operation(self, expression: Unary | Binary) -> str:
        match expression:
            case Unary("-", Constant(value)):
                return str(-value)
            case Unary("-", operand):
                return f"0 - {tight(self.value(operand))}"
            case Unary("~", operand):
                return f"{tight(self.value(operand))} ^ -1"
            case Unary("!", operand):
                return f"{tight(self.value(operand))} == 0"
            case Binary("<<", Constant(value), Constant(bits)):
                return str(value << bits)
            case Binary("<<", left, Constant(bits)):
                return f"{tight(self.value(left))} * {1 << bits}"
            case Binary("&", Binary(">>", left, Constant(bits)), Constant(mask)) if mask >= 0:
                self.sheet.notes[">>"] = "a >> n & m as (a & (m << n)) / (1 << n)"
                return f"({tight(self.value(left))} & {mask << bits}) / {1 << bits}"
            case Binary(("&&" | "||") as operator, left, right) if pure(right):
                both = (self._truth(left), self._truth(right))
                self.sheet.notes[f"{operator} value"] = f"a {operator} b as (a != 0) {operator[0]} (b != 0)"
                return f"{both[0]} {operator[0]} {both[1]}"
            case Binary(operator, left, right) if operator in PLAIN_OPERATORS:
                first = tight(self.value(left))
                return f"{first} {operator} {tight(self.value(right))}"
        raise UnsupportedError(f"herd's C has no operator '{expression.operator}' here", expression.span)

    def _truth(self, expression: Expression) -> str:
        text = self.value(expression)
        match expression:
            case Binary(operator) if operator in COMPARISONS:
                return tight(text)
            case _:
                return f"({tight(text)} != 0)"

    def _cast(self, cast: Cast, operand: Expression) -> str:
        if cast.type.pointer or cast.type.size >= 8:
            return self.value(operand)
        raise UnsupportedError(f"herd's C ignores a cast to {cast.type}, which may change the value", cast.span)

    def content(self, address: Expression) -> str:
        """Return the lvalue at ``address``: ``*x``."""
        return f"*{self.pointer(address)}"

    def pointer(self, address: Expression) -> str:
        """Return the address: ``x``."""
        match address:
            case Static(where):
                return self.sheet.name(where, address.span)
            case Local(name):
                return self.sheet.local(name, address.span)
            case Member(base, _, 0):
                return self.pointer(base)
            case Member(base, name):
                raise UnsupportedError(f"herd's C has no field '{name}' behind a pointer variable", address.span)
            case Element():
                raise UnsupportedError("herd's C has no element of an array chosen at run time", address.span)
            case Access() | Call():
                return self.value(address)
            case _:
                raise UnsupportedError("herd's C has no such address", address.span)

    def compute(self, value: Expression) -> str:
        """Return a new variable that holds ``value`` at the end of the thread."""
        held = self.sheet.temporary("c")
        self.assign(held, value)
        return held

    def awaited(self, condition: Expression) -> str:
        """Return the condition of an await; a bit lock that is waited for is taken."""
        match condition:
            case Unary("!", Call("test_and_set_bit_lock", arguments, span)):
                known = rendering(Call("lock_page", arguments, span))
                self.sheet.notes["test_and_set_bit_lock"] = f"a bit lock that is taken as {known.name}(1 << n, w)"
                taken = self.sheet.temporary("t")
                self.sheet.line(f"{taken} = {self._text(known)};")
                return f"({taken} & {known.mask}) == 0"
            case _:
                return self.value(condition)

    def call(self, call: Call, *, needed: bool) -> str:
        """Return the call as herd writes it; what goes before it is written first."""
        known = rendering(call)
        if known.note:
            self.sheet.notes[call.name] = known.note
        if known.operator:
            return self._plain_bit(known, self.pointer(known.arguments[0]))
        text = self._text(known)
        if known.keeps:
            return self._lock(known, text, needed)
        if not needed:
            return f"{self.sheet.temporary('unused')} = {text}" if known.value else text
        if known.mask is None:
            return text
        held = self.sheet.temporary("t")
        self.sheet.line(f"{held} = {text};")
        return f"({held} & {known.mask}) != 0"

    def _text(self, known: Rendering) -> str:
        arguments = [self._argument(known, index, argument) for index, argument in enumerate(known.arguments)]
        return f"{known.name}({', '.join(arguments)})"

    def _lock(self, known: Rendering, text: str, needed: bool) -> str:
        """A bit lock that is taken: executions in which the bit was set before do not count."""
        held, kept = self.sheet.temporary("t"), self.sheet.temporary("locked", 1)
        self.sheet.line(f"{held} = {text};")
        self.sheet.kept.append(kept)
        return f"{kept} = ({held} & {known.mask}) == 0"

    def _plain_bit(self, known: Rendering, word: str) -> str:
        held = self.sheet.temporary("t")
        self.sheet.line(f"{held} = *{word};")
        assert known.mask is not None
        operand = -known.mask - 1 if known.operator == "&" else known.mask
        return f"*{word} = {held} {known.operator} {operand}"

    def _argument(self, known: Rendering, index: int, argument: Expression) -> str:
        if index in known.lvalues:
            return self.content(argument)
        if index in known.addresses:
            return self.pointer(argument)
        return self.value(argument)


def pure(expression: Expression) -> bool:
    """Whether evaluating ``expression`` touches no memory."""
    match expression:
        case Constant() | Local() | Static():
            return True
        case Unary(_, operand) | Cast(_, operand):
            return pure(operand)
        case Binary(_, left, right):
            return pure(left) and pure(right)
        case _:
            return False


def tight(text: str) -> str:
    """Return ``text`` as an operand: in parentheses where it is more than a name or a number."""
    simple = text.lstrip("-").replace("_", "a").isalnum()
    return text if simple else f"({text})"
