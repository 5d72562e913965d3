"""The initial state of a herd file: shared locations and registers, with their types and values."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

from litmus.dataclass import dataclass, field, replace
from litmus.errors import LitmusError, ParseError, UnknownNameError, UnsupportedError, did_you_mean
from litmus.frontend.faults import Faults, parse_on
from litmus.frontend.grammar import Node, extent, grammar, parse, span_of
from litmus.frontend.outline import outline_parser
from litmus.frontend.tree import Token
from litmus.program.program import Location
from litmus.program.term import Address, wrap
from litmus.program.types import INT, TYPES, Type
from litmus.source import Source, Span

MOST_ELEMENTS = 4096
"""How many elements an array may have: each is a location."""
QUALIFIERS = frozenset({"volatile", "const", "register", "_Atomic", "shared"})
"""Words of a type that change nothing here."""
_C11 = {
    "atomic_int": "int",
    "atomic_uint": "unsigned int",
    "atomic_long": "long",
    "atomic_bool": "bool",
    "unsigned long int": "unsigned long",
    "long int": "long",
    "atomic_uintptr_t": "uintptr_t",
    "atomic_intptr_t": "intptr_t",
    "struct mutex": "struct mutex",
    "mtx_t": "struct mutex",
}


@dataclass(frozen=True, slots=True)
class RegisterInit:
    """A register named in the initial state; ``value`` None where only its type is given."""

    thread: int
    name: str
    type: Type | None
    value: int | Address | None
    span: Span


@dataclass(slots=True)
class Initial:
    """What the initial state says, in order. ``sizes`` gives the element size of arrays."""

    locations: dict[str, Location] = field(default_factory=dict)
    registers: list[RegisterInit] = field(default_factory=list)
    arrays: dict[str, Type] = field(default_factory=dict)
    untyped: set[str] = field(default_factory=set)


def named_type(words: Iterable[str], span: Span, pointer: int = 0) -> Type:
    """Return the type that ``words`` name, qualifiers left aside.

    Raises:
        UnknownNameError: with the nearest known type as hint.
    """
    name = " ".join(word for word in words if word not in QUALIFIERS)
    found = TYPES.get(_C11.get(name, name))
    if found is None and name == "void" and pointer:
        found = Type("void", 8)
    if found is None and "int128" in name:
        raise UnsupportedError(f"integers of 128 bits, as '{name}', are not supported", span)
    if found is None:
        raise UnknownNameError(f"unknown type '{name}'", span, hint=did_you_mean(name, TYPES))
    return pointer_to(found, pointer)


def pointer_to(base: Type, stars: int) -> Type:
    """Return ``base`` with ``stars`` more stars; a pointer takes eight bytes."""
    return replace(base, size=8, signed=False, pointer=base.pointer + stars) if stars else base


def number(text: str) -> int:
    """Return a decimal or hexadecimal literal's value (a leading zero means nothing here, as in herd)."""
    return int(text, 16) if "x" in text.lower() else int(text)


def literal(token: Token, section: Span) -> int:
    """Return a literal's value as 64 bits hold it, signed.

    Raises:
        ParseError: where 64 bits do not.
    """
    value = number(token)
    if not -(1 << 63) <= value < 1 << 64:
        raise ParseError("a number of more than 64 bits", span_of(token, section))
    return int(value - (1 << 64) if value >> 63 > 0 else value)


def converted(location: Location) -> Location:
    """Return a location with its initial value converted to its type, as C does."""
    if location.type.is_bool and isinstance(location.initial, int):
        return replace(location, initial=int(location.initial != 0))
    return _cut(location, location.type.signed)


def as_kept(location: Location) -> Location:
    """Return a location with its initial value cut to the size of its type as the assembly dialects keep it in memory:
    bytes and halves as their bits, words with a sign."""
    return _cut(location, location.type.size >= INT.size)


def _cut(location: Location, signed: bool) -> Location:
    if isinstance(location.initial, Address) or location.type.pointer:
        return location
    return replace(location, initial=wrap(location.initial, 8 * location.type.size, signed))


def register_reference(token: str) -> tuple[int, str]:
    """Return thread and register of ``0:r1`` or ``P0:EAX``."""
    thread, _, name = token.partition(":")
    return int(thread.strip().removeprefix("P")), name.strip().lstrip("%")


def parse_initial(section: Span, text: str, faults: Faults) -> Initial:
    """Parse an initial state. ``text`` is that of ``section`` with comments blanked. ``faults`` gets what is wrong."""
    found = Initial()
    if not text.strip():
        return found
    items = _by_items(section, text) or _as_a_whole(section, text, faults)
    if items is None:
        faults.lose(re.findall(r"\w+", text))
        return found
    pending: list[tuple[str, Node, Span]] = []
    for item, place in items:
        with faults.kept():
            _declare(item, found, place, pending)
    for name, value, place in pending:
        with faults.kept():
            _initialise(name, value, found, place)
    return found


_Items: TypeAlias = list[tuple[Node, Span]]
"""Items of an initial state, each with the section that its words are counted from."""

_LONGEST = 200
"""Characters of an item that is worth remembering."""


