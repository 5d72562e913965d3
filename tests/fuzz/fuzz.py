"""Read random inputs, and look for tracebacks, hangs, unbounded memory, and errors without a place.

    fuzz.py [--count N] [--seed S] [--first I] [--keep DIR]

Inputs are sentences of the grammars and examples with words, lines or bytes changed, for `.lit`, `.litmus` and `.cat`
files. A seed and a number give the same input again (``--first I --count 1``). What goes wrong is kept in DIR, an input
and a report each. Exit status 0 where nothing was found, 1 where something was.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from inputs import Input, inputs
from subject import Finding, judge, limit_memory

EVERY = 5000


@dataclass(slots=True)
class Tally:
    """What came of the inputs so far."""

    done: Counter[str] = field(default_factory=Counter)
    sound: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)

    def note(self, number: int, given: Input, sound: bool, finding: Finding | None, seconds: float) -> None:
        """Count one input."""
        kind = f"{given.suffix} {given.kind}"
        self.done[kind] += 1
        self.sound[kind] += sound
        self.slowest = max(self.slowest, (seconds, number))
        if finding is not None:
            self.findings[finding.what] += 1

    def report(self) -> str:
        """Return the figures."""
        kinds = ", ".join(f"{kind}: {self.done[kind]} ({self.sound[kind]} sound)" for kind in sorted(self.done))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        found = ", ".join(f"{count} {what}" for what, count in sorted(self.findings.items())) or "nothing"
        slow = f"slowest {self.slowest[0]:.1f} s (input {self.slowest[1]})"
        return f"{self.done.total()} inputs; {kinds}; {slow}; peak {peak} MB; found {found}"


def keep(folder: Path, name: str, given: Input, finding: Finding) -> None:
    """Write the input and what is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}{given.suffix}").write_bytes(given.data)
    (folder / f"{name}.txt").write_text(f"{finding.what}\n{finding.detail}\n", encoding="utf-8", errors="replace")


def main() -> int:
    """Run, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    options = parser.parse_args()
    limit_memory()
    tally = Tally()
    for number, given in inputs(options.seed, options.first):
        if tally.done.total() >= options.count:
            break
        before = time.process_time()
        sound, finding = judge(given, Random(f"{options.seed}/{number}/use"))
        tally.note(number, given, sound, finding, time.process_time() - before)
        if finding is not None:
            keep(options.keep, f"{options.seed}-{number}", given, finding)
        if tally.done.total() % EVERY == 0:
            print(tally.report(), flush=True)
    print(tally.report())
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
