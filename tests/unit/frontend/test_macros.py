"""Macro tables: their syntax, and which arguments are locations."""

import pytest

from litmus.errors import ParseError
from litmus.frontend.dispatch import parse
from litmus.frontend.macros import macro_signature, parse_macros
from litmus.program.macros import (
    Macro,
    MacroBinary,
    MacroCall,
    MacroConstant,
    MacroDereference,
    MacroOperator,
    MacroParameter,
)
from litmus.program.primitive import Parameter
from litmus.program.syntax import Call, Evaluate, Static
from litmus.program.term import Address
from litmus.source import Source

X, V = MacroParameter("X"), MacroParameter("V")


@pytest.mark.parametrize(
    ("text", "macro"),
    [
        ("LOAD(X) __load{once}(X)", Macro("LOAD", ("X",), (), MacroCall("__load", "once", (X,)))),
        ("acq(X) __load{A}(*X)", Macro("acq", ("X",), (), MacroCall("__load", "A", (MacroDereference(X),)))),
        ("mb() { __fence{before-atomic} ; }", Macro("mb", (), (MacroCall("__fence", "before-atomic", ()),))),
        (
            "set(X,V) { __store{once}(X,V); __fence{mb}; }",
            Macro("set", ("X", "V"), (MacroCall("__store", "once", (X, V)), MacroCall("__fence", "mb", ()))),
        ),
        (
            "add(V,X) { __atomic_op(X,+,V); }",
            Macro("add", ("V", "X"), (MacroCall("__atomic_op", None, (X, MacroOperator("+"), V)),)),
        ),
        (
            "test(X) __atomic_op_return{mb}(X,&~,1) == 0 // why",
            Macro(
                "test",
                ("X",),
                (),
                MacroBinary(
                    "==",
                    MacroCall("__atomic_op_return", "mb", (X, MacroOperator("&~"), MacroConstant(1))),
                    MacroConstant(0),
                ),
            ),
        ),
        ("xchg(X,V) { __xchg{mb}(X,V) }", Macro("xchg", ("X", "V"), (), MacroCall("__xchg", "mb", (X, V)))),
        ("less(X) X - -1", Macro("less", ("X",), (), MacroBinary("-", X, MacroConstant(-1)))),
    ],
)
def test_macro(text: str, macro: Macro) -> None:
    table = parse_macros(Source("t.def", text))
    assert table.macros == {macro.name: macro}


TABLE = """
READ(X) __load{once}(X)
READ_AT(X) __load{once}(*X)
SET(X,V) { WRITE(X,V); }
WRITE(X,V) { __store{once}(X,V); }
xchg(X,V) __xchg{mb}(X,V)
both(X,Y) READ(X) + READ(*Y)
turn(X) turn(X)
"""


@pytest.mark.parametrize(
    ("name", "locations"),
    [("READ", [0]), ("READ_AT", []), ("SET", [0]), ("xchg", []), ("both", [0]), ("turn", []), ("none", [])],
)
def test_signature(name: str, locations: list[int]) -> None:
    signature = macro_signature(parse_macros(Source("t.def", TABLE)))
    assert [i for i, kind in enumerate(signature(name)) if kind is Parameter.LVALUE] == locations


def test_a_table_tells_what_arguments_are() -> None:
    table = parse_macros(Source("t.def", TABLE))
    (found,) = parse(Source("t.litmus", "C t\n{}\nP0(int *x) { SET(*x, 1); xchg(x, 1); }\n"), None, table)
    calls = [s.value for s in found.threads[0].body if isinstance(s, Evaluate)]
    assert [c.arguments[0] for c in calls if isinstance(c, Call)] == [Static(Address("x"))] * 2


@pytest.mark.parametrize("text", ["a(X) X\na(Y) Y", "a(X", "a(X) { X Y }", "a(X) @"])
def test_errors(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_macros(Source("t.def", text))
    assert caught.value.span is not None
