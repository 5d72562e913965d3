"""From arguments to files."""

from pathlib import Path

import pytest

from litmus.errors import LitmusError, UsageError
from litmus.suite.files import collect, read_source, replace


@pytest.fixture(autouse=True)
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.lit", "b.litmus", "c.txt", "d/e.lit", "d/f/g.litmus"):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def found(*arguments):
    return [item if isinstance(item, LitmusError) else item.as_posix() for item in collect(arguments)]


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (("c.txt", "a.lit"), ["c.txt", "a.lit"]),
        (("d",), ["d/e.lit", "d/f/g.litmus"]),
        ((".",), ["a.lit", "b.litmus", "d/e.lit", "d/f/g.litmus"]),
        (("*.lit*",), ["a.lit", "b.litmus"]),
        (("**/*.litmus",), ["b.litmus", "d/f/g.litmus"]),
        (("a.lit", "a.lit"), ["a.lit", "a.lit"]),
    ],
)
def test_arguments(arguments, files):
    assert found(*arguments) == files


def test_list_is_relative_to_itself():
    Path("d/all").write_text("e.lit # the first\n\n# none\nf\n")
    assert found("@d/all") == ["d/e.lit", "d/f/g.litmus"]


def test_lists_nest():
    Path("d/all").write_text("e.lit\n")
    Path("top").write_text("@d/all\na.lit\n")
    assert found("@top") == ["d/e.lit", "a.lit"]


def test_a_pattern_in_a_name_that_exists_is_a_name():
    Path("x[1].lit").write_text("x")
    assert found("x[1].lit") == ["x[1].lit"]


def test_errors_stand_where_the_file_would():
    first, error, last = found("a.lit", "gone", "b.litmus")
    assert (first, last) == ("a.lit", "b.litmus")
    assert isinstance(error, UsageError)


def test_byte_order_mark_is_no_text():
    Path("a.lit").write_bytes(b"\xef\xbb\xbfhello")
    assert read_source(Path("a.lit")).text == "hello"


def test_links_that_lead_nowhere_are_errors_not_skipped():
    Path("d/gone.lit").symlink_to("nothing.lit")
    Path("loop.lit").symlink_to("loop.lit")
    gone, loop = found("d/gone.lit", "loop.lit")
    assert gone.message == "no such file: 'd/gone.lit' is a link to a file that does not exist"
    assert loop.message.startswith("cannot read 'loop.lit': ")
    assert gone.message in [item.message for item in found("d") if isinstance(item, LitmusError)]
    with pytest.raises(UsageError, match="is a link to a file that does not exist"):
        read_source(Path("d/gone.lit"))


def test_a_file_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    real, link = folder / "real", folder / "link"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    replace(link, "new\r\n")
    assert real.read_bytes() == b"new\r\n"
    assert (real.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    assert sorted(path.name for path in folder.iterdir()) == ["link", "real"]
    with pytest.raises(UsageError, match="cannot write"):
        replace(tmp_path / "no" / "file", "text")
