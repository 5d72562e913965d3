"""pytest answers exactly what `litmus check` answers: the same files and configuration, one expectation at a time."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MP = """litmus "{0}"
models lkmm, sc;
int x = 0, y = 0;
thread W {{ [W1] WRITE_ONCE(x, 1); [W2] WRITE_ONCE(y, 1); }}
thread R {{ [R1] int a = READ_ONCE(y); [R2] int b = READ_ONCE(x); }}
forbid stale: R.a == 1 && R.b == 0;
allow seen: R.a == 1 && R.b == 1;
variant ordered {{ replace W2 {{ smp_store_release(&y, 1); }} replace R1 {{ int a = smp_load_acquire(&y); }} }}
"""
HERD = (
    "C {0}\n{1}\n{{ x=0; }}\nP0(int *x)\n{{\n\tWRITE_ONCE(*x, 1);\n}}\n"
    "P1(int *x)\n{{\n\tint r0;\n\tr0 = {2};\n}}\nexists (x=1)\n"
)
SPIN = """litmus "spin"
models lkmm;
int x; int y;
thread A { WRITE_ONCE(x, 1); }
thread B { while (READ_ONCE(x) == 0) { WRITE_ONCE(y, 1); } int r = READ_ONCE(y); }
forbid never: B.r == 7;
"""
SETTINGS = """
paths = ["."]
models = []
baseline = "known.json"
[[path]]
match = "expected.litmus"
expect = { lkmm = "Always", sc = "Never", "mine.cat" = "Sometimes" }
target = "lkmm"
[[path]]
match = "slow.lit"
timeout = 1e-9
[[path]]
match = "sc.lit"
models = "sc"
[[path]]
match = "ours.lit"
expect = "Never"
[[path]]
match = "mine.lit"
models = ["lkmm", "mine.cat"]
target = "lkmm"
unroll = 3
"""
OUTCOMES = {
    "holds": "passed", "expects nothing": "skipped", "known deviation": "xfailed", "fails": "failed",
    "no execution": "failed", "timed out": "unknown", "bound met": "unknown", "unknown": "unknown",
}  # fmt: skip
"""What each status of `litmus check` is under pytest, the gravest last."""
GRAVITY = ("skipped", "passed", "xfailed", "unknown", "failed")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for key, value in {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}.items():
        monkeypatch.setenv(key, value)
    for name in ("mp", "known", "slow", "sc", "ours", "mine"):
        Path(f"{name}.lit").write_text(MP.format(name))
    Path("spin.lit").write_text(SPIN)
    Path("bad.lit").write_text("litmus broken {")
    Path("silent.lit").write_text('litmus "silent"\nint x = 0;\nthread P { WRITE_ONCE(x, 1); }\n')
    Path("foreign.lit").write_text(MP.format("foreign").replace("lkmm, sc", "lkmm, skmm"))
    once = "READ_ONCE(*x)"
    Path("always.litmus").write_text(HERD.format("always", "(* Result: Always *)", once))
    Path("never.litmus").write_text(HERD.format("never", "(* Result: Never *)", once))
    Path("maybe.litmus").write_text(HERD.format("maybe", "(* Result: Maybe *)", once))
    Path("typo.litmus").write_text(HERD.format("typo", "(* Result: Nver *)", once))
    Path("race.litmus").write_text(HERD.format("race", "(* Result: Always DATARACE *)", "*x"))
    Path("racy.litmus").write_text(HERD.format("racy", "(* Result: Always *)", "*x"))
    Path("expected.litmus").write_text(HERD.format("expected", "", once))
    empty = HERD.format("empty", "", once).replace("exists (x=1)", "filter (1:r0=7)\n~exists (x=2)")
    Path("empty.litmus").write_text(empty)
    Path("mine.cat").write_text('"mine.cat"\nacyclic po | rf | fr | co as sc\n')
    Path("litmus.toml").write_text(SETTINGS.replace("models = []\n", ""))
    litmus("check", "known.lit", "--update")
    Path("mp.lit").write_text(MP.format("mp").replace("forbid stale", "forbid fresh: R.a == 7;\nforbid stale"))


def litmus(*arguments):
    command = [sys.executable, "-m", "litmus", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def by_check(*arguments):
    """What `litmus check` answers: an outcome for each item, and the tests or files that have an error."""
    found, broken = defaultdict(set), set()
    for line in litmus("check", *arguments, "--format", "json").stdout.splitlines():
        told = json.loads(line)
        if "error" in told:
            broken.add(told["file"])
        elif "warning" not in told:
            title = f"{told['test']}/{told['variant']}" if told["variant"] else told["test"]
            claim = "Result" if told["assertion"] in ("Result", "DATARACE") else told["assertion"] or told["expected"]
            found[f"{title}.{claim}[{told['model']}]"].add(OUTCOMES[told["status"]])
    return {name: max(outcomes, key=GRAVITY.index) for name, outcomes in found.items()}, broken


def by_pytest(*arguments):
    """The same of pytest; of what is no expectation the file."""
    command = [sys.executable, "-m", "pytest", "-p", "litmus.pytest_plugin", "--junitxml=junit.xml", *arguments]
    ran = subprocess.run([*command, "-o", "junit_family=xunit1"], capture_output=True, text=True)
    found, broken = {}, set()
    for case in ET.parse("junit.xml").getroot().iter("testcase"):
        if case.find("failure") is None or re.match(r".* under .* expected .*, found ", failure(case)):
            found[case.get("name").replace("mine.cat", "mine")] = outcome(case)
        else:
            broken.add(case.get("file"))
    return found, broken, ran


def failure(case):
    found = case.find("failure")
    return "" if found is None else found.text


def outcome(case):
    if case.find("skipped") is not None:
        return "xfailed" if case.find("skipped").get("type") == "pytest.xfail" else "skipped"
    if case.find("failure") is None:
        return "passed"
    return "unknown" if case.find("properties/property[@value='unknown']") is not None else "failed"


def test_they_agree(project):
    expected, errors = by_check()
    found, broken, ran = by_pytest()
    assert found == expected
    assert broken == errors
    assert set(found.values()) == set(GRAVITY)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stdout + ran.stderr


@pytest.mark.parametrize("arguments", [(), ("-n", "2"), ("-n", "2", "--dist", "loadfile")])
def test_they_agree_when_asked_again(project, arguments):
    """From what is kept, and in processes of xdist."""
    if arguments:
        pytest.importorskip("xdist")
        arguments = ("-p", "xdist.plugin", *arguments)
    first = by_pytest(*arguments)[:2]
    assert by_pytest(*arguments)[:2] == first
    assert first == by_check()


def test_they_agree_about_examples(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for key, value in {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}.items():
        monkeypatch.setenv(key, value)
    examples = [str(ROOT / "docs" / "examples" / name) for name in ("gup", "history")]
    expected, errors = by_check("-j1", *examples)
    found, broken, ran = by_pytest(*examples)
    assert (found, broken, errors) == (expected, set(), set())
    assert ran.returncode == 0


def test_without_settings(project):
    Path("pytest.ini").write_text("[pytest]\nlitmus_settings = none\n")
    expected, errors = by_check("--no-settings", ".")
    found, broken, _ = by_pytest()
    assert (found, broken) == (expected, errors - {"expected.litmus"})  # it claims nothing: pytest has no item for it
    assert "xfailed" not in found.values()


def test_settings_of_pytest_come_first(project):
    Path("pytest.ini").write_text("[pytest]\nlitmus_models = lkmm\nlitmus_timeout = 1e-9\n")
    expected, _ = by_check("mp.lit", "--model", "lkmm", "--timeout", "1e-9")
    assert by_pytest("mp.lit")[0] == expected
    assert set(expected.values()) == {"unknown"}


def test_settings_somewhere_else(project):
    Path("other").mkdir()
    Path("other/some.toml").write_text('models = "sc"\n')
    Path("pytest.ini").write_text("[pytest]\nlitmus_settings = other/some.toml\n")
    expected, _ = by_check("mp.lit", "--settings", "other/some.toml")
    assert by_pytest("mp.lit")[0] == expected
    assert set(expected.values()) == {"passed"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("tiemout = 1\n", "litmus.toml:1:1: error: litmus has no setting 'tiemout' here"),
        ('models = "lkm"\n', "did you mean 'lkmm'?"),
        ('baseline = "gone.json"\n', "no such file: 'gone.json'"),
    ],
)
@pytest.mark.parametrize("arguments", [(), ("-p", "xdist.plugin", "-n", "2")])
def test_settings_that_are_wrong(project, settings, message, arguments):
    if arguments:
        pytest.importorskip("xdist")
    Path("litmus.toml").write_text(settings)
    command = [sys.executable, "-m", "pytest", "-p", "litmus.pytest_plugin", *arguments, "mp.lit"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode != 0
    assert message in ran.stdout
    assert "passed" not in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


def test_a_known_deviation_is_looked_at_where_that_is_asked(project):
    assert by_pytest("known.lit")[0]["known.stale[lkmm]"] == "xfailed"
    assert by_pytest("known.lit", "--runxfail")[0]["known.stale[lkmm]"] == "failed"


def test_warnings_are_those_of_pytest(project):
    Path("doubt.litmus").write_text("C doubt\n\n{}\n\nP0(int *x)\n{\n\tr0 = READ_ONCE(*x);\n}\n\nforall (0:r0=0)\n")
    found, _, ran = by_pytest("doubt.litmus")
    assert found == by_check("doubt.litmus")[0]
    assert "LitmusWarning: doubt.litmus:7:2: warning: P0 assigns 'r0' without a declaration" in ran.stdout
    assert by_pytest("doubt.litmus", "-W", "error")[2].returncode == 1
    Path("litmus.toml").write_text("strict = true\n")
    assert by_pytest("doubt.litmus")[1] == by_check("doubt.litmus")[1] == {"doubt.litmus"}


def test_from_another_directory(project):
    """The configuration is that of the root of pytest where there is none here."""
    here = Path.cwd()
    Path("below").mkdir()
    Path("pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "litmus.pytest_plugin", "-q", f"{here.name}/sc.lit", "--co"]
    ran = subprocess.run(command, cwd=here.parent, capture_output=True, text=True)
    assert {line for line in ran.stdout.splitlines() if "::" in line} == {
        f"sc.lit::sc{variant}.{claim}[sc]" for variant in ("", "/ordered") for claim in ("stale", "seen")
    }


def test_what_is_kept_is_what_holds(project):
    """Answers that are kept are of this baseline, these settings and this text."""
    assert by_pytest("known.lit")[0]["known.stale[lkmm]"] == "xfailed"
    Path("known.json").write_text('{"version": 1, "deviations": []}')
    assert by_pytest("known.lit")[0]["known.stale[lkmm]"] == "failed"
    Path("known.lit").write_text(MP.format("known").replace("forbid stale", "allow stale"))
    assert by_pytest("known.lit")[0]["known.stale[lkmm]"] == "passed"
