"""Expressions, statements and conditions as text of the DSL."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from litmus.errors import UnsupportedError
from litmus.program.literal import literal_text
from litmus.program.primitive import PRIMITIVES, Parameter, counters
from litmus.program.program import Program
from litmus.program.remark import NONE, Remarks
from litmus.program.syntax import (
    Access,
    Assembly,
    Assignment,
    Await,
    Binary,
    Block,
    Call,
    Cast,
    Conditional,
    Constant,
    Declare,
    Element,
    Evaluate,
    Expression,
    Goto,
    If,
    Leave,
    Local,
    Loop,
    Member,
    Placeholder,
    Statement,
    Static,
    Unary,
)
from litmus.program.term import WRAPS, Address, Apply, FinalLocation, FinalRegister, Term
from litmus.program.types import COUNTERS, TYPES, Type

_LEVELS = (
    ("=>",),
    ("?",),
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)
_LEVEL: Mapping[str, int] = MappingProxyType({sign: level for level, signs in enumerate(_LEVELS) for sign in signs})
_CONDITIONAL = _LEVEL["?"]
_UNARY = len(_LEVELS)
_POSTFIX = _UNARY + 1
_FLAG_HELPERS = MappingProxyType(
    {
        "test_bit": "Page{}({})",
        "set_bit": "SetPage{}({})",
        "clear_bit": "ClearPage{}({})",
        "__set_bit": "__SetPage{}({})",
        "__clear_bit": "__ClearPage{}({})",
        "test_and_set_bit": "TestSetPage{}({})",
        "test_and_clear_bit": "TestClearPage{}({})",
    }
)
_LOCK_HELPERS = ("lock_page", "trylock_page", "unlock_page")
_INDENT = "    "


def declaration(type_: Type, name: str) -> str:
    """Return ``type name`` as C writes it."""
    return f"{type_.name} {'*' * type_.pointer}{name}"


def _number(number: int) -> tuple[int, str]:
    """Return a constant; C has no literal for the least number of a type."""
    if number in (-(1 << 31), -(1 << 63)):
        return _POSTFIX, f"({number + 1} - 1)"
    return (_UNARY if number < 0 else _POSTFIX), str(number)


class Spelling:
    """Writes what belongs to one program, whose locations give addresses their names."""

    def __init__(self, program: Program, remarks: Remarks = NONE) -> None:
        self._before, self._behind = dict(remarks.before), dict(remarks.behind)
        self._threads = program.threads
        self._objects = dict(program.objects)
        self._locations = {location.address: location for location in program.locations}
        self._bits = {location.name: dict(location.bits) for location in program.locations if location.bits}

    # --------------------------------------------------------------------------------------------------- expressions
    def value(self, expression: Expression, level: int = 0) -> str:
        """Return an expression, in parentheses where it binds less tightly than ``level``."""
        own, text = self._value(expression)
        return f"({text})" if own < level else text

    def _value(self, expression: Expression) -> tuple[int, str]:
        match expression:
            case Constant(number):
                return (_UNARY if number < 0 else _POSTFIX), str(number)
            case Local(name):
                return _POSTFIX, name
            case Placeholder():
                return _POSTFIX, "VAL"
            case Static(address):
                return self._address(address)
            case Access(address):
                return self._content(address)
            case Member() | Element():
                return _UNARY, "&" + self._content(expression)[1]
            case Call():
                return _POSTFIX, self._call(expression)
        return self._operation(expression)

    def _operation(self, expression: Expression) -> tuple[int, str]:
        match expression:
            case Unary(sign, operand):
                return _UNARY, sign + self.value(operand, _POSTFIX if _dashed(operand) else _UNARY)
            case Binary(sign, left, right):
                level = _LEVEL[sign]
                return level, f"{self.value(left, level)} {sign} {self.value(right, level + 1)}"
            case Conditional(condition, positive, negative):
                chosen = f"{self.value(positive)} : {self.value(negative, _CONDITIONAL)}"
                return _CONDITIONAL, f"{self.value(condition, _CONDITIONAL + 1)} ? {chosen}"
            case Cast(type_, operand):
                return _UNARY, f"({type_}){self.value(operand, _UNARY)}"
        raise AssertionError(expression)

    def _address(self, address: Address) -> tuple[int, str]:
        """Objects that are structs or arrays stand for their address."""
        name = self._name(address)
        if address.offset == 0 and (address.symbol in self._objects or name == f"{address.symbol}[0]"):
            return _POSTFIX, address.symbol
        return _UNARY, f"&{name}"

    def _name(self, address: Address) -> str:
        if address not in self._locations:
            raise UnsupportedError(f"no location is at {address.symbol} + {address.offset}")
        return self._locations[address].name

    def _inside(self, address: Address) -> str:
        """Return what leads from a location into it, where it is a counter: all but its own primitives need that."""
        type_, way = self._locations[address].type, ""
        while type_.name in COUNTERS and not type_.pointer:
            name, inner = COUNTERS[type_.name]
            type_, way = TYPES[inner], f"{way}.{name}"
        return way

    def _reference(self, address: Address, wanted: tuple[str, ...]) -> str:
        """Return the address of a location for a primitive that takes ``wanted`` types of counter, or plain data."""
        name, type_ = self._name(address), self._locations[address].type
        if not wanted:
            return f"&{name}{self._inside(address)}"
        return f"&{name}" if type_.name in wanted and not type_.pointer else f"({wanted[0]} *)&{name}"

    def _content(self, address: Expression) -> tuple[int, str]:
        """Return the location at ``address``."""
        match address:
            case Static(place):
                return _POSTFIX, self._name(place) + self._inside(place)
            case Member(Member() | Element() as base, name):
                return _POSTFIX, f"{self._content(base)[1]}.{name}"
            case Member(base, name):
                return _POSTFIX, f"{self.value(base, _POSTFIX)}->{name}"
            case Element(base, index, size):
                return _POSTFIX, f"{self._array(base, size)}[{self.value(index)}]"
        return _UNARY, f"*{self.value(address, _UNARY)}"

    def _array(self, base: Expression, size: int) -> str:
        """Return what an index stands behind: elements of ``size`` bytes begin there."""
        match base:
            case Static(place) if self._name(place).endswith("[0]"):
                return self._name(place).removesuffix("[0]")
            case Static(place) if size == self._locations[place].type.size:
                return f"(&{self._name(place)})"
            case Member():
                return self._content(base)[1]
        return self.value(base, _POSTFIX)

    def _call(self, call: Call) -> str:
        helper = self._helper(call)
        if helper is not None:
            return helper
        primitive = PRIMITIVES.get(call.name)
        kinds = primitive.parameters if primitive else ()
        padded = (*kinds, *(Parameter.VALUE for _ in call.arguments[len(kinds) :]))
        pairs = zip(padded, call.arguments, strict=False)
        arguments = (self._argument(*pair, counters(call.name)) for pair in pairs)
        return f"{call.name}({', '.join(arguments)})"

    def _argument(self, parameter: Parameter, argument: Expression, wanted: tuple[str, ...]) -> str:
        """Return an argument; ``wanted`` are the counters that the primitive takes, if it does not take plain data."""
        match parameter:
            case Parameter.LVALUE:
                return self._content(argument)[1]
            case Parameter.LOCAL:
                return f"&{self.value(argument)}"
            case Parameter.ADDRESS if isinstance(argument, Static):
                return self._reference(argument.address, wanted)
        return self.value(argument)

    def _helper(self, call: Call) -> str | None:
        """Return ``SetPagePin(page)`` for a bit operation on a declared flag of an object."""
        match call.arguments:
            case (Constant(number), Static(address)) if address in self._locations:
                location = self._locations[address]
                flag = next((name for name, bit in location.bits if bit == number), None)
                if flag is not None and location.name == f"{address.symbol}->flags":
                    return _helper_call(call.name, flag, address.symbol)
        return None

    # ---------------------------------------------------------------------------------------------------- conditions
    def term(self, term: Term, level: int = 0) -> str:
        """Return a condition, in parentheses where it binds less tightly than ``level``."""
        own, text = self._term(term)
        return f"({text})" if own < level else text

    def _term(self, term: Term) -> tuple[int, str]:
        flag, literal = self._flag(term), literal_text(term)
        match term:
            case int():
                return _number(term)
            case Apply() if literal is not None:
                return (_UNARY if literal.startswith("-") else _POSTFIX), literal
            case Address():
                return self._address(term)
            case FinalRegister(thread, register):
                return _POSTFIX, f"{self._threads[thread].name}.{register}"
            case FinalLocation(name):
                return _POSTFIX, name
            case Apply() if flag is not None:
                return _POSTFIX, flag
            case Apply(operator, operands):
                return self._applied(operator, operands)
        raise UnsupportedError(f"a condition cannot mention {term}")

    def _applied(self, operator: str, operands: tuple[Term, ...]) -> tuple[int, str]:
        match operator, operands:
            case "ite", (condition, positive, negative):
                chosen = f"{self.term(positive)} : {self.term(negative, _CONDITIONAL)}"
                return _CONDITIONAL, f"{self.term(condition, _CONDITIONAL + 1)} ? {chosen}"
            case (("neg" | "~" | "!"), (operand,)):
                inner = self.term(operand, _UNARY)
                sign = "-" if operator == "neg" else operator
                return _UNARY, f"-({inner})" if inner.startswith("-") and sign == "-" else sign + inner
            case _, (operand,) if operator in WRAPS:
                return _UNARY, f"({operator}){self.term(operand, _UNARY)}"
            case "=>", (left, right):
                return 0, f"{self.term(left, 1)} => {self.term(right)}"
            case _, (left, right) if operator in _LEVEL:
                level = _LEVEL[operator]
                return level, f"{self.term(left, level)} {operator} {self.term(right, level + 1)}"
        raise UnsupportedError(f"a condition of the DSL cannot apply '{operator}'")

    def _flag(self, term: Term) -> str | None:
        """Return ``PagePin(page)`` for the term that it stands for."""
        match term:
            case Apply("&", (Apply(">>", (FinalLocation(name), int(number))), 1)):
                pass
            case Apply("&", (FinalLocation(name), 1)):
                number = 0
            case _:
                return None
        flag = next((flag for flag, bit in self._bits.get(name, {}).items() if bit == number), None)
        symbol = name.removesuffix("->flags")
        return f"Page{flag}({symbol})" if flag and symbol in self._objects else None

    # ---------------------------------------------------------------------------------------------------- statements
    def block(self, statements: Sequence[Statement], depth: int) -> Iterator[str]:
        """Yield the lines of statements, indented ``depth`` times."""
        for statement in statements:
            label = f"[{statement.label}] " if statement.label else ""
            first, *rest = self._statement(statement, depth)
            before, behind = self._remarks(statement)
            yield from (_INDENT * depth + line for line in before)
            yield f"{_INDENT * depth}{label}{first}{behind}"
            yield from rest

    def _remarks(self, statement: Statement) -> tuple[tuple[str, ...], str]:
        """Return the comments of a statement. The variables of one declaration are statements with the same place."""
        place = -1 if statement.span is None else statement.span.start
        behind = self._behind.pop(place, None)
        return self._before.pop(place, ()), f" {behind}" if behind else ""

    def _statement(self, statement: Statement, depth: int) -> Iterator[str]:
        match statement:
            case Assignment(target, value, declares):
                name = self.value(target)
                left = declaration(declares, name) if declares else name
                yield f"{left} = {self.value(value)};"
            case Evaluate(value):
                yield f"{self.value(value)};"
            case Declare(name, type_):
                yield f"{declaration(type_, name)};"
            case Leave(how):
                yield f"{how};"
            case Goto(target):
                yield f"goto {target};"
            case Await(condition, how):
                yield f"{how} ({self.value(condition)});"
            case Assembly(_, _, _, span):
                raise UnsupportedError("assembly cannot be written in the DSL", span)
            case _:
                yield from self._compound(statement, depth)

    def _compound(self, statement: Statement, depth: int) -> Iterator[str]:
        match statement:
            case If(condition, then, otherwise):
                yield f"if ({self.value(condition)}) {{"
                yield from self._body(then, depth, "} else {" if otherwise else "}")
                if otherwise:
                    yield from self._body(otherwise, depth)
            case Loop(condition, body, True, step):
                yield self._head(condition, step)
                yield from self._body(body, depth)
            case Loop(condition, body):
                yield "do {"
                yield from self._body(body, depth, f"}} while ({self.value(condition)});")
            case Block(body, inlined):
                yield f"inline {inlined} {{" if inlined else "{"
                yield from self._body(body, depth)

    def _head(self, condition: Expression, step: tuple[Statement, ...]) -> str:
        steps = ", ".join(line.strip().removesuffix(";") for line in self.block(step, 0))
        return f"for (; {self.value(condition)}; {steps}) {{" if step else f"while ({self.value(condition)}) {{"

    def _body(self, statements: Sequence[Statement], depth: int, end: str = "}") -> Iterator[str]:
        yield from self.block(statements, depth + 1)
        yield _INDENT * depth + end


def _dashed(operand: Expression) -> bool:
    """Whether an operand's text begins with a sign that must not touch another."""
    match operand:
        case Constant(number):
            return number < 0
        case Unary(sign):
            return sign == "-"
    return False


def _helper_call(primitive: str, flag: str, page: str) -> str | None:
    if primitive in _LOCK_HELPERS:
        return f"{primitive}({page})" if flag == "Locked" else None
    pattern = _FLAG_HELPERS.get(primitive)
    return pattern.format(flag, page) if pattern else None
