"""What C11 has beyond loads, stores and fences: updates, mutexes, operands without sequence, values out of thin air."""

import pytest

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.engine.base import Limits, Result, Verdict
from litmus.engine.candidate import written
from litmus.engine.judge import check
from litmus.event.structure import EventStructure
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.c11 import first_c11_call
from litmus.program.program import Program
from litmus.relation import bits
from litmus.report.herd import herd
from litmus.report.naming import HerdNaming
from litmus.source import Source

COHERENT = """C11
empty [RMW] & (fr ; co) as atomicity
acyclic (po & loc) | rf | co | fr as coherence
acyclic po | rf as ground
undefined_unless empty (loc & ext & (W * M)) \\ ((A * A) | (IW * M)) as race
flag ~empty [LK] as locks
flag ~empty ([LK] | [UL]) & [R | W | F] as mutexes_that_access
"""
EVERYTHING = "C11\nempty 0 as nothing\n"
ATOMIC_ORDERS = """C11
include "cross.cat"
with mo from generate_orders(W & (A | IW), co0)
let co = mo
empty 0 as nothing
"""


def read(text: str) -> Program:
    (program,) = parse(Source("test.litmus", text))
    return program


def threads(*bodies: str, condition: str = "exists (x=0)", initial: str = "") -> Program:
    heads = "(atomic_int *x, atomic_int *y, mtx_t *m)"
    code = "".join(f"P{i}{heads} {{ {body} }}\n" for i, body in enumerate(bodies))
    return read(f"C one\n{{ {initial} }}\n{code}{condition}\n")


def structures(program: Program) -> list[EventStructure]:
    return list(unfold(program, compile_for(program, "c11").threads, "c11", 2))


def judged(program: Program, text: str = COHERENT) -> Result:
    model = load_model("my.cat", read_file=lambda name: text if name == "my.cat" else None)
    return check(program, structures(program), model, Limits())


def states(result: Result) -> set[str]:
    return {HerdNaming(result.program).state(state) for state in result.states}


@pytest.mark.parametrize(
    ("call", "left"),
    [
        ("atomic_fetch_add(x, 2)", 7),
        ("atomic_fetch_sub(x, 6)", -1),
        ("atomic_fetch_or(x, 2)", 7),
        ("atomic_fetch_xor(x, 1)", 4),
        ("atomic_fetch_and(x, 6)", 4),
        ("atomic_exchange(x, 9)", 9),
    ],
)
def test_an_update_gives_the_old_value_and_leaves_the_new(call: str, left: int) -> None:
    program = threads(f"int r = {call};", initial="x = 5;", condition="exists (x=0 /\\ 0:r=0)")
    assert states(judged(program)) == {f"0:r=5; [x]={left}"}


def test_an_update_is_one_event() -> None:
    program = threads("int r = atomic_fetch_add_explicit(x, 1, memory_order_acq_rel);")
    (structure,) = structures(program)
    (event,) = [e for e in structure.events if e.thread == 0]
    assert event.kind == "U"
    assert event.tags == {"A", "ACQ_REL", "RMW", "X"}
    assert structure.relations["rmw"] == 0
    assert written(event, tuple(4 for _ in structure.events)) == 5


def test_updates_do_not_overtake_each_other() -> None:
    increment = "int r = atomic_fetch_add_explicit(x, 1, memory_order_relaxed);"
    result = judged(threads(increment, increment, increment, condition="forall (x=3)"))
    assert (result.tallies[0].positive, result.tallies[0].negative) == (6, 0)


def test_an_update_does_not_read_from_itself() -> None:
    result = judged(threads("int r = atomic_exchange(x, 1);", condition="exists (0:r=1)"), EVERYTHING)
    assert result.tallies[0].positive == 0


def test_a_comparison_that_fails_stores_what_it_found() -> None:
    body = "int r = atomic_compare_exchange_strong(x, y, 7);"
    shown = "locations [x; y] exists (0:r=0)"
    assert states(judged(threads(body, condition=shown))) == {"0:r=1; [x]=7; [y]=0"}
    assert states(judged(threads(body, condition=shown, initial="x = 3;"))) == {"0:r=0; [x]=3; [y]=3"}


