"""The tests in docs/dsl.md are tests."""

import re
from pathlib import Path

import pytest

from litmus.frontend.dsl.parse import parse
from litmus.program.primitive import PRIMITIVES
from litmus.source import Source

TEXT = (Path(__file__).parents[4] / "docs" / "dsl.md").read_text(encoding="utf-8")
TESTS = re.findall(r"^```c\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", TESTS, ids=lambda text: text.split('"')[1])
def test_the_tests_in_the_documentation_parse(text: str) -> None:
    assert parse(Source("dsl.md", text))


def test_the_documentation_names_no_primitive_that_is_not_there() -> None:
    section = TEXT.split("### Primitives")[1].split("## Defines")[0]
    words = set(re.findall(r"\b(?:smp|rcu|srcu|spin|mutex|bit_spin|synchronize|refcount|test_and|set_bit)\w*", section))
    unknown = {word for word in words if word not in PRIMITIVES and not word.endswith("_")}
    assert unknown <= {"spin", "srcu", "refcount", "smp", "srcu_struct"}
