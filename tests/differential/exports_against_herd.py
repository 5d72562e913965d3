"""Compare herd7's answers to exported tests with ours.

    exports_against_herd.py [PATHS] [--herd COMMAND] [--kernel DIR] [--seconds N] [--jobs N]

PATHS are ``.litmus`` files or folders that `litmus export` wrote, ``generated/`` by default. Each file is run by herd7
and by us, and compared in its final states and its observation, and what herd7 finds with the comment ``Result:``,
which says what we found of the source. COMMAND is how herd7 is started (``herd7``); DIR has the kernel's
tools/memory-model (by default $LINUX_KERNEL_MODEL): without it files in C are skipped. Prints what differs, what herd7
refuses, and what herd7 or we did not finish in N seconds (20). Where its answer differs, or there is none in time,
herd7 is asked again with its older solver: that of 7.58 loses an execution here and there, under sc.cat too. Exit
status 0 where nothing differs and nothing is refused, 1 otherwise, 77 where there is no herd7.
"""

import argparse
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from against_herd import Answer, answers

MODELS = {"C": "lkmm", "AArch64": "armv8", "PPC": "power", "RISCV": "riscv", "X86_64": "x86"}
"""Our models, by the first word of a file."""

HERD = {
    "C": "-conf linux-kernel.cfg -variant lkmmv2",
    "AArch64": "-model aarch64.cat",
    "PPC": "-model ppc.cat",
    "RISCV": "-model riscv.cat",
    "X86_64": "-model x86tso-mixed.cat",
}
"""What herd7 has to be told: of C the kernel's model, on x86-64 one for accesses of any size."""

OLD = "-variant OldSolver"

MEMORY = 4 << 30


@dataclass(frozen=True, slots=True)
class Herd:
    """How herd7 is run: a command, the folder of the kernel's model, and the seconds of processor time of a test."""

    command: str
    kernel: Path | None
    seconds: int


@dataclass(frozen=True, slots=True)
class Test:
    """An exported file, its dialect, and what its comment ``Result:`` says, to the end of the line."""

    path: Path
    dialect: str
    result: str | None

    @property
    def expected(self) -> str | None:
        """The observation that the comment states."""
        return self.result.split()[0] if self.result is not None else None

    @property
    def name(self) -> str:
        """The name that the file gives to its test, which is that of the file."""
        return self.path.name.removesuffix(".litmus")


def tests(paths: list[Path]) -> Iterator[Test]:
    """Yield the tests in files and folders."""
    for path in paths:
        for file in sorted(path.rglob("*.litmus")) if path.is_dir() else [path]:
            text = file.read_text(encoding="utf-8")
            result = re.search(r"^ \* Result: (.*\S)", text, re.MULTILINE)
            yield Test(file, text.split(maxsplit=1)[0], result[1] if result else None)


def herds(test: Test, herd: Herd, more: str = "") -> tuple[Answer | None, str]:
    """Return what herd7 answers, or why it does not: what it writes to standard error, or ``timeout``."""
    command = [*shlex.split(herd.command), *HERD[test.dialect].split(), *more.split()]
    where = herd.kernel if test.dialect == "C" else None
    ended = subprocess.run(
        [*command, str(test.path.absolute())],
        capture_output=True,
        text=True,
        check=False,
        cwd=where,
        preexec_fn=lambda: _limited(herd.seconds),
    )
    found = dict(answers(ended.stdout)).get(test.name)
    if found is not None and not ended.stderr.strip():
        return found, ""
    return None, ended.stderr.strip().replace("\n", " ") or ("timeout" if ended.returncode < 0 else "no answer")


