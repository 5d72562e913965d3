"""The code that a row of a lowering table stands for, in the mnemonics of its architecture.

It is read off the tags that the compiler puts on events, so that it says of a row what a model sees of it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from litmus.arch.lowering import Row, load_lowering

_SWAPS = ("cmpxchg", "unless", "lock")


def code_of(section: str, row: Row, table: str, conditional: bool) -> str:
    """Return the instructions of a row, empty where there are none; what a conditional update leaves that fails too."""
    if row.exchange is not None:
        other, _, name = row.exchange.partition(".")
        return code_of(other, load_lowering(table).row(other, name), table, False)
    machine = table.partition("-")[0]
    before, after = ([_fence(machine, tag) for tag in fences] for fences in (row.before, row.after))
    match section:
        case "fence":
            main = [_fence(machine, tag) for tag in row.emit]
        case "load" | "store":
            main = [_ACCESSES[machine](section, row)]
        case _:
            main = [_UPDATES[machine](section, row)]
    code = "; ".join((*before, *main, *after))
    fails = f", *fails:* {_failure(machine, section, row)}" if conditional else ""
    return f"`{code}`{fails}" if code else ""


def _fence(machine: str, tag: str) -> str:
    """Return a fence as assembly has it: ``DMB.ISH`` is ``dmb ish``, ``Fence.rw.w`` is ``fence rw,w``."""
    name, _, rest = tag.lower().partition(".")
    if machine == "riscv":
        return "fence.i" if tag == "Fence.i" else f"{name} {rest.replace('.', ',')}".replace("fence tso", "fence.tso")
    return f"{name} {rest}".rstrip()


def _arm_access(section: str, row: Row) -> str:
    return (
        ("ldar" if "A" in row.tags else "ldapr" if "Q" in row.tags else "ldr")
        if section == "load"
        else ("stlr" if "L" in row.tags else "str")
    )


def _same(load: str, store: str) -> Callable[[str, Row], str]:
    return lambda section, _: load if section == "load" else store


def _arm_update(section: str, row: Row) -> str:
    acquire, release = "A" in row.read, "L" in row.write
    if row.flavour == "lxsx":
        look = "; cmp" if section in _SWAPS else "; op"
        return f"{{ ld{'a' if acquire else ''}xr{look}; st{'l' if release else ''}xr }}"
    suffix = ("a" if acquire else "") + ("l" if release else "")
    if section in _SWAPS:
        return f"cas{suffix}"
    return f"st‹op›{suffix}" if "NoRet" in row.read else f"ld‹op›{suffix}"


def _riscv_update(section: str, row: Row) -> str:
    if row.flavour == "lxsx":
        acquire = ".aq" if row.read & {"Acq", "AcqRel"} else ""
        release = ".rl" if row.write & {"Rel", "AcqRel"} else ""
        return f"{{ lr{acquire}; {'cmp' if section in _SWAPS else 'op'}; sc{release} }}"
    suffix = {"Acq": ".aq", "Rel": ".rl", "AcqRel": ".aqrl"}
    return "amo‹op›" + "".join(suffix[tag] for tag in sorted(row.read & suffix.keys()))


def _failure(machine: str, section: str, row: Row) -> str:
    """What is left of an update that fails: a load, or with ``failure_writes`` the whole of it."""
    if row.failure_writes:
        return "the same, with the old value"
    if section == "cmpxchg" and row.flavour == "amo" and machine == "armv8":
        return "its read" + (", acquire" if "A" in row.failed else "")
    before = "".join(f"{_fence(machine, tag)}; " for tag in row.before)
    exclusive = {"armv8": "ldaxr" if "A" in row.failed else "ldxr", "power": "lwarx", "riscv": "lr"}
    load = exclusive[machine] if "X" in row.failed else _ACCESSES[machine]("load", Row("", tags=row.failed))
    return f"`{before}{load}`"


_ACCESSES: Mapping[str, Callable[[str, Row], str]] = MappingProxyType(
    {"x86": _same("mov", "mov"), "armv8": _arm_access, "power": _same("ld", "std"), "riscv": _same("ld", "sd")}
)
_UPDATES: Mapping[str, Callable[[str, Row], str]] = MappingProxyType(
    {
        "x86": lambda section, _: "lock cmpxchg" if section in _SWAPS else "lock ‹op›",
        "armv8": _arm_update,
        "power": lambda section, _: f"{{ lwarx; {'cmpw' if section in _SWAPS else 'op'}; stwcx. }}",
        "riscv": _riscv_update,
    }
)
