"""Random AArch64 tests: W registers hold values from 0, X registers from 20 the addresses."""

from random import Random

from generator.thread import LOCATIONS, Operation, Thread, condition, table, threads

ADDRESS = 20


def _address(location: int) -> str:
    return f"X{ADDRESS + location}"


def _constant(thread: Thread) -> str:
    register = thread.fresh()
    thread.emit(f"MOV W{register},#{thread.value()}")
    return f"W{register}"


def _zero(thread: Thread, wide: bool = False) -> str | None:
    """Emit what makes a register zero that depends on something read."""
    source = thread.source()
    if source is None:
        return None
    register = thread.fresh()
    thread.emit(f"EOR W{register},W{source},W{source}")
    return f"W{register}"


def _load(thread: Thread) -> None:
    register = thread.fresh()
    mnemonic = thread.rng.choice(("LDR", "LDR", "LDR", "LDAR", "LDAPR"))
    index = _zero(thread) if mnemonic == "LDR" and thread.rng.random() < 0.3 else None
    operand = _address(thread.location())
    thread.emit(f"{mnemonic} W{register},[{operand}{f',{index},SXTW' if index else ''}]")
    thread.loaded.append(register)


def _store(thread: Thread) -> None:
    mnemonic = thread.rng.choice(("STR", "STR", "STR", "STLR"))
    value = _constant(thread)
    if (zero := _zero(thread)) is not None and thread.rng.random() < 0.5:
        register = thread.fresh()
        thread.emit(f"ADD W{register},{value},{zero}")
        value = f"W{register}"
    thread.emit(f"{mnemonic} {value},[{_address(thread.location())}]")


def _copy(thread: Thread) -> None:
    if (source := thread.source()) is not None:
        thread.emit(f"STR W{source},[{_address(thread.location())}]")


def _fence(thread: Thread) -> None:
    thread.emit(thread.rng.choice(("DMB SY", "DMB LD", "DMB ST", "ISB", "DSB SY")))


def _branch(thread: Thread) -> None:
    if (source := thread.source()) is None:
        return
    label = thread.label()
    thread.emit(f"{thread.rng.choice(('CBNZ', 'CBZ'))} W{source},{label}")
    if thread.rng.random() < 0.5:
        _store(thread)
    thread.emit(f"{label}:")
    if thread.rng.random() < 0.3:
        thread.emit("ISB")


def _select(thread: Thread) -> None:
    first, second, register = thread.source(), thread.source(), thread.fresh()
    if first is None or second is None:
        return
    condition = thread.rng.choice(("EQ", "NE"))
    thread.emit(f"CMP W{thread.source()},#{thread.rng.choice((0, 1))}")
    thread.emit(f"{thread.rng.choice(('CSEL', 'CSINC'))} W{register},W{first},W{second},{condition}")
    thread.loaded.append(register)


def _atomic(thread: Thread) -> None:
    order = thread.rng.choice(("", "A", "L", "AL"))
    name = thread.rng.choice(("SWP", "LDADD", "LDSET", "LDCLR", "LDEOR", "LDSMAX"))
    operand, register = _constant(thread), thread.fresh()
    thread.emit(f"{name}{order} {operand},W{register},[{_address(thread.location())}]")
    thread.loaded.append(register)


def _store_atomic(thread: Thread) -> None:
    name = thread.rng.choice(("STADD", "STADDL", "STSET"))
    thread.emit(f"{name} {_constant(thread)},[{_address(thread.location())}]")


def _compare_and_swap(thread: Thread) -> None:
    order = thread.rng.choice(("", "A", "L", "AL"))
    register, desired = thread.fresh(), _constant(thread)
    thread.emit(f"MOV W{register},#{thread.rng.choice((0, 0, 1))}")
    thread.emit(f"CAS{order} W{register},{desired},[{_address(thread.location())}]")
    thread.loaded.append(register)


def _exclusives(thread: Thread) -> None:
    acquire, release = thread.rng.choice(("", "A")), thread.rng.choice(("", "L"))
    address, register, status, value = _address(thread.location()), thread.fresh(), thread.fresh(), _constant(thread)
    label = thread.label()
    thread.emit(f"LD{acquire}XR W{register},[{address}]", f"ST{release}XR W{status},{value},[{address}]")
    thread.emit(f"CBNZ W{status},{label}", f"{label}:")
    thread.loaded.append(register)


OPERATIONS: tuple[tuple[int, Operation], ...] = (
    (6, _load), (6, _store), (1, _copy), (3, _fence), (2, _branch), (2, _atomic), (1, _store_atomic),
    (2, _compare_and_swap), (1, _exclusives), (2, _select),
)  # fmt: skip


def test(rng: Random, name: str) -> str:
    """Return the text of a random test."""
    made = threads(rng, OPERATIONS, 4)
    initial = [f"{t.number}:X{ADDRESS + i}={location}" for t in made for i, location in enumerate(LOCATIONS)]
    names = [f"{t.number}:X{register}" for t in made for register in t.loaded]
    return table("AArch64", name, initial, [t.lines for t in made], condition(rng, (*names, *LOCATIONS)))
