"""Time families of tests that grow by one thread at a time, under the Linux-kernel model."""

import sys
import time
from collections.abc import Callable

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.deadline import deadline_in
from litmus.engine.base import Limits
from litmus.engine.judge import check
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.source import Source


def increments(n: int) -> str:
    """``n`` threads that increment one counter."""
    return f'litmus "inc{n}"\natomic_t x;\nthread A[{n}] {{ int r = atomic_fetch_inc(&x); }}\nrequire all: x == {n};\n'


def locked(n: int) -> str:
    """``n`` threads that increment one variable under a lock."""
    return (
        f'litmus "lock{n}"\nspinlock_t l; int x;\n'
        f"thread A[{n}] {{ spin_lock(&l); int r = x; x = r + 1; spin_unlock(&l); }}\nrequire all: x == {n};\n"
    )


def store_buffers(n: int) -> str:
    """A ring of ``n`` store-buffering threads with full fences."""
    shared = " ".join(f"int x{i};" for i in range(n))
    threads = "\n".join(
        f"thread T{i} {{ WRITE_ONCE(x{i}, 1); smp_mb(); int r = READ_ONCE(x{(i + 1) % n}); }}" for i in range(n)
    )
    stale = " && ".join(f"T{i}.r == 0" for i in range(n))
    return f'litmus "sb{n}"\n{shared}\n{threads}\nforbid stale: {stale};\n'


FAMILIES: tuple[tuple[Callable[[int], str], range], ...] = (
    (increments, range(2, 7)),
    (locked, range(2, 5)),
    (store_buffers, range(2, 9)),
)


def main() -> None:
    """Print a line for each member of each family."""
    model = load_model("lkmm")
    for family, sizes in FAMILIES:
        for n in sizes:
            program = parse(Source(f"{family.__name__}{n}.lit", family(n)))[0]
            started = time.perf_counter()
            structures = unfold(program, compile_for(program, "lkmm").threads, "lkmm", 2)
            result = check(program, structures, model, Limits(deadline=deadline_in(60)))
            seconds = time.perf_counter() - started
            verdict = result.tallies[0].verdict
            line = (
                f"{program.name:8} {seconds:8.3f} s {result.executions:7} executions {result.candidates:7} candidates"
            )
            sys.stdout.write(f"{line} {verdict}\n")


if __name__ == "__main__":
    main()
