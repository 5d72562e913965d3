"""Print what an unchanged corpus costs: the second `litmus check` of recorded tests, whose answers are kept.

    cache.py [--arch ARCH] [--data DIR] [--number N] [--runs N] [--target SECONDS] [--formats]

N (1000) recorded tests of an architecture (lkmm) that claim something are checked by a process that keeps the answers,
then several times (5) again: by one process with ``-j 1`` and as many as there are processors. Figures are CPU time,
user and system, of whole processes, in seconds for a thousand tests; the least of the runs, as others only add to it.
With ``--formats`` the other formats are measured too, and what a `litmus.toml` adds.

The target is met where each takes less than SECONDS (1) for a thousand. Exit status 0 where it is met, 1 where not,
77 where there are no recorded tests.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from recorded import MODELS, SKIPPED, add_data_options, fresh_store, recorded, run, sample, say

SEED = 7
PLAIN = (("-j1",), ())
"""What is always measured: options beside the list of tests."""
OTHERS = (
    ("-j1", "--format", "json"),
    ("-j1", "--format", "junit"),
    ("-j1", "--format", "sarif"),
    ("-j1", "--matrix"),
    ("-j1", "--settings", "litmus.toml"),
)


def chosen(options: argparse.Namespace) -> list[Path]:
    """Return the tests: those that claim something, and that herd7 finished soon."""
    found = [test for test in recorded(options.data, options.arch) if test.result and not test.hard]
    return [test.path.absolute() for test in sample(found, options.number, SEED)]


def measured(paths: list[Path], options: argparse.Namespace) -> Iterator[float]:
    """Yield what a thousand tests cost, for each way to ask."""
    Path("tests.list").write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    Path("litmus.toml").write_text(
        'timeout = 600\n[[path]]\nmatch = "none/**"\nexpect = "Never"\n[[path]]\nmatch = "**/x.litmus"\nunroll = 3\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "litmus", "check", "@tests.list"]
    for asked in (*PLAIN, *(OTHERS if options.formats else ())):
        settings = () if "--settings" in asked else ("--no-settings",)
        first = run([*command, *settings, *asked])
        again = [run([*command, *settings, *asked]) for _ in range(options.runs)]
        if any((each.out, each.status) != (first.out, first.status) for each in again):
            sys.exit(f"{' '.join(asked)}: answers that are kept differ from fresh ones")
        seconds, scale = min(each.seconds for each in again), 1000 / len(paths)
        told = f"first {first.seconds * scale:7.2f} s  again {seconds * scale:6.3f} s for 1000"
        say(f"{' '.join(asked) or 'all processors':28} {told}  most {max(each.megabytes for each in again):5.0f} MB")
        yield seconds * scale


def main() -> int:
    parser = argparse.ArgumentParser()
    add_data_options(parser)
    parser.set_defaults(arch=None)
    parser.add_argument("--number", type=int, default=1000, help="how many tests [default: 1000]")
    parser.add_argument("--runs", type=int, default=5, help="how often each is asked again [default: 5]")
    parser.add_argument("--target", type=float, default=1, help="seconds for a thousand tests [default: 1]")
    parser.add_argument("--formats", action="store_true", help="measure other formats too")
    options = parser.parse_args()
    options.arch = (options.arch or ["lkmm"])[0]
    options.data = options.data.absolute()
    paths = chosen(options)
    if not paths:
        say(f"no recorded tests in {options.data}")
        return SKIPPED
    say(f"{len(paths)} tests of {options.arch}, model {MODELS[options.arch]}")
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    with fresh_store(), tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return 0 if max(measured(paths, options)) < options.target else 1
        finally:
            os.chdir("/")


if __name__ == "__main__":
    sys.exit(main())
