"""Final conditions: what they mean as terms and how herd prints them."""

import pytest

from litmus.errors import LitmusError
from litmus.frontend.condition import Final, Observables, parse_final, print_condition, print_term
from litmus.frontend.faults import Faults
from litmus.program.program import Quantifier
from litmus.program.term import Address, Apply, FinalLocation, FinalRegister, Term
from litmus.program.types import INT, TYPES, Type
from litmus.source import Source

NAMES = Observables(
    register=lambda thread, name, span: FinalRegister(thread, name),
    listed=lambda thread, name, span: FinalRegister(thread, name),
    location=lambda name, span: FinalLocation(name),
    address=lambda value, span: value,
    arrays={"a": INT},
)


def final(text: str) -> Final:
    source = Source("t", text)
    faults = Faults()
    found = parse_final(source.span(0, len(text)), text, NAMES, faults)
    faults.conclude()
    return found


def atom(operator: str, left: Term, right: Term) -> Term:
    return Apply(operator, (left, right))


X, R = FinalLocation("x"), FinalRegister(0, "r1")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("x=1", atom("==", X, 1)),
        ("[x]==-1", atom("==", X, -1)),
        ("0:r1=0x10", atom("==", R, 16)),
        ("P0:r1 = 1", atom("==", R, 1)),
        ("0:r1=x", atom("==", R, Address("x"))),
        ("0:r1=&a[2]", atom("==", R, Address("a", 8))),
        ("0:r1=0:r2", atom("==", R, FinalRegister(0, "r2"))),
        ("x=[y]", atom("==", X, FinalLocation("y"))),
        ("x=*y", atom("==", X, FinalLocation("y"))),
        ("a[1]=2", atom("==", FinalLocation("a[1]"), 2)),
        ("x!=1", atom("!=", X, 1)),
        ("x<>1", atom("!=", X, 1)),
        ("not x=1", Apply("!", (atom("==", X, 1),))),
        ("~x=1", Apply("!", (atom("==", X, 1),))),
        ("true", 1),
        ("false", 0),
    ],
)
def test_atoms(text: str, term: Term) -> None:
    assert final(f"exists ({text})").condition == term


@pytest.mark.parametrize(
    ("text", "quantifier"),
    [
        ("exists (x=1)", Quantifier.EXISTS),
        ("final (x=1);", Quantifier.EXISTS),
        ("(x=1)", Quantifier.EXISTS),
        ("~exists x=1", Quantifier.FORBID),
        ("~ exists (x=1)", Quantifier.FORBID),
        ("not exists (x=1)", Quantifier.FORBID),
        ("forall (x=1)", Quantifier.REQUIRE),
        ("exists (x=1) with tso: ~exists", Quantifier.EXISTS),
    ],
)
def test_quantifiers(text: str, quantifier: Quantifier) -> None:
    found = final(text)
    assert (found.quantifier, found.condition) == (quantifier, atom("==", X, 1))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("exists (x=1 /\\ y=2 /\\ z=3)", "exists ([x]=1 /\\ [y]=2 /\\ [z]=3)"),
        ("exists (x=1 /\\ (y=2 \\/ 0:r1=3))", "exists ([x]=1 /\\ ([y]=2 \\/ 0:r1=3))"),
        ("exists x=1 /\\ y=2 \\/ z=3", "exists ([x]=1 /\\ [y]=2 \\/ [z]=3)"),
        ("exists ((x=1 \\/ y=2) \\/ z=3)", "exists ([x]=1 \\/ [y]=2 \\/ [z]=3)"),
        ("~exists (not (x=1))", "~exists (not ([x]=1))"),
        ("exists (~x=1 /\\ y!=2)", "exists (not ([x]=1) /\\ not ([y]=2))"),
        ("exists (x=1 => y=1 => z=1)", "exists ([x]=1 => [y]=1 => [z]=1)"),
        ("exists ((x=1 => y=1) => z=1)", "exists ([x]=1 => [y]=1 => [z]=1)"),
        ("exists (x=1 => (y=1 /\\ z=1))", "exists ([x]=1 => ([y]=1 /\\ [z]=1))"),
        ("exists (x=1 /\\ y=1 => z=1)", "exists ([x]=1 /\\ ([y]=1 => [z]=1))"),
        ("exists (x=y)", "exists ([x]=y)"),
        ("forall (true)", "forall (true)"),
        ("", "forall (true)"),
        ("locations [x;]", "forall (true)"),
    ],
)
def test_printed_as_herd_does(text: str, printed: str) -> None:
    found = final(text)
    assert print_condition(found.quantifier, found.condition) == printed


def test_listed_locations_and_their_types() -> None:
    found = final("locations [x; 0:r1 int*; 0:r2 uint64_t] filter (y=1) exists (z=1)")
    assert found.observed == (X, R, FinalRegister(0, "r2"))
    assert found.types == ((R, Type("int", 8, False, 1)), (FinalRegister(0, "r2"), TYPES["uint64_t"]))
    assert found.filter == atom("==", FinalLocation("y"), 1)


def test_long_conditions_are_shallow() -> None:
    condition = final("exists (" + " \\/ ".join(f"x={i}" for i in range(3000)) + ")").condition
    depth = 0
    while isinstance(condition, Apply) and condition.operator == "||":
        condition, depth = condition.operands[0], depth + 1
    assert depth == 12


@pytest.mark.parametrize(
    "text", ["exists (x=1", "exists x", "exists (x=1))", "exists (x=1 \\/)", "forall exists (x=1)"]
)
def test_errors_have_a_place(text: str) -> None:
    with pytest.raises(LitmusError) as caught:
        final(text)
    assert caught.value.span is not None


def test_what_herd_has_no_words_for() -> None:
    with pytest.raises(LitmusError):
        print_term(Apply("<", (X, 1)))
