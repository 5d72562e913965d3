"""Random PPC tests: registers hold values from 1, and from 20 the addresses."""

from random import Random

from generator.thread import LOCATIONS, Operation, Thread, condition, table, threads

ADDRESS = 20


def _value(thread: Thread) -> str:
    register = thread.fresh() + 1
    thread.emit(f"li r{register},{thread.value()}")
    return f"r{register}"


def _zero(thread: Thread) -> str | None:
    if (source := thread.source()) is None:
        return None
    register = thread.fresh() + 1
    thread.emit(f"xor r{register},r{source},r{source}")
    return f"r{register}"


def _load(thread: Thread) -> None:
    register, address = thread.fresh() + 1, f"r{ADDRESS + thread.location()}"
    index = _zero(thread) if thread.rng.random() < 0.3 else None
    thread.emit(f"lwzx r{register},{index},{address}" if index else f"lwz r{register},0({address})")
    thread.loaded.append(register)


def _store(thread: Thread) -> None:
    value, address = _value(thread), f"r{ADDRESS + thread.location()}"
    zero = _zero(thread)
    match thread.rng.choice(("plain", "data", "address")) if zero is not None else "plain":
        case "data":
            register = thread.fresh() + 1
            thread.emit(f"add r{register},{value},{zero}", f"stw r{register},0({address})")
        case "address":
            thread.emit(f"stwx {value},{zero},{address}")
        case _:
            thread.emit(f"stw {value},0({address})")


def _copy(thread: Thread) -> None:
    if (source := thread.source()) is not None:
        thread.emit(f"stw r{source},0(r{ADDRESS + thread.location()})")


def _fence(thread: Thread) -> None:
    thread.emit(thread.rng.choice(("sync", "lwsync", "lwsync", "eieio", "isync")))


def _branch(thread: Thread) -> None:
    if (source := thread.source()) is None:
        return
    label = thread.label()
    thread.emit(f"cmpwi r{source},{thread.rng.choice((0, 1))}", f"{thread.rng.choice(('beq', 'bne'))} {label}")
    if thread.rng.random() < 0.5:
        _store(thread)
    thread.emit(f"{label}:")
    if thread.rng.random() < 0.4:
        thread.emit("isync")


def _reserved(thread: Thread) -> None:
    address, register, value, label = (
        f"r{ADDRESS + thread.location()}",
        thread.fresh() + 1,
        _value(thread),
        thread.label(),
    )
    thread.emit(f"lwarx r{register},r0,{address}", f"stwcx. {value},r0,{address}", f"bne {label}", f"{label}:")
    thread.loaded.append(register)


OPERATIONS: tuple[tuple[int, Operation], ...] = (
    (6, _load), (6, _store), (1, _copy), (3, _fence), (2, _branch), (1, _reserved),
)  # fmt: skip


def test(rng: Random, name: str) -> str:
    """Return the text of a random test."""
    made = threads(rng, OPERATIONS, 4)
    initial = [f"{t.number}:r{ADDRESS + i}={location}" for t in made for i, location in enumerate(LOCATIONS)]
    names = [f"{t.number}:r{register}" for t in made for register in t.loaded]
    return table("PPC", name, initial, [t.lines for t in made], condition(rng, (*names, *LOCATIONS)))
