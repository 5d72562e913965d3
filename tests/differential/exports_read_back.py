"""Read exported tests back, and hold what we answer to them to the comment ``Result:``.

    exports_read_back.py [PATHS] [--seconds N]

PATHS are ``.litmus`` files or folders that `litmus export` wrote, ``generated/`` by default. The comment says what we
found of the source; what we find of the file must be the same. Prints what is not, what cannot be read, what we warn
of, and what takes us more than N seconds (60). Exit status 0 where all is as stated, 1 otherwise.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from against_herd import Answer
from exports_against_herd import Test, ours, report, say, tests

RACE = "data-race"


def stated(answer: Answer) -> str:
    """Return an answer as the comment ``Result:`` has it."""
    word = "DEADLOCK" if answer.counts == "0 0" else answer.observation
    return f"{word} DATARACE" if RACE in answer.flags else word


def verdict(test: Test, answer: Answer | None) -> tuple[str, str]:
    """Return how a test fares, in a word, and what there is to say of it."""
    if answer is None:
        return "no answer", ""
    if test.result is None:
        return "nothing stated", ""
    found = stated(answer)
    return ("as stated", "") if found == test.result else ("DIFFERENT", f"Result: {test.result}, found: {found}")


def main() -> int:
    """Run the comparison; return the exit status."""
    parser = argparse.ArgumentParser(description="Hold what we answer to exported tests to what they state.")
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("generated")])
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    found = list(tests(options.paths))
    answered = ours(found, options.seconds)
    counts: Counter[tuple[str, str]] = Counter()
    for test in found:
        how, what = verdict(test, answered.get(test.path))
        counts[test.dialect, how] += 1
        if how != "as stated":
            say(f"{how}: {test.path}{': ' if what else ''}{what}")
    report(counts)
    return int(not counts or any(how != "as stated" for _, how in counts))


if __name__ == "__main__":
    sys.exit(main())
