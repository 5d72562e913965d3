"""Several tests at a time: nothing of one reaches another, not even how it ends."""

import faulthandler
import os
import signal
import subprocess
import sys
import time

import pytest

from litmus.errors import LitmusError
from litmus.suite import parallel as parallel_module
from litmus.suite.answer import Answer, answers, processors
from litmus.suite.evaluation import Settings
from litmus.suite.parallel import Broken, parallel
from litmus.suite.status import Status

SHORT = 'litmus "t"\nmodels sc;\nint x = 0;\nthread P { WRITE_ONCE(x, 1); }\nrequire one: x == 1;\n'


def long(threads=7):
    names = [f"v{number}" for number in range(threads)]
    lines = [f"thread P{i} {{ WRITE_ONCE(v{i}, 1); int a = READ_ONCE(v{(i + 1) % threads}); }}" for i in range(threads)]
    bodies = "\n".join(line.replace("int a", "int a") for line in lines)
    writes = "\n".join(f"thread Q{i} {{ WRITE_ONCE(v{i}, 2); WRITE_ONCE(v{i}, 3); }}" for i in range(threads))
    return (
        f'litmus "long"\nmodels lkmm;\nint {", ".join(f"{name} = 0" for name in names)};\n{bodies}\n{writes}\n'
        "forbid no: P0.a == 1 && P1.a == 2;\n"
    )


def answer(test):
    """What each process does here with the name of a test."""
    match test.name.split("-"):
        case ["kill", number]:
            faulthandler.disable()  # which would print where
            os.kill(os.getpid(), int(number))
        case ["allocate", megabytes]:
            try:
                bytearray(int(megabytes) * 2**20)
            except MemoryError:
                return [Answer(f"{test} got no memory\n", status=Status.UNKNOWN)]
        case ["sleep", seconds]:
            time.sleep(float(seconds))
        case ["bug"]:
            raise ZeroDivisionError
    return [Answer(f"{test}\n")]


def told(tmp_path, names, jobs, memory=None):
    return list(parallel(answer, [tmp_path / name for name in names], jobs, memory))


def test_the_order_is_that_of_the_tests(tmp_path):
    names = ["sleep-0.3", *(f"{number}" for number in range(30)), "sleep-0.1"]
    assert [a.out for a in told(tmp_path, names, 3)] == [f"{tmp_path / name}\n" for name in names]


def test_what_is_known_already_keeps_its_place(tmp_path):
    tasks = [tmp_path / "sleep-0.1", [Answer("known\n")], tmp_path / "a"]
    assert [a.out for a in parallel(answer, tasks, 2)] == [
        f"{tmp_path / 'sleep-0.1'}\n",
        "known\n",
        f"{tmp_path / 'a'}\n",
    ]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_killed_takes_one_test_with_it(tmp_path, number):
    found = told(tmp_path, ["a", f"kill-{int(number)}", "b", "c", f"kill-{int(number)}", "d"], 2)
    assert [a.status for a in found] == [0, 2, 0, 0, 2, 0]
    assert f"ended by signal {int(number)}" in found[1].error
    assert "kill" in found[1].error


def test_memory_is_bounded_for_each(tmp_path):
    found = told(
        tmp_path, ["allocate-10", "allocate-2000", "allocate-10", f"kill-{int(signal.SIGABRT)}", "a"], 2, 2**28
    )
    assert [a.status for a in found] == [0, 3, 0, 3, 0]


def test_an_error_of_ours_is_not_hidden(tmp_path):
    with pytest.raises(Broken, match="ZeroDivisionError"):
        told(tmp_path, ["a", "bug", "b"], 2)


def test_whoever_stops_listening_leaves_no_process(tmp_path):
    found = parallel(answer, [tmp_path / "a", tmp_path / "sleep-60", tmp_path / "b"], 2)
    next(found)
    started = time.monotonic()
    found.close()
    assert time.monotonic() - started < 10


def test_what_is_done_is_told_on_interrupt(tmp_path, monkeypatch):
    real = parallel_module.wait
    calls = []

    def interrupted(pipes):
        calls.append(pipes)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return real(pipes)

    monkeypatch.setattr(parallel_module, "wait", interrupted)
    answered = parallel(answer, [tmp_path / "sleep-60", tmp_path / "a", tmp_path / "b"], 2)
    assert [next(answered).out for _ in range(2)] == [f"{tmp_path / 'a'}\n", f"{tmp_path / 'b'}\n"]
    with pytest.raises(KeyboardInterrupt):
        next(answered)


def test_one_test_needs_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr(parallel_module, "get_context", None)
    (tmp_path / "a.lit").write_text(SHORT)
    error = LitmusError("of the command line")
    found = list(
        answers([error, tmp_path / "a.lit", error], lambda program, _: iter([Answer("done")]), Settings(), None)
    )
    assert [a.status for a in found] == [2, 0, 2]


def test_all_processors_are_used_by_default():
    assert processors() == len(os.sched_getaffinity(0))


def test_a_test_without_memory_is_unknown_and_the_others_run(litmus, tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / f"{name}.lit").write_text(SHORT)
    found = litmus("check", tmp_path, "--memory", 500)
    assert (found.status, found.err) == (0, "")


def test_ctrl_c(tmp_path):
    (tmp_path / "a.lit").write_text(SHORT)
    (tmp_path / "b.lit").write_text(long())
    (tmp_path / "c.lit").write_text(SHORT)
    command = [sys.executable, "-m", "litmus", "check", "--engine", "explicit", "--no-cache", "-j2", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline() + process.stdout.readline()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (first + out).count("ok  one") == 2
    assert err.strip() == "interrupted"
