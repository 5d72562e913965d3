"""Random tests in the kernel's C."""

from random import Random

from generator.thread import LOCATIONS, Operation, Thread, condition, threads

_ORDERS = ("", "_relaxed", "_acquire", "_release")


def _location(thread: Thread) -> str:
    return LOCATIONS[thread.location()]


def _read(thread: Thread, text: str) -> None:
    register = thread.fresh()
    thread.emit(f"int r{register} = {text};")
    thread.loaded.append(register)


def _load(thread: Thread) -> None:
    location = _location(thread)
    forms = (f"READ_ONCE(*{location})", f"READ_ONCE(*{location})", f"smp_load_acquire({location})", f"*{location}")
    _read(thread, thread.rng.choice(forms))


def _stored(thread: Thread) -> str:
    source = thread.source()
    if source is not None and thread.rng.random() < 0.4:
        return thread.rng.choice((f"r{source}", f"r{source} + 1", f"(r{source} & 0) + {thread.value()}"))
    return str(thread.value())


def _store(thread: Thread) -> None:
    location, value = _location(thread), _stored(thread)
    thread.emit(
        thread.rng.choice(
            (
                f"WRITE_ONCE(*{location}, {value});",
                f"WRITE_ONCE(*{location}, {value});",
                f"smp_store_release({location}, {value});",
                f"smp_store_mb(*{location}, {value});",
                f"*{location} = {value};",
            )
        )
    )


def _fence(thread: Thread) -> None:
    fences = ("smp_mb()", "smp_mb()", "smp_wmb()", "smp_rmb()", "barrier()", "smp_mb__before_atomic()")
    thread.emit(f"{thread.rng.choice((*fences, 'smp_mb__after_atomic()'))};")


def _branch(thread: Thread) -> None:
    if (source := thread.source()) is None:
        return
    inner = Thread(thread.number, thread.rng, registers=thread.registers)
    _store(inner)
    thread.emit(f"if (r{source} {thread.rng.choice(('==', '!='))} {thread.rng.choice((0, 1))}) {{ {inner.lines[0]} }}")


def _exchange(thread: Thread) -> None:
    order, location = thread.rng.choice(_ORDERS), _location(thread)
    forms = (f"xchg{order}({location}, {_stored(thread)})", f"cmpxchg{order}({location}, 0, {thread.value()})")
    _read(thread, thread.rng.choice(forms))


def _rcu(thread: Thread) -> None:
    if thread.rng.random() < 0.4:
        thread.emit("synchronize_rcu();")
        return
    thread.emit("rcu_read_lock();")
    for _ in range(thread.rng.randint(1, 2)):
        thread.rng.choice((_load, _store))(thread)
    thread.emit("rcu_read_unlock();")


def _locked(thread: Thread) -> None:
    thread.emit("spin_lock(l);")
    for _ in range(thread.rng.randint(1, 2)):
        thread.rng.choice((_load, _store))(thread)
    thread.emit("spin_unlock(l);")
    if thread.rng.random() < 0.2:
        thread.emit("spin_lock(l);", "smp_mb__after_spinlock();")
        _store(thread)
        thread.emit("spin_unlock(l);")


def _counter(thread: Thread) -> None:
    order = thread.rng.choice(_ORDERS)
    match thread.rng.randrange(4):
        case 0:
            thread.emit(f"atomic_{thread.rng.choice(('inc', 'dec'))}(a);")
        case 1:
            _read(thread, f"atomic_{thread.rng.choice(('add', 'sub'))}_return{order}(1, a)")
        case 2:
            _read(thread, f"atomic_fetch_add{order}({thread.value()}, a)")
        case _:
            _read(thread, thread.rng.choice(("atomic_read(a)", "atomic_dec_and_test(a)", "atomic_add_unless(a, 1, 1)")))


OPERATIONS: tuple[tuple[int, Operation], ...] = (
    (6, _load), (6, _store), (3, _fence), (2, _branch), (2, _exchange), (1, _rcu), (1, _locked), (1, _counter),
)  # fmt: skip


def test(rng: Random, name: str) -> str:
    """Return the text of a random test."""
    made = threads(rng, OPERATIONS, 4)
    heading = ", ".join((*(f"int *{location}" for location in LOCATIONS), "spinlock_t *l", "atomic_t *a"))
    bodies = "\n".join(
        f"P{t.number}({heading})\n{{\n" + "".join(f"\t{line}\n" for line in t.lines) + "}\n" for t in made
    )
    names = [f"{t.number}:r{register}" for t in made for register in t.loaded]
    return f"C {name}\n\n{{}}\n\n{bodies}\n{condition(rng, (*names, *LOCATIONS))}\n"
