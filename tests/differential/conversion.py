"""Runs herd's C tests and what ``litmus convert`` makes of them, and compares states and counts.

    python tests/differential/conversion.py FOLDER [--limit N] [--timeout SECONDS]

converts every test below a folder, runs both under lkmm, and exits with 1 where one differs or is refused.
"""

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from litmus.errors import LitmusError
from litmus.export.dsl import as_dsl
from litmus.frontend.dispatch import parse
from litmus.program.program import Program
from litmus.report.json import outcome
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

Outcomes = tuple[Counter[tuple[tuple[str, str], ...]], Mapping[str, int], bool]
"""In how many executions each state is reached, the flags, and whether that is all there is."""


def outcomes(program: Program, timeout: float | None = None) -> Outcomes:
    """Return what ``litmus run --format json`` tells of a test under lkmm."""
    told = outcome(evaluate(program, "lkmm", Settings(seconds=timeout)))
    states: Counter[tuple[tuple[str, str], ...]] = Counter()
    for state in told["states"]:
        states[tuple(sorted((name, str(value)) for name, value in state["state"].items()))] += state["executions"]
    return states, told["flags"], told["complete"]


def renamed(found: Outcomes) -> Outcomes:
    """Return what is found of a herd file with the names that it has in our own language."""
    states, flags, complete = found
    return Counter({_state(state): count for state, count in states.items()}), flags, complete


def _state(state: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((_name(name), _value(value)) for name, value in state))


def _name(name: str) -> str:
    """Return ``P0.r`` for ``0:r`` and ``x`` for ``[x]``; an element ``a[1]`` keeps its name."""
    thread, colon, register = name.partition(":")
    return f"P{thread}.{register}" if colon else name[1:-1] if name.startswith("[") else name


def _value(value: str) -> str:
    """Return ``&x`` for ``x``; numbers, and values out of thin air, are told alike in both."""
    return value if _PLAIN.fullmatch(value) else f"&{value}"


_PLAIN = re.compile(r"-?\d+|S\d+")


def compared(path: Path, timeout: float | None) -> str:
    """Return how the conversion of a file fares."""
    try:
        (original,) = parse(Source(str(path), path.read_text(encoding="utf-8", errors="replace")))
        text = as_dsl(original)
    except LitmusError as error:
        return f"refused: {error.message}"
    (converted,) = parse(Source("converted.lit", text))
    one, other = renamed(outcomes(original, timeout)), outcomes(converted, timeout)
    if not (one[2] and other[2]):
        return "not finished"
    return "same" if one == other else "DIFFERENT"


def files(folder: Path, limit: int | None = None) -> list[Path]:
    """Return the tests below a folder, or that many of them."""
    found = sorted(folder.rglob("*.litmus"))
    return found if limit is None or limit >= len(found) else sorted(Random(1).sample(found, limit))


def _reported(paths: list[Path], timeout: float | None) -> Iterator[str]:
    for path in paths:
        fares = compared(path, timeout)
        yield fares
        if fares not in ("same", "not finished"):
            sys.stdout.write(f"{path}: {fares}\n")


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.most_common())


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--timeout", type=float, default=20)
    options = parser.parse_args()
    started = time.monotonic()
    counts = Counter(_reported(files(options.folder, options.limit), options.timeout))
    sys.stdout.write(f"{_told(counts)} in {time.monotonic() - started:.0f} s\n")
    return int(set(counts) - {"same", "not finished"} != set())


if __name__ == "__main__":
    sys.exit(main())
