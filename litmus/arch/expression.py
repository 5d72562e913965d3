"""Expressions of the portable language: memory reads become loads, left to right, and the rest a term."""

from collections.abc import Sequence
from functools import partial

from litmus.arch.c11 import C11Operations
from litmus.arch.catalogue import primitive_names, recipes
from litmus.arch.emitter import Emitter, Value, fold
from litmus.arch.inference import COMPARISONS, SHIFTS, Inference, constant_type, operation_type, pointed_to, pointer_to
from litmus.arch.macro import MacroExpander
from litmus.arch.page_flag import as_bit_operation, name_span
from litmus.arch.ranges import common, convert, promoted
from litmus.arch.realise import Operation, Realiser
from litmus.arch.recipe import IGNORED, Recipe
from litmus.arch.undefined import has_meaning, require_bit
from litmus.dataclass import dataclass, replace
from litmus.errors import LitmusError, ParseError, UnknownNameError, UnsupportedError, did_you_mean
from litmus.program.instruction import Operands
from litmus.program.primitive import counters
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
from litmus.program.term import Address, Register, Term, UndefinedOperation
from litmus.program.types import INT, TYPES, Type
from litmus.source import Span

CONVERTED = frozenset({"value", "old", "new", "limit"})
"""The parameters that have the type of the location."""
_OVERFLOWING = frozenset({"+", "-", "*", "<<", "/", "%"})


