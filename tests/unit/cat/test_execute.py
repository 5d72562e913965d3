"""Statements: checks, procedures, loops, choices, shows."""

from collections.abc import Callable
from typing import Any

import pytest

from litmus.errors import LitmusError, ModelError, ParseError, UnknownNameError
from litmus.relation.model import Basis, Check, Effect

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("acyclic po | rf", True),
        ("acyclic po | rf | fr | co", False),
        ("~acyclic po | rf | fr | co", True),
        ("acyclic po | rf | fr", False),
        ("acyclic po | rf | co", True),
        ("irreflexive po", True),
        ("irreflexive po | [R]", False),
        ("irreflexive po ; rf ; po ; fr", False),
        ("empty po & rf", True),
        ("empty R & W", True),
        ("empty R", False),
        ("~empty R", True),
        ("empty {}", True),
        ("empty _", False),
        ("acyclic 0", True),
        ("acyclic lift(classes-loc W, po)", True),
        ("acyclic lift(classes-loc W, po | po^-1)", False),
        ("irreflexive lift(classes-loc W, loc)", False),
        ("empty lift(classes-loc W, loc)", False),
    ],
)
def test_checks(run: Make, text: str, passes: bool) -> None:
    instance = run(f"{text} as check")
    assert instance.failing() == ([] if passes else ["check"])


def test_effects_and_names(run: Make) -> None:
    axioms = run(
        "acyclic po as a flag ~empty po as b undefined_unless empty po as c assert empty po as d empty po;rf"
    ).instance.axioms
    assert [(a.name, a.effect, a.check, a.negated) for a in axioms] == [
        ("a", Effect.REQUIRE, Check.ACYCLIC, False),
        ("b", Effect.FLAG, Check.EMPTY, True),
        ("c", Effect.UNDEFINED, Check.EMPTY, False),
        ("d", Effect.ASSERT, Check.EMPTY, False),
        ("empty po;rf", Effect.REQUIRE, Check.EMPTY, False),
    ]
    assert axioms[0].span is not None
    assert axioms[0].span.text == "acyclic po as a"


def test_a_check_of_order_needs_a_relation(run: Make) -> None:
    with pytest.raises(ModelError, match="a relation is due here") as caught:
        run("acyclic R as a")
    assert caught.value.span is not None
    assert caught.value.span.location() == "test.cat:1:9"


def test_later_definitions_hide_earlier_ones(run: Make) -> None:
    found = run("let a = rf let b = a let a = co empty a | b as e")
    assert found["a"] == {(0, 2), (1, 3)}
    assert found["b"] == {(3, 4), (0, 5)}


def test_shown(run: Make) -> None:
    instance = run(
        "let a = rf let b = co let c = po show a, b, c show a | b as both unshow b show fr, nothing"
    ).instance
    assert instance.shown == ("a", "c", "both", "fr")
    assert set(instance.named) >= {"a", "b", "c", "both"}


def test_what_cannot_be_evaluated_is_not_shown(run: Make) -> None:
    assert run("show nothing-such as a show rf & R as b show rf as c").instance.shown == ("c",)


def test_let_rec_when(run: Make) -> None:
    found = run("let rec u = po | rf | fr | (u ; u) when acyclic u as sc")
    assert found.failing() == ["sc"]
    with pytest.raises(ModelError, match="'when' with a negated check"):
        run("let rec u = po | u when ~empty u as sc")


PROCEDURES = """
procedure inside(a, b) = empty a \\ b as inner end
procedure equal(a, b) = call inside(a, b) empty b \\ a end
procedure each(s) = forall x in s do empty x as element end end
procedure rec down s = match 'go with || 'go -> call inside(s, po) end end
enum Go = 'go
"""


@pytest.mark.parametrize(
    ("call", "names", "failing"),
    [
        ("call inside(rf, co)", ["inner"], ["inner"]),
        ("call inside(po, po | rf)", ["inner"], []),
        ("call equal(rf, rf) as same", ["inner", "same"], []),
        ("call equal(rf, rf | co) as same", ["inner", "same"], ["same"]),
        ("call each({rf, 0, co})", ["element"] * 3, ["element"] * 2),
        ("call inclusion(rf, po)", ["empty left \\ right"], ["empty left \\ right"]),
        ("call subseteq(R, M)", ["empty left \\ right"], []),
        ("call total(po, R)", ["empty (events * events) \\ either"], ["empty (events * events) \\ either"]),
        ("let po = rf call inside(rf, po)", ["inner"], []),
    ],
)
def test_procedures(run: Make, call: str, names: list[str], failing: list[str]) -> None:
    found = run(f"{PROCEDURES} {call}")
    assert [a.name for a in found.instance.axioms] == names
    assert found.failing() == failing


def test_definitions_in_a_procedure_stay_inside(run: Make) -> None:
    found = run("procedure p(a) = let rf = a empty rf as inner end call p(co) empty rf as outer let kept = rf")
    assert found["kept"] == {(3, 4), (0, 5)}


