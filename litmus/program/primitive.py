"""The kernel primitives that may be called, by name: what each expects as arguments and whether it has a value.

Names and argument orders are the kernel's (include/linux/atomic/atomic-instrumented.h, include/linux/bitops.h,
Documentation/memory-barriers.txt, include/linux/rcupdate.h, include/linux/srcu.h, include/linux/spinlock.h). What a
primitive does on a target is told by `arch.compile`; by it a frontend rejects wrong calls with good messages.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product
from types import MappingProxyType

from litmus.dataclass import dataclass


class Parameter(StrEnum):
    """What a primitive expects in one place of its argument list."""

    LVALUE = "a location"  # the macro takes the variable itself: READ_ONCE(x); the call carries its address
    ADDRESS = "an address"
    VALUE = "a value"
    CONDITION = "a condition on VAL"
    LOCAL = "the address of a local variable"  # try_cmpxchg's `&old`: the call carries the Local itself


class Yield(StrEnum):
    """What a call gives."""

    NOTHING = "nothing"
    INT = "int"
    BOOL = "bool"
    CONTENT = "content"  # a value of the type of the location that the first address names


class Guard(StrEnum):
    """What the addresses of a primitive must point to, where C's type system would insist."""

    DATA = "data"
    SPINLOCK = "spinlock_t"
    RWLOCK = "rwlock_t"
    MUTEX = "struct mutex"
    SRCU = "struct srcu_struct"


