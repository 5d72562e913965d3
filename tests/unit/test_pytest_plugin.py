"""The installed plugin: what it collects, what it says, and what it costs where there is nothing for it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

MP = """litmus "mp"
models lkmm, sc;
int x = 0, y = 0;
thread W { [W1] WRITE_ONCE(x, 1); [W2] WRITE_ONCE(y, 1); }
thread R { [R1] int a = READ_ONCE(y); [R2] int b = READ_ONCE(x); }
forbid stale: R.a == 1 && R.b == 0;
allow seen: R.a == 1 && R.b == 1;
variant ordered { replace W2 { smp_store_release(&y, 1); } replace R1 { int a = smp_load_acquire(&y); } }
"""
HERD = "C one\n(* Result: {} *)\n{{ x=0; }}\nP0(int *x)\n{{\n\tWRITE_ONCE(*x, 1);\n}}\nexists (x={})\n"
HURRIED = "[pytest]\nlitmus_timeout = 0.0000001\n"
EXPECTED = {
    f"mp.lit::mp{variant}.{claim}[{model}]"
    for variant in ("", "/ordered")
    for model in ("lkmm", "sc")
    for claim in ("stale", "seen")
}


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Runs pytest in a project of its own, with this plugin and no other that is installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return lambda *arguments: pytester.runpytest_subprocess("-p", "litmus.pytest_plugin", *arguments)


def write(pytester: pytest.Pytester, **files: str) -> None:
    for name, text in files.items():
        (pytester.path / name.replace("_", ".")).write_text(text)


def test_it_is_declared():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"litmus": "litmus.pytest_plugin"}


def test_an_item_for_each_test_variant_assertion_and_model(pytester, run):
    write(pytester, mp_lit=MP)
    collected = run("--collect-only", "-q")
    assert {line for line in collected.outlines if "::" in line} == EXPECTED
    chosen = run("--collect-only", "-q", "-k", "ordered and stale and sc")
    assert [line for line in chosen.outlines if "::" in line] == ["mp.lit::mp/ordered.stale[sc]"]


def test_a_failure_tells_the_timeline(pytester, run):
    write(pytester, mp_lit=MP)
    result = run("-v")
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*mp under lkmm: stale expected forbidden, found Sometimes*",
            "*stated: forbid stale: R.a == 1 && R.b == 0",
            "*W on CPU0*|*R on CPU1*",
            "*[[]W2[]] WRITE_ONCE(y, 1)*",
            "FAILED mp.lit::mp.stale[[]lkmm[]] - mp under lkmm: stale expected*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("said", "value", "outcome"),
    [("Always", 1, "passed"), ("Never", 1, "failed"), ("Always", 0, "failed"), ("Maybe", 1, "skipped")],
)
def test_annotated_files(pytester, run, said, value, outcome):
    write(pytester, one_litmus=HERD.format(said, value))
    run().assert_outcomes(**{outcome: 1})


def test_files_that_only_ask_are_no_tests(pytester, run):
    write(pytester, one_litmus=HERD.format("", 1).replace("(* Result:  *)\n", ""))
    run().assert_outcomes()


def test_unknown_is_no_pass(pytester, run):
    write(pytester, mp_lit=MP)
    pytester.makeini(HURRIED)
    result = run("-v")
    result.assert_outcomes(failed=8)
    result.stdout.fnmatch_lines(
        ["mp.lit::mp*stale[[]sc[]]*UNKNOWN*", "*stale expected forbidden*", "timed out: time limit*"]
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("litmus broken {", "*broken.lit:1:*error*"),
        ('litmus "a"\nint x = 0;\nthread P { WRITE_ONCE(x, 1); }\n', "*states nothing to check*"),
    ],
)
def test_what_is_wrong_fails_and_the_others_run(pytester, run, text, message):
    write(pytester, broken_lit=text, one_litmus=HERD.format("Always", 1))
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([message])


def test_configuration(pytester, run):
    write(pytester, mp_lit=MP)
    (pytester.path / "data").mkdir()
    (pytester.path / "data/other.lit").write_text(MP)
    pytester.makeini("[pytest]\nlitmus_files = data/*.lit\nlitmus_models = sc\nlitmus_timeout = 60\n")
    result = run("-v")
    result.assert_outcomes(passed=4)
    assert "mp.lit" not in result.stdout.str().replace("data/other.lit", "")
    pytester.makeini("[pytest]\nlitmus_timeout = soon\n")
    run().stdout.fnmatch_lines(["*litmus_timeout: 'soon' is no number of seconds*"])


def test_processes_of_xdist(pytester, run):
    pytest.importorskip("xdist")
    write(pytester, mp_lit=MP)
    run("-p", "xdist.plugin", "-n", "2").assert_outcomes(passed=7, failed=1)
    pytester.makeini(HURRIED)
    result = run("-p", "xdist.plugin", "-n", "2", "-v", "-k", "ordered and stale and sc")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*UNKNOWN*mp.lit*"])


def test_projects_without_such_files_pay_nothing(pytester, run):
    pytester.makepyfile(
        """
        import sys
        def test_imported():
            assert {n for n in sys.modules if n.startswith("litmus")} == {"litmus", "litmus.pytest_plugin"}
        """
    )
    run().assert_outcomes(passed=1)


def test_the_module_imports_nothing_of_ours():
    code = "import sys, pytest; a = set(sys.modules); import litmus.pytest_plugin; print(*(set(sys.modules) - a))"
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert set(found.stdout.split()) == {"litmus", "litmus.pytest_plugin"}
