"""What engines are asked and what they answer."""

from collections.abc import Callable, ItemsView, Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

from litmus.dataclass import dataclass, field
from litmus.deadline import NEVER, Deadline
from litmus.event.structure import EventStructure
from litmus.program.program import Assertion, Program
from litmus.program.term import Term, Value
from litmus.relation.model import Instance

State: TypeAlias = tuple[tuple[Term, Value], ...]
"""A final state: what each observed FinalRegister or FinalLocation holds, in a fixed order."""


class States(Mapping[State, int]):
    """Final states, no two of them equal, each with a number. A state is made when it is looked at: there may be
    hundreds of thousands, and to keep and to hash them takes memory and time."""

    __slots__ = ("_known", "_made", "_size")

    def __init__(self, made: Callable[[], Iterator[tuple[State, int]]], size: int) -> None:
        """``made`` yields the states, so many of them, in the same order each time."""
        self._made = made
        self._size = size
        self._known: dict[State, int] | None = None

    def __getitem__(self, state: State) -> int:
        if self._known is None:
            self._known = dict(self._made())
        return self._known[state]

    def __iter__(self) -> Iterator[State]:
        return (state for state, _ in self._made())

    def __len__(self) -> int:
        return self._size

    def items(self) -> ItemsView[State, int]:
        """Return the states with their numbers."""
        return _Items(self)


class _Items(ItemsView[State, int]):
    def __iter__(self) -> Iterator[tuple[State, int]]:
        return self._mapping._made()  # type: ignore[attr-defined, no-any-return]


OUT_OF_TIME = "time limit of "
"""How the reason begins that a search which was not finished gives."""


class Observation(StrEnum):
    """How often a condition holds over all executions."""

    NEVER = "Never"
    SOMETIMES = "Sometimes"
    ALWAYS = "Always"


class Verdict(StrEnum):
    """Whether an assertion holds. UNKNOWN is never a pass."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class EngineName(StrEnum):
    """The engines, and the choice between them."""

    AUTO = "auto"
    EXPLICIT = "explicit"
    SAT = "sat"


class Ask(StrEnum):
    """What is asked of a program: all executions, or all final states, or only which conditions hold; flags always."""

    COUNTS = "counts"
    STATES = "states"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Execution:
    """A candidate that the model accepts. ``values`` gives what each event reads or writes (None for fences), of an
    update what it reads; `engine.candidate.written` tells what that writes."""

    structure: EventStructure
    reads_from: int
    coherence: int
    values: tuple[Value | None, ...]
    state: State
    flags: frozenset[str] = field(default=frozenset())
    instance: Instance | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tally:
    """How one assertion fares: executions in which its condition holds and does not, one of each, and the verdict."""

    assertion: Assertion
    positive: int
    negative: int
    observation: Observation
    verdict: Verdict
    reason: str | None = None
    """Why the verdict is UNKNOWN, or which flag undefines it."""
    witness: Execution | None = None
    counterexample: Execution | None = None
    counted: bool = True
    """Whether all executions were found: else ``positive`` and ``negative`` only say whether there are any."""

    @property
    def share(self) -> str | None:
        """In how many of all executions the condition holds, in words; None where they were not counted."""
        return f"{self.positive} of {self.positive + self.negative}" if self.counted else None


@dataclass(frozen=True, slots=True)
class Result:
    """All that the enumeration of one program under one model found.

    ``states`` counts the executions that end in each state, in the order of first appearance; ``flags`` the executions
    that carry each flag. ``unknown`` names what kept the enumeration from being complete (a time limit, an unrolling
    bound that was met): nothing in such a result is a proof of absence.
    """

    program: Program
    model: str
    states: Mapping[State, int]
    tallies: tuple[Tally, ...]
    flags: Mapping[str, int]
    candidates: int
    executions: int
    seconds: float
    unknown: tuple[str, ...] = ()
    bound_reached: bool = False
    samples: tuple[Execution, ...] = ()
    """Executions kept because the caller asked for them (`keep`): every one, or one a state."""
    inexact: tuple[str, ...] = ()
    """Why the executions found may differ from the program's: nothing in such a result proves anything."""
    undefined: Mapping[str, int] = field(default_factory=dict)
    """By the name of an `undefined_unless`, the executions that fail it: where there is one, the test has no defined
    outcome."""
    deadlock: bool = False
    """Whether no execution ends: each waits for ever for something."""
    ask: Ask = Ask.COUNTS
    counted: bool = True
    """Whether all executions were found: else all numbers of executions only say whether there is one."""
    engines: tuple[EngineName, ...] = ()
    """The engines that answered."""

    @property
    def out_of_time(self) -> bool:
        """Whether the time limit ended the search: ``states`` are those found so far."""
        return any(reason.startswith(OUT_OF_TIME) for reason in self.unknown)


class Keep(StrEnum):
    """Which executions a result keeps in ``samples``."""

    NONE = "none"
    ONE_PER_STATE = "one-per-state"
    ALL = "all"


class NotForSolver(Exception):
    """What is asked of an event structure cannot be asked of a solver; the reason is a clause that names it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on the work: loop turns, and when to stop; what is asked, and which engine answers."""

    unroll: int = 2
    deadline: Deadline = NEVER
    keep: Keep = Keep.NONE
    ask: Ask = Ask.COUNTS
    engine: EngineName = EngineName.AUTO
