"""Structs and shared objects: layouts, initial values, locations."""

from collections.abc import Callable, Iterator
from functools import partial

from litmus.dataclass import dataclass, field, replace
from litmus.errors import LitmusError, ParseError
from litmus.frontend.dsl.condition import Conditions, without_type
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.number import small
from litmus.frontend.dsl.report import Report, unknown_name
from litmus.frontend.dsl.types import type_of
from litmus.frontend.dsl.world import FLAGS, Shared, World, alignment, leaves
from litmus.program.program import Location
from litmus.program.term import Address, Value, wrap
from litmus.program.types import TYPES, Field, Struct, Type

_WORD = TYPES["unsigned long"]
_MOST_ELEMENTS = 256


@dataclass(frozen=True, slots=True)
class _Member:
    """A member as initialisers see it: a field, or one page flag. ``default`` is what the struct gives it."""

    name: str
    field: Field
    bit: int | None
    default: Node


@dataclass(slots=True)
class Declarations:
    """Fills a :class:`World` from the struct and shared items of a test."""

    world: World
    report: Report
    _members: dict[str, list[_Member]] = field(default_factory=dict)
    _values: dict[Address, Value] = field(default_factory=dict)
    _initial: list[tuple[Shared, Node]] = field(default_factory=list)

    # ------------------------------------------------------------------------------------------------------- layouts
    def announce(self, node: Node) -> None:
        """Make a struct's name known, so that pointers to it can be declared before its layout."""
        name = node.parts[0].word
        self.world.structs.setdefault(name, Struct(name, (), 0))

    def struct(self, node: Node) -> None:
        """Declare the layout of ``struct NAME { … }``, without the objects behind it."""
        name, *body, _ = node.parts
        if name.word in self._members:
            self.report.wrong(f"struct '{name.word}' is already declared", name.span)
            return
        if f"struct {name.word}" in TYPES:
            self.report.wrong(f"struct {name.word} is known already: leave its declaration out", name.span)
            return
        layout = _Layout(self, name.word)
        for part in body:
            self._attempt(part, layout.add)
        self.world.structs[name.word] = layout.finish()
        self._members[name.word] = layout.members

    def is_complete(self, type_: Type) -> bool:
        """Whether the layout of a struct type is known yet."""
        return type_.name.removeprefix("struct ") in self._members

    def _attempt(self, node: Node, action: Callable[[Node], object]) -> None:
        try:
            action(node)
        except LitmusError as error:
            self.report.add(error)
            self.report.lose(part.word for part in node.walk() if part.kind == "NAME")

    # ------------------------------------------------------------------------------------------------------- objects
    def objects(self, node: Node) -> None:
        """Declare the objects of a struct or shared item; :meth:`finish` gives them values."""
        match node:
            case Node("struct", (name, *_, declarators)) if declarators.present:
                layout = self.world.structs[name.word]
                type_ = Type(f"struct {name.word}", layout.size, signed=False)
                for declarator in declarators.parts:
                    stars = declarator.parts[0]
                    actual = replace(type_, size=8, pointer=len(stars.parts)) if stars.parts else type_
                    self._attempt(declarator, partial(self._object, type_=actual))
            case Node("shared", (written, declarators)):
                for declarator in declarators.parts:
                    self._attempt(declarator, lambda d: self._object(d, type_of(self.world, written, d.parts[0])))

    def _object(self, declarator: Node, type_: Type) -> None:
        _, name, *dimension, value = declarator.parts
        if name.word in self.world.objects:
            earlier = self.world.objects[name.word].span
            raise ParseError(f"'{name.word}' is already declared", name.span, hint=f"on line {earlier.line}")
        if type_.size == 0:
            raise ParseError(f"{type_} has no members: there is nothing in '{name.word}'", name.span)
        count = self._count(dimension[0], value) if dimension else 0
        shared = Shared(name.word, type_, count, name.span)
        self.world.objects[name.word] = shared
        self._initial.append((shared, value))
        for leaf, offset, leaf_type, layout in leaves(self.world, name.word, type_, count):
            bits = tuple((flag, i) for i, flag in enumerate(layout.flags)) if layout else ()
            address = Address(name.word, offset)
            self.world.locations[address] = Location(leaf, address, leaf_type, bits=bits, span=name.span)

    def _count(self, dimension: Node, value: Node) -> int:
        """Return the number of elements: as written, or as many as the initialiser has."""
        size = dimension.parts[0]
        if size.present:
            if size.kind != "number":
                raise ParseError("the number of elements must be a number", size.span)
            return small(size.parts[0], "the number of elements", _MOST_ELEMENTS)
        if value.kind != "entries" or not _entries(value):
            raise ParseError("how many elements?", dimension.span, hint="give a number or an initialiser in braces")
        entries = _entries(value)
        if len(entries) > _MOST_ELEMENTS:
            beyond = entries[_MOST_ELEMENTS].span
            raise ParseError(f"the number of elements must be between 1 and {_MOST_ELEMENTS}", beyond)
        return len(entries)

    # ------------------------------------------------------------------------------------------------ initial values
    def finish(self) -> None:
        """Give every location its initial value."""
        for shared, value in self._initial:
            self._defaults(shared.address, shared.type, shared.count)
            if value.present:
                self._attempt(value, partial(self.fill, shared.address, shared.type, shared.count))
        for address, location in self.world.locations.items():
            self.world.locations[address] = replace(location, initial=self._values.get(address, 0))

    def _defaults(self, address: Address, type_: Type, count: int) -> None:
        for element in _elements(address, type_, count):
            layout = self.world.struct_of(type_)
            for member in self._members.get(layout.name, ()) if layout else ():
                self._default(element, member)

    def _default(self, address: Address, member: _Member) -> None:
        place = Address(address.symbol, address.offset + member.field.offset)
        if member.bit is None:
            self._defaults(place, member.field.type, member.field.count)
        if member.default.present:
            self._attempt(member.default, lambda node: self._set_member(address, member, node))

    def fill(self, address: Address, type_: Type, count: int, value: Node) -> None:
        """Initialise the object at ``address`` by an expression or by entries in braces.

        Raises:
            LitmusError: where they do not fit.
        """
        layout = self.world.struct_of(type_)
        if count:
            self._fill_array(address, type_, count, value)
        elif layout is not None:
            self._fill_struct(address, layout, value)
        else:
            self._set(address, type_, value)

    def _fill_array(self, address: Address, type_: Type, count: int, value: Node) -> None:
        if value.kind != "entries":
            raise ParseError("an array is initialised by values in braces", value.span)
        entries = _entries(value)
        if len(entries) > count:
            raise ParseError(f"the array has {count} elements only", entries[count].span)
        for element, entry in zip(_elements(address, type_, count), entries, strict=False):
            if entry.kind == "named_entry":
                raise ParseError("the elements of an array have no names", entry.span)
            self.fill(element, type_, 0, entry)

    def _fill_struct(self, address: Address, layout: Struct, value: Node) -> None:
        if value.kind != "entries":
            raise ParseError("a struct is initialised by values in braces", value.span)
        members = self._members[layout.name]
        position = 0
        for entry in _entries(value):
            inner = entry
            if entry.kind == "named_entry":
                position = self._position(members, entry.parts[0], layout)
                inner = entry.parts[1]
            if position >= len(members):
                raise ParseError(f"struct {layout.name} has {len(members)} members only", entry.span)
            self._set_member(address, members[position], inner)
            position += 1

    def _position(self, members: list[_Member], name: Node, layout: Struct) -> int:
        names = [member.name for member in members]
        if name.word not in names:
            raise unknown_name("field", name.word, name.span, names, f" of struct {layout.name}")
        return names.index(name.word)

    def _set_member(self, address: Address, member: _Member, value: Node) -> None:
        place = Address(address.symbol, address.offset + member.field.offset)
        if member.bit is None:
            self.fill(place, member.field.type, member.field.count, value)
        else:
            self.set_bit(place, member.bit, value)

    def set_bit(self, word: Address, bit: int, value: Node) -> None:
        """Initialise one page flag.

        Raises:
            ParseError: where the value is neither 0 nor 1.
        """
        number = self._constant(value)
        if number not in (0, 1):
            raise ParseError("a page flag is 0 or 1", value.span)
        old = self._values.get(word, 0)
        assert isinstance(old, int)
        self._values[word] = (old & ~(1 << bit)) | (int(number) << bit)

    def _set(self, address: Address, type_: Type, value: Node) -> None:
        if value.kind == "entries":
            raise ParseError("braces initialise arrays and structs only", value.span)
        number = self._constant(value)
        if type_.is_bool:
            self._values[address] = int(number != 0)
            return
        bits = type_.size * 8
        if isinstance(number, int) and not -(1 << (bits - 1)) <= number < 1 << bits:
            raise ParseError(f"{number} does not fit type {type_}", value.span)
        self._values[address] = number if type_.pointer else wrap(number, bits, type_.signed)

    def _constant(self, value: Node) -> Value:
        number = without_type(Conditions(self.world, self.report, None).term(value))
        if not isinstance(number, (int, Address)):
            raise ParseError("a constant is needed here", value.span)
        return number

    def init(self, target: Node, value: Node) -> None:
        """Apply the edit `init target = value;` of a variant.

        Raises:
            LitmusError: where the target is no shared location or the value does not fit.
        """
        conditions = Conditions(self.world, self.report, None)
        helper = self.world.helpers().get(target.parts[0].word) if target.kind == "call" else None
        if helper is not None and helper[0] == "test_bit":
            word, layout = conditions.flags_word(target.parts[1], helper[1])
            self.set_bit(word, layout.flags.index(helper[1]), value)
            return
        address, type_, count = conditions.address(target)
        for _, offset, _, _ in leaves(self.world, "", type_, count):
            self._values.pop(Address(address.symbol, address.offset + offset), None)
        self._defaults(address, type_, count)
        self.fill(address, type_, count, value)

    def refresh(self) -> None:
        """Write the values into the locations once more, after edits."""
        for address, location in self.world.locations.items():
            self.world.locations[address] = replace(location, initial=self._values.get(address, 0))