@dataclass(frozen=True, slots=True)
class Expressions:
    """Computes expressions by appending to ``emitter``. ``macros`` come before the recipes, for what they define; C11's
    operations are instead of them. ``under`` is the condition under which what is computed is needed at all."""

    emitter: Emitter
    realiser: Realiser
    macros: MacroExpander | C11Operations | None
    placeholder: Value | None = None
    under: Term = 1

    def term(self, expression: Expression) -> Term:
        """Return the term of an expression, its effects appended."""
        return self.value(expression).term

    def converted(self, expression: Expression, type_: Type | None) -> Term:
        """Return the term of an expression, converted to a type."""
        return convert(self.term(expression), type_, self.emitter.types)

    def value(self, expression: Expression) -> Value:
        """Return the value of an expression, its effects appended.

        Raises:
            LitmusError: naming what makes no sense, with its place.
        """
        match expression:
            case Constant(number):
                return Value(number, constant_type(number))
            case Local(name):
                return Value(Register(name), self.emitter.types.get(name))
            case Static(address):
                return Value(address, pointer_to(self.emitter.location_type(address)))
            case Access(address):
                pointer = self.value(address)
                return self.realiser.plain_load(pointer.term, self.pointee(address, pointer))
            case Member() | Element():
                return self._part(expression)
            case Unary(operator, operand, span):
                return self._unary(operator, self.value(operand), span)
            case Binary(("&&" | "||") as operator, left, right):
                return self._short_circuit(operator, left, right)
            case Binary(operator, left, right, span):
                one, other = self.operands(left, right)
                return self._binary(operator, one, other, span)
            case Conditional():
                return self._conditional(expression)
            case Cast(type_, operand):
                return Value(self.converted(operand, type_), type_)
            case Placeholder(span):
                if self.placeholder is None:
                    raise ParseError("VAL stands only in the condition of smp_cond_load_relaxed() and the like", span)
                return self.placeholder
            case Call():
                return self._call_value(expression)

    def pointee(self, address: Expression, pointer: Value) -> Type | None:
        """Return the type of what an address expression points to, where it is known."""
        if isinstance(address, Member):
            return self.emitter.field_type(address.name, address.offset)
        if isinstance(pointer.term, Address):
            return self.emitter.location_type(pointer.term)
        return pointed_to(pointer.type)

    def operands(self, *expressions: Expression) -> Sequence[Value]:
        """Return the values of operands of one operator or call. C11's models see that they are not in sequence."""
        unsequenced = isinstance(self.macros, C11Operations) and sum(map(touches_memory, expressions)) > 1
        values: list[Value] = []
        for expression in expressions:
            if unsequenced:
                self.emitter.add(Operands("next" if values else "first", self.emitter.origin))
            values.append(self.value(expression))
        if unsequenced:
            self.emitter.add(Operands("done", self.emitter.origin))
        return values

    def call(self, call: Call) -> Value | None:
        """Append what a primitive does and return its value, if it has one."""
        if isinstance(self.macros, C11Operations):
            return self.macros.call(call, self.operands)
        macro = self.macros.find(call.name) if self.macros is not None else None
        if self.macros is not None and macro is not None:
            return self.macros.call(call, macro, [self.value(a) for a in call.arguments])
        recipe, arguments_ = self._recipe(call)
        self._check_count(call, recipe, len(arguments_))
        try:
            return self.realiser.perform(recipe, self._operation(call, recipe, arguments_))
        except UndefinedOperation as error:
            raise ParseError(
                f"'{call.name}' computes '{error}', which means nothing for an address", call.span
            ) from None

    def _call_value(self, call: Call) -> Value:
        value = self.call(call)
        if value is None:
            raise ParseError(f"'{call.name}' returns nothing", call.span)
        return value

    def _recipe(self, call: Call) -> tuple[Recipe, tuple[Expression, ...]]:
        known = recipes()
        operation = as_bit_operation(call, self.emitter.program)
        if operation is not None:
            return known[operation.name], operation.arguments
        if call.name in known:
            return known[call.name], call.arguments
        raise UnknownNameError(
            f"unknown primitive '{call.name}'", name_span(call), hint=did_you_mean(call.name, primitive_names())
        )

    def _check_count(self, call: Call, recipe: Recipe, count: int) -> None:
        wanted = len(recipe.parameters)
        needed = wanted - recipe.parameters.count(IGNORED)
        if not needed <= count <= wanted:
            names = f" ({', '.join(recipe.parameters)})" if wanted else ""
            plural = "" if wanted == 1 else "s"
            raise ParseError(f"'{call.name}' takes {wanted} argument{plural}{names}, not {count}", call.span)

    def _operation(self, call: Call, recipe: Recipe, arguments: tuple[Expression, ...]) -> Operation:
        terms: dict[str, Term] = {}
        pointee: Type | None = None
        local: str | None = None
        until = None
        for parameter, argument in zip(recipe.parameters, arguments, strict=False):
            match parameter:
                case "ptr":
                    pointer = self.value(argument)
                    terms["ptr"], pointee = pointer.term, _counter(call, self.pointee(argument, pointer))
                case "condition":
                    until = partial(self._condition, argument)
                case "local":
                    local, terms["old"] = self._by_address(call, argument)
                case "flags":
                    pass
                case _:
                    terms[parameter] = self.term(argument)
        for name in terms.keys() & CONVERTED:
            terms[name] = convert(terms[name], pointee, self.emitter.types)
        if "nr" in terms:
            require_bit(self.emitter, terms["nr"], pointee, call.span)
        return Operation(call, terms, pointee, local, until)

    def _by_address(self, call: Call, argument: Expression) -> tuple[str, Term]:
        if not isinstance(argument, Local):
            message = f"'{call.name}' needs the address of a local variable here"
            raise UnsupportedError(message, argument.span or call.span)
        return argument.name, Register(argument.name)

    def _condition(self, condition: Expression, placeholder: Value) -> Term:
        return Expressions(self.emitter, self.realiser, self.macros, placeholder).term(condition)

    def _part(self, expression: Member | Element) -> Value:
        base = self.value(expression.base)
        match expression:
            case Member(_, name, offset, span):
                found = self.emitter.field_type(name, offset)
                return Value(_fold("+", span, base.term, offset) if offset else base.term, pointer_to(found))
            case Element(_, index, size, span):
                distance = _fold("*", span, self.term(index), size)
                moved = base.term if distance == 0 else _fold("+", span, base.term, distance)
                return Value(moved, base.type)

    def _unary(self, operator: str, operand: Value, span: Span | None) -> Value:
        if operator == "!":
            return Value(_fold("!", span, operand.term), INT)
        type_ = promoted(operand.type)
        term = _fold({"-": "neg"}.get(operator, operator), span, operand.term)
        return Value(self._wrapped(term, type_), type_)

    def _binary(self, operator: str, left: Value, right: Value, span: Span | None) -> Value:
        type_ = operation_type(operator, left.type, right.type)
        one = self._operand(left, type_)
        other = right.term if operator in SHIFTS else self._operand(right, type_)
        if not has_meaning(self.emitter, self.under, operator, (one, other), type_, span):
            return Value(0, type_)
        term = _fold(operator, span, one, other)
        if operator in COMPARISONS:
            return Value(term, INT)
        return Value(self._wrapped(term, type_) if operator in _OVERFLOWING else term, type_)

    def _operand(self, value: Value, type_: Type) -> Term:
        """What has no known type may be an address, and is taken as it is where numbers may be negative."""
        return value.term if value.type is None and type_.signed else self._wrapped(value.term, type_)

    def _wrapped(self, term: Term, type_: Type) -> Term:
        """Arithmetic wraps around, signed too: the kernel is compiled so (-fno-strict-overflow in its Makefile)."""
        return convert(term, type_, self.emitter.types)

    def _short_circuit(self, operator: str, left: Expression, right: Expression) -> Value:
        first = self.term(left)
        if not touches_memory(right):
            second = self._where(first if operator == "&&" else fold("!", first)).term(right)
            return Value(fold(operator, first, second), INT)
        result, end = self.emitter.register(TYPES["bool"]), self.emitter.label("end")
        self.emitter.assign(result.name, fold("!=", first, 0))
        self.emitter.branch(fold("!", result) if operator == "&&" else result, end, end)
        # The operator is applied to both sides, so that the result depends on the reads of both.
        self.emitter.assign(result.name, fold(operator, result, self.term(right)))
        self.emitter.place(end)
        return Value(result, INT)

    def _conditional(self, expression: Conditional) -> Value:
        condition = self.term(expression.condition)
        if not (touches_memory(expression.positive) or touches_memory(expression.negative)):
            positive = self._where(condition).value(expression.positive)
            negative = self._where(fold("!", condition)).value(expression.negative)
            type_ = common(positive.type, negative.type)
            one, two = self._operand(positive, type_), self._operand(negative, type_)
            return Value(fold("ite", condition, one, two), type_)
        inference = Inference(self.emitter.program, self.emitter.types)
        type_ = common(inference.of(expression.positive), inference.of(expression.negative))
        other, end = self.emitter.label("else"), self.emitter.label("end")
        # Kept, because the sides may change locals that it mentions.
        chosen, result = self.emitter.register(TYPES["bool"]), self.emitter.register(type_)
        self.emitter.assign(chosen.name, fold("!=", condition, 0))
        self.emitter.unless(chosen, other, end)
        side = self._operand(self.value(expression.positive), type_)
        self.emitter.assign(result.name, fold("ite", chosen, side, 0))
        self.emitter.jump(end)
        self.emitter.place(other)
        side = self._operand(self.value(expression.negative), type_)
        self.emitter.assign(result.name, fold("ite", chosen, 0, side))
        self.emitter.place(end)
        return Value(result, type_)

    def _where(self, condition: Term) -> "Expressions":
        """Return these expressions for what is computed here and needed only where ``condition`` holds."""
        return replace(self, under=condition if self.under == 1 else fold("&&", self.under, condition))


def _counter(call: Call, pointee: Type | None) -> Type | None:
    """A primitive for counters takes what it is given for one, whatever it was declared as."""
    own = counters(call.name)
    same = pointee is not None and own and pointee.size == TYPES[own[0]].size and not pointee.pointer
    return TYPES[own[0]] if same else pointee


def touches_memory(expression: Expression) -> bool:
    """Whether evaluating an expression does anything but compute."""
    match expression:
        case Access() | Call():
            return True
        case Member(base=inner) | Unary(operand=inner) | Cast(operand=inner):
            return touches_memory(inner)
        case Element(base, index):
            return touches_memory(base) or touches_memory(index)
        case Binary(_, left, right):
            return touches_memory(left) or touches_memory(right)
        case Conditional(condition, positive, negative):
            return any(touches_memory(e) for e in (condition, positive, negative))
    return False


def _fold(operator: str, span: Span | None, *operands: Term) -> Term:
    try:
        return fold(operator, *operands)
    except UndefinedOperation:
        raise LitmusError(f"'{operator}' means nothing for these addresses", span) from None
