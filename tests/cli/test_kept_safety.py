"""Kept answers whatever happens to the disk, to processes and to what they rest on: the same as fresh ones. Each check
is a process of its own, as a process reads a model once."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MP = """litmus "{0}"
models lkmm, sc;
int x = 0, y = 0;
thread W {{ WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); }}
thread R {{ int a = READ_ONCE(y); int b = READ_ONCE(x); }}
forbid stale: R.a == 1 && R.b == 0;
"""
SB = """C SB
(* Result: Never *)
{ }
P0(int *x, int *y) { int r0; WRITE_ONCE(*x, 1); smp_mb(); r0 = READ_ONCE(*y); }
P1(int *x, int *y) { int r0; WRITE_ONCE(*y, 1); smp_mb(); r0 = READ_ONCE(*x); }
exists (0:r0=0 /\\ 1:r0=0)
"""
TABLE = """READ_ONCE(X) __load{ONCE}(X)
WRITE_ONCE(X,V) { __store{ONCE}(X,V); }
smp_mb() { __fence{MB}; }
"""
NUMBER = 8


@pytest.fixture(autouse=True)
def corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path / "kept"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    Path("tests").mkdir()
    for number in range(NUMBER):
        Path(f"tests/{number}.lit").write_text(MP.format(f"mp{number}"))


def command(*arguments):
    return [sys.executable, "-m", "litmus", "check", *arguments]


def check(*arguments, **options):
    ran = subprocess.run(command(*arguments), capture_output=True, text=True, **options)
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout


def journals():
    return sorted(Path("kept").rglob("answers-*"))


def test_processes_at_the_same_time_that_are_killed():
    fresh = check("-j1", "--no-cache", "tests")
    chance = random.Random(0)
    running = [subprocess.Popen(command("-j2", "tests"), stdout=subprocess.DEVNULL) for _ in range(3)]
    for process in running[:2]:
        time.sleep(0.2 + 0.3 * chance.random())
        process.kill()
    for process in running:
        process.wait()
    assert running[2].returncode == fresh[0]
    assert check("-j1", "tests") == check("-j2", "tests") == fresh


@pytest.mark.parametrize("part", [0.0, 0.01, 0.3, 0.5, 0.77, 0.99])
def test_files_that_end_in_the_middle(part):
    fresh = check("-j1", "tests")
    for path in filter(Path.is_file, Path("kept").rglob("*.kept")):
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    assert check("-j1", "tests") == check("-j1", "tests") == fresh


def test_files_of_anything():
    fresh = check("-j1", "tests")
    chance = random.Random(1)
    for path in filter(Path.is_file, Path("kept").rglob("*.kept")):
        data = bytearray(path.read_bytes())
        for _ in range(len(data) // 100 + 1):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
    assert check("-j1", "tests") == check("-j1", "tests") == fresh


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="files have no limit here")
@pytest.mark.parametrize("most", [0, 100, 3000, 10_000])
def test_a_disk_that_is_full_in_the_middle_of_a_file(most):
    """No file may grow over a limit: writes are cut off, then refused."""

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    fresh = check("-j1", "--no-cache", "tests")
    assert check("-j1", "tests", preexec_fn=limited) == fresh
    assert check("-j1", "tests", preexec_fn=limited) == fresh
    assert all(path.stat().st_size <= most for path in Path("kept").rglob("*.kept") if path.is_file())
    assert check("-j1", "tests") == check("-j1", "tests") == fresh


@pytest.mark.parametrize("place", ["/proc/litmus", "/dev/null", "/dev/null/below", "tests/0.lit"])
def test_places_where_nothing_can_be_kept(monkeypatch, place):
    fresh = check("-j1", "--no-cache", "tests")
    monkeypatch.setenv("LITMUS_CACHE", place)
    assert check("-j1", "tests") == check("-j1", "tests") == fresh


@pytest.mark.skipif(os.geteuid() == 0, reason="for root nothing is read-only")
def test_a_folder_that_is_read_only():
    fresh = check("-j1", "tests")
    folders = [Path("kept"), *filter(Path.is_dir, Path("kept").rglob("*"))]
    for folder in folders:
        folder.chmod(0o500)
    try:
        Path("tests/new.lit").write_text(MP.format("new"))
        assert check("-j1", "tests")[0] == fresh[0]
    finally:
        for folder in folders:
            folder.chmod(0o700)


def served(*arguments):
    """What a check answers, and whether that was kept: then nothing is written."""
    before = {path: path.stat().st_size for path in journals()}
    answer = check(*arguments)
    return answer, before == {path: path.stat().st_size for path in journals()}


def test_another_version_is_not_served():
    first = check("-j1", "tests")
    assert served("-j1", "tests") == (first, True)
    code = "import litmus; litmus.__version__ = '99'; import litmus.cli.main as main; main.entry()"
    before = journals()
    ran = subprocess.run([sys.executable, "-c", code, "check", "-j1", "tests"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == first
    assert len(journals()) == len(before) + 1
    assert served("-j1", "tests") == (first, True)


def test_a_bell_file_that_changed():
    Path("a.litmus").write_text(SB)
    Path("a.cat").write_text('"a"\nacyclic po | order as sc\n')
    asked = ("a.litmus", "--model", "a.cat", "--bell", "a.bell", "--target", "lkmm")
    base = "enum Accesses = 'once\ninstructions R[{'once}]\ninstructions W[{'once}]\nenum Barriers = 'mb\n"
    base += "instructions F[{'mb}]\n"
    Path("a.bell").write_text(base + "let order = rf | co | fr\n")
    assert served(*asked)[0][0] == 0
    assert served(*asked)[1]
    Path("a.bell").write_text(base + "let order = 0\n")
    changed, kept = served(*asked)
    assert (changed[0], kept) == (1, False)
    assert changed == check("--no-cache", *asked)


def test_a_macro_table_that_changed():
    Path("a.litmus").write_text(SB)
    asked = ("a.litmus", "--model", "lkmm", "--macros", "a.def")
    Path("a.def").write_text(TABLE)
    assert served(*asked)[0][0] == 0
    assert served(*asked)[1]
    Path("a.def").write_text(TABLE.replace("MB", "RMB"))
    changed, kept = served(*asked)
    assert (changed[0], kept) == (1, False)


def test_a_configuration_of_herd_that_changed():
    Path("a.litmus").write_text(SB)
    Path("a.cat").write_text('"a"\nacyclic po | (if "lkmmv2" then rf | co | fr else 0) as sc\n')
    asked = ("a.litmus", "--conf", "a.cfg", "--target", "lkmm")
    Path("a.cfg").write_text("model a.cat\nvariant lkmmv2\n")
    assert served(*asked)[0][0] == 0
    assert served(*asked)[1]
    Path("a.cfg").write_text("model a.cat\n")
    changed, kept = served(*asked)
    assert (changed[0], kept) == (1, False)


def test_an_include_that_is_found_earlier_now():
    """Nothing that is named has changed: another file of the same name is nearer."""
    Path("a.litmus").write_text(SB)
    for folder in ("near", "far"):
        Path(folder).mkdir()
    Path("a.cat").write_text('"a"\ninclude "order.cat"\nacyclic po | order as sc\n')
    Path("far/order.cat").write_text("let order = rf | co | fr\n")
    asked = ("a.litmus", "--model", "a.cat", "-I", "near", "-I", "far", "--target", "lkmm")
    assert served(*asked)[0][0] == 0
    assert served(*asked)[1]
    Path("near/order.cat").write_text("let order = 0\n")
    changed, kept = served(*asked)
    assert (changed[0], kept) == (1, False)


def test_settings_that_changed():
    Path("a.litmus").write_text(SB.replace("Never", "Maybe"))
    Path("litmus.toml").write_text('[[path]]\nmatch = "*"\nexpect = "Never"\n')
    assert served("a.litmus")[0][0] == 0
    assert served("a.litmus")[1]
    Path("litmus.toml").write_text('[[path]]\nmatch = "*"\nexpect = "Sometimes"\n')
    changed, kept = served("a.litmus")
    assert (changed[0], kept) == (1, False)
