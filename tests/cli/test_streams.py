"""Output comes test by test, in the order of the command line, and ends quietly where nobody reads."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

INPUT = Path(__file__).parents[1] / "golden" / "input"
FEW = [str(INPUT / "wrong.lit"), str(INPUT / "sb.litmus")]
LITMUS = [sys.executable, "-m", "litmus"]


def test_jobs_keep_the_order(litmus):
    files = [INPUT / "wrong.lit", INPUT / "sb.litmus", INPUT / "race.litmus"] * 3
    one, two = (litmus("run", *files, "--format", "json", "--no-cache", "-j", jobs) for jobs in (1, 2))
    titles = [json.loads(line)["test"] for line in two.out.splitlines()]
    assert titles == [json.loads(line)["test"] for line in one.out.splitlines()]
    assert one.status == two.status == 0


def test_jobs_give_the_same_answers_and_errors(litmus, tmp_path):
    empty, broken = tmp_path / "empty.lit", tmp_path / "broken.litmus"
    empty.write_text("")
    broken.write_text("C broken\n{}\nP0(int *x) {\n")
    files = [INPUT / "wrong.lit", empty, INPUT / "pin.lit", tmp_path / "gone", broken, INPUT / "sb.litmus"]
    one, two = (litmus("check", *files, "--no-cache", "-j", jobs) for jobs in (1, 3))
    assert one.status == 2
    assert one.err.count("error:") == 3
    assert one.out.endswith("; 3 errors (does not parse: 1)\n")
    assert one == two


@pytest.mark.skipif(not Path(f"/proc/{os.getpid()}/task").exists(), reason="needs /proc")
def test_a_process_that_is_killed_is_an_error_of_its_test(tmp_path):
    slow = tmp_path / "slow.lit"
    slow.write_text('litmus "slow"\nint x;\nthread T { ' + "r = READ_ONCE(x);\n" * 60000 + "}\nforbid a: T.r == 1;\n")
    command = [*LITMUS, "run", "--no-cache", "-j", "2", str(slow), *FEW]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    with run:
        while len(workers := children.read_text().split()) < 2:
            time.sleep(0.05)
        os.kill(int(workers[0]), signal.SIGKILL)
        out, err = run.communicate(timeout=20)
        assert run.returncode == 2
        assert "slow.lit: the process that ran it ended by signal 9" in err
        assert "wrong under" in out
        assert "SB-of-ours under" in out


def test_json_is_one_object_a_line(litmus):
    documents = [json.loads(line) for line in litmus("check", *FEW, "--format", "json").out.splitlines()]
    assert {document["verdict"] for document in documents} == {"ok", "FAIL"}
    assert {"test", "variant", "model", "assertion", "expected", "found"} <= documents[0].keys()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_reader_that_leaves(jobs):
    run = subprocess.Popen([*LITMUS, "run", "-j", jobs, *FEW * 100], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout is not None
    assert run.stderr is not None
    with run, run.stdout, run.stderr:
        run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 128 + signal.SIGPIPE


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt(jobs):
    run = subprocess.Popen(
        [*LITMUS, "run", "--no-cache", "-j", jobs, *FEW * 2000],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert run.stdout is not None
    run.stdout.readline()
    os.killpg(run.pid, signal.SIGINT)
    _, error = run.communicate(timeout=60)
    assert re.fullmatch(rb"interrupted: \d+ of \d+ files not run\n", error)
    assert run.returncode == 128 + signal.SIGINT


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["--version"], ["models"], ["run", str(INPUT / "sb.litmus")]])
def test_full_disk(arguments):
    with Path("/dev/full").open("w") as full:
        run = subprocess.run([*LITMUS, *arguments], stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("error: ")
    assert "Traceback" not in run.stderr


def test_interrupt_does_not_wait_for_a_worker(tmp_path):
    slow = tmp_path / "slow.lit"
    reads = "r = READ_ONCE(x);\n" * 60000
    slow.write_text(f'litmus "slow"\nint x;\nthread T {{ {reads} }}\nforbid a: T.r == 1;\n')
    run = subprocess.Popen(
        [*LITMUS, "run", "-j", "2", str(slow), str(INPUT / "sb.litmus")], stderr=subprocess.PIPE, text=True
    )
    with run:
        assert run.stderr is not None
        time.sleep(2)
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=10) == 128 + signal.SIGINT
        assert re.fullmatch(r"interrupted: [12] of 2 files not run\n", run.stderr.read())
