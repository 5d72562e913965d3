"""The choices of an event structure as literals: which write each read takes, the orders of writes, the values.

A value is true of a read where the write that it takes has it; the literals of values are those of finite domains. That
determines them where no value depends on itself, which `circular` speaks of.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from itertools import combinations, product

from litmus.dataclass import dataclass, field
from litmus.engine.base import NotForSolver
from litmus.engine.candidate import Candidates
from litmus.engine.sat.acyclic import require_acyclic, some_cycle
from litmus.engine.sat.matrix import Matrix
from litmus.engine.sat.solver import FALSE, TRUE, Literal, Solver
from litmus.program.term import (
    Address,
    Apply,
    Leaf,
    ReadValue,
    Term,
    UndefinedOperation,
    Value,
    holds,
    leaves,
    substitute,
)
from litmus.relation import bits

LARGEST = 4096
"""How many combinations of values a term is written down for."""

TOO_MANY = f"a value depends on more than {LARGEST} combinations of others"

Domain = Mapping[Value, Literal]
"""The values that something may have, each with the literal that it has it."""


@dataclass(slots=True)
class Terms:
    """Terms over leaves with finite domains."""

    solver: Solver
    domain: Callable[[Leaf], Domain]
    strict: bool = False
    """Whether terms must have a meaning in every combination, rather than that the others are excluded."""

    def values(self, term: Term) -> Domain:
        """Return what a term may be. A combination in which it has no meaning is excluded."""
        if isinstance(term, (int, Address)):
            return {term: TRUE}
        if not isinstance(term, Apply):
            return self.domain(term)
        ways: dict[Value, list[Literal]] = {}
        for chosen, value in self._table(term):
            if value is None and self.strict:
                raise NotForSolver("an operation on a final value may have no meaning")
            if value is None:
                self.solver.add(*(-literal for literal in chosen))
            else:
                ways.setdefault(value, []).append(self.solver.conjunction(chosen))
        return {value: self.solver.disjunction(found) for value, found in ways.items()}

    def truth(self, term: Term) -> Literal:
        """Return a literal that is true exactly where a condition holds; for what has no meaning, see `values`."""
        solver = self.solver
        match term:
            case Apply("&&", (left, right)):
                return solver.conjunction((self.truth(left), self.truth(right)))
            case Apply("||", (left, right)):
                return solver.disjunction((self.truth(left), self.truth(right)))
            case Apply("=>", (left, right)):
                return solver.disjunction((-self.truth(left), self.truth(right)))
            case Apply("!", (operand,)):
                return -self.truth(operand)
            case _:
                return solver.disjunction(literal for value, literal in self.values(term).items() if holds(value))

    def _table(self, term: Apply) -> Iterator[tuple[tuple[Literal, ...], Value | None]]:
        """Yield each combination of the values of the leaves with the value of the term, None where it has none."""
        names = list(dict.fromkeys(leaves(term)))
        domains = [self.domain(name) for name in names]
        if _size(domains) > LARGEST:
            raise NotForSolver(TOO_MANY)
        for chosen in product(*(domain.items() for domain in domains)):
            yield tuple(literal for _, literal in chosen), value_of(term, names, [value for value, _ in chosen])


def value_of(term: Term, names: Sequence[Leaf], values: Sequence[Value]) -> Value | None:
    """Return what a term is where its leaves have these values, None where it has no meaning."""
    known = dict(zip(names, values, strict=True))
    try:
        found = substitute(term, known.get)
    except UndefinedOperation:
        return None
    assert isinstance(found, (int, Address))
    return found


def _size(domains: Iterable[Sized]) -> int:
    size = 1
    for domain in domains:
        size *= len(domain)
    return size


@dataclass(slots=True)
class Choices:
    """Which write each read takes, and the order of the writes of each location."""

    solver: Solver
    candidates: Candidates
    rf: Matrix = field(init=False)
    co: Matrix = field(init=False)

    def __post_init__(self) -> None:
        self.rf = self._reads_from()
        self.co = self._coherence()

    def _reads_from(self) -> Matrix:
        n, sure = self.candidates.n, 0
        found: dict[int, Literal] = {}
        for read, sources in self.candidates.sources.items():
            if len(sources) == 1:
                sure |= 1 << (sources[0] * n + read)
            else:
                literals = one_of(self.solver, len(sources))
                found |= {write * n + read: literal for write, literal in zip(sources, literals, strict=True)}
        return Matrix(sure, found)

    def _coherence(self) -> Matrix:
        n, must, found = self.candidates.n, self.candidates.co_must, dict[int, Literal]()
        for writes in self.candidates.writes.values():
            for one, other in combinations(writes, 2):
                there, back = one * n + other, other * n + one
                if not (must >> there | must >> back) & 1:
                    found[there] = self.solver.variable()
                    found[back] = -found[there]
        order = Matrix(must, found)
        for writes in self.candidates.writes.values():
            for one, other, third in combinations(writes, 3):
                a, b, c = (order.literal(i * n + j) for i, j in ((one, other), (other, third), (third, one)))
                self.solver.add(-a, -b, -c)
                self.solver.add(a, b, c)
        return order

    def last(self, location: str) -> Iterator[tuple[int, Literal]]:
        """Yield the writes that may be the last to a location, each with the literal that it is."""
        n, writes = self.candidates.n, self.candidates.writes.get(location)
        if writes is not None:
            for write in writes:
                yield write, self.solver.conjunction(self.co.literal(w * n + write) for w in writes if w != write)
        elif location in self.candidates.initial:
            yield self.candidates.initial[location], TRUE


def one_of(solver: Solver, count: int) -> list[Literal]:
    """Return new literals exactly one of which is true."""
    if count == 1:
        return [TRUE]
    literals = [solver.variable() for _ in range(count)]
    solver.add(*literals)
    solver.at_most_one(literals)
    return literals


@dataclass(slots=True)
class Contents:
    """The values of an event structure."""

    choices: Choices
    reads: dict[int, Domain] = field(init=False)
    """The values that each read may return."""
    written: dict[int, Domain] = field(init=False)
    """The values that each write may write."""
    terms: Terms = field(init=False)

    def __post_init__(self) -> None:
        """Add that a read has the value of the write that it takes, and that the control path is taken."""
        solver, candidates = self.choices.solver, self.choices.candidates
        self.reads = {
            read: dict(zip(sorted(values, key=repr), one_of(solver, len(values)), strict=True))
            for read, values in _domains(candidates).items()
        }
        self.terms = Terms(solver, self.read)
        writes = [*candidates.initial.values(), *(w for found in candidates.writes.values() for w in found)]
        self.written = {write: self.terms.values(candidates.content(write)) for write in writes}
        for read, sources in candidates.sources.items():
            for write in sources:
                taken = self.choices.rf.literal(write * candidates.n + read)
                for value, has in self.written[write].items():
                    solver.add(-taken, -has, self.reads[read].get(value, FALSE))
        for constraint in candidates.structure.constraints:
            solver.add(self.terms.truth(constraint))

    def read(self, leaf: Leaf) -> Domain:
        """Return the values that a read may return, each with the literal that it does."""
        assert isinstance(leaf, ReadValue)
        return self.reads[leaf.event]


def may_be_circular(candidates: Candidates) -> bool:
    """Whether a value could depend on itself, as far as the reads and writes alone tell."""
    edges = [(o, r) for r, sources in candidates.sources.items() for w in sources for o in candidates.needed(w)]
    return not bits.acyclic(bits.from_pairs(edges, candidates.n), candidates.n)


def circular(choices: Choices) -> Literal:
    """Return a literal that is true only where some value depends on itself, and may be true wherever one does."""
    return some_cycle(choices.solver, _needs(choices), choices.candidates.n)


def require_grounded(choices: Choices) -> None:
    """Add that no value depends on itself."""
    require_acyclic(choices.solver, _needs(choices), choices.candidates.n)


def _needs(choices: Choices) -> Matrix:
    """Which reads have values that others depend on."""
    candidates = choices.candidates
    n, ways = candidates.n, dict[int, list[Literal]]()
    for read, sources in candidates.sources.items():
        for write in sources:
            for origin in candidates.needed(write):
                ways.setdefault(origin * n + read, []).append(choices.rf.literal(write * n + read))
    return Matrix(0, {bit: choices.solver.disjunction(found) for bit, found in ways.items()})


def _domains(candidates: Candidates) -> dict[int, frozenset[Value]]:
    """Return the values that each read may return: a value comes through each write at most once where no value depends
    on itself, so that as many rounds as there are writes are enough."""
    found: dict[int, frozenset[Value]] = dict.fromkeys(candidates.reads, frozenset())
    for _ in range(1 + sum(len(writes) for writes in candidates.writes.values())):
        written = {w: _possible(candidates, w, found) for sources in candidates.sources.values() for w in sources}
        grown = {
            read: found[read].union(*(written[w] for w in sources)) for read, sources in candidates.sources.items()
        }
        if grown == found:
            break
        found = grown
    return found


def _possible(candidates: Candidates, write: int, domains: Mapping[int, frozenset[Value]]) -> frozenset[Value]:
    term = candidates.content(write)
    names = list(dict.fromkeys(leaves(term)))
    choices = [sorted(domains[name.event], key=repr) for name in names if isinstance(name, ReadValue)]
    if _size(choices) > LARGEST:
        raise NotForSolver(TOO_MANY)
    found = (value_of(term, names, values) for values in product(*choices))
    return frozenset(value for value in found if value is not None)
