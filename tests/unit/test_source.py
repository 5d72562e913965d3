"""Places in texts, and how they are shown."""

import pytest

from litmus.source import Source


def test_a_caret_stands_under_its_range():
    assert Source("f", "ab\n\tcd ef\n").span(7, 9).caret() == "  \tcd ef\n  \t   ^^"


def test_a_range_of_several_lines_is_shown_to_the_end_of_the_first():
    assert Source("f", "abc\ndef").span(1, 6).caret() == "  abc\n   ^^"


def test_the_end_of_a_text_has_a_caret():
    assert Source("f", "ab").span(2, 2).caret() == "  ab\n    ^"


def test_what_a_terminal_takes_for_a_command_is_not_shown():
    assert Source("f", "a\x1b[31mb\0").span(6, 7).caret() == "  a\ufffd[31mb\ufffd\n        ^"


@pytest.mark.parametrize("start", [0, 3, 100, 4_000, 9_990, 9_999])
def test_of_a_long_line_the_part_around_the_range_is_shown(start):
    text = "".join(chr(ord("a") + i % 26) for i in range(10_000))
    line, caret = Source("f", text).span(start, start + 1).caret().splitlines()
    assert len(line) < 210
    assert line[caret.index("^")] == text[start]


def test_a_long_range_ends_with_what_is_shown():
    line, caret = Source("f", "a" * 10_000).span(100, 9_000).caret().splitlines()
    assert len(line) == len(caret) + 1
