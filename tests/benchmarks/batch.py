"""Compare the CPU time of batches of recorded tests with herd7's on the same files, states equal.

    batch.py [--arch ARCH] [--count N] [--seed S] [--limit SECONDS] [--brief] [--herd COMMAND] [--kernel DIR]
             [--data DIR]

N tests (300) of each architecture are drawn at random from the recorded ones. All times are processor time, user and
system together.

1. herd7 runs each file in a process of its own with SECONDS (10) of processor time. What it does not finish is out of
   time: it is counted, and left out of the ratio on both sides, which can only help herd7.
2. The whole batch of the others: one process of ours, one of herd7, start-up and all; of short batches the best of five
   of each, in turn. Their ratio is the figure. States are compared, test by test; where we differ on purpose
   (known-differences.txt) that is said.
3. Test by test: ours is the processor time of reading, answering and printing inside a process that answers all, the
   best of three such processes. herd7's is that of a process with ten copies of the file under other
   names, less its start-up, divided by ten; or, where the file is not short, of the process with the file. The start-up
   is what processes of one file each cost more than one process of all of them.

The target is met where the ratio is reached, no state differs, the 95th percentile of ours/herd7's is at most 2, and
no test that herd7 finishes takes us more than SECONDS. Exit status 0 where all targets are met, 1 where not, 77 where
there is no herd7 or no test.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType

from recorded import (
    MODELS,
    SKIPPED,
    Ran,
    Recorded,
    add_data_options,
    add_herd_options,
    copies,
    fresh_store,
    herd_command,
    known_differences,
    recorded,
    run,
    sample,
    say,
    states_of,
)

TARGETS = MappingProxyType({"lkmm": 6.0, "aarch64": 25.0, "ppc": 6.0, "riscv": 5.0, "x86": 2.0})
"""How many times less processor time than herd7's."""
SLOWER = 2.0
"""What the 95th percentile of ours/herd7's may be."""
SHORT = 0.2
"""Seconds below which a time is taken three times, for the best."""
COPIES = 10
LONG, TURNS = 10.0, 5
"""Batches that take herd7 fewer seconds are run so often."""
LEAST = 0.00001
LITMUS = (sys.executable, "-m", "litmus", "run", "--jobs", "1", "--format", "herd")


@dataclass(frozen=True, slots=True)
class Timed:
    """A test that herd7 finished, with the seconds that both take for it without starting."""

    test: Recorded
    herds: float
    ours: float

    @property
    def ratio(self) -> float:
        """Ours over herd7's."""
        return self.ours / self.herds


def herds_time(command: Sequence[str], test: Recorded, ran: Ran, start: float) -> float:
    """Return the seconds that herd7 takes for a test without its start-up; ``ran`` is a process with the test."""
    if ran.seconds > SHORT:
        return ran.seconds - start
    with tempfile.TemporaryDirectory() as folder:
        files = [*copies(test, Path(folder), COPIES)]
        together = min(run([*command, *files]).seconds for _ in range(2))
    return max((together - start) / COPIES, LEAST)


def start_up(command: Sequence[str], tests: Sequence[Recorded]) -> float:
    """Return what starting herd7 costs: so much less one process with a few short tests takes than a process each."""
    chosen = sorted(tests, key=lambda test: test.path.stat().st_size)[:12]
    alone = sum(min(run([*command, str(test.path)]).seconds for _ in range(3)) for test in chosen)
    together = min(run([*command, *(str(test.path) for test in chosen)]).seconds for _ in range(3))
    return (alone - together) / (len(chosen) - 1) if len(chosen) > 1 else 0.0


def our_times(tests: Sequence[Recorded], model: str, limit: float) -> list[float]:
    """Return the processor time of each test in a process that answers one after the other, the best of three such.

    Nothing is answered twice in one process: what is remembered of a test helps others only, as in any batch.
    """
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        runs = pool.map(partial(_one_after_the_other, model=model, limit=limit), [tests] * 3, chunksize=1)
    return [min(times) for times in zip(*runs, strict=True)]


def _one_after_the_other(tests: Sequence[Recorded], model: str, limit: float) -> list[float]:
    """The first test pays for what is loaded once: it is run at the end again, and counts then."""
    times = [_our_time(test, model, limit) for test in tests]
    return [_our_time(tests[0], model, limit), *times[1:]]


