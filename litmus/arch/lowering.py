"""Lowering tables: how a target realises each ordering class of access, update and fence.

A table is TOML (``models/lowering/TARGET.toml``): sections of rows, each naming the kernel file that it follows
(``source``). ``same = "section.row"`` starts from another row of the table.
"""

import marshal
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import cast

from litmus import store
from litmus.dataclass import dataclass
from litmus.errors import ModelError, did_you_mean
from litmus.program.instruction import Tags
from litmus.resources import model_source
from litmus.source import Source, Span

NEVER, BEFORE_6_0, ALWAYS = "never", "pre-6.0", "always"


@dataclass(frozen=True, slots=True)
class Row:
    """One class of one kind of operation.

    ``before`` and ``after`` are fences, by their tags, around the access; ``tags`` are a load's or a store's,
    ``read``, ``write`` and ``failed`` an update's. ``failure_writes``: a failed update writes the old value back.
    ``carries``: a store-conditional is tried again by a branch on a register that depends on it.
    ``acquired`` are the tags of the read of an update that is an acquire by what it reads. ``looks``: it looks at the
    location before its fences, and gives up by that look.
    ``exchange``: the store is an update of that class whose value is dropped. ``null``: the class of a store of NULL.
    ``shortcut``: when generic code looks first and leaves a bit alone that needs no change. ``emit`` are the fences
    that a fence is, ``guards`` those before and after an update where it is written. A row that has an ``unsupported``
    says why it cannot be.
    """

    source: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    tags: Tags = frozenset()
    zero_tags: Tags | None = None
    exchange: str | None = None
    null: str | None = None
    read: Tags = frozenset()
    write: Tags = frozenset()
    failed: Tags = frozenset()
    flavour: str = "amo"
    failure_writes: bool = False
    acquired: Tags = frozenset()
    looks: bool = False
    carries: bool = False
    shortcut: str = NEVER
    emit: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    unsupported: str | None = None


@dataclass(frozen=True, slots=True)
class Lowering:
    """The table of one target; ``rows`` are by ``section.name``."""

    target: str
    rows: Mapping[str, Row]

    def row(self, section: str, name: str) -> Row:
        """Return a row, which may be an ``unsupported`` one."""
        return self.rows[f"{section}.{name}"]


@cache
def load_lowering(target: str) -> Lowering:
    """Return the shipped table of a target; ``armv8-lse`` is another one of ``armv8``.

    Raises:
        ModelError: where the table is not in order.
    """
    return parse_lowering(model_source(f"lowering/{target}.toml"), target.partition("-")[0])


def able(section: str, name: str) -> tuple[str, ...]:
    """Return the targets that can express a row."""
    return tuple(target for target in _TAGS if load_lowering(target).row(section, name).unsupported is None)


