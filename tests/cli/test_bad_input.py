"""Whatever is wrong with what was given: one clear message with its place, status 2, no traceback."""

import os
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


@pytest.mark.parametrize("command", ["run", "check", "bench", "graph", "export"])
class TestFiles:
    def test_missing(self, litmus, command):
        message = (
            "command line:1:1: error: no such file: 'sb.litmu' (did you mean 'sb.litmus'?)\n  sb.litmu\n  ^^^^^^^^\n"
        )
        refused(litmus(command, "sb.litmu"), message)

    @pytest.mark.parametrize("text", ["", " \n", "\n\n\t"])
    def test_empty(self, litmus, command, text):
        Path("e.lit").write_text(text)
        refused(litmus(command, "e.lit"), "e.lit:1:1: error: the file is empty", "\n  ^")

    def test_binary(self, litmus, command):
        Path("b.lit").write_bytes(b"litmus\0\1\2")
        refused(
            litmus(command, "b.lit"), "b.lit:1:7: error: a binary file, not a text: byte 0x00\n  litmus���\n        ^"
        )

    def test_not_utf8(self, litmus, command):
        Path("l.lit").write_bytes(b'litmus "a"\n// caf\xe9\n')
        refused(litmus(command, "l.lit"), "l.lit:2:7: error: byte 0xe9 is not UTF-8", "\n        ^")

    def test_utf16(self, litmus, command):
        Path("w.lit").write_bytes('litmus "a"'.encode("utf-16"))
        refused(litmus(command, "w.lit"), "w.lit:1:1: error: the file is UTF-16, not UTF-8 (save it as UTF-8)")

    def test_no_regular_file(self, litmus, command):
        os.mkfifo("p.lit")
        refused(litmus(command, "p.lit"), "command line:1:1: error: 'p.lit' is a pipe, not a file")
        refused(litmus(command, "/dev/null"), "command line:1:1: error: '/dev/null' is a device, not a file")

    def test_a_name_that_no_file_can_have(self, litmus, command):
        refused(litmus(command, "a" * 300), "command line:1:1: error: ")


@pytest.mark.parametrize("command", ["run", "check", "bench", "export"])
class TestArguments:
    def test_directory_without_tests(self, litmus, command):
        Path("d").mkdir()
        refused(litmus(command, "d"), "command line:1:1: error: no tests (*.lit, *.litmus) in the directory 'd'")

    def test_nothing(self, litmus, command):
        refused(litmus(command, ""), "command line:1:1: error: an empty argument names no file")

    def test_pattern_without_match(self, litmus, command):
        refused(litmus(command, "*.lit"), "command line:1:1: error: no file matches '*.lit'\n  *.lit\n  ^^^^^")

    def test_the_line_is_the_number_of_the_argument(self, litmus, command):
        refused(litmus(command, "@sb.litmus", "gone"), "command line:2:1: error: no such file: 'gone'")


class TestIncludes:
    """What is wrong with an included file is said there; that it is missing where it is named."""

    def include(self, litmus, name):
        Path("i.lit").write_text(f'litmus "i"\ninclude "{name}";\nint x;\nthread P {{ WRITE_ONCE(x, 1); }}\n')
        return litmus("run", "i.lit")

    def test_missing(self, litmus):
        refused(self.include(litmus, "gone"), "i.lit:2:9: error: cannot include 'gone': no such file: 'gone'")

    def test_empty(self, litmus):
        Path("e").write_text("")
        refused(self.include(litmus, "e"), "e:1:1: error: the file is empty")

    def test_not_utf8(self, litmus):
        Path("l").write_bytes(b"\xe9")
        refused(self.include(litmus, "l"), "l:1:1: error: byte 0xe9 is not UTF-8")


