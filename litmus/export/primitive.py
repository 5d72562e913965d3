"""The kernel's primitives as herd's C has them (tools/memory-model/linux-kernel.def), or what stands for them."""

import re
from collections.abc import Sequence
from types import MappingProxyType

from litmus.dataclass import dataclass
from litmus.errors import UnsupportedError
from litmus.program.c11 import OPERATIONS
from litmus.program.primitive import PRIMITIVES, Parameter
from litmus.program.syntax import Call, Constant, Expression

ORDERS = ("", "_relaxed", "_acquire", "_release")


STATEMENTS = frozenset(
    "WRITE_ONCE smp_store_release smp_store_mb rcu_assign_pointer barrier smp_mb smp_rmb smp_wmb smp_mb__before_atomic "
    "smp_mb__after_atomic smp_mb__after_spinlock smp_mb__after_unlock_lock smp_mb__after_srcu_read_unlock spin_lock "
    "spin_unlock rcu_read_lock rcu_read_unlock synchronize_rcu synchronize_rcu_expedited srcu_read_unlock srcu_up_read "
    "synchronize_srcu synchronize_srcu_expedited atomic_set atomic_set_release atomic_add atomic_sub atomic_and "
    "atomic_or atomic_xor atomic_andnot atomic_inc atomic_dec".split()
)
"""What herd's macro table has as statements; everything else there is a value."""


def _direct() -> frozenset[str]:
    plain = (
        "READ_ONCE smp_load_acquire rcu_dereference spin_trylock spin_is_locked srcu_read_lock srcu_down_read "
        "atomic_read atomic_read_acquire atomic_sub_and_test atomic_inc_and_test atomic_dec_and_test atomic_add_unless"
    ).split()
    ordered = (
        "xchg cmpxchg atomic_xchg atomic_cmpxchg atomic_add_negative "
        "atomic_add_return atomic_sub_return atomic_inc_return atomic_dec_return atomic_fetch_add atomic_fetch_sub "
        "atomic_fetch_inc atomic_fetch_dec atomic_fetch_and atomic_fetch_or atomic_fetch_xor atomic_fetch_andnot"
    ).split()
    return STATEMENTS.union(plain, (f"{name}{order}" for name in ordered for order in ORDERS))


DIRECT = _direct()
"""What herd's macro table has under the kernel's own name."""

RENAMED = MappingProxyType(
    {
        "mb": "smp_mb",
        "rmb": "smp_rmb",
        "wmb": "smp_wmb",
        "rcu_access_pointer": "READ_ONCE",
        "RCU_INIT_POINTER": "WRITE_ONCE",
        "refcount_set": "atomic_set",
        "refcount_read": "atomic_read",
        "refcount_inc": "atomic_inc",
        "refcount_add": "atomic_add",
        "mutex_lock": "spin_lock",
        "mutex_unlock": "spin_unlock",
        "mutex_trylock": "spin_trylock",
    }
)
"""Others that have the events of one that herd knows."""

_SPELLING = re.compile(r"^(?:raw_)?(spin_(?:lock|unlock|trylock|is_locked))(?:_irq|_bh|_irqsave|_irqrestore)?$")
_WIDE = re.compile(r"^atomic(?:64|_long)_")

BITS = MappingProxyType(
    {
        "set_bit": "atomic_or",
        "clear_bit": "atomic_andnot",
        "change_bit": "atomic_xor",
        "test_bit": "atomic_read",
        "test_bit_acquire": "atomic_read_acquire",
        "test_and_set_bit": "atomic_fetch_or",
        "test_and_clear_bit": "atomic_fetch_andnot",
        "test_and_change_bit": "atomic_fetch_xor",
        "clear_bit_unlock": "atomic_fetch_andnot_release",
        "unlock_page": "atomic_fetch_andnot_release",
        "lock_page": "atomic_fetch_or_acquire",
    }
)
"""Bit operations as the operation on the whole word that include/asm-generic/bitops makes of them."""


PLAIN_BITS = MappingProxyType({"__set_bit": "|", "__clear_bit": "&", "__change_bit": "^"})


UNLESS_ZERO = MappingProxyType(
    {
        "refcount_inc_not_zero": "atomic_cmpxchg_relaxed",
        "refcount_inc_not_zero_acquire": "atomic_cmpxchg_acquire",
        "refcount_add_not_zero": "atomic_cmpxchg_relaxed",
        "refcount_add_not_zero_acquire": "atomic_cmpxchg_acquire",
    }
)
"""Updates that do nothing where there is 0, with what their loops try (include/linux/refcount.h)."""


