"""`litmus check --matrix` ends as `litmus check` does, whatever the columns say that the test is not held to."""

import json
from pathlib import Path

import pytest

from litmus.report.matrix import Mark

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


STORES = (
    "C stores\n\n{}\n\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n\nP1(int *x)\n{\n\tWRITE_ONCE(*x, 2);\n}\n\n"
    "exists (x=1)\n"
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("s.litmus").write_text(STORES)
    Path("b.lit").write_text(BUFFER.format(assertion="forbid both: A.r == 0 && B.r == 0 on lkmm;"))

    def settings(text):
        Path("litmus.toml").write_text(text)

    return settings


@pytest.mark.parametrize(
    ("expected", "status", "cell"),
    [
        ('"Sometimes"', 0, "allowed"),
        ('"Never"', 1, "allowed!"),
        ('{ lkmm = "Sometimes", sc = "Never" }', 1, "allowed!"),
        ('{ lkmm = "Sometimes", sc = "Sometimes" }', 0, "allowed"),
        ('"DEADLOCK"', 1, "allowed!"),
        ('"Maybe"', 0, "allowed"),
    ],
)
def test_what_the_settings_expect_of_paths(litmus, project, expected, status, cell):
    project(f'paths = "s.litmus"\n[[path]]\nmatch = "*.litmus"\nexpect = {expected}\n')
    ran = litmus("check", "--matrix")
    assert (ran.status, litmus("check").status) == (status, status)
    assert ran.out.splitlines()[-1] == litmus("check").out.splitlines()[-1]
    assert cell in ran.out.split()


def test_nothing_is_expected_of_a_question(litmus, project):
    ran = litmus("check", "--matrix", "s.litmus")
    assert ran.status == 0
    assert ran.out.splitlines()[2].split() == ["stores", *["(allowed)"] * 6]


def test_a_comment_that_predicts_what_there_is_not(litmus, project):
    Path("s.litmus").write_text(STORES.replace("{}", "(* Result: Somtimes *)\n{}"))
    ran = litmus("check", "--matrix", "s.litmus")
    assert ran.status == 2
    assert "did you mean 'Sometimes'?" in ran.err


def test_a_file_of_our_own_language_says_itself_what_it_expects(litmus, project):
    project('paths = "b.lit"\n[[path]]\nmatch = "*.lit"\nexpect = "Never"\n')
    ran = litmus("check", "--matrix")
    assert (ran.status, ran.out) == (2, "nothing was checked; 1 error\n")
    assert "which says so itself" in ran.err


def test_a_known_deviation(litmus, project):
    project('paths = "b.lit"\nbaseline = "known.json"\n')
    assert litmus("check", "--update").status == 0
    ran = litmus("check", "--matrix")
    assert ran.status == 0
    assert "allowed~" in ran.out.split()
    assert "~ both under lkmm: expected forbidden, found allowed" in ran.out
    assert ran.out.splitlines()[-1] == litmus("check").out.splitlines()[-1]
    told = json.loads(litmus("check", "--matrix", "--format", "json").out)
    cell = told["conditions"][0]["cells"]["lkmm"]
    assert (cell["missed"], cell["known"]) == (False, True)
    Path("b.lit").write_text(BUFFER.format(assertion="allow both: A.r == 0 && B.r == 0 on lkmm;"))
    assert "not so any more: sb both [lkmm]" in litmus("check", "--matrix").err


@pytest.mark.parametrize("form", ["junit", "github", "tap", "sarif"])
def test_other_formats_say_what_a_check_says(litmus, project, form):
    project(
        'paths = ["b.lit", "s.litmus"]\n[[path]]\nmatch = "*.litmus"\nexpect = {lkmm = "Never", sc = "Sometimes"}\n'
    )
    ran = litmus("check", "--matrix", "--format", form, "--output", f"{form}=out")
    check = litmus("check", "--format", form)
    assert ran == check
    assert ran.status == 1
    assert Path("out").read_text() == ran.out


def test_text_and_json_are_tables_in_files_too(litmus, project):
    alone = {form: litmus("check", "--matrix", "b.lit", "--format", form).out for form in ("text", "json")}
    litmus("check", "--matrix", "b.lit", "--format", "tap", "--output", "text=a", "--output", "json=b")
    assert {"text": Path("a").read_text(), "json": Path("b").read_text()} == alone


def test_json_has_errors_too(litmus, project):
    Path("bad.lit").write_text("litmus")
    (error,) = litmus("check", "--matrix", "bad.lit", "--format", "json").out.splitlines()
    assert json.loads(error)["status"] == "does not parse"


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("jobs = 1\n", ("--format", "herd"), "--format:1:1: error: herd7 prints no tables"),
        ("jobs = 1\n", ("--output", "herd=x"), "--output:1:1: error: herd7 prints no tables"),
        ('output = "herd=x"\n', (), "litmus.toml:1:11: error: herd7 prints no tables"),
        ("jobs = 1\n", ("--update",), "not a table"),
        ("jobs = 1\n", ("--update", "--baseline", "b.json"), "not a table"),
    ],
)
def test_what_is_no_table(litmus, project, text, arguments, message):
    project(text)
    ran = litmus("check", "--matrix", "b.lit", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
    assert not Path("x").exists()


def test_a_model_that_forbids_what_a_machine_allows_is_a_warning(monkeypatch, litmus, project):
    """No test that ships shows one: a table is made to."""
    monkeypatch.setattr("litmus.suite.comparison.Row.marks", lambda row: iter([(Mark.STRONGER, ("x86", "power"))]))
    ran = litmus("check", "--matrix", "--no-cache", "b.lit", "--format", "github")
    assert "::warning file=b.lit,line=1," in ran.out
    assert ran.out.splitlines()[-2].endswith("title=sb both [lkmm]%3A stronger::lkmm forbids what x86 power allows")
    log = json.loads(litmus("check", "--matrix", "--no-cache", "b.lit", "--format", "sarif").out)
    assert log["runs"][0]["results"][-1]["ruleId"] == "stronger"
    assert len(litmus("check", "--matrix", "--no-cache", "b.lit", "--format", "json").out.splitlines()) == 1
