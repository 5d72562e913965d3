"""Calls in threads: defines, functions, page-flag helpers and kernel primitives."""

from collections.abc import Callable
from typing import Protocol

from litmus.errors import ParseError
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.place import Places
from litmus.frontend.dsl.report import Report
from litmus.frontend.dsl.scope import NOTHING_KNOWN, Frame, Registers, Typed
from litmus.frontend.dsl.world import FLAGS, LOCK_HELPERS, LOCK_TYPES, Macro, World, inside, is_counter, number_in
from litmus.program.primitive import PRIMITIVES, Guard, Parameter, Primitive, Yield, counters
from litmus.program.syntax import Access, Call, Constant, Local
from litmus.program.types import INT, TYPES, Struct, Type
from litmus.source import Span

_STATEMENT_WORDS = ("await", "assume", "BUG_ON", "WARN_ON")
_CONTROL_WORDS = ("if", "while", "for")
_GUARDED = {"raw_spinlock_t": "spinlock_t"}


class Lowering(Protocol):
    """What calls need of the lowering of expressions around them."""

    world: World
    report: Report
    registers: Registers
    frame: Frame
    places: Places

    def value(self, node: Node) -> Typed:
        """Return the value of an expression."""

    def argument(self, node: Node) -> Typed:
        """Return what an argument is, which need not be a number."""

    def inline(self, macro: Macro, arguments: tuple[Typed, ...], span: Span) -> Typed:
        """Return the value of a call of a function."""

    def expand(self, macro: Macro, arguments: tuple[Typed, ...]) -> Typed:
        """Return the value of a define."""


