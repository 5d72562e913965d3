"""Answers that are kept: the same as fresh ones, and never one that does not hold any more."""

import errno
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from litmus.suite import evaluation
from litmus.suite.answer import Answer
from litmus.suite.journal import _MARK
from litmus.suite.kept import _of_plain, _plain
from litmus.suite.status import Status
from litmus.suite.trace import trace

MP = """litmus "mp"
models lkmm, sc;
int x = 0, y = 0;
thread W { WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); }
thread R { int a = READ_ONCE(y); int b = READ_ONCE(x); }
forbid stale: R.a == 1 && R.b == 0;
"""
DOUBTED = "C one\n(* Result: Always *)\n{ x=0; }\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nexists (x=1)\n"
CAT = '"mine"\ninclude "rest.cat"\nacyclic po | rf | co | fr as sc\n'


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path / "kept"))
    # In the process of these tests others have read models that are gone since.
    monkeypatch.setattr(trace(), "shared", {})


@pytest.fixture
def evaluations(monkeypatch):
    """The tests that were evaluated, not served."""
    seen = []
    real = evaluation.evaluate

    def counted(program, model, *rest):
        seen.append(f"{program.title} {model}")
        return real(program, model, *rest)

    for module in ("command", "comparison", "picture", "evaluation"):
        place = sys.modules.get(f"litmus.suite.{module}") or __import__(f"litmus.suite.{module}", fromlist=["*"])
        monkeypatch.setattr(place, "evaluate", counted)
    return seen


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "--format", "json"),
        ("check", "--matrix"),
        ("check", "--format", "junit"),
        ("check", "--format", "sarif"),
        ("check", "--format", "tap"),
        ("check", "--format", "github"),
        ("run",),
        ("run", "--format", "json"),
        ("run", "--format", "herd"),
        ("run", "--counts"),
        ("run", "--timelines"),
        ("run", "--verdict-only"),
    ],
)
def test_what_is_served_is_what_was_printed(litmus, tmp_path, evaluations, arguments):
    write(tmp_path, a_lit=MP, b_litmus=DOUBTED)
    fresh = litmus(*arguments, "-j1", tmp_path)
    assert evaluations
    evaluations.clear()
    assert litmus(*arguments, "-j1", tmp_path) == fresh
    assert not evaluations
    assert litmus(*arguments, tmp_path) == fresh
    assert not evaluations


def test_other_questions_are_not_answered_by_it(litmus, tmp_path, evaluations):
    write(tmp_path, a_lit=MP)
    path = tmp_path / "a.lit"
    asked = [
        ("check", path),
        ("run", path),
        ("run", "--counts", path),
        ("check", path, "--unroll", 3),
        ("check", path, "--model", "sc"),
        ("check", path, "--engine", "sat"),
        ("check", path, "--bitops", "pre-6.0"),
    ]
    for arguments in asked:
        evaluations.clear()
        litmus(*arguments)
        assert evaluations, arguments


def test_a_test_that_changed_is_evaluated(litmus, tmp_path, evaluations):
    write(tmp_path, a_lit=MP, b_litmus=DOUBTED)
    litmus("check", "-j1", tmp_path)
    evaluations.clear()
    write(tmp_path, a_lit=MP.replace("WRITE_ONCE(y", "smp_store_release(&y"))
    litmus("check", "-j1", tmp_path)
    assert evaluations == ["mp lkmm", "mp sc"]


def test_a_model_that_changed_is_asked_again(litmus, tmp_path):
    """In processes of their own, as a process reads a model once."""
    write(tmp_path, a_lit=MP, mine_cat=CAT, rest_cat="let unused = po\n")

    def check():
        arguments = ("check", "a.lit", "--model", "mine.cat", "--target", "lkmm")
        return subprocess.run(
            [sys.executable, "-m", "litmus", *arguments], cwd=tmp_path, capture_output=True
        ).returncode

    assert [check(), check()] == [0, 0]
    write(tmp_path, mine_cat=CAT.replace("acyclic po |", "acyclic"))
    assert check() == 1
    write(tmp_path, mine_cat=CAT)
    assert check() == 0
    write(tmp_path, rest_cat='"rest"\nlet po = 0\n')
    assert check() == 1


