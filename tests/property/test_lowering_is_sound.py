"""What the kernel's primitives come to on hardware keeps what the kernel's model promises of them.

Each outcome that a machine allows of a program of marked accesses, the kernel's model allows too; and each outcome of
an interleaving is one that every model allows. A row of a lowering table that orders too little fails the first, and
one that forgets a value or a failure the second.
"""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.engine.judge import check
from litmus.event.unfold import unfold
from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.syntax import (
    Assignment,
    Binary,
    Call,
    Constant,
    Evaluate,
    Expression,
    If,
    Local,
    Placeholder,
    Statement,
    Static,
)
from litmus.program.term import Address, FinalLocation, FinalRegister, Term
from litmus.program.types import TYPES
from litmus.relation.model import Model

NAMES = ("x", "y")
constants = st.builds(Constant, st.integers(1, 2))
old = st.builds(Constant, st.integers(0, 1))
bits = st.builds(Constant, st.integers(0, 1))


@cache
def model(name: str) -> Model:
    return load_model(name)


def call(names: str, *arguments: st.SearchStrategy[Expression]) -> st.SearchStrategy[Call]:
    return st.builds(Call, st.sampled_from(names.split()), st.tuples(*arguments))


READS = "READ_ONCE smp_load_acquire atomic_read_acquire rcu_dereference"
WRITES = "WRITE_ONCE smp_store_release smp_store_mb rcu_assign_pointer"
EXCHANGES = "xchg xchg_relaxed xchg_acquire xchg_release"
COMPARISONS = "cmpxchg cmpxchg_relaxed cmpxchg_acquire cmpxchg_release"
FENCES = "smp_mb smp_rmb smp_wmb smp_mb__before_atomic smp_mb__after_atomic"

Calls = st.SearchStrategy[Call]


def reading(place: st.SearchStrategy[Static]) -> Calls:
    """Calls that return what they read, and may write."""
    return st.one_of(
        call(READS, place),
        call(EXCHANGES, place, constants),
        call(COMPARISONS, place, old, constants),
        call("atomic_add_return atomic_fetch_or_acquire atomic_fetch_add_release", constants, place),
        call("atomic_dec_and_test refcount_dec_and_test atomic_inc_not_zero refcount_inc_not_zero", place),
        call("test_and_set_bit test_and_clear_bit test_and_set_bit_lock test_bit", bits, place),
        call("atomic_add_unless", place, constants, old),
    )


def writing(place: st.SearchStrategy[Static]) -> Calls:
    """Calls that write."""
    return st.one_of(
        call(WRITES, place, constants),
        call(EXCHANGES, place, constants),
        call("set_bit clear_bit_unlock", bits, place),
        call("atomic_inc", place),
    )


SHAPES = {
    "MP": ("Wx Wy", "Ry Rx"),
    "SB": ("Wx Ry", "Wy Rx"),
    "LB": ("Rx Wy", "Ry Wx"),
    "R": ("Wx Wy", "Wy Rx"),
    "S": ("Wx Wy", "Ry Wx"),
    "2+2W": ("Wx Wy", "Wy Wx"),
}
"""The two accesses of each thread that the six patterns of two threads and two locations are made of."""

locked = st.sampled_from([None, None, "spin", "mutex", "write"])


@st.composite
def threads(draw: st.DrawFn, number: int, accesses: str, kind: str | None) -> Thread:
    body: list[Statement] = []
    for i, access in enumerate(accesses.split()):
        place = st.just(Static(Address(access[1])))
        if access[0] == "R":
            body.append(Assignment(Local(f"r{i}"), draw(reading(place))))
        else:
            body.append(Evaluate(draw(writing(place))))
    if draw(st.booleans()):
        body.insert(1, Evaluate(draw(call(FENCES))))
    elif accesses[0] == "R" and draw(st.booleans()):
        body[1:] = [If(Binary("==", Local("r0"), draw(old)), (body[1],))]
    if kind is not None:
        lock = (Static(Address("lock")),)
        end = draw(st.integers(1, len(body)))
        body[end:end] = [Evaluate(Call(f"{kind}_unlock", lock))]
        body[:0] = [Evaluate(Call(f"{kind}_lock", lock))]
    return Thread(f"P{number}", tuple(body), types={f"r{i}": TYPES["int"] for i in range(2)})


@st.composite
def programs(draw: st.DrawFn) -> Program:
    shape, kind = draw(st.sampled_from(list(SHAPES))), draw(locked)
    bodies = tuple(draw(threads(i, accesses, kind)) for i, accesses in enumerate(SHAPES[shape]))
    locations = tuple(Location(name, Address(name)) for name in (*NAMES, "lock"))
    registers: tuple[Term, ...] = tuple(FinalRegister(t, f"r{i}") for t in (0, 1) for i in range(2))
    observed = (*registers, *(FinalLocation(name) for name in NAMES))
    return Program(shape, Dialect.DSL, locations, bodies, observed=observed)


def outcomes(program: Program, target: str) -> set[object]:
    code = compile_for(program, target)
    return set(check(program, unfold(program, code.threads, target, 2), model(target)).states)


@pytest.mark.parametrize("machine", ["armv8", "power", "riscv"])
@settings(max_examples=60)
@given(program=programs())
def test_machines_keep_the_promises_of_the_kernels_model(machine: str, program: Program) -> None:
    interleaved, found, promised = (outcomes(program, target) for target in ("sc", machine, "lkmm"))
    assert interleaved <= found
    assert found <= promised


ACQUIRES = ("smp_load_acquire", "smp_cond_load_acquire")
LINKS = ("", "smp_mb", "smp_rmb", "smp_wmb", *ACQUIRES, "smp_store_release", "smp_store_mb")


def linked(number: int, accesses: str, link: str) -> Thread:
    """Two marked accesses with one thing that may order them: a fence between, or an ordered first or second access."""
    body: list[Statement] = []
    for i, access in enumerate(accesses.split()):
        place, reads = Static(Address(access[1])), access[0] == "R"
        name = link if link in ORDERED["R" if reads else "W", i] else "READ_ONCE" if reads else "WRITE_ONCE"
        given: tuple[Expression, ...] = () if reads else (Constant(number + 1),)
        # A condition on nothing would leave no branch, which is half of what orders.
        given = (Binary("!=", Placeholder(), Constant(9)),) if name == "smp_cond_load_acquire" else given
        found = Call(name, (place, *given))
        body.append(Assignment(Local(f"r{i}"), found) if reads else Evaluate(found))
    if link in FENCES.split():
        body.insert(1, Evaluate(Call(link, ())))
    return Thread(f"P{number}", tuple(body))


ORDERED = {
    ("R", 0): set(ACQUIRES),
    ("R", 1): set[str](),
    ("W", 0): {"smp_store_mb"},
    ("W", 1): {"smp_store_release"},
}


@pytest.mark.parametrize("machine", ["x86", "armv8", "power", "riscv"])
@pytest.mark.parametrize("shape", ["MP", "SB", "LB"])
def test_fences_acquires_and_releases_order_what_the_kernels_model_says(shape: str, machine: str) -> None:
    left, right = SHAPES[shape]
    registers = tuple(FinalRegister(t, f"r{i}") for t in (0, 1) for i in range(2))
    for one in LINKS:
        for other in LINKS:
            bodies = (linked(0, left, one), linked(1, right, other))
            locations = tuple(Location(name, Address(name)) for name in NAMES)
            program = Program(shape, Dialect.DSL, locations, bodies, observed=registers)
            assert outcomes(program, machine) <= outcomes(program, "lkmm"), (one, other)
