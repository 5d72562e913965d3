"""Primitives by the bodies of a macro table instead of our own recipes (``linux-kernel.def`` given by the user).

Every intrinsic makes the events that herd7's C semantics makes of it: with ``lkmmv2`` both events of an update carry
the macro's tag; with ``lkmmv1`` only the one that it speaks of does, and ``mb`` puts a fence on either side.
"""

from collections.abc import Callable, Mapping, Sequence

from litmus.arch.emitter import Emitter, Value, fold
from litmus.arch.inference import pointed_to
from litmus.arch.plain_recipes import SYNONYMS
from litmus.arch.ranges import convert
from litmus.arch.recipe import compute
from litmus.dataclass import dataclass
from litmus.errors import ModelError, ParseError, did_you_mean
from litmus.program.instruction import Fence, Load, ReadModifyWrite, Store, Tags
from litmus.program.macros import (
    Macro,
    MacroBinary,
    MacroCall,
    MacroConstant,
    MacroDereference,
    MacroExpression,
    MacroOperator,
    MacroParameter,
    MacroTable,
)
from litmus.program.syntax import Call
from litmus.program.term import Register, Term
from litmus.program.types import INT, Type
from litmus.source import Span

LKMMV1, LKMMV2 = "lkmmv1", "lkmmv2"

Arguments = Mapping[str, Value]

_FULL = "mb"

BUILT_IN: Mapping[str, Macro] = {
    "atomic_add_unless": Macro(
        "atomic_add_unless",
        ("X", "V", "W"),
        (),
        MacroCall("__atomic_add_unless", _FULL, (MacroParameter("X"), MacroParameter("V"), MacroParameter("W"))),
    )
}
"""What tables before Linux 6.12 leave to herd7 itself."""


@dataclass(frozen=True, slots=True)
class MacroExpander:
    """Expands calls by ``table`` into ``emitter``."""

    emitter: Emitter
    table: MacroTable
    variant: str

    def find(self, name: str) -> Macro | None:
        """Return the macro that a primitive is: its own, or that of a name which means the same."""
        names = (name, SYNONYMS.get(name, name))
        return next((macro for n in names if (macro := self.table.macros.get(n) or BUILT_IN.get(n))), None)

    def call(self, call: Call, macro: Macro, arguments: Sequence[Value]) -> Value | None:
        """Append what a macro does and return its value, if it has one."""
        return self._expand(macro, arguments, call.span)

    def _expand(self, macro: Macro, arguments: Sequence[Value], span: Span | None) -> Value | None:
        if len(arguments) != len(macro.parameters):
            wanted = f"{len(macro.parameters)} ({', '.join(macro.parameters)})"
            raise ParseError(f"'{macro.name}' takes {wanted} arguments, not {len(arguments)}", span)
        if macro.name in self.table.faults:
            raise self.table.faults[macro.name]
        bound = dict(zip(macro.parameters, arguments, strict=True))
        for statement in macro.statements:
            self._effect(statement, bound)
        return None if macro.value is None else self._effect(macro.value, bound)

    def _effect(self, body: MacroExpression, bound: Arguments) -> Value | None:
        """Evaluate for effect and value; only calls may be without a value."""
        if not isinstance(body, MacroCall):
            return self._value(body, bound)
        if body.name in self.table.macros:
            macro = self.table.macros[body.name]
            return self._expand(macro, [self._value(a, bound) for a in body.arguments], body.span)
        return self._intrinsic(body, bound)

    def _value(self, body: MacroExpression, bound: Arguments) -> Value:
        match body:
            case MacroConstant(number):
                return Value(number, INT)
            case MacroParameter(name, span):
                if name not in bound:
                    raise ModelError(f"'{name}' is not a parameter of this macro", span, hint=did_you_mean(name, bound))
                return bound[name]
            case MacroDereference(operand):
                return self._value(operand, bound)
            case MacroBinary(operator, left, right):
                return Value(fold(operator, self._value(left, bound).term, self._value(right, bound).term), INT)
            case MacroCall(name, _, _, span):
                value = self._effect(body, bound)
                if value is None:
                    raise ModelError(f"'{name}' has no value", span)
                return value
            case MacroOperator(operator, span):
                raise ModelError(f"the operator '{operator}' is no value", span)

    def _intrinsic(self, call: MacroCall, bound: Arguments) -> Value | None:
        known = _INTRINSICS.get(call.name)
        if known is None:
            hint = did_you_mean(call.name, [*_INTRINSICS, *self.table.macros])
            raise ModelError(f"unknown intrinsic '{call.name}'", call.span, hint=hint)
        counts, rule = known
        if len(call.arguments) not in counts:
            raise ModelError(f"'{call.name}' does not take {len(call.arguments)} arguments", call.span)
        operators = [a.operator for a in call.arguments if isinstance(a, MacroOperator)]
        values = [self._value(a, bound) for a in call.arguments if not isinstance(a, MacroOperator)]
        if (call.name in _WITH_OPERATOR) != (len(operators) == 1):
            raise ModelError(f"'{call.name}' wants its operator as second argument", call.span)
        return rule(_Use(self.emitter, self.variant, call.tag, operators[0] if operators else "", values))


