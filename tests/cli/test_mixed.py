"""With --mixed, or a herd configuration or a test that says so, accesses of several sizes are what they are."""

import json
from pathlib import Path

import pytest

HALVES = """AArch64 halves
%s{ uint16_t x; uint64_t 1:X2; 0:X1=x; 1:X1=x; }
 P0              | P1           ;
 MOV W0,#1       | LDRH W2,[X1] ;
 STRB W0,[X1]    |              ;
 MOV W0,#2       |              ;
 STRB W0,[X1,#1] |              ;
exists (1:X2=0x200 /\\ x=0x201)
"""
ONE = "{ uint64_t x=0x0807060504030201; 0:X1=x; }\n P0 ;\n %s ;\nforall (0:X0=%s)"


@pytest.fixture
def halves(tmp_path: Path) -> Path:
    path = tmp_path / "halves.litmus"
    path.write_text(HALVES % "")
    return path


def one(folder: Path, instruction: str, value: int, text: str = ONE, dialect: str = "AArch64") -> Path:
    path = folder / "one.litmus"
    path.write_text(f"{dialect} one\n{text % (instruction, value)}\n")
    return path


def test_bytes_written_apart_may_be_seen_apart(litmus, halves):
    ran = litmus("run", "--mixed", "--format", "herd", halves)
    assert "States 4\n1:X2=0; [x]=513;\n1:X2=1; [x]=513;\n1:X2=512; [x]=513;\n1:X2=513; [x]=513;\n" in ran.out
    assert (ran.err, ran.status) == ("", 0)


@pytest.mark.parametrize("how", ["--mixed", "--variant=mixed", "--variant=MIXED", "--conf=m.cfg"])
def test_what_asks_for_it(litmus, halves, how, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("m.cfg").write_text("graph columns\nvariant mixed\n")
    assert litmus("run", how, halves).status == 0
    assert litmus("run", halves).status == 3


def test_a_test_may_ask_for_it_itself(litmus, halves):
    halves.write_text(HALVES % "Variant=mixed\n")
    assert litmus("run", halves).status == 0


@pytest.mark.parametrize(
    ("instruction", "value"),
    [
        ("LDRB W0,[X1,#7]", 8),
        ("LDRH W0,[X1,#2]", 0x0403),
        ("LDR W0,[X1,#4]", 0x08070605),
        ("LDRSB W0,[X1,#3]", 4),
    ],
)
def test_parts_of_an_initial_value(litmus, tmp_path, instruction, value):
    assert litmus("check", "--mixed", one(tmp_path, instruction, value)).status == 0


def test_big_endian_machines_keep_the_high_byte_first(litmus, tmp_path):
    text = "{ uint32_t x=0x01020304; 0:r1=x; }\n P0 ;\n %s ;\nforall (0:r2=%s)"
    assert litmus("check", "--mixed", "-m", "sc", one(tmp_path, "lbz r2,0(r1)", 1, text, "PPC")).status == 0


def test_the_steps_and_the_picture_name_the_bytes(litmus, halves):
    assert "x byte 1 = 2" in litmus("run", "--mixed", "--timelines", halves).out
    assert "x byte 1" in litmus("graph", "--mixed", "--format", "dot", halves).out


@pytest.mark.parametrize(
    ("instruction", "why"),
    [
        ("LDR W0,[X1,#2]", "an unaligned access of 4 bytes to 'x' is reachable"),
        ("LDR X0,[X1,#8]", "an access outside every object is reachable"),
    ],
)
def test_what_is_not_modelled_is_unknown_and_named(litmus, tmp_path, instruction, why):
    ran = litmus("check", "--mixed", "--format", "json", one(tmp_path, instruction, 0))
    assert why in json.dumps(json.loads(ran.out))
    assert ran.status == 3


def test_an_access_beyond_the_end_is_named(litmus, tmp_path):
    text = "{ uint16_t x; 0:X1=x; }\n P0 ;\n %s ;\nforall (0:X0=%s)"
    ran = litmus("check", "--mixed", one(tmp_path, "LDR W0,[X1]", 0, text))
    assert "an access of 4 bytes beyond the end of 'x' is reachable" in ran.out
    assert ran.status == 3


def test_a_model_that_knows_no_access_in_pieces_is_an_error(litmus, tmp_path):
    text = "{ uint32_t x; 0:r1=x; 0:r2=258; }\n P0 ;\n %s ;\n lwz r4,0(r1) ;\nforall (0:r4=%s)"
    ran = litmus("check", "--mixed", one(tmp_path, "stb r2,0(r1)", 0, text, "PPC"))
    assert "accesses of 'one' overlap in part, of which the model 'power' says nothing" in ran.err
    assert ran.status == 2


def test_addresses_have_no_parts(litmus, tmp_path):
    text = "{ int *x=y; 0:X1=x; }\n P0 ;\n %s ;\nforall (0:X0=%s)"
    ran = litmus("check", "--mixed", one(tmp_path, "LDR W0,[X1]", 0, text))
    assert "'x' holds an address, which is divided: parts of it are accessed" in ran.err
    assert ran.status == 2
