"""Expressions of threads: names are resolved, types checked, helpers and defines expanded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from litmus.arch.inference import constant_type
from litmus.errors import ParseError, UnsupportedError
from litmus.frontend.dsl.call import Calls, article, needs_value
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.number import NAMED, literal_type, number
from litmus.frontend.dsl.place import Places
from litmus.frontend.dsl.report import Report
from litmus.frontend.dsl.scope import NO_VALUE, NOTHING_KNOWN, Frame, Registers, Typed
from litmus.frontend.dsl.types import scalar_of
from litmus.frontend.dsl.world import Macro, World, inside, is_counter, is_lock
from litmus.program.syntax import (
    Access,
    Assignment,
    Binary,
    Cast,
    Conditional,
    Constant,
    Expression,
    If,
    Local,
    Placeholder,
    Statement,
    Static,
    Unary,
)
from litmus.program.types import INT, Type
from litmus.source import Span

_LOGICAL = ("&&", "||")
_COMPARING = ("==", "!=", "<", "<=", ">", ">=", *_LOGICAL)
_HERD_SIGNS = {"/\\": "&&", "\\/": "||", "=": "=="}
_DEEPEST = 50
_LONGEST = 1_000_000
"""How far defines and functions are expanded: each may use another twice, so that a short text would never end."""
Inline = Callable[[Macro, tuple[Typed, ...], Span], Typed]


class Expressions:
    """Lowers the expressions of one thread. ``before`` collects statements that must run before the one at hand."""

    def __init__(self, world: World, report: Report, registers: Registers, frame: Frame, inline: Inline) -> None:
        self.world = world
        self.report = report
        self.registers = registers
        self.frame = frame
        self.this: int | None = None
        self.before: list[Statement] = []
        self.inline = inline
        self.expanding: list[str] = []
        self.places = Places(self)
        self.calls = Calls(self)

    @contextmanager
    def inside(self, frame: Frame) -> Iterator[None]:
        """Resolve names in ``frame`` for a while."""
        outer, self.frame = self.frame, frame
        try:
            yield
        finally:
            self.frame = outer

    # ------------------------------------------------------------------------------------------------------- values
    def value(self, node: Node) -> Typed:
        """Return the value of an expression.

        Raises:
            LitmusError: where it has none.
        """
        typed = self.argument(node)
        self.data(typed.type, node)
        return typed

    def argument(self, node: Node) -> Typed:
        """Return what an argument is, which may be a counter whose address is taken where it is used.

        Raises:
            LitmusError: where it is nothing.
        """
        typed = self.effect(node)
        if typed is NO_VALUE:
            raise ParseError(f"'{node.text}' has no value", node.span, hint="the function has no `return value;`")
        return needs_value(typed, node)

    def effect(self, node: Node) -> Typed:
        """Return what an expression stands for where no value is needed, as in an expression statement."""
        match node:
            case Node("group", (inner,)):
                return self.effect(inner)
            case Node("number", (word,)):
                return _literal(word)
            case Node("name", (word,)):
                return self._name(word)
            case Node("member" | "index"):
                return self.content(self.places.address(node), node)
            case Node("unary", (sign, operand)):
                return self._unary(sign.word, operand, node)
            case Node("binary", (left, sign, right)):
                return self._binary(sign.word, left, right, node)
            case Node("conditional", (condition, positive, negative)):
                return self._conditional(condition, positive, negative, node.span)
            case Node("cast", (written, stars, operand)):
                return self._cast(scalar_of(self.world, written, stars), operand, node)
            case Node("call", (name, *arguments)):
                return self.calls.call(name, [a for a in arguments if a.present], node.span)
        raise ParseError(f"{_WORDS.get(node.kind, node.kind)} has no meaning in a thread", node.span)

    def _cast(self, type_: Type, operand: Node, node: Node) -> Typed:
        """A location whose address is taken for that of a counter stays what it is; its use tells the rest."""
        typed = self.value(operand)
        inner, other = self.world.pointee(type_), self.world.pointee(typed.type)
        if isinstance(typed.expression, Static) and is_counter(inner) and other is not None and not other.pointer:
            assert inner is not None
            if inner.size == other.size:
                return Typed(typed.expression, type_)
        return Typed(Cast(type_, typed.expression, node.span), type_)

    def content(self, address: Typed, node: Node) -> Typed:
        """Return what is at ``address``: structs and arrays stand for their address, all else is read."""
        inner = self.world.pointee(address.type)
        if address.array or self.world.struct_of(inner) or address is NOTHING_KNOWN:
            return address
        if is_lock(inner):
            raise ParseError(f"'{node.text}' is a {inner}: only its own primitives may use it", node.span)
        return Typed(Access(address.expression, node.span), inner)

    def data(self, type_: Type | None, node: Node) -> None:
        """Refuse a counter where a number is meant."""
        if type_ is not None and is_counter(type_):
            hint = f"{type_.name.removesuffix('t')}read() and the like, or '.{inside(type_)}'"
            message = f"'{node.text}' is {article(type_.name)}: only its own primitives may use it"
            raise ParseError(message, node.span, hint=hint)

    def _name(self, word: Node) -> Typed:
        name = word.word
        if name in self.frame.bindings:
            return self.frame.bindings[name]
        if name in self.world.objects:
            return self.content(self.places.whole(word), word)
        if name in self.world.defines and not self.world.defines[name].parameters:
            return self.expand(self.world.defines[name], ())
        number_ = NAMED.get(name, self.world.bit_number(name))
        if number_ is not None:
            return Typed(Constant(number_, word.span), INT)
        if name == "this" and self.this is not None:
            return Typed(Constant(self.this, word.span), INT)
        if name == "VAL" and self.frame.placeholder:
            return Typed(Placeholder(word.span))
        return self.local(word)

    def local(self, word: Node) -> Typed:
        """Return the register that a name means; what it cannot mean is reported."""
        name = word.word
        if self.frame.kind == "define":
            self.report.unknown("name", name, word.span, self._visible(), f" in the define '{self.frame.name}'")
            return NOTHING_KNOWN
        if name == "this":
            self.report.wrong("'this' has a meaning in `thread NAME[n]` only: the number of the instance", word.span)
            return NOTHING_KNOWN
        if self.frame.kind == "function" and name not in self.frame.registers:
            self.report.unknown("name", name, word.span, self._visible(), f" in the function '{self.frame.name}'")
            return NOTHING_KNOWN
        register = self.frame.registers.get(name, name)
        self.registers.read(register, word.span)
        return Typed(Local(register, word.span), self.registers.type_of(register))

    def _visible(self) -> list[str]:
        return [*self.frame.bindings, *self.frame.registers, *self.world.objects, *NAMED]

    def expand(self, macro: Macro, arguments: tuple[Typed, ...]) -> Typed:
        """Return the body of a define with ``arguments`` in the places of its parameters."""
        bindings = {name: typed for (name, _), typed in zip(macro.parameters, arguments, strict=True)}
        with self.recursion(macro), self.inside(Frame("define", macro.name, bindings)):
            return self.effect(macro.body)

    @contextmanager
    def recursion(self, macro: Macro) -> Iterator[None]:
        """Guard the expansion of ``macro`` against meeting itself."""
        if macro.name in self.expanding:
            raise UnsupportedError(f"'{macro.name}' uses itself: expansion would not end", macro.span)
        if len(self.expanding) >= _DEEPEST:
            raise UnsupportedError(f"defines and functions use each other more than {_DEEPEST} deep", macro.span)
        self.world.expanded += macro.body.span.end - macro.body.span.start
        if self.world.expanded > _LONGEST:
            self.world.excessive = self.world.excessive or macro
            message = f"defines and functions expand to more than {_LONGEST} characters, with this one"
            raise UnsupportedError(message, self.world.excessive.span)
        self.expanding.append(macro.name)
        try:
            yield
        finally:
            self.expanding.pop()

    # ---------------------------------------------------------------------------------------------------- operators
    def _unary(self, sign: str, operand: Node, node: Node) -> Typed:
        match sign:
            case "*":
                return self.content(self.places.pointer(operand), node)
            case "&":
                typed = self.places.address(operand)
                return Typed(typed.expression, typed.type)
            case "+":
                return self.value(operand)
        inner = self.value(operand)
        if sign == "-" and isinstance(inner.expression, Constant):
            return Typed(Constant(-inner.expression.value, node.span), INT)
        if sign != "!":
            self._integer(inner, operand, sign)
        return Typed(Unary(sign, inner.expression, node.span), INT)

    def _integer(self, typed: Typed, node: Node, sign: str) -> None:
        if typed.type is not None and typed.type.pointer:
            raise ParseError(f"'{sign}' has no meaning on the address '{node.text}'", node.span)

    def _binary(self, sign: str, left: Node, right: Node, node: Node) -> Typed:
        if sign == "=>":
            raise ParseError("'=>' belongs to conditions of assertions", node.span)
        if sign in _HERD_SIGNS:
            what = "an assignment is not a value" if sign == "=" else f"'{sign}' belongs to conditions of assertions"
            raise ParseError(what, node.span, hint=f"did you mean '{_HERD_SIGNS[sign]}'?")
        if sign in _LOGICAL:
            return self._short_circuit(sign, left, right, node.span)
        return self.combine(sign, self.value(left), self.value(right), node)

    def combine(self, sign: str, left: Typed, right: Typed, node: Node) -> Typed:
        """Return ``left sign right``; adding to a pointer moves it by whole elements."""
        one, other = self.world.pointee(left.type), self.world.pointee(right.type)
        if sign in ("+", "-") and one is not None and other is None:
            steps = right.expression if sign == "+" else _negative(right.expression)
            return self.places.shifted(left, one, steps, node.span)
        if sign == "+" and other is not None and one is None:
            return self.places.shifted(right, other, left.expression, node.span)
        if sign not in _COMPARING and (one is not None or other is not None):
            raise UnsupportedError(f"'{sign}' on addresses is not supported", node.span)
        return Typed(Binary(sign, left.expression, right.expression, node.span), INT)

    def _short_circuit(self, sign: str, left: Node, right: Node, span: Span) -> Typed:
        first = self.value(left).expression
        second, before = self.apart(right)
        if not before:
            return Typed(Binary(sign, first, second.expression, span), INT)
        result = Local(self.registers.fresh("condition"), span)
        self.registers.assign(result.name, INT)
        decided = Constant(0 if sign == "&&" else 1)
        truth = Assignment(result, Unary("!", Unary("!", second.expression)))
        goes_on = first if sign == "&&" else Unary("!", first)
        self.before += [Assignment(result, decided), If(goes_on, (*before, truth), span=span, text=span.text)]
        return Typed(result, INT)

    def _conditional(self, condition: Node, positive: Node, negative: Node, span: Span) -> Typed:
        chosen = self.value(condition).expression
        (one, before_one), (other, before_other) = self.apart(positive), self.apart(negative)
        type_ = one.type if one.type and one.type.pointer else other.type
        if not before_one and not before_other:
            return Typed(Conditional(chosen, one.expression, other.expression, span), type_)
        result = Local(self.registers.fresh("chosen"), span)
        declares = self.registers.assign(result.name, type_)
        then = (*before_one, Assignment(result, one.expression, declares))
        otherwise = (*before_other, Assignment(result, other.expression))
        self.before.append(If(chosen, then, otherwise, span=span, text=span.text))
        return Typed(result, type_)

    def apart(self, node: Node) -> tuple[Typed, tuple[Statement, ...]]:
        """Return the value of ``node`` and what must run before it, which only some executions reach."""
        outer, self.before = self.before, []
        try:
            return self.value(node), tuple(self.before)
        finally:
            self.before = outer


_WORDS = {
    "string": "a string",
    "instance": "an instance number",
    "herd_register": "a herd register",
    "herd_location": "a herd location",
}


def _literal(word: Node) -> Typed:
    """Return a number: one that its value does not give its type is converted to it."""
    value, type_ = number(word), literal_type(word)
    constant = Constant(value, word.span)
    return Typed(constant if type_ == constant_type(value) else Cast(type_, constant, word.span), type_)


def _negative(expression: Expression) -> Expression:
    return Constant(-expression.value) if isinstance(expression, Constant) else Unary("-", expression)
