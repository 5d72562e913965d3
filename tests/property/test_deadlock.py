"""What gets stuck, compared with a walk through all interleavings of small programs that take locks and wait."""

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
State: TypeAlias = tuple[tuple[int, ...], tuple[tuple[str, int], ...]]
"""Where each thread stands, and what the places hold."""


def _written(operation: Operation, memory: dict[str, int]) -> dict[str, int] | None:
    """Return the memory after an operation, None where it has to wait."""
    kind, place, value = operation
    match kind:
        case "lock" | "take" | "take by a comparison":
            return None if memory[place] else {**memory, place: 1}
        case "unlock" | "give":
            return {**memory, place: 0}
        case "write":
            return {**memory, place: value}
        case _:
            return memory if memory[place] == value else None


def _next(threads: list[list[Operation]], state: State) -> Iterator[State]:
    at, held = state
    for number, thread in enumerate(threads):
        after = _written(thread[at[number]], dict(held)) if at[number] < len(thread) else None
        if after is not None:
            moved = tuple(place + (index == number) for index, place in enumerate(at))
            yield moved, tuple(sorted(after.items()))


def _interleaved(threads: list[list[Operation]]) -> tuple[bool, bool]:
    """Return whether an interleaving gets stuck, and whether one ends."""
    first: State = (0,) * len(threads), tuple((place, 0) for place in (*LOCKS, *PLACES, *WORDS))
    seen, left, stuck, ended = {first}, [first], False, False
    while left:
        state = left.pop()
        following = set(_next(threads, state))
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


@given(THREADS)
def test_sc_gets_stuck_where_an_interleaving_does(threads: list[list[Operation]]) -> None:
    stuck, ended = _interleaved(threads)
    result = _check(threads, "sc")
    forbid, require = result.tallies
    assert not result.unknown
    assert (forbid.verdict, require.verdict) == (
        Verdict.FAILS if stuck else Verdict.HOLDS,
        Verdict.FAILS if ended else Verdict.HOLDS,
    )
    assert result.deadlock is not ended


@given(THREADS, st.sampled_from(["x86", "armv8", "power", "riscv", "lkmm"]))
def test_weaker_models_get_stuck_where_sc_does(threads: list[list[Operation]], model: str) -> None:
    stuck, _ = _interleaved(threads)
    forbid, _ = _check(threads, model).tallies
    assert forbid.verdict is Verdict.FAILS or not stuck
    assert forbid.verdict is not Verdict.UNKNOWN
