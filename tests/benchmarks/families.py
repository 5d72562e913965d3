"""Time families of tests that grow by a thread at a time, under the Linux-kernel model.

    families.py [verdicts] [outcomes] [counts] [growth] [--family NAME] [--runs N] [--keep DIR]

Each test is a file in the kernel's C, each run a process of its own; times are processor time, user and system,
start-up and all. ``verdicts`` are answered by `litmus run --verdict-only`, ``outcomes`` by `litmus run`, ``counts``
by `litmus run --counts`; ``growth`` prints the time of a verdict against N, less that of the smallest test, and what
fits it: a power of N or an exponential (by least squares over the logarithms). Without a word all four are printed.
Answers are compared with what the family is known to have.

Exit status 0 where all is within its target, 1 where not.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, factorial, log
from pathlib import Path
from types import MappingProxyType

from recorded import Ran, fresh_store, run, say

LITMUS = (sys.executable, "-m", "litmus", "run", "--jobs", "1", "--model", "lkmm", "--format", "json")


def _file(name: str, threads: Sequence[str], condition: str) -> str:
    """Return a test; a thread is its parameters and its body."""
    bodies = "".join(f"P{i}{thread}\n\n" for i, thread in enumerate(threads))
    return f"C {name}\n\n{{}}\n\n{bodies}exists ({condition})\n"


def _thread(parameters: str, *body: str) -> str:
    lines = "".join(f"\t{line}\n" for line in body)
    return f"({parameters})\n{{\n{lines}}}"


def _ints(*names: str) -> str:
    return ", ".join(f"int *{name}" for name in names)


def _locked(n: int, final: int) -> str:
    body = _thread("spinlock_t *l, int *x", "int r;", "spin_lock(l);", "r = *x;", "*x = r + 1;", "spin_unlock(l);")
    return _file(f"lock{n}", [body] * n, f"x={final}")


def _counted(n: int, final: int) -> str:
    return _file(f"inc{n}", [_thread("atomic_t *x", "atomic_inc(x);")] * n, f"x={final}")


def lock(n: int) -> str:
    """``n`` threads that add one under a lock: none is lost."""
    return _locked(n, n)


def lock_lost(n: int) -> str:
    """The same, and the question whether one can be lost."""
    return _locked(n, n - 1)


def inc(n: int) -> str:
    """``n`` threads that increment a counter: none is lost."""
    return _counted(n, n)


def inc_lost(n: int) -> str:
    """The same, and the question whether one can be lost."""
    return _counted(n, n - 1)


def sb(n: int) -> str:
    """A ring of ``n`` threads that each store, and load what the next one stores, with full fences between."""
    threads = [
        _thread(_ints(f"x{i}", f"x{(i + 1) % n}"), "int r;", f"WRITE_ONCE(*x{i}, 1);", "smp_mb();",
                f"r = READ_ONCE(*x{(i + 1) % n});")
        for i in range(n)
    ]  # fmt: skip
    return _file(f"sb{n}", threads, " /\\ ".join(f"{i}:r=0" for i in range(n)))


def mp(n: int) -> str:
    """A message that ``n`` threads pass on one after the other."""
    first = _thread(_ints("x0", "x1"), "WRITE_ONCE(*x0, 1);", "smp_mb();", "WRITE_ONCE(*x1, 1);")
    between = [
        _thread(_ints(f"x{i}", f"x{i + 1}"), "int r;", f"r = READ_ONCE(*x{i});", "smp_mb();",
                f"WRITE_ONCE(*x{i + 1}, 1);")
        for i in range(1, n - 1)
    ]  # fmt: skip
    last = _thread(_ints(f"x{n - 1}", "x0"), "int r; int s;", f"r = READ_ONCE(*x{n - 1});", "smp_mb();",
                   "s = READ_ONCE(*x0);")  # fmt: skip
    seen = " /\\ ".join(f"{i}:r=1" for i in range(1, n))
    return _file(f"mp{n}", [first, *between, last], f"{seen} /\\ {n - 1}:s=0")


def two_plus_two_w(n: int) -> str:
    """A ring of ``n`` threads that store twice each, the second time where the next one stores first."""
    threads = [
        _thread(_ints(f"x{i}", f"x{(i + 1) % n}"), f"WRITE_ONCE(*x{i}, 2);", "smp_mb();",
                f"WRITE_ONCE(*x{(i + 1) % n}, 1);")
        for i in range(n)
    ]  # fmt: skip
    return _file(f"2+2W{n}", threads, " /\\ ".join(f"x{i}=2" for i in range(n)))


def rcu(n: int) -> str:
    """A ring of ``n`` threads that load and store, half of them in a read section, half around a grace period."""
    threads = []
    for i in range(n):
        load, store = f"r = READ_ONCE(*x{i});", f"WRITE_ONCE(*x{(i + 1) % n}, 1);"
        section = ("rcu_read_lock();", load, store, "rcu_read_unlock();")
        body = section if i % 2 else (load, "synchronize_rcu();", store)
        threads.append(_thread(_ints(f"x{i}", f"x{(i + 1) % n}"), "int r;", *body))
    return _file(f"rcu{n}", threads, " /\\ ".join(f"{i}:r=1" for i in range(n)))


def cow(n: int) -> str:
    """``n`` threads that store to one location, and two that load it twice and see two stores in opposite orders."""
    writers = [_thread(_ints("x"), f"WRITE_ONCE(*x, {i + 1});") for i in range(n)]
    reader = _thread(_ints("x"), "int r; int s;", "r = READ_ONCE(*x);", "s = READ_ONCE(*x);")
    seen = f"{n}:r=1 /\\ {n}:s=2 /\\ {n + 1}:r=2 /\\ {n + 1}:s=1"
    return _file(f"cow{n}", [*writers, reader, reader], seen)


def iriw(n: int) -> str:
    """``n // 2`` threads that store, each to its own location; the others load all of them, each from another on."""
    stores = n // 2
    writers = [_thread(_ints(f"x{i}"), f"WRITE_ONCE(*x{i}, 1);") for i in range(stores)]
    readers = []
    for j in range(n - stores):
        order = [(j + k) % stores for k in range(stores)]
        loads = [f"r{i} = READ_ONCE(*x{i});" for i in order]
        declared = " ".join(f"int r{i};" for i in order)
        body = [line for load in loads for line in (load, "smp_mb();")][:-1]
        readers.append(_thread(_ints(*(f"x{i}" for i in range(stores))), declared, *body))
    seen = [
        f"{stores + j}:r{(j + k) % stores}={int(k == 0)}" for j in range(n - stores) for k in range(stores)
    ]  # fmt: skip
    return _file(f"iriw{n}", [*writers, *readers], " /\\ ".join(seen))


