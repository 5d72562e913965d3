"""The steps of an execution: statements with what they read and write."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from litmus.dataclass import dataclass
from litmus.engine.base import Execution
from litmus.engine.candidate import written
from litmus.event.structure import READING, WRITING, Event
from litmus.program.instruction import Origin
from litmus.program.program import Thread
from litmus.program.syntax import Assignment, Block, If, Local, Loop, Statement
from litmus.program.term import Leaf, ReadValue, Term, UndefinedOperation, Value, substitute
from litmus.relation import bits

Group: TypeAlias = tuple[int, ...]
"""The numbers of the events that one statement makes."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A location before and after a step; None where the step does not read, or does not write it."""

    location: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a thread as it happens. ``registers`` are the locals it sets; ``ahead_of`` the labels of the
    statements of its thread that stand before it and are told after it."""

    thread: int
    label: str
    text: str
    events: Group
    effects: tuple[Effect, ...]
    registers: tuple[tuple[str, Value], ...] = ()
    ahead_of: tuple[str, ...] = ()


def groups(execution: Execution) -> Iterator[Group]:
    """Yield the events of each statement, thread by thread in program order, without branches. A statement that a loop
    runs again is a new group."""
    for thread in range(len(execution.structure.program.threads)):
        group: list[Event] = []
        for event in _in_program_order(execution, thread):
            if group and _begins_anew(group, event):
                yield tuple(e.number for e in group)
                group = []
            group.append(event)
        if group:
            yield tuple(e.number for e in group)


def _in_program_order(execution: Execution, thread: int) -> list[Event]:
    structure = execution.structure
    n = len(structure.events)
    earlier = bits.inverse(structure.relations["po"], n)
    ranks = [(earlier >> number * n & ((1 << n) - 1)).bit_count() for number in range(n)]
    events = [e for e in structure.events if e.thread == thread and e.kind not in "BJ"]
    return sorted(events, key=lambda e: (ranks[e.number], e.number))


def _begins_anew(group: Sequence[Event], event: Event) -> bool:
    last = group[-1].origin
    if event.origin != last or event.origin.span != last.span:
        return True
    return event.kind == "R" and any(e.kind == "R" and e.location == event.location for e in group)


def apart(execution: Execution, group: Group) -> Iterator[Group]:
    """Yield the events of a group one by one, but each read-modify-write as one."""
    pairs = dict(bits.pairs(execution.structure.relations.get("rmw", 0), len(execution.structure.events)))
    written = set(pairs.values())
    for number in group:
        if number not in written:
            yield (number, pairs[number]) if pairs.get(number) in group else (number,)


def step(execution: Execution, group: Group, ahead_of: tuple[str, ...] = ()) -> Step:
    """Return the step that the events of ``group`` make."""
    first = execution.structure.events[group[0]]
    return Step(
        first.thread,
        first.origin.label,
        first.origin.text,
        group,
        tuple(_effects(execution, group)),
        tuple(_registers(execution, first)),
        ahead_of,
    )


def _effects(execution: Execution, group: Group) -> Iterator[Effect]:
    events = [execution.structure.events[number] for number in group]
    for location in dict.fromkeys(e.location for e in events if e.location is not None and e.kind in "RWU"):
        read = [execution.values[e.number] for e in events if e.location == location and e.kind in READING]
        left = [written(e, execution.values) for e in events if e.location == location and e.kind in WRITING]
        yield Effect(location, read[0] if read else None, left[-1] if left else None)


def _registers(execution: Execution, event: Event) -> Iterator[tuple[str, Value]]:
    """The local that the statement sets, where the thread sets it nowhere else: then its final value is the value."""
    register = _sets(execution.structure.program.threads[event.thread], event.origin)
    if register is not None and (value := _final(execution, event.thread, register)) is not None:
        yield register, value


def _sets(thread: Thread, origin: Origin) -> str | None:
    assignments = [s for s in statements(thread.body) if isinstance(s, Assignment) and isinstance(s.target, Local)]
    targets = [s.target.name for s in assignments if isinstance(s.target, Local)]
    for assignment, target in zip(assignments, targets, strict=True):
        here = assignment.label == origin.label or (origin.span is not None and assignment.span == origin.span)
        if here and targets.count(target) == 1:
            return target
    return None


def statements(body: Sequence[Statement]) -> Iterator[Statement]:
    """Yield every statement of ``body``, those inside others after them."""
    for statement in body:
        yield statement
        match statement:
            case If(_, then, otherwise):
                yield from statements((*then, *otherwise))
            case Loop(_, inside, _, after):
                yield from statements((*inside, *after))
            case Block(inside):
                yield from statements(inside)


def _final(execution: Execution, thread: int, register: str) -> Value | None:
    term = execution.structure.final.get((thread, register))
    if term is None:
        return None

    def lookup(leaf: Leaf) -> Term | None:
        return execution.values[leaf.event] if isinstance(leaf, ReadValue) else None

    try:
        value = substitute(term, lookup)
    except UndefinedOperation:
        return None
    return value if isinstance(value, Value) else None


def union(relations: Mapping[str, int], *names: str) -> int:
    """Return the union of the named relations; one that is absent is empty."""
    found = 0
    for name in names:
        found |= relations.get(name, 0)
    return found
