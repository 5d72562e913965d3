"""What litmus.toml says, level by level: the command line, [[path]], the whole project."""

import pytest

from litmus.cli.check import command
from litmus.engine.base import EngineName
from litmus.suite.evaluation import Settings
from litmus.suite.project import Project
from litmus.suite.project_text import PROJECT_KEYS, RULE_KEYS, read_project
from litmus.suite.selection import ModelOptions

KEYS = {
    "paths": "paths", "models": "models", "search": "include", "bell": "bell", "macros": "macros",
    "configuration": "conf", "target": "target", "variants": "variant", "mixed": "mixed", "jobs": "jobs",
    "memory": "memory", "timeout": "timeout", "unroll": "unroll", "bitops": "bitops", "lse": "lse",
    "strict": "strict", "engine": "engine", "outputs": "output", "baseline": "baseline",
}  # fmt: skip
WITHOUT = {
    "style": "what is printed is said where it is read; `output` writes files",
    "update": "it changes files, and is said when they shall change",
    "project": "it names this file",
    "no_settings": "it turns this file off",
    "matrix": "another way to look at the same answers",
    "proof": "a folder for what is written of one run",
    "no_cache": "LITMUS_CACHE=off does so for all commands: answers are the same",
    "scheduler": "where it runs is not part of what it runs",
}
OF_THE_WHOLE = {"paths", "jobs", "memory", "strict", "output", "baseline", "path"}
"""Keys that make no sense for some files only."""


def test_every_option_of_check_has_a_key_or_a_reason_why_not():
    options = {str(option.name) for option in command.params}
    assert options <= KEYS.keys() | WITHOUT.keys()
    assert KEYS.keys() <= options
    assert {*KEYS.values(), "path"} == PROJECT_KEYS.keys()
    assert PROJECT_KEYS.keys() - OF_THE_WHOLE == RULE_KEYS.keys() - {"match", "expect"}


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cats").mkdir()
    for name in ("a.cat", "a.bell", "a.def"):
        (tmp_path / name).write_text("x")
    (tmp_path / "k.cfg").write_text("model a.cat\nbell a.bell\nmacros a.def\nvariant lkmmv2\nunroll 5\ntimeout 7.0\n")

    def reading(text: str) -> Project:
        (tmp_path / "litmus.toml").write_text(text)
        return read_project("litmus.toml")

    return reading


ALL = """
models = ["a.cat"]
include = ["cats", "more"]
bell = "a.bell"
macros = "a.def"
variant = ["one", "two"]
target = "power"
mixed = true
timeout = 2
unroll = 3
bitops = "pre-6.0"
lse = true
engine = "sat"
"""
MODELS = ModelOptions(("a.cat",), ("cats", "more"), "a.bell", "a.def", None, ("one", "two", "mixed"), "power")
MEANT = Settings(MODELS, 3, 2.0, bitops="pre-6.0", lse=True, engine=EngineName.SAT)


@pytest.mark.parametrize("head", ["", '[[path]]\nmatch = "t.litmus"\n'])
def test_keys_mean_what_options_mean(read, head):
    project = read(head + ALL)
    assert project.settings(Settings(), project.rule("t.litmus")) == MEANT


def test_the_nearest_level_that_says_something_counts(read):
    project = read(f'{ALL}[[path]]\nmatch = "t.litmus"\nunroll = 9\nlse = false\nmixed = false\ninclude = "its"\n')
    found = project.settings(Settings(seconds=1.0, bitops="ordered"), project.rule("t.litmus"))
    assert (found.unroll, found.seconds, found.bitops, found.lse) == (9, 1.0, "ordered", False)
    assert found.models == ModelOptions(
        ("a.cat",), ("its", "cats", "more"), "a.bell", "a.def", None, ("one", "two"), "power"
    )


def test_how_cat_files_are_read_goes_with_who_names_them(read):
    project = read(f'{ALL}[[path]]\nmatch = "t.litmus"\nmodels = "armv8"\n')
    assert project.settings(Settings(), project.rule("t.litmus")).models == ModelOptions(
        ("armv8",), variants=("mixed",), target="power"
    )
    asked = Settings(ModelOptions(("b.cat",), bell="b.bell"))
    assert project.settings(asked).models == ModelOptions(
        ("b.cat",), bell="b.bell", variants=("mixed",), target="power"
    )
    assert project.settings(Settings(ModelOptions(bell="b.bell"))).models.names == ("a.cat",)
    assert project.settings(Settings(ModelOptions(bell="b.bell"))).models.bell == "b.bell"


@pytest.mark.parametrize("head", ["", '[[path]]\nmatch = "t.litmus"\n'])
def test_a_configuration_of_herd(read, head):
    project = read(f'{head}conf = "k.cfg"\nunroll = 4\n')
    found = project.settings(Settings(), project.rule("t.litmus"))
    assert (found.unroll, found.seconds) == (4, 7.0)
    assert found.models == ModelOptions(("a.cat",), (".",), "a.bell", "a.def", None, ("lkmmv2",))


def test_models_of_expectations_are_found_from_the_file(read, tmp_path, monkeypatch):
    (tmp_path / "below").mkdir()
    read('[[path]]\nmatch = "t.litmus"\nexpect = {"a.cat" = "Never", lkmm = "Sometimes DATARACE"}\n')
    monkeypatch.chdir("below")
    project = read_project("../litmus.toml")
    rule = project.rule("../t.litmus")
    assert project.settings(Settings(), rule).models.names == ("../a.cat", "lkmm")
    assert rule.expects("../a.cat") == rule.expects(".././a.cat") == "Never"
    assert rule.expects("lkmm@v5.4") == "Sometimes DATARACE"
    assert rule.expects("sc") is None


def test_memory_is_in_megabytes(read):
    assert read("memory = 3\n").memory == 3 * 2**20


def test_any_path_of_many_rules(read):
    project = read('[[path]]\nmatch = "a"\nunroll = 3\n[[path]]\nmatch = ["**/b.*", "c?d"]\nunroll = 4\n')
    found = {file: project.settings(Settings(), project.rule(file)).unroll for file in ("a/x", "x/b.lit", "c.d", "c/d")}
    assert found == {"a/x": 3, "x/b.lit": 4, "c.d": 4, "c/d": None}
