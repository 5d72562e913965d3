"""Dataclasses with slots that cost little until they are used.

The standard library writes and compiles six functions for each class when its module is imported: most of a millisecond
for each of hundreds of classes, when a test on the command line needs a few dozen of them. Here comparing, hashing and
printing are functions that all classes share, and a class's ``__init__`` is compiled when it is first called. What
these classes do is what the standard library's do, as far as they are used here; `dataclasses.fields`, `replace` and
`is_dataclass` know them. Import them by `litmus.dataclass`, as which type checkers see the standard library's.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from operator import attrgetter, ge, gt, le, lt
from types import CodeType, FunctionType
from typing import Any, ClassVar, TypeVar, cast, get_origin

Class = TypeVar("Class", bound=type)
Method = Callable[..., Any]

_MISSING: Any = object()
"""Stands for a default that there is none of, and for an argument that was not given."""

_SPECIFICATION = "__record__"
"""The attribute of a class that keeps its `_Specification`."""


class _Field:
    """What `field` says of one field, see `dataclasses.field`."""

    __slots__ = ("compare", "default", "default_factory", "hash", "init", "name", "repr")

    def __init__(self, default: Any, default_factory: Any, init: bool, repr: bool, compare: bool, hash: bool) -> None:  # noqa: A002
        self.name = ""
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare, self.hash = init, repr, compare, hash


def field(
    *,
    default: Any = _MISSING,
    default_factory: Any = _MISSING,
    init: bool = True,
    repr: bool = True,  # noqa: A002
    compare: bool = True,
    hash: bool | None = None,  # noqa: A002
) -> Any:
    """Say more of a field than its type and default, as `dataclasses.field` does."""
    return _Field(default, default_factory, init, repr, compare, compare if hash is None else hash)


class _Specification:
    """A class as it was written, and its fields, those of its bases first."""

    __slots__ = ("fields", "frozen", "given", "places", "written")

    def __init__(self, written: type, fields: tuple[_Field, ...], frozen: bool) -> None:
        self.written, self.fields, self.frozen = written, fields, frozen
        names = [f.name for f in fields if f.init]
        self.places = {name: place for place, name in enumerate(names)}
        """Where the fields that ``__init__`` takes are among its arguments."""
        self.given = attrgetter(*names) if len(names) > 1 else lambda record: [getattr(record, name) for name in names]
        """Gives the values of these fields."""


def dataclass(*, frozen: bool = False, slots: bool, eq: bool = True, order: bool = False) -> Callable[[Class], Class]:
    """Return a decorator that makes a dataclass with slots, as `dataclasses.dataclass` does.

    Raises:
        TypeError: for a class without slots, which would gain nothing here.
    """
    if not slots:
        raise TypeError("a dataclass without slots is the standard library's business")

    def decorate(written: Class) -> Class:
        return _made(written, frozen, eq, order)

    return decorate


def replace(record: Any, /, **changes: Any) -> Any:
    """Return ``record`` with other values in some fields, as `dataclasses.replace` does."""
    specification: _Specification = getattr(record, _SPECIFICATION)
    values = list(specification.given(record))
    try:
        for name, value in changes.items():
            values[specification.places[name]] = value
    except KeyError:
        return type(record)(**changes)  # which says what is wrong
    return type(record)(*values)


def fields(record: Any) -> tuple[Any, ...]:
    """Return the fields of a dataclass or of an object of one, with their names."""
    return _fields(record)


def is_dataclass(value: object) -> bool:
    """Whether ``value`` is a dataclass made here, or an object of one."""
    return hasattr(value, _SPECIFICATION)


def _made(written: Class, frozen: bool, eq: bool, order: bool) -> Class:
    own = tuple(_own_fields(written))
    names = {f.name for f in own}
    inherited = tuple(f for f in _inherited(written) if f.name not in names)
    fields = (*inherited, *own)
    space = {name: value for name, value in vars(written).items() if name not in (*names, "__dict__", "__weakref__")}
    space["__slots__"] = tuple(f.name for f in own)
    space["__match_args__"] = tuple(f.name for f in fields if f.init)
    space[_SPECIFICATION] = _Specification(written, fields, frozen)
    space["__dataclass_fields__"] = _StandardFields()
    if "__eq__" in space and space.get("__hash__") is None:
        space.pop("__hash__", None)  # put there by Python, which knows no dataclass yet
    for name, method in _methods(frozen, eq, order):
        space.setdefault(name, method)
    made = type(written)(written.__name__, written.__bases__, space)
    made.__qualname__ = written.__qualname__
    return made


def _inherited(written: type) -> tuple[_Field, ...]:
    found = getattr(written, _SPECIFICATION, None)
    return () if found is None else tuple(found.fields)


def _own_fields(written: type) -> Iterator[_Field]:
    for name, annotation in _annotations(written).items():
        if _is_class_variable(annotation):
            continue
        default = vars(written).get(name, _MISSING)
        found = default if isinstance(default, _Field) else field(default=default)
        found.name = name
        yield found


def _annotations(written: type) -> Mapping[str, Any]:
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        return get_annotations(written, format=Format.FORWARDREF)
    return cast("Mapping[str, Any]", vars(written).get("__annotations__", {}))


def _is_class_variable(annotation: Any) -> bool:
    return annotation is ClassVar or get_origin(annotation) is ClassVar


class _StandardFields:
    """The attribute by which `dataclasses` knows a dataclass: made as it makes it, where it is looked at."""

    __slots__ = ()

    def __get__(self, instance: object, owner: type) -> Mapping[str, Any]:
        from dataclasses import MISSING, make_dataclass
        from dataclasses import field as standard

        def known(value: Any) -> Any:
            return MISSING if value is _MISSING else value

        specification: _Specification = getattr(owner, _SPECIFICATION)
        fields = [
            (f.name, Any, standard(default=known(f.default), default_factory=known(f.default_factory), init=f.init,
                                   repr=f.repr, compare=f.compare, hash=f.hash))
            for f in specification.fields
        ]  # fmt: skip
        made = make_dataclass(owner.__name__, fields, eq=False, repr=False)
        owner.__dataclass_fields__ = made.__dataclass_fields__  # type: ignore[attr-defined]
        return cast("Mapping[str, Any]", vars(made)["__dataclass_fields__"])


# -------------------------------------------------------------------------------------------------------------- methods
def _methods(frozen: bool, eq: bool, order: bool) -> Iterator[tuple[str, Method | None]]:
    yield "__init__", _first_init
    yield "__repr__", _repr
    if eq:
        yield "__eq__", _first_equality
        yield "__hash__", _first_hash if frozen else None
    for compare in (lt, le, gt, ge) if order else ():
        yield f"__{compare.__name__}__", _comparison(compare)
    if frozen:
        yield "__setattr__", _refuse_to_set
        yield "__delattr__", _refuse_to_delete
        yield "__getstate__", _state
        yield "__setstate__", _restore


def _first_init(self: Any, *arguments: Any, **named: Any) -> None:
    """Stands for ``__init__`` until it is first called."""
    _settled(self, "__init__", _first_init, _init)(self, *arguments, **named)


def _first_equality(self: Any, other: Any) -> Any:
    """Stands for ``__eq__`` until it is first called."""
    return _settled(self, "__eq__", _first_equality, _equality)(self, other)


def _first_hash(self: Any) -> int:
    """Stands for ``__hash__`` until it is first called."""
    found: int = _settled(self, "__hash__", _first_hash, _hash)(self)
    return found


def _settled(
    self: object, name: str, placeholder: Method, make: Callable[[type, tuple[_Field, ...]], Method]
) -> Method:
    """Put the method of that name in the place of what stands for it, and return it."""
    owner = next(c for c in type(self).__mro__ if vars(c).get(name) is placeholder)
    specification: _Specification = getattr(owner, _SPECIFICATION)
    method = make(owner, specification.fields)
    setattr(owner, name, method)
    return method


def _init(owner: type, fields: tuple[_Field, ...]) -> Method:
    """Return ``__init__`` of a class. Fields are set through their slots, which a frozen class lets nobody forbid."""
    kinds = "".join(_kind(f) for f in fields)
    code = _init_code(kinds, hasattr(owner, "__post_init__"))
    names = tuple(f.name for f in fields if f.init)
    space: dict[str, Any] = {"_MISSING": _MISSING}
    for i, f in enumerate(fields):
        space[f"_set_{i}"] = getattr(owner, f.name).__set__
        space[f"_make_{i}"] = f.default_factory
        space[f"_default_{i}"] = f.default
    defaults = tuple(
        f.default for f in fields if f.init and (f.default is not _MISSING or f.default_factory is not _MISSING)
    )
    named = code.replace(co_varnames=("self", *names), co_qualname=f"{owner.__qualname__}.__init__")
    return FunctionType(named, space, "__init__", defaults)


def _kind(f: _Field) -> str:
    if f.default_factory is not _MISSING:
        return "m" if f.init else "M"
    return "p" if f.init else "-" if f.default is _MISSING else "d"


_SETTINGS = {
    "p": "_set_{i}(self, p{i})",
    "m": "_set_{i}(self, _make_{i}() if p{i} is _MISSING else p{i})",
    "M": "_set_{i}(self, _make_{i}())",
    "d": "_set_{i}(self, _default_{i})",
}
"""How a field is set: to a parameter, to what is made where that is not given, to what is always made, to a default."""


@cache
def _init_code(kinds: str, followed: bool) -> CodeType:
    """Compile ``__init__`` for fields of these kinds. Classes whose fields differ only in their names share it: to give
    the parameters other names takes no compiler. ``followed``: whether ``__post_init__`` is called at the end."""
    parameters = "".join(f", p{i}" for i, kind in enumerate(kinds) if kind in "pm")
    lines = [_SETTINGS[kind].format(i=i) for i, kind in enumerate(kinds) if kind != "-"]
    lines += ["self.__post_init__()"] if followed else []
    space: dict[str, Any] = {}
    exec(f"def __init__(self{parameters}):\n" + "\n".join(f" {line}" for line in lines or ["pass"]), space)
    return cast("CodeType", space["__init__"].__code__)


def _equality(owner: type, fields: tuple[_Field, ...]) -> Method:
    names = [f.name for f in fields if f.compare]
    lines = [
        "if other.__class__ is self.__class__:",
        f" return {_tuple('self', names)} == {_tuple('other', names)}",
        "return NotImplemented",
    ]
    return _compiled(owner, "__eq__(self, other)", lines, {})


def _hash(owner: type, fields: tuple[_Field, ...]) -> Method:
    values = _tuple("self", [f.name for f in fields if f.hash])
    return _compiled(owner, "__hash__(self)", [f"return hash({values})"], {})


def _tuple(of: str, names: list[str]) -> str:
    return f"({''.join(f'{of}.{name}, ' for name in names)})"


def _compiled(owner: type, heading: str, lines: list[str], space: dict[str, Any]) -> Method:
    name = heading.partition("(")[0]
    exec(f"def {heading}:\n" + "\n".join(f" {line}" for line in lines), space)
    method: Method = space[name]
    method.__qualname__ = f"{owner.__qualname__}.{name}"
    return method


def _comparison(compare: Method) -> Method:
    def comparison(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return compare(_compared(self), _compared(other))

    return comparison


def _compared(of: object) -> tuple[Any, ...]:
    return tuple(getattr(of, f.name) for f in _fields(of) if f.compare)


def _repr(self: Any) -> str:
    shown = (f"{f.name}={getattr(self, f.name)!r}" for f in _fields(self) if f.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _fields(of: object) -> tuple[_Field, ...]:
    specification: _Specification = getattr(of, _SPECIFICATION)
    return specification.fields


def _refuse_to_set(_: object, name: str, _value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_: object, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: object) -> list[Any]:
    return [getattr(self, f.name) for f in _fields(self)]


def _restore(self: object, state: list[Any]) -> None:
    for f, value in zip(_fields(self), state, strict=True):
        object.__setattr__(self, f.name, value)
