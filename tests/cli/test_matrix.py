"""`litmus check --matrix` ends as `litmus check` does, whatever the columns say that the test is not held to."""

import pytest

BUFFER = """litmus "sb"
models sc;
int x, y;
thread A {{ WRITE_ONCE(x, 1); int r = READ_ONCE(y); }}
thread B {{ WRITE_ONCE(y, 1); int r = READ_ONCE(x); }}
{assertion}
"""

GRACE = """litmus "grace"
models {models};
int x;
thread A {{ WRITE_ONCE(x, 1); synchronize_rcu(); }}
require set: x == 1;
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "t.lit"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize(
    ("assertion", "status"),
    [
        ("forbid both: A.r == 0 && B.r == 0;", 0),
        ("allow both: A.r == 0 && B.r == 0;", 1),
        ("forbid both: A.r == 0 && B.r == 0 on lkmm;", 1),
        ("exists both: A.r == 0 && B.r == 0;", 0),
    ],
)
def test_status(litmus, written, assertion, status):
    assert litmus("check", "--matrix", written(BUFFER.format(assertion=assertion))).status == status


def test_a_column_that_nothing_is_said_about_may_be_unsupported(litmus, written):
    ran = litmus("check", "--matrix", written(GRACE.format(models="lkmm")))
    assert (ran.status, ran.err) == (0, "")
    assert "(unsupported)" in ran.out


def test_a_model_that_the_test_names_may_not(litmus, written):
    ran = litmus("check", "--matrix", written(GRACE.format(models="lkmm, x86, power")))
    assert ran.status == 2
    assert ran.err.count("cannot be expressed on x86") == ran.err.count("cannot be expressed on power") == 1


def test_a_time_limit_is_no_pass(litmus, written):
    path = written(BUFFER.format(assertion="forbid both: A.r == 0 && B.r == 0;"))
    ran = litmus("check", "--matrix", "--timeout", "1e-9", path)
    assert ran.status == 3
    assert "unknown!" in ran.out
    assert "forbidden " not in ran.out


def test_each_row_has_its_own_verdicts_where_a_variant_says_a_condition_again(litmus, written):
    text = BUFFER.format(assertion="forbid zero: A.r == 0 && B.r == 0; allow one: A.r == 1; require set: x == 1;")
    again = "variant again { forbid zero on sc; allow zero on lkmm; allow set on lkmm; }"
    rows = litmus("check", "--matrix", "-m", "sc", written(text + again)).out.splitlines()
    verdicts = [tuple(row.split()) for row in rows if row.startswith("  ")]
    once = [("sc",), ("one", "allowed"), ("set", "required"), ("zero", "forbidden")]
    assert sorted(verdicts) == sorted(once * 2)


def test_columns_are_the_models_asked_for(litmus, written):
    path = written(BUFFER.format(assertion="forbid both: A.r == 0 && B.r == 0;"))
    ran = litmus("check", "--matrix", "-m", "sc", "-m", "lkmm@v5.4", path)
    assert ran.out.splitlines()[1].split() == ["sc", "lkmm@v5.4"]


def test_errors_of_the_command_line_come_before_any_table(litmus, written):
    ran = litmus("check", "--matrix", "-m", "lkmmm", written(BUFFER.format(assertion="forbid a: A.r == 7;")))
    assert (ran.status, ran.out) == (2, "")
