"""A cat model as the engines see it.

The same interpreter runs at up to four moments, each tried when the one before asks for more:

* once for all structures, the primitive sets and relations being variables; what comes out is only specialised to
  each; where a construct takes a set apart that is empty in the structure at hand, the set is taken to be empty and the
  result used for all structures where it is;
* once for each event structure, only rf and co being variables;
* once for each rf of each structure;
* once for each rf and co, the model's choices being the only ones left.
"""

import sys
from collections.abc import Hashable, Iterator, Mapping, Sequence

from litmus.cat.bell import Annotations
from litmus.cat.evaluate import Evaluator
from litmus.cat.execute import State, definitions, execute
from litmus.cat.initial import Initial, static_value
from litmus.cat.library import Library
from litmus.cat.lock import lock_agreements
from litmus.cat.operate import NeedsMembers, Operators
from litmus.cat.order import linear_extensions
from litmus.cat.primitive import Primitives
from litmus.cat.statement import File
from litmus.cat.value import Relation
from litmus.cat.vocabulary import vocabulary
from litmus.dataclass import dataclass, field
from litmus.errors import ModelError
from litmus.relation import bits
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Basis, Instance, NeedsReadsFrom
from litmus.relation.node import Node, Operator, children, reachable
from litmus.relation.recent import Recent
from litmus.relation.specialise import Plan
from litmus.source import Span

_STACK = 50_000
"""Calls of Python inside each other, several for a call in cat: recursion over all orders of six writes needs 720."""

Assumption = frozenset[str]
"""Names of static sets and relations that are taken to be empty."""


KEPT = 512
"""How many instances of a model are kept: tests of a directory are often alike. Each has some ten kilobytes."""