class _Layout:
    """Lays out one struct, field by field, as C does."""

    def __init__(self, declarations: Declarations, name: str) -> None:
        self._world = declarations.world
        self._name = name
        self._fields: list[Field] = []
        self._flags: list[str] = []
        self._end = 0
        self.members: list[_Member] = []
        self._declarations = declarations

    def add(self, node: Node) -> None:
        """Add the fields or flags of one line."""
        match node:
            case Node("fields", (written, declarators)):
                for declarator in declarators.parts:
                    self._field(type_of(self._world, written, declarator.parts[0]), declarator)
            case Node("flags", (declarators,)):
                for declarator in declarators.parts:
                    self._flag(declarator)

    def _field(self, type_: Type, declarator: Node) -> None:
        _, name, *dimension, value = declarator.parts
        self._unused(name)
        if self._world.struct_of(type_) and not self._declarations.is_complete(type_):
            raise ParseError(f"{type_} is not complete here: use a pointer, or declare it before", declarator.span)
        count = self._declarations._count(dimension[0], value) if dimension else 0
        self.members.append(_Member(name.word, self._place(name.word, type_, count), None, value))

    def _place(self, name: str, type_: Type, count: int) -> Field:
        align = alignment(self._world, type_)
        offset = -(-self._end // align) * align
        self._end = offset + type_.size * (count or 1)
        self._fields.append(Field(name, type_, offset, count))
        return self._fields[-1]

    def _flag(self, declarator: Node) -> None:
        _, name, *dimension, value = declarator.parts
        self._unused(name)
        word = next((f for f in self._fields if f.name == FLAGS), None) or self._place(FLAGS, _WORD, 0)
        if dimension or word.type.pointer or word.count or len(self._flags) >= word.type.size * 8:
            raise ParseError(f"'{name.word}' does not fit the word of flags", declarator.span)
        self.members.append(_Member(name.word, word, len(self._flags), value))
        self._flags.append(name.word)

    def _unused(self, name: Node) -> None:
        if any(member.name == name.word for member in self.members):
            raise ParseError(f"'{name.word}' is already a member of struct {self._name}", name.span)

    def finish(self) -> Struct:
        """Return the layout, padded to its alignment."""
        align = max((alignment(self._world, f.type) for f in self._fields), default=1)
        return Struct(self._name, tuple(self._fields), -(-self._end // align) * align, tuple(self._flags))


def _entries(value: Node) -> list[Node]:
    return [part for part in value.parts if part.present]


def _elements(address: Address, type_: Type, count: int) -> Iterator[Address]:
    for i in range(count or 1):
        yield Address(address.symbol, address.offset + i * type_.size)