_COMMON = {"source", "same", "unsupported"}
_UPDATE = {"before", "after", "read", "write", "failed", "flavour", "failure_writes", "carries", "shortcut"} | {
    *("acquired", "looks"),
}
_KEYS = {
    "load": _COMMON | {"before", "after", "tags", "zero_tags"},
    "store": _COMMON | {"before", "after", "tags", "exchange", "null"},
    "op": _COMMON | _UPDATE,
    "cmpxchg": _COMMON | _UPDATE,
    "unless": _COMMON | _UPDATE,
    "bit": _COMMON | _UPDATE,
    "lock": _COMMON | _UPDATE,
    "fence": _COMMON | {"emit"},
}
_ORDERS = ("relaxed", "acquire", "release", "full")
_ROWS = {
    "load": ("plain", "once", "acquire", "is_locked", "srcu_lock", "cond_relaxed", "cond_acquire"),
    "store": ("plain", "once", "release", "assign", "mb", "unlock", "srcu_unlock"),
    "op": ("noreturn", *_ORDERS),
    "cmpxchg": _ORDERS,
    "unless": _ORDERS,
    "bit": ("relaxed", "full", "lock", "unlock"),
    "lock": ("spin", "try"),
    "fence": (
        "barrier",
        "smp_mb",
        "smp_rmb",
        "smp_wmb",
        "smp_mb__before_atomic",
        "smp_mb__after_atomic",
        "smp_mb__after_spinlock",
        "smp_mb__after_unlock_lock",
        "smp_mb__after_srcu_read_unlock",
        "smp_acquire__after_ctrl_dep",
        "rcu_read_lock",
        "rcu_read_unlock",
        "synchronize_rcu",
        "synchronize_srcu",
    ),
}
_TAGS = {
    "lkmm": {"Plain", "Once", "Acquire", "Release", "Noreturn", "Mb", "RMW", "LKR", "LKW", "UL", "LF", "RL", "RU"}
    | {"Srcu-lock", "Srcu-unlock"},
    "armv8": {"A", "Q", "L", "X", "NoRet"},
    "power": {"X"},
    "riscv": {"Acq", "Rel", "AcqRel", "X"},
    "x86": {"X"},
    "sc": set[str](),
}
_SETS = ("r", "w", "rw")
_FENCES = {
    "lkmm": {"Mb", "Rmb", "Wmb", "Barrier", "Rcu-lock", "Rcu-unlock", "Sync-rcu", "Sync-srcu", "Before-atomic"}
    | {"After-atomic", "After-spinlock", "After-unlock-lock", "After-srcu-read-unlock"},
    "armv8": {f"{kind}.{domain}" for kind in ("DMB", "DSB") for domain in ("ISH", "ISHLD", "ISHST", "SY", "LD", "ST")}
    | {"ISB"},
    "power": {"SYNC", "LWSYNC", "EIEIO", "ISYNC"},
    "riscv": {f"Fence.{before}.{after}" for before in _SETS for after in _SETS} | {"Fence.tso", "Fence.i"},
    "x86": {"MFENCE", "SFENCE", "LFENCE"},
    "sc": set[str](),
}

Fields = dict[str, object]


def parse_lowering(source: Source, target: str) -> Lowering:
    """Return the table in ``source``, checked: every row there is and no other, known keys, known tags. Rows that it
    does not have are those of its ``base``, if it names one.

    Raises:
        ModelError: naming the row.
    """
    content = _content(source)
    base = content.pop("base", None)
    if isinstance(base, str):
        inherited = _content(model_source(f"lowering/{base}.toml"))
        content = inherited | {key: _over(inherited.get(key), value) for key, value in content.items()}
    return _Reader(source, target).table(content)


def _content(source: Source) -> Fields:
    key = store.edition() + f"toml {source.text}".encode()
    kept = store.get(key)
    if kept is not None:
        with suppress(ValueError, TypeError, EOFError):
            return cast("Fields", marshal.loads(kept))
    import tomllib

    try:
        content = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{source.name} is not TOML: {error}") from None
    with suppress(ValueError):  # a date, which no row has
        store.put(key, marshal.dumps(content))
    return content


def _over(inherited: object, own: object) -> object:
    """Return the rows of a section, those of its own first."""
    return inherited | own if isinstance(inherited, dict) and isinstance(own, dict) else own


