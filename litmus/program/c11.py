"""The atomic operations of C11 that may be called, and which tests call them.

Names and argument orders are those of ISO C (7.17). A memory order is an enumeration constant, as in C: calls carry it
as a number. ``atomic_fetch_add`` and the like without ``_explicit`` are also names of the Linux kernel, with the
arguments the other way round: with an address first they are C11's.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from litmus.dataclass import dataclass, fields, is_dataclass
from litmus.program.primitive import PRIMITIVES
from litmus.program.program import Program
from litmus.program.syntax import Call, Static
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
    EXCHANGE = "exchange"
    FETCH = "fetch"
    COMPARE = "compare"
    LOCK = "lock"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: the parameters before the memory orders, and how many orders are arguments (none: seq_cst).

    ``operator`` is what a `FETCH` computes with.
    """

    kind: Kind
    parameters: tuple[str, ...]
    orders: int = 0
    operator: str = ""
    weak: bool = False
    """Whether a `COMPARE` may fail where the values are equal."""


_FETCHES: Mapping[str, str] = MappingProxyType({"add": "+", "sub": "-", "or": "|", "xor": "^", "and": "&"})


def _all() -> Iterator[tuple[str, Operation]]:
    for suffix, orders in (("", 0), ("_explicit", 1)):
        yield f"atomic_load{suffix}", Operation(Kind.LOAD, ("object",), orders)
        yield f"atomic_store{suffix}", Operation(Kind.STORE, ("object", "desired"), orders)
        yield f"atomic_exchange{suffix}", Operation(Kind.EXCHANGE, ("object", "desired"), orders)
        for strength in ("strong", "weak"):
            parameters = ("object", "expected", "desired")
            compare = Operation(Kind.COMPARE, parameters, 2 * orders, weak=strength == "weak")
            yield f"atomic_compare_exchange_{strength}{suffix}", compare
        for operation, operator in _FETCHES.items():
            yield f"atomic_fetch_{operation}{suffix}", Operation(Kind.FETCH, ("object", "operand"), orders, operator)
    yield "atomic_thread_fence", Operation(Kind.FENCE, (), 1)
    for prefix in ("mtx_", ""):
        yield f"{prefix}lock", Operation(Kind.LOCK, ("mutex",))
        yield f"{prefix}unlock", Operation(Kind.UNLOCK, ("mutex",))


OPERATIONS: Mapping[str, Operation] = MappingProxyType(dict(_all()))
"""Every operation by its name. ``lock`` and ``unlock`` are herd7's other names for those of mutexes."""


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
    return next(filter(_is_c11, _calls(program)), None)


def _is_c11(call: Call) -> bool:
    if call.name in PRIMITIVES:
        return call.name in OPERATIONS and isinstance(next(iter(call.arguments), None), Static)
    return call.name in OPERATIONS


def first_kernel_call(program: Program) -> Call | None:
    """Return the first call of a kernel primitive that C11 has not."""
    return next((call for call in _calls(program) if call.name in PRIMITIVES and call.name not in OPERATIONS), None)


def _calls(program: Program) -> Iterator[Call]:
    for thread in program.threads:
        yield from calls(thread.body)
