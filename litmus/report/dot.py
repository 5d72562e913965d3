"""An event graph in Graphviz's DOT language: threads as clusters, po downwards."""

from collections.abc import Iterator

from litmus.event.graph import Graph, edges, of_thread
from litmus.event.structure import INIT
from litmus.program.program import Program
from litmus.report.picture import COLOURS, DEFAULT_COLOUR, event_text


def dot(graph: Graph, program: Program, title: str) -> str:
    """Return the graph as DOT."""
    return "".join(f"{line}\n" for line in _lines(graph, program, title))


def _lines(graph: Graph, program: Program, title: str) -> Iterator[str]:
    yield f"digraph {_quoted(program.title)} {{"
    yield f"  label={_quoted(title)}; labelloc=t; fontname=monospace; splines=spline; nodesep=0.6; ranksep=0.45;"
    yield "  node [shape=box, style=rounded, fontname=monospace, fontsize=11]; edge [fontname=monospace, fontsize=10];"
    yield from (f"  e{number} {_node(graph, program, number)};" for number in of_thread(graph, INIT))
    for index, thread in enumerate(program.threads):
        yield f"  subgraph cluster_{index} {{"
        yield f"    label={_quoted(thread.name)}; style=rounded; color=gray80;"
        yield from (f"    e{number} {_node(graph, program, number)};" for number in of_thread(graph, index))
        yield "  }"
    yield from (f"  e{a} -> e{b} {_edge(relation)};" for a, b, relation in edges(graph))
    yield "}"


def _node(graph: Graph, program: Program, number: int) -> str:
    attributes = graph.nodes[number]
    text = event_text(attributes, program)
    if attributes["thread"] == INIT:
        return f"[label={_quoted(text)}, style=dashed]"
    statement = f"[{attributes['label']}] {attributes['text']}"
    return f"[label={_quoted(statement, text)}]"


def _edge(relation: str) -> str:
    colour = COLOURS.get(relation, DEFAULT_COLOUR)
    weight = "" if relation == "po" else ", constraint=false"
    return f'[label="{relation}", color="{colour}", fontcolor="{colour}"{weight}]'


def _quoted(*lines: str) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'
