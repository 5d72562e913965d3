"""What a test declares for all its threads: layouts, shared objects, defines, functions, page flags."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from litmus.dataclass import dataclass, field
from litmus.frontend.dsl.node import Node
from litmus.program.program import Location
from litmus.program.term import Address
from litmus.program.types import COUNTERS, TYPES, Field, Struct, Type
from litmus.source import Span

POINTER_SIZE = 8
LOCK_TYPES = frozenset({"spinlock_t", "raw_spinlock_t", "rwlock_t", "struct mutex", "struct srcu_struct"})
FLAGS = "flags"
"""The field that page flags share, as in the kernel's struct page."""
_HELPERS = {
    "Page{}": "test_bit",
    "SetPage{}": "set_bit",
    "ClearPage{}": "clear_bit",
    "__SetPage{}": "__set_bit",
    "__ClearPage{}": "__clear_bit",
    "TestSetPage{}": "test_and_set_bit",
    "TestClearPage{}": "test_and_clear_bit",
}
LOCK_HELPERS = ("lock_page", "trylock_page", "unlock_page")


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared object: of ``type``, or an array of ``count`` of them (0: no array)."""

    name: str
    type: Type
    count: int
    span: Span

    @property
    def address(self) -> Address:
        """Where it begins."""
        return Address(self.name)


@dataclass(frozen=True, slots=True)
class Macro:
    """A define or a function: parameters with their types where given, and the body."""

    name: str
    parameters: tuple[tuple[str, Type | None], ...]
    body: Node
    span: Span


@dataclass(slots=True)
class World:
    """The names of one test. Shared names are resolved before all others."""

    structs: dict[str, Struct] = field(default_factory=dict)
    objects: dict[str, Shared] = field(default_factory=dict)
    defines: dict[str, Macro] = field(default_factory=dict)
    functions: dict[str, Macro] = field(default_factory=dict)
    locations: dict[Address, Location] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    """Every word of the text: names that are made up must differ from them."""
    expanded: int = 0
    """How many characters the defines and functions had that were put in the places of their uses so far."""
    excessive: Macro | None = None
    """The first that was too much."""

    def struct_of(self, type_: Type | None) -> Struct | None:
        """Return the layout of a struct type (not of a pointer to one)."""
        if type_ is None or type_.pointer:
            return None
        return self.structs.get(type_.name.removeprefix("struct "))

    def pointee(self, type_: Type | None) -> Type | None:
        """Return what a pointer type points to; None where that is not known."""
        if type_ is None or not type_.pointer:
            return None
        if type_.pointer > 1:
            return Type(type_.name, POINTER_SIZE, signed=False, pointer=type_.pointer - 1)
        layout = self.structs.get(type_.name.removeprefix("struct "))
        if layout is not None and type_.name.startswith("struct "):
            return Type(type_.name, layout.size, signed=False)
        return TYPES.get(type_.name)

    def member(self, layout: Struct, name: str) -> Field | None:
        """Return the field called ``name``."""
        return next((f for f in layout.fields if f.name == name), None)

    def with_flag(self, flag: str) -> list[Struct]:
        """Return the layouts that have the page flag ``flag``."""
        return [s for s in self.structs.values() if flag in s.flags]

    def helpers(self) -> Mapping[str, tuple[str, str]]:
        """Return the names that page flags declare, each with its primitive and its flag."""
        table: dict[str, tuple[str, str]] = {}
        for flag in dict.fromkeys(flag for s in self.structs.values() for flag in s.flags):
            table |= {pattern.format(flag): (primitive, flag) for pattern, primitive in _HELPERS.items()}
            if flag == "Locked":
                table |= {name: (name, flag) for name in LOCK_HELPERS}
        return table

    def bit_number(self, name: str) -> int | None:
        """Return what ``PG_Name`` stands for: the number of a page flag's bit, where all structs agree on it."""
        flag = name.removeprefix("PG_")
        numbers = {s.flags.index(flag) for s in self.with_flag(flag)} if flag != name else set()
        return numbers.pop() if len(numbers) == 1 else None

    def callable_names(self) -> Iterator[str]:
        """Yield every name of the test that can be called."""
        yield from self.defines
        yield from self.functions
        yield from self.helpers()


def pointer_to(type_: Type | None) -> Type | None:
    """Return the type of the address of something of ``type_``."""
    return type_ and Type(type_.name, POINTER_SIZE, signed=False, pointer=type_.pointer + 1)


def is_lock(type_: Type | None) -> bool:
    """Whether a type is opaque: only its own primitives may touch it."""
    return type_ is not None and not type_.pointer and type_.name in LOCK_TYPES


def is_counter(type_: Type | None) -> bool:
    """Whether a type is a struct around a counter, which only its own primitives take whole."""
    return type_ is not None and not type_.pointer and type_.name in COUNTERS


def inside(counter: Type) -> str:
    """Return the way from a counter to the integer in it: ``counter``, or ``refs.counter``."""
    name, type_ = COUNTERS[counter.name]
    return f"{name}.{inside(TYPES[type_])}" if type_ in COUNTERS else name


def number_in(counter: Type | None) -> Type | None:
    """Return the type of what a counter's own primitives read: refcount_read() gives an ``unsigned int``."""
    if counter is None or counter.name == "refcount_t":
        return TYPES["unsigned int"]
    return TYPES[COUNTERS[counter.name][1]]


def alignment(world: World, type_: Type) -> int:
    """Return the alignment of a type, as C lays it out on a 64-bit machine."""
    layout = world.struct_of(type_)
    if layout is None:
        return max(1, type_.size)
    return max((alignment(world, f.type) for f in layout.fields), default=1)


Leaf: TypeAlias = tuple[str, int, Type, Struct | None]
"""A location: name, offset in its object, type, and the layout whose word of flags it is, if it is one."""


def leaves(world: World, name: str, type_: Type, count: int, offset: int = 0) -> Iterator[Leaf]:
    """Yield the locations that an object is made of."""
    if count:
        for i in range(count):
            yield from _inside(world, f"{name}[{i}]", type_, offset + i * type_.size, ".")
    else:
        yield from _inside(world, name, type_, offset, "->")


def _inside(world: World, name: str, type_: Type, offset: int, joint: str) -> Iterator[Leaf]:
    layout = world.struct_of(type_)
    if layout is None:
        yield name, offset, type_, None
        return
    for member in layout.fields:
        inner = f"{name}{joint}{member.name}"
        if member.name == FLAGS and layout.flags:
            yield inner, offset + member.offset, member.type, layout
        elif member.count:
            yield from leaves(world, inner, member.type, member.count, offset + member.offset)
        else:
            yield from _inside(world, inner, member.type, offset + member.offset, ".")
