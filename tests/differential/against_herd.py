"""Compare our answers with herd7's on random tests.

    against_herd.py ARCH [--count N] [--seed S] [--keep DIR] [--herd COMMAND]

ARCH is aarch64, ppc, riscv, x86 or lkmm. Each test is run by both, and compared in its final states, its observation,
its flags and its execution counts. A seed and a number give the same test again; tests in which the two differ are kept
in DIR. COMMAND is how herd7 is started, with the options that its model needs (for lkmm: ``herd7 -conf linux-kernel.cfg
-variant lkmmv2`` from where those files are). Exit status 0 where all agree, 1 where some differ or herd7 answered
nothing, 77 where there is no herd7.
"""

import argparse
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from generator import aarch64, kernel, ppc, riscv, x86

GENERATORS = {"aarch64": aarch64, "ppc": ppc, "riscv": riscv, "x86": x86, "lkmm": kernel}
MODELS = {"aarch64": "armv8", "ppc": "power", "riscv": "riscv", "x86": "x86", "lkmm": "lkmm"}
BATCH = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """What a simulator says of a test."""

    states: frozenset[str]
    observation: str
    counts: str
    flags: frozenset[str]


def answers(text: str) -> Iterator[tuple[str, Answer]]:
    """Yield the name of each test in an output in herd7's format, with the answer."""
    for block in re.split(r"^Test ", text, flags=re.MULTILINE)[1:]:
        name = block.split(maxsplit=1)[0]
        head, _, tail = block.partition("\nWitnesses\n")
        if not tail:
            continue
        states = frozenset(_state(line) for line in head.splitlines()[2:-1])
        observation = re.search(r"^Observation \S+ (.*)$", tail, re.MULTILINE)
        flags = frozenset(re.findall(r"^Flag (.*)$", tail, re.MULTILINE))
        if observation is not None:
            kind, _, counts = observation[1].partition(" ")
            yield name, Answer(states, kind, counts, flags)


def _state(line: str) -> str:
    return " ".join(sorted(part.strip() for part in line.split(";") if part.strip()))


def run(command: str, files: list[Path], seconds: float) -> dict[str, Answer]:
    """Return what a command answers to tests, by their names; those that it does not answer are left out."""
    ended = subprocess.run(
        ["timeout", str(seconds), *shlex.split(command), *map(str, files)], capture_output=True, text=True, check=False
    )
    return dict(answers(ended.stdout))


def difference(ours: Answer | None, theirs: Answer) -> str | None:
    """Return in what two answers differ."""
    if ours is None:
        return "no answer"
    for what in ("states", "observation", "flags", "counts"):
        mine, other = getattr(ours, what), getattr(theirs, what)
        if mine != other:
            return f"{what}: {_shown(mine)}, herd7: {_shown(other)}"
    return None


def _shown(value: str | frozenset[str]) -> str:
    return value if isinstance(value, str) else "{" + ", ".join(sorted(value)) + "}"


def compare(arch: str, count: int, seed: int, herd: str, keep: Path | None) -> tuple[int, int]:
    """Compare on ``count`` tests; return how many were compared and how many differ."""
    compared = differing = 0
    ours = f"{sys.executable} -m litmus run --format herd --no-cache --timeout 20 --model {MODELS[arch]}"
    for start in range(0, count, BATCH):
        with tempfile.TemporaryDirectory() as folder:
            files = [_written(arch, seed, number, Path(folder)) for number in range(start, min(start + BATCH, count))]
            theirs, mine = run(herd, files, 300), run(ours, files, 300)
            for file in files:
                if (other := theirs.get(file.stem)) is None:
                    continue
                compared += 1
                if (why := difference(mine.get(file.stem), other)) is not None:
                    differing += 1
                    print(f"{file.stem}: {why}")
                    if keep is not None:
                        shutil.copy(file, keep)
    return compared, differing


def _written(arch: str, seed: int, number: int, folder: Path) -> Path:
    name = f"{arch}-{seed}-{number}"
    path = folder / f"{name}.litmus"
    path.write_text(GENERATORS[arch].test(Random(f"{seed}/{number}"), name), encoding="utf-8")
    return path


def main() -> int:
    """Run the comparison; return the exit status."""
    parser = argparse.ArgumentParser(description="Compare our answers with herd7's on random tests.")
    parser.add_argument("arch", choices=GENERATORS)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--herd", default="herd7")
    options = parser.parse_args()
    if shutil.which(shlex.split(options.herd)[0]) is None:
        print("there is no herd7: nothing compared")
        return 77
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    compared, differing = compare(options.arch, options.count, options.seed, options.herd, options.keep)
    print(f"{options.arch}: {compared} of {options.count} tests compared, {differing} differ")
    return 0 if compared and not differing else 1


if __name__ == "__main__":
    sys.exit(main())