@dataclass(frozen=True, slots=True)
class Primitive:
    """One primitive. ``optional`` trailing parameters may be left out."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    result: Yield = Yield.NOTHING
    guard: Guard = Guard.DATA
    optional: int = 0

    @property
    def arities(self) -> range:
        """The numbers of arguments that a call may have."""
        return range(len(self.parameters) - self.optional, len(self.parameters) + 1)


_COUNTERS = (
    ("atomic_long_", ("atomic_long_t", "atomic64_t")),  # one is a typedef of the other where long has 64 bits
    ("atomic64_", ("atomic64_t", "atomic_long_t")),
    ("atomic_", ("atomic_t",)),
    ("refcount_", ("refcount_t",)),
)


def counters(primitive: str) -> tuple[str, ...]:
    """Return the names of the types of counter that a primitive is for, by its name; none for plain data."""
    return next((types for prefix, types in _COUNTERS if primitive.startswith(prefix)), ())


LVALUE, ADDRESS, VALUE, CONDITION, LOCAL = Parameter
NOTHING, INT, BOOL, CONTENT = Yield
ORDERS = ("", "_relaxed", "_acquire", "_release")
COUNTERS = ("atomic_", "atomic64_", "atomic_long_")


def _fences() -> Iterator[Primitive]:
    after = ("before_atomic", "after_atomic", "after_spinlock", "after_unlock_lock", "after_srcu_read_unlock")
    names = ("barrier", "smp_mb", "smp_rmb", "smp_wmb", "mb", "rmb", "wmb", *(f"smp_mb__{which}" for which in after))
    yield from map(Primitive, names)
    yield Primitive("cpu_relax")
    yield Primitive("smp_acquire__after_ctrl_dep")


def _accesses() -> Iterator[Primitive]:
    yield Primitive("READ_ONCE", (LVALUE,), CONTENT)
    yield Primitive("WRITE_ONCE", (LVALUE, VALUE))
    yield Primitive("smp_load_acquire", (ADDRESS,), CONTENT)
    yield Primitive("smp_store_release", (ADDRESS, VALUE))
    yield Primitive("smp_store_mb", (LVALUE, VALUE))
    yield Primitive("smp_cond_load_relaxed", (ADDRESS, CONDITION), CONTENT)
    yield Primitive("smp_cond_load_acquire", (ADDRESS, CONDITION), CONTENT)
    yield Primitive("atomic_cond_read_relaxed", (ADDRESS, CONDITION), CONTENT)
    yield Primitive("atomic_cond_read_acquire", (ADDRESS, CONDITION), CONTENT)


def _rcu() -> Iterator[Primitive]:
    yield Primitive("rcu_assign_pointer", (LVALUE, VALUE))
    yield Primitive("rcu_dereference", (LVALUE,), CONTENT)
    yield Primitive("rcu_dereference_raw", (LVALUE,), CONTENT)
    yield Primitive("rcu_access_pointer", (LVALUE,), CONTENT)
    yield Primitive("RCU_INIT_POINTER", (LVALUE, VALUE))
    for name in ("rcu_read_lock", "rcu_read_unlock", "synchronize_rcu", "synchronize_rcu_expedited"):
        yield Primitive(name)
    for name in ("srcu_read_lock", "srcu_down_read"):
        yield Primitive(name, (ADDRESS,), INT, Guard.SRCU)
    for name in ("srcu_read_unlock", "srcu_up_read"):
        yield Primitive(name, (ADDRESS, VALUE), NOTHING, Guard.SRCU)
    for name in ("synchronize_srcu", "synchronize_srcu_expedited"):
        yield Primitive(name, (ADDRESS,), NOTHING, Guard.SRCU)


def _spin_locks() -> Iterator[Primitive]:
    for raw, irq in product(("", "raw_"), ("", "_irq", "_bh")):
        yield Primitive(f"{raw}spin_lock{irq}", (ADDRESS,), NOTHING, Guard.SPINLOCK)
        yield Primitive(f"{raw}spin_unlock{irq}", (ADDRESS,), NOTHING, Guard.SPINLOCK)
        yield Primitive(f"{raw}spin_trylock{irq}", (ADDRESS,), BOOL, Guard.SPINLOCK)
    for raw in ("", "raw_"):
        yield Primitive(f"{raw}spin_lock_irqsave", (ADDRESS, VALUE), NOTHING, Guard.SPINLOCK, 1)
        yield Primitive(f"{raw}spin_unlock_irqrestore", (ADDRESS, VALUE), NOTHING, Guard.SPINLOCK, 1)
        yield Primitive(f"{raw}spin_trylock_irqsave", (ADDRESS, VALUE), BOOL, Guard.SPINLOCK, 1)
        yield Primitive(f"{raw}spin_is_locked", (ADDRESS,), BOOL, Guard.SPINLOCK)


def _other_locks() -> Iterator[Primitive]:
    for kind, irq in product(("read", "write"), ("", "_irq", "_bh")):
        yield Primitive(f"{kind}_lock{irq}", (ADDRESS,), NOTHING, Guard.RWLOCK)
        yield Primitive(f"{kind}_unlock{irq}", (ADDRESS,), NOTHING, Guard.RWLOCK)
    for kind in ("read", "write"):
        yield Primitive(f"{kind}_trylock", (ADDRESS,), BOOL, Guard.RWLOCK)
        yield Primitive(f"{kind}_lock_irqsave", (ADDRESS, VALUE), NOTHING, Guard.RWLOCK, 1)
        yield Primitive(f"{kind}_unlock_irqrestore", (ADDRESS, VALUE), NOTHING, Guard.RWLOCK, 1)
    yield Primitive("mutex_lock", (ADDRESS,), NOTHING, Guard.MUTEX)
    yield Primitive("mutex_unlock", (ADDRESS,), NOTHING, Guard.MUTEX)
    yield Primitive("mutex_trylock", (ADDRESS,), BOOL, Guard.MUTEX)
    yield Primitive("mutex_is_locked", (ADDRESS,), BOOL, Guard.MUTEX)


def _exchanges() -> Iterator[Primitive]:
    for prefix, order in product(("", *COUNTERS), ORDERS):
        yield Primitive(f"{prefix}xchg{order}", (ADDRESS, VALUE), CONTENT)
        yield Primitive(f"{prefix}cmpxchg{order}", (ADDRESS, VALUE, VALUE), CONTENT)
        yield Primitive(f"{prefix}try_cmpxchg{order}", (ADDRESS, LOCAL, VALUE), BOOL)


def _counters(prefix: str) -> Iterator[Primitive]:
    yield Primitive(f"{prefix}read", (ADDRESS,), CONTENT)
    yield Primitive(f"{prefix}read_acquire", (ADDRESS,), CONTENT)
    yield Primitive(f"{prefix}set", (ADDRESS, VALUE))
    yield Primitive(f"{prefix}set_release", (ADDRESS, VALUE))
    for operation in ("add", "sub", "and", "or", "xor", "andnot"):
        yield Primitive(f"{prefix}{operation}", (VALUE, ADDRESS))
    for operation, order in product(("add", "sub", "and", "or", "xor", "andnot"), ORDERS):
        yield Primitive(f"{prefix}fetch_{operation}{order}", (VALUE, ADDRESS), CONTENT)
    for operation, order in product(("add", "sub"), ORDERS):
        yield Primitive(f"{prefix}{operation}_return{order}", (VALUE, ADDRESS), CONTENT)
    for operation in ("inc", "dec"):
        yield Primitive(f"{prefix}{operation}", (ADDRESS,))
        for order in ORDERS:
            yield Primitive(f"{prefix}{operation}_return{order}", (ADDRESS,), CONTENT)
            yield Primitive(f"{prefix}fetch_{operation}{order}", (ADDRESS,), CONTENT)


def _tests(prefix: str) -> Iterator[Primitive]:
    yield Primitive(f"{prefix}sub_and_test", (VALUE, ADDRESS), BOOL)
    yield Primitive(f"{prefix}inc_and_test", (ADDRESS,), BOOL)
    yield Primitive(f"{prefix}dec_and_test", (ADDRESS,), BOOL)
    for order in ORDERS:
        yield Primitive(f"{prefix}add_negative{order}", (VALUE, ADDRESS), BOOL)
    yield Primitive(f"{prefix}add_unless", (ADDRESS, VALUE, VALUE), BOOL)
    yield Primitive(f"{prefix}fetch_add_unless", (ADDRESS, VALUE, VALUE), CONTENT)
    yield Primitive(f"{prefix}inc_not_zero", (ADDRESS,), BOOL)
    yield Primitive(f"{prefix}inc_unless_negative", (ADDRESS,), BOOL)
    yield Primitive(f"{prefix}dec_unless_positive", (ADDRESS,), BOOL)
    yield Primitive(f"{prefix}dec_if_positive", (ADDRESS,), CONTENT)


def _refcounts() -> Iterator[Primitive]:
    yield Primitive("refcount_set", (ADDRESS, VALUE))
    yield Primitive("refcount_set_release", (ADDRESS, VALUE))
    yield Primitive("refcount_read", (ADDRESS,), CONTENT)
    yield Primitive("refcount_inc", (ADDRESS,))
    yield Primitive("refcount_dec", (ADDRESS,))
    yield Primitive("refcount_add", (VALUE, ADDRESS))
    for order in ("", "_acquire"):
        yield Primitive(f"refcount_inc_not_zero{order}", (ADDRESS,), BOOL)
        yield Primitive(f"refcount_add_not_zero{order}", (VALUE, ADDRESS), BOOL)
    yield Primitive("refcount_dec_if_one", (ADDRESS,), BOOL)
    yield Primitive("refcount_dec_not_one", (ADDRESS,), BOOL)
    yield Primitive("refcount_dec_and_test", (ADDRESS,), BOOL)
    yield Primitive("refcount_sub_and_test", (VALUE, ADDRESS), BOOL)


def _bits() -> Iterator[Primitive]:
    for operation, plain in product(("set", "clear", "change"), ("", "__")):
        yield Primitive(f"{plain}{operation}_bit", (VALUE, ADDRESS))
        yield Primitive(f"{plain}test_and_{operation}_bit", (VALUE, ADDRESS), BOOL)
    yield Primitive("test_bit", (VALUE, ADDRESS), BOOL)
    yield Primitive("test_bit_acquire", (VALUE, ADDRESS), BOOL)
    yield Primitive("test_and_set_bit_lock", (VALUE, ADDRESS), BOOL)
    yield Primitive("clear_bit_unlock", (VALUE, ADDRESS))
    yield Primitive("__clear_bit_unlock", (VALUE, ADDRESS))


def _bit_locks() -> Iterator[Primitive]:
    """The kernel passes the page to lock_page(); here it is the number of its lock bit and the word of flags."""
    for lock, attempt, unlock in (
        ("bit_spin_lock", "bit_spin_trylock", "bit_spin_unlock"),
        ("lock_page", "trylock_page", "unlock_page"),
    ):
        yield Primitive(lock, (VALUE, ADDRESS))
        yield Primitive(attempt, (VALUE, ADDRESS), BOOL)
        yield Primitive(unlock, (VALUE, ADDRESS))


def _all() -> Iterator[Primitive]:
    for family in (_fences, _accesses, _rcu, _spin_locks, _other_locks, _exchanges, _refcounts, _bits, _bit_locks):
        yield from family()
    for prefix in COUNTERS:
        yield from _counters(prefix)
        yield from _tests(prefix)


PRIMITIVES: Mapping[str, Primitive] = MappingProxyType({primitive.name: primitive for primitive in _all()})
"""Every primitive by its name."""
