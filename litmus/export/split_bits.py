"""Words whose bits are used one by one, as a location for each bit.

This is weaker than the word: accesses to bits of one word are coherent with each other, and an update of one meets the
updates of all; accesses to locations of their own are and do not. So it is done only where it is asked for.
"""

import re
from collections.abc import Iterable, Iterator

from litmus.arch.bit_recipes import bit_recipes
from litmus.dataclass import dataclass, replace
from litmus.errors import UnsupportedError
from litmus.export.rewriting import rewritten
from litmus.program.c11 import nodes
from litmus.program.program import Location, Program, Thread
from litmus.program.syntax import Call, Constant, Element, Expression, Member, Static
from litmus.program.term import Address, Apply, FinalLocation, Term
from litmus.program.types import INT
from litmus.source import Span

OPERATIONS = frozenset(bit_recipes())
"""What is about one bit of a word: its number is the first argument, the address of the word the second."""


@dataclass(frozen=True, slots=True)
class Split:
    """A program whose words are locations for their bits, and what is to be said of that."""

    program: Program
    remarks: tuple[str, ...] = ()


def split_bits(program: Program) -> Split:
    """Return a program in which each bit of a word that bit operations are about is a location of its own.

    Raises:
        UnsupportedError: where such a word is used as a whole too, or may be; or where it shows at run time only which
            bit, or whose, an operation is about.
    """
    words = _Words(program)
    return Split(words.program(), tuple(words.remarks())) if words.bits else Split(program)


