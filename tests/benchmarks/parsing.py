"""Print which part of a run parsing is, for files of one's own.

    parsing.py [--model MODEL] [--count N] [--seed S] PATHS...

Of the .lit and .litmus files below PATHS, N are drawn at random (all without --count). A first pass over one file of
each kind leaves grammars and models loaded, as they are in a run of many files; then each file is parsed and evaluated,
and the times are summed. A file that is an error, or takes longer than 20 s, is left out and counted.
"""

import argparse
import sys
import time
from pathlib import Path
from random import Random

from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.program.program import Dialect, Program
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.selection import models_of

LONGEST = 20.0
"""Seconds that a file may take."""


def files_below(paths: list[Path]) -> list[Path]:
    """Return the tests at and below paths, in order."""
    found = [
        file
        for path in paths
        for file in ([path] if path.is_file() else sorted(path.rglob("*")))
        if file.suffix in (".lit", ".litmus")
    ]
    if not found:
        sys.exit("no .lit or .litmus file there")
    return found


def seconds_of(file: Path, model: str | None) -> tuple[Dialect, float, float] | None:
    """Return the dialect of a file and the seconds of parsing and of all that follows; None for one to leave out."""
    source = Source(str(file), file.read_text(encoding="utf-8"))
    started = time.perf_counter()
    try:
        programs = parse(source, lambda name: _included(file, name))
        parsed = time.perf_counter()
        unknown = [_unknown(program, model) for program in programs]
    except LitmusError:
        return None
    if any(unknown):
        return None
    return programs[0].dialect, parsed - started, time.perf_counter() - parsed


def _included(file: Path, name: str) -> Source:
    path = file.parent / name
    return Source(str(path), path.read_text(encoding="utf-8"))


def _unknown(program: Program, model: str | None) -> bool:
    settings = Settings(seconds=LONGEST)
    names = [model] if model is not None else models_of(program, ())
    return any(evaluate(program, name, settings).unknown for name in names)


def main() -> None:
    """Write a line for each dialect."""
    parser = argparse.ArgumentParser(description="Print which part of a run parsing is.")
    parser.add_argument("--model")
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("paths", nargs="+", type=Path)
    options = parser.parse_args()
    files = files_below(options.paths)
    if options.count is not None:
        files = Random(options.seed).sample(files, min(options.count, len(files)))
    for file in {file.suffix: file for file in files}.values():
        seconds_of(file, options.model)
    sums: dict[Dialect, tuple[int, float, float]] = {}
    left = 0
    for file in files:
        found = seconds_of(file, options.model)
        if found is None:
            left += 1
            continue
        dialect, parsing, rest = found
        count, before, after = sums.get(dialect, (0, 0.0, 0.0))
        sums[dialect] = (count + 1, before + parsing, after + rest)
    for dialect, (count, parsing, rest) in sums.items():
        share = f"parsing is {parsing / (parsing + rest):.0%}"
        sys.stdout.write(f"{dialect:8} {count:6} files: parsing {parsing:7.2f} s, the rest {rest:7.2f} s: {share}\n")
    sys.stdout.write(f"left out: {left}\n")


if __name__ == "__main__":
    main()
