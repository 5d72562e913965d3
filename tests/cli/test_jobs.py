"""Several tests at a time: nothing of one reaches another, not even how it ends."""

import faulthandler
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from litmus.errors import LitmusError
from litmus.suite import parallel as parallel_module
from litmus.suite import step as step_module
from litmus.suite.answer import Answer
from litmus.suite.evaluation import Settings
from litmus.suite.parallel import Broken, Crew
from litmus.suite.process import Copied
from litmus.suite.running import Slot, answers, processors
from litmus.suite.status import Status
from litmus.suite.step import evaluating, given_up, spoil

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
        case ["stuck", title]:
            if not given_up(title, "sc"):
                with evaluating(title, "sc", 0.1):
                    while True:
                        pass
            return [Answer(f"{test} given up\n", status=Status.UNKNOWN)]
        case ["spoil"]:
            spoil()
        case ["pid"]:
            return [Answer(str(os.getpid()))]
        case ["bug"]:
            raise ZeroDivisionError
    return [Answer(f"{test}\n")]


def parallel(tests, jobs, memory=None, seconds=None):
    """Yield the answers of tests, some of which may be known."""
    crew = Crew(Copied(answer, memory), jobs, memory)
    slots = (Slot(None, test) if isinstance(test, list) else Slot(test, seconds=seconds) for test in tests)
    try:
        for slot in crew.run(slots):
            yield from slot.answers
    finally:
        crew.dismiss()


def told(tmp_path, names, jobs, memory=None, seconds=None):
    return list(parallel([tmp_path / name for name in names], jobs, memory, seconds))


def test_the_order_is_that_of_the_tests(tmp_path):
    names = ["sleep-0.3", *(f"{number}" for number in range(30)), "sleep-0.1"]
    assert [a.out for a in told(tmp_path, names, 3)] == [f"{tmp_path / name}\n" for name in names]


