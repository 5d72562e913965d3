"""``litmus convert``: where texts go, and what becomes of files that cannot be converted."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "golden" / "convert"
TESTS = sorted(path.stem for path in FOLDER.glob("*.litmus"))


@pytest.mark.parametrize("name", TESTS)
def test_golden(litmus, golden, monkeypatch, name):
    monkeypatch.chdir(FOLDER)
    ran = litmus("convert", f"{name}.litmus")
    assert ran.status == 0
    golden(f"convert/{name}.lit", ran.out)


@pytest.mark.parametrize("name", TESTS)
def test_what_is_converted_is_held_to_the_same(litmus, tmp_path, name):
    """Both have the same statuses; a file that claims nothing is an error either way."""
    file = FOLDER / f"{name}.litmus"
    assert litmus("convert", "-o", tmp_path, file).status == 0
    assert litmus("check", file).status == litmus("check", tmp_path / f"{name}.lit").status


def test_several_tests_make_one_text(litmus, tmp_path):
    ran = litmus("convert", FOLDER / "srcu.litmus", FOLDER / "stuck.litmus")
    assert ran.status == 0
    assert ran.out.count('litmus "') == 2
    (tmp_path / "both.lit").write_text(ran.out)
    assert litmus("check", tmp_path / "both.lit").status == 0


def test_a_file_for_all(litmus, tmp_path):
    target = tmp_path / "new" / "all.lit"
    ran = litmus("convert", FOLDER / "srcu.litmus", FOLDER / "stuck.litmus", "-o", target)
    assert (ran.status, ran.out) == (0, f"{target}\n")
    assert target.read_text() == litmus("convert", FOLDER / "srcu.litmus", FOLDER / "stuck.litmus").out


def test_a_file_for_each(litmus, tmp_path):
    ran = litmus("convert", "-o", tmp_path / "new", FOLDER / "srcu.litmus", FOLDER / "stuck.litmus")
    assert ran.status == 0
    assert ran.out.splitlines() == [str(tmp_path / "new" / f"{name}.lit") for name in ("srcu", "stuck")]


def test_names_must_differ(litmus, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "srcu.litmus").write_text((FOLDER / "srcu.litmus").read_text())
    ran = litmus("convert", FOLDER / "srcu.litmus", other)
    assert ran.status == 2
    assert "the name 'srcu' is that of the test in" in ran.err
    ran = litmus("convert", "-o", tmp_path / "new", FOLDER / "srcu.litmus", other)
    assert ran.status == 2
    assert f"the file '{tmp_path / 'new' / 'srcu.lit'}' is that of the test in" in ran.err


BAD = {
    "assembly": ("X86 t\n{}\n P0 ;\n MOV [x],$1 ;\nexists (x=1)\n", 1, "X86 assembly has no form in our own language"),
    "c11": (
        "C t\n{}\nP0(int *x)\n{\n\tatomic_store(x, 1);\n}\nexists (x=1)\n", 5, "'atomic_store' is an operation of C11"
    ),
    "syntax": ("C t\n{}\nP0(int *x)\n{\n\tint r = *x\n}\nexists (x=1)\n", 6, "unexpected '}'"),
    "unknown": ("C t\n{}\nP0(int *x)\n{\n\tsmp_wbm();\n}\nexists (x=1)\n", 5, "unknown primitive 'smp_wbm'"),
    "predicts": ("C t\n(* Result: Seldom *)\n{}\nP0(int *x)\n{\n}\nexists (x=1)\n", 2, "'Result: Seldom' predicts"),
    "ours": ('litmus "t" int x; thread A { x = 1; }', 1, "this test is in our own language already"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_an_error_with_its_place(litmus, tmp_path, name):
    text, line, message = BAD[name]
    file = tmp_path / ("t.lit" if name == "ours" else "t.litmus")
    file.write_text(text)
    ran = litmus("convert", file, FOLDER / "srcu.litmus")
    assert ran.status == 2
    assert ran.out.startswith('litmus "srcu"')
    assert ran.err.startswith(f"{file}:{line}:")
    assert message in ran.err
    assert "^" in ran.err


@pytest.mark.parametrize("output", ["", "/proc/none/x.lit", "/proc/none"])
def test_nowhere_to_write(litmus, output):
    ran = litmus("convert", FOLDER / "srcu.litmus", "-o", output)
    assert (ran.status, ran.out) == (2, "")
    assert "error: " in ran.err
