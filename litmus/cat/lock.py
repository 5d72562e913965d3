"""Models that make rf and co for operations on locks themselves.

herd7 leaves operations on locks out of rf and co, and the kernel's lock.cat adds them. Here the engine chooses rf and
co for them as for all accesses, so that what a model adds must be what the engine chose. Without locks in a structure,
nothing of this is left.
"""

from collections.abc import Iterator, Mapping

from litmus.cat.initial import LOCK_READS, LOCK_WRITES, Initial
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Check
from litmus.relation.node import Node


def lock_agreements(graph: Graph, named: Mapping[str, Node], initial: Initial) -> Iterator[Axiom]:
    """Yield what ties the rf and co that a model defines to those of the engine."""
    if "rf" in named and "co" in named:
        yield _one_source(graph, named["rf"], initial)
        yield _one_order(graph, named["co"], initial)
        yield from _pruning(graph, initial)


def _one_source(graph: Graph, rf: Node, initial: Initial) -> Axiom:
    """Each read of a lock reads from one write, which both name."""
    everything = graph.everything()
    either = graph.union(rf, initial.relation("rf"))
    reads = graph.intersection(either, graph.cartesian(everything, initial.union(LOCK_READS)))
    two = graph.difference(graph.sequence(reads, graph.inverse(reads)), graph.identity(everything))
    return Axiom("rf", Check.EMPTY, two)


def _one_order(graph: Graph, co: Node, initial: Initial) -> Axiom:
    """No two writes, one of them to a lock, are in one order for the model and in the other for the engine."""
    everything, locks = graph.everything(), initial.union(LOCK_WRITES)
    about = graph.union(graph.cartesian(locks, everything), graph.cartesian(everything, locks))
    chosen = graph.intersection(initial.relation("co"), about)
    return Axiom("co", Check.EMPTY, graph.intersection(chosen, graph.inverse(co)))


def _pruning(graph: Graph, initial: Initial) -> Iterator[Axiom]:
    """What follows for the engine's choice, said so that it can be seen on a part of it: operations on a lock are
    coherent, and nothing writes the lock between the read and the write that take it."""
    rf, co, fr = (initial.relation(name) for name in ("rf", "co", "fr"))
    operations = initial.union((*LOCK_READS, *LOCK_WRITES))
    same_lock = graph.intersection(graph.cartesian(operations, operations), initial.relation("loc"))
    order = graph.intersection(initial.relation("po"), same_lock)
    for communication in (rf, co, fr):
        order = graph.union(order, graph.intersection(communication, same_lock))
    yield Axiom("co", Check.ACYCLIC, order)
    taking = graph.cartesian(initial.union(("LKR",)), initial.union(("LKW",)))
    pairs = graph.intersection(initial.relation("rmw"), taking)
    yield Axiom("rf", Check.EMPTY, graph.intersection(pairs, graph.sequence(fr, co)))
