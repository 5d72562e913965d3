"""A model's text, interpreted over event structures or over variables in their place."""

from collections.abc import Hashable, Iterator, Mapping

from litmus.cat.evaluate import Evaluator
from litmus.cat.execute import State, definitions, execute
from litmus.cat.initial import Initial
from litmus.cat.library import Library
from litmus.cat.lock import lock_agreements
from litmus.cat.operate import NeedsMembers, Operators
from litmus.cat.order import linear_extensions
from litmus.cat.primitive import Primitives
from litmus.cat.statement import File
from litmus.cat.template import Attempt, support, template
from litmus.cat.value import Relation
from litmus.cat.vocabulary import vocabulary
from litmus.dataclass import dataclass
from litmus.relation import bits
from litmus.relation.graph import Graph
from litmus.relation.model import Basis, Instance, NeedsReadsFrom
from litmus.relation.node import Node, Operator, children, reachable
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The files of a model, and the interpretations of what they say."""

    files: tuple[File, ...]
    library: Library
    tags: frozenset[str]
    """Tags that events can carry, beyond those of the bell file and of the architectures that ship."""
    bell_sets: frozenset[str]

    def vocabulary(self) -> frozenset[str]:
        """Return the names of the primitive sets and relations that decide which executions the model has."""
        return vocabulary(self.library.files.values())

    def start(self) -> Span:
        """Return where the model begins."""
        return self.files[-1].source.span(0, 1)

    def attempt(self, basis: Basis, assumed: frozenset[str]) -> Attempt:
        """Interpret the model over variables, the names ``assumed`` standing for what is empty."""
        graph = Graph()
        initial = self._initial(Operators(graph, {}), basis, assumed, None)
        try:
            instances = tuple(self.interpret(graph, basis, initial))
        except NeedsMembers as need:
            return Attempt(None, support(graph, need.node) - assumed, frozenset(initial.unresolved))
        except NeedsReadsFrom:
            return Attempt(None, frozenset(), frozenset(initial.unresolved))
        return Attempt(tuple(map(template, instances)), frozenset(), frozenset(initial.unresolved))

    def over(self, basis: Basis) -> tuple[Instance, ...]:
        """Return the model over ``basis``.

        Raises:
            NeedsReadsFrom: where rf has to be chosen first.
        """
        try:
            return tuple(self.interpret(Graph(universe=basis.universe), basis))
        except NeedsMembers:
            raise NeedsReadsFrom from None

    def with_reads_from(self, basis: Basis) -> Iterator[Instance]:
        """Yield the model over ``basis``, whose rf is chosen: for each co where that has to be known too."""
        try:
            yield from self.interpret(Graph(universe=basis.universe), basis)
            return
        except NeedsMembers:
            pass
        for coherence in _coherence_orders(basis):
            basis.deadline.check()
            graph = Graph(universe=basis.universe)
            initial = self._initial(Operators(graph, {}), basis, frozenset(), coherence)
            yield from self.interpret(graph, basis, initial)

    def _initial(self, operators: Operators, basis: Basis, assumed: frozenset[str], coherence: int | None) -> Initial:
        return Initial(
            operators,
            basis,
            tags=self.tags,
            bell_sets=self.bell_sets,
            empty=assumed,
            coherence=coherence,
        )

    def interpret(self, graph: Graph, basis: Basis, initial: Initial | None = None) -> list[Instance]:
        """Return the model over ``graph``: several instances where it chooses."""
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
    return None if "co" in support(graph, named["co"]) else named["co"]


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
