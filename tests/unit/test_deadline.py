"""Every stage from compiling on stops at the deadline."""

import pytest

from litmus.arch.compile import CompileOptions, compile_for
from litmus.cat.load import load_model
from litmus.deadline import NEVER, OutOfTime, deadline_in
from litmus.engine.basis import basis_of
from litmus.engine.candidate import Candidates
from litmus.engine.explicit import Enumerator
from litmus.engine.specialise import bounds_of
from litmus.event.structure import EventStructure
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.program import Program
from litmus.source import Source

PASSED = deadline_in(-1.0)


def program() -> Program:
    thread = "{ WRITE_ONCE(x, 1); r = READ_ONCE(x); if (r) WRITE_ONCE(x, 2); }"
    text = f'litmus "short"\nint x;\nthread A {thread}\nthread B {thread}\nforbid seven: A.r == 7;\n'
    (found,) = parse(Source("short.lit", text))
    return found


def structure() -> EventStructure:
    return next(unfold(program(), compile_for(program(), "lkmm").threads, "lkmm", 2))


def test_never_passes() -> None:
    NEVER.check()
    deadline_in(None).check()
    deadline_in(1000.0).check()
    with pytest.raises(OutOfTime):
        PASSED.check()


def test_compiling_stops() -> None:
    with pytest.raises(OutOfTime):
        compile_for(program(), "lkmm", options=CompileOptions(deadline=PASSED))


def test_unfolding_stops() -> None:
    with pytest.raises(OutOfTime):
        next(unfold(program(), compile_for(program(), "lkmm").threads, "lkmm", 2, deadline=PASSED))


def test_interpreting_the_model_stops_and_leaves_nothing_half_done() -> None:
    model = load_model("lkmm")
    with pytest.raises(OutOfTime):
        model.instances(basis_of(structure(), deadline=PASSED))
    assert model.instances(basis_of(structure()))


def test_specialising_stops() -> None:
    candidates = Candidates(structure())
    (instance,) = load_model("lkmm").instances(basis_of(structure()))
    rf, co = (0, candidates.rf_may), (candidates.co_must, candidates.co_may)
    with pytest.raises(OutOfTime):
        bounds_of(instance, rf, co, PASSED)


def test_searching_stops() -> None:
    enumerator = Enumerator(load_model("lkmm"))
    assert list(enumerator.executions(structure()))
    enumerator.deadline = PASSED
    with pytest.raises(OutOfTime):
        list(enumerator.executions(structure()))
