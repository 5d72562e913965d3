"""Bit matrices against sets of pairs."""

from hypothesis import given
from hypothesis import strategies as st

from litmus.relation import bits, rows

N = 6
Pairs = set[tuple[int, int]]

numbers = st.integers(0, N - 1)
relations = st.sets(st.tuples(numbers, numbers), max_size=14)
sets = st.sets(numbers)


def _bits(pairs: Pairs) -> int:
    return bits.from_pairs(pairs, N)


def _set(events: set[int]) -> int:
    return sum(1 << e for e in events)


def _pairs(relation: int) -> Pairs:
    return set(bits.pairs(relation, N))


def _compose(left: Pairs, right: Pairs) -> Pairs:
    return {(a, d) for a, b in left for c, d in right if b == c}


def _closure(relation: Pairs) -> Pairs:
    closed = set(relation)
    while (more := closed | _compose(closed, relation)) != closed:
        closed = more
    return closed


@given(relations)
def test_pairs_are_read_back(relation: Pairs) -> None:
    assert _pairs(_bits(relation)) == relation


@given(relations, relations)
def test_sequence(left: Pairs, right: Pairs) -> None:
    assert _pairs(bits.sequence(_bits(left), _bits(right), N)) == _compose(left, right)


@given(relations)
def test_inverse(relation: Pairs) -> None:
    assert _pairs(bits.inverse(_bits(relation), N)) == {(b, a) for a, b in relation}


@given(relations)
def test_closure(relation: Pairs) -> None:
    assert _pairs(bits.closure(_bits(relation), N)) == _closure(relation)


@given(relations)
def test_acyclic_and_irreflexive(relation: Pairs) -> None:
    assert bits.acyclic(_bits(relation), N) == all(a != b for a, b in _closure(relation))
    assert bits.irreflexive(_bits(relation), N) == all(a != b for a, b in relation)


@given(relations)
def test_domain_and_codomain(relation: Pairs) -> None:
    assert bits.domain(_bits(relation), N) == _set({a for a, _ in relation})
    assert bits.codomain(_bits(relation), N) == _set({b for _, b in relation})


@given(sets, sets)
def test_products(left: set[int], right: set[int]) -> None:
    assert _pairs(bits.cartesian(_set(left), _set(right), N)) == {(a, b) for a in left for b in right}
    assert _pairs(bits.set_identity(_set(left), N)) == {(a, a) for a in left}
    assert _pairs(bits.rows_of(_set(left), N)) == {(a, b) for a in left for b in range(N)}
    assert set(bits.members(_set(left))) == left


@given(relations, relations)
def test_row_by_row_is_the_same(left: Pairs, right: Pairs) -> None:
    assert rows.join(rows.split(_bits(left), N), N) == _bits(left)
    assert rows.sequence(_bits(left), _bits(right), N) == bits.sequence(_bits(left), _bits(right), N)
    assert rows.closure(_bits(left), N) == bits.closure(_bits(left), N)
    assert rows.domain(_bits(left), N) == bits.domain(_bits(left), N)


@given(relations, relations)
def test_many_events_are_as_few(left: Pairs, right: Pairs) -> None:
    many, step = bits.MANY + 40, bits.MANY // N

    def spread(pairs: Pairs) -> Pairs:
        return {(a * step, b * step) for a, b in pairs}

    one, other = (bits.from_pairs(spread(pairs), many) for pairs in (left, right))
    starts, ends = ({a * step for a, _ in pairs} for pairs in (left, right))
    assert set(bits.pairs(bits.cartesian(_set(starts), _set(ends), many), many)) == {
        (a, b) for a in starts for b in ends
    }
    assert set(bits.pairs(bits.set_identity(_set(starts), many), many)) == {(a, a) for a in starts}
    assert set(bits.pairs(bits.sequence(one, other, many), many)) == spread(_compose(left, right))
    assert set(bits.pairs(bits.closure(one, many), many)) == spread(_closure(left))
    assert set(bits.pairs(bits.inverse(one, many), many)) == spread({(b, a) for a, b in left})
