"""Addresses: which location a name, a member, an element or a dereferenced pointer is."""

import re
from typing import Protocol

from litmus.errors import ParseError, UnknownNameError
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.report import Report, unknown_name
from litmus.frontend.dsl.scope import NOTHING_KNOWN, Frame, Registers, Typed
from litmus.frontend.dsl.world import FLAGS, World, is_counter, pointer_to
from litmus.program.syntax import Access, Cast, Constant, Element, Expression, Member, Static
from litmus.program.term import Address
from litmus.program.types import COUNTERS, TYPES, Struct, Type
from litmus.source import Span

_WITHOUT_INDEX = re.compile(r"\[\d+\].*$")


class Values(Protocol):
    """What addresses need of the lowering of values."""

    world: World
    report: Report
    registers: Registers
    frame: Frame

    def value(self, node: Node) -> Typed:
        """Return the value of an expression."""

    def content(self, address: Typed, node: Node) -> Typed:
        """Return what is at an address."""

    def local(self, word: Node) -> Typed:
        """Return the register that a name means."""


class Places:
    """Lowers what is a location to its address."""

    def __init__(self, expressions: Values) -> None:
        self._expressions = expressions
        self._world = expressions.world

    def whole(self, word: Node) -> Typed:
        """Return the address of the shared object that a word names."""
        shared = self._world.objects[word.word]
        return Typed(Static(shared.address, word.span), pointer_to(shared.type), shared.count)

    def address(self, node: Node) -> Typed:
        """Return the address of a location, with the type of a pointer to it.

        Raises:
            LitmusError: where ``node`` is no location.
        """
        match node:
            case Node("group", (inner,)):
                return self.address(inner)
            case Node("name", (word,)):
                return self._named_address(word)
            case Node("unary", (sign, operand)) if sign.word == "*":
                return self.pointer(operand)
            case Node("member", (base, *_, name)):
                return self._member(base, name, node.span)
            case Node("index", (base, index)):
                return self._element(base, index, node.span)
        raise ParseError(f"'{node.text}' is not a location in memory", node.span)

    def _named_address(self, word: Node) -> Typed:
        bound = self._expressions.frame.bindings.get(word.word)
        if bound is not None:
            return self._bound_address(bound, word)
        if word.word in self._world.objects:
            return self.whole(word)
        local = self._expressions.local(word)
        if local is NOTHING_KNOWN or word.word not in {
            *self._expressions.registers.assigned,
            *self._expressions.registers.declared,
        }:
            self._expressions.report.unknown("shared location", word.word, word.span, self._world.objects)
            return NOTHING_KNOWN
        raise ParseError(f"'{word.word}' is a local variable, not a shared location", word.span)

    def _bound_address(self, bound: Typed, word: Node) -> Typed:
        match bound.expression:
            case Access(address):
                return Typed(address, pointer_to(bound.type))
            case Static() if self._world.struct_of(self._world.pointee(bound.type)):
                return bound
        raise ParseError(f"the argument '{word.word}' is not a location here", word.span)

    def pointer(self, node: Node) -> Typed:
        """Return a value that is used as an address."""
        return self._pointing(self._expressions.value(node), node)

    def _pointing(self, typed: Typed, node: Node) -> Typed:
        if typed.type is not None and not typed.type.pointer:
            raise ParseError(f"'{node.text}' is of type {typed.type}, not a pointer", node.span)
        if isinstance(typed.expression, Constant) and typed is not NOTHING_KNOWN:
            raise ParseError(f"'{node.text}' is not an address", node.span)
        return typed

    def _member(self, base: Node, name: Node, span: Span) -> Typed:
        pointer = self._whole(base)
        if pointer is NOTHING_KNOWN:
            return pointer
        whole = self._world.pointee(pointer.type)
        if whole is not None and is_counter(whole):
            return _counter(pointer, whole, name)
        layout = self._world.struct_of(whole) or self._guess(pointer, base, name)
        if layout is None:
            return NOTHING_KNOWN
        return self.field_of(pointer.expression, layout, name, span)

    def _whole(self, base: Node) -> Typed:
        """Return the address of what has members: a value that points to it, or that of a counter itself."""
        match base:
            case Node("group", (inner,)):
                return self._whole(inner)
            case Node("name", (word,)) if word.word not in self._world.objects:
                return self.pointer(base)
            case Node("name" | "member" | "index") | Node("unary", (Node(_, (), _, "*"), _)):
                place = self.address(base)
                whole = self._world.pointee(place.type)
                if is_counter(whole) and not place.array:
                    return place
                return self._pointing(self._expressions.content(place, base), base)
        return self.pointer(base)

    def _guess(self, pointer: Typed, base: Node, name: Node) -> Struct | None:
        """A pointer of unknown type points to the one struct that has such a field."""
        if pointer.type is not None:
            raise ParseError(f"'{base.text}' is of type {pointer.type}, which has no fields", base.span)
        having = [s for s in self._world.structs.values() if self._world.member(s, name.word)]
        if len(having) > 1:
            raise ParseError(f"declare the type of '{base.text}': several structs have '{name.word}'", base.span)
        if not having:
            fields = [f.name for s in self._world.structs.values() for f in s.fields]
            self._expressions.report.unknown("field", name.word, name.span, fields)
        return having[0] if having else None

    def field_of(self, base: Expression, layout: Struct, name: Node, span: Span) -> Typed:
        """Return the address of a field of the struct that ``base`` points to."""
        found = self._world.member(layout, name.word)
        if found is None and name.word in layout.flags:
            hint = f"use Page{name.word}(...), SetPage{name.word}(...) and the like"
            raise ParseError(f"'{name.word}' is a page flag, one bit of '{FLAGS}'", name.span, hint=hint)
        if found is None:
            raise unknown_field(layout, name)
        type_ = pointer_to(found.type)
        if isinstance(base, Static):
            moved = Address(base.address.symbol, base.address.offset + found.offset)
            return Typed(Static(moved, span), type_, found.count)
        return Typed(Member(base, found.name, found.offset, span), type_, found.count)

    def _element(self, base: Node, index: Node, span: Span) -> Typed:
        pointer = self.pointer(base)
        inner = self._world.pointee(pointer.type)
        if pointer is NOTHING_KNOWN:
            return pointer
        if inner is None:
            raise ParseError(f"the type of the elements of '{base.text}' is not known", base.span)
        return self.shifted(pointer, inner, self._expressions.value(index).expression, span)

    def shifted(self, pointer: Typed, inner: Type, index: Expression, span: Span) -> Typed:
        """Return the address ``index`` elements of type ``inner`` after ``pointer``."""
        match pointer.expression, index:
            case Static(Address(symbol, offset) as start), Constant(number):
                moved = Address(symbol, offset + number * inner.size)
                inside = number in range(pointer.array) if pointer.array else self._same_array(start, moved)
                if not inside:
                    raise ParseError(f"'{span.text}' is outside the object '{symbol}'", span)
                return Typed(Static(moved, span), pointer.type)
        return Typed(Element(pointer.expression, index, inner.size, span), pointer.type)

    def _same_array(self, one: Address, other: Address) -> bool:
        locations = self._world.locations
        names = [_WITHOUT_INDEX.sub("", locations[a].name) for a in (one, other) if a in locations]
        return one == other or (len(names) == 2 and names[0] == names[1])


def _counter(pointer: Typed, whole: Type, name: Node) -> Typed:
    """Return the address of what a counter is a struct around. It is that of the counter, with another type."""
    field, type_ = COUNTERS[whole.name]
    if name.word != field:
        raise unknown_name("field", name.word, name.span, (field,), f" of {whole}")
    address, type_of_address = pointer.expression, pointer_to(TYPES[type_])
    if not isinstance(address, Static) and type_of_address is not None:
        address = Cast(type_of_address, address, address.span)
    return Typed(address, type_of_address)


def unknown_field(layout: Struct, name: Node) -> UnknownNameError:
    """Return the error for a field that a struct does not have."""
    known = [field.name for field in layout.fields] + list(layout.flags)
    return unknown_name("field", name.word, name.span, known, f" of struct {layout.name}")
