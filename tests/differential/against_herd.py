"""Compare our answers with herd7's on random tests.

    against_herd.py ARCH [--count N] [--seed S] [--models | --mixed] [--model FILE] [--keep DIR] [--herd COMMAND]

ARCH is aarch64, ppc, riscv, x86 or lkmm. Each test is run by both, and compared in its final states, its observation,
its flags and its execution counts; with --models under random memory models, a new one for every few tests, instead of
that of the architecture; with --mixed on tests whose accesses have several sizes, with --model under that of FILE on
our side. A seed and a number give the same test and model again; tests in which the two differ are kept
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

from generator import aarch64, kernel, mixed, mixed_x86, model, ppc, riscv, x86

GENERATORS = {"aarch64": aarch64, "ppc": ppc, "riscv": riscv, "x86": x86, "lkmm": kernel}
MODELS = {"aarch64": "armv8", "ppc": "power", "riscv": "riscv", "x86": "x86", "lkmm": "lkmm"}
MIXED = {"aarch64-mixed": mixed, "x86-mixed": mixed_x86}
"""Tests with accesses of several sizes, which both are told to expect."""
BATCH = 50
BATCH_OF_A_MODEL = 10
MEANT_BY_THE_MODEL = re.compile("amo|spin_lock")
"""What herd7 leaves to the model to make sense of: a RISC-V AMO is one event to it, and without the kernel's lock.cat a
lock reads from nothing. Random models do neither, so that they are compared on tests without."""


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
    """Return a state; values that nothing settles (S5) are numbered as they come."""
    text = " ".join(sorted(part.strip() for part in line.split(";") if part.strip()))
    unsettled = list(dict.fromkeys(re.findall(r"=(S\d+)", text)))
    return re.sub(r"=(S\d+)", lambda found: f"=S{unsettled.index(found[1])}", text)


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
            return f"{what}: {_shown(mine, other)}, herd7: {_shown(other, mine)}"
    return None


def _shown(value: str | frozenset[str], other: str | frozenset[str]) -> str:
    """Return a value; of a set only what the other has not."""
    if isinstance(value, str):
        return value
    return "{" + ", ".join(sorted(value.difference(other))) + "}"


def compare(
    arch: str, count: int, seed: int, herd: str, keep: Path | None, models: bool = False, chosen: str | None = None
) -> tuple[int, int]:
    """Compare on ``count`` tests, our side under the model ``chosen`` if any; return how many were compared and how
    many differ."""
    herd = f"{herd} -variant mixed" if arch in MIXED else herd
    compared = differing = 0
    batch = BATCH_OF_A_MODEL if models else BATCH
    for start in range(0, count, batch):
        with tempfile.TemporaryDirectory() as folder:
            written = _written_model(arch, seed, start, Path(folder)) if models else None
            files = [
                _written(arch, seed, number, Path(folder), models) for number in range(start, min(start + batch, count))
            ]
            theirs = run(herd if written is None else f"{herd} -model {written}", files, 300)
            mine = run(_ours(arch, written, chosen), files, 300)
            for file in files:
                if (other := theirs.get(file.stem)) is None:
                    continue
                compared += 1
                if (why := difference(mine.get(file.stem), other)) is not None:
                    differing += 1
                    print(f"{file.stem}: {why}", flush=True)
                    for kept in (file, written) if keep is not None else ():
                        if kept is not None:
                            shutil.copy(kept, keep)
    return compared, differing


def _ours(arch: str, written: Path | None, chosen: str | None) -> str:
    target = MODELS[arch.removesuffix("-mixed")]
    model = f"--model {chosen or target}" if written is None else f"--model {written} --target {target}"
    mixed = "--mixed" if arch in MIXED else ""
    return f"{sys.executable} -m litmus run --format herd --no-cache --timeout 20 {model} {mixed}"


def _written_model(arch: str, seed: int, number: int, folder: Path) -> Path:
    """Write a random model. In the X86 dialect herd7 takes dependencies of data for those of addresses."""
    path = folder / f"{arch}-{seed}-{number}.cat"
    text = model.model(Random(f"model/{seed}/{number}"), dependencies=arch != "x86")
    path.write_text(text, encoding="utf-8")
    return path


def _written(arch: str, seed: int, number: int, folder: Path, models: bool) -> Path:
    name, rng = f"{arch}-{seed}-{number}", Random(f"{seed}/{number}")
    generator = (GENERATORS | MIXED)[arch]
    text = generator.test(rng, name)
    while models and MEANT_BY_THE_MODEL.search(text):
        text = generator.test(rng, name)
    path = folder / f"{name}.litmus"
    path.write_text(text, encoding="utf-8")
    return path


def main() -> int:
    """Run the comparison; return the exit status."""
    parser = argparse.ArgumentParser(description="Compare our answers with herd7's on random tests.")
    parser.add_argument("arch", choices=GENERATORS)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--models", action="store_true")
    kinds.add_argument("--mixed", action="store_true")
    parser.add_argument("--model")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--herd", default="herd7")
    options = parser.parse_args()
    if shutil.which(shlex.split(options.herd)[0]) is None:
        print("there is no herd7: nothing compared")
        return 77
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    arch = f"{options.arch}-mixed" if options.mixed else options.arch
    if options.mixed and arch not in MIXED:
        parser.error(f"there are no tests with accesses of several sizes for {options.arch}")
    compared, differing = compare(
        arch, options.count, options.seed, options.herd, options.keep, options.models, options.model
    )
    print(f"{options.arch}: {compared} of {options.count} tests compared, {differing} differ")
    return 0 if compared and not differing else 1


if __name__ == "__main__":
    sys.exit(main())
