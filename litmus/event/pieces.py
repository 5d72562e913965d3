"""How objects are divided into pieces where accesses of several sizes overlap.

A piece is a run of bytes that every access covers wholly or not at all. It is a location of its own to coherence and
reads-from, and an access has one event for each piece that it covers (S. Flur and others, *Mixed-size Concurrency: ARM,
POWER, C/C++11, and SC*, POPL 2017, with pieces for their bytes). Pieces wider than a byte lose nothing: to a model that
keeps the events of one access together, the bytes of a piece are read, written and ordered alike.

What a piece holds is written as the assembly dialects keep memory: bytes and halves as their bits, words and double
words with a sign. Addresses are not divided.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from litmus.dataclass import dataclass, field, replace
from litmus.deadline import Deadline
from litmus.errors import UnsupportedError
from litmus.event.domain import ANYWHERE, Domain, Domains, fixpoint, read_locations
from litmus.event.path import Part, Path, Target
from litmus.event.structure import UNDEFINED
from litmus.program.instruction import Instruction, Load, ReadModifyWrite, Store, StoreConditional
from litmus.program.program import Dialect, Location, Program
from litmus.program.term import Address, Apply, FinalLocation, ReadValue, Term, Value, apply, leaves

_SIGNED = {4: "s32", 8: "s64"}
_LARGEST = 8
"""How many bytes an access has at most."""
_CUT = "cut"
"""The mark of a path that ends at an access to a part of a piece: the layout is to be refined."""


def kept(value: Term, size: int) -> Term:
    """Return the low bytes of ``value`` as memory keeps them.

    Raises:
        UndefinedOperation: where the value is an address.
    """
    cut = apply("&", value, (1 << 8 * size) - 1)
    return apply(_SIGNED[size], cut) if size in _SIGNED else cut


def extracted(value: Term, part: Part) -> Term:
    """Return what a part of an access writes of its value.

    Raises:
        UndefinedOperation: where the value is an address.
    """
    return kept(apply(">>", value, part.shift), part.size)


def joined(parts: Iterable[tuple[Term, Part]]) -> Term:
    """Return the value of which the parts are given.

    Raises:
        UndefinedOperation: where a part is an address.
    """
    whole: Term = 0
    size = 0
    for value, part in parts:
        bits = apply("&", value, (1 << 8 * part.size) - 1)
        whole = apply("|", whole, apply("<<", bits, part.shift))
        size += part.size
    return kept(whole, size)


@dataclass(frozen=True, slots=True)
class Layout:
    """The bounds of the pieces of each object, by its symbol. What a path met that does not fit is in ``missing``: the
    bounds that an access needs, or the end that an object without a type has to have."""

    program: Program
    granule: int
    """The size of the smallest access, and of every piece where accesses are to addresses that are not constant."""
    bounds: Mapping[str, tuple[int, ...]]
    uniform: bool = False
    missing: set[tuple[str, int]] = field(default_factory=set)

    def refined(self) -> "Layout":
        """Return the layout that has what was missing."""
        bounds = dict(self.bounds)
        for symbol, bound in sorted(self.missing):
            if symbol != ANYWHERE:
                end = bounds[symbol][-1]
                bounds[symbol] = (0, bound) if bound > end else tuple(sorted({*bounds[symbol], bound}))
        uniform = self.uniform or any(symbol == ANYWHERE for symbol, _ in self.missing)
        if uniform:
            bounds = {symbol: tuple(range(0, found[-1] + 1, self.granule)) for symbol, found in bounds.items()}
        return Layout(self.program, self.granule, bounds, uniform)

    def divide(self, target: Target, size: int) -> Target | frozenset[str]:
        """Return the target of an access with its parts, or the mark of a path that ends there."""
        if target.address is None:
            parts = self._parts_anywhere(size)
        elif (problem := self._problem(target.address, size)) is not None:
            return frozenset({UNDEFINED + problem})
        else:
            parts = self._parts(target.address, size)
        return replace(target, parts=parts) if parts else frozenset({_CUT})

    def _problem(self, address: Address, size: int) -> str | None:
        end = self.bounds[address.symbol][-1]
        if address.offset % size:
            return f"an unaligned access of {size} bytes to '{address.symbol}'"
        if address.offset + size <= end or (address.offset == 0 and self._grows(address.symbol)):
            return None
        return f"an access of {size} bytes beyond the end of '{address.symbol}'"

    def _grows(self, symbol: str) -> bool:
        return any(place.address.symbol == symbol and not place.typed for place in self.program.locations)

    def _parts(self, address: Address, size: int) -> tuple[Part, ...]:
        """Return the parts of an access; none, where there are not the bounds for it yet."""
        first, end = address.offset, address.offset + size
        needed = {first, end}.difference(self.bounds[address.symbol])
        self.missing.update((address.symbol, bound) for bound in needed)
        if needed:
            return ()
        inside = [bound for bound in self.bounds[address.symbol] if first <= bound <= end]
        return tuple(
            Part(
                self._name(address.symbol, start, stop),
                Address(address.symbol, start),
                stop - start,
                8 * (start - first if self._low_first else end - stop),
            )
            for start, stop in pairwise(inside)
        )

    def _parts_anywhere(self, size: int) -> tuple[Part, ...]:
        if not self.uniform:
            self.missing.add((ANYWHERE, size))
            return ()
        return tuple(Part(ANYWHERE, None, self.granule, 8 * start) for start in range(0, size, self.granule))

    @property
    def _low_first(self) -> bool:
        return self.program.dialect is not Dialect.PPC

    def _size(self, location: Location) -> int:
        return location.type.size if location.typed else self.bounds[location.address.symbol][-1]

    def locations(self) -> tuple[Location, ...]:
        """Return the pieces of all locations as locations, with what each holds at first.

        Raises:
            UnsupportedError: where that is a part of an address, or not known for want of a type.
        """
        return tuple(piece for location in self.program.locations for piece in self._located(location))

    def _located(self, location: Location) -> Iterator[Location]:
        pieces = self.pieces(location)
        for piece in pieces:
            assert piece.address is not None
            initial = self._first(location, piece, alone=len(pieces) == 1)
            yield replace(location, name=piece.location, address=piece.address, initial=initial)

    def _first(self, location: Location, piece: Part, alone: bool) -> Value:
        if isinstance(location.initial, Address):
            if alone:
                return location.initial
            why = "accesses are to addresses that are read" if self.uniform else "parts of it are accessed"
            raise UnsupportedError(f"'{location.name}' holds an address, which is divided: {why}", location.span)
        size = self._size(location)
        if location.initial < 0 and size > location.type.size:
            message = f"'{location.name}' has no type that says what {location.initial} is in {size} bytes"
            raise UnsupportedError(message, location.span)
        value = location.initial if alone else extracted(location.initial, piece)
        assert isinstance(value, int), "made of a constant"
        return value

    def together(self) -> Mapping[str, str]:
        """Return the location that each piece belongs to."""
        return {piece.location: location.name for location in self.program.locations for piece in self.pieces(location)}

    def _name(self, symbol: str, start: int, stop: int) -> str:
        for location in self.program.locations:
            first = location.address.offset
            if location.address.symbol == symbol and first <= start < first + self._size(location):
                whole = (start, stop) == (first, first + self._size(location))
                return location.name if whole else f"{location.name} {_bytes(start - first, stop - first)}"
        raise AssertionError(symbol)

    def places(self) -> Mapping[Address, str]:
        """Return where an access may begin: every byte of every object, with the name of the location that it is in."""
        return {
            Address(location.address.symbol, location.address.offset + i): location.name
            for location in self.program.locations
            for i in range(self._size(location))
        }

    def pieces(self, location: Location) -> tuple[Part, ...]:
        """Return the pieces of a location as parts of an access to all of it."""
        return self._parts(location.address, self._size(location))

    def divided(self, accessed: Collection[str]) -> Mapping[str, Term]:
        """Return the value of each location that consists of several pieces, of which some are ``accessed``."""
        return {
            location.name: joined((self._last(location, piece, accessed), piece) for piece in pieces)
            for location in self.program.locations
            if len(pieces := self.pieces(location)) > 1
        }

    def _last(self, location: Location, piece: Part, accessed: Collection[str]) -> Term:
        if piece.location in accessed:
            return FinalLocation(piece.location)
        return extracted(location.initial, piece)


def _bytes(start: int, stop: int) -> str:
    return f"byte {start}" if stop == start + 1 else f"bytes {start}-{stop - 1}"


def whole(program: Program, threads: Iterable[Iterable[Instruction]]) -> Layout:
    """Return the layout in which every location is one piece."""
    sizes = [
        instruction.size
        for code in threads
        for instruction in code
        if isinstance(instruction, Load | Store | ReadModifyWrite | StoreConditional) and instruction.size
    ]
    bounds: dict[str, set[int]] = {}
    for location in program.locations:
        size = _LARGEST if isinstance(location.initial, Address) and not location.typed else location.type.size
        sizes.append(size)
        bounds.setdefault(location.address.symbol, {0}).add(location.address.offset + size)
    return Layout(program, min(sizes, default=1), {symbol: tuple(sorted(found)) for symbol, found in bounds.items()})


# ------------------------------------------------------------------------------------------------------------ addresses
def divided_addresses(paths: Sequence[Sequence[Path]], layout: Layout, deadline: Deadline) -> tuple[str, ...]:
    """Return a reason where an address, of which there are no parts here, may be accessed in pieces."""
    initial = {piece.name: piece.initial for piece in layout.locations()}
    every = [path for choices in paths for path in choices]
    if not any(isinstance(value, Address) for value in initial.values()) and not any(map(_stores_address, every)):
        return ()
    domains = fixpoint(paths, initial, deadline)
    return tuple(dict.fromkeys(reason for path in every for reason in _reasons(path, domains)))


def _stores_address(path: Path) -> bool:
    return any(_mentions_address(event.value) for event in path.events if event.value is not None)


def _mentions_address(term: Term) -> bool:
    match term:
        case Address():
            return True
        case Apply(_, operands):
            return any(map(_mentions_address, operands))
    return False


def _reasons(path: Path, domains: Domains) -> Iterator[str]:
    locations = read_locations(path)
    together = Counter(event.access for event in path.events)
    for event in path.events:
        if event.access >= 0 and together[event.access] > 1 and event.value is not None:
            reads = (locations[leaf.event] for leaf in leaves(event.value) if isinstance(leaf, ReadValue))
            if any(_may_be_address(domains.get(read)) for read in reads):
                yield f"mixed sizes: '{event.origin.text}' ({event.origin.label}) may access an address in pieces"


def _may_be_address(domain: Domain) -> bool:
    return domain is None or any(isinstance(value, Address) for value in domain)
