"""Random x86 tests."""

from random import Random

from generator.thread import LOCATIONS, Operation, Thread, condition, table, threads

_REGISTERS = ("EAX", "EBX", "ECX", "EDX", "ESI", "EDI")


def _register(thread: Thread) -> int:
    return min(thread.fresh(), len(_REGISTERS) - 1)


def _load(thread: Thread) -> None:
    register = _register(thread)
    thread.emit(f"MOV {_REGISTERS[register]},[{LOCATIONS[thread.location()]}]")
    thread.loaded.append(register)


def _store(thread: Thread) -> None:
    thread.emit(f"MOV [{LOCATIONS[thread.location()]}],${thread.value()}")


def _copy(thread: Thread) -> None:
    if (source := thread.source()) is not None:
        thread.emit(f"MOV [{LOCATIONS[thread.location()]}],{_REGISTERS[source]}")


def _fence(thread: Thread) -> None:
    thread.emit(thread.rng.choice(("MFENCE", "MFENCE", "SFENCE", "LFENCE")))


def _branch(thread: Thread) -> None:
    if (source := thread.source()) is None:
        return
    label = thread.label()
    thread.emit(f"CMP {_REGISTERS[source]},${thread.rng.choice((0, 1))}", f"{thread.rng.choice(('JE', 'JNE'))} {label}")
    _store(thread)
    thread.emit(f"{label}:")


def _exchange(thread: Thread) -> None:
    register = _register(thread)
    thread.emit(f"MOV {_REGISTERS[register]},${thread.value()}")
    thread.emit(f"XCHG {_REGISTERS[register]},[{LOCATIONS[thread.location()]}]")
    thread.loaded.append(register)


def _locked(thread: Thread) -> None:
    location = LOCATIONS[thread.location()]
    thread.emit(thread.rng.choice((f"LOCK INC [{location}]", f"LOCK DEC [{location}]")))


OPERATIONS: tuple[tuple[int, Operation], ...] = (
    (6, _load), (6, _store), (1, _copy), (3, _fence), (1, _branch), (2, _exchange), (1, _locked),
)  # fmt: skip


def test(rng: Random, name: str) -> str:
    """Return the text of a random test."""
    made = threads(rng, OPERATIONS, 4)
    initial = [f"{location}=0" for location in LOCATIONS]
    names = list(dict.fromkeys(f"{t.number}:{_REGISTERS[register]}" for t in made for register in t.loaded))
    return table("X86", name, initial, [t.lines for t in made], condition(rng, (*names, *LOCATIONS)))
