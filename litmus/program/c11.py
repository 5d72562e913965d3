"""The atomic operations of C11 that may be called, and which tests call them.

Names and argument orders are those of ISO C (7.17). A memory order is an enumeration constant, as in C: calls carry it
as a number. ``atomic_fetch_add`` and the like without ``_explicit`` are also names of the Linux kernel, with the
arguments the other way round: alone they are the kernel's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from types import MappingProxyType

from litmus.program.primitive import PRIMITIVES
from litmus.program.program import Program
from litmus.program.syntax import Call
from litmus.source import Span

ORDERS: Mapping[str, int] = MappingProxyType(
    {f"memory_order_{order}": i for i, order in enumerate("relaxed consume acquire release acq_rel seq_cst".split())}
)
"""The memory orders with their numbers, which C leaves to the implementation."""


class Kind(StrEnum):
    """What an operation does."""

    LOAD = "load"
    STORE = "store"
    FENCE = "fence"
    UPDATE = "update"
    MUTEX = "mutex"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: the parameters before the memory order, and whether the order is an argument (else seq_cst)."""

    kind: Kind
    parameters: tuple[str, ...]
    explicit: bool


def _all() -> Iterator[tuple[str, Operation]]:
    for suffix in ("", "_explicit"):
        explicit = bool(suffix)
        yield f"atomic_load{suffix}", Operation(Kind.LOAD, ("object",), explicit)
        yield f"atomic_store{suffix}", Operation(Kind.STORE, ("object", "desired"), explicit)
        yield f"atomic_exchange{suffix}", Operation(Kind.UPDATE, ("object", "desired"), explicit)
        for strength in ("strong", "weak"):
            name = f"atomic_compare_exchange_{strength}{suffix}"
            yield name, Operation(Kind.UPDATE, ("object", "expected", "desired"), explicit)
        for operation in ("add", "sub", "or", "xor", "and"):
            yield f"atomic_fetch_{operation}{suffix}", Operation(Kind.UPDATE, ("object", "operand"), explicit)
    yield "atomic_thread_fence", Operation(Kind.FENCE, (), True)
    for name in ("mtx_lock", "mtx_unlock"):
        yield name, Operation(Kind.MUTEX, ("mutex",), False)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(dict(_all()))
"""Every operation by its name."""


def nodes(node: object) -> Iterator[object]:
    """Yield a syntax node and those inside it, however deep; of a tuple what is in it."""
    if isinstance(node, tuple):
        for part in node:
            yield from nodes(part)
    elif is_dataclass(node) and not isinstance(node, Span):
        yield node
        for field in fields(node):
            yield from nodes(getattr(node, field.name))


def calls(node: object) -> Iterator[Call]:
    """Yield every call in a syntax node, however deep."""
    return (part for part in nodes(node) if isinstance(part, Call))


def first_c11_call(program: Program) -> Call | None:
    """Return the first call of a C11 operation that the kernel has not, None where the test is not in C11."""
    return next((call for call in _calls(program) if call.name in OPERATIONS and call.name not in PRIMITIVES), None)


def first_kernel_call(program: Program) -> Call | None:
    """Return the first call of a kernel primitive that C11 has not."""
    return next((call for call in _calls(program) if call.name in PRIMITIVES and call.name not in OPERATIONS), None)


def _calls(program: Program) -> Iterator[Call]:
    for thread in program.threads:
        yield from calls(thread.body)
