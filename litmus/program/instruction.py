"""The portable instruction set that every thread is compiled to and that `event.unfold` executes symbolically.

A thread is a flat list of these, in program order, with labels and jumps. Tags are the words that a memory model sees
on the resulting events (``Once``, ``Acquire``, ``A``, ``X``, ``dmb.ishst`` …); what they mean is the model's business.
"""

from typing import TypeAlias

from litmus.dataclass import dataclass, field
from litmus.program.term import Register, Term
from litmus.source import Span

Tags: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an instruction comes from: its label or generated name, the text to show, and its place."""

    label: str
    text: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Assign:
    """``target = value`` between registers: no event.

    With ``picks`` the value is a choice ``ite(c, a, b)``. What uses it then depends on the one that is taken, and on
    ``c`` only by a pick dependency: a processor may go on with either before it knows ``c``.
    """

    target: str
    value: Term
    origin: Origin
    picks: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """Read memory at ``address`` into ``target`` (None discards the value). ``exclusive`` opens a reservation."""

    target: str | None
    address: Term
    tags: Tags
    origin: Origin
    exclusive: bool = False
    size: int = 0
    """Bytes accessed; 0 means the whole location."""
    zero_tags: Tags | None = None
    """Tags instead of ``tags`` where the value read is zero (`spin_is_locked` is two events to the kernel's model)."""
    joined: bool = False
    """Whether the instruction is the same as that of the access before it: po does not order the two."""


@dataclass(frozen=True, slots=True)
class Store:
    """Write ``value`` to memory at ``address``."""

    address: Term
    value: Term
    tags: Tags
    origin: Origin
    size: int = 0
    joined: bool = False
    """As of a load."""


@dataclass(frozen=True, slots=True)
class SecondHalf:
    """What a compare-and-swap of a pair does to the place behind the first, as `ReadModifyWrite` says of the first."""

    old: Register
    new: Term
    expected: Register


@dataclass(frozen=True, slots=True)
class ReadModifyWrite:
    """Atomically read the old value into ``old`` and write ``new`` (a term that may mention ``old``).

    With a ``condition`` (over ``old``) the write happens only where it is non-zero; otherwise only a read with
    ``failed_tags`` happens. ``order_po`` tells whether the read is also po-before the write (LL/SC pairs and C) or the
    two are one instruction. The pair is in the relation ``rmw``, and in ``lxsx`` or ``amo`` as ``flavour`` says; with
    the flavour ``update`` it is one event, which carries ``write_tags``.
    """

    old: Register
    address: Term
    new: Term
    read_tags: Tags
    write_tags: Tags
    origin: Origin
    condition: Term | None = None
    failed_tags: Tags = frozenset()
    flavour: str = "amo"
    size: int = 0
    guards: tuple[str, ...] = ()
    """Fences, by tag, that stand before and after the pair, and only where it is written."""
    carries: bool = False
    """Whether what follows depends by control on the write: a loop tries again whose branch looks at a register that
    depends on it (RISC-V's ``sc``)."""
    expected: Term | None = None
    """What the ``condition`` of a compare-and-swap of AArch64 compares ``old`` with. That instruction may write the old
    value back where the two differ, and take either for the other where they are equal."""
    second: SecondHalf | None = None
    """Of a compare-and-swap of a pair: the ``condition`` is then over what was read of both."""


@dataclass(frozen=True, slots=True)
class StoreConditional:
    """Store-exclusive: succeeds (paired with the reservation of the last exclusive load) or fails, both explored.

    ``status`` receives ``success`` or ``failure``. With ``carries`` a success makes the status register depend on the
    write (RISC-V), so that what uses it depends on the write too.
    """

    status: str | None
    address: Term
    value: Term
    tags: Tags
    origin: Origin
    success: int = 0
    failure: int = 1
    size: int = 0
    carries: bool = False
    second: Term | None = None
    """What goes to the ``size`` bytes behind, where a pair is stored."""


@dataclass(frozen=True, slots=True)
class Fence:
    """An event without a location (or, for SRCU, on ``location``), known to the model by its tags.

    ``value`` and ``result`` serve SRCU cookies: the event carries ``value``; ``result`` receives the event's own value.
    """

    tags: Tags
    origin: Origin
    location: Term | None = None
    value: Term | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A jump target."""

    name: str


@dataclass(frozen=True, slots=True)
class Jump:
    """Continue at ``target``."""

    target: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Branch:
    """Continue at ``target`` where ``condition`` is non-zero, else with the next instruction.

    What follows depends by control on the reads that the condition depends on: up to the label ``join`` for structured
    C (the kernel's model ends a control dependency with the body of the ``if``), or for good when ``join`` is None.
    """

    condition: Term
    target: str
    origin: Origin
    join: str | None = None


@dataclass(frozen=True, slots=True)
class Either:
    """Continue at ``target`` or with the next instruction: both happen, for no reason that a program can see."""

    target: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Operands:
    """Marks code that computes the operands of one operator, which C does not sequence: ``step`` is ``first``, ``next``
    or ``done``. What different operands do is not in program order."""

    step: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Assume:
    """Only executions in which ``condition`` is non-zero exist. It is no branch: nothing depends on it.

    With ``waits`` a thread tries again what it has read last until the condition holds, as one that takes a lock does.
    """

    condition: Term
    origin: Origin
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Defined:
    """C gives a meaning to executions in which ``condition`` is non-zero; the others end here, for the ``problem``.

    It is no branch: nothing depends on it.
    """

    condition: Term
    problem: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Mark:
    """Executions that come here carry ``mark`` (``bug``)."""

    mark: str
    origin: Origin


Instruction: TypeAlias = (
    Assign
    | Load
    | Store
    | ReadModifyWrite
    | StoreConditional
    | Fence
    | Label
    | Jump
    | Branch
    | Either
    | Operands
    | Assume
    | Defined
    | Mark
)


class Recurring(tuple[Instruction, ...]):
    """The code of a thread, of which there may be others that differ in the origins of their instructions alone: the
    ``mold`` of all these is one object."""

    mold: object
