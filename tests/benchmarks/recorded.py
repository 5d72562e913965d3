"""The recorded tests that benchmarks draw from, how herd7 is run on them, and what processes cost."""

import argparse
import json
import math
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import MappingProxyType

DATA = Path(os.environ.get("LITMUS_CONFORMANCE", Path(__file__).parents[3] / "shared" / "conformance"))
"""Where the recorded tests are: for each architecture a folder ``tests`` and a file ``expected.jsonl``."""

MODELS = MappingProxyType({"lkmm": "lkmm", "aarch64": "armv8", "ppc": "power", "riscv": "riscv", "x86": "x86"})
"""Our models by architecture."""

HERD = MappingProxyType(
    {
        "lkmm": "-I {kernel} -conf {kernel}/linux-kernel.cfg -variant lkmmv2",
        "aarch64": "-model aarch64.cat",
        "ppc": "-model ppc.cat",
        "riscv": "-model riscv.cat",
        "x86": "-model x86tso.cat",
    }
)
"""What herd7 has to be told; {kernel} is the kernel's tools/memory-model."""

SKIPPED = 77
"""The exit status of a benchmark that could not run, as of skipped tests elsewhere."""

KNOWN = Path(__file__).parents[1] / "differential" / "known-differences.txt"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded test; ``hard`` where herd7 did not finish it in five seconds, with what its comment says of it."""

    arch: str
    name: str
    path: Path
    hard: bool
    result: str | None
    expected: frozenset[str] | None
    """The states that herd7 found; None where it found none, or too many to be recorded."""
    file: str


def add_data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the recorded tests")
    parser.add_argument("--arch", action="append", choices=sorted(MODELS), help="repeatable [default: all]")


def add_herd_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--herd", default="herd7", help="how herd7 is started")
    kernel = os.environ.get("LINUX_KERNEL_MODEL")
    parser.add_argument(
        "--kernel", type=Path, default=kernel, help="the kernel's tools/memory-model [default: $LINUX_KERNEL_MODEL]"
    )


def herd_command(arch: str, options: argparse.Namespace) -> list[str] | None:
    """Return how herd7 is started for an architecture; None where it, or the kernel's model, is not here."""
    herd = shlex.split(options.herd)
    if shutil.which(herd[0]) is None or ("{kernel}" in HERD[arch] and options.kernel is None):
        return None
    return [*herd, *HERD[arch].format(kernel=options.kernel).split()]


def recorded(data: Path, arch: str) -> list[Recorded]:
    """Return the recorded tests of an architecture; none where they are not here."""
    path = data / arch / "expected.jsonl"
    if not path.is_file():
        return []
    return [_recorded(data, arch, json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _recorded(data: Path, arch: str, row: Mapping[str, object]) -> Recorded:
    states = row.get("states")
    expected = frozenset(map(str, states)) if isinstance(states, list) else None
    result = row.get("result")
    file = str(row["file"])
    return Recorded(
        arch, str(row["name"]), data / arch / "tests" / file, "timeout" in row,
        str(result) if result else None, expected, file,
    )  # fmt: skip


def sample(tests: Sequence[Recorded], count: int, seed: int) -> list[Recorded]:
    """Return ``count`` tests drawn at random, all where there are no more."""
    return Random(seed).sample(tests, min(count, len(tests)))


def known_differences() -> frozenset[tuple[str, str]]:
    """Return the tests, by architecture and file, in which we differ from herd7 on purpose."""
    lines = (line.strip() for line in KNOWN.read_text(encoding="utf-8").splitlines())
    return frozenset((line.split()[0], line.split()[1]) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process printed and cost: user and system time together, and the most memory that it had at a time.

    ``out_of_time`` tells that it met the limit on its processor time.
    """

    out: str
    error: str
    seconds: float
    megabytes: float
    out_of_time: bool = False
    status: int = 0


def run(command: Sequence[str], seconds: float | None = None) -> Ran:
    """Run a command, for so many seconds of processor time at most."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as error:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=error, text=True, errors="replace",
            preexec_fn=lambda: _prepare(seconds),
        )  # fmt: skip
        assert process.stdout is not None
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        error.seek(0)
        spent = usage.ru_utime + usage.ru_stime
        late = seconds is not None and process.returncode < 0 and spent > 0.9 * seconds
        return Ran(out, error.read(), spent, usage.ru_maxrss / _MAXRSS_PER_MB, late, process.returncode)


_MAXRSS_PER_MB = 1024 if sys.platform == "linux" else 1 << 20


def _prepare(seconds: float | None) -> None:
    if seconds is not None:
        limit = math.ceil(seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))


def states_of(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the name of each test in an output in herd7's format, with its states as they are recorded."""
    for block in re.split(r"^Test ", text, flags=re.MULTILINE)[1:]:
        name = block.splitlines()[0].rsplit(" ", 1)[0]
        head, _, tail = block.partition("\nWitnesses\n")
        if tail:
            yield name, frozenset(_state(line) for line in head.splitlines()[2:-1])


def _state(line: str) -> str:
    parts = (part.strip() for part in line.split(";"))
    text = "; ".join(sorted(re.sub(r"^\[([^\]]+)\]=", r"\1=", part) for part in parts if part))
    unsettled = list(dict.fromkeys(re.findall(r"=(S\d+)", text)))
    return re.sub(r"=(S\d+)", lambda found: f"=S{unsettled.index(found[1])}", text)


@contextmanager
def fresh_store() -> Iterator[None]:
    """Let nothing be found on disk that an earlier run has kept: answers above all. What is kept on the way, compiled
    models and tables of grammars, is used, as users do."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("LITMUS_CACHE")
        os.environ["LITMUS_CACHE"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["LITMUS_CACHE"]
            else:
                os.environ["LITMUS_CACHE"] = before


def copies(test: Recorded, folder: Path, number: int) -> Iterator[str]:
    """Yield copies of a test under other names: herd7 runs each name once, and answers to them are not kept yet."""
    text = test.path.read_text(encoding="utf-8", errors="surrogateescape")
    for i in range(number):
        path = folder / f"{i}.litmus"
        path.write_text(text.replace(test.name, f"{test.name}.{i}", 1), "utf-8", "surrogateescape")
        yield str(path)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
