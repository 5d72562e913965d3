"""Reading back a printed condition gives the condition."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from litmus.frontend.condition import Observables, parse_final, print_condition, print_term
from litmus.frontend.faults import Faults
from litmus.program.program import Quantifier
from litmus.program.term import Address, Apply, FinalLocation, FinalRegister, Term
from litmus.source import Source

NAMES = Observables(
    register=lambda thread, name, span: FinalRegister(thread, name),
    listed=lambda thread, name, span: FinalRegister(thread, name),
    location=lambda name, span: FinalLocation(name),
    address=lambda value, span: value,
    arrays={},
)

places = st.one_of(
    st.builds(FinalRegister, st.integers(0, 3), st.sampled_from(["r1", "EAX", "X0"])),
    st.builds(FinalLocation, st.sampled_from(["x", "y", "nota", "truex"])),
)
values = st.one_of(st.integers(-(2**63), 2**63 - 1), st.builds(Address, st.sampled_from(["x", "y"])), places)
atoms = st.builds(lambda a, b: Apply("==", (a, b)), places, values)


def joined(operator: str, left: Term, right: Term) -> Term:
    """herd writes `a => b => c` for `(a => b) => c` too, so that an implication on the left is not read back."""
    implies = operator == "=>" and isinstance(left, Apply) and left.operator == "=>"
    return Apply(operator, (Apply("!", (left,)) if implies else left, right))


def branches(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    binary = st.builds(joined, st.sampled_from(["&&", "||", "=>"]), inner, inner)
    return st.one_of(binary, st.builds(lambda a: Apply("!", (a,)), inner))


conditions = st.recursive(atoms, branches, max_leaves=12)


def holds(term: Term, world: dict[Term, int]) -> bool:
    """Evaluate a condition whose atoms have the truth that ``world`` gives them."""
    match term:
        case Apply("&&", (left, right)):
            return holds(left, world) and holds(right, world)
        case Apply("||", (left, right)):
            return holds(left, world) or holds(right, world)
        case Apply("=>", (left, right)):
            return not holds(left, world) or holds(right, world)
        case Apply("!", (inner,)):
            return not holds(inner, world)
    return bool(world[term])


def atoms_of(term: Term) -> set[Term]:
    if isinstance(term, Apply) and term.operator != "==":
        return {atom for operand in term.operands for atom in atoms_of(operand)}
    return {term}


@given(conditions, st.sampled_from([Quantifier.EXISTS, Quantifier.REQUIRE, Quantifier.FORBID]), st.randoms())
def test_parse_after_print(condition: Term, quantifier: Quantifier, random: Random) -> None:
    text = print_condition(quantifier, condition)
    source = Source("t", text)
    faults = Faults()
    found = parse_final(source.span(0, len(text)), text, NAMES, faults)
    faults.conclude()
    assert found.quantifier is quantifier
    assert print_term(found.condition) == print_term(condition)
    worlds = [{atom: random.randrange(2) for atom in atoms_of(condition)} for _ in range(8)]
    assert all(holds(found.condition, world) == holds(condition, world) for world in worlds)