def test_an_include_that_changed(litmus, tmp_path, evaluations):
    text = MP.replace("models", 'include "part.inc";\nmodels').replace("WRITE_ONCE(x, 1)", "WRITE_ONCE(x, one())")
    path = write(tmp_path, a_lit=text, part_inc="define one() = 1;\n") / "a.lit"
    fresh = litmus("check", path)
    assert fresh.status == 1
    assert litmus("check", path) == fresh
    assert len(evaluations) == 2
    write(tmp_path, part_inc="define one() = 0 + 1;\n")
    assert litmus("check", path) == fresh
    assert len(evaluations) == 4
    (tmp_path / "part.inc").unlink()
    assert litmus("check", path).status == 2


@pytest.mark.parametrize("arguments", [("--timeout", "0.0000001"), ("--no-cache",)])
def test_nothing_is_kept(litmus, tmp_path, evaluations, arguments):
    path = write(tmp_path, a_lit=MP) / "a.lit"
    first = litmus("check", path, *arguments)
    evaluations.clear()
    assert litmus("check", path, *arguments).status == first.status
    assert evaluations


def test_errors_are_not_kept(litmus, tmp_path):
    path = write(tmp_path, a_lit=MP.replace("READ_ONCE", "READ_TWICE")) / "a.lit"
    assert [litmus("check", path).status for _ in range(2)] == [2, 2]
    write(tmp_path, a_lit=MP)
    assert litmus("check", path).status == 1


@pytest.mark.parametrize("harm", [b"", b"x" * 50])
def test_damaged_entries_are_none(litmus, tmp_path, evaluations, harm):
    path = write(tmp_path, a_lit=MP) / "a.lit"
    fresh = litmus("check", path)
    for entry in (tmp_path / "kept").rglob("answers-*.kept"):
        entry.write_bytes(entry.read_bytes()[: -len(harm) or 0] + harm)
    evaluations.clear()
    assert litmus("check", path) == fresh
    assert evaluations


def test_a_full_disk(litmus, tmp_path, monkeypatch, evaluations):
    path = write(tmp_path, a_lit=MP) / "a.lit"

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        patch.setattr(os, "write", full)
        fresh = litmus("check", path)
    evaluations.clear()
    assert litmus("check", path) == fresh
    assert evaluations


def test_two_runs_at_a_time(tmp_path):
    for number in range(6):
        (tmp_path / f"{number}.lit").write_text(MP.replace("mp", f"mp{number}"))

    def run(_: int) -> str:
        command = [sys.executable, "-m", "litmus", "check", str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(run, range(3)))) == 1
    assert run(0) == run(1)


def test_an_unchanged_corpus_costs_less_than_a_second_for_a_thousand(litmus, tmp_path):
    for number in range(200):
        (tmp_path / f"{number}.litmus").write_text(DOUBTED.replace("one", f"one{number}"))
    fresh = litmus("check", "-j1", tmp_path)
    started = time.process_time()
    assert litmus("check", "-j1", tmp_path) == fresh
    assert time.process_time() - started < 0.2


def test_a_package_that_is_installed_anew_is_the_same(tmp_path):
    root = Path(__file__).parents[2]
    for name in ("litmus", "grammar", "models"):
        shutil.copytree(root / name, tmp_path / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    write(tmp_path, a_lit=MP)

    def answers() -> int:
        """How many answers are kept once the test was checked."""
        command = [sys.executable, "-m", "litmus", "check", str(tmp_path / "a.lit")]
        assert subprocess.run(command, cwd=tmp_path / "copy", env={**os.environ, "PYTHONPATH": ""}).returncode == 1
        return sum(entry.read_bytes().count(_MARK) for entry in (tmp_path / "kept").rglob("answers-*.kept"))

    assert answers() == 1
    for path in (tmp_path / "copy").rglob("*.py"):
        os.utime(path, (1, 1))
    assert answers() == 1
    with (tmp_path / "copy/litmus/engine/judge.py").open("a") as file:
        file.write("# changed\n")
    assert answers() == 2


def test_answers_as_plain_data():
    answer = Answer("out", "error", Status.FAILED, (Status.OK, Status.FAILED), 0, 1)
    assert _of_plain(_plain(answer)) == answer
    with pytest.raises(TypeError):
        _plain(object())
    with pytest.raises(ValueError, match="os"):
        _of_plain(("os", "system", "true"))