class _Words:
    """The words of a program that are split: ``bits`` are the locations of the bits of each, by number."""

    def __init__(self, program: Program) -> None:
        self.source = program
        self.locations = {location.address: location for location in program.locations}
        self.names = {location.name: location.address for location in program.locations}
        self.bits: dict[Address, dict[int, Location]] = {}
        for call in _bit_operations(program):
            self._bit(*self._operand(call))
        for number, address in self._asked(_terms(program)):
            if address in self.bits:
                self._bit(number, address)
        self._refuse_whole()

    def _operand(self, call: Call) -> tuple[int, Address]:
        """Return the bit and the word that an operation is about."""
        number, word = call.arguments
        if not isinstance(number, Constant):
            raise UnsupportedError(f"{call.name}() of a bit that is chosen at run time: it has no location", call.span)
        address = _static(word)
        if address is None or address not in self.locations:
            raise UnsupportedError(f"{call.name}() of a word that is chosen at run time: its bits stay one", call.span)
        return number.value, address

    def _bit(self, number: int, address: Address) -> None:
        word, found = self.locations[address], self.bits.setdefault(address, {})
        flag = next((name for name, bit in word.bits if bit == number), str(number))
        name = f"{word.name}.{flag}"
        initial = word.initial >> number & 1 if isinstance(word.initial, int) else 0
        bit = Location(name, Address(name), INT, initial, span=word.span)
        self.bits[address] = dict(sorted({**found, number: bit}.items()))

    def _asked(self, terms: Iterable[Term]) -> Iterator[tuple[int, Address]]:
        """The bits that conditions ask for."""
        for term in terms:
            bit = _bit_of(term)
            if bit is not None and bit[0] in self.names:
                yield bit[1], self.names[bit[0]]
            elif isinstance(term, Apply):
                yield from self._asked(term.operands)

    # --------------------------------------------------------------------------------------------------- whole words
    def _refuse_whole(self) -> None:
        """Refuse uses of a split word that are about more than a bit."""
        for place in nodes(tuple(thread.body for thread in self._threads())):
            if isinstance(place, Static | Member | Element):
                self._refuse_place(place)
        for assertion in self.source.assertions:
            self._refuse_term(self.term(assertion.condition), assertion.span)
        for term in (self.source.filter, *self.source.observed):
            self._refuse_term(self.term(term) if term is not None else 0, self.source.span)
        values = (value for thread in self.source.threads for value in thread.registers.values())
        for value in (*values, *(location.initial for location in self.source.locations)):
            if value in self.bits:
                raise self._whole(value, self.source.span)

    def _refuse_place(self, place: Static | Member | Element) -> None:
        address = _static(place)
        if address in self.bits:
            raise self._whole(address, place.span)
        reached = {word for word in self.bits if address is None and _reaches(place, self.locations[word])}
        if reached:
            raise self._whole(min(reached), place.span, "may be used")

    def _refuse_term(self, term: Term, span: Span | None) -> None:
        match term:
            case FinalLocation(name) if self.names.get(name) in self.bits:
                raise self._whole(self.names[name], span)
            case Apply(_, operands):
                for operand in operands:
                    self._refuse_term(operand, span)

    def _whole(self, address: object, span: Span | None, used: str = "is used") -> UnsupportedError:
        assert isinstance(address, Address)
        name = self.locations[address].name
        message = f"'{name}' {used} as a whole here, so that its bits cannot be locations of their own"
        return UnsupportedError(message, span, hint="--lower keeps the word")

    # ---------------------------------------------------------------------------------------------------- the result
    def program(self) -> Program:
        """Return the program with the bits in the places of their words."""
        asked = tuple(replace(a, condition=self.term(a.condition)) for a in self.source.assertions)
        filtered = self.source.filter
        return replace(
            self.source,
            locations=tuple(self._locations()),
            threads=tuple(self._threads()),
            assertions=asked,
            filter=None if filtered is None else self.term(filtered),
            observed=tuple(self.term(term) for term in self.source.observed),
        )

    def _locations(self) -> Iterator[Location]:
        for location in self.source.locations:
            yield from self.bits[location.address].values() if location.address in self.bits else (location,)

    def _threads(self) -> Iterator[Thread]:
        return (replace(thread, body=rewritten(thread.body, self._changed)) for thread in self.source.threads)

    def _changed(self, node: object) -> object:
        if not (isinstance(node, Call) and node.name in OPERATIONS):
            return node
        number, address = self._operand(node)
        bit = self.bits[address][number]
        return replace(node, arguments=(Constant(0), Static(bit.address, node.arguments[1].span)))

    def term(self, term: Term) -> Term:
        """Return a term of a condition with bits in the places of words."""
        bit = _bit_of(term)
        if bit is not None and (word := self.names.get(bit[0])) in self.bits:
            return FinalLocation(self.bits[word][bit[1]].name)
        if isinstance(term, Apply):
            return Apply(term.operator, tuple(self.term(operand) for operand in term.operands))
        return term

    def remarks(self) -> Iterator[str]:
        """Say what is weaker than in the source."""
        for address, bits in self.bits.items():
            names = ", ".join(f"bit {number}" for number in bits)
            word = self.locations[address].name
            yield f"Weaker than the source: what is one word there, {word}, is a location for each bit here ({names})."


def _bit_operations(program: Program) -> Iterator[Call]:
    found = (node for thread in program.threads for node in nodes(thread.body))
    return (node for node in found if isinstance(node, Call) and node.name in OPERATIONS)


def _terms(program: Program) -> Iterator[Term]:
    yield from (assertion.condition for assertion in program.assertions)
    yield from (program.filter,) if program.filter is not None else ()


def _static(address: Expression) -> Address | None:
    """Return an address that is known before the program runs."""
    match address:
        case Static(known):
            return known
        case Member(base, _, offset) if (start := _static(base)) is not None:
            return Address(start.symbol, start.offset + offset)
    return None


def _reaches(place: Member | Element | Static, word: Location) -> bool:
    """Whether an address that is computed at run time may be that of a word, whose own is nowhere a value."""
    match place:
        case Member(_, name, offset):
            return offset == word.address.offset and re.split(r"->|\.", word.name)[1:][-1:] == [name]
        case Element(base):
            start = _static(base)
            return start is None or start.symbol == word.address.symbol
    return False


def _bit_of(term: Term) -> tuple[str, int] | None:
    """Return the location and the number of the bit of it that a term is."""
    match term:
        case Apply("&", (Apply(">>", (FinalLocation(name), int(number))), 1)):
            return name, number
        case Apply("&", (FinalLocation(name), 1)):
            return name, 0
    return None