FAMILIES: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "sb": sb, "mp": mp, "2+2W": two_plus_two_w, "rcu": rcu, "cow": cow, "iriw": iriw,
        "lock": lock, "inc": inc, "lock-lost": lock_lost, "inc-lost": inc_lost,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goal:
    """The largest member of a family that has to be answered, in how many seconds, and the answer: an observation, the
    number of states, or that of executions."""

    family: str
    n: int
    seconds: float
    answer: str | int | None = None


VERDICTS = (
    *(Goal(family, 24, 2, "Never") for family in ("sb", "mp", "2+2W", "rcu", "cow")),
    Goal("iriw", 16, 2, "Never"),
    Goal("lock", 16, 2, "Always"),
    Goal("inc", 16, 2, "Always"),
    Goal("lock-lost", 12, 10, "Never"),
    Goal("inc-lost", 12, 10, "Never"),
)
OUTCOMES = (
    Goal("lock", 8, 10, 1),
    Goal("inc", 10, 10, 1),
    Goal("iriw", 9, 10, 324323),
    Goal("rcu", 14, 10, 2**14 - 1),
    Goal("sb", 14, 10, 2**14 - 1),
    Goal("mp", 14, 10),
    Goal("cow", 16, 10, 74289),
)
COUNTS = (Goal("lock", 6, 10, factorial(6)), Goal("inc", 8, 10, factorial(8)), Goal("iriw", 8, 10, 27955))
POLYNOMIAL = ("sb", "mp", "2+2W", "rcu")
"""The families whose verdicts are to grow as a power of N."""
GROWTH = {
    **{family: range(4, 33, 4) for family in ("sb", "mp", "2+2W", "rcu", "cow")},
    "iriw": range(4, 17, 2), "lock": range(2, 17, 2), "inc": range(2, 17, 2),
    "lock-lost": range(2, 13), "inc-lost": range(2, 13),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bench:
    """How tests are run: where their files are, how often, and for how long at most."""

    folder: Path
    runs: int

    def time(self, family: str, n: int, *options: str, limit: float = 60) -> Ran:
        """Return the quickest run of a member of a family."""
        path = self.folder / f"{family}{n}.litmus"
        path.write_text(FAMILIES[family](n), encoding="utf-8")
        ran = [self._run([*LITMUS, *options, str(path)], limit) for _ in range(self.runs)]
        return min(ran, key=lambda one: one.seconds)

    def _run(self, command: Sequence[str], limit: float) -> Ran:
        """Run a command where the model is kept on disk, and no answer."""
        with fresh_store():
            small = self.folder / "small.litmus"
            small.write_text(FAMILIES["sb"](2), encoding="utf-8")
            run([*LITMUS, str(small)])
            return run(command, limit)


def within(bench: Bench, what: str, goals: Sequence[Goal], *options: str) -> bool:
    """Print the times of the largest members; return whether all are answered rightly and in time."""
    say(what)
    reached = [_reached(bench, goal, options) for goal in goals]
    return all(reached)


def _reached(bench: Bench, goal: Goal, options: Sequence[str]) -> bool:
    ran = bench.time(goal.family, goal.n, *options, limit=6 * goal.seconds)
    name = f"{goal.family} {goal.n}"
    if ran.out_of_time or ran.status:
        say(f"  {name:13} MISSED: no answer in {ran.seconds:.1f} s (target {goal.seconds:g}) {ran.error.strip()[:200]}")
        return False
    found = json.loads(ran.out)
    answer = _answer(found, options)
    right = goal.answer is None or answer == goal.answer
    met = right and ran.seconds <= goal.seconds
    told = f"{ran.seconds:7.2f} s  {ran.megabytes:6.0f} MB  {'+'.join(found['engines']):12} {answer}"
    verdict = "" if met else f"  MISSED: target {goal.seconds:g} s" + ("" if right else f", answer {goal.answer}")
    say(f"  {name:13} {told}{verdict}")
    return met


def _answer(found: Mapping[str, object], options: Sequence[str]) -> object:
    """Return what the goal is about: the observation, the number of executions or that of states."""
    if "--verdict-only" in options:
        assertions = found["assertions"]
        assert isinstance(assertions, list)
        return assertions[0]["observation"]
    states = found["states"]
    assert isinstance(states, list)
    return found["executions"] if "--counts" in options else len(states)


def growth(bench: Bench, families: Sequence[str]) -> bool:
    """Print the time of verdicts against N; return whether those that have to grow as a power of N do."""
    say("growth of the time for a verdict, less that of the smallest test")
    met = True
    for family in families:
        times = dict(_times(bench, family))
        least = times.pop(min(times))
        grown = {n: seconds - least for n, seconds in times.items() if seconds > least}
        say(f"  {family}: " + "  ".join(f"{n}: {1000 * seconds:.0f} ms" for n, seconds in grown.items()))
        if len(grown) > 2:
            power, base = _fits(grown)
            better = power.error <= base.error
            say(
                f"    {'a power of N' if better else 'an exponential'} fits better: "
                f"N^{power.slope:.1f} (error {power.error:.2f}), {exp(base.slope):.2f}^N (error {base.error:.2f})"
            )
            met &= better or family not in POLYNOMIAL
        met &= len(times) + 1 == len(GROWTH[family]) or family not in POLYNOMIAL
    return met


def _times(bench: Bench, family: str) -> Iterator[tuple[int, float]]:
    for n in GROWTH[family]:
        ran = bench.time(family, n, "--verdict-only", limit=20)
        if ran.out_of_time or ran.status:
            say(f"  {family} {n}: no answer within 20 s")
            return
        yield n, ran.seconds


@dataclass(frozen=True, slots=True)
class Fit:
    """A straight line: its slope, and how far points are from it (root of the mean square)."""

    slope: float
    error: float


def _fits(times: Mapping[int, float]) -> tuple[Fit, Fit]:
    """Return how log t depends on log N, and on N."""
    logs = [log(seconds) for seconds in times.values()]
    return _line([log(n) for n in times], logs), _line([float(n) for n in times], logs)


def _line(xs: Sequence[float], ys: Sequence[float]) -> Fit:
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)
    rest = [b - y - slope * (a - x) for a, b in zip(xs, ys, strict=True)]
    return Fit(slope, (sum(r * r for r in rest) / len(rest)) ** 0.5)


