"""Random AArch64 tests whose accesses have several sizes and overlap: X registers from 20 hold the addresses."""

from random import Random

from generator.aarch64 import ADDRESS
from generator.thread import Operation, Thread, condition, table, threads

TYPES = {"uint16_t": 2, "uint32_t": 4, "uint64_t": 8}
_SUFFIXES = {1: "B", 2: "H", 4: "", 8: ""}


class Mixed:
    """The operations of a test in which every object has so many bytes."""

    def __init__(self, bytes_: int) -> None:
        self.bytes = bytes_
        self.sizes = [size for size in _SUFFIXES if size <= bytes_]

    def _access(self, thread: Thread) -> tuple[int, str, str]:
        """Return a random access: its size, its address, and its kind of register."""
        size = thread.rng.choice(self.sizes)
        offset = thread.rng.randrange(0, self.bytes, size)
        base = f"X{ADDRESS + thread.rng.choice((0, 0, 0, 1))}"
        return size, f"[{base},#{offset}]" if offset else f"[{base}]", "X" if size == 8 else "W"

    def _without_offset(self, thread: Thread) -> tuple[int, str, str]:
        """Return a random access to an address that is in a register."""
        size, place, kind = self._access(thread)
        if "#" not in place:
            return size, place, kind
        base, offset = place.strip("[]").split(",")
        register = thread.fresh()
        thread.emit(f"ADD X{register},{base},{offset}")
        return size, f"[X{register}]", kind

    def _value(self, thread: Thread, size: int) -> str:
        """Return a register with something to store whose bytes differ."""
        register = thread.fresh()
        digit = thread.rng.choice((1, 1, 2, 3))
        kind = "X" if size == 8 else "W"
        number = sum((digit + 4 * (i % 2)) << 8 * i for i in range(min(size, 2)))
        thread.emit(f"MOV {kind}{register},#{number}")
        if size > 2 and thread.rng.random() < 0.7:
            shift = thread.rng.choice((16, 32, 48) if size == 8 else (16,))
            thread.emit(f"MOVK {kind}{register},#{number},LSL #{shift}")
        source = thread.source()
        if source is not None and thread.rng.random() < 0.4:
            zero, summed = thread.fresh(), thread.fresh()
            thread.emit(f"EOR X{zero},X{source},X{source}", f"ADD {kind}{summed},{kind}{register},{kind}{zero}")
            register = summed
        return f"{kind}{register}"

    def load(self, thread: Thread) -> None:
        """Append a load."""
        register = thread.fresh()
        mnemonic = thread.rng.choice(("LDR", "LDR", "LDR", "LDAR", "LDAPR"))
        size, place, kind = self._access(thread) if mnemonic == "LDR" else self._without_offset(thread)
        source = thread.source()
        if mnemonic == "LDR" and source is not None and size < self.bytes and thread.rng.random() < 0.15:
            index = thread.fresh()
            thread.emit(
                f"AND X{index},X{source},#{thread.rng.choice([n for n in (1, 2, 4) if size <= n < self.bytes])}"
            )
            place = f"[{place.strip('[]').partition(',')[0]},X{index}]"
        elif mnemonic == "LDR" and source is not None and thread.rng.random() < 0.3:
            zero = thread.fresh()
            base, _, offset = place.strip("[]").partition(",")
            thread.emit(f"EOR X{zero},X{source},X{source}")
            if offset:
                thread.emit(f"ADD X{zero},X{zero},{offset}")
            place = f"[{base},X{zero}]"
        thread.emit(f"{mnemonic}{_SUFFIXES[size]} {kind}{register},{place}")
        thread.loaded.append(register)

    def store(self, thread: Thread) -> None:
        """Append a store."""
        mnemonic = thread.rng.choice(("STR", "STR", "STR", "STLR"))
        size, place, _ = self._access(thread) if mnemonic == "STR" else self._without_offset(thread)
        thread.emit(f"{mnemonic}{_SUFFIXES[size]} {self._value(thread, size)},{place}")

    def copy(self, thread: Thread) -> None:
        """Append a store of something read."""
        source = thread.source()
        if source is not None:
            size, place, kind = self._access(thread)
            thread.emit(f"STR{_SUFFIXES[size]} {kind}{source},{place}")

    def fence(self, thread: Thread) -> None:
        """Append a barrier."""
        thread.emit(thread.rng.choice(("DMB SY", "DMB LD", "DMB ST", "ISB")))

    def branch(self, thread: Thread) -> None:
        """Append a branch on something read, over a store now and then."""
        source = thread.source()
        if source is None:
            return
        label = thread.label()
        thread.emit(f"{thread.rng.choice(('CBNZ', 'CBZ'))} X{source},{label}")
        if thread.rng.random() < 0.5:
            self.store(thread)
        thread.emit(f"{label}:")
        if thread.rng.random() < 0.3:
            thread.emit("ISB")

    def atomic(self, thread: Thread) -> None:
        """Append an atomic instruction."""
        order = thread.rng.choice(("", "A", "L", "AL"))
        name = thread.rng.choice(("SWP", "SWP", "LDADD", "LDSET", "LDCLR", "LDEOR"))
        size, place, kind = self._without_offset(thread)
        operand, register = self._value(thread, size), thread.fresh()
        thread.emit(f"{name}{order}{_SUFFIXES[size]} {operand},{kind}{register},{place}")
        thread.loaded.append(register)

    def compare_and_swap(self, thread: Thread) -> None:
        """Append a compare-and-swap."""
        order = thread.rng.choice(("", "A", "L", "AL"))
        size, place, kind = self._without_offset(thread)
        register, desired = thread.fresh(), self._value(thread, size)
        thread.emit(f"MOV {kind}{register},#{thread.rng.choice((0, 0, 1))}")
        thread.emit(f"CAS{order}{_SUFFIXES[size]} {kind}{register},{desired},{place}")
        thread.loaded.append(register)

    def exclusives(self, thread: Thread) -> None:
        """Append a load-exclusive and a store-exclusive, mostly of one size and address."""
        acquire, release = thread.rng.choice(("", "A")), thread.rng.choice(("", "L"))
        size, place, kind = self._without_offset(thread)
        register, status, label = thread.fresh(), thread.fresh(), thread.label()
        value = self._value(thread, size)
        thread.emit(f"LD{acquire}XR{_SUFFIXES[size]} {kind}{register},{place}")
        if thread.rng.random() < 0.1:
            size, place, kind = self._without_offset(thread)
            value = f"{kind}{value[1:]}"
        thread.emit(f"ST{release}XR{_SUFFIXES[size]} W{status},{value},{place}", f"CBNZ W{status},{label}", f"{label}:")
        thread.loaded.append(register)

    def pair(self, thread: Thread) -> None:
        """Append a load or a store of a pair."""
        if self.bytes < 8:
            return
        base = f"X{ADDRESS + thread.rng.choice((0, 0, 1))}"
        if thread.rng.random() < 0.5:
            first, second = thread.fresh(), thread.fresh()
            thread.emit(f"LDP W{first},W{second},[{base}]")
            thread.loaded += [first, second]
        else:
            thread.emit(f"STP {self._value(thread, 4)},{self._value(thread, 4)},[{base}]")

    def operations(self) -> tuple[tuple[int, Operation], ...]:
        """Return the operations with their weights."""
        return (
            (6, self.load), (6, self.store), (1, self.copy), (2, self.fence), (1, self.branch), (2, self.atomic),
            (1, self.compare_and_swap), (1, self.exclusives), (1, self.pair),
        )  # fmt: skip


def test(rng: Random, name: str) -> str:
    """Return the text of a random test."""
    kind = rng.choice(list(TYPES))
    made = threads(rng, Mixed(TYPES[kind]).operations(), 3)
    initial = [f"{kind} {location}{rng.choice(('', '', '=0x0102'))}" for location in ("x", "y")]
    initial += [f"{t.number}:X{ADDRESS + i}={location}" for t in made for i, location in enumerate(("x", "y"))]
    initial += [f"uint64_t {t.number}:X{register}" for t in made for register in t.loaded]
    names = [f"{t.number}:X{register}" for t in made for register in t.loaded]
    return table("AArch64", name, initial, [t.lines for t in made], condition(rng, (*names, "x", "y")))
