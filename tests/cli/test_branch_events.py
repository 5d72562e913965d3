"""Branches are events for models that are not shipped: they may name them, or order what lies around them by po.

The flags and states are those of herd7 7.58.
"""

import pytest

TEST = """AArch64 T
{ 0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x; }
 P0           | P1           ;
 MOV W0,#1    | MOV W0,#1    ;
 STR W0,[X1]  | STR W0,[X1]  ;
 LDR W2,[X3]  | LDR W4,[X5]  ;
              | CBNZ W4,L    ;
              | L:           ;
              | LDR W2,[X3]  ;
exists (0:X2=0 /\\ 1:X2=0)
"""
JUMP = TEST.replace("CBNZ W4,L", "B L      ").replace("LDR W4,[X5]", "MOV W4,#0  ")
FLAGS = """
include "cos.cat"
flag ~empty B as branch
flag ~empty BCC as conditional
flag ~empty po & (W * B) as before
flag ~empty po & (B * R) as after
flag ~empty ctrl & (R * B) as controlled
flag ~empty (addr | data) & (R * B) as dependent
flag ~empty int & (B * B) as same-thread
flag ~empty loc & (B * B) as located
flag ~empty _ \\ (M | F | B) as others
"""
ORDERED = 'include "cos.cat" acyclic (po \\ (W * R)) | rf | co | fr as order'


@pytest.fixture
def answer(litmus, tmp_path):
    """``answer(test, model)`` is what herd's format says of it."""
    path, cat = tmp_path / "T.litmus", tmp_path / "my.cat"

    def run(test, model):
        path.write_text(test.replace("1:X3=x;", "1:X3=x; 1:X5=z;"))
        cat.write_text(f'"mine" {model}')
        return litmus("run", path, "--format", "herd", "--model", cat).out.splitlines()

    return run


def flags(lines):
    return {line.split()[1] for line in lines if line.startswith("Flag")}


def observation(lines):
    return next(line for line in lines if line.startswith("Observation"))


def test_a_conditional_branch_is_a_branch(answer):
    assert flags(answer(TEST, FLAGS)) == {"branch", "conditional", "before", "after", "same-thread"}


def test_a_later_branch_is_controlled_by_an_earlier_one(answer):
    twice = TEST.replace("exists", "              | CBNZ W2,M    ;\n              | M:           ;\nexists")
    assert "controlled" in flags(answer(twice, FLAGS))


def test_a_jump_is_an_event_of_no_set(answer):
    assert flags(answer(JUMP, FLAGS)) == {"others"}


SB = """AArch64 SB
{ 0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x; }
 P0           | P1           ;
 MOV W0,#1    | MOV W0,#1    ;
 STR W0,[X1]  | STR W0,[X1]  ;
 BRANCH       | BRANCH       ;
 L:           | K:           ;
 LDR W2,[X3]  | LDR W2,[X3]  ;
exists (0:X2=0 /\\ 1:X2=0)
"""


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("MOV W4,#0", "MOV W4,#0", "Sometimes 1 3"),
        ("CBZ W4,L", "MOV W4,#0", "Sometimes 1 3"),
        ("CBZ W4,L", "CBZ W4,K", "Never 0 3"),
        ("B L", "CBNZ W4,K", "Never 0 3"),
    ],
)
def test_po_without_some_pairs_may_lead_through_a_branch(answer, first, second, found):
    """From the write to the branch, and from there to the read."""
    test = SB.replace("BRANCH", first, 1).replace("BRANCH", second, 1)
    assert observation(answer(test, ORDERED)) == f"Observation SB {found}"


def test_x86_has_no_events_for_branches(answer):
    test = "X86 T\n{ }\n P0 ;\n MOV EAX,[x] ;\n CMP EAX,$1 ;\n JNE L ;\n L: ;\nexists (0:EAX=0)\n"
    assert flags(answer(test, FLAGS)) == set()
