"""The labels of a thread: each once, those of inlined functions made different from call to call."""

from collections.abc import Iterator

from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.report import Report
from litmus.frontend.dsl.scope import Frame
from litmus.source import Span


class Labels:
    """Gives labels their names in the thread ``thread``, whose own are ``reserved``, and checks jumps to them."""

    def __init__(self, thread: str, reserved: set[str], report: Report) -> None:
        self._thread = thread
        self._reserved = reserved
        self._report = report
        self._placed: dict[str, Span] = {}
        self._jumps: list[tuple[str, str, Span]] = []

    def place(self, label: Node, frame: Frame) -> str:
        """Return the name of a label that stands before a statement."""
        name = self._unique(name_of(label), frame)
        if name in self._placed:
            earlier = f"on line {self._placed[name].line}"
            self._report.wrong(f"the label '{name}' is already in thread '{self._thread}'", label.span, earlier)
        self._placed.setdefault(name, label.span)
        return name

    def jump(self, target: Node, frame: Frame) -> str:
        """Return the name of the label that a `goto` names."""
        name = self._unique(target.word, frame)
        self._jumps.append((name, target.word, target.span))
        return name

    def complain(self) -> None:
        """Report jumps to labels that are nowhere."""
        for label, shown, span in self._jumps:
            if label not in self._placed:
                self._report.unknown("label", shown, span, self._placed)

    def _unique(self, label: str, frame: Frame) -> str:
        if frame.kind != "function":
            return label
        if label not in frame.labels:
            taken = {*self._reserved, *self._placed}
            names = (label, *(f"{label}_{n}" for n in range(2, len(taken) + 3)))
            frame.labels[label] = next(name for name in names if name not in taken)
            self._reserved.add(frame.labels[label])
        return frame.labels[label]


def labels_in(block: Node) -> Iterator[tuple[str, tuple[Node, Node]]]:
    """Yield each label in a body with its node and statement."""
    for node in block.walk():
        match node:
            case Node("labelled", (label, inner)):
                yield name_of(label), (label, inner)


def name_of(label: Node) -> str:
    """Return `G2` for the label `[G2]`."""
    return label.word.strip("[] \t\r\n\f\v")