def _limited(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    most = resource.getrlimit(resource.RLIMIT_STACK)[1]
    resource.setrlimit(resource.RLIMIT_STACK, (most, most))


def ours(found: list[Test], seconds: int) -> Mapping[Path, Answer]:
    """Return what we answer, by path. Tests of one dialect are run together."""
    answered: dict[Path, Answer] = {}
    for dialect, model in MODELS.items():
        chosen = {test.name: test.path for test in found if test.dialect == dialect}
        if not chosen:
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
            listed.write("".join(f"{path.absolute()}\n" for path in chosen.values()))
            listed.flush()
            command = [sys.executable, "-m", "litmus", "run", "--format", "herd", "--no-cache", "--model", model]
            command += ["--timeout", str(seconds)]
            ended = subprocess.run([*command, f"@{listed.name}"], capture_output=True, text=True, check=False)
        if ended.stderr.strip():
            sys.stderr.write(ended.stderr)
        answered |= {chosen[name]: answer for name, answer in answers(ended.stdout)}
    return answered


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def verdict(test: Test, mine: Answer | None, theirs: Answer | None, why: str) -> tuple[str, str]:
    """Return how a test fares, in a word, and what there is to say of it."""
    if theirs is None:
        return ("timeout", "") if why == "timeout" else ("refused", why[:300])
    if mine is None:
        return "unfinished", "we have no answer in that time"
    if mine.states != theirs.states:
        only = [sorted(a.states - b.states)[:2] for a, b in ((mine, theirs), (theirs, mine))]
        return "DIFFERENT", f"states: only ours {only[0]}, only herd7's {only[1]}"
    if mine.observation != theirs.observation:
        return "DIFFERENT", f"{mine.observation}, herd7: {theirs.observation}"
    if test.expected not in (None, theirs.observation):
        return "DIFFERENT", f"Result: {test.expected}, herd7: {theirs.observation}"
    return "equal", ""


def compared(test: Test, mine: Answer | None, herd: Herd) -> tuple[str, str]:
    """Return how a test fares, with either solver of herd7's."""
    how, what = verdict(test, mine, *herds(test, herd))
    if how not in ("DIFFERENT", "timeout"):
        return how, what
    again, _ = verdict(test, mine, *herds(test, herd, OLD))
    return ("equal with the older solver", what) if again == "equal" else (how, what)


def compare(found: list[Test], herd: Herd, jobs: int) -> Counter[tuple[str, str]]:
    """Compare on tests; return how many of each dialect fared in each way."""
    mine = ours(found, herd.seconds)
    counts: Counter[tuple[str, str]] = Counter()
    with ThreadPoolExecutor(jobs) as pool:
        for test, (how, what) in zip(
            found, pool.map(lambda test: compared(test, mine.get(test.path), herd), found), strict=True
        ):
            counts[test.dialect, how] += 1
            if how != "equal":
                say(f"{how}: {test.path}{': ' if what else ''}{what}")
    return counts


def report(counts: Counter[tuple[str, str]]) -> None:
    """Print a line for each dialect."""
    for dialect in sorted({dialect for dialect, _ in counts}):
        told = ", ".join(f"{number} {how}" for (d, how), number in sorted(counts.items()) if d == dialect)
        say(f"{dialect}: {told}")


def main() -> int:
    """Run the comparison; return the exit status."""
    kernel = os.environ.get("LINUX_KERNEL_MODEL")
    parser = argparse.ArgumentParser(description="Compare herd7's answers to exported tests with ours.")
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("generated")])
    parser.add_argument("--herd", default="herd7")
    parser.add_argument("--kernel", type=Path, default=Path(kernel) if kernel else None)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    if shutil.which(shlex.split(options.herd)[0]) is None:
        say("there is no herd7: nothing compared")
        return 77
    found = list(tests(options.paths))
    if options.kernel is None and any(test.dialect == "C" for test in found):
        say("no --kernel DIR with the kernel's model: files in C are skipped")
        found = [test for test in found if test.dialect != "C"]
    counts = compare(found, Herd(options.herd, options.kernel, options.seconds), options.jobs)
    report(counts)
    return int(not counts or bool({how for _, how in counts} & {"DIFFERENT", "refused"}))


if __name__ == "__main__":
    sys.exit(main())
