"""A model interpreted over variables: what is left is to put an event structure in their place."""

from collections.abc import Mapping
from contextlib import suppress

from litmus.dataclass import dataclass, replace
from litmus.deadline import Deadline
from litmus.relation.bounding import Bounding, Bounds, NotBounded
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Basis, Instance
from litmus.relation.node import Node, Operator, reachable
from litmus.relation.specialise import Plan

DYNAMIC = frozenset({"rf", "co", "_"})
"""The variables that no event structure gives a value to."""

ANY_CASE = "tag "
"""Starts the name of the variable for the events with a tag of the kernel's, however it is capitalised: the kernel's
models and macros write both 'once and 'ONCE."""


def static_value(basis: Basis, name: str) -> int:
    """Return the bits of a variable that is neither rf nor co."""
    if name.startswith(ANY_CASE):
        tag, events = name.removeprefix(ANY_CASE), 0
        for other, members in basis.sets.items():
            events |= members if other.casefold() == tag else 0
        return events
    return basis.relations.get(name, basis.sets.get(name, 0))


def support(graph: Graph, node: Node | None) -> frozenset[str]:
    """Return the names of the variables that a node depends on."""
    if node is None:
        return frozenset()
    found = (graph.payloads[x] for x in reachable(graph, (node,)) if graph.operators[x] is Operator.VARIABLE)
    return frozenset(name for name in found if isinstance(name, str))


SEVERAL = 8
"""For so many event structures graphs are folded, before code is made that does without."""


@dataclass(slots=True)
class Bounded:
    """The code for the bounds of a graph's nodes, made when it pays."""

    graph: Graph
    roots: tuple[Node, ...]
    asked: int = 0
    made: Bounding | None = None

    def bounding(self) -> Bounding | None:
        """Return the code; None where it is asked for the first few times, or cannot be made."""
        self.asked += 1
        if self.asked == SEVERAL:
            with suppress(NotBounded):
                self.made = Bounding(self.graph, self.roots)
        return self.made


@dataclass(frozen=True, slots=True)
class Template:
    """An instance over variables, and how to specialise it."""

    instance: Instance
    plan: Plan
    bounded: Bounded

    def sketch(self, basis: Basis) -> Instance | None:
        """Return the instance with the graph as it is, and the bounds of its nodes over one event structure; None where
        it had better be folded."""
        bounding = self.bounded.bounding()
        if bounding is None:
            return None
        leaves = {name: static_value(basis, name) for name in bounding.variables - DYNAMIC}
        n = basis.universe

        def bounds(rf: Bounds, co: Bounds, deadline: Deadline) -> Mapping[Node, Bounds]:
            return bounding.bounds(leaves, n, rf, co, deadline)

        return replace(self.instance, graph=self.instance.graph.over(n), bounding=bounds)

    def instantiate(self, basis: Basis) -> Instance:
        """Return the instance over one event structure."""
        leaves = {name: static_value(basis, name) for name in self.plan.variables() - DYNAMIC}
        graph, nodes = self.plan.specialise(leaves, basis.universe, basis.deadline)
        mapped = dict(zip(self.plan.roots, nodes, strict=True))
        axioms = tuple(
            Axiom(a.name, a.check, mapped[a.node], a.negated, a.effect, a.span) for a in self.instance.axioms
        )
        named = {name: mapped[node] for name, node in self.instance.named.items()}
        coherence = None if self.instance.coherence is None else mapped[self.instance.coherence]
        return Instance(graph, axioms, named, coherence, self.instance.shown, self.instance.ordered)


def template(instance: Instance) -> Template:
    """Return the template that an instance over variables is."""
    coherence = () if instance.coherence is None else (instance.coherence,)
    judged = (*(a.node for a in instance.axioms), *coherence)
    roots = tuple(dict.fromkeys((*judged, *instance.named.values())))
    return Template(instance, Plan(instance.graph, roots), Bounded(instance.graph, judged))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of interpreting a model over variables: templates, or the names whose members were needed."""

    templates: tuple[Template, ...] | None
    needed: frozenset[str]
    unresolved: frozenset[str]
    """Names that the model looked for and that nothing gave: where a structure has them, the result does not hold."""
