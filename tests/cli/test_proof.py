"""``litmus run --proof`` and ``litmus check --proof``: what is written, and what is an error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pysat")

sys.path.insert(0, str(Path(__file__).parents[1] / "differential"))

import rup

BUFFER = """litmus "sb"
int x; int y;
thread A { WRITE_ONCE(x, 1); smp_mb(); int r = READ_ONCE(y); }
thread B { WRITE_ONCE(y, 1); smp_mb(); int r = READ_ONCE(x); }
forbid both_stale: A.r == 0 && B.r == 0;
"""
SEVERAL = BUFFER + "allow one_stale: A.r == 0 && B.r == 1;\nrequire small: A.r < 2;\nforbid data_race;\n"
POINTERS = """litmus "pointers"
int x = 1; int y = 2; int z = 3; int *p = &x;
thread A { WRITE_ONCE(p, &y); }
thread B { WRITE_ONCE(p, &z); }
thread C { int *r = READ_ONCE(p); int s = READ_ONCE(*r); }
forbid other: C.s == 4;
"""
LOOP = """litmus "loop"
int x;
thread A { for (int i = 0; READ_ONCE(x) == i; i++) { WRITE_ONCE(x, i + 1); } }
forbid three: x == 7;
"""
BUG = """litmus "bug"
int x; int y;
thread A { WRITE_ONCE(x, 1); smp_store_release(&y, 1); }
thread B { int r = smp_load_acquire(&y); if (r == 1) { int s = READ_ONCE(x); if (s == 0) BUG_ON(1); } }
forbid bug;
"""
RACE = 'litmus "race"\nint x;\nthread A { x = 1; }\nthread B { int r = x; }\nforbid data_race;\nforbid two: B.r == 2;\n'


@pytest.fixture
def prove(litmus, tmp_path):
    def run(text, *options, folder=None, name="T.lit"):
        path = tmp_path / name
        path.write_text(text)
        return litmus("run", "-m", "lkmm", "--proof", folder or tmp_path / "out", *options, path)

    return run


def _index(folder):
    return json.loads((folder / "index.json").read_text())


def test_files(prove, tmp_path):
    ran = prove(BUFFER)
    place = tmp_path / "out" / "sb@lkmm"
    assert ran.status == 0
    assert "both_stale: A.r == 0 && B.r == 0  Never  holds" in ran.out
    assert "1 formula refuted" in ran.out
    assert f"proof: {place}" in ran.out
    assert {file.name for file in place.iterdir()} == {
        "index.json", "0001-both_stale.cnf", "0001-both_stale.drat", "0001-both_stale.map.json",
    }  # fmt: skip
    index = _index(place)
    assert [claim["rests_on"] for claim in index["claims"]] == [["0001-both_stale.cnf"]]
    assert index["not_proved"] == []


def test_the_map_names_the_edges(prove, tmp_path):
    prove(BUFFER)
    found = json.loads((tmp_path / "out" / "sb@lkmm" / "0001-both_stale.map.json").read_text())
    meanings = {entry["meaning"] for entry in found["variables"] if entry["kind"] == "rf"}
    assert "[0] x initially -rf-> [7] B: R x" in meanings
    assert {entry["meaning"] for entry in found["variables"] if entry["kind"] == "asked"} == {"the condition is true"}
    assert sorted(part["reason"] for part in found["parts"] if part["reason"] in ("goal", "choice")) == [
        "choice",
        "goal",
    ]
    assert [0, 2] in found["sure"]["co"]


def test_several_claims_are_told_apart(prove, tmp_path):
    ran = prove(SEVERAL)
    assert ran.status == 0
    assert "not proved: allow one_stale: A.r == 0 && B.r == 1: Sometimes" in ran.out
    index = _index(tmp_path / "out" / "sb@lkmm")
    assert [claim["no_execution"] for claim in index["claims"]] == [
        "has the condition true", "has the condition false", "has the condition true",
    ]  # fmt: skip
    assert all(claim["rests_on"] for claim in index["claims"])
    assert [entry["claim"] for entry in index["not_proved"]] == ["allow one_stale: A.r == 0 && B.r == 1"]


def test_nothing_to_prove_is_an_error(prove, tmp_path):
    ran = prove(BUFFER.replace("smp_mb();", ""))
    assert ran.status == 2
    assert "nothing to prove of 'sb' under lkmm" in ran.err
    assert "Sometimes" in ran.err
    assert not (tmp_path / "out").exists()


def test_a_claim_about_a_bug(prove, tmp_path):
    """Only the event structures that come to the BUG_ON() are asked about it."""
    assert prove(BUG).status == 0
    structures = _index(tmp_path / "out" / "bug@lkmm")["structures"]
    assert [bool(structure["formulas"]) for structure in structures] == ["bug" in s["marks"] for s in structures]
    assert sum("bug" in structure["marks"] for structure in structures) == 1


def test_a_data_race_that_there_is(prove):
    ran = prove(RACE)
    assert "data_race: data_race  Always" in ran.out
    assert ran.status == 0
    ran = prove(RACE.replace("x = 1", "WRITE_ONCE(x, 1)").replace("int r = x", "int r = READ_ONCE(x)"))
    assert ran.status == 0
    assert "2 formulas refuted" in ran.out


def test_what_is_cut_off_is_not_proved(prove, tmp_path):
    ran = prove(LOOP)
    assert ran.status == 3
    assert "the answer is not complete: bounded" in ran.err
    assert not (tmp_path / "out").exists()


def test_same_input_same_files(tmp_path):
    """Whatever the order of sets of strings is in a process."""
    path = tmp_path / "T.lit"
    path.write_text(POINTERS)
    found = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "litmus", "run", "-m", "lkmm", "--proof", str(tmp_path / seed), str(path)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed})
        place = tmp_path / seed / "pointers@lkmm"
        found.append({file.name: file.read_bytes() for file in place.iterdir()})
    assert len(found[0]) > 3
    assert found[0] == found[1]


def test_proofs_are_replaced_as_a_whole(prove, tmp_path):
    prove(SEVERAL)
    prove(BUFFER)
    assert len(list((tmp_path / "out" / "sb@lkmm").iterdir())) == 4
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["sb@lkmm"]


def test_other_peoples_folders_are_left_alone(prove, tmp_path):
    mine = tmp_path / "out" / "sb@lkmm"
    mine.mkdir(parents=True)
    (mine / "letter.txt").write_text("dear")
    ran = prove(BUFFER)
    assert ran.status == 2
    assert "holds something else" in ran.err
    assert [file.name for file in mine.iterdir()] == ["letter.txt"]
    assert prove(BUFFER, folder=tmp_path / "other").status == 0
    ran = prove(BUFFER, folder=tmp_path / "other", name="U.lit")
    assert "holds something else" in ran.err


def test_no_directory_to_write_to(prove, tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", "/proc/nowhere"):
        ran = prove(BUFFER, folder=folder)
        assert ran.status == 2
        assert "Traceback" not in ran.err
        assert "error:" in ran.err


def test_a_time_limit_leaves_no_half_of_a_proof(prove, tmp_path):
    text = 'litmus "inc"\natomic_t x;\nthread A[16] { int r = atomic_fetch_inc(&x); }\nforbid lost: x != 16;\n'
    ran = prove(text, "--timeout", "0.05")
    assert ran.status == 3
    assert "time limit" in ran.err
    assert not any(tmp_path.glob("out/inc@lkmm*"))
    assert not any(tmp_path.glob("out/.*"))


@pytest.mark.parametrize(
    "options", [["--engine", "explicit"], ["--counts"], ["--timelines"], ["--format", "json"], ["--format", "herd"]]
)
def test_what_does_not_go_with_proofs(prove, options):
    ran = prove(BUFFER, *options)
    assert ran.status == 2
    assert "--proof" in ran.err


def test_a_test_in_assembly(litmus, tmp_path):
    path = tmp_path / "MP.litmus"
    path.write_text(
        "AArch64 MP\n{ 0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x; }\n P0 | P1 ;\n MOV W0,#1 | LDAR W0,[X1] ;\n"
        " STR W0,[X1] | LDR W2,[X3] ;\n MOV W2,#1 | ;\n STLR W2,[X3] | ;\nexists (1:X0=1 /\\ 1:X2=0)\n"
    )
    ran = litmus("run", "--proof", tmp_path / "out", path)
    assert ran.status == 0
    assert (tmp_path / "out" / "MP@armv8" / "0001-MP.drat").is_file()


STORES = """RISCV T
{ 0:x28=x; 0:x29=y; 1:x28=x; 1:x29=y; }
 P0 | P1 ;
 ori x5,x0,1 | ori x5,x0,1 ;
 sw x5,0(x28) | sw x5,0(x29) ;
 lw x6,0(x29) | lw x6,0(x28) ;
