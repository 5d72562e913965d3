"""Which frontend reads a text."""

from collections.abc import Callable

import pytest

from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.program.program import Dialect
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

OURS = 'litmus "a"\nint x = 0;\nthread P { x = 1; }\nallow seen: x == 1;\n'


@pytest.mark.parametrize(
    ("name", "text", "dialect"),
    [
        ("a.lit", OURS, Dialect.DSL),
        ("-", OURS, Dialect.DSL),
        ("-", "// why\n/* and\n how */ " + OURS, Dialect.DSL),
        ("a.litmus", "C litmus\n{}\nP0(int *x) { *x = 1; }\nexists (x=1)", Dialect.C),
        ("-", "(* why *)\nC a\n{}\nP0(int *x) { *x = 1; }\nexists (x=1)", Dialect.C),
        ("-", "X86 a\n{}\n P0 ;\n MOV [x],$1 ;\nexists (x=1)", Dialect.X86),
    ],
)
def test_dialect(name: str, text: str, dialect: Dialect) -> None:
    (program, *_) = parse(Source(name, text))
    assert program.dialect is dialect


C = "C t\n{}\nP0(int *x) { int r;\n%s }\nexists (x=1)"
C_CONDITION = "C t\n{}\nP0(int *x) { *x = 1; }\nexists %s"
LIT = 'litmus "t"\nmodels sc;\nint x;\nthread P { int r = 0;\n%s }\nforbid a: x == 1;'
LIT_CONDITION = 'litmus "t"\nmodels sc;\nint x;\nthread P { x = 1; }\nforbid a: %s;'

NESTS = [
    ("t.litmus", C, lambda n: f"r = {'(' * n}1{')' * n};"),
    ("t.litmus", C, lambda n: f"r = {'!' * n}r;"),
    ("t.litmus", C, lambda n: f"r = {'r + ' * n}1;"),
    ("t.litmus", C, lambda n: f"r = {'r + (' * n}1{')' * n};"),
    ("t.litmus", C, lambda n: "if (r) { " * n + "r = 1; " + "} " * n),
    ("t.litmus", C, lambda n: "if (r) r = 1; else " * n + "r = 1;"),
    ("t.litmus", C_CONDITION, lambda n: f"({'not (' * n}x=1{')' * n})"),
    ("t.litmus", C_CONDITION, lambda n: "(" + "x=1 /\\ (" * n + "x=1" + ")" * n + ")"),
    ("t.lit", LIT, lambda n: f"r = {'(' * n}1{')' * n};"),
    ("t.lit", LIT, lambda n: f"r = {'r + ' * n}1;"),
    ("t.lit", LIT, lambda n: "if (r) { " * n + "r = 1; " + "} " * n),
    ("t.lit", LIT, lambda n: "if (r) r = 1; else " * n + "r = 1;"),
    ("t.lit", LIT, lambda n: "do { " * n + "r = 1; " + "} while (r); " * n),
    ("t.lit", LIT_CONDITION, lambda n: f"{'x == 1 && (' * n}x == 1{')' * n}"),
    ("t.lit", LIT_CONDITION, lambda n: f"{'x == 1 && ' * n}x == 1"),
]


@pytest.mark.parametrize(("name", "frame", "nest"), NESTS)
def test_deep_nesting_is_an_error_where_it_gets_too_deep(name: str, frame: str, nest: Callable[[int], str]) -> None:
    text = frame.replace("%s", nest(3000))
    with pytest.raises(LitmusError) as caught:
        parse(Source(name, text))
    span = caught.value.span
    assert caught.value.message == "brackets, statements or operators are nested more than 200 deep"
    assert span is not None
    assert frame.index("%s") <= span.start < len(text) - 6


@pytest.mark.parametrize(("name", "frame", "nest"), NESTS)
@pytest.mark.parametrize("depth", [40, 60, 120, 180, 195])
def test_what_is_not_too_deep_can_be_evaluated(name: str, frame: str, nest: Callable[[int], str], depth: int) -> None:
    message = ""
    try:
        (program,) = parse(Source(name, frame.replace("%s", nest(depth))))
        evaluate(program, "sc", Settings())
    except LitmusError as error:
        message = error.message
    assert not message or (depth > 60 and "nested more than" in message)


@pytest.mark.parametrize("text", ["", "\n", "litmus", "x", "{", "(*", "C", "C a", "C a {", "PPC a {} P0", "C a {} P0("])
def test_nothing_but_errors_comes_out_of_broken_text(text: str) -> None:
    with pytest.raises(LitmusError) as caught:
        parse(Source("a.litmus", text))
    assert caught.value.render()
