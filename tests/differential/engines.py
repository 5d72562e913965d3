"""Compare the engines with each other on random tests.

    engines.py [ARCH ...] [--count N] [--seed S] [--models]

Of each architecture (aarch64, ppc, riscv, x86, lkmm; all without one) the explicit engine answers N random tests: once
by looking at each execution alone, and once in blocks where that can be done at all. States and numbers have to agree,
and states with those that are found when one order of writes is enough for each rf.
The SAT engine answers each twice: for all final states, and for the verdict only. Final states, observations, flags and
what stayed unknown have to agree. With --models each test runs under a random memory model instead of that of the
architecture.
Exit status 0 where all agree, 1 where some differ.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))

from generator import aarch64, kernel, model, ppc, riscv, x86

from litmus.engine import explicit as explicit_engine
from litmus.engine.base import Ask, EngineName, Keep, Result
from litmus.engine.block import search as block_search
from litmus.errors import UnsupportedError
from litmus.frontend.dispatch import parse
from litmus.program.program import Program
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.selection import ModelOptions

GENERATORS = {"aarch64": aarch64, "ppc": ppc, "riscv": riscv, "x86": x86, "lkmm": kernel}
MODELS = {"aarch64": "armv8", "ppc": "power", "riscv": "riscv", "x86": "x86", "lkmm": "lkmm"}
LONGEST = 20.0
"""Seconds that the explicit engine may take for a test."""


@dataclass(slots=True)
class Tally:
    """How many tests were compared, how many the SAT engine refused, and where the two differ."""

    compared: int = 0
    refused: int = 0
    differing: int = 0

    def add(self, program: Program, name: str, settings: Settings) -> str | None:
        """Compare the engines on a test; return how they differ."""
        settings = replace(settings, engine=EngineName.EXPLICIT)
        explicit = evaluate(program, name, replace(settings, keep=Keep.ALL, seconds=LONGEST))
        if explicit.out_of_time:
            return None
        with only_blocks():
            together = evaluate(program, name, replace(settings, ask=Ask.COUNTS))
        if (why := difference(explicit, together) or difference_of_numbers(explicit, together)) is not None:
            self.differing += 1
            return f"{program.name}, in blocks: {why}"
        with only_blocks(orders=False):
            some = evaluate(program, name, replace(settings, ask=Ask.STATES, engine=EngineName.AUTO))
        if (why := difference(explicit, some)) is not None:
            self.differing += 1
            return f"{program.name}, in blocks with one order of writes: {why}"
        for ask in (Ask.STATES, Ask.VERDICT):
            try:
                solved = evaluate(program, name, replace(settings, engine=EngineName.SAT, ask=ask))
            except UnsupportedError:
                self.refused += 1
                return None
            if (why := difference(explicit, solved)) is not None:
                self.differing += 1
                return f"{program.name}, {ask}: {why}"
        self.compared += 1
        return None


@contextmanager
def only_blocks(*, orders: bool = True) -> Iterator[None]:
    """Let candidates be judged in blocks, however few they are; without ``orders`` as if these were always too many."""
    before = explicit_engine.PROBED, block_search.SMALLEST, block_search.orders_of
    explicit_engine.PROBED, block_search.SMALLEST = 0, 1
    if not orders:
        block_search.orders_of = lambda *_: None
    try:
        yield
    finally:
        explicit_engine.PROBED, block_search.SMALLEST, block_search.orders_of = before


def difference_of_numbers(one: Result, other: Result) -> str | None:
    """Return in what numbers of executions differ."""
    if dict(one.states) != dict(other.states) or one.flags != other.flags or one.undefined != other.undefined:
        return f"numbers {one.executions} {one.flags} and {other.executions} {other.flags}"
    sides = [[(tally.positive, tally.negative) for tally in result.tallies] for result in (one, other)]
    return None if sides[0] == sides[1] else f"tallies {sides}"


def difference(explicit: Result, solved: Result) -> str | None:
    """Return in what the answers differ."""
    if solved.ask is not Ask.VERDICT and explicit.states.keys() != solved.states.keys():
        return f"states {len(explicit.states)} and {len(solved.states)}"
    observations = [[tally.observation for tally in result.tallies] for result in (explicit, solved)]
    if observations[0] != observations[1]:
        return f"observations {observations}"
    verdicts = [[tally.verdict for tally in result.tallies] for result in (explicit, solved)]
    if verdicts[0] != verdicts[1]:
        return f"verdicts {verdicts}"
    if explicit.flags.keys() != solved.flags.keys():
        return f"flags {sorted(explicit.flags)} and {sorted(solved.flags)}"
    if set(explicit.unknown) != set(solved.unknown):
        return f"unknown {explicit.unknown} and {solved.unknown}"
    return None


def compare(arch: str, count: int, seed: int, models: bool) -> tuple[Tally, list[str]]:
    """Compare the engines on random tests; return the tally and the differences in words."""
    tally, found = Tally(), []
    for number in range(count):
        name = f"{arch}-{seed}-{number}"
        (program,) = parse(Source(f"{name}.litmus", GENERATORS[arch].test(Random(f"{seed}/{number}"), name)))
        with TemporaryDirectory() as folder:
            path = Path(folder) / "random.cat"
            path.write_text(model.model(Random(f"model/{seed}/{number}")), encoding="utf-8")
            options = ModelOptions(target=MODELS[arch]) if models else ModelOptions()
            why = tally.add(program, str(path) if models else MODELS[arch], Settings(options))
        if why is not None:
            found.append(why)
    return tally, found


def main() -> int:
    """Run the comparison; return the exit status."""
    parser = argparse.ArgumentParser(description="Compare the engines with each other on random tests.")
    parser.add_argument("archs", nargs="*", choices=[[], *GENERATORS])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", action="store_true")
    options = parser.parse_args()
    differing = 0
    for arch in options.archs or GENERATORS:
        tally, found = compare(arch, options.count, options.seed, options.models)
        differing += tally.differing
        for why in found:
            print(why)
        print(f"{arch}: {tally.compared} compared, {tally.refused} refused by the SAT engine, {tally.differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
