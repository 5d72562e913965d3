"""Names for what a test in herd's C calls otherwise than our own language lets it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from litmus.export.equivalence import Renaming
from litmus.program.c11 import nodes
from litmus.program.program import Program, Thread
from litmus.program.syntax import Declare, Local
from litmus.program.types import TYPES

_TYPES = frozenset(word for name in TYPES for word in name.split())
_KEYWORDS = frozenset("if else while do for break continue goto return struct inline".split())
RESERVED = _TYPES | _KEYWORDS | {"const", "volatile", "void", "true", "false", "NULL", "this", "VAL"}
"""Words that are never names of objects or variables: types, constants, and what stands for something in a thread."""


def renaming(program: Program) -> Renaming:
    """Return the names in our own language of the locations and variables that cannot keep theirs.

    All locations are known to all threads there, so that no variable can be called like one, nor a location like a
    thread.
    """
    threads = [thread.name for thread in program.threads]
    symbols = list(dict.fromkeys(location.address.symbol for location in program.locations))
    variables = [list(dict.fromkeys(_variables(thread))) for thread in program.threads]
    taken = {*threads, *symbols, *RESERVED, *(name for names in variables for name in names)}
    shared = _renamed(symbols, {*threads, *RESERVED}, "shared_", taken)
    objects = {shared.get(symbol, symbol) for symbol in symbols}
    return Renaming(shared, [_renamed(names, objects | RESERVED, "local_", taken) for names in variables])


def _renamed(names: Iterable[str], wrong: Iterable[str], prefix: str, taken: set[str]) -> Mapping[str, str]:
    wrong, changed = set(wrong), {}
    for name in names:
        if name in wrong:
            wishes = (f"{prefix}{name}{number or ''}" for number in count())
            changed[name] = next(wish for wish in wishes if wish not in taken)
            taken.add(changed[name])
    return changed


def _variables(thread: Thread) -> Iterator[str]:
    yield from thread.types
    yield from thread.registers
    for node in nodes(thread.body):
        match node:
            case Local(name) | Declare(name):
                yield name
