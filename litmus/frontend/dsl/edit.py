"""The edits of a variant: what is dropped, replaced, put before or after, swapped, by label."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.report import Report
from litmus.source import Span


@dataclass(slots=True)
class Edit:
    """What happens to the statements with one label, in the thread or function ``owner`` (None: wherever it is)."""

    label: str
    owner: str | None
    span: Span
    dropped: bool = False
    replacement: Node | None = None
    swapped: str | None = None
    before: list[Node] = field(default_factory=list)
    after: list[Node] = field(default_factory=list)
    used: bool = False

    @property
    def decided(self) -> bool:
        """Whether it is settled what becomes of the statement itself."""
        return self.dropped or self.replacement is not None or self.swapped is not None


class Edits:
    """The edits of one variant, looked up while its threads are lowered."""

    def __init__(self) -> None:
        self._edits: dict[tuple[str | None, str], Edit] = {}

    def find(self, owners: Iterable[str], label: str) -> Edit | None:
        """Return what happens at ``label`` in a body that belongs to ``owners`` (a function, the thread that calls it)."""
        for owner in (*owners, None):
            found = self._edits.get((owner, label))
            if found is not None:
                found.used = True
                return found
        return None

    def read(self, nodes: Iterable[Node], report: Report) -> None:
        """Take the edits from the body of a variant."""
        for node in nodes:
            match node:
                case Node("drop", (place,)):
                    self._settle(place, report).dropped = True
                case Node("replace", (place, body)):
                    self._settle(place, report).replacement = body
                case Node("before", (place, body)):
                    self._at(place).before.append(body)
                case Node("after", (place, body)):
                    self._at(place).after.append(body)
                case Node("swap", (one, other)):
                    self._settle(one, report).swapped = _read(other)[1]
                    self._settle(other, report).swapped = _read(one)[1]

    def _at(self, place: Node) -> Edit:
        owner, label = _read(place)
        return self._edits.setdefault((owner, label), Edit(label, owner, place.span))

    def _settle(self, place: Node, report: Report) -> Edit:
        edit = self._at(place)
        if edit.decided:
            report.wrong(f"'{edit.label}' is dropped, replaced or swapped twice", place.span)
        return edit

    def check(self, report: Report, labels: Mapping[str, frozenset[str]]) -> None:
        """Report edits of labels that are nowhere or in several places. ``labels`` has those of each thread and function."""
        for edit in self._edits.values():
            if edit.owner is not None and edit.owner not in labels:
                report.unknown("thread", edit.owner, edit.span, labels)
                continue
            owners = [edit.owner] if edit.owner else [name for name, known in labels.items() if edit.label in known]
            # A thread may use the labels of the functions that it calls; whether it does shows in `used`.
            everywhere = frozenset().union(*labels.values())
            if edit.label not in everywhere:
                report.unknown("label", edit.label, edit.span, everywhere)
            elif len(owners) > 1:
                hint = "write " + " or ".join(f"{name}.{edit.label}" for name in owners)
                report.wrong(f"the label '{edit.label}' is in {' and in '.join(owners)}", edit.span, hint)

    def complain(self, report: Report) -> None:
        """Report the edits that met no statement."""
        for edit in self._edits.values():
            if not edit.used:
                report.unknown("label", edit.label, edit.span, ())


def _read(place: Node) -> tuple[str | None, str]:
    first, second = place.parts
    return (first.word, second.word) if second.present else (None, first.word)
