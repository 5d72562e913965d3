"""A name that nothing defines, in each position of an expression and of a statement: it is marked, with the nearest."""

from collections.abc import Callable

import pytest

from litmus.cat.model import CatModel
from litmus.errors import UnknownNameError
from litmus.relation.model import Basis

POSITIONS = [
    "let e = locc empty e",
    "let e = locc | po empty e",
    "let e = po | locc empty e",
    "let e = locc ; po empty e",
    "let e = po ; locc empty e",
    "let e = locc & po empty e",
    "let e = po \\ locc empty e",
    "let e = locc+ empty e",
    "let e = locc* empty e",
    "let e = locc? empty e",
    "let e = locc^-1 empty e",
    "let e = ~locc empty e",
    "let e = [locc] empty e",
    "let e = locc * W empty e",
    "let e = W * locc empty e",
    "let e = (locc) empty e",
    "let e = begin locc end empty e",
    "let e = (locc, po) empty e",
    "let e = { locc } empty e",
    "let e = locc ++ {} empty e",
    "let e = R ++ locc empty e",
    "let e = domain locc empty e",
    "let e = domain(locc) empty e",
    "let e = nodetour(po, locc, po) empty e",
    "let e = locc(po) empty e",
    "let e = let a = locc in a empty e",
    "let e = let a = po in a | locc empty e",
    "let e = let rec a = locc | a in a empty e",
    "let e = if locc = po then po else po empty e",
    "let e = if po = locc then po else po empty e",
    "let e = if po subset locc then po else po empty e",
    "let e = if R in locc then po else po empty e",
    "let e = if po = po then locc else po empty e",
    "let e = if po = rf then po else locc empty e",
    "let e = match locc with || {} -> 0 || x ++ xs -> po end empty e",
    "empty match R with || {} -> locc || x ++ xs -> locc end as z",
    "let e = match locc with || 'a -> po end empty e",
    "let e = try locc with locc empty e",
    "let f x = x | locc let e = f po empty e",
    "let f = fun x -> locc let e = f po empty e",
    "let rec f x = x | locc let e = f po empty e",
    "acyclic locc",
    "~empty locc as a",
    "flag ~empty locc as a",
    "assert empty locc as a",
    "undefined_unless empty locc as a",
    "with o from locc",
    "forall x in locc do acyclic po end",
    "forall x in classes-loc W do acyclic locc end",
    "procedure p(x) = acyclic locc end call p(po)",
    "procedure p(x) = acyclic x end call p(locc)",
    "call locc(po)",
    "match locc with || 'a -> acyclic po end",
    "let rec a = po | a when acyclic locc",
    'if "x" acyclic po else acyclic locc end',
]


@pytest.mark.parametrize("text", POSITIONS)
def test_an_unknown_name_is_marked(load: Callable[..., CatModel], mp: Basis, text: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        load(f"enum E = 'a || 'b {text}").instances(mp)
    assert caught.value.message == "unknown name 'locc'"
    assert caught.value.span is not None
    assert caught.value.span.text == "locc"
    assert "'loc'" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["debug locc", "show locc as s", "show locc"])
def test_what_is_only_shown_may_be_unknown(load: Callable[..., CatModel], mp: Basis, text: str) -> None:
    (instance,) = load(text).instances(mp)
    assert instance.shown == ()
