"""Where the locations of a program are in an assembly file.

A location that is reached by its own address only has a name of its own. An object into which addresses are computed
from other addresses is an array, of elements of one size.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from litmus.dataclass import dataclass
from litmus.errors import UnsupportedError
from litmus.export.assembly.possible import Interval, Knowledge, Possible
from litmus.export.identifier import identifiers
from litmus.program.program import Location, Program
from litmus.program.term import Address
from litmus.source import Span

_WORD, _LONG = 4, 8
_WORDS = re.compile(
    r"lock|mov\w*|(add|x?or|and|shl|dec|inc|cmp|xchg|uxch|cmpxchg|cmovc)[bwlq]?|retq?|jmp|j[egln]\w*|js|nop[lw]?"
    r"|[mls]fence|setnb|endbr64|clflush\w*|[re]?[abcd]x|[re]?[sd]i|[re]?[sb]p|r\d+[bwd]?|[abcd][lh]|[sd]il|[sb]pl|xmm\d"
    r"|[xw]\d+|cr\d|p\d+|rip|cs|[zsc]f",
    re.IGNORECASE,
)
"""What herd7 takes for an instruction or a register where it stands in code, as locations do on x86."""
_SIZES = {1: "int8_t", 2: "int16_t", 4: "int", 8: "int64_t"}
_UNSIGNED = {1: "uint8_t", 2: "uint16_t", 4: "uint32_t", 8: "uint64_t"}


@dataclass(frozen=True, slots=True)
class Kind:
    """How a location is accessed: its bytes, and whether they are a signed number."""

    size: int
    signed: bool

    @property
    def bounds(self) -> Interval:
        """The numbers that it holds."""
        bits = 8 * self.size
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if self.signed else (0, (1 << bits) - 1)

    @property
    def word(self) -> str:
        """Its type in the initial state."""
        return (_SIZES if self.signed else _UNSIGNED)[self.size]


@dataclass(frozen=True, slots=True)
class Access:
    """An access ``offset`` bytes behind what is in ``base``, or to ``symbol`` by name; ``content`` may be there."""

    base: str
    offset: int
    kind: Kind
    content: Possible
    symbol: str | None = None


class Layout:
    """The names of locations. With ``narrow`` integers of 64 bits are words, where their values fit; ``even`` locations
    have 64 bits, as pointers do."""

    def __init__(
        self, program: Program, knowledge: Knowledge, *, narrow: bool = False, even: Set[Address] = frozenset()
    ) -> None:
        self.program = program
        self.knowledge = knowledge
        self.narrow = narrow
        self.even = even
        self.by_address = {location.address: location for location in program.locations}
        arrays = [symbol for symbol in _symbols(program) if symbol in knowledge.moved]
        single = [location for location in program.locations if location.address.symbol not in arrays]
        names = identifiers([*arrays, *(location.name for location in single)])
        self.names = {location.address: _free(names[location.name]) for location in single}
        self.arrays: dict[str, tuple[int, Sequence[Location]]] = {}
        self.places: dict[Address, int] = {}
        """How many bytes behind the beginning of their object the parts of an array are."""
        self.widened: set[Address] = set()
        """The locations that have 64 bits so that their object is an array."""
        for symbol in arrays:
            self._array(symbol, _free(names[symbol]))

    def _array(self, symbol: str, name: str) -> None:
        parts = sorted(
            (p for p in self.program.locations if p.address.symbol == symbol), key=lambda p: p.address.offset
        )
        sizes = {part.type.size for part in parts}
        size = sizes.pop() if len(sizes) == 1 else _LONG
        spread = any(part.address.offset % size for part in parts)
        if spread and symbol in self.knowledge.indexed:
            message = f"addresses in '{symbol}' are computed, whose parts differ in size: assembly knows arrays only"
            raise UnsupportedError(message, parts[0].span)
        if sizes:
            self.widened |= {part.address for part in parts if part.type.size < _LONG}
        self.arrays[name] = size, parts
        self.places |= {part.address: n * size if spread else part.address.offset for n, part in enumerate(parts)}
        self.names |= {part.address: f"{name}[{self.places[part.address] // size}]" for part in parts}

    def step(self, bases: Iterable[Address], offset: int, span: Span | None) -> int:
        """Return how far behind an address that may be one of ``bases`` is what is ``offset`` behind it in the source.

        Raises:
            UnsupportedError: where it depends on which one it is.
        """
        pairs = ((base, Address(base.symbol, base.offset + offset)) for base in bases)
        found = {self.places[to] - self.places[base] for base, to in pairs if {base, to} <= self.places.keys()}
        if len(found) > 1:
            raise UnsupportedError("this address may be in objects whose parts are at different places", span)
        return found.pop() if found else offset

    def name(self, address: Address, span: Span | None) -> str:
        """Return the name of what is at an address."""
        if address not in self.names:
            raise UnsupportedError(f"nothing declared is at {address.symbol}+{address.offset}", span)
        return self.names[address]

    def start(self, address: Address, span: Span | None) -> tuple[str, int]:
        """Return the name of the object that an address is in, and the bytes before it."""
        name = self.name(address, span)
        return (name.partition("[")[0], self.places[address]) if name.endswith("]") else (name, 0)

    def value_of(self, address: Address, span: Span | None) -> str:
        """Return what the initial state and conditions call an address."""
        name, offset = self.start(address, span)
        if offset:
            raise UnsupportedError(f"herd7 has no name for the address of {self.name(address, span)}", span)
        return name

    def kind(self, targets: frozenset[Address], span: Span | None) -> Kind:
        """Return how the locations are accessed that an address may be of."""
        kinds = {self.kind_of(self.by_address[address]) for address in targets}
        if not kinds:
            raise UnsupportedError("this access is to nothing that is declared", span)
        if len(kinds) > 1:
            raise UnsupportedError("this access may be to locations of different types", span)
        return kinds.pop()

    def initial(self) -> Iterator[str]:
        """Yield the declarations of the initial state."""
        for location in self.program.locations:
            name = self.names[location.address]
            if "[" not in name:
                yield f"{self._declared(location)}{name} = {self.value(location)};"
        for name, (size, parts) in self.arrays.items():
            values = {self.places[part.address] // size: self.value(part) for part in parts}
            listed = ",".join(values.get(i, "0") for i in range(max(values) + 1))
            kind = (
                Kind(_LONG, True).word + " " if self.widened & {p.address for p in parts} else self._declared(parts[0])
            )
            yield f"{kind}{name}[{max(values) + 1}] = {{{listed}}};"

    def value(self, location: Location) -> str:
        """Return what a location holds at first."""
        if isinstance(location.initial, Address):
            return self.value_of(location.initial, location.span)
        return str(location.initial)

    def kind_of(self, location: Location) -> Kind:
        """Return how a location is accessed."""
        if self.narrowed(location):
            return Kind(_WORD, True)
        if location.address in self.widened or self.evened(location):
            return Kind(_LONG, True)
        return Kind(location.type.size, location.type.signed or bool(location.type.pointer))

    def narrowed(self, location: Location) -> bool:
        """Whether a location is a word though it has 64 bits in the source."""
        if not self.narrow or location.type.size <= _WORD or location.type.pointer:
            return False
        inside = "[" not in self.names[location.address]
        return inside and self.knowledge.content([location.address]).within(*Kind(_WORD, True).bounds)

    def evened(self, location: Location) -> bool:
        """Whether a location has as many bits as a pointer for the sake of those that reach it."""
        return location.address in self.even and location.type.size < _LONG and "[" not in self.names[location.address]

    def _declared(self, location: Location) -> str:
        """Return the type of a location as the initial state has it."""
        return "int* " if location.type.pointer else f"{self.kind_of(location).word} "

    @property
    def locations(self) -> Mapping[str, str]:
        """What states show of a location, by its name in the source."""
        return {location.name: self.names[location.address] for location in self.program.locations}


def _free(name: str) -> str:
    """Return a name that means nothing else; no identifier ends in such a way by itself."""
    return f"{name}_" if _WORDS.fullmatch(name) else name


def _symbols(program: Program) -> list[str]:
    return list(dict.fromkeys(location.address.symbol for location in program.locations))
