"""What is kept on disk: nothing that goes wrong there is ever more than nothing kept."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from litmus import store

KEY, VALUE = b"edition and request", b"what was computed"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept" / f"v{store.FORMAT}"


def entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_what_is_put_is_got():
    assert store.get(KEY) is None
    store.put(KEY, VALUE)
    assert store.get(KEY) == VALUE
    store.put(KEY, b"")
    assert store.get(KEY) == b""


def test_only_the_user_can_look(folder: Path):
    store.put(KEY, VALUE)
    (entry,) = entries(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


def test_another_key_of_the_same_name_is_not_served(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "_name", lambda key: "same.kept")
    store.put(KEY, VALUE)
    assert store.get(KEY + b"!") is None
    assert store.get(KEY[:-1]) is None
    assert store.get(KEY) == VALUE


@pytest.mark.parametrize("at", range(0, 75, 3))
def test_a_damaged_entry_is_none_and_is_written_again(folder: Path, at: int):
    store.put(KEY, VALUE)
    (entry,) = entries(folder)
    data = bytearray(entry.read_bytes())
    data[at % len(data)] ^= 0x41
    entry.write_bytes(bytes(data))
    assert store.get(KEY) is None
    store.put(KEY, VALUE)
    assert store.get(KEY) == VALUE


def test_an_entry_that_was_cut_off_is_none(folder: Path):
    store.put(KEY, VALUE)
    (entry,) = entries(folder)
    data = entry.read_bytes()
    for length in range(len(data)):
        entry.write_bytes(data[:length])
        assert store.get(KEY) is None


def test_no_folder_and_none_to_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path / "file" / "below"))
    store.put(KEY, VALUE)
    assert store.get(KEY) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_still_read(folder: Path):
    store.put(KEY, VALUE)
    folder.chmod(0o500)
    store.put(b"other", VALUE)
    assert store.get(KEY) == VALUE
    assert store.get(b"other") is None
    folder.chmod(0o700)


@pytest.mark.parametrize("error", [OSError(28, "no space left"), PermissionError(30, "read-only file system")])
def test_a_full_or_read_only_disk_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError):
    store.put(KEY, VALUE)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(os, "replace", fail)
    store.put(b"other", VALUE)
    assert store.get(KEY) == VALUE
    assert store.get(b"other") is None
    assert len(entries(folder)) == 1  # and leaves nothing half done behind


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777])
def test_a_folder_that_others_may_write_to_is_not_used(folder: Path, mode: int):
    store.put(KEY, VALUE)
    folder.chmod(mode)
    assert store.get(KEY) is None
    store.put(b"other", VALUE)
    assert len(entries(folder)) == 1


def test_a_folder_of_somebody_else_is_not_used(monkeypatch: pytest.MonkeyPatch):
    store.put(KEY, VALUE)
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert store.get(KEY) is None


def test_an_entry_that_is_a_link_is_not_followed(folder: Path, tmp_path: Path):
    store.put(KEY, VALUE)
    (entry,) = entries(folder)
    entry.rename(tmp_path / "elsewhere")
    entry.symlink_to(tmp_path / "elsewhere")
    assert store.get(KEY) is None


def test_off(monkeypatch: pytest.MonkeyPatch, folder: Path):
    with store.nothing_kept():
        store.put(KEY, VALUE)
    assert not folder.exists()
    store.put(KEY, VALUE)
    with store.nothing_kept():
        assert store.get(KEY) is None
    assert store.get(KEY) == VALUE
    monkeypatch.setenv("LITMUS_CACHE", "off")
    assert store.place() is None
    assert store.get(KEY) is None


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/litmus"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/litmus"),
        ({"HOME": "/h"}, "/h/.cache/litmus"),
        ({"HOME": ""}, None),
        ({}, None),
        ({"LITMUS_CACHE": "/own", "HOME": "/h"}, "/own"),
    ],
)
def test_where(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str | None):
    for name in ("LITMUS_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert store.place() == (None if expected is None else Path(expected) / f"v{store.FORMAT}")


def test_what_was_not_used_for_longest_goes(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "MOST", 10_000)
    for number in range(12):
        store.put(b"key %d" % number, bytes(1000))
        for age, entry in enumerate(sorted(entries(folder), key=lambda e: e.stat().st_mtime_ns, reverse=True)):
            os.utime(entry, (1e9 - age, 1e9 - age))
    assert sum(entry.stat().st_size for entry in entries(folder)) <= 10_000
    kept = [number for number in range(12) if store.get(b"key %d" % number) is not None]
    assert kept == list(range(kept[0], 12))
    assert 6 <= len(kept) < 10


def test_what_is_used_counts_as_new(folder: Path):
    store.put(KEY, VALUE)
    (entry,) = entries(folder)
    os.utime(entry, (1e9, 1e9))
    store.get(KEY)
    assert entry.stat().st_mtime > 1e9


def test_what_a_killed_process_left_goes_in_the_end(folder: Path):
    store.put(KEY, VALUE)
    old, new = folder / "old.new", folder / "new.new"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    store.put(b"other", VALUE)
    assert not old.exists()
    assert new.exists()


def test_several_at_a_time():
    def work(number: int) -> bool:
        store.put(KEY, VALUE * 1000)
        store.put(b"own %d" % number, b"%d" % number)
        return store.get(KEY) == VALUE * 1000 and store.get(b"own %d" % number) == b"%d" % number

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))


def test_several_processes_at_a_time(folder: Path):
    code = (
        "from litmus import store\n"
        "for i in range(100):\n"
        "    store.put(b'k', b'v' * 50_000)\n"
        "    assert store.get(b'k') == b'v' * 50_000\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    assert len(entries(folder)) == 1


def test_an_edition_is_of_the_version_of_python_and_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    room = tmp_path / "room"
    room.mkdir()
    (room / "a.py").write_text("1")
    monkeypatch.setattr(store, "__file__", str(tmp_path / "store.py"))
    seen = {store.edition("room")}
    assert store.edition("room") in seen
    changes = (
        lambda: os.utime(room / "a.py", ns=(1, 1)),
        lambda: (room / "b.py").write_text(""),
        lambda: monkeypatch.setattr(store, "__version__", "0.0.0"),
        lambda: monkeypatch.setattr(sys, "hexversion", 1),
    )
    for number, change in enumerate(changes):
        change()
        seen.add(store.edition("room"))
        assert len(seen) == number + 2
