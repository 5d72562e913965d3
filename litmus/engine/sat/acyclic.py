"""Acyclicity in clauses.

Only edges inside the strongly connected components of what may be related can close a cycle. In each component the
events are eliminated one after the other, those with the fewest ways through them first, and the ways that an event
leaves are kept as edges between its neighbours: two edges that would close a cycle of two exclude each other
(M. Rankooh and J. Rintanen, Propositional encodings of acyclicity and reachability by using vertex elimination, AAAI
2022).
"""

from collections.abc import Iterator

from litmus.engine.sat.matrix import Matrix
from litmus.engine.sat.solver import FALSE, TRUE, Literal, Solver

Edges = dict[int, dict[int, Literal]]


def require_acyclic(solver: Solver, relation: Matrix, n: int, unless: Literal = FALSE) -> None:
    """Add that a relation over ``n`` events has no cycle, or ``unless`` is true."""
    rows = relation.rows(n)
    for event, row in enumerate(rows):
        if event in row:
            solver.add(unless, -row[event])
    for component in components(rows):
        if len(component) > 1:
            _eliminate(solver, rows, component, unless)


def some_cycle(solver: Solver, relation: Matrix, n: int) -> Literal:
    """Return a literal that is true only where the relation has a cycle, and may be true wherever it has one.

    Where a set of events is not empty and each of them leads to one of them, there is a cycle.
    """
    rows = relation.rows(n)
    members = {event: solver.variable() for component in components(rows) for event in _circular(rows, component)}
    for event, chosen in members.items():
        ways = [solver.conjunction((edge, members[to])) for to, edge in rows[event].items() if to in members]
        solver.add(-chosen, *ways)
    return solver.disjunction(members.values())


def _circular(rows: list[dict[int, Literal]], component: list[int]) -> list[int]:
    return component if len(component) > 1 or component[0] in rows[component[0]] else []


def _eliminate(solver: Solver, rows: list[dict[int, Literal]], component: list[int], unless: Literal) -> None:
    inside = set(component)
    after: Edges = {e: {to: edge for to, edge in rows[e].items() if to in inside and to != e} for e in component}
    before: Edges = {e: {} for e in component}
    for event, edges in after.items():
        for to, edge in edges.items():
            before[to][event] = edge
    own: set[tuple[int, int]] = set()
    while inside:
        event = min(inside, key=lambda e: len(before[e]) * len(after[e]))
        inside.remove(event)
        for origin, first in before[event].items():
            for to, second in after[event].items():
                if origin == to:
                    solver.add(unless, -first, -second)
                else:
                    _shortcut(solver, after, before, own, (origin, to), (first, second))
        for to in after.pop(event):
            del before[to][event]
        for origin in before.pop(event):
            del after[origin][event]


def _shortcut(
    solver: Solver,
    after: Edges,
    before: Edges,
    own: set[tuple[int, int]],
    ends: tuple[int, int],
    way: tuple[Literal, Literal],
) -> None:
    """Add the edge that a way through an eliminated event stands for. The literals of the relation itself say no more
    than they did: an edge that has one gets another that it implies."""
    origin, to = ends
    edge = after[origin].get(to, FALSE)
    if edge == TRUE:
        return
    if edge == FALSE and TRUE in way:
        # The way is as true as the one of its edges that is open.
        found = way[0] if way[1] == TRUE else way[1]
    else:
        found = edge if ends in own else solver.variable()
        if ends not in own:
            own.add(ends)
            solver.add(-edge, found)
        solver.add(-way[0], -way[1], found)
    after[origin][to] = before[to][origin] = found


def components(rows: list[dict[int, Literal]]) -> Iterator[list[int]]:
    """Yield the strongly connected components of what may be related (R. Tarjan, 1972, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    path: list[int] = []
    on_path: set[int] = set()
    for root in range(len(rows)):
        if root in index:
            continue
        work = [(root, iter(rows[root]))]
        index[root] = low[root] = len(index)
        path.append(root)
        on_path.add(root)
        while work:
            event, following = work[-1]
            to = next(following, None)
            if to is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[event])
                if low[event] == index[event]:
                    start = path.index(event)
                    component, path = path[start:], path[:start]
                    on_path.difference_update(component)
                    yield component
            elif to not in index:
                index[to] = low[to] = len(index)
                path.append(to)
                on_path.add(to)
                work.append((to, iter(rows[to])))
            elif to in on_path:
                low[event] = min(low[event], index[to])