class Calls:
    """Lowers calls. The order of lookup: defines, functions, page-flag helpers, primitives."""

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering
        self._helpers = lowering.world.helpers()

    def call(self, name: Node, arguments: list[Node], span: Span) -> Typed:
        """Return the value of ``name(arguments)``.

        Raises:
            LitmusError: where the arguments do not fit.
        """
        world = self._lowering.world
        if name.word in world.defines:
            return self._expand(world.defines[name.word], arguments, span)
        if name.word in world.functions:
            macro = world.functions[name.word]
            return self._lowering.inline(macro, self._bound(macro, arguments, span, self._lowering.value), span)
        if name.word in self._helpers and not (name.word in PRIMITIVES and len(arguments) == 2):
            return self._helper(name, arguments, span)
        if name.word in PRIMITIVES:
            return self._primitive(PRIMITIVES[name.word], arguments, span)
        return self._unknown(name, arguments)

    def _unknown(self, name: Node, arguments: list[Node]) -> Typed:
        """Report the name, and what is wrong with the arguments as well."""
        if name.word in _STATEMENT_WORDS:
            raise ParseError(f"'{name.word}' is a statement, not a value", name.span)
        world = self._lowering.world
        known = [*world.callable_names(), *PRIMITIVES, *_STATEMENT_WORDS, *_CONTROL_WORDS]
        self._lowering.report.unknown("primitive", name.word, name.span, known)
        for argument in arguments:
            self._lowering.value(argument)
        return NOTHING_KNOWN

    # ------------------------------------------------------------------------------------------ defines and functions
    def _expand(self, macro: Macro, arguments: list[Node], span: Span) -> Typed:
        return self._lowering.expand(macro, self._bound(macro, arguments, span, self._lowering.argument))

    def _bound(
        self, macro: Macro, arguments: list[Node], span: Span, lower: Callable[[Node], Typed]
    ) -> tuple[Typed, ...]:
        _count(macro.name, len(arguments), range(len(macro.parameters), len(macro.parameters) + 1), span)
        values = [lower(argument) for argument in arguments]
        given = zip(values, macro.parameters, strict=True)
        return tuple(Typed(v.expression, v.type or type_) for v, (_, type_) in given)

    # --------------------------------------------------------------------------------------------------- page flags
    def _helper(self, name: Node, arguments: list[Node], span: Span) -> Typed:
        primitive, flag = self._helpers[name.word]
        _count(name.word, len(arguments), range(1, 2), span)
        page = self._lowering.value(arguments[0])
        if page is NOTHING_KNOWN:
            return page
        layout = self._layout(page, flag, arguments[0])
        word = Node("NAME", (), name.span, FLAGS)
        address = self._lowering.places.field_of(page.expression, layout, word, arguments[0].span)
        number = Constant(layout.flags.index(flag))
        return Typed(Call(primitive, (number, address.expression), span), _result(PRIMITIVES[primitive], None))

    def _layout(self, page: Typed, flag: str, node: Node) -> Struct:
        world = self._lowering.world
        having = world.with_flag(flag)
        if page.type is None and len(having) == 1:
            return having[0]
        layout = world.struct_of(world.pointee(page.type))
        if layout is None or layout not in having:
            names = " or ".join(f"struct {s.name}" for s in having)
            raise ParseError(f"'{node.text}' is not the address of a {names}", node.span)
        return layout

    # --------------------------------------------------------------------------------------------------- primitives
    def _primitive(self, primitive: Primitive, arguments: list[Node], span: Span) -> Typed:
        if primitive.name in LOCK_HELPERS and len(arguments) == 1:
            hint = "declare `page_flag Locked;` in the struct"
            raise ParseError(f"{primitive.name}() needs a page flag", span, hint=hint)
        _count(primitive.name, len(arguments), primitive.arities, span)
        content: Type | None = None
        lowered = []
        for parameter, argument in zip(primitive.parameters, arguments, strict=False):
            typed = self._argument(primitive, parameter, argument)
            lowered.append(typed.expression)
            if parameter in (Parameter.LVALUE, Parameter.ADDRESS):
                content = self._lowering.world.pointee(typed.type)
        return Typed(Call(primitive.name, tuple(lowered), span), _result(primitive, content))

    def _argument(self, primitive: Primitive, parameter: Parameter, node: Node) -> Typed:
        match parameter:
            case Parameter.LVALUE:
                return self._lvalue(primitive, node)
            case Parameter.ADDRESS:
                return self._address(primitive, node)
            case Parameter.LOCAL:
                return self._reference(primitive, node)
            case Parameter.CONDITION:
                return self._condition(node)
            case Parameter.VALUE if primitive.optional:
                return self._saved(node)
            case Parameter.VALUE:
                return self._plain(node)

    def _plain(self, node: Node) -> Typed:
        typed = self._lowering.value(node)
        return needs_value(typed, node)

    def _lvalue(self, primitive: Primitive, node: Node) -> Typed:
        if node.kind == "unary" and node.parts[0].word == "&":
            inner = node.parts[1].text
            rest = ", ..." if len(primitive.parameters) > 1 else ""
            hint = f"write {primitive.name}({inner}{rest})"
            raise ParseError(f"{primitive.name}() takes the location itself, not its address", node.span, hint=hint)
        return self._guarded(primitive, self._lowering.places.address(node), node)

    def _address(self, primitive: Primitive, node: Node) -> Typed:
        typed = self._lowering.argument(node)
        if typed is NOTHING_KNOWN:
            return typed
        if isinstance(typed.expression, Constant) or (typed.type is not None and not typed.type.pointer):
            access = isinstance(typed.expression, Access)
            hint = f"did you mean '&{node.text}'?" if access else None
            raise ParseError(f"{primitive.name}() takes an address, '{node.text}' is a value", node.span, hint=hint)
        return self._guarded(primitive, typed, node)

    def _guarded(self, primitive: Primitive, typed: Typed, node: Node) -> Typed:
        """Refuse locks as data, data as locks, and structs as either."""
        inner = self._lowering.world.pointee(typed.type)
        if inner is None:
            return typed
        if self._lowering.world.struct_of(inner):
            raise ParseError(f"{primitive.name}() needs one location, '{node.text}' is a whole {inner.name}", node.span)
        self._counted(primitive, inner, node)
        held = None if inner.pointer else _GUARDED.get(inner.name, inner.name)
        if primitive.guard is Guard.DATA and held in LOCK_TYPES:
            raise ParseError(f"{primitive.name}() cannot be used on '{node.text}', a {inner.name}", node.span)
        if primitive.guard is not Guard.DATA and held != primitive.guard:
            message = f"{primitive.name}() needs a {primitive.guard}, '{node.text}' is of type {inner}"
            raise ParseError(message, node.span)
        return typed

    def _counted(self, primitive: Primitive, inner: Type, node: Node) -> None:
        """Refuse counters as data, and data as counters: in C these are different structs."""
        wanted = counters(primitive.name)
        if wanted and (inner.pointer or inner.name not in wanted):
            message = f"{primitive.name}() needs {article(wanted[0])}, '{node.text}' is of type {inner}"
            raise ParseError(message, node.span)
        if not wanted and is_counter(inner) and primitive.guard is Guard.DATA:
            hint = f"use its own primitives, or '.{inside(inner)}'"
            message = f"{primitive.name}() cannot be used on '{node.text}', {article(inner.name)}"
            raise ParseError(message, node.span, hint=hint)

    def _reference(self, primitive: Primitive, node: Node) -> Typed:
        """The `&old` of try_cmpxchg(), which is read and written."""
        if node.kind != "unary" or node.parts[0].word != "&":
            message = f"{primitive.name}() takes the address of a local variable here"
            raise ParseError(message, node.span, hint="write &old")
        typed = self._lowering.value(node.parts[1])
        if not isinstance(typed.expression, Local):
            raise ParseError(f"'{node.parts[1].text}' is not a local variable", node.span)
        self._lowering.registers.assign(typed.expression.name, typed.type)
        return typed

    def _saved(self, node: Node) -> Typed:
        """The `flags` of spin_lock_irqsave(), a local variable that the macro itself assigns."""
        typed = self._lowering.value(node)
        if isinstance(typed.expression, Local):
            self._lowering.registers.assign(typed.expression.name, TYPES["unsigned long"])
        return typed

    def _condition(self, node: Node) -> Typed:
        frame = self._lowering.frame
        outer, frame.placeholder = frame.placeholder, True
        try:
            return self._plain(node)
        finally:
            frame.placeholder = outer


def needs_value(typed: Typed, node: Node) -> Typed:
    """Return ``typed``, which stands where a value is needed.

    Raises:
        ParseError: where it is a call that gives none.
    """
    match typed.expression:
        case Call(name) if name in PRIMITIVES and PRIMITIVES[name].result is Yield.NOTHING:
            raise ParseError(f"{name}() has no value", node.span)
    return typed


def article(type_: str) -> str:
    """Return a type with its article."""
    return f"{'an' if type_.startswith('a') else 'a'} {type_}"


def _count(name: str, given: int, wanted: range, span: Span) -> None:
    if given not in wanted:
        bounds = " or ".join(str(n) for n in wanted)
        raise ParseError(f"{name}() takes {bounds} argument{'' if bounds == '1' else 's'}, {given} given", span)


def _result(primitive: Primitive, content: Type | None) -> Type | None:
    if primitive.result is Yield.CONTENT:
        return number_in(content) if is_counter(content) else content
    return TYPES["bool"] if primitive.result is Yield.BOOL else INT