def _our_time(test: Recorded, model: str, limit: float) -> float:
    from litmus.report.herd import herd
    from litmus.suite.answer import programs
    from litmus.suite.evaluation import Settings, evaluate

    started = time.process_time()
    for program in programs(test.path):
        "".join(herd(evaluate(program, model, Settings(seconds=20 * limit))))
    return time.process_time() - started


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the values are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def batch(arch: str, tests: list[Recorded], command: list[str], limit: float, brief: bool) -> bool:
    """Print the figures of an architecture; return whether its targets are met. ``brief`` leaves out single tests."""
    alone = [(test, run([*command, str(test.path)], limit)) for test in tests]
    finished = [test for test, ran in alone if not ran.out_of_time and ran.status == 0]
    late = [test for test, ran in alone if ran.out_of_time]
    refused = len(tests) - len(finished) - len(late)
    say(f"{arch}: {len(tests)} tests; herd7 finishes {len(finished)}, {len(late)} are out of time, refuses {refused}")
    if not finished:
        return False
    files = [str(test.path) for test in finished]
    ours, theirs = together(finished, arch, [*command, *files])
    ratio = theirs.seconds / ours.seconds
    reached = ratio >= TARGETS[arch]
    say(f"  batch: ours {ours.seconds:.2f} s, herd7 {theirs.seconds:.2f} s: {ratio:.1f} times less {_target(arch)}")
    equal = states_equal(finished, ours, theirs)
    if brief:
        return reached and equal
    start = max(start_up(command, finished), 0.0)
    herds = [herds_time(command, test, ran, start) for test, ran in alone if test in finished]
    mine = our_times(finished, MODELS[arch], limit)
    times = [Timed(*one) for one in zip(finished, herds, mine, strict=True)]
    return all((reached, equal, quickness(times, start, limit)))


def together(tests: Sequence[Recorded], arch: str, herds: Sequence[str]) -> tuple[Ran, Ran]:
    """Return how we and herd7 run a batch: the quickest of several runs, where they are short."""
    ours, theirs = [ours_together(tests, MODELS[arch])], [run(herds)]
    while len(theirs) < TURNS and theirs[0].seconds < LONG:
        ours.append(ours_together(tests, MODELS[arch]))
        theirs.append(run(herds))
    return min(ours, key=lambda ran: ran.seconds), min(theirs, key=lambda ran: ran.seconds)


def ours_together(tests: Sequence[Recorded], model: str) -> Ran:
    """Run us on a batch, with a store that has been used for the model, but has none of the answers."""
    command = [*LITMUS, "--model", model]
    with tempfile.TemporaryDirectory() as folder, fresh_store():
        run([*command, *copies(tests[0], Path(folder), 1)])
        return run([*command, *(str(test.path) for test in tests)])


def _target(arch: str) -> str:
    return f"(target {TARGETS[arch]:g})"


def states_equal(tests: Sequence[Recorded], ours: Ran, theirs: Ran) -> bool:
    """Print in which tests the states differ; return whether all are known differences."""
    mine, others, known = dict(states_of(ours.out)), dict(states_of(theirs.out)), known_differences()
    differ = [test for test in tests if mine.get(test.name) != others.get(test.name)]
    new = [test for test in differ if (test.arch, test.file) not in known]
    compared = sum(test.name in mine and test.name in others for test in tests)
    say(f"  states: {compared} compared, {len(differ) - len(new)} differ on purpose, {len(new)} otherwise (target 0)")
    for test in new:
        say(f"    differs: {test.file}")
    return not new


def quickness(times: Sequence[Timed], start: float, limit: float) -> bool:
    """Print how tests fare one by one; return whether their targets are met."""
    ratios = [timed.ratio for timed in times]
    whole = [timed.ours / (timed.herds + start) for timed in times]
    half, most = quantile(ratios, 0.5), quantile(ratios, 0.95)
    say(
        f"  each test, ours/herd7's: median {half:.2f}, 95 % below {most:.2f} (target {SLOWER:g}); "
        f"with herd7's start-up of {start * 1000:.1f} ms: {quantile(whole, 0.5):.2f} and {quantile(whole, 0.95):.2f}"
    )
    for timed in sorted(times, key=lambda timed: timed.ratio, reverse=True)[:5]:
        say(f"    {timed.ratio:6.2f}  {timed.ours * 1000:8.1f} ms  {timed.herds * 1000:8.1f} ms  {timed.test.file}")
    slow = [timed for timed in times if timed.ours > limit]
    say(f"  {len(slow)} tests take us more than {limit:g} s (target 0); our slowest {max(t.ours for t in times):.2f} s")
    for timed in slow:
        say(f"    {timed.ours:.1f} s: {timed.test.file}")
    return most <= SLOWER and not slow


def main() -> int:
    """Print the figures of each architecture."""
    parser = argparse.ArgumentParser(description="Compare CPU time with herd7's.")
    add_data_options(parser)
    add_herd_options(parser)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=10.0)
    parser.add_argument("--brief", action="store_true", help="leave out step 3")
    options = parser.parse_args()
    met: list[bool] = []
    for arch in options.arch or MODELS:
        command, tests = herd_command(arch, options), recorded(options.data, arch)
        if command is None or not tests:
            say(f"{arch}: skipped: {'no herd7, or no kernel model' if tests else 'no recorded tests'} here")
            continue
        met.append(batch(arch, sample(tests, options.count, options.seed), command, options.limit, options.brief))
    if not met:
        return SKIPPED
    say(f"target 1 is {'met' if all(met) else 'missed'}")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
