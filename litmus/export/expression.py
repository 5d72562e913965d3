"""Expressions in herd's C, where each access to memory is a statement: herd7 evaluates operands in no order.

A value is a pure expression with its type; the accesses that it needs are written before it, each into a variable.
"""

import re

from litmus.arch.inference import COMPARISONS, constant_type
from litmus.arch.ranges import promoted
from litmus.dataclass import dataclass, replace
from litmus.errors import UnsupportedError
from litmus.export.interval import Interval
from litmus.export.knowledge import Knowledge
from litmus.export.number import (
    WORD,
    Number,
    binary,
    convert,
    converted_literal,
    literal,
    negated,
    read,
    shifted_left,
    shifted_right,
    unary,
)
from litmus.export.pointer import ADDRESS, POINTER, kind_of, place_of, starred
from litmus.export.primitive import UNLESS_ZERO, Rendering, rendering, unless_zero
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
    Placeholder,
    Static,
    Unary,
)
from litmus.program.types import INT, Type
from litmus.source import Span

_TRY = re.compile(r"try_cmpxchg")


@dataclass(slots=True)
class Expressions:
    """Writes the expressions of one thread on its sheet."""

    sheet: Sheet
    knowledge: Knowledge
    _read: Number | None = None
    """What ``VAL`` stands for."""

    def assign(self, target: str, value: Expression, type_: Type | None) -> None:
        """Write ``target = value;`` for a target of a type."""
        self.sheet.line(f"{target} = {self.converted(value, type_, direct=True)};")

    def converted(self, value: Expression, type_: Type | None, *, direct: bool = False) -> str:
        """Return a value converted to a type; with ``direct`` it may be one access to memory."""
        if isinstance(value, Constant) and type_ is not None and not type_.pointer:
            return converted_literal(value.value, type_, value.span).text
        number = self._direct(value) if direct else None
        if number is None or (type_ is not None and convert(number, type_, value.span).text != number.text):
            number = self.value(value) if number is None else self._kept(number)
        return number.text if type_ is None else convert(number, type_, value.span).text

    def _direct(self, value: Expression) -> Number | None:
        """Return an access to memory, which is not pure."""
        match value:
            case Call(name) if _TRY.search(name):
                return self._result(value, self._tried(value))
            case Call():
                return self._result(value, self.call(value, needed=True))
            case Access(address):
                return read(self.content(address), *self.knowledge.content(address), value.span)
            case _:
                return None

    def _result(self, call: Call, text: str) -> Number:
        return read(text, *self.knowledge.result(call), call.span)

    def _kept(self, number: Number) -> Number:
        """Return the variable that an access is read into."""
        held = self.sheet.temporary("t", pointer=POINTER if number.type.pointer else None)
        self.sheet.line(f"{held} = {number.text};")
        return replace(number, text=held)

    def effect(self, value: Expression) -> None:
        """Write ``value`` for what it does."""
        match value:
            case Call(name) if _TRY.search(name):
                self._tried(value)
            case Call():
                self.sheet.line(f"{self.call(value, needed=False)};")
            case Access(address):
                self.sheet.line(f"{self._unused(self.knowledge.content(address)[0])} = {self.content(address)};")
            case _:
                self.value(value)

    def _unused(self, type_: Type | None) -> str:
        return self.sheet.temporary("unused", pointer=POINTER if type_ is not None and type_.pointer else None)

    def value(self, expression: Expression) -> Number:
        """Return a pure expression; accesses that it makes are written first, each into a variable of its own."""
        match expression:
            case Constant(value):
                return literal(value, constant_type(value), expression.span)
            case Cast(type_, Constant(value)) if not type_.pointer:
                return converted_literal(value, type_, expression.span)
            case Local(name):
                return read(self.sheet.local(name, expression.span), *self.knowledge.variable(name), expression.span)
            case Static():
                return Number(self._address(expression), ADDRESS, None)
            case Access() | Call():
                number = self._direct(expression)
                assert number is not None
                return self._kept(number)
            case Unary() | Binary():
                return self._operation(expression)
            case Cast(type_, operand):
                return convert(self.value(operand), type_, expression.span)
            case Member() | Element():
                return Number(self._address(expression), ADDRESS, None)
            case Placeholder() if self._read is not None:
                return self._read
            case Conditional():
                raise UnsupportedError("herd's C has no conditional expression (?:)", expression.span)
            case _:
                raise UnsupportedError("herd's C has no equal of this expression", expression.span)

    def _operation(self, expression: Unary | Binary) -> Number:
        span = expression.span
        match expression:
            case Unary("!", operand):
                return negated(self.value(operand))
            case Unary(operator, operand):
                return unary(operator, self.value(operand), span)
            case Binary("&", Binary(">>", left, Constant(bits)), Constant(mask)) if (
                mask >= 0 and mask << bits <= WORD[1]
            ):
                self.sheet.notes[">>"] = "a >> n & m as (a & (m << n)) / (1 << n)"
                number = self.value(left)
                return Number(f"({number.tight} & {mask << bits}) / {1 << bits}", promoted(number.type), (0, mask))
            case Binary(("<<" | ">>") as operator, left, right):
                return self._shift(operator, self.value(left), self.value(right), right.span or span)
            case Binary(("&&" | "||") as operator, left, right) if pure(right):
                both = (self._truth(left), self._truth(right))
                self.sheet.notes[f"{operator} value"] = f"a {operator} b as (a != 0) {operator[0]} (b != 0)"
                return Number(f"{both[0]} {operator[0]} {both[1]}", INT, (0, 1))
            case Binary(("&&" | "||") as operator, left, right):
                return self._short_circuit(operator, left, right)
            case Binary(operator, left, right):
                first = self.value(left)
                return binary(operator, first, self.value(right), span)

    def _short_circuit(self, operator: str, left: Expression, right: Expression) -> Number:
        """The right side accesses memory only where the left does not decide."""
        self.sheet.notes[f"{operator} in turn"] = f"a {operator} b as an if, with b inside"
        held = self.sheet.temporary("t")
        self.sheet.line(f"{held} = {self._truth(left)};")
        self.sheet.line(f"if ({held}{' == 0' if operator == '||' else ''}) {{")
        with self.sheet.indented():
            self.sheet.line(f"{held} = {self._truth(right)};")
        self.sheet.line("}")
        return Number(held, INT, (0, 1))

    def _tried(self, call: Call) -> str:
        """Write a try_cmpxchg() and return the variable that says whether it succeeded."""
        place, old, new = call.arguments
        name = _TRY.sub("cmpxchg", call.name)
        self.sheet.notes[call.name] = f"{call.name}(p, &old, new) as old == {name}(p, old, new), which else sets old"
        before, found = self.value(old), self.value(Call(name, (place, old, new), call.span))
        done = self.sheet.temporary("t")
        self.sheet.line(f"{done} = {binary('==', found, before, call.span).text};")
        self.sheet.line(f"if ({done} == 0) {{")
        with self.sheet.indented():
            self.sheet.line(f"{before.text} = {found.text};")
        self.sheet.line("}")
        return done

    def waited(self, read: Call, condition: Expression, target: Local | None) -> str:
        """Write a read, whose value goes into a variable, if any; return what a condition on its value says."""
        found = self.value(read)
        if target is not None:
            type_ = self.knowledge.variable(target.name)[0]
            text = found.text if type_ is None else convert(found, type_, read.span).text
            self.sheet.line(f"{self.sheet.local(target.name, read.span)} = {text};")
        self._read = found
        told = self._truth(condition)
        self._read = None
        return told

    def _shift(self, operator: str, number: Number, amount: Number, span: Span | None) -> Number:
        if not amount.constant:
            raise UnsupportedError(f"herd's C has no '{operator}' by an amount known at run time only", span)
        return (shifted_left if operator == "<<" else shifted_right)(number, amount.low, span)

    def _truth(self, expression: Expression) -> str:
        number = self.value(expression)
        match expression:
            case Binary(operator) if operator in COMPARISONS:
                return number.tight
            case _:
                return f"({number.tight} != 0)"

    def content(self, address: Expression) -> str:
        """Return the lvalue at ``address``: ``*x``."""
        return f"*{self.pointer(address)}"

    def pointer(self, address: Expression, kind: str | None = None) -> str:
        """Return the address for an access, as one of what is of a ``kind`` (None: of its own type): ``x``."""
        text = self._pointer(address)
        if isinstance(place := place_of(address), Static):
            has = self.sheet.kinds.get(place.address, kind or "int")
            (self.sheet.other if kind is None else self.sheet.own).add(place.address)
        else:
            has, kind = "int", kind or self._kind(address)
        return text if kind in (None, has) else f"({starred(kind)}){text}"

    def _kind(self, address: Expression) -> str:
        """Return the type of what is behind a pointer variable."""
        type_ = self.knowledge.content(address)[0]
        return POINTER if type_ is not None and type_.pointer else "int"

    def _address(self, address: Expression) -> str:
        """Return the address as a value, which is held by an ``int *``."""
        text = self._pointer(address)
        if not isinstance(place := place_of(address), Static):
            return text
        self.sheet.other.add(place.address)
        return text if self.sheet.kinds.get(place.address, "int") == "int" else f"({POINTER}){text}"

    def _pointer(self, address: Expression) -> str:
        match address:
            case Static(where):
                return self.sheet.name(where, address.span)
            case Local(name):
                return self.sheet.local(name, address.span)
            case Member(base, _, 0) | Cast(Type(pointer=1), base):
                return self._pointer(base)
            case Member(base, name):
                raise UnsupportedError(f"herd's C has no field '{name}' behind a pointer variable", address.span)
            case Element():
                raise UnsupportedError("herd's C has no element of an array chosen at run time", address.span)
            case Access() | Call():
                return self.value(address).text
            case _:
                raise UnsupportedError("herd's C has no such address", address.span)

    def awaited(self, condition: Expression) -> str:
        """Return the condition of an await; a bit lock that is waited for is taken."""
        match condition:
            case Unary("!", Call("test_and_set_bit_lock", arguments, span)):
                known = rendering(Call("lock_page", arguments, span))
                note = f"a bit lock that is taken as {known.name}(1 << n, w)"
                self.sheet.lowered("test_and_set_bit_lock()", note, span)
                taken = self.sheet.temporary("t")
                self.sheet.line(f"{taken} = {self._text(known)};")
                return f"({taken} & {self._mask(known)}) == 0"
            case _:
                return self.value(condition).text

    def call(self, call: Call, *, needed: bool) -> str:
        """Return the call as herd writes it; what goes before it is written first."""
        self._require_order(call)
        if call.name in UNLESS_ZERO:
            return self._unless_zero(call)
        known = rendering(call)
        if known.note and known.lowered:
            self.sheet.lowered(f"{call.name}()", known.note, call.span)
        elif known.note:
            self.sheet.notes[call.name] = known.note
        self._require_width(known)
        if known.operator:
            return self._plain_bit(known)
        text = self._text(known)
        if known.keeps:
            return self._lock(known, text)
        if not needed:
            return f"{self._unused(self.knowledge.result(call)[0])} = {text}" if known.value else text
        if known.mask is None:
            return text
        held = self.sheet.temporary("t")
        self.sheet.line(f"{held} = {text};")
        return f"({held} & {self._mask(known)}) != 0"

    def _unless_zero(self, call: Call) -> str:
        """Write an update that does nothing where the location holds 0, as the last turn of the kernel's loop: a read,
        and a comparison that finds the same. What it returns is known by the read that the update makes."""
        exchange, (place, step) = UNLESS_ZERO[call.name], unless_zero(call)
        note = f"{call.name}(v) as the last turn of its loop: a read, and {exchange}() of what it found, if not 0"
        self.sheet.lowered(f"{call.name}()", note, call.span)
        found = self.value(Call("atomic_read", (place,), call.span))
        more = binary("+", found, self.value(step), call.span)
        changed = convert(more, self.knowledge.content(place)[0] or INT, call.span).tight
        got, taken = self.sheet.temporary("t"), self.sheet.temporary("taken", 1)
        self.sheet.line(f"{got} = {found.text} != 0;")
        self.sheet.line(f"if ({got}) {{")
        with self.sheet.indented():
            old = self.sheet.temporary("t")
            self.sheet.line(f"{old} = {exchange}({self.pointer(place, 'atomic_t')}, {found.text}, {changed});")
            self.sheet.line(f"{taken} = {old} == {found.text};")
            self.sheet.line(f"{got} = {old} != 0;")
        self.sheet.line("}")
        self.sheet.kept.append(taken)
        return got

    def _require_order(self, call: Call) -> None:
        """Before Linux 6.0 generic code looked first, and did nothing, without order, where nothing was to be done."""
        older = dict(self.knowledge.inference.program.info).get("bitops") == "pre-6.0"
        if older and call.name in ("test_and_set_bit", "test_and_clear_bit"):
            message = (
                f"herd's C has no {call.name}() as before Linux 6.0, without order where the bit has its value already"
            )
            raise UnsupportedError(message, call.span, hint="`bitops current;` has an equal")

    def _text(self, known: Rendering) -> str:
        type_ = self._word(known)[0]
        arguments = [self._argument(known, i, argument, type_) for i, argument in enumerate(known.arguments)]
        return f"{known.name}({', '.join(arguments)})"

    def _word(self, known: Rendering) -> tuple[Type | None, Interval | None, Span | None]:
        """Return the type of the location that a primitive is about, the values that it may hold, and its place."""
        places = sorted(known.lvalues | known.addresses)
        if not places:
            return None, None, None
        place = known.arguments[places[0]]
        return *self.knowledge.content(place), place.span

    def _require_width(self, known: Rendering) -> None:
        """Refuse locations that need more than 32 bits, and updates that wrap around in fewer: herd7's do not."""
        type_, values, span = self._word(known)
        if type_ is None or type_.pointer:
            return
        read("", type_, values, span)
        bits = 8 * type_.size - type_.signed
        inside = known.mask is not None and known.mask < 1 << bits
        if known.updates and type_.size < INT.size and not inside:
            message = f"herd7's {known.name}() does not wrap around as type {type_} does"
            raise UnsupportedError(message, span, hint="use a type of 32 bits")

    def _mask(self, known: Rendering) -> str:
        type_, _, span = self._word(known)
        assert known.mask is not None
        return converted_literal(known.mask, promoted(type_), span).text

    def _lock(self, known: Rendering, text: str) -> str:
        """A bit lock that is taken: executions in which the bit was set before do not count."""
        held, kept = self.sheet.temporary("t"), self.sheet.temporary("locked", 1)
        self.sheet.line(f"{held} = {text};")
        self.sheet.kept.append(kept)
        return f"{kept} = ({held} & {self._mask(known)}) == 0"

    def _plain_bit(self, known: Rendering) -> str:
        held, word = self.sheet.temporary("t"), self.pointer(known.arguments[0])
        self.sheet.line(f"{held} = *{word};")
        mask = int(self._mask(known))
        return f"*{word} = {held} {known.operator} {~mask if known.operator == '&' else mask}"

    def _argument(self, known: Rendering, index: int, argument: Expression, type_: Type | None) -> str:
        if index in known.lvalues:
            return self.content(argument)
        if index in known.addresses:
            return self.pointer(argument, kind_of(known.name))
        return self.converted(argument, type_)


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