@dataclass(frozen=True, slots=True)
class _Template:
    """An instance over variables, and how to specialise it."""

    instance: Instance
    plan: Plan

    def instantiate(self, basis: Basis) -> Instance:
        """Return the instance over one event structure."""
        leaves = {name: static_value(basis, name) for name in self.plan.variables() - {"rf", "co", "_"}}
        graph, nodes = self.plan.specialise(leaves, basis.universe, basis.deadline)
        mapped = dict(zip(self.plan.roots, nodes, strict=True))
        axioms = tuple(
            Axiom(a.name, a.check, mapped[a.node], a.negated, a.effect, a.span) for a in self.instance.axioms
        )
        named = {name: mapped[node] for name, node in self.instance.named.items()}
        coherence = None if self.instance.coherence is None else mapped[self.instance.coherence]
        return Instance(graph, axioms, named, coherence, self.instance.shown, self.instance.ordered)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What came of interpreting a model over variables: templates, or the names whose members were needed."""

    templates: tuple[_Template, ...] | None
    needed: frozenset[str]
    unresolved: frozenset[str]
    """Names that the model looked for and that nothing gave: where a structure has them, the result does not hold."""


@dataclass(slots=True)
class CatModel:
    """A model, ready to be interpreted over event structures. Make one with `cat.load.load_model`."""

    name: str
    title: str
    files: tuple[File, ...]
    library: Library
    bell: Annotations
    tags: frozenset[str]
    """Tags that events can carry, beyond those of the bell file and of the architectures that ship."""
    catdep: bool
    """Whether the model computes dependencies itself, from accesses to registers."""
    _attempts: dict[Assumption, _Attempt] = field(default_factory=dict)
    _instances: Recent[tuple[Instance, ...]] = field(default_factory=lambda: Recent(KEPT))

    def instances(self, basis: Basis) -> Sequence[Instance]:
        """Return the model over ``basis``, see `relation.model.Model.instances`."""
        usual = sys.getrecursionlimit()
        sys.setrecursionlimit(max(usual, _STACK))
        try:
            return self._instances_over(basis)
        except RecursionError:
            raise ModelError("a recursion does not end, or is too deep", self._start()) from None
        finally:
            sys.setrecursionlimit(usual)

    def vocabulary(self) -> frozenset[str]:
        """Return the names of the primitive sets and relations that decide which executions the model has."""
        return vocabulary(self.library.files.values())

    @property
    def architecture(self) -> str | None:
        """The architecture that the model's file states, in herd7's spelling."""
        return self.files[-1].architecture

    def _start(self) -> Span:
        return self.files[-1].source.span(0, 1)

    def _instances_over(self, basis: Basis) -> tuple[Instance, ...]:
        if basis.reads_from is not None:
            return tuple(self._with_reads_from(basis))
        found = self._instances.get(basis.shape) if basis.shape is not None else None
        if found is None:
            found = self._make(basis)
            if basis.shape is not None:
                self._instances.keep(basis.shape, found)
        return found

    def _make(self, basis: Basis) -> tuple[Instance, ...]:
        templates = self._templates(basis)
        if templates is not None:
            return tuple(template.instantiate(basis) for template in templates)
        try:
            return tuple(self._interpret(Graph(universe=basis.universe), basis))
        except NeedsMembers:
            raise NeedsReadsFrom from None

    def _templates(self, basis: Basis) -> tuple[_Template, ...] | None:
        assumed: Assumption = frozenset()
        while True:
            attempt = self._attempts.get(assumed)
            if attempt is None or not attempt.unresolved.isdisjoint({*basis.sets, *basis.relations}):
                attempt = self._attempts[assumed] = self._attempt(basis, assumed)
            if attempt.templates is not None:
                return attempt.templates
            empty = {n for n in attempt.needed - {"rf", "co", "_"} if not static_value(basis, n)}
            if not empty - assumed:
                return None
            assumed |= empty

    def _attempt(self, basis: Basis, assumed: Assumption) -> _Attempt:
        graph = Graph()
        initial = self._initial(Operators(graph, {}), basis, assumed, None)
        try:
            instances = tuple(self._interpret(graph, basis, initial))
        except NeedsMembers as need:
            return _Attempt(None, _support(graph, need.node) - assumed, frozenset(initial.unresolved))
        except NeedsReadsFrom:
            return _Attempt(None, frozenset(), frozenset(initial.unresolved))
        templates = tuple(_Template(i, Plan(i.graph, _roots(i))) for i in instances)
        return _Attempt(templates, frozenset(), frozenset(initial.unresolved))

    def _with_reads_from(self, basis: Basis) -> Iterator[Instance]:
        try:
            yield from self._interpret(Graph(universe=basis.universe), basis)
            return
        except NeedsMembers:
            pass
        for coherence in _coherence_orders(basis):
            basis.deadline.check()
            graph = Graph(universe=basis.universe)
            initial = self._initial(Operators(graph, {}), basis, frozenset(), coherence)
            yield from self._interpret(graph, basis, initial)

    def _initial(self, operators: Operators, basis: Basis, assumed: Assumption, coherence: int | None) -> Initial:
        return Initial(
            operators,
            basis,
            tags=self.tags,
            bell_sets=self.bell.sets,
            empty=assumed,
            coherence=coherence,
        )

    def _interpret(self, graph: Graph, basis: Basis, initial: Initial | None = None) -> list[Instance]:
        initial = initial or self._initial(Operators(graph, {}), basis, frozenset(), None)
        operators = initial.operators
        evaluator = Evaluator(operators, initial, self.library.variants, basis.deadline)
        environment = Primitives(operators, basis, initial.find).environment()
        files = (self.library.standard(), *self.files)
        states = execute(evaluator, files, self.library.included, environment, basis.to_first_failure)
        return [_instance(graph, state, initial) for state in states]


def _instance(graph: Graph, state: State, initial: Initial) -> Instance:
    named = definitions(state, graph)
    axioms = (*state.axioms, *(a for a in lock_agreements(graph, named, initial) if graph.value(a.node) != 0))
    shown: list[str] = []
    for name, node in state.shown.items():
        if node is not None:
            named[name] = node
        if name in named or isinstance(initial.find(name), Relation):
            shown.append(name)
    ordered = _orders_writes(graph, (*(a.node for a in axioms), *((named["co"],) if "co" in named else ())))
    return Instance(graph, axioms, named, _own_coherence(graph, named, initial), tuple(shown), ordered)


def _orders_writes(graph: Graph, roots: tuple[Node, ...]) -> bool:
    """Whether the roots depend on co for more than its domain, all writes but the last: the model makes or uses it."""
    used = set(roots)
    for node in reachable(graph, roots):
        if graph.operators[node] is not Operator.DOMAIN:
            used.update(children(graph, node))
    return any(graph.operators[x] is Operator.VARIABLE and graph.payloads[x] == "co" for x in used)


def _own_coherence(graph: Graph, named: Mapping[str, Node], initial: Initial) -> Node | None:
    """The co that the model generates; None where it is made of the engine's."""
    if "co" not in named:
        chosen = initial.coherence
        if chosen is None:
            return None
        return initial.relation("co")
    return None if "co" in _support(graph, named["co"]) else named["co"]


def _support(graph: Graph, node: Node | None) -> frozenset[str]:
    """The names of the variables that a node depends on."""
    if node is None:
        return frozenset()
    found = (graph.payloads[x] for x in reachable(graph, (node,)) if graph.operators[x] is Operator.VARIABLE)
    return frozenset(name for name in found if isinstance(name, str))


def _roots(instance: Instance) -> tuple[Node, ...]:
    coherence = () if instance.coherence is None else (instance.coherence,)
    return tuple(dict.fromkeys((*(a.node for a in instance.axioms), *instance.named.values(), *coherence)))


def _coherence_orders(basis: Basis) -> Iterator[int]:
    """Yield every co: for each location a total order of its writes, from the initial to the final one."""
    n = basis.universe
    writes, initial = basis.sets.get("W", 0), basis.sets.get("IW", 0)
    final = basis.final_writes or 0
    order = bits.cartesian(initial, writes & ~initial, n) | bits.cartesian(writes & ~final, final, n)
    groups: dict[Hashable, int] = {}
    for event in bits.members(writes):
        groups[basis.location(event)] = groups.get(basis.location(event), 0) | 1 << event

    def combine(left: list[int], chosen: int) -> Iterator[int]:
        if not left:
            yield chosen
            return
        inside = order & bits.cartesian(left[0], left[0], n)
        for extension in linear_extensions(left[0], inside, n):
            yield from combine(left[1:], chosen | extension)

    yield from combine(list(groups.values()), 0)
