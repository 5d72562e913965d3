"""Accesses of different sizes: every command says that the answer may be wrong, none counts it as a pass."""

import json
from pathlib import Path

import pytest

TEST = """AArch64 partial
{ int x; 0:X1=x; 0:X0=255; }
 P0           ;
 STRB W0,[X1] ;
 LDR W2,[X1]  ;
%s
"""
REASON = (
    "mixed sizes at 'x': 'STRB W0,[X1]' (P0:4) accesses 1 byte, 'LDR W2,[X1]' (P0:5) accesses 4 bytes; "
    "each access is taken as one to all of it"
)


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    path = tmp_path / "partial.litmus"
    path.write_text(TEST % "~exists (x=1)")
    return path


def test_text_has_a_line(litmus, partial):
    ran = litmus("run", partial)
    assert f"  inexact: {REASON}\n" in ran.out
    assert ran.status == 3


def test_timelines_have_a_line(litmus, partial):
    assert f"inexact: {REASON}\n" in litmus("run", "--timelines", partial).out


def test_json_has_a_field(litmus, partial):
    ran = litmus("run", "--format", "json", partial)
    assert json.loads(ran.out)["inexact"] == [REASON]
    assert ran.status == 3


def test_herd_format_warns_beside_the_answer(litmus, partial):
    ran = litmus("run", "--format", "herd", partial)
    assert "Observation partial Never 0 1\n" in ran.out
    assert "mixed" not in ran.out
    assert ran.err == f"partial: warning: {REASON}\n"
    assert ran.status == 3


@pytest.mark.parametrize("claim", ["~exists (x=1)", "~exists (x=255)", "forall (x=255)"])
def test_no_claim_passes_or_fails(litmus, partial, claim):
    partial.write_text(TEST % claim)
    ran = litmus("check", partial)
    assert "unknown" in ran.out
    assert REASON in ran.out
    assert ran.status == 3


@pytest.mark.parametrize("word", ["Never", "Always", "Sometimes"])
def test_no_annotation_passes_or_fails(litmus, partial, word):
    text = TEST.replace("{ int", f"(*\n * Result: {word}\n *)\n{{ int") % "exists (x=255)"
    partial.write_text(text)
    assert litmus("check", partial).status == 3