def unless_zero(call: Call) -> tuple[Expression, Expression]:
    """Return the location that such an update is about, and what it adds."""
    if len(call.arguments) == 1:
        return call.arguments[0], Constant(1)
    step, place = call.arguments
    return place, step


@dataclass(frozen=True, slots=True)
class Rendering:
    """A call in herd's C. Of ``arguments``, those at ``lvalues`` are written ``*x`` and those at ``addresses`` ``x``;
    ``mask`` is the bit of the word that the value is about; ``keeps`` says that the bit must have been clear."""

    name: str
    arguments: tuple[Expression, ...]
    lvalues: frozenset[int]
    addresses: frozenset[int]
    note: str | None = None
    mask: int | None = None
    keeps: bool = False
    lowered: bool = False
    """Whether herd's C has nothing of the kind."""
    operator: str = ""
    """Of a plain bit operation: what combines the word and the mask."""

    @property
    def updates(self) -> bool:
        """Whether what it writes is computed from what it reads."""
        return bool(self.operator) or re.search(r"_(add|sub|inc|dec|and|or|xor|andnot)(_|$)", self.name) is not None

    @property
    def value(self) -> bool:
        """Whether herd has it as an expression, which cannot stand as a statement."""
        return self.name not in STATEMENTS


def rendering(call: Call) -> Rendering:
    """Return how ``call`` is written.

    Raises:
        UnsupportedError: where herd's C has nothing that means the same.
    """
    if call.name in OPERATIONS and call.name not in PRIMITIVES:
        raise UnsupportedError(f"{call.name}() of C11 cannot be exported", call.span)
    name = _WIDE.sub("atomic_", call.name)
    if name in PLAIN_BITS:
        return _plain_bit(call)
    if name in BITS:
        return _bit(call)
    if name in DIRECT:
        return _same(call, name, None if name == call.name else f"{call.name}() as {name}()")
    if found := _SPELLING.match(name):
        return _same(call, found[1], f"{call.name}() as {found[1]}()", limit=1)
    if name in RENAMED:
        return _same(call, RENAMED[name], f"{call.name}() as {RENAMED[name]}()")
    if name == "atomic_inc_not_zero":
        unless = (call.arguments[0], Constant(1), Constant(0))
        note = "atomic_inc_not_zero(v) as atomic_add_unless(v, 1, 0)"
        return Rendering("atomic_add_unless", unless, frozenset(), frozenset({0}), note)
    raise UnsupportedError(f"herd's C has no equal of {call.name}()", call.span)


def _same(call: Call, name: str, note: str | None, limit: int | None = None) -> Rendering:
    parameters: Sequence[Parameter] = PRIMITIVES[call.name].parameters
    places = {kind: frozenset(i for i, p in enumerate(parameters) if p is kind) for kind in Parameter}
    lvalues, addresses = places[Parameter.LVALUE], places[Parameter.ADDRESS]
    return Rendering(name, call.arguments[:limit], lvalues, addresses, note)


def _mask(call: Call) -> tuple[int, Expression]:
    number, word = call.arguments
    if isinstance(number, Constant):
        return 1 << number.value, word
    raise UnsupportedError(f"herd's C has no equal of {call.name}() with a bit chosen at run time", number.span)


def _plain_bit(call: Call) -> Rendering:
    mask, word = _mask(call)
    note = f"{call.name}(n, w) as a plain read and a plain write of the word"
    return Rendering(call.name, (word,), frozenset(), frozenset({0}), note, mask, False, True, PLAIN_BITS[call.name])


def _bit(call: Call) -> Rendering:
    mask, word = _mask(call)
    operation = BITS[call.name]
    if operation.startswith("atomic_read"):
        note = f"{call.name}(n, w) as {operation}(w) with the bit masked"
        return Rendering(operation, (word,), frozenset(), frozenset({0}), note, mask, lowered=True)
    note = f"{call.name}(n, w) as {operation}(1 << n, w)"
    if call.name == "lock_page":
        note += ", in executions that find the bit clear"
    arguments = (Constant(mask), word)
    return Rendering(operation, arguments, frozenset(), frozenset({1}), note, mask, call.name == "lock_page", True)
