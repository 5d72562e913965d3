"""What events read and write, and what is left in the end, in tables."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from math import prod

from litmus.dataclass import dataclass, field
from litmus.engine.block.choice import Choices, NotInBlocks
from litmus.engine.block.space import Table
from litmus.engine.goals import Goals
from litmus.program.term import (
    WRAPS,
    Address,
    Apply,
    FinalLocation,
    FinalRegister,
    Leaf,
    ReadValue,
    Term,
    UndefinedOperation,
    Value,
    holds,
    leaves,
    substitute,
    wrap,
)

LARGEST = 4096
"""How many combinations of values a term may have."""

Domain = Mapping[Value, Table]
"""The values that something may have, each with where it has it."""

Way = tuple[Table, Value | None]
"""Where a term has a value, None where it has no meaning."""


@dataclass(slots=True)
class Contents:
    """The values of events, none of which depends on itself."""

    choices: Choices
    meaningless: Table = 0
    """Where something is computed that has no meaning."""
    _reads: dict[int, Domain] = field(default_factory=dict)
    _written: dict[int, Domain] = field(default_factory=dict)

    def read(self, event: int) -> Domain:
        """Return the values that a read may return."""
        found = self._reads.get(event)
        if found is None:
            ways = ((way & has, value) for write, way in self.choices.sources[event]
                    for value, has in self.written(write).items())  # fmt: skip
            found = self._reads[event] = _gathered(ways)
        return found

    def written(self, event: int) -> Domain:
        """Return the values that a write may write."""
        found = self._written.get(event)
        if found is None:
            found = self._written[event] = self.of(self.choices.candidates.content(event), self._of_read)
        return found

    def of(self, term: Term, domain: Callable[[Leaf], Domain]) -> Domain:
        """Return what a term may be."""
        if isinstance(term, (int, Address)):
            return {term: self.choices.space.full}
        if not isinstance(term, Apply):
            return domain(term)
        return _gathered(self._meant(self._ways(term, domain)))

    def truth(self, term: Term, domain: Callable[[Leaf], Domain]) -> Table:
        """Return where a condition holds."""
        match term:
            case Apply("&&", (left, right)):
                first = self.truth(left, domain)
                return first & self._truth_where(first, right, domain)
            case Apply("||", (left, right)):
                first = self.truth(left, domain)
                return first | self._truth_where(self.choices.space.full ^ first, right, domain)
            case _:
                found = 0
                for value, table in self.of(term, domain).items():
                    found |= table if holds(value) else 0
                return found

    def _truth_where(self, decides: Table, term: Term, domain: Callable[[Leaf], Domain]) -> Table:
        """Return where the right side of a junction holds, which is looked at only where it decides."""
        before = self.meaningless
        found = self.truth(term, domain)
        self.meaningless = before | self.meaningless & decides
        return found

    def of_reads(self, term: Term) -> Table:
        """Return where a condition over reads holds."""
        return self.truth(term, self._of_read)

    def register(self, term: Term) -> Domain:
        """Return what a register may hold in the end."""
        return self.of(term, self._of_read)

    def _of_read(self, leaf: Leaf) -> Domain:
        assert isinstance(leaf, ReadValue)
        return self.read(leaf.event)

    def _meant(self, ways: Iterator[Way]) -> Iterator[tuple[Table, Value]]:
        """Leave out, and note, the ways in which a term has no meaning."""
        for table, value in ways:
            if value is None:
                self.meaningless |= table
            else:
                yield table, value

    def _ways(self, term: Apply, domain: Callable[[Leaf], Domain]) -> Iterator[Way]:
        names = list(dict.fromkeys(leaves(term)))
        domains = [domain(name) for name in names]
        if prod(map(len, domains)) > LARGEST:
            raise NotInBlocks
        for chosen in product(*(d.items() for d in domains)):
            table = self.choices.space.full
            for _, part in chosen:
                table &= part
            if table:
                known = dict(zip(names, (value for value, _ in chosen), strict=True))
                yield table, _value(term, known)


def _value(term: Term, known: Mapping[Leaf, Value]) -> Value | None:
    try:
        found = substitute(term, known.get)
    except UndefinedOperation:
        return None
    assert isinstance(found, (int, Address))
    return found


def _gathered(ways: Iterator[tuple[Table, Value]]) -> Domain:
    found: dict[Value, Table] = {}
    for table, value in ways:
        if table:
            found[value] = found.get(value, 0) | table
    return found


@dataclass(slots=True)
class Ends:
    """What registers and locations hold in the end."""

    contents: Contents
    goals: Goals
    _domains: dict[Leaf, Domain] = field(default_factory=dict)

    def prepare(self) -> None:
        """Find out all that is asked.

        Raises:
            NotInBlocks: where something is computed that has no meaning.
        """
        for leaf in self.goals.observed:
            self.domain(leaf)
        if self.goals.filter is not None:
            self.truth(self.goals.filter)

    def domain(self, leaf: Leaf) -> Domain:
        """Return the values that something observed may have."""
        found = self._domains.get(leaf)
        if found is None:
            found = self._domains[leaf] = self._domain(leaf)
        return found

    def _domain(self, leaf: Leaf) -> Domain:
        contents = self.contents
        before = contents.meaningless
        if isinstance(leaf, FinalRegister):
            final = contents.choices.candidates.structure.final
            found = contents.register(final.get((leaf.thread, leaf.register), 0))
        else:
            assert isinstance(leaf, FinalLocation)
            found = self._location(leaf.name)
        if contents.meaningless != before:
            raise NotInBlocks
        return found

    def _location(self, name: str) -> Domain:
        contents, (width, signed) = self.contents, WRAPS[self.goals.shown.get(name, "s64")]
        lasts = contents.choices.lasts(name)
        if not lasts:
            return {wrap(self.goals.initial.get(name, 0), width, signed): contents.choices.space.full}
        return _gathered(
            (last & has, wrap(value, width, signed)) for write, last in lasts
            for value, has in contents.written(write).items()
        )  # fmt: skip

    def truth(self, term: Term) -> Table:
        """Return where a condition on the end holds."""
        before = self.contents.meaningless
        found = self.contents.truth(term, self.domain)
        if self.contents.meaningless != before:
            raise NotInBlocks
        return found
