"""Single instructions, which each dialect spells in its own way, and the sheet that they are written on."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from litmus.errors import UnsupportedError
from litmus.export.assembly.memory import Access, Layout
from litmus.export.assembly.possible import Interval, Knowledge, Possible
from litmus.export.assembly.sheet import Piece, Sheet, Use
from litmus.program.instruction import Instruction, Origin, ReadModifyWrite

Operand = str | int
"""A virtual register, or a number that an instruction takes as it is."""


class Lines(ABC):
    """What the code of one thread is written with. A dialect says what single instructions look like."""

    dialect: ClassVar[str]
    registers: ClassVar[tuple[str, ...]]
    """The machine registers there are to use."""
    range: ClassVar[Interval] = (-(1 << 63), (1 << 63) - 1)
    """The numbers with which herd7 computes as the machine does."""
    immediates: ClassVar[Interval] = (0, 4095)
    acquiring: ClassVar[frozenset[str]] = frozenset()
    """The tags of reads, and of fences, that order a read before all that follows."""
    narrow: ClassVar[bool] = False
    """Whether herd7 has atomic updates of 32 bits only."""

    even: ClassVar[bool] = False
    """Whether herd7 refuses a test where what is written at an address that is read may be, for all that it knows, the
    pointer that it was read from, and has another size."""

    def __init__(self, thread: int, knowledge: Knowledge, layout: Layout, *, retry: bool = False) -> None:
        self.thread = thread
        self.knowledge = knowledge
        self.layout = layout
        self.sheet = Sheet(thread)
        self.origin = Origin("", "")
        self.code: Sequence[Instruction] = ()
        self.at = 0
        """The place in the code of what is written at hand."""
        self.compared: dict[int, str] = {}
        """The registers that say whether two addresses are the same, by the place in the code that compares them."""
        self.kept: list[str] = []
        """Registers that must hold 0 at the end (``filter``)."""
        self.stop: str | None = None
        """The label behind the last instruction of an execution that came to its end."""
        self.read: frozenset[str] = frozenset()
        self.retries = 0
        self.retry = retry
        """Whether what waits, and a store-conditional that fails, is tried again; else such executions are left out."""

    @abstractmethod
    def constant(self, into: str, number: int) -> None:
        """``into = number``."""

    @abstractmethod
    def move(self, into: str, source: str) -> None:
        """``into = source``."""

    @abstractmethod
    def compute(self, operator: str, into: str, left: str, right: Operand) -> None:
        """``into = left operator right`` for ``+ - & | ^``; a number on the right is one of `immediates`."""

    @abstractmethod
    def shift(self, operator: str, into: str, value: str, amount: Operand) -> None:
        """``into = value operator amount`` for ``<<`` and ``>>``."""

    @abstractmethod
    def extend(self, into: str, source: str, bits: int, signed: bool) -> None:
        """The low ``bits`` of a register as a number."""

    @abstractmethod
    def nonzero(self, into: str, value: str, known: Possible) -> None:
        """``into = value != 0``, without a branch."""

    @abstractmethod
    def less(self, into: str, left: str, right: str) -> None:
        """``into = left < right``, without a branch."""

    @abstractmethod
    def branch(self, comparison: str, left: str, right: Operand, label: str) -> None:
        """Go to ``label`` where ``left comparison right``; a number on the right is one of `immediates`."""

    @abstractmethod
    def jump(self, label: str) -> None:
        """Go to ``label``."""

    @abstractmethod
    def load(self, into: str, access: Access, tags: frozenset[str]) -> None:
        """Read memory."""

    @abstractmethod
    def store(self, value: str, access: Access, tags: frozenset[str]) -> None:
        """Write memory."""

    @abstractmethod
    def fence(self, tag: str) -> None:
        """A fence."""

    @abstractmethod
    def update(self, rmw: ReadModifyWrite, access: Access) -> None:
        """An atomic update."""

    def error(self, message: str) -> UnsupportedError:
        """Return the error for what cannot be said, at the statement at hand."""
        return UnsupportedError(message, self.origin.span)

    def line(self, *pieces: Piece, jumps: str | None = None) -> None:
        """Append an instruction."""
        self.sheet.line(*pieces, jumps=jumps)


def registers(prefix: str, numbers: range) -> tuple[str, ...]:
    """Return machine registers by number."""
    return tuple(f"{prefix}{number}" for number in numbers)


def use(name: str, view: str = "") -> Use:
    """Return a mention of a virtual register."""
    return Use(name, view)
