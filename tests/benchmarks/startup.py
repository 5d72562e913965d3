"""Print the CPU time of short commands over that of an empty Python program: what starting costs.

    startup.py [--runs N] [--litmus PATH] [FILE...]

Each command runs N times (15) as a process of its own, in turns with the others, so that what disturbs one disturbs
all; the figures are user and system time together. The store of compiled models and grammars is a folder of its own,
filled by one run before; ``nothing kept`` is the same with the store off. Files are checked; without any, small ones of
each kind are. ``--litmus`` is the installed script (beside this Python where it is not given).
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

SB_C = """C sb

(* Result: Never *)

{}
P0(int *x, int *y)
{
	int r0;
	WRITE_ONCE(*x, 1);
	smp_mb();
	r0 = READ_ONCE(*y);
}
P1(int *x, int *y)
{
	int r0;
	WRITE_ONCE(*y, 1);
	smp_mb();
	r0 = READ_ONCE(*x);
}
exists (0:r0=0 /\\ 1:r0=0)
"""

SB_OURS = """litmus "sb"
int x = 0, y = 0;
thread A { WRITE_ONCE(x, 1); smp_mb(); int r = READ_ONCE(y); }
thread B { WRITE_ONCE(y, 1); smp_mb(); int r = READ_ONCE(x); }
forbid stale: A.r == 0 && B.r == 0;
"""

MP_AARCH64 = """AArch64 mp
(* Result: Never *)
{ 0:X1=x; 0:X3=y; 1:X1=x; 1:X3=y; }
 P0          | P1          ;
 MOV W0,#1   | LDR W0,[X3] ;
 STR W0,[X1] | DMB ISH     ;
 DMB ISH     | LDR W2,[X1] ;
 MOV W2,#1   |             ;
 STR W2,[X3] |             ;
exists (1:X0=1 /\\ 1:X2=0)
"""

SMALL: Mapping[str, str] = {"sb.litmus": SB_C, "sb.lit": SB_OURS, "mp-aarch64.litmus": MP_AARCH64}


def milliseconds(command: list[str], environment: Mapping[str, str]) -> float:
    """Return the CPU time of one run of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def commands(files: list[Path], script: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the commands that are timed, with their names; the first is the empty program."""
    yield "python -c pass", [sys.executable, "-c", "pass"]
    starts = [("python -m litmus", [sys.executable, "-m", "litmus"])]
    if script.is_file():
        starts.append(("litmus", [str(script)]))
    for name, start in starts:
        yield f"{name} --version", [*start, "--version"]
        for file in files:
            yield f"{name} check {file.name}", [*start, "check", str(file)]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--litmus", type=Path, default=Path(sys.executable).with_name("litmus"))
    parser.add_argument("files", nargs="*", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = given.files or [_written(Path(folder, name), text) for name, text in SMALL.items()]
        kept = {**os.environ, "LITMUS_CACHE": str(Path(folder, "store"))}
        todo = [(name, command, kept) for name, command in commands(files, given.litmus)]
        without = {**os.environ, "LITMUS_CACHE": "off"}
        todo += [(f"nothing kept: check {f.name}", [sys.executable, "-m", "litmus", "check", str(f)], without)
                 for f in files]  # fmt: skip
        _report(todo, given.runs)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _report(todo: list[tuple[str, list[str], dict[str, str]]], runs: int) -> None:
    for _, command, environment in todo:
        milliseconds(command, environment)
    figures: dict[str, list[float]] = {name: [] for name, _, _ in todo}
    for _ in range(runs):
        for name, command, environment in todo:
            figures[name].append(milliseconds(command, environment))
    (bare, *_) = figures.values()
    sys.stdout.write(f"{'ms of CPU time over bare Python':48} median minimum\n")
    for name, times in figures.items():
        base = (0.0, 0.0) if times is bare else (median(bare), min(bare))
        sys.stdout.write(f"{name:48} {median(times) - base[0]:6.1f} {min(times) - base[1]:7.1f}\n")


if __name__ == "__main__":
    main()
