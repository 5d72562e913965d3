"""Hand exported tests to klitmus7 and litmus7, compile what they make of them, and run it.

    exports_with_litmus.py kernel [PATHS] [--klitmus COMMAND] [--headers DIR] [--jobs N]
    exports_with_litmus.py machine [PATHS] [--litmus COMMAND] [--size N] [--runs N] [--jobs N]

PATHS are ``.litmus`` files or folders that `litmus export` wrote: ``generated/lkmm`` and ``generated/x86`` by default.

``kernel``: klitmus7 has to make a module of each test in C, and the kernel's make has to compile every module without
a warning; DIR are the headers of a kernel (those of the newest in ``/lib/modules`` that has any). ``machine``: litmus7
has to make a program of each test in X86_64 assembly, gcc has to compile it, and, where this is such a machine, it is
run; what is observed has to be among the states that our model allows. Exit status 0 where all is well, 1 otherwise,
77 where a program or the headers are not here.
"""

import argparse
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from exports_against_herd import Test, ours, say, tests

SKIPPED = 77
GCC = "gcc -Wall -std=gnu99 -fomit-frame-pointer -O2 -pthread"
PARTS = ("outs", "utils", "litmus_rand")
"""What litmus7 writes beside the tests, which all of them need."""

BAD = ("refused by klitmus7", "refused by litmus7", "not compiled", "FORBIDDEN", "failed", "warnings")


def run(command: str, *arguments: object, folder: Path | None = None) -> tuple[int, str]:
    """Return the exit status of a command, and all that it prints."""
    words = [*shlex.split(command), *map(str, arguments)]
    ended = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd=folder)
    return ended.returncode, ended.stdout


# -------------------------------------------------------------------------------------------------------------- kernel
def kernel(found: list[Test], klitmus: str, headers: Path, jobs: int, folder: Path) -> Counter[str]:
    """Make a module of each test, and compile them."""
    _, told = run(klitmus, "-rcu", "yes", "-o", folder, *(test.path for test in found))
    if told.strip():
        say(told.strip())
    sources = sorted(folder.glob("litmus[0-9]*.c"))
    status, told = run("make", "-k", f"-j{jobs}", "-C", headers.resolve(), f"M={folder}", "modules")
    for line in re.findall(r"^.*\b(?:error|warning): .*$", told, re.MULTILINE):
        say(line)
    compiled = {path.stem for path in folder.glob("litmus[0-9]*.o") if "." not in path.stem}
    if status:
        say(told[-2000:])
    return Counter(
        {
            "modules": len(compiled),
            "refused by klitmus7": len(found) - len(sources),
            "not compiled": len(sources) - len(compiled) if not status else max(1, len(sources) - len(compiled)),
            "warnings": len(re.findall(r"\bwarning: ", told)),
        }
    )


# ------------------------------------------------------------------------------------------------------------- machine
def machine(found: list[Test], litmus: str, options: list[str], jobs: int, folder: Path) -> Counter[str]:
    """Make a program of each test, compile them, and run them where they run."""
    _, told = run(litmus, "-o", folder, *(test.path for test in found))
    if told.strip():
        say(told.strip())
    for part in PARTS:
        run(GCC, "-c", f"{part}.c", folder=folder)
    runs = platform.machine() in ("x86_64", "AMD64")
    allowed = {path: answer.states for path, answer in ours(found, 60).items()} if runs else {}

    def one(test: Test) -> tuple[str, str]:
        return _machine(test, folder, allowed, options if runs else None)

    return _counted(found, one, jobs)


def _machine(
    test: Test, folder: Path, allowed: Mapping[Path, frozenset[str]], options: list[str] | None
) -> tuple[str, str]:
    if not (folder / f"{test.name}.c").exists():
        return "refused by litmus7", ""
    program = folder / f"{test.name}.exe"
    status, told = run(GCC, "-o", program, *(f"{part}.o" for part in PARTS), f"{test.name}.c", folder=folder)
    if status:
        return "not compiled", told
    if options is None:
        return "compiled", ""
    status, told = run(str(program), *options)
    program.unlink()
    if test.path not in allowed:
        return "compiled, not compared", "we have no answer in time"
    expected = [_plain(state) for state in allowed[test.path]]
    more = {state for state in observed(told) if not any(_fits(state, one) for one in expected)}
    if status or more:
        return "FORBIDDEN" if more else "failed", f"{sorted(more)} {told if status else ''}"
    return "run, all observed is allowed", ""


