"""Symbolic execution of one thread: every control path, with the events that it performs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from litmus.deadline import NEVER, Deadline
from litmus.event.path import Path, PathEvent, Resolve, Step, Target
from litmus.event.state import (
    NONE,
    State,
    Taint,
    assign,
    assumed,
    constrain,
    finished,
    open_scope,
    perform,
    read,
)
from litmus.event.structure import MOST_EVENTS, UNDEFINED, too_large
from litmus.program.instruction import (
    Assign,
    Assume,
    Branch,
    Defined,
    Fence,
    Instruction,
    Jump,
    Label,
    Load,
    Mark,
    Origin,
    ReadModifyWrite,
    Store,
    StoreConditional,
    Tags,
)
from litmus.program.term import Address, ReadValue, Term, UndefinedOperation, apply

Access: TypeAlias = Callable[[State, Target, Taint], Iterator[State]]
"""Performs an access to a target whose address has a taint."""


@dataclass(frozen=True, slots=True)
class ThreadExplorer:
    """Explores the control paths of one thread's code."""

    code: tuple[Instruction, ...]
    registers: Mapping[str, Term]
    resolve: Resolve
    unroll: int
    deadline: Deadline = NEVER

    def paths(self) -> Iterator[Path]:
        """Yield every path, in a fixed order: fall-through before jump, success before failure."""
        labels = {i.name: pc for pc, i in enumerate(self.code) if isinstance(i, Label)}
        stack = [State(0, dict(self.registers), {})]
        while stack:
            self.deadline.check()
            state = stack.pop()
            if len(state.events) > MOST_EVENTS:
                raise too_large(state.events[-1].origin)
            if state.pc >= len(self.code):
                yield finished(state)
                continue
            stack.extend(reversed(list(self._traced(state, self.code[state.pc], labels))))

    def _traced(self, state: State, instruction: Instruction, labels: Mapping[str, int]) -> Iterator[State]:
        first = len(state.events)
        following = replace(state, pc=state.pc + 1, instance=state.instance + 1)
        if isinstance(instruction, Load | Store) and instruction.joined:
            following = replace(following, instance=state.instance)
        try:
            for after in self._step(state, following, instruction, labels):
                step = Step(instruction, following.instance, first, len(after.events))
                yield replace(after, trace=(*after.trace, step))
        except UndefinedOperation:
            yield replace(following, pc=len(self.code), marks=following.marks | {"undefined_operation"})

    def _step(
        self, state: State, following: State, instruction: Instruction, labels: Mapping[str, int]
    ) -> Iterator[State]:
        match instruction:
            case Label(name):
                yield replace(following, scopes=tuple(s for s in state.scopes if s[0] != name))
            case Assign(target, value, _):
                yield assign(following, target, *read(state, value))
            case Load(address=address):
                yield from self._at(following, address, partial(_load, instruction))
            case Store(address=address):
                yield from self._at(following, address, partial(_store, instruction))
            case ReadModifyWrite(address=address):
                yield from self._at(following, address, partial(_update, instruction))
            case StoreConditional():
                yield from self._store_conditional(following, instruction)
            case Fence() if instruction.location is None:
                event = PathEvent("F", None, None, None, instruction.tags, instruction.origin, following.instance)
                yield perform(following, event)
            case Fence(location=location) if location is not None:
                yield from self._at(following, location, partial(_located_fence, instruction))
            case Jump(target, _):
                yield self._jump(state, following, target, labels)
            case Branch():
                yield from self._branch(state, following, instruction, labels)
            case Assume(condition, _, control):
                yield from assumed(following, condition, control)
            case Defined(condition, problem, _):
                yield from self._defined(following, condition, problem)
            case Mark(mark, _):
                yield replace(following, marks=following.marks | {mark})

    def _defined(self, state: State, condition: Term, problem: str) -> Iterator[State]:
        value, _ = read(state, condition)
        yield from constrain(state, value)
        for undefined in constrain(state, apply("!", value)):
            yield replace(undefined, pc=len(self.code), marks=undefined.marks | {UNDEFINED + problem})

    def _at(self, state: State, address: Term, access: Access) -> Iterator[State]:
        """Fork over what the address may be; an access outside every object ends the path with a mark."""
        value, taint = read(state, address)
        for target in self.resolve(value, {} if isinstance(value, int | Address) else _read_locations(state)):
            for constrained in constrain(state, target.constraint):
                if target.location is None:
                    yield replace(constrained, pc=len(self.code), marks=constrained.marks | {"invalid_access"})
                else:
                    yield from access(constrained, target, taint)

    def _store_conditional(self, state: State, store: StoreConditional) -> Iterator[State]:
        cleared = replace(state, reservation=None)
        if state.reservation is not None:
            access = partial(_successful, store, state.reservation)
            yield from self._at(cleared, store.address, access)
        yield cleared if store.status is None else assign(cleared, store.status, store.failure, NONE)

    def _jump(self, state: State, following: State, target: str, labels: Mapping[str, int]) -> State:
        goal = labels[target]
        if goal > state.pc:
            return replace(following, pc=goal)
        turns = state.turns.get(target, 0) + 1
        if turns > self.unroll:
            return replace(following, pc=len(self.code), marks=following.marks | {"unroll_bound_reached"})
        return replace(following, pc=goal, turns={**state.turns, target: turns})

    def _branch(self, state: State, following: State, branch: Branch, labels: Mapping[str, int]) -> Iterator[State]:
        condition, taint = read(state, branch.condition)
        scoped = open_scope(following, taint, branch.join)
        yield from constrain(scoped, apply("!", condition))
        for taken in constrain(scoped, condition):
            yield self._jump(state, taken, branch.target, labels)