@dataclass(frozen=True, slots=True)
class _Reader:
    source: Source
    target: str

    def error(self, message: str, section: str, name: str | None = None, hint: str | None = None) -> ModelError:
        """Return the error with the place of the row, or of the section's head."""
        return ModelError(message, _place(self.source, section, name), hint=hint)

    def table(self, content: Fields) -> Lowering:
        """Return the whole table."""
        if content.pop("target", None) != self.target:
            raise ModelError(f'{self.source.name} does not say target = "{self.target}"')
        for section, rows in content.items():
            if section not in _ROWS or not isinstance(rows, dict):
                raise self.error(f"unknown section '{section}'", section, hint=did_you_mean(section, _ROWS))
            self._same_names(section, rows)
        missing = [section for section in _ROWS if section not in content]
        if missing:
            raise ModelError(f"{self.source.name} has no section [{missing[0]}]")
        rows = {f"{section}.{name}": self.row(content, section, name) for section in _ROWS for name in _ROWS[section]}
        return Lowering(self.target, rows)

    def _same_names(self, section: str, rows: Fields) -> None:
        for name in rows:
            if name not in _ROWS[section]:
                hint = did_you_mean(name, _ROWS[section])
                raise self.error(f"unknown row '{section}.{name}'", section, name, hint)
        for name in _ROWS[section]:
            if name not in rows:
                raise self.error(f"row '{section}.{name}' is missing", section)

    def row(self, content: Fields, section: str, name: str) -> Row:
        """Return one row, with what it takes over from others."""
        fields = self.fields(content, section, name, ())
        if "source" not in fields:
            raise self.error(f"row '{section}.{name}' does not name its source", section, name)
        return Row(**{key: self.value(section, name, key, value) for key, value in fields.items()})  # type: ignore[arg-type]

    def fields(self, content: Fields, section: str, name: str, seen: tuple[str, ...]) -> Fields:
        """Return the keys of a row with those of the rows that it is the ``same`` as."""
        key = f"{section}.{name}"
        rows = content.get(section)
        own = rows.get(name) if isinstance(rows, dict) else None
        if not isinstance(own, dict) or key in seen:
            raise self.error(f"row '{key}' is not a row, or the same as itself", section, name)
        for field in own:
            if field not in _KEYS[section]:
                hint = did_you_mean(field, _KEYS[section])
                raise self.error(f"unknown key '{field}' in row '{key}'", section, name, hint)
        if "same" not in own:
            return own
        other, _, row = str(own["same"]).partition(".")
        if row not in _ROWS.get(other, ()):
            raise self.error(f"row '{key}' is the same as '{own['same']}', which is not there", section, name)
        inherited = self.fields(content, other, row, (*seen, key))
        return inherited | {field: value for field, value in own.items() if field != "same"}

    def value(self, section: str, name: str, key: str, value: object) -> object:
        """Return one value, of the type that the key wants."""
        reader = _VALUES.get(key)
        allowed = _FENCES if key in ("before", "after", "emit") else _TAGS
        if reader is not None:
            self._known(section, name, key, value, allowed[self.target])
            return reader(value)
        wanted = bool if key in ("failure_writes", "carries", "looks") else str
        if not isinstance(value, wanted) or (key in _CHOICES and value not in _CHOICES[key]):
            raise self.error(f"'{key}' of row '{section}.{name}' cannot be {value!r}", section, name)
        return value

    def _known(self, section: str, name: str, key: str, value: object, allowed: set[str]) -> None:
        if not isinstance(value, list):
            raise self.error(f"'{key}' of row '{section}.{name}' is not a list", section, name)
        for tag in value:
            if tag not in allowed:
                hint = did_you_mean(str(tag), allowed)
                message = f"{self.target} has no tag '{tag}' ('{key}' of '{section}.{name}')"
                raise self.error(message, section, name, hint)


_VALUES: Mapping[str, Callable[..., object]] = {
    "before": tuple,
    "after": tuple,
    "emit": tuple,
    "tags": frozenset,
    "zero_tags": frozenset,
    "read": frozenset,
    "write": frozenset,
    "failed": frozenset,
    "acquired": frozenset,
}
_CHOICES = {
    "shortcut": (NEVER, BEFORE_6_0, ALWAYS),
    "flavour": ("amo", "lxsx", "lock"),
    "exchange": ("op.full",),
    "null": _ROWS["store"],
}


def _place(source: Source, section: str, name: str | None) -> Span:
    head = re.search(rf"^\[{re.escape(section)}\]", source.text, re.MULTILINE)
    start = head.start() if head else 0
    row = re.compile(rf"^{re.escape(name)}\b", re.MULTILINE).search(source.text, start) if name else None
    found = row or head
    return source.span(found.start(), found.end()) if found else source.span(0, 0)
