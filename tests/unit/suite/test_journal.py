"""Entries in one file: whole ones are found again, whatever else is in it."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litmus import store
from litmus.suite import journal
from litmus.suite.journal import _MARK, KEY, Journal

KEYS = [bytes([i]) * KEY for i in range(8)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept" / f"v{store.FORMAT}"


def kept(*keys: bytes) -> list[bytes | None]:
    opened = Journal("it")
    return [opened.get(key) for key in keys]


def test_what_is_put_is_got_by_the_next(folder: Path):
    first = Journal("it")
    assert first.get(KEYS[0]) is None
    first.put(KEYS[0], b"one")
    first.put(KEYS[1], b"")
    first.put(KEYS[0], b"another")
    assert first.get(KEYS[0]) is None  # as it was when the first was asked for
    assert kept(*KEYS[:3]) == [b"another", b"", None]
    assert Journal("other").get(KEYS[0]) is None
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_closed_journal_goes_on():
    first = Journal("it")
    first.put(KEYS[0], b"one")
    first.close()
    first.put(KEYS[1], b"two")
    assert kept(*KEYS[:2]) == [b"one", b"two"]


@given(st.data())
def test_damage_costs_what_is_damaged(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    """Entries before and behind are found; nothing is served that was not put there."""
    values = data.draw(st.lists(st.binary(max_size=20) | st.just(_MARK * 2), min_size=1, max_size=5))
    before = os.environ["LITMUS_CACHE"]
    os.environ["LITMUS_CACHE"] = str(tmp_path_factory.mktemp("damaged"))
    try:
        written = Journal("it")
        ends = [0]
        for key, value in zip(KEYS, values, strict=False):
            written.put(key, value)
            place = store.place()
            assert place is not None
            (file,) = place.iterdir()
            ends.append(file.stat().st_size)
        content = bytearray(file.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        hurt = data.draw(st.sampled_from(["flip", "cut", "insert"]))
        if hurt == "flip":
            content[at] ^= data.draw(st.integers(1, 255))
        elif hurt == "cut":
            del content[at : at + data.draw(st.integers(1, 40))]
        else:
            content[at:at] = data.draw(st.binary(min_size=1, max_size=40))
        file.write_bytes(content)
        found = kept(*KEYS[: len(values)])
        for number, (value, got) in enumerate(zip(values, found, strict=True)):
            assert got in (None, value)
            if ends[number + 1] <= at:
                assert got == value
        if hurt == "flip" and _MARK not in b"".join(values):
            assert found.count(None) <= 1
    finally:
        os.environ["LITMUS_CACHE"] = before


def test_an_entry_after_one_that_was_cut_off(folder: Path):
    Journal("it").put(KEYS[0], b"x" * 100)
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:70])  # a full disk, or a process that was killed
    Journal("it").put(KEYS[1], b"two")
    assert kept(*KEYS[:2]) == [None, b"two"]


@pytest.mark.parametrize("error", [OSError(28, "no space left"), PermissionError(30, "read-only file system")])
def test_a_full_or_read_only_disk_keeps_nothing(monkeypatch: pytest.MonkeyPatch, error: OSError):
    Journal("it").put(KEYS[0], b"one")

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fail)
        Journal("it").put(KEYS[1], b"two")
    assert kept(*KEYS[:2]) == [b"one", None]


def test_a_file_that_is_a_link_or_a_pipe_is_not_used(folder: Path, tmp_path: Path):
    Journal("it").put(KEYS[0], b"one")
    (file,) = folder.iterdir()
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert kept(KEYS[0]) == [None]
    Journal("it").put(KEYS[1], b"two")
    assert b"two" not in (tmp_path / "elsewhere").read_bytes()
    file.unlink()
    os.mkfifo(file)
    assert kept(KEYS[0]) == [None]


def test_nothing_is_kept_where_nothing_is_to_be_kept(folder: Path):
    with store.nothing_kept():
        Journal("it").put(KEYS[0], b"one")
    assert not folder.exists()


def test_a_file_that_grows_too_long_keeps_its_newer_half(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(journal, "LONGEST", 4000)
    for number in range(200):
        Journal("it").put(number.to_bytes(KEY, "big"), bytes(100))
        (file,) = folder.iterdir()
        assert file.stat().st_size < 4200
    found = kept(*(number.to_bytes(KEY, "big") for number in range(200)))
    first = next(number for number, value in enumerate(found) if value is not None)
    assert all(value == bytes(100) for value in found[first:])
    assert 200 - 4200 // 148 <= first <= 200 - 2000 // 148


def test_what_is_used_counts_as_new(folder: Path):
    Journal("it").put(KEYS[0], b"one")
    (file,) = folder.iterdir()
    os.utime(file, (1e9, 1e9))
    assert kept(KEYS[0]) == [b"one"]
    assert file.stat().st_mtime > 1e9


def test_journals_together_are_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "MOST", 10_000)
    for number in range(30):
        Journal(f"it-{number}").put(KEYS[0], bytes(1000))
        (folder / f"it-{number}.kept").touch()
        assert sum(file.stat().st_size for file in folder.iterdir()) < 10_000 + 2_000
    assert Journal("it-29").get(KEYS[0]) == bytes(1000)


def test_several_at_a_time():
    def work(number: int) -> None:
        own = Journal("it")
        for i in range(20):
            own.put((100 * number + i).to_bytes(KEY, "big"), b"%d" % i * 100)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(16)))
    for number in range(16):
        expected = [b"%d" % i * 100 for i in range(20)]
        assert kept(*((100 * number + i).to_bytes(KEY, "big") for i in range(20))) == expected


def test_several_processes_at_a_time():
    code = (
        "import sys\n"
        "from litmus.suite.journal import Journal\n"
        "it = Journal('it')\n"
        "for i in range(300):\n"
        "    it.put((int(sys.argv[1]) * 1000 + i).to_bytes(32, 'big'), b'%d' % i * 50)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(number)]) for number in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    for number in range(4):
        expected = [b"%d" % i * 50 for i in range(300)]
        assert kept(*((1000 * number + i).to_bytes(KEY, "big") for i in range(300))) == expected
