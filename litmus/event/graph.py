"""An event structure, with the rf and co of one execution, as a networkx graph.

networkx takes a quarter of a second to import: nothing on the path of a plain check imports this module.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import networkx

from litmus.event.structure import INIT, Event, EventStructure
from litmus.program.term import Value
from litmus.relation import bits

Graph: TypeAlias = "networkx.MultiDiGraph[int]"
"""Nodes are event numbers with ``thread kind location value tags label text``; edges have ``relation``."""

DEPENDENCIES = ("addr", "data", "ctrl", "rmw")


def event_graph(
    structure: EventStructure,
    reads_from: int = 0,
    coherence: int = 0,
    values: Sequence[Value | None] = (),
) -> Graph:
    """Return the events that matter to a reader, with po, co and fr reduced to their immediate edges.

    Left out are branches, initial writes that nothing reads or overwrites, and the fr inside a read-modify-write, which
    rmw shows already.
    """
    n = len(structure.events)
    relations = _relations(structure, reads_from, coherence, n)
    shown = [event for event in structure.events if _matters(event, relations, n)]
    graph: Graph = networkx.MultiDiGraph(name=structure.program.title)
    for event in shown:
        graph.add_node(event.number, **_attributes(event, values))
    for name, relation in relations.items():
        for source, target in bits.pairs(relation, n):
            if source in graph and target in graph:
                graph.add_edge(source, target, key=name, relation=name)
    return graph


def _relations(structure: EventStructure, rf: int, co: int, n: int) -> Mapping[str, int]:
    branches = sum(1 << e.number for e in structure.events if e.kind in "BJ")
    po = (
        structure.relations["po"]
        & ~bits.cartesian(branches, (1 << n) - 1, n)
        & ~bits.cartesian((1 << n) - 1, branches, n)
    )
    fr = bits.sequence(bits.inverse(rf, n), co, n) & ~bits.identity(n)
    found = {"po": immediate(po, n), "rf": rf, "co": immediate(co, n)}
    found["fr"] = fr & ~bits.sequence(fr, co, n) & ~structure.relations.get("rmw", 0)
    return found | {name: structure.relations.get(name, 0) for name in DEPENDENCIES}


def immediate(relation: int, n: int) -> int:
    """Return the edges of a transitive relation that no third event lies between."""
    return relation & ~bits.sequence(relation, relation, n)


def _matters(event: Event, relations: Mapping[str, int], n: int) -> bool:
    if event.kind in "BJ":
        return False
    if event.thread != INIT:
        return True
    used = bits.domain(relations["rf"] | relations["co"], n)
    return bool(used >> event.number & 1)


def _attributes(event: Event, values: Sequence[Value | None]) -> dict[str, Any]:
    return {
        "thread": event.thread,
        "kind": event.kind,
        "location": event.location,
        "value": values[event.number] if values else None,
        "tags": tuple(sorted(event.tags)),
        "label": event.origin.label,
        "text": event.origin.text,
    }


def of_thread(graph: Graph, thread: int) -> list[int]:
    """Return the events of a thread (-1: the initial writes) in order."""
    return sorted(number for number in graph if graph.nodes[number]["thread"] == thread)


def edges(graph: Graph) -> Iterator[tuple[int, int, str]]:
    """Yield (source, target, relation) in a fixed order."""
    yield from sorted((source, target, str(relation)) for source, target, relation in graph.edges(keys=True))
