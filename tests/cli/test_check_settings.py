"""litmus.toml, baselines and --update."""

import json
import shutil
from pathlib import Path

import pytest

INPUT = Path(__file__).parents[1] / "golden" / "input"
KERNEL = (
    "C k\n\n{}\n\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n\nP1(int *x)\n{\n\tint r0;\n\n\tr0 = READ_ONCE(*x);\n}\n\n"
    "exists (1:r0=1)\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(INPUT / "wrong.lit", tmp_path)
    Path("k.litmus").write_text(KERNEL)


def settings(text, name="litmus.toml"):
    Path(name).write_text(text)


@pytest.mark.parametrize(
    ("name", "head", "rule"),
    [("litmus.toml", "", "[[path]]"), ("pyproject.toml", "[tool.litmus]\n", "[[tool.litmus.path]]")],
)
def test_without_arguments(litmus, monkeypatch, name, head, rule):
    text = f'{head}paths = ["wrong.lit", "k.litmus"]\njobs = 1\n{rule}\nmatch = "*.litmus"\nexpect = "Sometimes"\n'
    settings(text, name)
    Path("below/deeper").mkdir(parents=True)
    monkeypatch.chdir("below/deeper")
    ran = litmus("check")
    assert ran.status == 1
    assert ran.out.endswith("3 expectations: 2 hold, 1 fail, 0 unknown\n")


def test_a_pyproject_without_our_table_says_nothing(litmus):
    settings("[tool.other]\n", "pyproject.toml")
    ran = litmus("check")
    assert ran.status == 2
    assert "Missing argument" in ran.err


def test_expectations_for_each_model(litmus):
    settings('paths = ["k.litmus"]\n[[path]]\nmatch = "**/k.litmus"\nexpect = {lkmm = "Sometimes", sc = "Never"}\n')
    ran = litmus("check")
    assert ran.status == 1
    assert "expected Sometimes  found Sometimes" in ran.out
    assert "expected Never" in ran.out


def test_the_command_line_comes_first(litmus):
    settings('paths = ["gone"]\nmodels = ["lkmm"]\n')
    assert litmus("check", "wrong.lit").status == 1
    assert litmus("check", "wrong.lit", "--model", "sc").status == 0
    assert litmus("check", "wrong.lit", "--no-settings").status == 1


def test_bounds_of_paths(litmus):
    settings('paths = ["wrong.lit"]\n[[path]]\nmatch = "*.lit"\ntimeout = 1e-9\n')
    assert litmus("check").status == 3


def test_warnings_are_errors_where_the_settings_are_strict(litmus):
    Path("w.litmus").write_text("C a\n\n{}\n\nP0(int *x)\n{\n\tr0 = READ_ONCE(*x);\n}\n\nforall (0:r0=0)\n")
    settings('paths = ["w.litmus"]\n')
    assert litmus("check").status == 0
    settings('paths = ["w.litmus"]\nstrict = true\n')
    assert litmus("check").status == 2


def test_outputs(litmus):
    settings('paths = ["wrong.lit"]\noutput = ["json=out/a.json", "tap=out/a.tap"]\n')
    litmus("check")
    assert len(Path("out/a.json").read_text().splitlines()) == 2
    assert Path("out/a.tap").read_text().endswith("1..2\n")


@pytest.mark.parametrize("text", ["tool = 1\n", "[tool.litmusx]\n", 'x = """\n[tool.litmus]\n"""\n'])
def test_what_only_looks_like_our_table(litmus, text):
    settings(text, "pyproject.toml")
    ran = litmus("check")
    assert ran.status == 2
    assert "Traceback" not in ran.err


def test_own_models_are_read_with_what_the_settings_name(litmus):
    Path("cats").mkdir()
    Path("cats/rest.cat").write_text('let com = if "lkmmv2" then rf | fr | co else 0\n')
    Path("own.cat").write_text('"own"\ninclude "rest.cat"\nacyclic po | com as order\n')
    told = 'paths = "wrong.lit"\nmodels = "own.cat"\ntarget = "lkmm"\ninclude = "cats"\n'
    settings(told)
    assert litmus("check").status == 1
    settings(f'{told}variant = "lkmmv2"\n')
    assert litmus("check").status == 0
    settings(f'{told}[[path]]\nmatch = "*.lit"\nvariant = ["lkmmv2"]\n')
    assert litmus("check").status == 0
    assert litmus("check", "-m", "lkmm").status == 1
    Path("own.cfg").write_text("model own.cat\nvariant lkmmv2\n")
    settings('paths = "wrong.lit"\n[[path]]\nmatch = "*.lit"\nconf = "own.cfg"\ntarget = "lkmm"\ninclude = "cats"\n')
    assert litmus("check").status == 0


def test_a_bell_file_of_the_command_line_for_the_models_of_the_settings(litmus):
    Path("own.cat").write_text('"own"\nacyclic po | rf | fr | co as order\n')
    Path("own.bell").write_text("enum Accesses = 'ONCE\ninstructions R[{'ONCE}]\n")
    settings('paths = "k.litmus"\nmodels = "own.cat"\n[[path]]\nmatch = "*"\nexpect = "Sometimes"\n')
    assert litmus("check").status == 0
    assert litmus("check", "--bell", "own.bell").status == 0
    assert litmus("check", "--bell", "gone.bell").err.startswith("--bell:1:1: error: no such file")


def test_the_matrix_has_the_models_of_paths(litmus):
    settings('paths = ["wrong.lit"]\n[[path]]\nmatch = "*.lit"\nmodels = ["sc"]\n')
    assert litmus("check", "--matrix").status == 0


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("tiemout = 1\n", "1:1", "did you mean 'timeout'?"),
        ('timeout = "x"\n', "1:1", "'timeout' takes a number of seconds above 0"),
        ("unroll = 0\n", "1:1", "'unroll' takes a whole number above 0"),
        ("lse = 1\n", "1:1", "'lse' takes true or false"),
        ('bitops = "x"\n', "1:1", '\'bitops\' takes "ordered", "pre-6.0"'),
        ('paths = ["wrong.lit"]\nmodels = ["lkm"]\n', "2:12", "did you mean 'lkmm'?"),
        ('paths = ["wrong.lt"]\n', "1:11", "did you mean 'wrong.lit'?"),
        ('output = ["jnit=x"]\n', "1:1", "FORMAT=FILE"),
        ('[[path]]\nmatch = "x"\nexpct = "Never"\n', "3:1", "did you mean 'expect'?"),
        ('[[path]]\nmatch = "x"\nexpect = "Nver"\n', "3:1", "'expect' takes Never"),
        ('[[path]]\nexpect = "Never"\n', "1:1", "says with 'match'"),
        ('path = "x"\n', "1:1", "[[path]]"),
        ("paths = [\n", "1:10", "not TOML"),
        ("jobs = 1\n", None, "names no paths to check"),
        ("jobs = true\n", "1:1", "'jobs' takes a whole number above 0"),
        ("timeout = -1\n", "1:1", "'timeout' takes a number of seconds above 0"),
        ('memory = "1G"\n', "1:1", "'memory' takes a whole number above 0"),
        ("include = 1\n", "1:1", "'include' takes a list of directories"),
        ("bell = []\n", "1:1", "'bell' takes the name of a file"),
        ('macros = ""\n', "1:1", "'macros' takes the name of a file"),
        ('variant = [""]\n', "1:1", "'variant' takes a list of words"),
        ('mixed = "yes"\n', "1:1", "'mixed' takes true or false"),
        ('target = "pwer"\n', "1:1", "did you mean 'power'?"),
        ('engine = "explict"\n', "1:1", "did you mean 'explicit'?"),
        ('bel = "x"\n', "1:1", "did you mean 'bell'?"),
        ('[[path]]\nmatch = "x"\nmacro = "x"\n', "3:1", "did you mean 'macros'?"),
        ('[[path]]\nmatch = "x"\nstrict = true\n', "3:1", "litmus has no setting 'strict' here"),
        ('bell = "x.bell"\n', "1:1", "no 'models' are named"),
        ('unroll = 3\n[[path]]\nmatch = "x"\nmacros = "x.def"\n', "4:1", "no 'models' are named"),
        ('# gone.bell\nmodels = "own.cat"\nbell = "gone.bell"\n', "3:9", "no such file"),
        ('models = "own.cat"\nmacros = "gone.def"\n', "2:11", "no such file"),
        ('models = "own.cat"\ninclude = "gone"\n', "2:12", "no such directory"),
        ('models = "gone.cat"\n', "1:11", "gone.cat"),
        ('conf = "gone.cfg"\n', "1:1", "no such file"),
        ('conf = ["x"]\n', "1:1", "'conf' takes the name of a file"),
        ('[[path]]\nmatch = "x"\nmodels = "lkmm"\nexpect = {lkm = "Never"}\n', "4:1", "did you mean 'lkmm'?"),
        ('[[path]]\nmatch = "x"\nexpect = {lkm = "Never"}\n', "3:11", "did you mean 'lkmm'?"),
    ],
)
def test_errors_at_their_place(litmus, text, place, message):
    settings(text)
    Path("own.cat").write_text('"own"\nacyclic po as order\n')
    ran = litmus("check")
    assert ran.status == 2
    assert message in ran.err
    if place is not None:
        assert ran.err.startswith(f"litmus.toml:{place}: error: ")


