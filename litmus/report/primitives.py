"""docs/primitives.md: what each primitive of the kernel becomes, told from the tables that the compiler uses.

Primitives whose recipes differ only in what they compute share a row.
"""

from collections.abc import Iterable, Iterator

from litmus.arch.catalogue import recipes
from litmus.arch.lowering import Row, load_lowering
from litmus.arch.recipe import Barrier, Read, Recipe, Require, Step, Update, When, Write
from litmus.dataclass import dataclass
from litmus.report.mnemonic import code_of

TABLES = {
    "lkmm": "LKMM",
    "x86": "x86",
    "armv8": "arm64, LL/SC",
    "armv8-lse": "arm64, LSE",
    "power": "powerpc",
    "riscv": "riscv",
}
"""The lowering tables, with the heads of their columns."""

_HEAD = """# What each primitive becomes

Written by a test from the tables that the compiler uses ([lowering.md](lowering.md) tells of them): `pytest --promote`
writes it anew, and it is never edited. `atomic64_` and `atomic_long_` are as `atomic_`; `_irq`, `_bh` and `raw_`
spellings as those without.

`R[…]`, `W[…]` and `F[…]` are events with the tags that the kernel's model sees; `R →rmw W` is an update. *fails:* is
what is left of a conditional update that changes nothing. Code between braces is a loop that is left when the
store-conditional succeeds. `op` and `‹op›` are what is computed: `add`, `or`, `swp` …
"""


def primitives_page() -> str:
    """Return the whole page."""
    lines = [_HEAD, "## By primitive", "", *_table(["primitive", *TABLES.values()], _by_primitive())]
    lines += ["", "## Where the kernel has it", ""]
    for table, title in TABLES.items():
        lines += [f"### {title}", "", *_table(["class", "becomes", "follows"], _by_class(table)), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = tuple(head)
    yield _row(head)
    yield _row("---" for _ in head)
    yield from map(_row, rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


# -------------------------------------------------------------------------------------------------------- by primitive
@dataclass(frozen=True, slots=True)
class _Shape:
    """What orders a primitive: the rows of its steps. ``words`` say what comes between."""

    parts: tuple[tuple[str, str], ...]


def _by_primitive() -> Iterator[Iterable[str]]:
    shapes: dict[_Shape, list[str]] = {}
    for name, recipe in recipes().items():
        if not _is_spelling(name):
            shapes.setdefault(_shape(recipe), []).append(name)
    for shape, names in shapes.items():
        yield " ".join(f"`{name}`" for name in names), *(_realised(shape, table) for table in TABLES)


def _is_spelling(name: str) -> bool:
    """Whether a primitive is as another one that stands in the table."""
    interrupts = name.endswith(("_irq", "_bh", "_irqsave", "_irqrestore"))
    return interrupts or name.startswith(("raw_", "atomic64_", "atomic_long_"))


def _shape(recipe: Recipe) -> _Shape:
    return _Shape(tuple(_parts(recipe.steps)))


def _parts(steps: Iterable[Step]) -> Iterator[tuple[str, str]]:
    """Yield the rows that steps name, each with the words before it."""
    for step in steps:
        match step:
            case Read(row, until):
                yield "", f"load.{row}"
                if until:
                    yield "until the condition holds", ""
            case Write(row):
                yield "", f"store.{row}"
            case Update(section, row):
                yield _manner(step), f"{section}.{row}"
            case Barrier(row):
                yield "", f"fence.{row}"
            case Require():
                yield "waits until it is free", ""
            case When(_, inner):
                yield "if it was the last:", ""
                yield from _parts(inner)


def _manner(step: Update) -> str:
    ways = {"conditional": step.condition, "shortcut": step.shortcut, "acquired": step.acquired}
    return next((way for way, condition in ways.items() if condition is not None), "")


def _realised(shape: _Shape, table: str) -> str:
    lowering = load_lowering(table)
    told = []
    for words, name in shape.parts:
        if not name:
            told.append(f"*{words}*")
            continue
        section, _, row = name.partition(".")
        found = lowering.row(section, row)
        conditional = words == "conditional" or (words == "shortcut" and found.shortcut == "always")
        told.append(_told(section, found, table, conditional))
        if words == "acquired" and found.acquired:
            told.append(f"*(of the last:* `R{_tags(found.acquired)}`*)*")
    return " ".join(filter(None, told)) or "nothing"


def _told(section: str, row: Row, table: str, conditional: bool) -> str:
    if row.unsupported is not None:
        return f"error: {row.unsupported}"
    return events_of(section, row, conditional) if table == "lkmm" else code_of(section, row, table, conditional)


# ------------------------------------------------------------------------------------------------------------ by class
def _by_class(table: str) -> Iterator[Iterable[str]]:
    for name, row in load_lowering(table).rows.items():
        section = name.partition(".")[0]
        told = _told(section, row, table, section in ("cmpxchg", "unless"))
        yield f"`{name}`", told or "nothing", f"`{row.source}`"


def events_of(section: str, row: Row, conditional: bool) -> str:
    """Return the events that a row of the kernel's model is."""
    before, after = ([f"`F[{tag}]`" for tag in fences] for fences in (row.before, row.after))
    match section:
        case "load":
            zero = f" (of 0: `R{_tags(row.zero_tags)}`)" if row.zero_tags is not None else ""
            main = [f"`R{_tags(row.tags)}`{zero}"]
        case "store":
            main = [f"`W{_tags(row.tags)}`"]
        case "fence":
            main = [f"`F[{tag}]`" for tag in row.emit]
        case _:
            fails = f", *fails:* `R{_tags(row.failed)}`" if conditional else ""
            main = [f"`R{_tags(row.read)} →rmw W{_tags(row.write)}`{fails}"]
    return " ".join((*before, *main, *after))


def _tags(tags: Iterable[str]) -> str:
    return f"[{', '.join(sorted(set(tags) - {'RMW'}))}]"
