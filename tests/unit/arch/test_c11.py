"""Operations of C11: the events that they become, and what is refused."""

import pytest

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.engine.base import Limits, Result
from litmus.engine.judge import check
from litmus.errors import LitmusError, UnsupportedError
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.instruction import Fence, Load, Store
from litmus.program.program import Program
from litmus.source import Source

RELEASE_ACQUIRE = """C11
let sw = [REL | SC] ; rf ; [ACQ | SC]
let hb = (po | sw)+
irreflexive hb ; (rf | co | fr)? as coherence
irreflexive rf ; hb as future
let conflict = loc & ((W * M) | (M * W)) & ext \\ ((IW * M) | (M * IW))
flag ~empty ((conflict \\ (A * A)) \\ hb) \\ hb^-1 as race
flag ~empty [NA] & [A] as never
"""
ORDERS_OF_ATOMICS = """C11
include "cross.cat"
let mobase = co0
with mo from generate_orders(W & (A | IW), mobase)
let co = mo
empty 0 as all
"""
PASSING = """C passing
{ }
P0(int *data, atomic_int *flag) {
  *data = 1;
  atomic_store_explicit(flag, 1, %s);
}
P1(int *data, atomic_int *flag) {
  int r0 = atomic_load_explicit(flag, %s);
  int r1 = 0;
  if (r0) { r1 = *data; }
}
exists (1:r0=1 /\\ 1:r1=0)
"""


def read(text: str) -> Program:
    (program,) = parse(Source("test.litmus", text))
    return program


def body(statement: str) -> Program:
    return read("C one\n{ }\nP0(atomic_int *x, int *y) {\n  " + statement + "\n}\nexists (x=0)\n")


def judged(program: Program, text: str = RELEASE_ACQUIRE) -> Result:
    model = load_model("my.cat", read_file=lambda name: text if name == "my.cat" else None)
    compiled = compile_for(program, "c11")
    return check(program, unfold(program, compiled.threads, "c11", 2), model, Limits())


@pytest.mark.parametrize(
    ("order", "tag"),
    [
        ("relaxed", "RLX"),
        ("consume", "CON"),
        ("acquire", "ACQ"),
        ("release", "REL"),
        ("acq_rel", "ACQ_REL"),
        ("seq_cst", "SC"),
    ],
)
def test_each_memory_order_is_a_tag(order: str, tag: str) -> None:
    ((first, *_),) = compile_for(body(f"atomic_thread_fence(memory_order_{order});"), "c11").threads
    assert isinstance(first, Fence)
    assert first.tags == {tag}
    ((first, *_),) = compile_for(body(f"int r = atomic_load_explicit(x, memory_order_{order});"), "c11").threads
    assert isinstance(first, Load)
    assert first.tags == {"A", tag}


def test_without_an_order_an_access_is_sequentially_consistent() -> None:
    ((load, _, store, *_),) = compile_for(body("int r = atomic_load(x); atomic_store(x, 1);"), "c11").threads
    assert isinstance(load, Load)
    assert isinstance(store, Store)
    assert load.tags == store.tags == {"A", "SC"}


def test_a_plain_access_carries_nothing_even_to_an_atomic_object() -> None:
    ((store, *_),) = compile_for(body("*x = 1;"), "c11").threads
    assert isinstance(store, Store)
    assert store.tags == frozenset()


@pytest.mark.parametrize(
    ("orders", "positive", "race"),
    [
        (("memory_order_release", "memory_order_acquire"), 0, False),
        (("memory_order_relaxed", "memory_order_acquire"), 1, True),
        (("memory_order_release", "memory_order_relaxed"), 1, True),
        (("memory_order_seq_cst", "memory_order_seq_cst"), 0, False),
    ],
)
def test_a_message_is_passed_by_release_and_acquire(orders: tuple[str, str], positive: int, race: bool) -> None:
    result = judged(read(PASSING % orders))
    assert result.tallies[0].positive == positive
    assert ("race" in result.flags) == race
    assert "never" not in result.flags


def test_a_model_may_order_the_writes_of_atomic_accesses_only() -> None:
    text = ORDERS_OF_ATOMICS
    program = read("C two\n{ }\nP0(int *x) { *x = 1; }\nP1(int *x) { *x = 2; }\nlocations [x]\nexists (x=2)\n")
    values = {value for state in judged(program, text).states for _, value in state}
    assert values == {1, 2}, "nothing orders the two plain writes, so each may be the last"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("atomic_store(x);", "takes 2 arguments"),
        ("atomic_store_explicit(x, 1);", "takes 3 arguments"),
        ("int r = atomic_compare_exchange_weak_explicit(x, y, 1, memory_order_relaxed);", "success, failure"),
        ("int r = atomic_compare_exchange_weak_explicit(x, y, 1, 2, 17);", "must be a memory order"),
        ("int r = atomic_load_explicit(x, 17);", "must be a memory order"),
        ("atomic_thread_fence(memory_order_relaxed); fence();", "not an atomic operation"),
    ],
)
def test_what_is_refused_is_named_with_its_place(statement: str, message: str) -> None:
    with pytest.raises(LitmusError) as caught:
        compile_for(body(statement), "c11")
    assert message in str(caught.value)
    assert caught.value.span is not None


@pytest.mark.parametrize("target", ["lkmm", "x86", "armv8", "power", "riscv", "sc"])
def test_only_c11_models_know_c11(target: str) -> None:
    with pytest.raises(UnsupportedError, match="operation of C11"):
        compile_for(body("atomic_store(x, 1);"), target)


def test_c11_models_do_not_know_the_kernel() -> None:
    with pytest.raises(UnsupportedError, match="primitive of the Linux kernel"):
        compile_for(body("WRITE_ONCE(*x, 1);"), "c11")