def test_expectations_of_our_own_language_are_in_the_file(litmus):
    settings('paths = ["wrong.lit"]\n[[path]]\nmatch = "*.lit"\nexpect = "Never"\n')
    ran = litmus("check")
    assert ran.status == 2
    assert "which says so itself" in ran.err


def test_a_baseline(litmus):
    arguments = ("check", "wrong.lit", "--baseline", "base.json")
    assert litmus(*arguments).status == 2
    assert litmus(*arguments, "--update").status == 0
    (entry,) = json.loads(Path("base.json").read_text())["deviations"]
    assert (entry["file"], entry["model"], entry["found"]) == ("wrong.lit", "lkmm", "Sometimes")
    ran = litmus(*arguments)
    assert ran.status == 0
    assert "known  both" in ran.out
    assert ran.out.endswith("2 expectations: 1 hold, 0 fail, 0 unknown, 1 known deviation\n")
    points = litmus(*arguments, "--format", "tap").out
    assert "not ok 1 - wrong both [lkmm] # TODO known deviation" in points


def test_a_baseline_excuses_nothing_else(litmus):
    litmus("check", "wrong.lit", "--baseline", "base.json", "--update")
    assert litmus("check", "wrong.lit", "--baseline", "base.json", "--timeout", "1e-9").status == 3
    text = Path("wrong.lit").read_text()
    Path("wrong.lit").write_text(text.replace("forbid both", "forbid two"))
    ran = litmus("check", "wrong.lit", "--baseline", "base.json")
    assert ran.status == 1
    assert "not so any more: wrong both [lkmm]" in ran.err


