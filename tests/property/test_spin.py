"""Leaving out the turns of loops that only wait loses no final state, and no data race, that unrolling finds.

What is argued in docs/models.md is tried here: on random threads that wait for each other, by every kind of loop, with
and without the turns. Unrolled programs have only executions of some turns, so that they may find less; that they find
as much shows that the turns which are kept are real ones.
"""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.deadline import deadline_in
from litmus.engine.base import Limits, Result
from litmus.engine.judge import check
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.instruction import Branch, Instruction, Label
from litmus.source import Source

PLACES = st.sampled_from(["x", "y"])
READS = "READ_ONCE({0})", "smp_load_acquire(&{0})", "xchg(&{0}, 1)", "xchg_acquire(&{0}, 1)", "xchg_relaxed(&{0}, 1)"
FAILING = "cmpxchg(&{0}, 1, 2) == 1", "cmpxchg_acquire(&{0}, 1, 2) == 1", "!test_and_set_bit_lock(1, &{0})"
FENCES = "smp_mb();", "smp_rmb();", "smp_wmb();", "barrier();", "cpu_relax();", ""
LOOPS = (
    "while (!({0})) {{ {1} }}",
    "do {{ {1} }} while (!({0}));",
    "for (;;) {{ if ({0}) break; {1} }}",
    "await ({0});",
    "int {2} = 0; while (!{2}) {{ {1} {2} = {0}; }}",
)


@st.composite
def conditions(draw: st.DrawFn) -> str:
    one = draw(st.sampled_from((*READS, *FAILING))).format(draw(PLACES))
    if draw(st.integers(0, 3)):
        return one
    other = draw(st.sampled_from(READS)).format(draw(PLACES))
    return f"{one} {draw(st.sampled_from(['&&', '||']))} {other}"


@st.composite
def writes(draw: st.DrawFn) -> str:
    form = draw(st.sampled_from(("WRITE_ONCE({0}, {1});", "smp_store_release(&{0}, {1});", "{0} = {1};")))
    return form.format(draw(PLACES), draw(st.integers(0, 2)))


@st.composite
def loops(draw: st.DrawFn, name: str) -> str:
    return draw(st.sampled_from(LOOPS)).format(draw(conditions()), draw(st.sampled_from(FENCES)), name)


@st.composite
def waiting(draw: st.DrawFn) -> str:
    fence = st.sampled_from(FENCES)
    last = draw(st.sampled_from(["", "int r = READ_ONCE(x);", "int r = READ_ONCE(y);"]))
    sender = " ".join(draw(part) for part in (writes(), fence, writes()))
    before = draw(st.one_of(st.just(""), writes()))
    waiter = " ".join((before, draw(loops("v")), draw(fence), draw(st.one_of(writes(), st.just(""))), last))
    other = draw(st.one_of(st.just(""), st.just(""), loops("w")))
    observed = "locations x, y, B.r;" if last else "locations x, y;"
    return f'litmus "t" int x, y; thread A {{ {sender} }} thread B {{ {waiter} }} thread C {{ {other} }} {observed}'


def found(text: str, model: str, unroll: int, *, spins: bool) -> Result:
    program = parse(Source("t.lit", text))[0]
    code = compile_for(program, model).threads
    if not spins:
        code = tuple(tuple(map(as_any_loop, thread)) for thread in code)
    limits = Limits(unroll, deadline_in(4.0))
    return check(program, unfold(program, code, model, unroll, spins=spins), load_model(model), limits)


def as_any_loop(instruction: Instruction) -> Instruction:
    """An ``await`` as a loop like others."""
    match instruction:
        case Label(name):
            return Label(name.replace("await", "loop"))
        case Branch(target=target):
            return replace(instruction, target=target.replace("await", "loop"))
    return instruction


@pytest.mark.parametrize("model", ["sc", "x86", "armv8", "power", "riscv", "lkmm"])
@settings(max_examples=12)
@given(text=waiting())
def test_no_final_state_is_lost(model: str, text: str) -> None:
    short = found(text, model, 2, spins=True)
    assume(not short.unknown)
    long = found(text, model, 3, spins=False)
    assume(not any("time" in reason and "limit" in reason for reason in long.unknown))
    assert set(long.states) == set(short.states)
    assert set(long.flags) == set(short.flags)