def _read_locations(state: State) -> Mapping[int, str]:
    return {i: e.location for i, e in enumerate(state.events) if e.kind == "R" and e.location is not None}


def _event(
    kind: str, target: Target, value: Term | None, tags: Tags, origin: Origin, state: State, size: int = 0
) -> PathEvent:
    return PathEvent(kind, target.location, target.address, value, tags, origin, state.instance, size)


def _load(load: Load, state: State, target: Target, taint: Taint) -> Iterator[State]:
    number = len(state.events)
    value = ReadValue(number)
    choices: list[tuple[Tags, Term]] = [(load.tags, 1)]
    if load.zero_tags is not None:
        choices = [(load.tags, apply("!=", value, 0)), (load.zero_tags, apply("==", value, 0))]
    for tags, condition in choices:
        for chosen in constrain(state, condition):
            after = perform(chosen, _event("R", target, value, tags, load.origin, state, load.size), addr=taint)
            if load.exclusive:
                after = replace(after, reservation=number)
            yield after if load.target is None else assign(after, load.target, value, frozenset({number}))


def _store(store: Store, state: State, target: Target, taint: Taint) -> Iterator[State]:
    value, data = read(state, store.value)
    event = _event("W", target, value, store.tags, store.origin, state, store.size)
    yield perform(state, event, addr=taint, data=data)


def _update(rmw: ReadModifyWrite, state: State, target: Target, taint: Taint) -> Iterator[State]:
    known, number = _about_to_read(rmw, _guarded(rmw, state))
    condition, branches = _comparison(rmw, known)
    for success in constrain(known, condition):
        # The old value reaches the write inside the instruction where the new one is computed from it.
        value, data = read(success, rmw.new)
        write = _event("W", target, value, rmw.write_tags, rmw.origin, state, rmw.size)
        reading = _event("R", target, ReadValue(number), rmw.read_tags, rmw.origin, state, rmw.size)
        opened = open_scope(perform(success, reading, addr=taint), branches)
        yield _guarded(rmw, _paired(perform(opened, write, addr=taint, data=data), rmw.flavour, number))
    known, number = _about_to_read(rmw, state)
    condition, branches = _comparison(rmw, known)
    for failure in constrain(known, apply("!", condition)):
        reading = _event("R", target, ReadValue(number), rmw.failed_tags, rmw.origin, state, rmw.size)
        yield open_scope(perform(failure, reading, addr=taint), branches)


def _about_to_read(rmw: ReadModifyWrite, state: State) -> tuple[State, int]:
    """Return the state with the old value in its register, and the number of the read that is to give it."""
    number = len(state.events)
    return assign(state, rmw.old.name, ReadValue(number), frozenset({number})), number


def _comparison(rmw: ReadModifyWrite, known: State) -> tuple[Term, Taint]:
    """Return the condition and the reads that what follows depends on by control.

    A compare-and-swap made of LL/SC branches on the comparison; one instruction or primitive does not.
    """
    if rmw.condition is None:
        return 1, NONE
    condition, origins = read(known, rmw.condition)
    return condition, origins if rmw.flavour == "lxsx" else NONE


def _guarded(rmw: ReadModifyWrite, state: State) -> State:
    for tag in rmw.guards:
        state = perform(state, PathEvent("F", None, None, None, frozenset({tag}), rmw.origin, state.instance))
    return state


def _paired(state: State, flavour: str, number: int) -> State:
    pair = (number, number + 1)
    if flavour == "lxsx":
        return replace(state, lxsx=(*state.lxsx, pair))
    return replace(state, amo=(*state.amo, pair))


def _successful(
    store: StoreConditional, reservation: int, state: State, target: Target, taint: Taint
) -> Iterator[State]:
    if target.location != state.events[reservation].location:
        return
    value, data = read(state, store.value)
    number = len(state.events)
    event = _event("W", target, value, store.tags, store.origin, state, store.size)
    after = perform(state, event, addr=taint, data=data)
    after = replace(after, lxsx=(*after.lxsx, (reservation, number)))
    if store.status is None:
        yield after
    else:
        yield assign(after, store.status, store.success, frozenset({number}) if store.carries else NONE)


def _located_fence(fence: Fence, state: State, target: Target, taint: Taint) -> Iterator[State]:
    number = len(state.events)
    value, data = (None, NONE) if fence.value is None else read(state, fence.value)
    shown = value if fence.result is None else number + 1
    after = perform(state, _event("F", target, shown, fence.tags, fence.origin, state), addr=taint, data=data)
    yield after if fence.result is None else assign(after, fence.result, number + 1, frozenset({number}))