exists (0:x6=0 /\\ 1:x6=0)
"""
SC = "acyclic po | rf | co | fr as sc\n"


def _under(litmus, tmp_path, cat, text=STORES):
    (tmp_path / "own.cat").write_text(f'include "cos.cat"\n{cat}')
    (tmp_path / "T.litmus").write_text(text)
    ran = litmus("run", "--model", tmp_path / "own.cat", "--proof", tmp_path / "out", tmp_path / "T.litmus")
    assert ran.status == 0
    (structure,) = _index(tmp_path / "out" / "T@own")["structures"]
    return structure["formulas"]


def test_executions_that_the_formula_lets_through_and_the_model_does_not(litmus, tmp_path):
    """A recursive definition that is subtracted is stated from one side only: what else there is, is refused singly."""
    recursive = "let rec reach = rf | (reach ; po ; reach)\nempty ((W * R) & loc & ext \\ reach) as seen\n"
    (formula,) = _under(litmus, tmp_path, f"{recursive}acyclic po | rf | co as order\n")
    assert formula["refused"]
    parts = json.loads((tmp_path / "out" / "T@own" / "0001-T.map.json").read_text())["parts"]
    (part,) = (part for part in parts if part["reason"] == "refused")
    assert part["clauses"][1] - part["clauses"][0] + 1 == formula["refused"]


def test_that_a_test_has_a_meaning_is_proved_too(litmus, tmp_path):
    formulas = _under(litmus, tmp_path, f"{SC}undefined_unless empty 0 as fine\n")
    assert [formula["formula"] for formula in formulas] == ["0001-model-fine", "0001-T"]
    (claim,) = _index(tmp_path / "out" / "T@own")["claims"]
    assert claim["and_on"] == ["0001-model-fine.cnf"]


def test_a_formula_for_each_choice_of_the_model(litmus, tmp_path):
    formulas = _under(litmus, tmp_path, f"{SC}with x from {{po, addr}}\nempty x & 0 as nothing\n")
    assert [formula["formula"] for formula in formulas] == ["0001-T", "0001.2-T"]


def test_a_filter_is_part_of_what_is_refuted(litmus, tmp_path):
    filtered = STORES.replace("exists (0:x6=0 /\\ 1:x6=0)", "filter (0:x6=0)\nexists (1:x6=0)")
    (formula,) = _under(litmus, tmp_path, SC, filtered)
    parts = json.loads((tmp_path / "out" / "T@own" / "0001-T.map.json").read_text())["parts"]
    assert formula["question"] == "the condition of 'T' is true"
    assert [part["text"] for part in parts if part["reason"] == "goal"] == [
        "the filter of the test is true", "the condition is true",
    ]  # fmt: skip


@pytest.fixture
def check(litmus, tmp_path):
    def run(text, *options, name="T.lit"):
        path = tmp_path / name
        path.write_text(text)
        return litmus("check", "-m", "lkmm", "--proof", tmp_path / "out", *options, path)

    return run


def test_a_check_proves_what_it_rests_on(check, tmp_path):
    ran = check(BUFFER)
    place = tmp_path / "out" / "sb@lkmm"
    assert ran.status == 0
    assert f"  proof: {place}, 1 formula refuted, 24 clauses\n" in ran.out
    assert ran.out.endswith("1 expectation: 1 hold, 0 fail, 0 unknown\n")
    assert rup.check((place / "0001-both_stale.cnf").read_text(), (place / "0001-both_stale.drat").read_text())


def test_a_check_proves_only_what_absence_decides(check, tmp_path):
    """An execution shows what is allowed; that no other one is needed is nothing to prove."""
    assert check(SEVERAL + "allow fine: A.r < 2;\n").status == 0
    index = _index(tmp_path / "out" / "sb@lkmm")
    assert [claim["claim"].split(":")[0] for claim in index["claims"]] == [
        "forbid both_stale", "require small", "forbid data_race",
    ]  # fmt: skip
    for structure in index["structures"]:
        for formula in structure["formulas"]:
            files = [tmp_path / "out" / "sb@lkmm" / f"{formula['formula']}.{end}" for end in ("cnf", "drat")]
            assert rup.check(*(file.read_text() for file in files))


def test_a_check_proves_why_something_allowed_is_missed(check, tmp_path):
    ran = check(BUFFER.replace("forbid", "allow"))
    assert ran.status == 1
    assert [claim["observation"] for claim in _index(tmp_path / "out" / "sb@lkmm")["claims"]] == ["Never"]


def test_a_check_without_anything_to_prove_is_no_error(check, tmp_path):
    for text, status in ((BUFFER.replace("smp_mb();", ""), 1), (LOOP, 3)):
        ran = check(text)
        assert ran.status == status
        assert "proof" not in ran.out
    assert not (tmp_path / "out").exists()


def test_a_check_with_proofs_in_other_formats_and_with_settings(check, tmp_path):
    (tmp_path / "litmus.toml").write_text('paths = ["."]\n')
    ran = check(
        BUFFER, "--settings", tmp_path / "litmus.toml", "--output", f"text={tmp_path / 'text'}", "--format", "json"
    )
    assert ran.status == 0
    assert json.loads(ran.out)["verdict"] == "ok"
    assert "proof: " in (tmp_path / "text").read_text()
    assert (tmp_path / "out" / "sb@lkmm" / "index.json").is_file()


def test_a_result_comment_is_proved(check, tmp_path):
    text = (
        "C T\n\n(* Result: Never *)\n\n{}\n\nP0(int *x, int *y)\n{\n\tWRITE_ONCE(*x, 1);\n\tsmp_mb();\n"
        "\tint r = READ_ONCE(*y);\n}\n\nP1(int *x, int *y)\n{\n\tWRITE_ONCE(*y, 1);\n\tsmp_mb();\n"
        "\tint r = READ_ONCE(*x);\n}\n\nexists (0:r=0 /\\ 1:r=0)\n"
    )
    assert check(text, name="T.litmus").status == 0
    assert (tmp_path / "out" / "T@lkmm" / "0001-T.drat").is_file()


@pytest.mark.parametrize("options", [["--engine", "explicit"], ["--matrix"], ["--update"]])
def test_what_does_not_go_with_proofs_of_a_check(check, options):
    ran = check(BUFFER, *options)
    assert ran.status == 2
    assert "--proof" in ran.err
