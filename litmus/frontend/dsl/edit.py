"""The edits of a variant: what is dropped, replaced, put before or after, swapped, by label."""

from collections.abc import Iterable, Mapping

from litmus.dataclass import dataclass, field
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.report import Report
from litmus.source import Span


@dataclass(slots=True)
class Edit:
    """What happens to the statement with one label."""

    label: str
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
    """The edits of one variant, to be looked up by label. ``labels`` are those of each thread and function."""

    def __init__(self, labels: Mapping[str, frozenset[str]], report: Report) -> None:
        self._labels = labels
        self._report = report
        self._edits: dict[tuple[str, str], Edit] = {}

    def find(self, owners: Iterable[str], label: str) -> Edit | None:
        """Return what happens at ``label`` in a body of ``owners``: the thread, and the function inlined in it."""
        for owner in owners:
            found = self._edits.get((owner, label))
            if found is not None:
                found.used = True
                return found
        return None

    def read(self, nodes: Iterable[Node]) -> None:
        """Take the edits from the body of a variant."""
        for node in nodes:
            match node:
                case Node("drop", (place,)):
                    self._settle(place).dropped = True
                case Node("replace", (place, body)):
                    self._settle(place).replacement = body
                case Node("before", (place, body)):
                    self._at(place).before.append(body)
                case Node("after", (place, body)):
                    self._at(place).after.append(body)
                case Node("swap", (one, other)):
                    self._settle(one).swapped = self._settle(other).label
                    self._at(other).swapped = self._at(one).label

    def _at(self, place: Node) -> Edit:
        first, second = place.parts
        label = second.word if second.present else first.word
        owner = first.word if second.present else self._owner(label, place.span)
        if second.present:
            self._check(owner, label, place.span)
        return self._edits.setdefault((owner, label), Edit(label, place.span))

    def _settle(self, place: Node) -> Edit:
        edit = self._at(place)
        if edit.decided:
            self._report.wrong(f"'{edit.label}' is dropped, replaced or swapped twice", place.span)
        return edit

    def _owner(self, label: str, span: Span) -> str:
        """Return the thread or function that has ``label``."""
        owners = [name for name, known in self._labels.items() if label in known]
        if not owners:
            self._report.unknown("label", label, span, self._everywhere())
        elif len(owners) > 1:
            hint = "write " + " or ".join(f"{name}.{label}" for name in owners)
            self._report.wrong(f"the label '{label}' is in {' and in '.join(owners)}", span, hint)
        return owners[0] if owners else ""

    def _check(self, owner: str, label: str, span: Span) -> None:
        """A label may belong to the thread itself or to a function that it calls."""
        if owner not in self._labels:
            self._report.unknown("thread", owner, span, self._labels)
        elif label not in self._everywhere():
            self._report.unknown("label", label, span, self._labels[owner])

    def _everywhere(self) -> frozenset[str]:
        return frozenset().union(*self._labels.values())

    def complain(self) -> None:
        """Report the edits that met no statement, unless their label was reported."""
        for (owner, label), edit in self._edits.items():
            if not edit.used and owner in self._labels and label in self._everywhere():
                self._report.wrong(f"no statement '{label}' is left in '{owner}'", edit.span)
