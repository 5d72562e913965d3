"""What `litmus export --arch all` writes, and what `--check` says when it is out of date. CI checks generated/ too."""

import json
from pathlib import Path

import pytest

from litmus.arch.compile import compile_for
from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.exporting import MODELS

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"

TEST = """litmus "t"
models lkmm, x86;
unsigned long flags;
int x;
thread A { set_bit(0, &flags); [A2] smp_mb(); r = READ_ONCE(x); }
thread B { WRITE_ONCE(x, 1); smp_mb(); bool s = test_bit(0, &flags); }
forbid none: A.r == 0 && !B.s;
allow both: A.r == 1 && B.s;
variant grace { replace A2 { synchronize_rcu(); } }
"""


@pytest.fixture
def written(tmp_path, monkeypatch, litmus):
    monkeypatch.chdir(tmp_path)
    Path("t.lit").write_text(TEST)
    ran = litmus("export", "t.lit", "--arch", "all", "--lower", "-o", "out")
    assert ran.status == 0, ran.err
    return tmp_path / "out"


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.litmus")}


def test_every_assertion_has_a_file_for_every_target(written):
    assert {"lkmm/t.none.litmus", "x86/t.both.litmus", "lkmm/t+grace.none.litmus", "riscv/t.both.litmus"} <= files(
        written
    )
    text = (written / "lkmm" / "t.none.litmus").read_text()
    assert text.startswith("C t.none\n")
    assert " * Result: Never\n" in text
    assert "from t.lit, test t, forbid none; do not edit." in text


def test_the_manifest_says_what_could_not_be_written(written):
    told = json.loads((written / "manifest.json").read_text())
    assert told["sources"] == ["t.lit"]
    assert told["files"]["lkmm"] == 4
    assert "a grace period is no instruction" in told["refused"]["x86"]["t/grace"]
    assert "x86/t+grace.none.litmus" not in files(written)


def test_what_is_written_is_up_to_date_and_the_same_again(written, litmus):
    before = {path: path.read_bytes() for path in written.rglob("*") if path.is_file()}
    ran = litmus("export", "--check", "out")
    assert ran.status == 0, ran.err
    assert "up to date" in ran.out
    assert litmus("export", "t.lit", "--arch", "all", "--lower", "-o", "out").status == 0
    assert {path: path.read_bytes() for path in written.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda out: (out / "x86" / "t.both.litmus").unlink(), "out/x86/t.both.litmus: missing"),
        (
            lambda out: (out / "lkmm" / "t.old.litmus").write_text((out / "lkmm" / "t.none.litmus").read_text()),
            "out/lkmm/t.old.litmus: nothing is exported to this file any more",
        ),
        (
            lambda _: Path("t.lit").write_text(TEST.replace("smp_mb(); r", "smp_wmb(); r", 1)),
            "out/lkmm/t.none.litmus: line",
        ),
        (lambda out: (out / "manifest.json").write_text((out / "manifest.json").read_text() + " "), "manifest.json"),
    ],
)
def test_what_is_out_of_date_is_named(written, litmus, change, told):
    change(written)
    ran = litmus("export", "--check", "out")
    assert ran.status == 1
    assert told in ran.err
    assert "to write it again: litmus export t.lit --arch all --lower -o out" in ran.err
    assert litmus("export", "t.lit", "--arch", "all", "--lower", "-o", "out").status == 0
    assert litmus("export", "--check", "out").status == 0


def test_a_folder_without_a_manifest_is_an_error(tmp_path, litmus):
    ran = litmus("export", "--check", tmp_path)
    assert ran.status == 2
    assert "no manifest.json in" in ran.err


def test_nothing_to_export_is_an_error(litmus):
    ran = litmus("export")
    assert ran.status == 2
    assert "which files?" in ran.err


def test_two_tests_of_one_name_are_an_error(tmp_path, monkeypatch, litmus):
    monkeypatch.chdir(tmp_path)
    for name in ("one.lit", "two.lit"):
        Path(name).write_text(TEST)
    ran = litmus("export", "one.lit", "two.lit", "--lower", "-o", "out")
    assert ran.status == 2
    assert "is that of the test at one.lit:1:" in ran.err


def test_what_has_no_words_is_an_error_unless_asked_for(tmp_path, monkeypatch, litmus):
    monkeypatch.chdir(tmp_path)
    Path("t.lit").write_text(TEST)
    ran = litmus("export", "t.lit", "-o", "out")
    assert ran.status == 2
    assert (
        "t.lit:5:12: error: herd's C has no set_bit() (--lower writes set_bit(n, w) as atomic_or(1 << n, w))" in ran.err
    )


def test_generated_holds_what_its_manifest_counts():
    told = json.loads((GENERATED / "manifest.json").read_text())
    assert told["sources"] == ["docs/examples/gup", "docs/examples/kernel"]
    counted = {model: len(list((GENERATED / model).glob("*.litmus"))) for model in told["files"]}
    assert counted == told["files"]
    assert min(counted.values()) > 400


def generated(model: str) -> list[Path]:
    return sorted((GENERATED / model).glob("*.litmus"))


@pytest.mark.parametrize("model", MODELS)
def test_all_that_is_generated_can_be_read_back(model):
    for path in generated(model):
        (program,) = parse(Source(path.name, path.read_text(encoding="utf-8")))
        assert program.name == path.name.removesuffix(".litmus")
        assert program.result is not None, path
        compile_for(program, model)


@pytest.mark.parametrize("model", MODELS)
def test_a_sample_of_it_has_the_result_that_it_states(model):
    """tests/differential/exports_read_back.py asks all of them."""
    asked = 0
    for path in generated(model)[7::25]:
        (program,) = parse(Source(path.name, path.read_text(encoding="utf-8")))
        result = evaluate(program, model, Settings(seconds=2))
        if result.out_of_time:
            continue
        (tally,) = result.tallies
        found = "DEADLOCK" if result.executions == 0 else str(tally.observation)
        assert (found, result.inexact) == (program.result.split()[0], ()), path
        asked += 1
    assert asked > 12
