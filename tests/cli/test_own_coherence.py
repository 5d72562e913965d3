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
