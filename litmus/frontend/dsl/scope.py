"""The names of one thread: its registers, and the frames of the defines and functions being expanded in it."""

from collections.abc import Iterable, Iterator

from litmus.dataclass import dataclass, field
from litmus.frontend.dsl.report import Report
from litmus.program.syntax import Constant, Expression
from litmus.program.types import Type
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression and its type, as far as that is known. Structs and arrays stand for their address, as in C."""

    expression: Expression
    type: Type | None = None
    array: int = 0
    """The number of elements of the array whose address this is (0: it is none): what is there is the address again."""


NOTHING_KNOWN = Typed(Constant(0))
"""What stands for an expression about which an error was reported."""

NO_VALUE = Typed(Constant(0))
"""What a call of a function that returns nothing stands for."""


@dataclass(slots=True)
class Frame:
    """What names mean in a body: a thread's own (``kind`` thread), or one expansion of a function or define."""

    kind: str
    name: str
    bindings: dict[str, Typed] = field(default_factory=dict)
    registers: dict[str, str] = field(default_factory=dict)
    """What the locals of a function are called in the thread."""
    labels: dict[str, str] = field(default_factory=dict)
    result: str | None = None
    """The register that holds what a function returns; set by its first `return value;`."""
    placeholder: bool = False
    """Whether VAL means something here."""


class Registers:
    """The registers of a thread, and what is asked of them before all of the thread is known."""

    def __init__(self, taken: frozenset[str]) -> None:
        self.declared: dict[str, Type] = {}
        self.inferred: dict[str, Type | None] = {}
        self.assigned: set[str] = set()
        self._taken = taken
        self._made: set[str] = set()
        self._read: list[tuple[str, Span]] = []

    def type_of(self, name: str) -> Type | None:
        """Return the declared type, else that of the first value assigned."""
        return self.declared.get(name) or self.inferred.get(name)

    def assign(self, name: str, type_: Type | None) -> Type | None:
        """Note an assignment of a value of ``type_``; return the type that it declares the register with, if it does.

        A local that has no type of its own and first appears holding an address is a pointer from there on.
        """
        self.assigned.add(name)
        self.inferred.setdefault(name, type_)
        if name in self.declared or type_ is None or not type_.pointer:
            return None
        self.declared[name] = type_
        return type_

    def read(self, name: str, span: Span) -> None:
        """Note a use; whether the name is a register is known at the end of the thread."""
        self._read.append((name, span))

    def fresh(self, wish: str) -> str:
        """Return a name that nothing in the text uses, ``wish`` or one like it."""
        name, count = wish, 1
        while name in self._taken or name in self._made:
            count += 1
            name = f"{wish}_{count}"
        self._made.add(name)
        return name

    def unknown(self) -> Iterator[tuple[str, Span]]:
        """Yield the uses of names that turned out to be no registers."""
        return ((name, span) for name, span in self._read if name not in self.assigned and name not in self.declared)

    def complain(self, report: Report, shared: Iterable[str]) -> None:
        """Report what :meth:`unknown` yields."""
        known = [*shared, *self.assigned, *self.declared]
        for name, span in self.unknown():
            report.unknown("name", name, span, known)
