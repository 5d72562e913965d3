"""Where everything in the picture of an event graph goes: a column for each thread, in it the statements in program
order as cards that hold their events, and the initial writes in a row above."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from litmus.dataclass import dataclass
from litmus.event.graph import Graph, edges, of_thread
from litmus.event.structure import INIT
from litmus.program.program import Program
from litmus.report.picture import event_text

Point: TypeAlias = tuple[float, float]

GLYPH = 7.3
"""The width of a letter at size 12 of a monospaced font."""
PAD, PILL, SLIT, GAP, SPACE, TOP, HEADER, FOOT = 10.0, 24.0, 12.0, 30.0, 130.0, 72.0, 26.0, 56.0


@dataclass(frozen=True, slots=True)
class Card:
    """A statement."""

    x: float
    y: float
    width: float
    height: float
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Pill:
    """An event; ``top`` and ``bottom`` are those of the card that it is in."""

    number: int
    x: float
    y: float
    width: float
    height: float
    kind: str
    text: str
    initial: bool
    column: int
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge: a cubic curve, and the place of its name."""

    relation: str
    points: tuple[Point, Point, Point, Point]
    label: Point
    named: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture."""

    width: float
    height: float
    columns: tuple[tuple[str, float, float], ...]
    cards: tuple[Card, ...]
    pills: tuple[Pill, ...]
    arrows: tuple[Arrow, ...]


def layout(graph: Graph, program: Program) -> Layout:
    """Return the layout of ``graph``."""
    initial = of_thread(graph, INIT)
    top = TOP + (PILL + 2.2 * GAP if initial else 0)
    columns: list[tuple[str, float, float]] = []
    cards: list[Card] = []
    pills: list[Pill] = []
    x = 70.0
    for index, thread in enumerate(program.threads):
        groups = list(_statements(graph, index))
        width = _column_width(graph, program, groups, thread.name)
        columns.append((thread.name, x + width / 2, top))
        _stack(graph, program, groups, (x, top + 16, width), index, cards, pills)
        x += width + SPACE
    right = x - SPACE + 70
    pills += _row(graph, program, initial, right)
    bottom = max((card.y + card.height for card in cards), default=top)
    return Layout(right, bottom + FOOT, tuple(columns), tuple(cards), tuple(pills), tuple(_arrows(graph, pills)))


def _statements(graph: Graph, thread: int) -> Iterator[list[int]]:
    """The events of each statement in turn."""
    group: list[int] = []
    for number in of_thread(graph, thread):
        if group and _origin(graph, group[-1]) != _origin(graph, number):
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def _origin(graph: Graph, number: int) -> tuple[str, str]:
    return graph.nodes[number]["label"], graph.nodes[number]["text"]


def _column_width(graph: Graph, program: Program, groups: Sequence[Sequence[int]], name: str) -> float:
    headers = [len(label) + len(text) + 3 for label, text in (_origin(graph, group[0]) for group in groups)]
    events = [len(event_text(graph.nodes[number], program)) + 4 for group in groups for number in group]
    return GLYPH * max([len(name), *headers, *events]) + 2 * PAD


def _stack(
    graph: Graph,
    program: Program,
    groups: Sequence[Sequence[int]],
    frame: tuple[float, float, float],
    column: int,
    cards: list[Card],
    pills: list[Pill],
) -> None:
    x, y, width = frame
    for group in groups:
        label, text = _origin(graph, group[0])
        height = HEADER + len(group) * (PILL + SLIT) + 2
        cards.append(Card(x, y, width, height, f"[{label}]", text.rstrip(";")))
        for place, number in enumerate(group):
            centre = (x + width / 2, y + HEADER + place * (PILL + SLIT))
            pills.append(_pill(graph, program, number, centre, column, (y, y + height)))
        y += height + GAP


def _pill(graph: Graph, program: Program, number: int, centre: Point, column: int, extent: tuple[float, float]) -> Pill:
    attributes = graph.nodes[number]
    text = event_text(attributes, program)
    width = GLYPH * len(text) + 2 * PAD
    initial = attributes["thread"] == INIT
    return Pill(
        number, centre[0] - width / 2, centre[1], width, PILL, attributes["kind"], text, initial, column, *extent
    )


def _row(graph: Graph, program: Program, numbers: Sequence[int], width: float) -> Iterator[Pill]:
    for place, number in enumerate(numbers):
        centre = (width * (place + 1) / (len(numbers) + 1), TOP)
        yield _pill(graph, program, number, centre, INIT, (TOP, TOP + PILL))


def _arrows(graph: Graph, pills: Sequence[Pill]) -> Iterator[Arrow]:
    at = {pill.number: pill for pill in pills}
    used: dict[tuple[int, int], int] = {}
    for source, target, relation in edges(graph):
        pair = (min(source, target), max(source, target))
        used[pair] = used.get(pair, -1) + 1
        yield _arrow(at[source], at[target], relation, used[pair])


def _arrow(source: Pill, target: Pill, relation: str, already: int) -> Arrow:
    if source.initial or target.initial:
        points = _from_above(source, target, already)
    elif source.column != target.column:
        points = _across(source, target, already)
    elif relation == "po":
        points = _down(source, target)
    else:
        points = _beside(source, target, relation, already)
    return Arrow(relation, points, _middle(points), relation != "po")


def _down(source: Pill, target: Pill) -> tuple[Point, Point, Point, Point]:
    """Between events of one statement, or from the card of one to the card of the next."""
    together = source.top == target.top
    x, y = source.x + source.width / 2, source.y + source.height if together else source.bottom
    u, v = target.x + target.width / 2, target.y if together else target.top
    bend = (v - y) / 3
    return (x, y), (x, y + bend), (u, v - bend), (u, v)


def _across(source: Pill, target: Pill, already: int) -> tuple[Point, Point, Point, Point]:
    rightwards = source.column < target.column
    shift = 6.0 * (already + 1) - 9
    x, y = source.x + (source.width if rightwards else 0), source.y + source.height / 2 + shift
    u, v = target.x + (0 if rightwards else target.width), target.y + target.height / 2 + shift
    bend = (u - x) * 0.45
    return (x, y), (x + bend, y), (u - bend, v), (u, v)


def _from_above(source: Pill, target: Pill, already: int) -> tuple[Point, Point, Point, Point]:
    x, y = source.x + source.width / 2 + 8 * already, source.y + source.height
    side = 0.0 if x <= target.x + target.width / 2 else target.width
    u, v = target.x + side, target.y + target.height / 2 + 5 * already
    reach = 60.0 if side else -60.0
    return (x, y), (x, y + 70), (u + reach, v - 30), (u, v)


def _beside(source: Pill, target: Pill, relation: str, already: int) -> tuple[Point, Point, Point, Point]:
    right = relation in ("rf", "co", "fr", "rmw")
    x, y = source.x + (source.width if right else 0), source.y + source.height / 2 + 4
    u, v = target.x + (target.width if right else 0), target.y + target.height / 2 - 4
    reach = 34 + 0.12 * abs(v - y) + 16 * already
    edge = max(x, u) + reach if right else min(x, u) - reach
    return (x, y), (edge, y), (edge, v), (u, v)


def _middle(points: tuple[Point, Point, Point, Point]) -> Point:
    (a, b), (c, d), (e, f), (g, h) = points
    return (a + 3 * c + 3 * e + g) / 8, (b + 3 * d + 3 * f + h) / 8