def test_what_is_known_already_keeps_its_place(tmp_path):
    tasks = [tmp_path / "sleep-0.1", [Answer("known\n")], tmp_path / "a"]
    assert [a.out for a in parallel(tasks, 2)] == [
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


def test_what_takes_too_long_is_ended_and_the_others_run(tmp_path, monkeypatch):
    monkeypatch.setattr(step_module, "MARGIN", 0.1)
    found = told(tmp_path, ["a", "stuck-t", "b", "sleep-60", "stuck-t", "c"], 2, seconds=0.2)
    assert [a.status for a in found] == [0, 3, 0, 3, 3, 0]
    assert found[1].out.endswith("stuck-t given up\n")
    assert found[3].error == f"{tmp_path / 'sleep-60'}: unknown: time limit of 0.2 s reached while it was read\n"


def test_an_output_that_is_not_read_is_no_overrun(tmp_path, monkeypatch):
    """What a process said in time counts, however late it is heard."""
    monkeypatch.setattr(step_module, "MARGIN", 0.1)
    found = []
    for answered in parallel([tmp_path / name for name in ("sleep-0.1", "a", "sleep-0.1", "b")], 1, seconds=0.3):
        found.append(answered.status)
        time.sleep(0.6)
    assert found == [0, 0, 0, 0]


def test_a_process_in_which_something_is_half_done_answers_nothing_else(tmp_path):
    found = told(tmp_path, ["pid", "pid", "spoil", "pid", "pid"], 1)
    pids = [a.out for a in found if a.out.isdigit()]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_an_error_of_ours_is_not_hidden(tmp_path):
    with pytest.raises(Broken, match="ZeroDivisionError"):
        told(tmp_path, ["a", "bug", "b"], 2)


def test_whoever_stops_listening_leaves_no_process(tmp_path):
    found = parallel([tmp_path / "a", tmp_path / "sleep-60", tmp_path / "b"], 2)
    next(found)
    started = time.monotonic()
    found.close()
    assert time.monotonic() - started < 10


def test_what_is_done_is_told_on_interrupt(tmp_path, monkeypatch):
    real = parallel_module.wait
    calls = []

    def interrupted(pipes, seconds):
        calls.append(pipes)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return real(pipes, seconds)

    monkeypatch.setattr(parallel_module, "wait", interrupted)
    answered = parallel([tmp_path / "sleep-60", tmp_path / "a", tmp_path / "b"], 2)
    assert [next(answered).out for _ in range(2)] == [f"{tmp_path / 'a'}\n", f"{tmp_path / 'b'}\n"]
    with pytest.raises(KeyboardInterrupt):
        next(answered)


def test_one_test_needs_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr(parallel_module, "Crew", None)
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


SLOW = ("--engine", "explicit", "--no-cache")


def interrupted(folder, *arguments, lines):
    """Run a command, and press Ctrl-C when it has printed so many lines."""
    command = [sys.executable, "-m", "litmus", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    first = "".join(process.stdout.readline() for _ in range(lines))
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    with process:
        out, err = process.stdout.read(), process.stderr.read()
    return process.returncode, first + out, err


@pytest.fixture
def with_a_long_one(tmp_path):
    for name, text in (("a", SHORT), ("b", long()), ("c", SHORT), ("d", SHORT.replace("x == 1", "x == 2"))):
        (tmp_path / f"{name}.lit").write_text(text)
    return tmp_path


@pytest.mark.parametrize("limit", [(), ("--timeout", 600)], ids=["", "timeout"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_prints_what_is_done_and_how_much_is_not(with_a_long_one, jobs, limit):
    status, out, err = interrupted(with_a_long_one, "check", *SLOW, *limit, f"-j{jobs}", ".", lines=2)
    assert status == 130
    done = {1: 1, 2: 3}[jobs]
    assert out.count("one  expected") == done
    assert out.splitlines()[-1].endswith(f"; interrupted: {4 - done} file{'s' if done < 3 else ''} not run")
    assert err == f"interrupted: {4 - done} of 4 files not run\n"


def test_ctrl_c_leaves_whole_files_that_say_what_was_not_run(with_a_long_one):
    outputs = [f"--output={form}=out.{form}" for form in ("json", "junit", "sarif", "tap", "github", "text")]
    (with_a_long_one / "known.json").write_text(before := '{"version": 1, "deviations": [\n\n]}\n')
    kept = ("--baseline", "known.json", "--update")
    status, _, err = interrupted(with_a_long_one, "check", *SLOW, "-j1", *kept, *outputs, ".", lines=2)
    assert status == 130
    written = {path.suffix[1:]: path.read_text() for path in with_a_long_one.glob("out.*")}
    lines = [json.loads(line) for line in written["json"].splitlines()]
    assert [(line.get("test"), line["status"], line.get("file")) for line in lines] == [
        ("t", "holds", None),
        *((None, "not run", f"{name}.lit") for name in "bcd"),
    ]
    cases = list(ElementTree.fromstring(written["junit"]).iter("testcase"))
    assert [case.get("name") for case in cases] == ["one [sc]", *["not run"] * 3]
    assert all(case.find("error") is not None for case in cases[1:])
    (run,) = json.loads(written["sarif"])["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["not-run"] * 3
    assert written["tap"].count("not ok") == 3
    assert written["tap"].endswith("1..4\n")
    assert written["github"].count("::error") == 3
    assert "3 files not run" in written["text"]
    assert (with_a_long_one / "known.json").read_text() == before
    assert "known.json: left as it was" in err


@pytest.mark.parametrize("command", [("run",), ("bench",), ("run", "--format", "json"), ("compare", "sc", "lkmm")])
def test_ctrl_c_in_other_commands(with_a_long_one, command):
    status, _, err = interrupted(
        with_a_long_one, *command, *SLOW, "-j1", "a.lit", "b.lit", "c.lit", lines=0 if command[0] == "compare" else 1
    )
    assert status == 130
    assert err == "interrupted: 2 of 3 files not run\n"


def test_whoever_is_killed_leaves_no_process_that_computes(with_a_long_one):
    (with_a_long_one / "e.lit").write_text(long())
    command = [sys.executable, "-m", "litmus", "check", *SLOW, "-j2", "b.lit", "e.lit", "a.lit"]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen(command, cwd=with_a_long_one, env=environment, stdout=subprocess.PIPE)
    with process:
        time.sleep(3)
        process.kill()
        # Whoever still has the other end of the pipe is a process that was left.
        assert process.communicate(timeout=20)[0] == b""