def observed(told: str) -> Iterator[str]:
    """Yield the states that a program of litmus7 prints."""
    for state in re.findall(r"^\d+ *[:*]>(.*)$", told, re.MULTILINE):
        yield _plain(" ".join(sorted(part.strip() for part in state.split(";") if part.strip())))


def headers() -> Path:
    """Return where the headers of a kernel are, if there are any: those of the newest."""
    found = [path for path in Path("/lib/modules").glob("*/build") if (path / "Makefile").exists()]
    numbered = sorted(found, key=lambda path: [int(number) for number in re.findall(r"\d+", path.parent.name)])
    return numbered[-1] if numbered else Path("/lib/modules") / os.uname().release / "build"


def _fits(state: str, allowed: str) -> bool:
    """Whether a state is an allowed one. What litmus7 takes for no pointer, a register or a part of an array, it shows
    as a number where it holds an address: any but 0 then stands for the one that is allowed."""
    if state == allowed:
        return True
    pairs = list(zip(state.split(), allowed.split(), strict=False))
    return len(state.split()) == len(allowed.split()) and all(_same(one, other) for one, other in pairs)


def _same(shown: str, allowed: str) -> bool:
    place, _, value = shown.partition("=")
    wanted, _, name = allowed.partition("=")
    address = re.fullmatch(r"-?\d+", value) is not None and value != "0" and re.fullmatch(r"-?\d+", name) is None
    return shown == allowed or (place == wanted and address)


def _plain(state: str) -> str:
    """A state with memory as litmus7 shows it, in the order of names: ``x``, and ``x0`` for an element of an array."""
    bare = (re.sub(r"^\[(\w+(?:\[\d+\])?)\]=", r"\1=", part) for part in state.split())
    return " ".join(sorted(re.sub(r"^(\w+)\[(\d+)\]=", r"\1\2=", part) for part in bare))


def _counted(found: list[Test], one: Callable[[Test], tuple[str, str]], jobs: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(jobs) as pool:
        for test, (how, what) in zip(found, pool.map(one, found), strict=True):
            counts[how] += 1
            if what:
                say(f"{how}: {test.path}: {what}")
    return counts


def main() -> int:
    """Run one of the two; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    modules, programs = commands.add_parser("kernel"), commands.add_parser("machine")
    for command, folder in ((modules, "lkmm"), (programs, "x86")):
        command.add_argument("paths", nargs="*", type=Path, default=[Path("generated") / folder])
        command.add_argument("--jobs", type=int, default=1)
    modules.add_argument("--klitmus", default="klitmus7")
    modules.add_argument("--headers", type=Path, default=headers())
    programs.add_argument("--litmus", default="litmus7")
    programs.add_argument("--size", type=int, default=2000)
    programs.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    wanted = ["make", options.klitmus] if options.command == "kernel" else ["gcc", options.litmus]
    missing = [name for name in wanted if shutil.which(shlex.split(name)[0]) is None]
    if options.command == "kernel" and not (options.headers / "Makefile").exists():
        missing.append(f"headers of a kernel in {options.headers}")
    if missing:
        say(f"nothing done: there is no {', no '.join(missing)}")
        return SKIPPED
    dialect = "C" if options.command == "kernel" else "X86_64"
    found = [test for test in tests(options.paths) if test.dialect == dialect]
    with tempfile.TemporaryDirectory() as name:
        if options.command == "kernel":
            counts = kernel(found, options.klitmus, options.headers, options.jobs, Path(name))
        else:
            given = ["-s", str(options.size), "-r", str(options.runs)]
            counts = machine(found, options.litmus, given, options.jobs, Path(name))
    say(", ".join(f"{number} {how}" for how, number in counts.items()))
    return int(not found or any(counts[bad] for bad in BAD))


if __name__ == "__main__":
    sys.exit(main())
