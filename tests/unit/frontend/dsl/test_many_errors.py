"""Files with very many errors: the work grows with the file, and the messages say what they leave out."""

import sys
from types import FrameType

import pytest

from litmus.errors import MOST_SHOWN, ProgramErrors
from litmus.frontend.dispatch import parse
from litmus.source import Source

HEAD = 'litmus "t"\nint x;\n'
VARIANTS = HEAD + "thread A { [L1] smp_wbm(); r = READ_ONCE(yy); }\n"
TEXTS = {
    "names": (HEAD + "thread A {\n", "r{0} = READ_ONCE(y{0});\n", "}"),
    "primitives": (HEAD + "thread A {\n", "smp_wbm{0}();\n", "}"),
    "duplicated variants": (VARIANTS, "variant v {{ drop L1; }}\n", ""),
    "edits": (VARIANTS, "variant v{0} {{ drop L2; }}\n", ""),
    "open braces": (HEAD, "thread A{0} {{ x = 1;\n", ""),
    "syntax": (HEAD + "thread A {\n", "WRITE_ONCE(x 1) 2;\n", "}"),
    "syntax on one line": (HEAD + "thread A {", "WRITE_ONCE(x 1) 2; ", "}"),
    "semicolons": (HEAD + "thread A {\n", "WRITE_ONCE(x, 1)\n", "}"),
    "characters": (HEAD + "thread A {\n", "x = @;\n", "}"),
    "declarations": (HEAD + "thread A { }\n", "int x; inr y{0};\n", ""),
    "conditions": (HEAD + "thread A { }\n", "forbid a{0}: A.r{0} == z{0};\n", ""),
}


def _errors(shape: tuple[str, str, str], count: int) -> ProgramErrors:
    head, line, tail = shape
    with pytest.raises(ProgramErrors) as caught:
        parse(Source("t.lit", head + "".join(line.format(i) for i in range(count)) + tail))
    return caught.value


def _steps(shape: tuple[str, str, str], count: int) -> int:
    """Return how many functions are called, those of C included, while a text with many errors is read."""
    steps = 0

    def count_call(_: FrameType, event: str, __: object) -> None:
        nonlocal steps
        steps += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        _errors(shape, count)
    finally:
        sys.setprofile(None)
    return steps


@pytest.mark.parametrize("kind", TEXTS)
def test_twice_the_errors_are_twice_the_work(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("litmus.frontend.dsl.report.COMPARED", 2000)
    _errors(TEXTS[kind], 2)  # what is read once, grammars and tables, is not counted
    assert _steps(TEXTS[kind], 400) < 2.4 * _steps(TEXTS[kind], 200)


def test_the_errors_that_are_not_shown_are_counted() -> None:
    found = _errors(TEXTS["primitives"], 1200)
    *shown, last = found.render().splitlines()
    assert len(found.errors) == 1200
    assert last == f"and {1200 - MOST_SHOWN} more errors, not shown"
    assert sum("unknown primitive" in line for line in shown) == MOST_SHOWN


def test_one_error_more_than_are_shown() -> None:
    assert _errors(TEXTS["primitives"], MOST_SHOWN + 1).render().endswith("\nand 1 more error, not shown")
    assert "not shown" not in _errors(TEXTS["primitives"], MOST_SHOWN).render()


def test_every_error_that_is_shown_has_its_suggestion() -> None:
    found = _errors(TEXTS["primitives"], MOST_SHOWN)
    assert [error.hint for error in found.errors] == ["did you mean 'smp_wmb'?"] * MOST_SHOWN
