"""The C types that litmus tests use: enough to wrap integers and to lay out structs."""

from collections.abc import Mapping
from types import MappingProxyType

from litmus.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """An integer of ``size`` bytes, or (``pointer`` stars > 0) a pointer. ``name`` is the type as written but
    for the stars."""

    name: str
    size: int = 4
    signed: bool = True
    pointer: int = 0

    @property
    def is_bool(self) -> bool:
        """Whether conversion to the type is a test for zero: C's ``_Bool``."""
        return self.name in ("bool", "_Bool") and not self.pointer

    def __str__(self) -> str:
        return self.name + (" " + "*" * self.pointer if self.pointer else "")


def _integers() -> dict[str, Type]:
    signed = {
        "char": 1,
        "signed char": 1,
        "short": 2,
        "int": 4,
        "long": 8,
        "long long": 8,
        "intptr_t": 8,
        "ptrdiff_t": 8,
    }
    unsigned = {
        "bool": 1,
        "_Bool": 1,
        "unsigned char": 1,
        "unsigned short": 2,
        "unsigned": 4,
        "unsigned int": 4,
        "unsigned long": 8,
        "unsigned long long": 8,
        "size_t": 8,
        "uintptr_t": 8,
    }
    table = {name: Type(name, size) for name, size in signed.items()}
    table |= {name: Type(name, size, signed=False) for name, size in unsigned.items()}
    for bits in (8, 16, 32, 64):
        for name in (f"s{bits}", f"__s{bits}", f"int{bits}_t"):
            table[name] = Type(name, bits // 8)
        for name in (f"u{bits}", f"__u{bits}", f"uint{bits}_t"):
            table[name] = Type(name, bits // 8, signed=False)
    opaque = {"atomic_t": 4, "refcount_t": 4, "atomic64_t": 8, "atomic_long_t": 8, "spinlock_t": 4, "raw_spinlock_t": 4}
    opaque |= {"rwlock_t": 4, "struct mutex": 4, "struct srcu_struct": 4, "intptr_t": 8}
    return table | {name: Type(name, size) for name, size in opaque.items()}


TYPES = _integers()
"""Every named type, sizes as on a 64-bit kernel."""

COUNTERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "atomic_t": ("counter", "int"),
        "atomic64_t": ("counter", "s64"),
        "atomic_long_t": ("counter", "long"),
        "refcount_t": ("refs", "atomic_t"),
    }
)
"""The types that are structs of one member in the kernel (include/linux/types.h, refcount.h), with the name and type of
that member: nothing but their own primitives takes them whole."""

INT = TYPES["int"]
"""The type of what has none of its own."""


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a struct; ``count`` elements where it is an array, else 0."""

    name: str
    type: Type
    offset: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Struct:
    """The layout of a struct. ``flags`` are the page flags, by bit number, of its field ``flags``."""

    name: str
    fields: tuple[Field, ...]
    size: int
    flags: tuple[str, ...] = ()
