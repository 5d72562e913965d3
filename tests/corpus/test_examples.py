"""The example files, and the tests of our own beside this file, hold what they state under every model they name."""

from pathlib import Path

import pytest

from litmus.suite.answer import answers
from litmus.suite.command import check_text
from litmus.suite.evaluation import Settings
from litmus.suite.files import collect
from litmus.suite.status import Status

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
OWN = Path(__file__).parent
FILES = [path for folder in (EXAMPLES, OWN) for path in sorted(folder.rglob("*.lit*"))]


def test_there_are_examples():
    assert {path.suffix for path in FILES} == {".lit", ".litmus"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_example(path):
    found = list(answers(collect((str(path),)), check_text, Settings()))
    failed = [answer.out + answer.error for answer in found if answer.status is not Status.OK]
    assert not failed, "\n".join(failed)
    assert sum(len(answer.findings) for answer in found) > 0