@pytest.mark.parametrize("option", ["--model", "--bell", "--macros"])
class TestFilesOfModels:
    def read(self, litmus, option, name):
        model = () if option == "--model" else ("--model", "sc")
        return litmus("run", "sb.litmus", *model, option, name)

    def test_empty(self, litmus, option):
        Path("e.cat").write_text("")
        refused(self.read(litmus, option, "e.cat"), "e.cat:1:1: error: the file is empty")

    def test_not_utf8(self, litmus, option):
        Path("l.cat").write_bytes(b'"caf\xe9"')
        refused(self.read(litmus, option, "l.cat"), "l.cat:1:5: error: byte 0xe9 is not UTF-8")

    def test_missing(self, litmus, option):
        refused(self.read(litmus, option, "gone"), f"{option}:1:1: error: ", "'gone'\n  gone\n  ^^^^")


class TestLists:
    def test_missing(self, litmus):
        refused(litmus("run", "@all"), "command line:1:1: error: no such file: 'all'\n  @all\n  ^^^^")

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

    def test_search_path(self, litmus):
        refused(litmus("run", "sb.litmus", "-m", "sc", "-I", "gone"), "-I:1:1: error: no such directory: 'gone'")

    def test_options_of_cat_files_need_one(self, litmus):
        refused(litmus("run", "sb.litmus", "--bell", "k.bell"), "--model")


def test_one_bad_file_among_many(litmus):
    Path("bad.litmus").write_text("X86 bad\n")
    ran = litmus("run", "sb.litmus", "bad.litmus", "sb.litmus")
    refused(ran, "bad.litmus:")
    assert ran.out.count("SB under x86") == 2


def test_nothing_to_check_is_an_error(litmus):
    refused(litmus("check", "sb.litmus"), "sb.litmus:1:5: error: 'SB' states nothing to check")


class TestNoCondition:
    """herd7 takes a file without a condition, which may be cut off before it, for `forall (true)`: never a pass."""

    @pytest.mark.parametrize("header", ["", "(* Result: Always *)\n", "(* Result: Never *)\n"])
    def test_check(self, litmus, header):
        Path("n.litmus").write_text(SB.replace("{ }", header + "{ }")[: SB.index("exists") + len(header)])
        ran = litmus("check", "n.litmus")
        refused(ran, "n.litmus:1:5: error: 'SB' has no condition to check", "is the file cut off?")

    def test_run_says_so(self, litmus):
        Path("n.litmus").write_text(SB[: SB.index("exists")])
        ran = litmus("run", "n.litmus")
        assert ran.status == 0
        assert "forall (true)  Always (4 of 4)  the test has no condition that could fail" in ran.out


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("sb.litmus", "--output:1:1: error: 'sb.litmus' is not a directory to write to"),
        ("sb.litmus/deeper", "sb.litmus' is not a directory to write to"),
        ("", "'' is not a directory to write to"),
    ],
)
def test_output_that_is_no_directory_is_one_error(litmus, folder, message):
    for command in ("export", "graph"):
        files = ["sb.litmus"] * (3 if command == "export" else 1)
        ran = litmus(command, *files, "-o", folder)
        refused(ran, message)
        assert ran.err.count("error:") == 1


def test_the_summary_counts_errors(litmus):
    Path("s.lit").write_text('litmus "s"\nmodels sc;\nint x;\nthread P { WRITE_ONCE(x, 1); }\nrequire one: x == 1;\n')
    Path("bad.lit").write_text('litmus "b"\nint x = ;\nthread P { WRITE_ONCE(y, 1); }\n')
    assert litmus("check", "gone").out == "nothing was checked; 1 error\n"
    assert litmus("check", "s.lit", "gone").out.endswith("\n1 expectation: 1 hold, 0 fail, 0 unknown; 1 error\n")
    assert litmus("check", "s.lit").out.endswith("\n1 expectation: 1 hold, 0 fail, 0 unknown\n")
    ran = litmus("check", "bad.lit")
    assert f"nothing was checked; {ran.err.count('error:')} error" in ran.out


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
