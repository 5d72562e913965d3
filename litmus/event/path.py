"""Control paths of threads: the events that each performs and what relates them before any read has a value."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from litmus.dataclass import dataclass, replace
from litmus.program.instruction import Instruction, Origin, Tags
from litmus.program.term import Address, Term


@dataclass(frozen=True, slots=True)
class PathEvent:
    """An event of a path. ``instance`` numbers the executed instruction that it belongs to."""

    kind: str
    location: str | None
    address: Address | None
    value: Term | None
    tags: Tags
    origin: Origin
    instance: int
    size: int = 0
    """Bytes accessed; 0 means the whole location."""
    access: int = -1
    """Which access of the path this is a piece of, where accesses are divided (`event.pieces`); -1 for none."""
    unit: int = -1
    """Which of those accesses of pairs this belongs to that are made at once; -1 for none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One executed instruction and the events ``first`` up to, not including, ``end`` that it performed. Where it can
    be executed in several ways that do not show in its events, ``way`` says which was taken."""

    instruction: Instruction
    instance: int
    first: int
    end: int
    way: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Where a thread waits for ever: at ``origin``, in a turn that begins with the event and the step of these numbers.

    It goes on where the values that locations have in the end do not satisfy ``condition``, a term over them and over
    what was read before the turn. A grace period waits for the critical sections on ``domain`` instead (RCU is "").
    """

    origin: Origin
    events: int
    steps: int
    condition: Term = 1
    domain: str | None = None


Pairs: TypeAlias = tuple[tuple[int, int], ...]
"""A relation between events by their numbers."""


@dataclass(frozen=True, slots=True)
class Path:
    """One control path of a thread; events, and pairs of them, are numbered from 0; ``constraints`` must be non-zero.

    ``trace`` is what was executed; the relations between register events are filled by `event.registers` on demand.
    """

    events: tuple[PathEvent, ...]
    addr: Pairs
    data: Pairs
    ctrl: Pairs
    pick_addr: Pairs
    pick_data: Pairs
    pick_ctrl: Pairs
    amo: Pairs
    lxsx: Pairs
    constraints: tuple[Term, ...]
    registers: Mapping[str, Term]
    marks: frozenset[str]
    trace: tuple[Step, ...] = ()
    iico_data: Pairs = ()
    iico_ctrl: Pairs = ()
    rf_reg: Pairs = ()
    unordered: Pairs = ()
    """Pairs of events that are not in program order: they belong to different operands of one operator of C."""
    wait: Wait | None = None
    """Where the path ends without coming to the end of the thread."""

    def related(self, change: Callable[[Pairs], Pairs], **others: Any) -> "Path":
        """Return the path with its relations changed, those between register events apart, and ``others`` replaced."""
        changed: dict[str, Any] = {name: change(getattr(self, name)) for name in RELATIONS}
        return replace(self, **changed, **others)


RELATIONS = ("addr", "data", "ctrl", "pick_addr", "pick_data", "pick_ctrl", "amo", "lxsx", "unordered")
"""The fields of a `Path` that its exploration fills with pairs of events."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of an access that is to one piece of an object: ``size`` bytes, which are the bits of the accessed value
    from bit ``shift`` on."""

    location: str
    address: Address | None
    size: int
    shift: int


@dataclass(frozen=True, slots=True)
class Target:
    """One possible meaning of an address term: the location, on condition that ``constraint`` is non-zero.

    ``location`` None stands for an access that is to no location: outside every object or, where ``part`` names one,
    somewhere inside it. Where objects are divided, ``parts`` are those of the access.
    """

    address: Address | None
    location: str | None
    constraint: Term
    part: str | None = None
    parts: tuple[Part, ...] = ()


Resolve = Callable[[Term, Mapping[int, str]], Sequence[Target]]
"""Gives the possible targets of an address term, from the term and the locations of the path's reads."""
