"""What the variables of a formula say of an execution, so that whoever doubts it can compare it with the test."""

from collections.abc import Iterator

from litmus.dataclass import dataclass
from litmus.engine.sat.choice import Choices, Contents, Domain
from litmus.engine.sat.encode import Direction, Encoder
from litmus.engine.sat.end import Ends
from litmus.engine.sat.matrix import Matrix
from litmus.engine.sat.solver import FALSE, TRUE, Literal
from litmus.program.term import Leaf, Value
from litmus.relation.model import Instance
from litmus.relation.node import Node, Operator, Sort


@dataclass(frozen=True, slots=True)
class Edge:
    """The literal is true exactly where an execution has the edge of ``relation``, which is ``rf`` or ``co``."""

    literal: Literal
    relation: str
    origin: int
    target: int


@dataclass(frozen=True, slots=True)
class Content:
    """The literal is true exactly where an event reads (``reads``), or else writes, the value."""

    literal: Literal
    event: int
    reads: bool
    value: Value


@dataclass(frozen=True, slots=True)
class Outcome:
    """The literal is true exactly where a register or location holds the value in the end."""

    literal: Literal
    of: Leaf
    value: Value


@dataclass(frozen=True, slots=True)
class Related:
    """A set or relation of the model: ``wherever`` it holds of ``events`` the literal is true, and ``only`` there."""

    literal: Literal
    name: str
    events: tuple[int, ...]
    wherever: bool
    only: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The literal is true exactly where the condition that is asked about is, or the filter of the test."""

    literal: Literal
    text: str


Meaning = Edge | Content | Outcome | Related | Asked


def edges(choices: Choices) -> Iterator[Edge]:
    """Yield what the literals of rf and co mean."""
    n = choices.candidates.n
    for name, matrix in (("rf", choices.rf), ("co", choices.co)):
        for bit, literal in sorted(matrix.open.items()):
            yield Edge(literal, name, *divmod(bit, n))


def sure_edges(matrix: Matrix, n: int) -> tuple[tuple[int, int], ...]:
    """Return the edges that every execution of the event structure has; they need no literal."""
    return tuple(divmod(bit, n) for bit in range(n * n) if matrix.sure >> bit & 1)


def contents(found: Contents) -> Iterator[Content]:
    """Yield what the literals of the values mean that are read and written."""
    for reads, domains in ((True, found.reads), (False, found.written)):
        for event, domain in sorted(domains.items()):
            for value, literal in _open(domain):
                yield Content(literal, event, reads, value)


def outcomes(ends: Ends) -> Iterator[Outcome]:
    """Yield what the literals of final values mean."""
    for leaf, domain in ends.domains.items():
        for value, literal in _open(domain):
            yield Outcome(literal, leaf, value)


def _open(domain: Domain) -> Iterator[tuple[Value, Literal]]:
    return ((value, literal) for value, literal in domain.items() if literal not in (TRUE, FALSE))


def relations(encoder: Encoder, instance: Instance) -> Iterator[Related]:
    """Yield what the literals mean of the sets and relations that the model has names for."""
    names: dict[Node, str] = {}
    for name, node in instance.named.items():
        names.setdefault(node, name)
    n = encoder.graph.universe
    assert n is not None
    for node, matrix, direction in encoder.stated():
        if node in names and encoder.graph.operators[node] is not Operator.VARIABLE:
            wherever, only = Direction.WHERE in direction, Direction.ONLY in direction and not encoder.inexact
            for bit, literal in sorted(matrix.open.items()):
                events = (bit,) if encoder.graph.sorts[node] is Sort.SET else divmod(bit, n)
                if literal not in (TRUE, FALSE):
                    yield Related(literal, names[node], events, wherever, only)
