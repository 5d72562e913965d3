"""The examples, printed: what the text of each test and variant says after all edits, kept as golden files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from litmus.errors import ProgramErrors
from litmus.frontend.dsl.parse import parse
from litmus.program.printer import print_program
from litmus.source import Source

EXAMPLES = sorted((Path(__file__).parents[4] / "docs" / "examples").rglob("*.lit"))
HERE = Path(__file__).parents[3] / "golden" / "dsl"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_parse_to_what_they_print(path: Path) -> None:
    for program in parse(Source(path.name, path.read_text(encoding="utf-8"))):
        assert parse(Source("printed", print_program(program))) == (program,)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_printed_examples(path: Path, golden: Callable[[str, str], None]) -> None:
    programs = parse(Source(path.name, path.read_text(encoding="utf-8")))
    golden(f"dsl/{path.stem}.lit", "\n".join(map(print_program, programs)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_tells_its_story_first(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(("/*", "//"))


def test_every_construct(golden: Callable[[str, str], None]) -> None:
    text = (HERE / "input" / "everything.lit").read_text(encoding="utf-8")
    programs = parse(Source("everything.lit", text))
    for program in programs:
        assert parse(Source("printed", print_program(program))) == (program,)
    golden("dsl/everything.lit", "\n".join(map(print_program, programs)))


def test_errors(golden: Callable[[str, str], None]) -> None:
    text = (HERE / "input" / "wrong.lit").read_text(encoding="utf-8")
    with pytest.raises(ProgramErrors) as caught:
        parse(Source("wrong.lit", text))
    golden("dsl/wrong.txt", caught.value.render() + "\n")
