"""Random X86_64 tests whose accesses have several sizes and overlap: %rsi and %rdi hold the addresses."""

from random import Random

from generator.thread import Operation, Thread, condition, table, threads

_TYPES = {"uint16_t": 2, "uint32_t": 4, "uint64_t": 8}
_SUFFIXES = {1: "b", 2: "w", 4: "l", 8: "q"}
_NAMES = {
    "rax": ("al", "ax", "eax", "rax"), "rbx": ("bl", "bx", "ebx", "rbx"), "rcx": ("cl", "cx", "ecx", "rcx"),
    "rdx": ("dl", "dx", "edx", "rdx"), "r8": ("r8b", "r8w", "r8d", "r8"), "r9": ("r9b", "r9w", "r9d", "r9"),
}  # fmt: skip
_REGISTERS = tuple(_NAMES)


def _named(register: int, size: int) -> str:
    return f"%{_NAMES[_REGISTERS[register]][(1, 2, 4, 8).index(size)]}"


def _number(thread: Thread, size: int) -> int:
    """Return something to store whose bytes differ."""
    digit = thread.rng.choice((1, 2, 3))
    return digit if size == 1 else digit | (digit + 4) << 8


class Mixed:
    """The operations of a test in which every object has so many bytes."""

    def __init__(self, bytes_: int) -> None:
        self.bytes = bytes_
        self.sizes = [size for size in _SUFFIXES if size <= bytes_]

    def _access(self, thread: Thread) -> tuple[int, str]:
        """Return a random access: its size and its address."""
        size = thread.rng.choice(self.sizes)
        offset = thread.rng.randrange(0, self.bytes, size)
        return size, f"{offset or ''}(%{thread.rng.choice(('rdi', 'rdi', 'rsi'))})"

    def load(self, thread: Thread) -> None:
        """Append a load."""
        if thread.registers < len(_REGISTERS):
            register = thread.fresh()
            size, place = self._access(thread)
            thread.emit(f"mov{_SUFFIXES[size]} {place},{_named(register, size)}")
            thread.loaded.append(register)

    def store(self, thread: Thread) -> None:
        """Append a store."""
        size, place = self._access(thread)
        thread.emit(f"mov{_SUFFIXES[size]} ${_number(thread, size)},{place}")

    def exchange(self, thread: Thread) -> None:
        """Append an exchange."""
        if thread.registers < len(_REGISTERS):
            register = thread.fresh()
            size, place = self._access(thread)
            thread.emit(f"movq ${_number(thread, size)},{_named(register, 8)}")
            thread.emit(f"xchg{_SUFFIXES[size]} {_named(register, size)},{place}")
            thread.loaded.append(register)

    def fence(self, thread: Thread) -> None:
        """Append a barrier."""
        thread.emit("mfence")

    def operations(self) -> tuple[tuple[int, Operation], ...]:
        """Return the operations with their weights."""
        return (6, self.load), (6, self.store), (2, self.fence), (2, self.exchange)


def test(rng: Random, name: str) -> str:
    """Return the text of a random test."""
    kind = rng.choice(list(_TYPES))
    made = threads(rng, Mixed(_TYPES[kind]).operations(), 4)
    initial = [f"{kind} {location}{rng.choice(('', '', '=0x0102'))}" for location in ("x", "y")]
    initial += [f"{t.number}:{base}={place}" for t in made for base, place in (("rdi", "x"), ("rsi", "y"))]
    initial += [f"uint64_t {t.number}:{_REGISTERS[register]}=0" for t in made for register in t.loaded]
    names = [f"{t.number}:{_REGISTERS[register]}" for t in made for register in t.loaded]
    return table("X86_64", name, initial, [t.lines for t in made], condition(rng, (*names, "x", "y")))
