"""Run a whole corpus in one process, and print the memory that it has.

    memory.py [--arch ARCH] [--data DIR] [--every N] [--timeout SECONDS] [--megabytes N]

All recorded tests of an architecture (lkmm) are answered one after the other in this process, as `litmus run` does,
with SECONDS (20) for each. After each N of them (500) a line tells the memory at that time and the most so far.

The target is met where the most is below N megabytes (500), and where what is held after the last test is at most a
tenth more than after the first half of them. By then there were some of the largest, whose memory is free for the tests
that follow, though not all of it for other processes. Exit status 0 where it is met, 1 where not, 77 where there are no
recorded tests.
"""

import argparse
import gc
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from recorded import MODELS, SKIPPED, Recorded, add_data_options, recorded, say

from litmus.engine.base import Ask
from litmus.suite.command import run_text
from litmus.suite.evaluation import Settings
from litmus.suite.running import answers
from litmus.suite.selection import ModelOptions

GROWTH = 1.1
_PER_MB = 1024 if sys.platform == "linux" else 1 << 20


def peak() -> float:
    """Return the most megabytes that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _PER_MB


def held() -> float:
    """Return the megabytes that this process has now; where the system does not tell, the most so far."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return peak()
    gc.collect()
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def run_all(tests: list[Recorded], arch: str, seconds: float, every: int) -> Iterator[tuple[int, float]]:
    """Answer all tests; yield after each ``every`` of them how many they are, and the memory held."""
    settings = Settings(ModelOptions((MODELS[arch],)), seconds=seconds, ask=Ask.STATES)
    unknown = 0
    for number, test in enumerate(tests, 1):
        unknown += any(answer.status for answer in answers([test.path], run_text, settings))
        if number % every == 0 or number == len(tests):
            now = held()
            say(f"{number:6} tests  {now:7.1f} MB  most {peak():7.1f} MB  {unknown} without an answer")
            yield number, now


def main() -> int:
    """Print a line for each 500 tests."""
    parser = argparse.ArgumentParser(description="Print the memory of a whole corpus in one process.")
    add_data_options(parser)
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--timeout", type=float, default=20.0)
    parser.add_argument("--megabytes", type=float, default=500.0)
    options = parser.parse_args()
    (arch, *_) = options.arch or ["lkmm"]
    tests = recorded(options.data, arch)
    if not tests:
        say("skipped: no recorded tests here")
        return SKIPPED
    lines = [*run_all(tests, arch, options.timeout, options.every)]
    early = next(now for number, now in lines if 2 * number >= len(tests))
    growth = lines[-1][1] / early
    met = peak() < options.megabytes and growth <= GROWTH
    word = "met" if met else "missed"
    say(f"target 6 is {word}: most {peak():.0f} MB (target {options.megabytes:g}), growth {growth:.2f} ({GROWTH:g})")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
