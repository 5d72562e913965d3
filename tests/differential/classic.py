"""Families of tests whose condition no execution has, each for any number of threads, in the `.lit` language."""


def _test(name: str, shared: str, threads: list[str], condition: str) -> str:
    lines = (f'litmus "{name}"', shared, *(f"thread {thread}" for thread in threads), f"forbid never: {condition};")
    return "\n".join(lines) + "\n"


def _ints(n: int) -> str:
    return " ".join(f"int x{i};" for i in range(n))


def store_buffers(n: int) -> str:
    """A ring of store-buffering threads with full fences."""
    threads = [f"T{i} {{ WRITE_ONCE(x{i}, 1); smp_mb(); int r = READ_ONCE(x{(i + 1) % n}); }}" for i in range(n)]
    return _test(f"sb{n}", _ints(n), threads, " && ".join(f"T{i}.r == 0" for i in range(n)))


def message_passing(n: int) -> str:
    """A message handed on by ``n`` threads, each of which acquires and releases."""
    threads = [f"T0 {{ WRITE_ONCE(x{n}, 1); smp_store_release(&x0, 1); }}"]
    threads += [f"T{i} {{ int r = smp_load_acquire(&x{i - 1}); smp_store_release(&x{i}, 1); }}" for i in range(1, n)]
    threads.append(f"T{n} {{ int r = smp_load_acquire(&x{n - 1}); int s = READ_ONCE(x{n}); }}")
    passed = [f"T{i}.r == 1" for i in range(1, n + 1)]
    return _test(f"mp{n}", _ints(n + 1), threads, " && ".join([*passed, f"T{n}.s == 0"]))


def write_rings(n: int) -> str:
    """2+2W: a ring of threads that write two locations in turn, with full fences."""
    threads = [f"T{i} {{ WRITE_ONCE(x{i}, 1); smp_mb(); WRITE_ONCE(x{(i + 1) % n}, 2); }}" for i in range(n)]
    return _test(f"2+2W{n}", _ints(n), threads, " && ".join(f"x{i} == 1" for i in range(n)))


def grace_periods(n: int) -> str:
    """A ring of read-side sections and grace periods in turn."""
    threads = []
    for i in range(n):
        mine, next_ = f"WRITE_ONCE(x{i}, 1);", f"int r = READ_ONCE(x{(i + 1) % n});"
        section = f"rcu_read_lock(); {mine} {next_} rcu_read_unlock();"
        threads.append(f"T{i} {{ {section if i % 2 else f'{mine} synchronize_rcu(); {next_}'} }}")
    return _test(f"rcu{n}", _ints(n), threads, " && ".join(f"T{i}.r == 0" for i in range(n)))


def writers(n: int) -> str:
    """Writers of one location, and two readers that see two of the writes in different orders."""
    threads = [f"W{i} {{ WRITE_ONCE(x, {i + 1}); }}" for i in range(n)]
    threads += [f"R{i} {{ int a = READ_ONCE(x); int b = READ_ONCE(x); }}" for i in range(2)]
    return _test(f"cow{n}", "int x;", threads, "R0.a == 1 && R0.b == 2 && R1.a == 2 && R1.b == 1")


def independent_reads(n: int) -> str:
    """Writers of a location each, and readers in a ring that see the writes in a circle of orders."""
    half = n // 2
    threads = [f"W{i} {{ WRITE_ONCE(x{i}, 1); }}" for i in range(half)]
    threads += [
        f"R{i} {{ int a = READ_ONCE(x{i}); smp_mb(); int b = READ_ONCE(x{(i + 1) % half}); }}" for i in range(half)
    ]
    return _test(f"iriw{n}", _ints(half), threads, " && ".join(f"R{i}.a == 1 && R{i}.b == 0" for i in range(half)))


def increments(n: int) -> str:
    """Threads that increment one counter, and an increment that is lost."""
    return _test(f"inc{n}", "atomic_t x;", [f"A[{n}] {{ int r = atomic_fetch_inc(&x); }}"], f"x != {n}")


def locked(n: int) -> str:
    """Threads that increment one variable under a lock, and an increment that is lost."""
    body = "spin_lock(&l); int r = x; x = r + 1; spin_unlock(&l);"
    return _test(f"lock{n}", "spinlock_t l; int x;", [f"A[{n}] {{ {body} }}"], f"x != {n}")


FAMILIES = {
    "sb": store_buffers,
    "mp": message_passing,
    "2+2W": write_rings,
    "rcu": grace_periods,
    "cow": writers,
    "iriw": independent_reads,
    "inc": increments,
    "lock": locked,
}
