"""A condition computes what the same expression does in a thread."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from litmus.arch.final_condition import final_conditions
from litmus.frontend.dsl.parse import parse
from litmus.program.printer import print_program
from litmus.program.term import FinalRegister, substitute
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

TYPES = "char short int long bool u8 u16 u32 u64 s8 s16 s32 s64 unsigned".split()
NUMBERS = "0 1 -1 7 127 128 255 0x7fffffff 0x80000000 0xffffffff 4294967295 2147483648 3L -9L 5U 1UL -1U".split()
SIGNS = "+ - * & | ^ == != < <= > >= && ||".split()
NAMES = [*(f"x{i}" for i in range(3)), *(f"A.r{i}" for i in range(3))]


def expression(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.1:
        return random.choice([*NAMES, *NUMBERS])
    one, other = expression(random, depth - 1), expression(random, depth - 1)
    kind = random.random()
    if kind < 0.2:  # what `~` says of truth values is herd's, not C's
        return f"{random.choice('-!+')}({one})" if random.random() < 0.7 else f"~({one} + {other})"
    if kind < 0.3:
        return f"({one} {random.choice(['<<', '>>'])} {random.choice([0, 1, 7, 31])})"
    if kind < 0.4:
        return f"({one} {random.choice('/%')} {random.choice(['1', '3', '200U', '7L'])})"
    if kind < 0.5:
        return f"({one} ? {other} : {expression(random, depth - 1)})"
    return f"({one} {random.choice(SIGNS)} {other})"


@settings(deadline=None)
@given(st.integers(0, 1 << 32))
def test_conditions_compute_as_threads_do(seed: int) -> None:
    random = Random(seed)
    shared = [f"{random.choice(TYPES)} x{i};" for i in range(3)]
    written = [f"x{i} = {random.choice(NUMBERS)};" for i in range(3)]
    local = [f"{random.choice(TYPES)} r{i} = {random.choice(NUMBERS)};" for i in range(3)]
    what = expression(random, 3)
    body = [*written, *local, f"t = {what.replace('A.', '')};"]
    observed = ", ".join([*NAMES, "A.t"])
    text = "\n".join(
        ['litmus "c"', "models sc;", *shared, "thread A {", *body, "}", f"locations {observed};", f"exists e: {what};"]
    )
    (program,) = parse(Source("c.lit", text))
    assert parse(Source("printed", print_program(program))) == (program,), text
    result = evaluate(program, "sc", Settings())
    (state,) = (dict(state) for state in result.states)
    wanted = state[FinalRegister(0, "t")]
    assert substitute(final_conditions(program).meaning(program.assertions[0].condition), state.get) == wanted, text
    assert result.tallies[0].positive == (wanted != 0), text
