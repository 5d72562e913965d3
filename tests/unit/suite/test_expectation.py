"""Expectations against results."""

import pytest

from litmus.engine.base import Observation, Result, Tally, Verdict
from litmus.errors import UnknownNameError
from litmus.program.program import Assertion, Dialect, Program, Quantifier
from litmus.suite.checklist import verdict
from litmus.suite.expectation import findings, require_annotation, summary
from litmus.suite.status import Status, worst


def result(annotation, positive, negative, flags=(), unknown=(), model="lkmm", dialect=Dialect.C):
    question = Assertion(Quantifier.EXISTS, "", 1)
    program = Program("t", dialect, (), (), (question,), result=annotation)
    observation = Observation.NEVER
    if positive:
        observation = Observation.SOMETIMES if negative else Observation.ALWAYS
    tally = Tally(question, positive, negative, observation, Verdict.HOLDS if positive else Verdict.FAILS)
    executions = positive + negative
    return Result(program, model, {}, (tally,), dict.fromkeys(flags, 1), 0, executions, 0.0, tuple(unknown))


OK, FAILED, UNKNOWN = Status.OK, Status.FAILED, Status.UNKNOWN


@pytest.mark.parametrize(
    ("annotation", "positive", "negative", "statuses"),
    [
        ("Never", 0, 2, [OK]),
        ("Never", 1, 2, [FAILED]),
        ("Sometimes", 1, 2, [OK]),
        ("Sometimes", 2, 0, [FAILED]),
        ("Always", 2, 0, [OK]),
        ("DEADLOCK", 0, 0, [OK]),
        ("DEADLOCK", 0, 1, [FAILED]),
        ("Never", 0, 0, [FAILED]),
        ("Maybe", 1, 1, [OK]),
        ("Maybe", 0, 3, [OK]),
        ("Maybe", 0, 0, [FAILED]),
    ],
)
def test_annotation(annotation, positive, negative, statuses):
    assert [f.status for f in findings(result(annotation, positive, negative))] == statuses


@pytest.mark.parametrize(
    ("annotation", "flags", "statuses"),
    [
        ("Sometimes DATARACE", ["data-race"], [OK, OK]),
        ("Never DATARACE", ["data-race"], [OK, OK]),
        ("Sometimes DATARACE", [], [OK, FAILED]),
        ("Sometimes", ["data-race"], [OK, FAILED]),
        ("Never", ["data-race"], [FAILED, FAILED]),
    ],
)
def test_race(annotation, flags, statuses):
    assert [f.status for f in findings(result(annotation, 1, 1, flags))] == statuses


@pytest.mark.parametrize(
    ("annotation", "positive", "negative", "status"),
    [
        ("Never", 0, 5, UNKNOWN),
        ("Never", 1, 5, FAILED),
        ("Always", 5, 0, UNKNOWN),
        ("Always", 5, 1, FAILED),
        ("Sometimes", 5, 1, OK),
        ("Sometimes", 5, 0, UNKNOWN),
        ("DEADLOCK", 0, 0, UNKNOWN),
        ("DEADLOCK", 0, 1, FAILED),
    ],
)
def test_what_is_incomplete_proves_only_what_it_shows(annotation, positive, negative, status):
    found = findings(result(annotation, positive, negative, unknown=["time limit of 1 s reached"]))
    assert [f.status for f in found] == [status]


def test_maybe_neither_fails_nor_holds():
    (finding,) = findings(result("Maybe", 1, 1))
    assert (finding.status, finding.vacuous, verdict(finding)) == (OK, True, "open")
    assert summary([OK, OK], 0, 1) == "2 expectations: 1 hold, 0 fail, 0 unknown, 1 expected nothing"


def test_maybe_of_no_execution_at_all_fails():
    (finding,) = findings(result("Maybe", 0, 0))
    assert (finding.status, verdict(finding), finding.found) == (FAILED, "FAIL", "DEADLOCK")


@pytest.mark.parametrize(
    ("annotation", "model", "dialect", "statuses"),
    [
        ("Sometimes", "armv8", Dialect.C, [OK]),
        ("Sometimes DATARACE", "armv8", Dialect.C, [OK]),
        ("Always", "armv8", Dialect.C, [FAILED]),
        ("Sometimes", "lkmm@v5.4", Dialect.C, [FAILED]),
        ("Sometimes", "armv8", Dialect.AARCH64, [FAILED]),
    ],
)
def test_a_machine_may_forbid_what_the_kernel_allows(annotation, model, dialect, statuses):
    found = findings(result(annotation, 0, 3, model=model, dialect=dialect))
    assert [f.status for f in found] == statuses


@pytest.mark.parametrize("annotation", ["Forbidden", "never", "", "DATARACE", "OK DATARACE"])
def test_what_predicts_nothing_that_can_be_observed_is_an_error(annotation):
    with pytest.raises(UnknownNameError):
        require_annotation(result(annotation, 1, 1).program)


@pytest.mark.parametrize("annotation", [None, "Never", "Sometimes DATARACE", "DEADLOCK", "Maybe"])
def test_predictions(annotation):
    require_annotation(result(annotation, 1, 1).program)


def test_a_question_expects_nothing():
    assert findings(result(None, 1, 1)) == ()


def test_worst_and_summary():
    assert worst([]) is OK
    assert worst([OK, UNKNOWN, FAILED]) is FAILED
    assert worst([FAILED, Status.ERROR]) is Status.ERROR
    assert summary([OK, FAILED, UNKNOWN, OK]) == "4 expectations: 2 hold, 1 fail, 1 unknown"
