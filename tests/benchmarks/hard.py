"""Answer every recorded test that herd7 did not finish in five seconds.

    hard.py [--arch ARCH] [--data DIR] [--limit SECONDS] [--megabytes N] [--states | --verdict-only]

Each runs in a process of its own: `litmus run --format herd`, which counts all executions, or with --states all final
states, or with --verdict-only only the verdict. Prints the slowest and the largest, and each that has no answer within
SECONDS (20) of processor time and N megabytes (2048), or another one than its comment ``Result:`` says.

Exit status 0 where all are answered, 1 where not, 77 where there are no recorded tests.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from recorded import MODELS, SKIPPED, Ran, Recorded, add_data_options, fresh_store, recorded, run, say

OBSERVED = re.compile(r"^Observation .*? (Never|Sometimes|Always)\b", re.MULTILINE)
PREDICTED = re.compile(r"\b(Never|Sometimes|Always)\b")


@dataclass(frozen=True, slots=True)
class Tried:
    """A test, what running it cost, and what is wrong with the answer."""

    test: Recorded
    ran: Ran
    wrong: str | None


def command(options: argparse.Namespace) -> list[str]:
    """Return how we are asked."""
    litmus = [sys.executable, "-m", "litmus", "run", "--jobs", "1"]
    if options.states:
        return [*litmus, "--format", "json"]
    return [*litmus, "--format", "herd", *(["--verdict-only"] if options.verdict_only else [])]


def tried(tests: list[Recorded], options: argparse.Namespace) -> Iterator[Tried]:
    """Yield the tests one after the other, each run."""
    for test in tests:
        line = [*command(options), "--model", MODELS[test.arch], str(test.path)]
        ran = run(line, options.limit)
        wrong = _wrong(test, ran, options.limit, options.megabytes)
        # What this process keeps counts as memory of those that it starts.
        yield Tried(test, replace(ran, out=""), wrong)


def _wrong(test: Recorded, ran: Ran, seconds: float, megabytes: float) -> str | None:
    if ran.out_of_time or ran.seconds > seconds:
        return f"no answer within {seconds:g} s"
    if ran.status:
        return f"exit status {ran.status}: {ran.error.strip()[:200]}"
    if ran.megabytes > megabytes:
        return f"{ran.megabytes:.0f} MB"
    predicted = PREDICTED.search(test.result or "")
    observed = _observed(ran.out)
    if observed is None:
        return "no answer"
    if predicted is not None and predicted[1] != observed:
        return f"its comment says {predicted[1]}, we {observed}"
    return None


def _observed(out: str) -> str | None:
    if out.startswith("{"):
        return str(json.loads(out)["assertions"][0]["observation"])
    found = OBSERVED.search(out)
    return found[1] if found else None


def main() -> int:
    """Print the figures of each architecture."""
    parser = argparse.ArgumentParser(description="Answer what herd7 did not finish.")
    add_data_options(parser)
    parser.add_argument("--limit", type=float, default=20.0)
    parser.add_argument("--megabytes", type=float, default=2048.0)
    parser.add_argument("--states", action="store_true")
    parser.add_argument("--verdict-only", action="store_true")
    options = parser.parse_args()
    done: list[Tried] = []
    for arch in options.arch or MODELS:
        tests = [test for test in recorded(options.data, arch) if test.hard]
        if tests:
            done += _told(arch, [*tried(tests, options)])
    if not done:
        say("skipped: no recorded tests here")
        return SKIPPED
    missed = sum(one.wrong is not None for one in done)
    say(f"target 2: {len(done) - missed} of {len(done)} answered (target: all)")
    return 1 if missed else 0


def _told(arch: str, done: list[Tried]) -> list[Tried]:
    right = [one for one in done if one.wrong is None]
    slowest = max((one.ran.seconds for one in right), default=0.0)
    largest = max((one.ran.megabytes for one in right), default=0.0)
    say(f"{arch}: {len(right)} of {len(done)} answered, in {slowest:.1f} s and {largest:.0f} MB at most")
    for one in done:
        if one.wrong is not None:
            say(f"  {one.test.file}: {one.wrong}")
    return done


if __name__ == "__main__":
    with fresh_store():
        status = main()
    sys.exit(status)
