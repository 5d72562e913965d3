"""Pointers in herd's C: the types that variables and primitives give what they point to."""

from litmus.program.syntax import Cast, Expression, Member
from litmus.program.types import Type

ADDRESS = Type("void", 8, signed=False, pointer=1)
POINTER = "int *"
"""The type of all variables that hold addresses: what they point to is said where it is another."""


def place_of(address: Expression) -> Expression:
    """Return what a field that is where its object is, or a cast, stands for."""
    match address:
        case Member(base, _, 0) | Cast(Type(pointer=1), base):
            return place_of(base)
    return address


def starred(kind: str) -> str:
    """Return the type of a pointer to what is of a type, as casts have it."""
    return f"{kind}*" if kind.endswith("*") else f"{kind} *"


def kind_of(name: str) -> str | None:
    """Return the type that a primitive wants the location to have that it gets the address of, None where any will
    do."""
    prefixes = {"atomic_": "atomic_t", "spin_": "spinlock_t", "srcu_": "struct srcu_struct"}
    if name.startswith("synchronize_srcu"):
        return "struct srcu_struct"
    return next((kind for prefix, kind in prefixes.items() if name.startswith(prefix)), None)
