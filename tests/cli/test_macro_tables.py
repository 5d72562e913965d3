"""Macro tables of one's own with the shipped model."""

import pytest

TEST = """C SB
{ }
P0(int *x, int *y) { int r0; WRITE_ONCE(*x, 1); smp_mb(); r0 = READ_ONCE(*y); }
P1(int *x, int *y) { int r0; WRITE_ONCE(*y, 1); smp_mb(); r0 = READ_ONCE(*x); }
exists (0:r0=0 /\\ 1:r0=0)
"""
TABLE = """READ_ONCE(X) __load{ONCE}(X)
WRITE_ONCE(X,V) { __store{ONCE}(X,V); }
smp_mb() { __fence{MB}; }
"""


@pytest.fixture
def observation(litmus, tmp_path):
    """``observation(table)`` runs the test by that table, in whose place it says what came of it."""
    test, macros = tmp_path / "SB.litmus", tmp_path / "my.def"
    test.write_text(TEST)

    def run(table):
        macros.write_text(table)
        done = litmus("run", test, "--format", "herd", "--model", "lkmm", "--macros", macros)
        lines = [line for line in done.out.splitlines() if line.startswith("Observation")]
        return lines[0] if lines else done.err

    return run


def test_tags_are_known_in_any_case(observation):
    assert observation(TABLE).startswith("Observation SB Never")
    assert observation(TABLE.replace("MB", "mb").replace("ONCE}", "once}")).startswith("Observation SB Never")


def test_a_tag_that_the_model_does_not_know_is_one_error(observation):
    wrong = observation(TABLE.replace("{MB}", "{mbb}"))
    assert "my.def:3:20: error: no instruction carries the tag 'mbb' (did you mean 'mb'?)" in wrong
    assert wrong.count("error:") == 1


def test_a_macro_that_nobody_uses_may_have_any_tag(observation):
    assert observation(TABLE + "lockless_dereference(X) __load{lderef}(X)\n").startswith("Observation SB Never")


def test_a_tag_needs_a_name(observation):
    assert "my.def:1:20: error: unexpected '{'" in observation(TABLE.replace("__load{ONCE}", "__load{}"))
