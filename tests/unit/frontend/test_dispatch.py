"""Which frontend reads a text."""

import pytest

from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.program.program import Dialect
from litmus.source import Source

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


def test_deep_nesting_is_an_error() -> None:
    text = f"C t\n{{}}\nP0(int *x) {{ int r = {'(' * 3000}1{')' * 3000}; }}\nexists (x=1)"
    with pytest.raises(LitmusError) as caught:
        parse(Source("a.litmus", text))
    assert caught.value.message == "brackets or operators are nested too deeply"


@pytest.mark.parametrize("text", ["", "\n", "litmus", "x", "{", "(*", "C", "C a", "C a {", "PPC a {} P0", "C a {} P0("])
def test_nothing_but_errors_comes_out_of_broken_text(text: str) -> None:
    with pytest.raises(LitmusError) as caught:
        parse(Source("a.litmus", text))
    assert caught.value.render()
