"""Look for final states that the kernel's model forbids and an architecture allows.

    lkmm_against_hardware.py [PATHS...] [--count N] [--first I] [--seed S] [--keep DIR] [--timeout SECONDS]

Every final state (all locals of all threads and all shared locations) that a test can reach on x86, armv8, power or
riscv, or under sc, has to be one that lkmm allows, and every one of sc one that each machine allows: else a lowering
or a model is wrong. PATHS are tests to try it on (.lit files, C .litmus files); without any, N random ones are made.
A seed and a number give the same test again; tests with a counterexample are kept in DIR. Where lkmm finds a data race
it promises nothing, and where it does not come to an end nothing is known: those are counted apart. Exit status 0
where nothing was found, 1 where something was.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from generator import dsl

from litmus.engine.base import Result
from litmus.errors import LitmusError, ProgramErrors, UnsupportedError
from litmus.frontend.dispatch import parse
from litmus.program.program import Dialect, Program
from litmus.program.syntax import Local
from litmus.program.term import FinalLocation, FinalRegister
from litmus.report.naming import naming
from litmus.source import Source
from litmus.suite.answer import programs
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.files import collect

MACHINES = ("x86", "armv8", "power", "riscv")
LOCKS = frozenset({"spinlock_t", "raw_spinlock_t", "rwlock_t", "struct mutex", "struct srcu_struct"})
"""Types of which what an object holds is another thing on every target."""
EVERY = 250
"""Tests between two reports."""


@dataclass(slots=True)
class Tally:
    """What was tried: how many tests came to what, and the counterexamples in words."""

    done: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)


def everything(program: Program) -> Program:
    """Return ``program`` without assertions, so that a final state is all that there is to see."""
    locations = (FinalLocation(place.name) for place in program.locations if place.type.name not in LOCKS)
    registers = (
        FinalRegister(number, name) for number, thread in enumerate(program.threads) for name in _locals(thread.body)
    )
    return replace(program, assertions=(), observed=(*registers, *locations))


def _locals(node: object) -> dict[str, None]:
    """Return the names of the locals in a piece of syntax, in order."""
    if isinstance(node, Local):
        return {node.name: None}
    if isinstance(node, tuple):
        return {name: None for part in node for name in _locals(part)}
    fields = getattr(node, "__dataclass_fields__", {})
    return {name: None for part in fields if part != "span" for name in _locals(getattr(node, part))}


def compare(program: Program, seconds: float) -> Iterator[str]:
    """Yield ``unsupported``, ``race``, ``unknown``, ``same`` or ``fewer``, or what is wrong, for each machine."""
    asked = everything(program)
    settings = Settings(seconds=seconds)
    promised = evaluate(asked, "lkmm", settings)
    interleaved = _result(asked, "sc", settings)
    if interleaved is not None:
        yield _compared(interleaved, promised)
    for machine in MACHINES:
        found = _result(asked, machine, settings)
        yield "unsupported" if found is None else _compared(found, promised)
        if found is not None and interleaved is not None:
            yield _compared(interleaved, found)


def _result(program: Program, model: str, settings: Settings) -> Result | None:
    try:
        return evaluate(program, model, settings)
    except (UnsupportedError, ProgramErrors):
        return None


def _compared(strong: Result, weak: Result) -> str:
    """Say whether all final states under ``strong`` are such under ``weak``. States that were found are there, however
    much of ``strong`` is unknown."""
    if weak.unknown or weak.inexact or strong.inexact:
        return "unknown"
    if "data-race" in weak.flags:
        return "race"
    names = naming(strong.program)
    for state in strong.states:
        if state not in weak.states:
            return f"{weak.model} forbids what {strong.model} allows: {names.state(state)}"
    return "unknown" if strong.unknown else "same" if len(strong.states) == len(weak.states) else "fewer"


def random_tests(seed: int, first: int, count: int) -> Iterator[tuple[str, Program]]:
    """Yield the text of each test with its program."""
    for number in range(first, first + count):
        text = dsl.test(Random(f"{seed}/{number}"), f"{seed}-{number}")
        (program,) = parse(Source(f"{seed}-{number}.lit", text))
        yield text, program


def stored_tests(paths: tuple[str, ...]) -> Iterator[tuple[str, Program]]:
    """Yield the tests of files that are written in the kernel's C."""
    for item in collect(paths):
        if isinstance(item, LitmusError):
            raise item
        for program in programs(item):
            if program.dialect in (Dialect.DSL, Dialect.C):
                yield item.read_text(encoding="utf-8"), program


def run(tests: Iterator[tuple[str, Program]], seconds: float, keep: Path | None) -> Tally:
    """Compare all; tell what is wrong as it is found."""
    tally = Tally()
    for text, program in tests:
        if tally.done["tests"] and not tally.done["tests"] % EVERY:
            print(told(tally), flush=True)
        tally.done["tests"] += 1
        for answer in compare(program, seconds):
            known = answer in ("unsupported", "race", "unknown", "same", "fewer")
            tally.done[answer if known else "wrong"] += 1
            if not known:
                tally.found.append(f"{program.title}: {answer}")
                print(tally.found[-1], flush=True)
                if keep is not None:
                    (keep / f"{program.title.replace('/', '+')}.lit").write_text(text, encoding="utf-8")
    return tally


def told(tally: Tally) -> str:
    """Return the counts in words."""
    return ", ".join(f"{number} {what}" for what, number in tally.done.items())


def main() -> int:
    """Run the comparison; return the exit status."""
    parser = argparse.ArgumentParser(description="Look for what lkmm forbids and an architecture allows.")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--timeout", type=float, default=20)
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    tests = random_tests(options.seed, options.first, options.count)
    if options.paths:
        tests = stored_tests(tuple(options.paths))
    tally = run(tests, options.timeout, options.keep)
    print(told(tally))
    return 1 if tally.found else 0


if __name__ == "__main__":
    sys.exit(main())
