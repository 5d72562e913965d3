"""The example files, and the tests of our own beside this file, hold what they state under every model they name."""

import re
from pathlib import Path

import pytest

from litmus.suite.command import check_text
from litmus.suite.evaluation import Settings
from litmus.suite.files import collect
from litmus.suite.running import answers
from litmus.suite.status import Status

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
OWN = Path(__file__).parent
FILES = [path for folder in (EXAMPLES, OWN) for path in sorted(folder.rglob("*.lit*"))]


def test_there_are_examples():
    assert {path.suffix for path in FILES} == {".lit", ".litmus"}


def test_the_index_names_every_example():
    index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    files = [
        path.relative_to(EXAMPLES).as_posix() for folder in ("kernel", "gup") for path in EXAMPLES.glob(f"{folder}/*")
    ]
    assert not [file for file in files if f"({file})" not in index]
    assert not [file for file in re.findall(r"\]\((\S+\.lit)\)", index) if not (EXAMPLES / file).is_file()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_example(path):
    found = list(answers(collect((str(path),)), check_text, Settings()))
    failed = [answer.out + answer.error for answer in found if answer.status is not Status.OK]
    assert not failed, "\n".join(failed)
    assert sum(len(answer.findings) for answer in found) > 0
