"""What gets stuck, compared with a walk through all that small programs can do which take locks and wait.

The machine that is walked through executes one operation after the other, as sc has it, or with a store buffer for each
thread, as x86 has it (Owens, Sarkar, Sewell: A better x86 memory model, 2009).
"""

from collections.abc import Iterator
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.engine.base import Limits, Result, Verdict
from litmus.engine.judge import check
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.source import Source

Operation: TypeAlias = tuple[str, str, int]
"""What is done, to which lock or place, with which value."""

TEXT = {
    "lock": "spin_lock(&{0});",
    "unlock": "spin_unlock(&{0});",
    "write": "WRITE_ONCE({0}, {1});",
    "wait": "await (READ_ONCE({0}) == {1});",
    "spin": "while (READ_ONCE({0}) != {1}) cpu_relax();",
    "give": "smp_store_release(&{0}, 0);",
    "take": "while (xchg(&{0}, 1)) ;",
    "take by a comparison": "while (cmpxchg(&{0}, 0, 1) != 0) ;",
}
"""The operations; what takes waits for a 0."""
PLACES, LOCKS, WORDS = ("x", "y"), ("l", "m"), ("t", "u")
OF = {"lock": LOCKS, "unlock": LOCKS, "give": WORDS, "take": WORDS, "take by a comparison": WORDS}
"""On what each is done; the others are on places that hold any value."""


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    kind = draw(st.sampled_from(sorted(TEXT)))
    place = draw(st.sampled_from(OF.get(kind, PLACES)))
    return kind, place, draw(st.integers(0, 2))


THREADS = st.lists(st.lists(operations(), max_size=4), min_size=2, max_size=3)
Buffer: TypeAlias = tuple[tuple[str, int], ...]
State: TypeAlias = tuple[tuple[int, ...], tuple[tuple[str, int], ...], tuple[Buffer, ...]]
"""Where each thread stands, what the places hold, and what each thread has written that nobody else can read yet."""
TAKES = ("lock", "take", "take by a comparison")
STORES = {"unlock": 0, "give": 0, "write": None}
"""What stores write, None for the value of the operation."""


def _steps(
    operation: Operation, memory: dict[str, int], buffer: Buffer, buffered: bool
) -> Iterator[tuple[str, int, bool]]:
    """Yield what an operation writes, and whether that goes to the buffer; nothing where it has to wait."""
    kind, place, value = operation
    if kind in TAKES:
        if not buffer and not memory[place]:
            yield place, 1, False
    elif kind in STORES:
        written = STORES[kind]
        yield place, value if written is None else written, buffered
    elif ({**memory, **dict(buffer)})[place] == value:
        yield "", 0, False


def _next(threads: list[list[Operation]], state: State, buffered: bool) -> Iterator[State]:
    at, held, buffers = state
    memory = dict(held)
    for number, thread in enumerate(threads):
        own = buffers[number]
        if own:
            place, value = own[0]
            yield at, _held({**memory, place: value}), _with(buffers, number, own[1:])
        if at[number] < len(thread):
            moved = tuple(place + (index == number) for index, place in enumerate(at))
            for place, value, waits in _steps(thread[at[number]], memory, own, buffered):
                if waits:
                    yield moved, held, _with(buffers, number, (*own, (place, value)))
                else:
                    yield moved, _held({**memory, place: value}) if place else held, buffers


def _held(memory: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(memory.items()))


def _with(buffers: tuple[Buffer, ...], number: int, buffer: Buffer) -> tuple[Buffer, ...]:
    return tuple(buffer if index == number else other for index, other in enumerate(buffers))


def _walked(threads: list[list[Operation]], *, buffered: bool) -> tuple[bool, bool]:
    """Return whether the machine can get stuck, and whether it can end."""
    first: State = (0,) * len(threads), _held(dict.fromkeys((*LOCKS, *PLACES, *WORDS), 0)), ((),) * len(threads)
    seen, left, stuck, ended = {first}, [first], False, False
    while left:
        state = left.pop()
        following = set(_next(threads, state, buffered))
        all_ended = all(place == len(thread) for place, thread in zip(state[0], threads, strict=True))
        ended = ended or all_ended
        stuck = stuck or (not following and not all_ended)
        left.extend(following - seen)
        seen |= following
    return stuck, ended


def _check(threads: list[list[Operation]], model: str) -> Result:
    bodies = (" ".join(TEXT[kind].format(place, value) for kind, place, value in thread) for thread in threads)
    text = " ".join(f"thread T{number} {{ {body} }}" for number, body in enumerate(bodies))
    claims = "forbid deadlock; require all: deadlock;"
    program = parse(Source("t.lit", f'litmus "t" int x, y, t, u; spinlock_t l, m; {text} {claims}'))[0]
    code = compile_for(program, model).threads
    ending, endless = (unfold(program, code, model, 2, spins=True, endless=endless) for endless in (False, True))
    return check(program, ending, load_model(model), Limits(), endless)


@given(THREADS, st.sampled_from(["sc", "x86"]))
def test_what_a_machine_does(threads: list[list[Operation]], model: str) -> None:
    stuck, ended = _walked(threads, buffered=model == "x86")
    result = _check(threads, model)
    forbid, require = result.tallies
    assert not result.unknown
    assert (forbid.verdict, require.verdict) == (
        Verdict.FAILS if stuck else Verdict.HOLDS,
        Verdict.FAILS if ended else Verdict.HOLDS,
    )
    assert result.deadlock is not ended


@given(THREADS, st.sampled_from(["armv8", "power", "riscv", "lkmm"]))
def test_weaker_models_get_stuck_where_x86_does(threads: list[list[Operation]], model: str) -> None:
    stuck, _ = _walked(threads, buffered=True)
    forbid, _ = _check(threads, model).tallies
    assert forbid.verdict is Verdict.FAILS or not stuck
    assert forbid.verdict is not Verdict.UNKNOWN
