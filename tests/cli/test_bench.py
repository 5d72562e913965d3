"""``litmus bench``: a row for each test and model."""

import csv
import json
from pathlib import Path

import pytest

INPUT = Path(__file__).parents[1] / "golden" / "input"
SB, WRONG = INPUT / "sb.litmus", INPUT / "wrong.lit"
SIZE = 24
RING = "\n".join(
    f"thread T{i} {{ WRITE_ONCE(x{i}, 1); int r = READ_ONCE(x{(i + 1) % SIZE}); }}" for i in range(SIZE)
)  # fmt: skip


@pytest.fixture
def ring(tmp_path):
    """A test with 2**24 states, of which some are found in any time that allows for a start."""
    path = tmp_path / "ring.lit"
    shared = " ".join(f"int x{i};" for i in range(SIZE))
    stale = " && ".join(f"T{i}.r == 0" for i in range(SIZE))
    path.write_text(f'litmus "ring"\n{shared}\n{RING}\nforbid fresh: {stale} && x0 == 2;\n')
    return path


def test_a_row_for_each_test(litmus):
    ran = litmus("bench", SB, WRONG, "--model", "x86")
    heading, *rows, total = ran.out.splitlines()
    assert heading.split() == ["seconds", "events", "structures", "candidates", "engine", "answer", "test"]
    first = rows[0].split()
    assert float(first[0]) >= 0
    assert (
        first[1:] == ["6", "1", "3", "explicit", "Sometimes", "SB-of-ours", "under", "x86"] or first[5] == "Sometimes"
    )
    assert total.startswith(f"{len(rows)} answers in ")
    assert ran.status == 0


def test_an_assertion_that_fails_is_an_answer(litmus):
    assert litmus("check", WRONG).status == 1
    assert litmus("bench", WRONG).status == 0


def test_json(litmus):
    (row,) = map(json.loads, litmus("bench", "--format", "json", SB).out.splitlines())
    counted = json.loads(litmus("run", "--counts", "--format", "json", SB).out)
    assert row["file"] == str(SB)
    assert row["test"] == counted["test"]
    assert row["model"] == "x86"
    assert row["events"] == 6
    assert row["structures"] == 1
    assert row["candidates"] == counted["candidates"]
    assert row["executions"] == counted["executions"]
    assert row["states"] == len(counted["states"])
    assert row["engines"] == ["explicit"]
    assert row["answer"] == counted["assertions"][0]["observation"]
    assert row["complete"] is True


def test_csv_says_the_same(litmus):
    rows = [*csv.DictReader(litmus("bench", "--format", "csv", SB, WRONG).out.splitlines())]
    documents = [json.loads(line) for line in litmus("bench", "--format", "json", SB, WRONG).out.splitlines()]
    for key in ("file", "test", "model", "events", "structures", "candidates", "states", "answer"):
        assert [row[key] for row in rows] == [str(document[key]) for document in documents]


def test_jobs_keep_the_order(litmus):
    alone, two = (
        [
            json.loads(line)["test"]
            for line in litmus("bench", "--format", "json", *jobs, WRONG, SB, WRONG).out.splitlines()
        ]
        for jobs in ((), ("-j", 2))
    )
    assert alone == two


@pytest.mark.parametrize("engine", ["auto", "explicit", "sat"])
def test_a_time_limit_leaves_one_test_unknown(litmus, ring, engine):
    if engine != "explicit":
        pytest.importorskip("pysat")
    ran = litmus("bench", "--format", "json", "-m", "x86", "--engine", engine, "--timeout", "1", ring, SB)
    unfinished, finished = map(json.loads, ran.out.splitlines())
    assert unfinished["answer"] == "unknown"
    assert unfinished["unknown"] == ["time limit of 1 s reached"]
    assert 0 < unfinished["states"] < 2**SIZE
    assert finished["complete"]
    assert ran.status == 3
    text = litmus("bench", "-m", "x86", "--engine", engine, "--timeout", "1", ring, SB).out
    assert "unknown: time limit of 1 s reached; states found so far: " in text
    assert text.splitlines()[-1].endswith("; 1 unknown")


def test_what_is_asked(litmus, ring):
    told = json.loads(litmus("bench", "--format", "json", "-m", "x86", "--verdict-only", SB).out)
    assert told["answer"] == "Sometimes"
    assert litmus("bench", "--verdict-only", "--counts", SB).status == 2
    assert litmus("bench", "--engine", "sat", "--counts", SB).status == 2


def test_errors_leave_the_others_to_run(litmus, tmp_path):
    broken = tmp_path / "broken.litmus"
    broken.write_text("C broken\n{}\nP0(int *x) {\n")
    ran = litmus("bench", broken, tmp_path / "gone", SB)
    assert ran.status == 2
    assert ran.err.count("error:") == 2
    assert ran.out.splitlines()[-1].startswith("1 answer in ")
    assert ran.out.endswith("; 2 errors\n")
    assert "SB-of-ours under x86" in ran.out


def test_several_assertions_are_counted(litmus, tmp_path):
    path = tmp_path / "two.lit"
    path.write_text('litmus "two"\nint x;\nthread A { WRITE_ONCE(x, 1); }\nforbid a: x == 2;\nrequire b: x == 2;\n')
    row = json.loads(litmus("bench", "-m", "sc", "--format", "json", path).out)
    assert row["answer"] == "1 hold, 1 fail"
    assert [a["verdict"] for a in row["assertions"]] == ["holds", "fails"]
