"""Event structures: one control path of every thread, before any rf or co is chosen.

Relations are bit matrices in one ``int``: with ``n`` events, bit ``i * n + j`` says that event ``i`` is related to
event ``j``; sets are ``int`` masks with bit ``i`` for event ``i``. `relation.bits` computes with them.
"""

from collections.abc import Mapping

from litmus.dataclass import dataclass, field
from litmus.errors import UnsupportedError
from litmus.program.instruction import Origin, Tags
from litmus.program.program import Program
from litmus.program.term import Address, Term

UNDEFINED = "undefined: "
"""What marks begin with that say why an execution means nothing from some point on."""

MOST_EVENTS = 4096
"""How many events an execution may have: a relation over so many has two megabytes, and a model hundreds of them."""

PART = "part of "
"""What the mark begins with that an ``invalid_access`` has beside it where it is to a place inside a location."""

SAME_ACCESS = "same-access"
"""The name of the relation between the events of one access, where accesses are divided (`event.pieces`)."""

INIT = -1
"""The thread number of the initial writes."""
READING = frozenset("RU")
"""The kinds of events that read memory."""
WRITING = frozenset("WU")
"""The kinds of events that write memory."""


def too_large(where: Origin) -> UnsupportedError:
    """Return the error that an execution has more events than that when it comes to an instruction."""
    return UnsupportedError(f"an execution performs more than {MOST_EVENTS} events up to here", where.span)


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    ``kind`` is ``R``, ``W``, ``U`` (an update, which reads and writes at once, as C11's are), ``F`` (fence or other
    event without memory effect), ``B`` (branch) or ``J`` (jump without a condition); ``location`` is the canonical
    location name of a memory event; ``value`` what it writes, or for a read ``ReadValue(number)`` itself. What an
    update reads is ``ReadValue(number)``.
    """

    number: int
    thread: int
    kind: str
    location: str | None
    value: Term | None
    tags: Tags
    origin: Origin
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """That threads wait for ever where ``condition`` holds, which is over final values; ``places`` has where, by the
    numbers of the threads."""

    condition: Term
    places: Mapping[int, Origin]


@dataclass(frozen=True, slots=True)
class EventStructure:
    """The events of one choice of control paths, with what relates them before rf and co are chosen.

    ``relations`` has at least ``po addr data ctrl pick-addr pick-data pick-ctrl rmw amo lxsx same-instance
    same-instr same-static``; ``constraints`` are terms over ``ReadValue`` that must evaluate to non-zero for the
    path to be taken; ``final`` gives each thread's registers at its end. ``marks`` holds ``bug``, and
    ``unroll_bound_reached``, ``invalid_access``, ``undefined_operation`` or :data:`UNDEFINED` and a reason where a
    path ended early for that.
    """

    program: Program
    events: tuple[Event, ...]
    relations: Mapping[str, int]
    constraints: tuple[Term, ...]
    final: Mapping[tuple[int, str], Term]
    marks: frozenset[str] = field(default=frozenset())
    inexact: tuple[str, ...] = ()
    """Why executions of these events may differ from the program's (`event.sizes`)."""
    divided: Mapping[str, Term] = field(default_factory=dict)
    """The value of each location that is not one to the events but several pieces, over those of the pieces."""
    waiting: Waiting | None = None
    """Of a structure in which not every thread comes to an end: what has to hold for the others to wait for ever."""
