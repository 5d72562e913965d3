"""What the instructions of one thread are written on, and the machine registers that they get.

A line mentions virtual registers; each gets a machine register from its first mention to its last. Variables of the
source keep theirs for the whole thread: what they hold in the end may be asked for, and what they hold before they are
set is 0.
"""

from collections.abc import Iterator, Mapping, Sequence

from litmus.dataclass import dataclass, field
from litmus.errors import UnsupportedError
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class Use:
    """A virtual register in a line; ``view`` says how it is spelt (``w`` for the low half of an AArch64 register)."""

    register: str
    view: str = ""


Piece = str | Use


@dataclass(frozen=True, slots=True)
class Line:
    """A line: an instruction of several pieces, or a ``label`` alone; ``back`` is the label of a jump."""

    pieces: tuple[Piece, ...] = ()
    label: str | None = None
    jumps: str | None = None


@dataclass(slots=True)
class Sheet:
    """The code of a thread as it grows. ``fixed`` are the virtual registers that have a machine register of their own
    for the whole thread, with what they hold at first (None: 0); ``named`` are given by name (x86's accumulator)."""

    thread: int = 0
    lines: list[Line] = field(default_factory=list)
    fixed: dict[str, str | None] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    _fresh: int = 0
    _labels: dict[str, str] = field(default_factory=dict)

    def line(self, *pieces: Piece, jumps: str | None = None) -> None:
        """Append an instruction."""
        self.lines.append(Line(pieces, jumps=jumps))

    def place(self, label: str) -> None:
        """Append a label."""
        self.lines.append(Line(label=label))

    def needed(self) -> list[Line]:
        """Return the lines without the labels that no jump goes to."""
        goals = {line.jumps for line in self.lines}
        return [line for line in self.lines if line.label is None or line.label in goals]

    def temporary(self) -> str:
        """Return a virtual register that nothing else uses."""
        self._fresh += 1
        return f"?{self._fresh}"

    def label(self, name: str | None = None) -> str:
        """Return a new label, or the one of the label ``name`` of the program. Threads have different ones."""
        key = name if name is not None else f"?{len(self._labels)}"
        return self._labels.setdefault(key, f"L{self.thread}_{len(self._labels)}")


def allocate(sheet: Sheet, machine: Sequence[str], span: Span | None) -> Mapping[str, str]:
    """Return the machine register of each virtual one.

    Raises:
        UnsupportedError: where there are not enough, naming the variable that has none.
    """
    spans = _spans(sheet)
    mapping = dict(sheet.named)
    free = [name for name in machine if name not in mapping.values()]
    for register in sheet.fixed:
        mapping[register] = _take(free, register, span)
    busy: list[tuple[int, str]] = []
    for register, (first, last) in sorted(spans.items(), key=lambda item: item[1]):
        if register in mapping:
            continue
        for end, name in [b for b in busy if b[0] < first]:
            busy.remove((end, name))
            free.append(name)
        free.sort(key=machine.index)
        mapping[register] = _take(free, register, span)
        busy.append((last, mapping[register]))
    return mapping


def _take(free: list[str], register: str, span: Span | None) -> str:
    if not free:
        what = "an intermediate value" if register[0] in "?%!" else f"'{register}'"
        raise UnsupportedError(f"there are not enough registers for this thread: {what} has none", span)
    return free.pop(0)


def _spans(sheet: Sheet) -> Mapping[str, tuple[int, int]]:
    """From where to where each virtual register is in use: longer where a loop that it enters turns."""
    found: dict[str, tuple[int, int]] = {}
    for at, line in enumerate(sheet.lines):
        for piece in line.pieces:
            if isinstance(piece, Use):
                found[piece.register] = (found.get(piece.register, (at, at))[0], at)
    loops = list(_loops(sheet.lines))
    for _ in loops:
        for start, end in loops:
            entering = [r for r, (first, last) in found.items() if first < start <= last < end]
            found |= {register: (found[register][0], end) for register in entering}
    return found


def _loops(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    places = {line.label: at for at, line in enumerate(lines) if line.label is not None}
    for at, line in enumerate(lines):
        if line.jumps is not None and places[line.jumps] < at:
            yield places[line.jumps], at
