"""Tests over a cluster of Dask: the same as at home, whatever becomes of the workers. The workers are processes; their
folder has none of the tests."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from litmus.cli.main import status_of
from litmus.errors import UsageError

pytest.importorskip("distributed")

from litmus.suite import cluster as cluster_module
from litmus.suite import remote
from litmus.suite.cluster import Cluster
from litmus.suite.parallel import Broken
from litmus.suite.running import Slot
from litmus.suite.trace import trace

ROOT = Path(__file__).parents[2]

CLUSTER = """
import os, sys, time
from distributed import LocalCluster

def main():
    with LocalCluster(
        n_workers=int(sys.argv[1]), threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()

if __name__ == "__main__":
    main()
"""

WORK = """
import os, signal, time
from litmus.suite.answer import Answer
from litmus.suite.disk import data, elsewhere
from litmus.suite.step import evaluating, given_up

def made(path):
    match path.name.split("-"):
        case ["kill", *_]:
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        case ["die", *_]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["sleep", seconds, *_]:
            time.sleep(float(seconds))
        case ["stuck", *_]:
            if not given_up("t", "sc"):
                with evaluating("t", "sc", 0.1):
                    while True:
                        pass
            yield Answer("given up")
            return
        case ["read", other]:
            assert elsewhere()
            yield Answer(data(path.parent / other).decode())
            return
        case ["bug"]:
            raise ZeroDivisionError
        case ["allocate"]:
            try:
                bytearray(2**31)
            except MemoryError:
                yield Answer("no memory")
                return
    yield Answer(f"{path.name} at {os.getppid()}")
"""

SB = """litmus "sb{number}"
models lkmm, sc;
include "part.inc";
int x = 0, y = 0;
thread A {{ {store} smp_mb(); int r = READ_ONCE(y); }}
thread B {{ WRITE_ONCE(y, 1); smp_mb(); int r = READ_ONCE(x); }}
forbid stale: A.r == 0 && B.r == 0;
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """The folder of a module that says what tests do here."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "cluster_work.py").write_text(WORK)
    (folder / "cluster.py").write_text(CLUSTER)
    return folder


class Running:
    """A cluster with so many workers."""

    def __init__(self, work, number):
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{work}", "LITMUS_CACHE": "off"}
        (folder := work / "elsewhere").mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, str(work / "cluster.py"), str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def pids(self):
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            return list(client.run(os.getpid).values())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate("")


@pytest.fixture(scope="module")
def running(work):
    with Running(work, 3) as cluster:
        yield cluster


@pytest.fixture
def told(running, work, tmp_path, monkeypatch):
    """Run what the module says, and return the tests with their answers."""
    monkeypatch.syspath_prepend(str(work))
    from cluster_work import made

    def run(names, *, seconds=None, memory=None, address=running.address):
        for name in names:
            (tmp_path / name).write_text(name)
        cluster = Cluster(address, made, memory)
        try:
            return list(cluster.run(iter([Slot(tmp_path / name, seconds=seconds) for name in names])))
        finally:
            cluster.dismiss()

    return run


def texts(slots):
    return [(slot.answers[0].out or slot.answers[0].error).split(" at ")[0] for slot in slots]


def test_the_order_is_that_of_the_tests(told):
    names = ["sleep-1", *(f"t{number}" for number in range(60)), "sleep-0.2", "t"]
    assert texts(told(names)) == names


def test_a_process_that_dies_takes_one_test_with_it(told):
    found = texts(told(["a", "die", "b", "c"]))
    assert found[:1] + found[2:] == ["a", "b", "c"]
    assert "ended by signal 9" in found[1]


def test_limits_hold_there(told, monkeypatch):
    found = told(["a", "sleep-60", "stuck", "b"], seconds=0.2)
    assert [slot.answers[0].status for slot in found] == [0, 3, 0, 0]
    assert "time limit of 0.2 s reached while it was read" in found[1].answers[0].error
    assert texts(found)[2] == "given up"
    assert texts(told(["a", "allocate", "b"], memory=2**29)) == ["a", "no memory", "b"]


def test_a_test_that_kills_its_workers_is_an_error_and_the_others_are_none(told):
    names = [*(f"a{number}" for number in range(8)), "kill", *(f"b{number}" for number in range(8))]
    found = texts(told(names))
    assert found.pop(8).endswith(
        "kill: the workers that ran it died, one after the other (--memory bounds what a test takes)\n"
    )
    assert found == names[:8] + names[9:]


def test_files_are_sent_when_they_are_asked_for(told, tmp_path):
    (tmp_path / "other").write_text("what is in it")
    (tmp_path / "missing").unlink(missing_ok=True)
    assert texts(told(["read-other", "a"])) == ["what is in it", "a"]
    with pytest.raises(Broken, match="FileNotFoundError"):
        told(["read-missing"])


def test_an_error_of_ours_is_not_hidden(told):
    with pytest.raises(Broken, match="ZeroDivisionError"):
        told(["a", "bug"])


def test_another_version_is_refused(told, monkeypatch):
    monkeypatch.setattr(cluster_module, "edition", lambda: "0.0.1 (abc)")
    with pytest.raises(UsageError, match=r"has litmuskit .* and this is 0\.0\.1 \(abc\)"):
        told(["a"])


def test_a_worker_that_comes_later_is_asked_too(told, monkeypatch):
    monkeypatch.setattr(cluster_module, "edition", lambda: "0.0.1 (abc)")
    monkeypatch.setattr(Cluster, "_require_same", lambda self: None)
    with pytest.raises(UsageError, match="a worker has litmuskit"):
        told(["a"])


def test_nobody_answers(told, monkeypatch):
    monkeypatch.setattr(cluster_module, "CONNECT", 1)
    started = time.monotonic()
    with pytest.raises(UsageError, match="no scheduler answers there within 1 s"):
        told(["a"], address="tcp://127.0.0.1:9")
    assert time.monotonic() - started < 10
    with pytest.raises(UsageError, match="no scheduler answers there"):
        told(["a"], address="nonsense://x")


def test_no_worker(told, work, monkeypatch):
    monkeypatch.setattr(cluster_module, "CONNECT", 1)
    with Running(work, 0) as empty, pytest.raises(UsageError, match="no worker within 1 s"):
        told(["a"], address=empty.address)


def test_nobody_is_left(told, work, monkeypatch):
    """Neither where all workers are gone, nor where the scheduler is, anything is waited for without end."""
    monkeypatch.setattr(cluster_module, "ALONE", 1)
    monkeypatch.setattr(cluster_module, "_ROUND", 0.2)
    real, seen = Cluster._look_round, []

    def retire(self):
        self._client.retire_workers(self._client.nthreads())
        real(self)

    with Running(work, 1) as cluster, monkeypatch.context() as patch:
        patch.setattr(Cluster, "_take", lambda self, take=Cluster._take: (retire(self), take(self)))
        with pytest.raises(UsageError, match="there has been no worker for 1 s"):
            told(["sleep-5", "a"], address=cluster.address)

    with Running(work, 1) as cluster:

        def end(self):
            if self._sent and not seen:
                seen.append(cluster.process.kill())
            real(self)

        monkeypatch.setattr(Cluster, "_look_round", end)
        started = time.monotonic()
        with pytest.raises(UsageError, match="the scheduler"):
            told(["sleep-60", "a"], address=cluster.address)
        assert time.monotonic() - started < 60


# ------------------------------------------------------------------------------------------------------------ commands
@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """Tests with an include, a model of their own, errors, and a configuration."""
    monkeypatch.chdir(tmp_path)
    (tests := tmp_path / "tests").mkdir()
    (tests / "part.inc").write_text("define one() = 1;\n")
    for number in range(12):
        store = "WRITE_ONCE(x, one());" if number % 4 else ""
        (tests / f"{number:02}.lit").write_text(SB.format(number=number, store=store))
    (tests / "03.lit").write_text('litmus "wrong"\nint x;\nthread A { WRITE_TWICE(x, 1); }\n')
    (tests / "04.lit").write_text(SB.format(number=4, store="WRITE_ONCE(x, 1);").replace("part.inc", "port.inc"))
    (tests / "05.lit").write_bytes(b"")
    (tmp_path / "mine.cat").write_text('"mine"\ninclude "rest.cat"\nacyclic all as sc\n')
    (tmp_path / "rest.cat").write_text("let all = po | rf | co | fr\n")
    return tmp_path


ARGUMENTS = [
    ("check", "tests"),
    ("check", "tests", "--format", "json"),
    ("check", "tests", "--format", "junit"),
    ("check", "tests", "missing.lit", "--model", "mine.cat", "--target", "lkmm"),
    ("check", "tests", "--matrix"),
    ("run", "tests", "--format", "json"),
    ("compare", "sc", "lkmm", "tests"),
]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_it_is_the_same_as_at_home(litmus, running, corpus, arguments):
    home = litmus(*arguments, "--no-cache", "-j1")
    away = litmus(*arguments, "--no-cache", "--scheduler", running.address)
    assert without_times(away.out) == without_times(home.out)
    assert (away.status, away.err) == (home.status, home.err)


def without_times(text):
    if not text.startswith('{"test"'):
        return text
    lines = [json.loads(line) for line in text.splitlines()]
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def test_configuration_and_baseline_are_seen_from_here(litmus, running, corpus):
    (corpus / "litmus.toml").write_text(
        'paths = ["tests"]\nbaseline = "known.json"\n[[path]]\nmatch = "tests/01.lit"\nmodels = "x86"\n'
    )
    assert litmus("check", "--update", "--scheduler", running.address, "--no-cache").status == 2
    assert (corpus / "known.json").read_text().count("sb") == 4
    arguments = ("check", str(corpus / "tests"), "tests/01.lit", "--no-cache")
    home = litmus(*arguments, "-j1")
    away = litmus(*arguments, "--scheduler", running.address)
    assert away == home
    assert "known" in home.out
    assert "x86" in home.out


def test_answers_are_kept_here(litmus, running, corpus, monkeypatch):
    monkeypatch.setenv("LITMUS_CACHE", str(corpus / "kept"))
    monkeypatch.setattr(trace(), "shared", {})  # models of other tests, whose files have changed
    for name in ("03", "04", "05"):
        (corpus / "tests" / f"{name}.lit").unlink()
    first = litmus("check", "tests", "--scheduler", running.address)
    assert litmus("check", "tests", "--scheduler", "tcp://127.0.0.1:9") == first
    (corpus / "tests" / "part.inc").write_text("define one() = 2;\n")
    assert litmus("check", "tests", "--scheduler", running.address).status == first.status
    (corpus / "tests" / "part.inc").write_text("define one() = \n")
    assert litmus("check", "tests", "--scheduler", running.address).status == 2


def test_a_worker_is_killed_in_the_middle(work, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "part.inc").write_text("define one() = 1;\n")
    for number in range(150):
        (tmp_path / f"{number:03}.lit").write_text(SB.format(number=number, store="WRITE_ONCE(x, one());"))
    with Running(work, 3) as cluster:
        command = [sys.executable, "-m", "litmus", "check", "--no-cache", ".", "--scheduler", cluster.address]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        os.kill(cluster.pids()[0], signal.SIGKILL)
        assert process.poll() is None
        with process:
            out, err = process.stdout.read(), process.stderr.read()
        titles = [line for line in (first + out).splitlines() if line.startswith("sb")]
    assert err == ""
    assert titles == [f"sb{number}" for number in range(150)]
    assert out.splitlines()[-1] == "300 expectations: 300 hold, 0 fail, 0 unknown"
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_whoever_leaves_ends_what_runs_there(running, work, tmp_path, number):
    script = tmp_path / "client.py"
    script.write_text(
        "from pathlib import Path\nfrom cluster_work import made\nfrom litmus.suite.cluster import Cluster\n"
        "from litmus.suite.running import Slot\n"
        f"cluster = Cluster({running.address!r}, made, None)\n"
        "slots = iter([Slot(Path('a')), Slot(Path('sleep-500')), Slot(Path('b'))])\n"
        "try:\n    for slot in cluster.run(slots):\n        print(slot.test, flush=True)\n"
        "except KeyboardInterrupt:\n    print('interrupted', flush=True)\n"
        "finally:\n    cluster.dismiss()\n"
    )
    for name in ("a", "b", "sleep-500"):
        (tmp_path / name).write_text("")
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{work}"}
    process = subprocess.Popen(
        [sys.executable, str(script)], cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "a\n"
    time.sleep(2)
    there = beside(running)
    assert there > 0
    process.send_signal(number)
    with process:
        out = process.stdout.read()
    assert out == ("b\ninterrupted\n" if number == signal.SIGINT else "")
    # Of who is killed, what computes ends at once, and what has nothing to do a minute later.
    wait_until(lambda: beside(running) < (1 if number == signal.SIGINT else there))


def beside(running):
    """How many processes beside the workers are there that answer tests."""
    listed = subprocess.run(["ps", "-eww", "-o", "ppid,args"], capture_output=True, text=True, check=True).stdout
    mine = [str(pid) for pid in running.pids()]
    return sum("litmus.suite.worker" in line and line.split()[0] in mine for line in listed.splitlines())


def test_a_job_is_forgotten_that_nobody_asks_about(monkeypatch):
    class Idle:
        ended = False

        def dismiss(self):
            self.ended = True

    monkeypatch.setattr(remote, "UNUSED", 0.2)
    monkeypatch.setattr(remote, "_posts", lambda posts={}: posts)
    job = remote.Job("name", "", None, None, "", False, {})
    idle = Idle()
    remote._post("name", job).idle.append(idle)
    assert remote._post("name", None) is not None
    wait_until(lambda: remote._post("name", None) is None)
    wait_until(lambda: idle.ended)


def wait_until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_what_does_not_go_with_it(litmus, running, corpus):
    assert "--jobs is about this machine" in litmus("check", "tests", "-j2", "--scheduler", running.address).err
    assert "no files of yours" in litmus("run", "tests", "--proof", "out", "--scheduler", running.address).err
    assert "no hands for" in litmus("check", "tests", "--update", "--scheduler", running.address).err


def test_without_the_package(monkeypatch, corpus, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert status_of(["check", "tests", "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "pip install 'litmuskit[distributed]'" in capsys.readouterr().err
