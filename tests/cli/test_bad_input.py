"""Whatever is wrong with what was given: one clear message with its place, status 2, no traceback."""

from pathlib import Path

import pytest

SB = """X86 SB
{ }
 P0         | P1         ;
 MOV [x],$1 | MOV [y],$1 ;
 MOV EAX,[y]| MOV EAX,[x];
exists (0:EAX=0 /\\ 1:EAX=0)
"""


def refused(ran, *parts):
    assert ran.status == 2
    assert "Traceback" not in ran.err
    for part in parts:
        assert part in ran.err


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sb.litmus").write_text(SB)
    return tmp_path


@pytest.mark.parametrize("command", ["run", "check", "graph", "export"])
class TestFiles:
    def test_missing(self, litmus, command):
        refused(litmus(command, "sb.litmu"), "no such file: 'sb.litmu'", "did you mean 'sb.litmus'?")

    def test_empty(self, litmus, command):
        Path("e.lit").write_text(" \n")
        refused(litmus(command, "e.lit"), "'e.lit' is empty")

    def test_binary(self, litmus, command):
        Path("b.lit").write_bytes(b"litmus\0\1\2")
        refused(litmus(command, "b.lit"), "'b.lit' is a binary file")

    def test_not_utf8(self, litmus, command):
        Path("l.lit").write_bytes(b'litmus "a"\n// caf\xe9\n')
        refused(litmus(command, "l.lit"), "l.lit:2:7: error: byte 0xe9 is not UTF-8", "\n        ^")


@pytest.mark.parametrize("command", ["run", "check", "export"])
def test_directory_without_tests(litmus, command):
    Path("d").mkdir()
    refused(litmus(command, "d"), "no tests (*.lit, *.litmus) in the directory 'd'")


def test_pattern_without_match(litmus):
    refused(litmus("run", "*.lit"), "no file matches '*.lit'")


class TestLists:
    def test_missing(self, litmus):
        refused(litmus("run", "@all"), "no such file: 'all'")

    def test_names_what_is_missing(self, litmus):
        Path("all").write_text("# tests\nsb.litmus\n  gone.litmus # no more\n")
        ran = litmus("run", "@all")
        refused(ran, "all:3:3: error: no such file: 'gone.litmus'", "^^^^^^^^^^^")
        assert "SB under x86" in ran.out

    def test_includes_itself(self, litmus):
        Path("all").write_text("@all\n")
        refused(litmus("run", "@all"), "the list 'all' includes itself")

    def test_empty(self, litmus):
        Path("all").write_text("# nothing\n")
        refused(litmus("run", "@all"), "the list 'all' names no file")


class TestModels:
    def test_unknown(self, litmus):
        refused(litmus("run", "sb.litmus", "--model", "x68"), "unknown model 'x68'", "did you mean 'x86'?")

    def test_unknown_is_one_error_for_many_files(self, litmus):
        assert litmus("run", "sb.litmus", "sb.litmus", "--model", "x68").err.count("unknown model") == 1

    def test_of_another_architecture(self, litmus):
        refused(litmus("run", "sb.litmus", "--model", "power"), "sb.litmus:1:5: error", "not a model of X86 assembly")

    def test_broken_cat_file(self, litmus):
        Path("mine.cat").write_text('"mine"\nlet a = po | \nacyclic a as x\n')
        refused(litmus("run", "sb.litmus", "--model", "mine.cat"), "mine.cat:3:1: error")

    def test_configuration_names_a_missing_file(self, litmus):
        Path("k.cfg").write_text("# kernel\nmodel gone.cat\n")
        refused(litmus("run", "sb.litmus", "--conf", "k.cfg"), "k.cfg:2:7: error: no such file: 'gone.cat'")

    def test_options_of_cat_files_need_one(self, litmus):
        refused(litmus("run", "sb.litmus", "--bell", "k.bell"), "--model")


def test_one_bad_file_among_many(litmus):
    Path("bad.litmus").write_text("X86 bad\n")
    ran = litmus("run", "sb.litmus", "bad.litmus", "sb.litmus")
    refused(ran, "bad.litmus:")
    assert ran.out.count("SB under x86") == 2


def test_nothing_to_check_is_an_error(litmus):
    refused(litmus("check", "sb.litmus"), "sb.litmus:1:5: error: 'SB' states nothing to check")


def test_unknown_command(litmus):
    refused(litmus("rnu"), "No such command 'rnu', did you mean 'run'?")


def test_unknown_test_in_file(litmus):
    refused(litmus("graph", "sb.litmus", "--test", "BS"), "no test 'BS' in 'sb.litmus'")


@pytest.mark.parametrize("cut", range(1, len(SB) - 1, 7))
def test_cut_off_anywhere(litmus, cut):
    """A file that was cut off is an error, or (where what is left means something) an answer; never a traceback."""
    Path("cut.litmus").write_text(SB[:cut])
    ran = litmus("run", "cut.litmus")
    assert ran.status in (0, 2)
    assert "Traceback" not in ran.err
    assert ran.status == 0 or "error:" in ran.err
