"""Models that say little or nothing of the order of writes: every last write that they leave is a final state.

The states are those of herd7 7.58.
"""

import pytest

TEST = """X86 2+2W
{ }
 P0         | P1         ;
 MOV [x],$1 | MOV [y],$1 ;
 MOV [y],$2 | MOV [x],$2 ;
exists (x=1 /\\ y=1)
"""


@pytest.mark.parametrize(
    ("model", "states"),
    [
        ("let co = loc & (IW * W)", 4),
        ("let co = co0", 4),
        ("let co = loc & (IW * W | po & (W * W))", 4),
        ("", 4),
        ("empty po & (FW * W) & loc as none", 4),
        ('include "cos.cat"', 4),
        ('include "cos.cat" acyclic po | co as sc', 3),
    ],
)
def test_every_final_state_is_found(litmus, tmp_path, model, states):
    path, cat = tmp_path / "2+2W.litmus", tmp_path / "my.cat"
    path.write_text(TEST)
    cat.write_text(f'"mine" {model} acyclic po | rf as hb')
    lines = litmus("run", path, "--format", "herd", "--model", cat).out.splitlines()
    assert f"States {states}" in lines
    assert any(line.startswith("Observation 2+2W") and line.endswith(f" {states - 1}") for line in lines) == (
        states == 4
    )


COHERENCE_BY_OBSERVATION = """
let before = po-loc | rf | co0
let rec u = before | ((u ; rf^-1) & (W * W)) \\ id | ((rf^-1 ; u) & (R * W)) \\ id | (u ; u)
acyclic u as coherence
let co = u & (W * W)
"""
UNOBSERVED = """X86 CoRR
{ }
 P0         | P1         | P2         ;
 MOV [x],$1 | MOV [x],$2 | MOV [x],$3 ;
 MOV EAX,[x]|            |            ;
 MOV EBX,[x]|            |            ;
exists (0:EAX=2 /\\ 0:EBX=3)
"""


def test_any_write_may_be_the_last_where_the_test_does_not_look(litmus, tmp_path):
    path, cat = tmp_path / "CoRR.litmus", tmp_path / "my.cat"
    path.write_text(UNOBSERVED)
    cat.write_text(f'"mine" {COHERENCE_BY_OBSERVATION}')
    lines = litmus("run", path, "--format", "herd", "--model", cat).out.splitlines()
    assert "States 7" in lines
    assert "Observation CoRR Sometimes 1 6" in lines
