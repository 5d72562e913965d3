"""Locals of threads and functions: declarations, assignments, scopes."""

from collections.abc import Iterator
from contextlib import contextmanager

from litmus.errors import ParseError, UnsupportedError
from litmus.frontend.dsl.expression import Expressions
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.number import NAMED
from litmus.frontend.dsl.scope import NOTHING_KNOWN, Typed
from litmus.frontend.dsl.types import type_of
from litmus.frontend.dsl.world import is_counter, is_lock
from litmus.program.syntax import Access, Assignment, Constant, Declare, Local, Statement
from litmus.program.types import Type
from litmus.source import Span

_RESERVED = (*NAMED, "this", "VAL")


class Locals:
    """Declares and assigns. Registers are flat: a name is one register in all of a thread (or call of a function)."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions
        self._scopes: list[dict[str, Span]] = []

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Open a block: what it declares may be declared again after it, not inside it."""
        self._scopes.append({})
        try:
            yield
        finally:
            self._scopes.pop()

    @contextmanager
    def function(self) -> Iterator[None]:
        """Open the body of a function, which sees no locals but its own."""
        outer, self._scopes = self._scopes, [{}]
        try:
            yield
        finally:
            self._scopes = outer

    def declare(self, written: Node, declarators: Node) -> tuple[Statement, ...]:
        """Return the statements of `int a = 1, b;`."""
        return tuple(self._declared(written, declarator) for declarator in declarators.parts)

    def _declared(self, written: Node, declarator: Node) -> Statement:
        stars, name, *dimension, value = declarator.parts
        if dimension:
            raise UnsupportedError("arrays are supported as shared state only", declarator.span)
        type_ = type_of(self._expressions.world, written, stars)
        if is_lock(type_) or is_counter(type_) or self._expressions.world.struct_of(type_):
            raise UnsupportedError(f"a local of type {type_} is not supported", declarator.span, hint="make it shared")
        typed = self._initial(value) if value.present else None
        register = self._new(name, type_)
        span = written.span.to(declarator.span) if typed else declarator.span
        text = f"{written.text} {declarator.text}"
        if typed is None:
            return Declare(register, type_, span=span, text=text)
        self._expressions.registers.assign(register, type_)
        return Assignment(Local(register, name.span), typed.expression, type_, span=span, text=text)

    def _initial(self, value: Node) -> Typed:
        if value.kind == "entries":
            raise UnsupportedError("braces initialise shared state only", value.span)
        return self._expressions.value(value)

    def _new(self, name: Node, type_: Type) -> str:
        """Return the register of a newly declared local."""
        self._free(name)
        frame, registers = self._expressions.frame, self._expressions.registers
        register = name.word
        if frame.kind == "function":
            register = frame.registers.setdefault(name.word, registers.fresh(f"{frame.name}_{name.word}"))
        if registers.declared.setdefault(register, type_) != type_:
            earlier = registers.declared[register]
            raise ParseError(f"'{name.word}' is already declared as {earlier} in this thread", name.span)
        self._scopes[-1][name.word] = name.span
        return register

    def _free(self, name: Node) -> None:
        earlier = next((scope[name.word] for scope in self._scopes if name.word in scope), None)
        if earlier is not None:
            raise ParseError(f"'{name.word}' is already declared", name.span, hint=f"on line {earlier.line}")
        if name.word in self._expressions.world.objects:
            raise ParseError(f"'{name.word}' is shared: a local cannot have its name", name.span)
        if name.word in self._expressions.frame.bindings or name.word in _RESERVED:
            raise ParseError(f"'{name.word}' means something else here", name.span)

    # -------------------------------------------------------------------------------------------------- assignments
    def assign(self, target: Node, typed: Typed, node: Node) -> Statement:
        """Return `target = typed;`."""
        place, declares = self._target(target, typed.type)
        return Assignment(place, typed.expression, declares, span=node.span, text=node.text)

    def update(self, target: Node, operator: str, typed: Typed, node: Node) -> Statement:
        """Return `target operator= typed;`, which reads the target first."""
        old = self._expressions.value(target)
        new = self._expressions.combine(operator, old, typed, node)
        return self.assign(target, new, node)

    def _target(self, node: Node, type_: Type | None) -> tuple[Local | Access, Type | None]:
        """Return what is assigned, and the type that the assignment declares it with."""
        match node:
            case Node("group", (inner,)):
                return self._target(inner, type_)
            case Node("name", (word,)) if word.word not in self._expressions.world.objects:
                return self._local(word, type_)
        address = self._expressions.places.address(node)
        content = self._expressions.content(address, node)
        self._expressions.data(content.type, node)
        if isinstance(content.expression, Access):
            return content.expression, None
        if address is NOTHING_KNOWN:
            return Access(Constant(0)), None
        raise ParseError(f"'{node.text}' is a whole object, not one location", node.span)

    def _local(self, word: Node, type_: Type | None) -> tuple[Local | Access, Type | None]:
        frame, registers = self._expressions.frame, self._expressions.registers
        bound = frame.bindings.get(word.word)
        match bound and bound.expression:
            case Local(register) as local:
                return local, registers.assign(register, type_)
            case Access() as access:
                return access, None
        if bound is not None or word.word in _RESERVED:
            raise ParseError(f"'{word.word}' cannot be assigned", word.span)
        name = word.word
        if frame.kind == "function":
            if name not in frame.registers:
                frame.registers[name] = registers.fresh(f"{frame.name}_{name}")
            name = frame.registers[name]
        return Local(name, word.span), registers.assign(name, type_)
