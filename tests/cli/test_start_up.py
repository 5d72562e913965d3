"""Nothing heavy is imported before it is needed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"lark", "networkx", "jinja2", "rich", "pysat", "hashlib", "multiprocessing", "concurrent.futures", "logging"}
OURS = 'litmus "a"\nint x = 0;\nthread P { WRITE_ONCE(x, 1); }\nrequire one: x == 1;\n'
KERNEL = "C a\n(* Result: Always *)\n{ x=0; }\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nexists (x=1)\n"
ARM = "AArch64 a\n(* Result: Always *)\n{ 0:X1=x; }\n P0          ;\n MOV W0,#1   ;\n STR W0,[X1] ;\nexists (x=1)\n"
TESTS = {"a.lit": OURS, "c.litmus": KERNEL, "arm.litmus": ARM}


def imported(*arguments):
    code = (
        "import sys\nfrom litmus.cli.main import status_of\n"
        f"status = status_of({[str(argument) for argument in arguments]!r})\n"
        "assert status == 0\n"
        "print('imported', *sorted(sys.modules))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("run", "--help"), ("models",)])
def test_commands_that_read_no_test(arguments):
    assert imported(*arguments).isdisjoint(HEAVY)


def test_version_imports_nothing():
    found = imported("--version")
    assert {name for name in found if name.startswith("litmus")} == {"litmus", "litmus.cli", "litmus.cli.main"}
    assert found.isdisjoint({"click", "pathlib", "dataclasses", "inspect"})


@pytest.mark.parametrize("name", TESTS)
def test_a_plain_check(tmp_path, name):
    path = tmp_path / name
    path.write_text(TESTS[name])
    imported("check", path)  # fills the store
    found = imported("check", path)
    assert found.isdisjoint(HEAVY | {"tomllib", "json", "difflib"})
    assert found.isdisjoint({"litmus.cat.interpret", "litmus.cat.parse", "litmus.engine.sat.search"})
    assert imported("check", "--no-cache", path).isdisjoint({"networkx", "jinja2", "rich", "pysat"})


def test_no_cache_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path / "kept"))
    path = tmp_path / "a.lit"
    path.write_text(OURS)
    imported("check", "--no-cache", path)
    assert not (tmp_path / "kept").exists()
    imported("check", path)
    assert (tmp_path / "kept").exists()


def test_answers_are_the_same_whatever_is_kept(litmus, tmp_path, monkeypatch):
    path = tmp_path / "c.litmus"
    path.write_text(KERNEL)
    expected = litmus("run", path, "--no-cache")
    for place in ("off", tmp_path / "kept", tmp_path / "kept", path / "below a file"):
        monkeypatch.setenv("LITMUS_CACHE", str(place))
        answer = subprocess.run([sys.executable, "-m", "litmus", "run", path], capture_output=True, text=True)
        assert (answer.returncode, answer.stdout, answer.stderr) == (expected.status, expected.out, expected.err)


@pytest.fixture
def copy(tmp_path):
    """The package somewhere without compiled modules."""
    root = Path(__file__).parents[2]
    for name in ("litmus", "grammar", "models"):
        shutil.copytree(root / name, tmp_path / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


@pytest.mark.parametrize("kept", [True, False])
def test_code_is_kept_where_python_must_not_keep_it(copy, tmp_path, monkeypatch, kept):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path / "kept") if kept else "off")
    (copy / "a.litmus").write_text(KERNEL)
    for _ in range(2):
        subprocess.run([sys.executable, "-m", "litmus", "check", "a.litmus"], cwd=copy, check=True, capture_output=True)
    assert not list(copy.rglob("*.pyc"))
    assert bool(list(tmp_path.rglob("engine/judge.*.pyc"))) is kept
    with (copy / "litmus/__init__.py").open("a") as file:  # what was compiled is not what is run any more
        file.write("\n__version__ = 'changed'\n")
    with (copy / "litmus/cli/check.py").open("a") as file:
        file.write("\nraise SystemExit(77)\n")
    changed = subprocess.run([sys.executable, "-m", "litmus", "check", "a.litmus"], cwd=copy, capture_output=True)
    assert changed.returncode == 77
