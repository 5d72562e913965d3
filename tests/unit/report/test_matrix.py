"""The words of a cell, and which rows are marked."""

import pytest

from litmus.report.matrix import ARCHITECTURES, Cell, Mark, Matrix, Row, document, table

BOTH, TRUE, FALSE, NONE = (1, 1), (1, 0), (0, 1), (0, 0)


@pytest.mark.parametrize(
    ("counts", "complete", "verdict"),
    [
        (BOTH, True, "allowed"),
        (BOTH, False, "allowed"),
        (TRUE, True, "required"),
        (TRUE, False, "allowed"),
        (FALSE, True, "forbidden"),
        (FALSE, False, "unknown"),
        (NONE, False, "unknown"),
        (NONE, True, "no end"),
    ],
)
def test_a_verdict_is_no_more_than_what_was_seen(counts, complete, verdict):
    assert Cell("lkmm", *counts, complete).verdict == verdict


def test_what_is_not_supported_is_said_so():
    assert Cell("x86", supported=False).verdict == "unsupported"


def row(kernel, machines, comparable=True, racy=False, complete=True):
    cells = [Cell("lkmm", *kernel, True)]
    cells += [Cell(name, *counts, complete) for name, counts in zip(ARCHITECTURES, machines, strict=False)]
    return Row("a", "x == 1", tuple(cells), comparable, racy)


@pytest.mark.parametrize(
    ("kernel", "machines", "marks"),
    [
        (BOTH, [BOTH, FALSE, FALSE, FALSE], []),
        (FALSE, [FALSE] * 4, []),
        (BOTH, [FALSE] * 4, [(Mark.WEAKER, ARCHITECTURES)]),
        (BOTH, [TRUE] * 4, [(Mark.WEAKER, ARCHITECTURES)]),
        (FALSE, [FALSE, BOTH, FALSE, BOTH], [(Mark.STRONGER, ("armv8", "riscv"))]),
        (TRUE, [TRUE, BOTH, TRUE, TRUE], [(Mark.STRONGER, ("armv8",))]),
        (BOTH, [FALSE] * 3, []),  # nothing is known of the fourth
    ],
)
def test_marks(kernel, machines, marks):
    assert list(row(kernel, machines).marks()) == marks


def test_nothing_is_marked_weaker_by_what_is_unfinished():
    assert not list(row(BOTH, [FALSE] * 4, complete=False).marks())


def test_what_one_machine_shows_is_enough_to_be_stronger():
    (mark,) = row(FALSE, [BOTH] * 4, complete=False).marks()
    assert mark == (Mark.STRONGER, ARCHITECTURES)


def test_lkmm_promises_nothing_about_races_and_under_them():
    assert not list(row(FALSE, [BOTH] * 4, racy=True).marks())
    assert not list(row(BOTH, [FALSE] * 4, comparable=False).marks())


def test_marks_are_in_both_formats():
    matrix = Matrix("t", "v", ("lkmm", *ARCHITECTURES), (row(FALSE, [BOTH, FALSE, FALSE, FALSE]),))
    assert list(table(matrix))[-1].endswith("STRONGER: lkmm forbids what x86 allows")
    assert document(matrix)["conditions"][0]["marks"] == {"stronger": ["x86"]}
