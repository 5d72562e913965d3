"""Write proofs for families of tests and have them checked.

    proofs.py [FAMILY ...] [--sizes N ...] [--drat-trim PROGRAM] [--own] [--keep DIR]
    proofs.py --random COUNT [--seed S] [--models]

Each family (sb mp 2+2W rcu cow iriw inc lock; all without one) at each size is proved under the Linux-kernel model, and
each proof is given to drat-trim, whose program --drat-trim names; without it only the checker of these tests is asked,
which --own asks in any case. With --random the tests are random ones, under the models of the architectures or random
ones, and the formulas are compared with what the explicit engine enumerates too (`sceptic`).
Exit status 0 where every proof is accepted, 1 where one is not.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))

import rup
from classic import FAMILIES
from engines import GENERATORS, MODELS
from generator import model as random_model
from sceptic import complaints

from litmus.engine.base import Observation
from litmus.frontend.dispatch import parse
from litmus.program.program import Program
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.proving import folder_name, prove_to
from litmus.suite.selection import ModelOptions, for_model
from litmus.suite.status import Status

SIZES = (4, 8, 12)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(slots=True)
class Tally:
    """How many answers were proved or had nothing to prove, and what is wrong."""

    proved: int = 0
    open: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def proved(program: Program, model: str, folder: Path, settings: Settings | None = None) -> tuple[Path | None, str]:
    """Prove what can be proved of a test; return the folder of the proofs, or None and why there is none."""
    chosen = settings or Settings(ModelOptions((model,)))
    answers = list(prove_to(program, chosen, folder))
    if any(answer.status is not Status.OK for answer in answers):
        return None, "".join(answer.error for answer in answers)
    return folder / folder_name(program.title, Path(model).stem), ""


def formulas(folder: Path) -> Iterator[Path]:
    """Yield the formulas in a folder, as the index has them; every file is listed and there."""
    index = json.loads((folder / "index.json").read_text())
    for structure in index["structures"]:
        for formula in structure["formulas"]:
            yield folder / f"{formula['formula']}.cnf"


def accepted_by_us(formula: Path) -> bool:
    """Whether our own checker accepts the proof of a formula."""
    try:
        rup.check(formula.read_text(), formula.with_suffix(".drat").read_text())
    except rup.Rejected:
        return False
    return True


def accepted_by(program: Path, formula: Path) -> bool:
    """Whether drat-trim accepts the proof of a formula."""
    ran = subprocess.run(
        [program, formula, formula.with_suffix(".drat"), "-t", "600"], capture_output=True, text=True, check=False
    )
    # The exit status is that of a failure where the formula is refuted while it is read.
    return "s VERIFIED" in ran.stdout.replace("\r", "\n").splitlines()


def random_tests(arch: str, count: int, seed: int, models: bool) -> Tally:
    """Prove what random tests never, or always do."""
    tally = Tally()
    for number in range(count):
        name = f"{arch}-{seed}-{number}"
        (program,) = parse(Source(f"{name}.litmus", GENERATORS[arch].test(Random(f"{seed}/{number}"), name)))
        with TemporaryDirectory() as folder:
            model = MODELS[arch]
            if models:
                model = str(Path(folder) / "random.cat")
                Path(model).write_text(random_model.model(Random(f"model/{seed}/{number}")), encoding="utf-8")
            options = ModelOptions((model,), target=MODELS[arch] if models else None)
            _prove_one(tally, program, model, Settings(options, seconds=30), Path(folder))
    return tally


_REFUSALS = ("cannot be proved", "the SAT engine cannot answer", "time limit", "the answer is not complete")


def _prove_one(tally: Tally, program: Program, model: str, settings: Settings, folder: Path) -> None:
    place, why = proved(program, model, folder, settings)
    if place is None:
        expected = any(reason in why for reason in _REFUSALS)
        tally.refused += expected
        tally.open += not expected
        if not expected and "nothing to prove" not in why:
            tally.wrong.append(f"{program.name}: {why}")
        return
    tally.proved += 1
    result = evaluate(program, model, settings)
    if all(tallied.observation is Observation.SOMETIMES for tallied in result.tallies):
        tally.wrong.append(f"{program.name}: proved, and an execution shows the contrary")
    asked = for_model(program, model)
    tally.wrong += (f"{program.name}: {why}" for why in complaints(asked, model, place, settings))
    tally.wrong += (f"{program.name}: {file.name} rejected" for file in formulas(place) if not accepted_by_us(file))


def main() -> int:
    """Prove and check; return the exit status."""
    parser = argparse.ArgumentParser(description="Write proofs for families of tests and have them checked.")
    parser.add_argument("families", nargs="*", choices=[[], *FAMILIES])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--drat-trim", type=Path, metavar="PROGRAM")
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    parser.add_argument("--random", type=int, metavar="COUNT")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", action="store_true")
    options = parser.parse_args()
    if options.random is not None:
        return _random(options.random, options.seed, options.models)
    if options.drat_trim is None:
        say("drat-trim skipped: --drat-trim names no program")
    elif not options.drat_trim.is_file():
        parser.error(f"no such program: {options.drat_trim}")
    titles = ("clauses", "symmetry", "cnf kB", "steps", "drat kB", "prove s")
    say(f"{'test':8} {'formula':9} {' '.join(f'{title:>8}' for title in titles)} checked")
    with nullcontext(options.keep) if options.keep else TemporaryDirectory() as folder:
        bad = [
            line
            for family in options.families or FAMILIES
            for n in options.sizes
            for line in _table(family, n, Path(folder), options.drat_trim, options.own)
            if "REJECTED" in line or "no proof" in line
        ]
    return 1 if bad else 0


def _random(count: int, seed: int, models: bool) -> int:
    wrong = 0
    for arch in GENERATORS:
        tally = random_tests(arch, count, seed, models)
        wrong += len(tally.wrong)
        for line in tally.wrong:
            say(line)
        say(f"{arch}: {tally.proved} proved, {tally.open} with nothing to prove, {tally.refused} refused")
    return 1 if wrong else 0


def _table(family: str, n: int, folder: Path, drat_trim: Path | None, own: bool) -> Iterator[str]:
    """Print and yield a line for each formula of one test."""
    (program,) = parse(Source(f"{family}{n}.lit", FAMILIES[family](n)))
    started = time.process_time()
    place, why = proved(program, "lkmm", folder)
    seconds = time.process_time() - started
    if place is None:
        say(line := f"{program.name:8} no proof: {why}")
        yield line
        return
    entries = [f for s in json.loads((place / "index.json").read_text())["structures"] for f in s["formulas"]]
    for entry, file in zip(entries, formulas(place), strict=True):
        checks = [f"{'own' if tool is None else 'drat-trim'} {_checked(tool, file)}" for tool in _tools(drat_trim, own)]
        sizes = [path.stat().st_size // 1024 for path in (file, file.with_suffix(".drat"))]
        line = (
            f"{program.name:8} {entry['formula'].split('-')[1]:9} {entry['clauses']:8} {entry['by_symmetry']:8} "
            f"{sizes[0]:8} {entry['steps']:8} {sizes[1]:8} {seconds:8.2f} {', '.join(checks)}"
        )
        say(line)
        yield line


def _tools(drat_trim: Path | None, own: bool) -> list[Path | None]:
    return [*([drat_trim] if drat_trim else []), *([None] if own or drat_trim is None else [])]


def _checked(tool: Path | None, formula: Path) -> str:
    started = time.monotonic()
    good = accepted_by_us(formula) if tool is None else accepted_by(tool, formula)
    return f"{'accepted' if good else 'REJECTED'} in {time.monotonic() - started:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