def main() -> int:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description="Time families of tests.")
    words = ("verdicts", "outcomes", "counts", "growth")
    parser.add_argument("words", nargs="*", metavar="verdicts|outcomes|counts|growth")
    parser.add_argument("--family", action="append", choices=sorted(FAMILIES))
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where the tests are left")
    options = parser.parse_args()
    chosen = options.words or words
    if unknown := set(chosen) - set(words):
        parser.error(f"there is no {', '.join(unknown)}")
    families = options.family or [*FAMILIES]
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        met = _run(Bench(folder, options.runs), chosen, families)
    say(f"targets 3 and 4 are {'met' if met else 'missed'}")
    return 0 if met else 1


def _run(bench: Bench, chosen: Sequence[str], families: Sequence[str]) -> bool:
    def of(goals: Sequence[Goal]) -> list[Goal]:
        return [goal for goal in goals if goal.family in families]

    done = {
        "verdicts": lambda: within(bench, "verdicts", of(VERDICTS), "--verdict-only"),
        "outcomes": lambda: within(bench, "all outcomes", of(OUTCOMES)),
        "counts": lambda: within(bench, "exact counts", of(COUNTS), "--counts"),
        "growth": lambda: growth(bench, families),
    }
    met = [done[word]() for word in chosen]
    return all(met)


if __name__ == "__main__":
    sys.exit(main())
