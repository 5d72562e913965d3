"""Which types the kernel's primitives want: what a kernel compiler would not take, though it has a meaning here."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from litmus.errors import ParseError
from litmus.frontend.c.scope import Scope
from litmus.program.c11 import nodes
from litmus.program.primitive import PRIMITIVES, Guard, Primitive
from litmus.program.syntax import Access, Expression, Statement
from litmus.program.types import TYPES, Type
from litmus.source import Span

_COUNTERS: Mapping[str, str] = MappingProxyType(
    {"atomic64_": "atomic64_t", "atomic_long_": "atomic_long_t", "atomic_": "atomic_t", "refcount_": "refcount_t"}
)
_LOCKS = frozenset(guard.value for guard in Guard) - {Guard.DATA.value} | {"raw_spinlock_t"}
_OPAQUE = _LOCKS | frozenset(_COUNTERS.values())
"""Types whose values only their own primitives can reach."""
_CAST = re.compile(r"\*\s*\)")
"""With a cast to a pointer C takes anything."""


def require_type(name: str, address: Expression, span: Span, scope: Scope) -> None:
    """Doubt that the primitive called ``name`` can be applied to what ``address`` points to, where types tell.

    Raises:
        ParseError: where it would access another value than there is.
    """
    held, primitive = scope.pointee(address), PRIMITIVES.get(name)
    if held is None or primitive is None or _CAST.search(span.text):
        return
    wanted = _wanted(primitive)
    if wanted is None:
        if _opaque(held):
            scope.faults.doubt(f"{name}() is not for '{span.text}', which holds {_with_article(held)}", span)
    elif str(held) != wanted and not (wanted == Guard.SPINLOCK and str(held) == "raw_spinlock_t"):
        message = f"{name}() needs {_with_article(TYPES[wanted])}, '{span.text}' is of type {held}"
        if wanted not in _LOCKS and not same_values(held, TYPES[wanted]):
            raise ParseError(message, span)
        scope.faults.doubt(message, span)


def doubt_plain(body: tuple[Statement, ...], scope: Scope) -> None:
    """Doubt the accesses that ``body`` makes without a primitive to what only primitives can reach."""
    kinds = (*scope.shared.values(), *scope.locals.values())
    if not any(kind is not None and kind.name in _OPAQUE for kind in kinds):
        return
    for access in (node for node in nodes(body) if isinstance(node, Access)):
        held = scope.pointee(access.address)
        if held is not None and _opaque(held) and access.span and not _CAST.search(access.span.text):
            scope.faults.doubt(
                f"a plain access to '{access.span.text}', which holds {_with_article(held)}", access.span
            )


def same_values(one: Type, other: Type) -> bool:
    """Return whether the two types hold the same values: whether it makes no difference which of them it is."""
    if one.pointer or other.pointer:
        return bool(one.pointer and other.pointer)
    return (one.size, one.signed, one.is_bool) == (other.size, other.signed, other.is_bool)


def _wanted(primitive: Primitive) -> str | None:
    if primitive.guard is not Guard.DATA:
        return str(primitive.guard)
    return next((kind for prefix, kind in _COUNTERS.items() if primitive.name.startswith(prefix)), None)


def _opaque(kind: Type) -> bool:
    return not kind.pointer and kind.name in _OPAQUE


def _with_article(kind: Type) -> str:
    return f"{'an' if kind.name[0] in 'aeiou' else 'a'} {kind}"
