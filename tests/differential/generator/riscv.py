"""Random RISC-V tests: registers hold values from x5, and from x28 the addresses."""

from random import Random

from generator.thread import LOCATIONS, Operation, Thread, condition, table, threads

FIRST, ADDRESS = 5, 28
_SUFFIXES = ("", ".aq", ".rl", ".aq.rl")


def _register(thread: Thread) -> int:
    return FIRST + thread.fresh()


def _address(thread: Thread) -> str:
    return f"x{ADDRESS + thread.location()}"


def _value(thread: Thread) -> str:
    register = _register(thread)
    thread.emit(f"ori x{register},x0,{thread.value()}")
    return f"x{register}"


def _zero(thread: Thread) -> str | None:
    if (source := thread.source()) is None:
        return None
    register = _register(thread)
    thread.emit(f"xor x{register},x{source},x{source}")
    return f"x{register}"


def _depending(thread: Thread, address: str, chance: float) -> str:
    if thread.rng.random() < chance and (zero := _zero(thread)) is not None:
        register = _register(thread)
        thread.emit(f"add x{register},{address},{zero}")
        return f"x{register}"
    return address


def _load(thread: Thread) -> None:
    register = _register(thread)
    address = _depending(thread, _address(thread), 0.3)
    thread.emit(f"lw x{register},0({address})")
    thread.loaded.append(register)


def _store(thread: Thread) -> None:
    value = _value(thread)
    if thread.rng.random() < 0.4 and (zero := _zero(thread)) is not None:
        register = _register(thread)
        thread.emit(f"add x{register},{value},{zero}")
        value = f"x{register}"
    thread.emit(f"sw {value},0({_depending(thread, _address(thread), 0.2)})")


def _copy(thread: Thread) -> None:
    if (source := thread.source()) is not None:
        thread.emit(f"sw x{source},0({_address(thread)})")


def _fence(thread: Thread) -> None:
    kinds = ("rw,rw", "rw,w", "rw,r", "r,rw", "r,r", "r,w", "w,w", "w,r", "w,rw", "tso")
    kind = thread.rng.choice(kinds)
    thread.emit("fence.tso" if kind == "tso" else f"fence {kind}")


def _branch(thread: Thread) -> None:
    if (source := thread.source()) is None:
        return
    label = thread.label()
    thread.emit(f"{thread.rng.choice(('bne', 'beq'))} x{source},x0,{label}")
    if thread.rng.random() < 0.5:
        _store(thread)
    thread.emit(f"{label}:")


def _atomic(thread: Thread) -> None:
    name = thread.rng.choice(("amoswap", "amoadd", "amoor", "amoxor", "amomax"))
    value, register = _value(thread), _register(thread)
    thread.emit(f"{name}.w{thread.rng.choice(_SUFFIXES)} x{register},{value},({_address(thread)})")
    thread.loaded.append(register)


def _reserved(thread: Thread) -> None:
    address, value, register, status = _address(thread), _value(thread), _register(thread), _register(thread)
    label = thread.label()
    # Not sc.w.aq, which herd7 reads as sc.w (docs/models.md).
    thread.emit(f"lr.w{thread.rng.choice(('', '.aq', '.aq.rl'))} x{register},0({address})")
    thread.emit(f"sc.w{thread.rng.choice(('', '.rl', '.aq.rl'))} x{status},{value},0({address})")
    thread.emit(f"bne x{status},x0,{label}", f"{label}:")
    thread.loaded.append(register)


OPERATIONS: tuple[tuple[int, Operation], ...] = (
    (6, _load), (6, _store), (1, _copy), (3, _fence), (2, _branch), (2, _atomic), (1, _reserved),
)  # fmt: skip


def test(rng: Random, name: str) -> str:
    """Return the text of a random test."""
    made = threads(rng, OPERATIONS, 4)
    initial = [f"{t.number}:x{ADDRESS + i}={location}" for t in made for i, location in enumerate(LOCATIONS)]
    names = [f"{t.number}:x{register}" for t in made for register in t.loaded]
    return table("RISCV", name, initial, [t.lines for t in made], condition(rng, (*names, *LOCATIONS)))
