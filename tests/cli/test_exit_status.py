"""0 all holds, 1 an expectation fails, 2 an error, 3 something is unknown."""

from pathlib import Path

import pytest

STORE_BUFFER = """litmus "sb"
models {models};
int x = 0;
int y = 0;
thread A {{ WRITE_ONCE(x, 1); int r = READ_ONCE(y); }}
thread B {{ WRITE_ONCE(y, 1); int r = READ_ONCE(x); }}
{assertion}
"""

SPIN = """litmus "spin"
models lkmm;
int x = 0;
int y = 0;
thread A { WRITE_ONCE(x, 1); }
thread B { while (READ_ONCE(x) == 0) { WRITE_ONCE(y, 1); } int r = READ_ONCE(y); }
forbid never: B.r == 7;
"""


@pytest.fixture
def test_file(tmp_path):
    def write(assertion, models="sc, lkmm"):
        path = tmp_path / "sb.lit"
        path.write_text(STORE_BUFFER.format(models=models, assertion=assertion))
        return path

    return write


def test_all_hold(litmus, test_file):
    assert litmus("check", test_file("forbid both: A.r == 0 && B.r == 0;", "sc")).status == 0


def test_one_fails(litmus, test_file):
    ran = litmus("check", test_file("forbid both: A.r == 0 && B.r == 0;"))
    assert ran.status == 1
    assert "an execution ends with: A.r=0; B.r=0" in ran.out


def test_allow_that_is_forbidden_fails(litmus, test_file):
    assert litmus("check", test_file("allow both: A.r == 0 && B.r == 0;", "sc")).status == 1


def test_error_is_graver_than_failure(litmus, test_file):
    path = test_file("forbid both: A.r == 0 && B.r == 0;")
    assert litmus("check", path, path.with_name("gone.lit")).status == 2


@pytest.mark.parametrize(
    ("files", "status"),
    [
        (("fail", "hold"), 1),
        (("spin", "hold"), 3),
        (("spin", "fail"), 1),
        (("spin", "gone"), 2),
        (("spin", "fail", "gone"), 2),
        (("hold", "hold"), 0),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_gravest_counts(litmus, tmp_path, files, status, jobs):
    condition = "forbid both: A.r == 0 && B.r == 0;"
    (tmp_path / "hold").write_text(STORE_BUFFER.format(models="sc", assertion=condition))
    (tmp_path / "fail").write_text(STORE_BUFFER.format(models="lkmm", assertion=condition))
    (tmp_path / "spin").write_text(SPIN)
    assert litmus("check", "-j", jobs, *(tmp_path / file for file in files)).status == status


def test_bound_reached_is_unknown(litmus, tmp_path):
    path = tmp_path / "spin.lit"
    path.write_text(SPIN)
    ran = litmus("check", path)
    assert ran.status == 3
    assert "unknown" in ran.out
    assert litmus("run", path).status == 3


def test_run_of_a_failing_test_is_no_failure(litmus, test_file):
    assert litmus("run", test_file("forbid both: A.r == 0 && B.r == 0;")).status == 0


@pytest.mark.parametrize(
    ("annotation", "status"),
    [("Never", 1), ("Sometimes", 0), ("Always", 1), ("DEADLOCK", 1), ("Maybe", 0), ("Forbidden", 2)],
)
def test_result_annotation(litmus, tmp_path, annotation, status):
    path = tmp_path / "a.litmus"
    path.write_text(
        f"C a\n\n(*\n * Result: {annotation}\n *)\n\n{{}}\n\nP0(int *x)\n{{\n\tWRITE_ONCE(*x, 1);\n}}\n\n"
        "P1(int *x)\n{\n\tint r0;\n\n\tr0 = READ_ONCE(*x);\n}\n\nexists (1:r0=1)\n"
    )
    assert litmus("check", path).status == status


@pytest.mark.parametrize(("written", "status"), [("Sometimes DATARACE", 0), ("Sometimes", 1), ("Never DATARACE", 0)])
def test_race_annotation(litmus, tmp_path, written, status):
    """As the kernel's judgelitmus.sh has it: a race that is expected forgives the observation."""
    path = tmp_path / "a.litmus"
    source = (Path(__file__).parents[1] / "golden" / "input" / "race.litmus").read_text()
    path.write_text(source.replace("Sometimes DATARACE", written))
    assert litmus("check", path).status == status
