"""Whatever text is given, the DSL's parser answers with Programs or with errors; what it prints, it reads back."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litmus.errors import LitmusError, ProgramErrors
from litmus.frontend.dsl.parse import parse
from litmus.program.printer import print_program
from litmus.program.program import Program
from litmus.source import Source

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "docs" / "examples").rglob("*.lit")), ROOT / "tests/golden/dsl/input/everything.lit"]
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
PIECES = [
    *" \n\t;{}()[],.:=&|*~!<>-+0\"'/\\$#é\0",
    *(
        "thread ",
        'litmus "a" ',
        "NAME",
        "on ",
        "if (",
        "goto G2;",
        "struct ",
        "int ",
        "0:r",
        "drop ",
        "/*",
        "*/",
        "else",
    ),
]
STEP = 7
"""Every byte offset of the small example, every seventh of the others."""


def _strategies() -> object:
    """Load the strategies beside this file: tests are no package."""
    spec = importlib.util.spec_from_file_location("dsl_programs", Path(__file__).with_name("dsl_programs.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROGRAMS = _strategies().programs()  # type: ignore[attr-defined]


def answer(text: str) -> None:
    """Parse ``text``: Programs must print to text that parses to the same, and errors must all have a place."""
    found: tuple[Program, ...] = ()
    problem: LitmusError | None = None
    try:
        found = parse(Source("t.lit", text))
    except LitmusError as error:
        problem = error
    for program in found:
        assert parse(Source("printed", print_program(program))) == (program,)
    if problem is not None:
        assert isinstance(problem, ProgramErrors)
        assert all(e.span is not None and e.render() for e in problem.errors)


@pytest.mark.parametrize("name", TEXTS)
def test_cut_off_anywhere(name: str) -> None:
    data = TEXTS[name].encode()
    for offset in range(0, len(data), 1 if name == "observer" else STEP * (1 + len(data) // 3000)):
        answer(data[:offset].decode(errors="replace"))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(list(TEXTS.values())))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        drop = draw(st.integers(0, 5))
        copied = draw(st.integers(0, len(text)))
        piece = draw(st.sampled_from([*PIECES, text[copied : copied + 12]]))
        text = text[:at] + piece + text[at + drop :]
    return text


@given(damaged())
def test_damaged_text(text: str) -> None:
    answer(text)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_rubbish(text: str) -> None:
    answer('litmus "a" thread A {' + text)
    answer(text)


@given(PROGRAMS)
def test_programs_parse_to_what_they_print(program: Program) -> None:
    assert parse(Source("printed", print_program(program))) == (program,)
