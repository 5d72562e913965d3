"""A computation does what substituting all leaves does, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from litmus.program.computation import computation
from litmus.program.term import (
    BINARY_OPERATORS,
    THIN_AIR,
    UNARY_OPERATORS,
    Address,
    Apply,
    Leaf,
    ReadValue,
    Term,
    UndefinedOperation,
    Value,
    substitute,
)

VALUES: st.SearchStrategy[Value] = st.one_of(
    st.integers(-2, 3), st.sampled_from((Address("x"), Address("x", 4), Address("y"), Address(THIN_AIR, 1)))
)
LEAVES = st.builds(ReadValue, st.integers(0, 3))
OFTEN = ("&&", "||", "==", "!=")


def _applied(operands: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    unary = st.sampled_from(sorted(UNARY_OPERATORS))
    binary = st.sampled_from(sorted(BINARY_OPERATORS))
    often = st.sampled_from(OFTEN)
    return st.one_of(
        st.builds(lambda operator, one: Apply(operator, (one,)), unary, operands),
        st.builds(
            lambda operator, one, other: Apply(operator, (one, other)), st.one_of(binary, often), operands, operands
        ),
        st.builds(lambda *three: Apply("ite", three), operands, operands, operands),
        st.builds(lambda leaf, number: Apply("==", (leaf, number)), LEAVES, st.integers(0, 2)),
    )


TERMS: st.SearchStrategy[Term] = st.recursive(st.one_of(VALUES, LEAVES), _applied, max_leaves=12)


@given(TERMS, st.tuples(VALUES, VALUES, VALUES, VALUES))
def test_computing_is_substituting(term: Term, values: tuple[Value, ...]) -> None:
    def lookup(leaf: Leaf) -> Term:
        assert isinstance(leaf, ReadValue)
        return values[leaf.event]

    compute = computation(term, lambda leaf: leaf.event)
    try:
        expected = substitute(term, lookup)
    except UndefinedOperation:
        expected = None
    try:
        found = compute(values)
    except UndefinedOperation:
        found = None
    assert (type(found), found) == (type(expected), expected)
