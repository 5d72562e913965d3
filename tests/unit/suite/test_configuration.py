"""Herd's configuration files."""

from pathlib import Path

import pytest

from litmus.errors import LitmusError
from litmus.suite.configuration import configured
from litmus.suite.selection import ModelOptions

TEXT = """# the kernel's
macros k.def
bell k.bell
model k.cat
variant lkmmv2
graph columns
edgeattr hb,color,indigo
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("k").mkdir()
    Path("k/k.cfg").write_text(TEXT)
    for name in ("k.def", "k.bell", "k.cat"):
        Path("k", name).write_text("x")


def test_files_are_found_beside_it():
    options = configured(ModelOptions(configuration="k/k.cfg"))
    assert options == ModelOptions(("k/k.cat",), ("k",), "k/k.bell", "k/k.def", None, ("lkmmv2",))


def test_it_is_found_in_the_search_path():
    assert configured(ModelOptions(configuration="k.cfg", search=("k",))).names == ("k/k.cat",)


def test_the_command_line_comes_first():
    options = configured(ModelOptions(("mine.cat",), bell="my.bell", configuration="k/k.cfg"))
    assert (options.names, options.bell, options.macros) == (("mine.cat",), "my.bell", "k/k.def")


def test_no_model():
    Path("k/k.cfg").write_text("graph columns\n")
    with pytest.raises(LitmusError, match="names no model"):
        configured(ModelOptions(configuration="k/k.cfg"))


def test_nothing_to_do():
    assert configured(ModelOptions(("sc",))) == ModelOptions(("sc",))