def test_an_update_keeps_what_was_not_checked(litmus):
    Path("other.lit").write_text(Path("wrong.lit").read_text().replace('"wrong"', '"other"'))
    litmus("check", "wrong.lit", "--baseline", "base.json", "--update")
    litmus("check", "other.lit", "--baseline", "base.json", "--update")
    assert [d["test"] for d in json.loads(Path("base.json").read_text())["deviations"]] == ["other", "wrong"]


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 1, "deviations": [{}]}', '{"version": 1}', '{"version": 2}'])
def test_what_is_no_baseline(litmus, text):
    Path("base.json").write_text(text)
    ran = litmus("check", "wrong.lit", "--baseline", "base.json")
    assert ran.status == 2
    assert ran.err.startswith("base.json:1:")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("C k\n\n{}", "C k\n\n(*\n * Result: Sometimes\n *)\n\n{}"),
        ("C k\n(* Result: Never *)\n{}", "C k\n(* Result: Sometimes *)\n{}"),
        ("C k\n(*\n * Result: Never\n * so it is\n *)\n{}", "C k\n(*\n * Result: Sometimes\n * so it is\n *)\n{}"),
        ("C k\n(* Result: Maybe *)\n{}", "C k\n(* Result: Maybe *)\n{}"),
    ],
)
def test_update_of_comments(litmus, before, after):
    Path("k.litmus").write_text(KERNEL.replace("C k\n\n{}", before))
    assert litmus("check", "k.litmus", "--update").status == 0
    assert Path("k.litmus").read_text() == KERNEL.replace("C k\n\n{}", after)
    assert litmus("check", "k.litmus").status == 0
    assert litmus("check", "k.litmus", "--update").out == "0 of 1 Result: comments written\n"


@pytest.mark.parametrize(
    ("change", "arguments", "status"),
    [
        (("exists", "filter (1:r0=2)\nexists"), (), 1),
        (("exists (1:r0=1)", ""), (), 2),
        (("", ""), ("--timeout", "1e-9"), 3),
    ],
)
def test_what_is_not_known_is_not_written(litmus, change, arguments, status):
    text = KERNEL.replace(*change)
    Path("k.litmus").write_text(text)
    assert litmus("check", "k.litmus", "--update", *arguments).status == status
    assert Path("k.litmus").read_text() == text


def test_assertions_are_not_updated(litmus):
    ran = litmus("check", "wrong.lit", "--update")
    assert ran.status == 2
    assert "--baseline FILE" in ran.err