def test_a_recursive_procedure_sees_itself(run: Make) -> None:
    with pytest.raises(UnknownNameError):
        run("procedure p(a) = call p(a) end call p(rf)")


@pytest.mark.parametrize(
    ("domain", "count"), [("R", 2), ("{rf, co}", 2), ("{}", 0), ("E", 3), ("'a", 1), ("classes-loc W", 2), ("po", 4)]
)
def test_forall(run: Make, domain: str, count: int) -> None:
    found = run(f"enum E = 'a || 'b || 'c forall x in {domain} do let s = {{x}} empty rf as turn end empty po as end-")
    assert [a.name for a in found.instance.axioms] == ["turn"] * count + ["end-"]
    assert "x" not in found.instance.named


def test_forall_over_tags_selects_statements(run: Make) -> None:
    choice = "match x with || 'a -> empty R as of-a || _ -> empty W as other end"
    found = run(f"enum E = 'a || 'b || 'c forall x in E do {choice} end")
    assert [a.name for a in found.instance.axioms] == ["of-a", "other", "other"]


def test_if_variant(run: Make) -> None:
    text = 'if "v" let a = rf else let a = co end if not "v" empty po as extra end empty a as e'
    assert run(text, variants=["V"])["a"] == {(3, 4), (0, 5)}
    other = run(text)
    assert other["a"] == {(0, 2), (1, 3)}
    assert [a.name for a in other.instance.axioms] == ["extra", "e"]


def test_an_include_in_a_branch_not_taken_may_be_missing(run: Make) -> None:
    assert run('if "v" include "missing.cat" end let a = rf')["a"] == {(3, 4), (0, 5)}


def test_with_makes_one_instance_for_each_choice(load: Make, mp: Basis) -> None:
    instances = load("with r from {po, rf, co} with s from {R, W} let t = r ; [s] empty t as e").instances(mp)
    assert len(instances) == 6
    assert len({i.named["t"] for i in instances} | {(id(i.graph)) for i in instances}) >= 6


@pytest.mark.parametrize(("domain", "count"), [("{}", 0), ("{rf}", 1), ("linearisations(W, 0)", 24)])
def test_with_counts(load: Make, mp: Basis, domain: str, count: int) -> None:
    assert len(load(f"with x from {domain} empty x as e").instances(mp)) == count


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("with x from rf", "a set of choices is due here, but this is a relation", "1:13"),
        ("forall x in rf | (po, po) do end", "a set or a relation is due here", "1:19"),
        ("call rf(po)", "a procedure is due here, but this is a relation", "1:6"),
        ("call pp(po)", "unknown name 'pp'", "1:6"),
        ("call inclusion(po)", "2 values are due here, but this is a relation", "1:16"),
        ("match 'a with || 'b -> end", "no enumeration has the tag 'a", "1:7"),
        ("enum E = 'a match 'a with || 'b -> end", "no clause matches the tag 'a", "1:19"),
        ('include "missing.cat"', "cannot find included file 'missing.cat'", "1:1"),
        ("empty (po, rf) as e", "a relation is due here, but this is a tuple", "1:8"),
        ("let rec a = po \\ a when empty a", "'when' of a recursion that subtracts what it defines", "1:18"),
        ("let rec a = po | b and b = rf & ~(id | a) when empty a", "'when' of a recursion that subtracts", "1:35"),
        ("let rec a = po | a when empty po \\ a", "'when' of a recursion that subtracts", "1:36"),
    ],
)
def test_errors(load: Make, mp: Basis, text: str, message: str, place: str) -> None:
    with pytest.raises(LitmusError) as caught:
        load(text).instances(mp)
    assert caught.value.message.startswith(message)
    assert caught.value.span is not None
    assert caught.value.span.location() == f"test.cat:{place}"


def test_an_error_in_a_procedure_says_where_it_was_called(load: Make, mp: Basis) -> None:
    text = (
        "procedure inner(r) =\n acyclic r end\nprocedure outer(r) =\n call inner(r) end\ncall outer(po)\ncall outer(R)"
    )
    with pytest.raises(ModelError) as caught:
        load(text).instances(mp)
    assert caught.value.span is not None
    assert caught.value.span.location() == "test.cat:2:10"
    assert caught.value.hint == "in a call at test.cat:6:6"


def test_a_procedure_that_calls_itself_for_ever_is_an_error(load: Make, mp: Basis) -> None:
    with pytest.raises(ModelError, match="this recursion does not end"):
        load("procedure rec p(x) = acyclic x call p(x) call p(x) end call p(po)").instances(mp)


def test_an_error_in_an_included_file_names_it(load: Make) -> None:
    with pytest.raises(ParseError) as caught:
        load('include "other.cat"', files={"other.cat": "let a =\n  ;"})
    assert caught.value.span is not None
    assert caught.value.span.location() == "other.cat:2:3"
    assert caught.value.render().splitlines()[-1] == "    ^"