def test_a_weak_comparison_may_fail_for_no_reason() -> None:
    body = "int r = atomic_compare_exchange_weak_explicit(x, y, 7, memory_order_acq_rel, memory_order_relaxed);"
    result = judged(threads(body, condition="locations [x] exists (0:r=0)"))
    assert states(result) == {"0:r=1; [x]=7", "0:r=0; [x]=0"}


def test_a_comparison_carries_one_order_where_it_succeeds_and_another_where_it_fails() -> None:
    body = "int r = atomic_compare_exchange_strong_explicit(x, y, 7, memory_order_release, memory_order_acquire);"
    found = [[(e.kind, e.tags) for e in s.events if e.thread == 0] for s in structures(threads(body))]
    assert [("R", frozenset()), ("U", {"A", "REL", "RMW", "X"})] in found
    assert [("R", frozenset()), ("R", {"A", "ACQ"}), ("W", frozenset())] in found


@pytest.mark.parametrize(
    ("body", "ordered"),
    [
        ("int r = *x + *y;", set()),
        ("*x = *x + *y;", {(0, 2), (1, 2)}),
        ("int r = atomic_exchange(x, *x + atomic_load(y));", {(0, 2), (1, 2)}),
        ("int r = (*x + *y) + *x;", set()),
        ("int r = *x; int s = *y;", {(0, 1)}),
        ("int r = (*x == 0) && *y;", {(0, 1)}),
    ],
)
def test_operands_are_not_in_program_order(body: str, ordered: set[tuple[int, int]]) -> None:
    structure = max(structures(threads(body)), key=lambda s: len(s.events))
    first, n = min(e.number for e in structure.events if e.thread == 0), len(structure.events)
    assert {(i - first, j - first) for i, j in bits.pairs(structure.relations["po"], n)} == ordered


def test_operations_on_mutexes_are_no_accesses_and_no_fences() -> None:
    result = judged(threads("mtx_lock(m); int r = atomic_load(x); mtx_unlock(m);"))
    assert set(result.flags) == {"locks"}


def test_a_race_leaves_the_test_undefined() -> None:
    result = judged(threads("*x = 1;", "int r = atomic_load(x);", condition="~exists (1:r=2)"))
    assert set(result.undefined) == {"race"}
    assert result.tallies[0].verdict is Verdict.UNKNOWN
    assert "'race'" in (result.tallies[0].reason or "")
    (text,) = herd(result)
    assert "\nUndef\n" in text
    assert "\nFlag *undef*\n" in text
    assert "Flag race" not in text


def test_a_cycle_of_copies_has_a_value_of_which_nothing_is_known() -> None:
    def copies(more: str) -> Program:
        load, store = (
            "atomic_load_explicit(%s, memory_order_relaxed)",
            "atomic_store_explicit(%s, r, memory_order_relaxed)",
        )
        bodies = [f"int r = {load % a}; {store % b}; {more}" for a, b in (("x", "y"), ("y", "x"))]
        return threads(*bodies, condition="exists (not (0:r=0))")

    assert judged(copies(""), EVERYTHING).tallies[0].positive
    assert any("=S" in state for state in states(judged(copies("int s = (r ^ r) + r;"), EVERYTHING)))
    assert judged(copies("int s = r + 1;"), EVERYTHING).tallies[0].positive == 0
    assert judged(copies("if (r == 1) { *x = 2; }"), EVERYTHING).tallies[0].positive == 0
    assert judged(copies("")).tallies[0].positive == 0


def test_nobody_chooses_the_last_write_where_nobody_looks() -> None:
    bodies = ("*x = 1; atomic_store(y, 1);", "*x = 2;")
    assert judged(threads(*bodies, condition="exists (y=1)"), ATOMIC_ORDERS).executions == 1
    assert judged(threads(*bodies, condition="locations [x] exists (y=1)"), ATOMIC_ORDERS).executions == 2


def test_a_name_that_the_kernel_has_too_is_c11s_where_an_address_comes_first() -> None:
    assert first_c11_call(threads("int r = atomic_fetch_add(x, 1);")) is not None
    assert first_c11_call(threads("int r = atomic_fetch_add(1, x);")) is None
