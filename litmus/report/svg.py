"""An event graph as SVG, laid out by `report.layout`: no Graphviz is needed to look at it."""

from collections.abc import Iterator
from html import escape

from litmus.event.graph import Graph
from litmus.program.program import Program
from litmus.report.layout import Arrow, Card, Layout, Pill, layout
from litmus.report.picture import COLOURS, MEANINGS

INK, PALE, LINE, CARD = "#212529", "#868e96", "#ced4da", "#f8f9fa"
FILLS = {"R": "#fff3e0", "W": "#e7f5ff", "F": "#f3f0ff"}
STROKES = {"R": "#e8a33d", "W": "#4a90d9", "F": "#9775fa"}


def svg(graph: Graph, program: Program, title: str, subtitle: str = "") -> str:
    """Return the graph as an SVG document. ``subtitle`` is written under the title (the final state, say)."""
    return "".join(f"{line}\n" for line in _document(layout(graph, program), title, subtitle))


def _document(plan: Layout, title: str, subtitle: str) -> Iterator[str]:
    width = max(plan.width, 16 + 8.5 * max(len(title), len(subtitle)))
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{plan.height:.0f}" '
        f'viewBox="0 0 {width:.0f} {plan.height:.0f}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace">'
    )
    yield f"<title>{escape(title)}</title>"
    yield "<defs>" + "".join(_head(relation) for relation in COLOURS) + "</defs>"
    yield '<rect width="100%" height="100%" fill="white"/>'
    yield _text(24, 30, title, 15, INK, weight="bold")
    yield _text(24, 50, subtitle, 12, PALE)
    for name, x, y in plan.columns:
        yield _text(x, y, name, 13, INK, anchor="middle", weight="bold")
    yield from (line for card in plan.cards for line in _card(card))
    yield from (line for pill in plan.pills for line in _pill(pill))
    yield from (_curve(arrow) for arrow in plan.arrows)
    yield from (_tag(arrow) for arrow in plan.arrows if arrow.named)
    yield from _legend(plan)
    yield "</svg>"


def _head(relation: str) -> str:
    return (
        f'<marker id="head-{relation}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M0,1 L10,5 L0,9 z" fill="{COLOURS[relation]}"/></marker>'
    )


def _text(x: float, y: float, text: str, size: int, fill: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )


def _card(card: Card) -> Iterator[str]:
    yield (
        f'<rect x="{card.x:.1f}" y="{card.y:.1f}" width="{card.width:.1f}" height="{card.height:.1f}" rx="8" '
        f'fill="{CARD}" stroke="{LINE}"/>'
    )
    label = f'<tspan font-weight="bold" fill="{INK}">{escape(card.label)}</tspan>'
    yield (
        f'<text x="{card.x + 10:.1f}" y="{card.y + 18:.1f}" font-size="12" fill="#495057">'
        f"{label} {escape(card.text)}</text>"
    )


def _pill(pill: Pill) -> Iterator[str]:
    dash = ' stroke-dasharray="4 3"' if pill.initial else ""
    fill, stroke = ("white", PALE) if pill.initial else (FILLS.get(pill.kind, "white"), STROKES.get(pill.kind, PALE))
    yield (
        f'<rect x="{pill.x:.1f}" y="{pill.y:.1f}" width="{pill.width:.1f}" height="{pill.height:.1f}" rx="5" '
        f'fill="{fill}" stroke="{stroke}"{dash}/>'
    )
    yield _text(pill.x + pill.width / 2, pill.y + pill.height / 2 + 4, pill.text, 12, INK, anchor="middle")


def _curve(arrow: Arrow) -> str:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = arrow.points
    dash = ' stroke-dasharray="5 3"' if arrow.relation in ("addr", "data", "ctrl") else ""
    return (
        f'<path d="M{x0:.1f},{y0:.1f} C{x1:.1f},{y1:.1f} {x2:.1f},{y2:.1f} {x3:.1f},{y3:.1f}" fill="none" '
        f'stroke="{COLOURS[arrow.relation]}" stroke-width="1.6"{dash} marker-end="url(#head-{arrow.relation})"/>'
    )


def _tag(arrow: Arrow) -> str:
    x, y = arrow.label
    return (
        f'<text x="{x:.1f}" y="{y + 4:.1f}" font-size="11" font-weight="bold" text-anchor="middle" stroke="white" '
        f'stroke-width="4" paint-order="stroke" fill="{COLOURS[arrow.relation]}">{arrow.relation}</text>'
    )


def _legend(plan: Layout) -> Iterator[str]:
    x = 24.0
    for relation in (name for name in COLOURS if name in {arrow.relation for arrow in plan.arrows}):
        y = plan.height - 18
        yield f'<line x1="{x}" y1="{y}" x2="{x + 22}" y2="{y}" stroke="{COLOURS[relation]}" stroke-width="2"/>'
        words = f"{relation} {MEANINGS[relation]}"
        yield _text(x + 28, y + 4, words, 11, PALE)
        x += 28 + 6.8 * len(words) + 18