def _as_a_whole(section: Span, text: str, faults: Faults) -> _Items | None:
    tree = parse_on(grammar(("herd.lark",), ("init", "final")), "init", section, text, ";", faults)
    return None if tree is None else [(item, section) for item in tree.children if not isinstance(item, Token)]


def _by_items(section: Span, text: str) -> _Items | None:
    """Return the items, each parsed on its own: many tests have the same. None where one is wrong, or very long."""
    found: _Items = []
    place = section.start
    for item in text.split(";"):
        words = item.lstrip()
        if words:
            node = _item(words.rstrip()) if len(words) < _LONGEST else None
            if node is None:
                return None
            found.append((node, Span(section.source, place + len(item) - len(words), section.end)))
        place += len(item) + 1
    return found


@lru_cache(maxsize=4096)
def _item(text: str) -> Node | None:
    """Return the tree of an item, None where that is an error. Nobody changes it."""
    try:
        (item,) = parse(outline_parser(), "init", Source("", text).span(0, len(text))).children
    except ParseError:
        return None
    assert not isinstance(item, Token)
    return item


def _declare(item: Node, found: Initial, section: Span, pending: list[tuple[str, Node, Span]]) -> None:
    parts = _Parts(item, section)
    span = extent(item, section)
    if parts.register is not None:
        thread, name = register_reference(parts.register)
        value = _scalars(parts.value, found, section)[0] if parts.value is not None else None
        found.registers.append(RegisterInit(thread, name, parts.type(), value, span))
        return
    name = parts.name
    if name in found.locations or name in found.arrays:
        raise ParseError(f"'{name}' is declared twice", span)
    found.locations[name] = Location(name, Address(name), INT, span=span)
    kind = parts.type() or INT
    if parts.type() is None:
        found.untyped.add(name)
    if parts.count is None:
        found.locations[name] = Location(name, Address(name), kind, span=span)
    else:
        del found.locations[name]
        if parts.count > MOST_ELEMENTS:
            raise UnsupportedError(f"arrays of more than {MOST_ELEMENTS} elements are not supported", span)
        found.arrays[name] = kind
        for i in range(parts.count):
            found.locations[f"{name}[{i}]"] = Location(f"{name}[{i}]", Address(name, i * kind.size), kind, span=span)
    if parts.value is not None:
        pending.append((name, parts.value, section))


def _initialise(name: str, value: Node, found: Initial, section: Span) -> None:
    values = _scalars(value, found, section)
    targets = [name] if name in found.locations else [n for n, e in found.locations.items() if e.address.symbol == name]
    if len(values) > len(targets):
        raise ParseError(f"{len(values)} values for the {len(targets)} of '{name}'", extent(value, section))
    for target, given in zip(targets, values, strict=False):
        found.locations[target] = replace(found.locations[target], initial=given)


def _scalars(value: Node, found: Initial, section: Span) -> list[int | Address]:
    return [scalar(child, found.arrays, section) for child in value.children]


def scalar(node: Node | Token, arrays: Mapping[str, Type], section: Span) -> int | Address:
    """Return the value of a number, a location's name (its address) or an array element (its address)."""
    if isinstance(node, Token):
        return literal(node, section)
    name, *index = (str(child) for child in node.children)
    if not index:
        return Address(name)
    if name not in arrays:
        raise UnknownNameError(f"'{name}' is not an array", extent(node, section), hint=did_you_mean(name, arrays))
    return Address(name, number(index[0]) * arrays[name].size)


class _Parts:
    """The pieces of one item of an initial state, whichever of the rule's forms it has."""

    def __init__(self, item: Node, section: Span) -> None:
        self.words: list[Token] = []
        self.stars = 0
        self.register: Token | None = None
        self.value: Node | None = None
        self.count: int | None = None
        self.section = section
        self._names: list[Token] = []
        for child in item.children:
            self._take(child)
        if self.register is None:
            self.name = str(self._names.pop() if self._names else self.words.pop())

    def _take(self, child: Node | Token) -> None:
        match child:
            case Token(type="REGREF"):
                self.register = child
            case Token(type="NUMBER"):
                self.count = number(child)
            case Token():
                self._names.append(child)
            case _ if child.data == "words":
                self.words = [token for token in child.children if isinstance(token, Token)]
            case _ if child.data == "stars":
                self.stars = len(child.children)
            case _:
                self.value = child

    def type(self) -> Type | None:
        """Return the type as written, ``int *`` for a bare star, None where none is written."""
        if not self.words:
            return pointer_to(INT, self.stars) if self.stars else None
        span = span_of(self.words[0], self.section).to(span_of(self.words[-1], self.section))
        return named_type((str(word) for word in self.words), span, self.stars)


def mentioned(values: Iterable[object], known: Mapping[str, Location], arrays: Mapping[str, Type]) -> list[Location]:
    """Return a location for every address among ``values`` whose symbol nothing declares."""
    names = dict.fromkeys(v.symbol for v in values if isinstance(v, Address))
    return [Location(n, Address(n), declared=False, typed=False) for n in names if n not in known and n not in arrays]


def reject_threads(registers: Iterable[RegisterInit], count: int) -> None:
    """Raise where the initial state names a thread that the program does not have."""
    for register in registers:
        if register.thread >= count:
            raise LitmusError(f"there is no thread P{register.thread}: the program has {count}", register.span)