@dataclass(frozen=True, slots=True)
class _Use:
    """One use of an intrinsic: its tag, its operator, and its arguments, the first of which is the location."""

    emitter: Emitter
    variant: str
    tag: str | None
    operator: str
    values: Sequence[Value]

    @property
    def address(self) -> Term:
        return self.values[0].term

    @property
    def type(self) -> Type | None:
        """What the location holds."""
        return pointed_to(self.values[0].type)

    def stored(self, value: Term) -> Term:
        """Return a value as the location holds it."""
        return convert(value, self.type, self.emitter.types)

    @property
    def tags(self) -> Tags:
        return tags(self.tag)

    @property
    def fenced(self) -> bool:
        """Whether fences stand around the update."""
        return self.variant == LKMMV1 and self.tag is not None and self.tag.lower() == _FULL

    def side(self, word: str) -> Tags:
        """Return the tags of the read (``acquire``) or the write (``release``) of an update."""
        if self.variant == LKMMV1 and (self.tag or "").lower() != word:
            return tags("once") | {"RMW"}
        return self.tags | {"RMW"}

    def failed(self) -> Tags:
        """Return the tags of an update that does not come to write."""
        return (tags("once") if self.variant == LKMMV1 else self.tags) | {"RMW"}


def tags(tag: str | None) -> Tags:
    """Return the set that a cat model sees for a tag: herd7 capitalises it."""
    return frozenset({tag[:1].upper() + tag[1:]}) if tag else frozenset()


def _load(use: _Use) -> Value:
    target = use.emitter.register(use.type)
    use.emitter.add(Load(target.name, use.address, use.tags, use.emitter.origin))
    return Value(target, use.type)


def _store(use: _Use) -> None:
    use.emitter.add(Store(use.address, use.stored(use.values[1].term), use.tags, use.emitter.origin))


def _fence(use: _Use) -> None:
    use.emitter.add(Fence(use.tags, use.emitter.origin))


def _update(use: _Use, was: Register, new: Term, condition: Term | None = None) -> None:
    read, write = use.side("acquire"), use.side("release")
    guards = tuple(use.tags) if use.fenced else ()
    origin = use.emitter.origin
    use.emitter.add(ReadModifyWrite(was, use.address, new, read, write, origin, condition, use.failed(), guards=guards))


def _exchange(use: _Use) -> Value:
    was = use.emitter.register(use.type)
    _update(use, was, use.stored(use.values[1].term))
    return Value(was, use.type)


def _compare_exchange(use: _Use) -> Value:
    was = use.emitter.register(use.type)
    _update(use, was, use.stored(use.values[2].term), fold("==", was, use.stored(use.values[1].term)))
    return Value(was, use.type)


def _operation(use: _Use) -> None:
    was, emitter = use.emitter.register(use.type), use.emitter
    new = use.stored(compute(use.operator, was, use.values[1].term))
    if use.variant == LKMMV1:
        read, write = tags("noreturn"), tags("once")
    else:
        read = write = use.tags
    emitter.add(ReadModifyWrite(was, use.address, new, read | {"RMW"}, write | {"RMW"}, emitter.origin))


def _fetch(use: _Use) -> Value:
    was = use.emitter.register(use.type)
    _update(use, was, use.stored(compute(use.operator, was, use.values[1].term)))
    return Value(was, use.type)


def _return(use: _Use) -> Value:
    was = use.emitter.register(use.type)
    new = use.stored(compute(use.operator, was, use.values[1].term))
    _update(use, was, new)
    return Value(new, use.type)


def _add_unless(use: _Use) -> Value:
    was = use.emitter.register(use.type)
    differs = fold("!=", was, use.stored(use.values[2].term))
    _update(use, was, use.stored(fold("+", was, use.values[1].term)), differs)
    return Value(differs, INT)


def _lock_update(use: _Use, condition: bool) -> Register:
    was, emitter = use.emitter.register(use.type), use.emitter
    free = fold("==", was, 0) if condition else None
    emitter.add(
        ReadModifyWrite(was, use.address, 1, tags("LKR"), tags("LKW"), emitter.origin, free, tags("LF"), "lock")
    )
    return was


def _lock(use: _Use) -> None:
    use.emitter.assume(fold("==", _lock_update(use, condition=False), 0), waits=True)


def _trylock(use: _Use) -> Value:
    return Value(fold("==", _lock_update(use, condition=True), 0), INT)


def _unlock(use: _Use) -> None:
    use.emitter.add(Store(use.address, 0, tags("UL"), use.emitter.origin))


def _is_locked(use: _Use) -> Value:
    target, emitter = use.emitter.register(use.type), use.emitter
    emitter.add(Load(target.name, use.address, tags("RL"), emitter.origin, zero_tags=tags("RU")))
    return Value(fold("!=", target, 0), INT)


def _srcu(use: _Use) -> Value | None:
    """An SRCU event as such, as old tables have it: a lock makes a cookie, an unlock carries it."""
    emitter = use.emitter
    cookie = use.values[1].term if len(use.values) > 1 else None
    locks = use.tag is not None and use.tag.lower() == "srcu-lock"
    result = emitter.register(INT) if locks else None
    emitter.add(Fence(use.tags, emitter.origin, use.address, cookie, result.name if result else None))
    return None if result is None else Value(result, INT)


_WITH_OPERATOR = frozenset({"__atomic_op", "__atomic_fetch_op", "__atomic_op_return"})

_INTRINSICS: Mapping[str, tuple[tuple[int, ...], Callable[[_Use], Value | None]]] = {
    "__load": ((1,), _load),
    "__store": ((2,), _store),
    "__fence": ((0,), _fence),
    "__xchg": ((2,), _exchange),
    "__cmpxchg": ((3,), _compare_exchange),
    "__atomic_op": ((3,), _operation),
    "__atomic_fetch_op": ((3,), _fetch),
    "__atomic_op_return": ((3,), _return),
    "__atomic_add_unless": ((3,), _add_unless),
    "__lock": ((1,), _lock),
    "__unlock": ((1,), _unlock),
    "__trylock": ((1,), _trylock),
    "__islocked": ((1,), _is_locked),
    "__srcu": ((1, 2), _srcu),
}
