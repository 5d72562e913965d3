"""What a kernel primitive does, in steps that every target realises in its own way.

A recipe's terms are templates over registers named after its parameters (``ptr``, ``value`` …), over ``was`` (what the
last read returned), ``now`` (what the last update wrote) and over names that steps define. The rows that steps name are
the rows of the lowering tables (`arch.lowering`).
"""

from collections.abc import Mapping
from typing import TypeAlias

from litmus.dataclass import dataclass
from litmus.program.term import Apply, Register, Term

PTR, VALUE, OLD, NEW, LIMIT = (Register(name) for name in ("ptr", "value", "old", "new", "limit"))
NUMBER, COOKIE = Register("nr"), Register("cookie")
WAS, NOW, DONE = (Register(name) for name in ("was", "now", "done"))

LOCAL = "local"
"""A parameter that is the address of a local variable (``&old`` in ``try_cmpxchg``): it is passed by name."""
UNTIL = "condition"
"""A parameter that is evaluated after the read, with ``VAL`` standing for what was read."""
IGNORED = "flags"
"""A parameter without meaning here: saved interrupt flags, a lockdep subclass."""


@dataclass(frozen=True, slots=True)
class Read:
    """Read ``*ptr`` as the row of ``[load]`` says; ``until`` its condition argument holds of what is read."""

    row: str
    until: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """Write ``value`` to ``*ptr`` as the row of ``[store]`` says."""

    row: str
    value: Term


@dataclass(frozen=True, slots=True)
class Update:
    """Replace what ``*ptr`` holds by ``new``, atomically, as the row ``section.row`` says.

    With a ``condition`` nothing is written where it is zero. ``shortcut`` is the condition under which generic code
    does the update at all: it counts on targets and in histories that use the generic code (`bitops`). Where
    ``acquired`` holds the update is an acquire as well, on targets on which no fence behind it says so.
    """

    section: str
    row: str
    new: Term
    condition: Term | None = None
    shortcut: Term | None = None
    acquired: Term | None = None


@dataclass(frozen=True, slots=True)
class Barrier:
    """What the row of ``[fence]`` says; ``located`` puts it on ``ptr`` (SRCU)."""

    row: str
    located: bool = False


@dataclass(frozen=True, slots=True)
class Require:
    """The primitive waits until this holds: executions in which it does not are not there."""

    condition: Term


@dataclass(frozen=True, slots=True)
class When:
    """Do ``steps`` only where ``condition`` is non-zero."""

    condition: Term
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Let:
    """Give a name to a value before something that it mentions changes."""

    name: str
    value: Term


@dataclass(frozen=True, slots=True)
class SetLocal:
    """Assign to the local variable that was passed by address."""

    value: Term


Step: TypeAlias = Read | Write | Update | Barrier | Require | When | Let | SetLocal


@dataclass(frozen=True, slots=True)
class Recipe:
    """A primitive: parameters in the kernel's order, steps, and the value returned (None: ``void``).

    ``type`` is the C type of the value; ``*ptr`` means that of the location.
    """

    parameters: tuple[str, ...]
    steps: tuple[Step, ...]
    result: Term | None = None
    type: str = "int"


Recipes: TypeAlias = Mapping[str, Recipe]


def both(operator: str, left: Term, right: Term) -> Term:
    """Return the unfolded application of a binary operator."""
    return Apply(operator, (left, right))


def negation(term: Term) -> Term:
    """Return ``!term``, unfolded."""
    return Apply("!", (term,))


def choose(condition: Term, positive: Term, negative: Term) -> Term:
    """Return ``condition ? positive : negative``, unfolded."""
    return Apply("ite", (condition, positive, negative))


def compute(operator: str, left: Term, right: Term) -> Term:
    """Return ``left operator right``, where ``andnot`` is ``left & ~right``."""
    if operator == "&~":
        return both("&", left, Apply("~", (right,)) if not isinstance(right, int) else ~right)
    return both(operator, left, right)
