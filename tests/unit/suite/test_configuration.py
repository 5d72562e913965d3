"""Herd's configuration files."""

from pathlib import Path

import pytest

from litmus.errors import LitmusError
from litmus.suite.configuration import configured
from litmus.suite.evaluation import Settings
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


def models(**options):
    return configured(Settings(ModelOptions(**options))).models


def test_files_are_found_beside_it():
    expected = ModelOptions(("k/k.cat",), ("k",), "k/k.bell", "k/k.def", None, ("lkmmv2",))
    assert models(configuration="k/k.cfg") == expected


def test_it_is_found_in_the_search_path():
    assert models(configuration="k.cfg", search=("k",)).names == ("k/k.cat",)


def test_the_command_line_comes_first():
    options = models(names=("mine.cat",), bell="my.bell", configuration="k/k.cfg")
    assert (options.names, options.bell, options.macros) == (("mine.cat",), "my.bell", "k/k.def")
    Path("k/k.cfg").write_text("unroll 3\ntimeout 4\n")
    settings = configured(Settings(ModelOptions(configuration="k/k.cfg"), unroll=7, seconds=8.0))
    assert (settings.unroll, settings.seconds) == (7, 8.0)


def test_bounds():
    Path("k/k.cfg").write_text("unroll = 3\ntimeout\t2.5  \n")
    settings = configured(Settings(ModelOptions(configuration="k/k.cfg")))
    assert (settings.unroll, settings.seconds, settings.models) == (3, 2.5, ModelOptions())


def test_no_bounds():
    Path("k/k.cfg").write_text("unroll none\ntimeout none\n")
    settings = configured(Settings(ModelOptions(configuration="k/k.cfg")))
    assert (settings.unroll, settings.seconds) == (None, None)


def test_configurations_include_others():
    Path("k/top.cfg").write_text("unroll 3\nlocal-conf k.cfg\nvariant warn\nvariant LKMMv1,deps\ninclude lib\n")
    options = models(configuration="k/top.cfg")
    assert (options.names, options.search) == (("k/k.cat",), ("lib", "k"))
    assert options.variants == ("lkmmv2", "warn", "lkmmv1", "deps")


def test_nothing_to_do():
    assert configured(Settings(ModelOptions(("sc",)))) == Settings(ModelOptions(("sc",)))


@pytest.mark.parametrize(
    ("line", "column", "message", "hint"),
    [
        ("unroll x", 8, "'x' is not an integer or none, which 'unroll' takes", None),
        ("unroll 3 # turns", 8, "'3 # turns' is not an integer or none, which 'unroll' takes", None),
        ("unroll 0", 8, "loops are unrolled at least once", None),
        ("unroll", 1, "'unroll' has no value", "an integer or none is one"),
        ("unrol 3", 1, "herd7 has no configuration key 'unrol'", "did you mean 'unroll'?"),
        ("modle k.cat", 1, "herd7 has no configuration key 'modle'", "did you mean 'model'?"),
        ("foo bar", 1, "herd7 has no configuration key 'foo'", None),
        ("(* x *)", 1, "herd7 has no configuration key '(*'", None),
        ("= 3", 1, "herd7 has no configuration key '='", None),
        ("timeout 1s", 9, "'1s' is not a number or none, which 'timeout' takes", None),
        ("timeout 0", 9, "a time limit is more than 0 seconds", None),
        ("variant frob", 9, "'frob' is not a variant of herd7, which 'variant' takes", None),
        (
            "variant warn,lkmv2",
            14,
            "'lkmv2' is not a variant of herd7, which 'variant' takes",
            "did you mean 'lkmmv2'?",
        ),
        ("variant warn,vmsa", 14, "'variant vmsa' is not supported: it would change the answers", None),
        ("through invalid", 9, "'through invalid' is not supported: it would change the answers", None),
        ("names all", 7, "'names' is not supported: it would change the answers", None),
        ("model cav12", 7, "'model cav12' is not supported: it would change the answers", None),
        ("model lkmm", 7, "'lkmm' is not a .cat file, which 'model' takes", None),
        ("model  gone.cat", 8, "no such file: 'k/gone.cat'", None),
        ("bell gone.bell", 6, "'bell' says how to read a cat file, and no model is named", None),
        ("squished yes", 10, "'yes' is not true or false, which 'squished' takes", None),
        (
            "graph column",
            7,
            "'column' is not one of free, cluster, columns, which 'graph' takes",
            "did you mean 'columns'?",
        ),
        ("initpos 1", 9, "'1' is not two numbers with a comma, which 'initpos' takes", None),
        ("edgeattr hb,color", 10, "'hb,color' is not RELATION,ATTRIBUTE,VALUE, which 'edgeattr' takes", None),
        ("conf gone.cfg", 6, "no such file: 'k/gone.cfg'", None),
        ("local-conf bad.cfg", 12, "the configuration 'k/bad.cfg' includes itself", None),
    ],
)
def test_errors_at_their_place(line, column, message, hint):
    Path("k/bad.cfg").write_text(f"# a comment\n\ngraph columns\n{line}\n")
    with pytest.raises(LitmusError) as caught:
        models(configuration="k/bad.cfg")
    error = caught.value
    assert error.message == message
    assert error.span is not None
    assert error.span.location() == f"k/bad.cfg:4:{column}"
    if hint is not None:
        assert error.hint == hint


def test_a_missing_configuration():
    with pytest.raises(LitmusError) as caught:
        models(configuration="gone.cfg")
    assert caught.value.render() == "--conf:1:1: error: no such file: 'gone.cfg'\n  gone.cfg\n  ^^^^^^^^"
