"""What a thread is written on: its lines, and the names that it may use and makes up."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from litmus.dataclass import dataclass, field
from litmus.errors import UnsupportedError
from litmus.export.file import Lower
from litmus.program.term import Address
from litmus.source import Span


@dataclass(slots=True)
class Sheet:
    """The text of one thread as it grows. ``names`` are the parameters by address, ``locals`` the identifiers of the
    thread's variables, ``taken`` every identifier in use, ``kinds`` the types of the parameters without their star,
    ``lower`` whether what herd's C has no words for is written otherwise.

    ``used`` collects the addresses that the thread mentions, ``own`` those of them that it hands to primitives of a
    type of their own, ``other`` those that it does something else with, ``temporaries`` the variables it needs beside
    its own with their initial values, ``pointers`` the types of those of them that are no ``int``, ``kept`` those that
    have to be non-zero at the end (``filter``), and ``notes`` what is written otherwise than in the source.
    """

    names: Mapping[Address, str]
    locals: Mapping[str, str]
    taken: set[str]
    kinds: Mapping[Address, str] = field(default_factory=dict)
    lower: Lower = Lower.EQUAL
    lines: list[str] = field(default_factory=list)
    used: set[Address] = field(default_factory=set)
    own: set[Address] = field(default_factory=set)
    other: set[Address] = field(default_factory=set)
    temporaries: dict[str, int] = field(default_factory=dict)
    pointers: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    _depth: int = 1

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append("\t" * self._depth + text)

    def lowered(self, what: str, text: str, span: Span | None) -> None:
        """Note that ``what`` herd's C has no words for is written as ``text``.

        Raises:
            UnsupportedError: where that is not asked for.
        """
        if self.lower is Lower.NOTHING:
            raise UnsupportedError(f"herd's C has no {what}", span, hint=f"--lower writes {text}")
        self.notes[what] = text

    @contextmanager
    def indented(self) -> Iterator[None]:
        """Within, lines stand one step to the right."""
        self._depth += 1
        yield
        self._depth -= 1

    def name(self, address: Address, span: Span | None) -> str:
        """Return the parameter that stands for what is at ``address``."""
        if address not in self.names:
            raise UnsupportedError(f"nothing declared is at {address.symbol}+{address.offset}", span)
        self.used.add(address)
        return self.names[address]

    def local(self, name: str, span: Span | None) -> str:
        """Return the identifier of a variable of the thread."""
        if name not in self.locals:
            raise UnsupportedError(f"'{name}' is not a variable of the thread", span)
        return self.locals[name]

    def temporary(self, stem: str, initial: int = 0, pointer: str | None = None) -> str:
        """Return a new variable, of the type ``pointer`` if any."""
        number = 0
        while (name := f"{stem}{number}") in self.taken:
            number += 1
        self.taken.add(name)
        self.temporaries[name] = initial
        if pointer is not None:
            self.pointers[name] = pointer
        return name
