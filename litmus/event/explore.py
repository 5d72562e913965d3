"""Symbolic execution of one thread: every control path, with the events that it performs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from litmus.dataclass import dataclass, replace
from litmus.deadline import NEVER, Deadline
from litmus.event.access import access, numbers, perform_read, perform_write, united, value_read
from litmus.event.domain import ANYWHERE
from litmus.event.path import Path, PathEvent, Resolve, Step, Target
from litmus.event.pieces import Layout
from litmus.event.registers import BRANCH, NO_TAGS
from litmus.event.spin import BOUND, Spins, bounded
from litmus.event.state import (
    NONE,
    State,
    Taint,
    assign,
    assumed,
    constrain,
    finished,
    open_scope,
    operands,
    perform,
    picked,
    read,
)
from litmus.event.structure import MOST_EVENTS, PART, READING, UNDEFINED, too_large
from litmus.event.stuck import turning, waiting_at, waiting_for
from litmus.event.update import at_once, compare_and_swap, compare_and_swap_pair, update
from litmus.program.instruction import (
    Assign,
    Assume,
    Branch,
    Defined,
    Either,
    Fence,
    Instruction,
    Jump,
    Label,
    Load,
    Mark,
    Operands,
    ReadModifyWrite,
    SecondHalf,
    Store,
    StoreConditional,
    Tags,
)
from litmus.program.term import Address, Apply, Term, UndefinedOperation, apply

_WORD = 4
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
    branches: bool = False
    """Whether branches are events of their own."""
    spins: Spins | None = None
    """What tells the turns of loops that only wait; None where every turn is followed as far as the bound goes."""
    layout: Layout | None = None
    """How accesses are divided, None where each is one event."""
    endless: bool = False
    """Whether the paths that wait for ever are explored too."""

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
            arrived = state if self.spins is None else self.spins.arrived(state)
            if arrived is None:
                yield from self._turning_for_ever(state)
                continue
            state = arrived
            if state.cut is not None:
                yield finished(replace(state, marks=state.marks | {BOUND, state.cut}))
                continue
            stack.extend(reversed(list(self._traced(state, self.code[state.pc], labels))))

    def _turning_for_ever(self, state: State) -> Iterator[Path]:
        """Yield the path that takes the turn for ever which it has taken last, and which only waited."""
        if self.endless and self.spins is not None:
            origin = next(s.instruction.origin for s in reversed(state.trace) if not isinstance(s.instruction, Label))
            yield finished(turning(self.spins.since(state), state, origin))

    def _traced(self, state: State, instruction: Instruction, labels: Mapping[str, int]) -> Iterator[State]:
        first = len(state.events)
        following = replace(state, pc=state.pc + 1, instance=state.instance + 1, way="")
        if isinstance(instruction, Load | Store) and instruction.joined:
            following = replace(following, instance=state.instance)
        try:
            for after in self._step(state, following, instruction, labels):
                step = Step(instruction, following.instance, first, len(after.events), after.way)
                yield replace(after, trace=(*after.trace, step))
        except UndefinedOperation:
            yield replace(following, pc=len(self.code), marks=following.marks | {"undefined_operation"})

    def _step(
        self, state: State, following: State, instruction: Instruction, labels: Mapping[str, int]
    ) -> Iterator[State]:
        match instruction:
            case Label(name):
                yield replace(following, scopes=tuple(s for s in state.scopes if s[0] != name))
            case Assign():
                yield from _assigned(following, instruction)
            case Load(address=address, size=size):
                yield from self._at(following, address, partial(_load, instruction), size)
            case Store(address=address, size=size):
                yield from self._at(following, address, partial(_store, instruction), size)
            case ReadModifyWrite(second=SecondHalf()):
                yield from self._swap_pair(following, instruction)
            case ReadModifyWrite(address=address, size=size):
                yield from self._at(following, address, partial(_way_to_update(instruction), instruction), size)
            case StoreConditional():
                yield from self._store_conditional(following, instruction)
            case Fence():
                yield from self._fence(following, instruction)
            case Jump() | Branch() | Either():
                yield from self._control(state, following, instruction, labels)
            case Operands(step, _):
                yield operands(following, step)
            case Assume():
                yield from self._assumed(following, instruction)
            case Defined(condition, problem, _):
                yield from self._defined(following, condition, problem)
            case Mark(mark, _):
                yield replace(following, marks=following.marks | {mark})

    def _assumed(self, state: State, assumption: Assume) -> Iterator[State]:
        yield from assumed(state, assumption.condition)
        if self.endless:
            yield from waiting_for(state, assumption, len(self.code))

    def _defined(self, state: State, condition: Term, problem: str) -> Iterator[State]:
        value, _ = read(state, condition)
        yield from constrain(state, value)
        for undefined in constrain(state, apply("!", value)):
            yield replace(undefined, pc=len(self.code), marks=undefined.marks | {UNDEFINED + problem})

    def _at(self, state: State, address: Term, access: Access, size: int = 0) -> Iterator[State]:
        """Fork over what the address may be; an access outside every object ends the path with a mark."""
        value, taint = read(state, address)
        for target in self.resolve(value, {} if isinstance(value, int | Address) else _read_locations(state)):
            for constrained in constrain(state, target.constraint):
                divided = self._divided(target, size)
                if isinstance(divided, Target):
                    yield from access(constrained, divided, taint)
                else:
                    yield replace(constrained, pc=len(self.code), marks=constrained.marks | divided)

    def _divided(self, target: Target, size: int) -> Target | frozenset[str]:
        """Return the target with its parts, or the marks of a path that ends there."""
        if target.location is None:
            return _nowhere(target)
        return target if self.layout is None or size == 0 else self.layout.divide(target, size)

    def _swap_pair(self, state: State, rmw: ReadModifyWrite) -> Iterator[State]:
        behind = Apply("+", (rmw.address, rmw.size))

        def first(after: State, target: Target, taint: Taint) -> Iterator[State]:
            yield from self._at(after, behind, partial(compare_and_swap_pair, rmw, (target, taint)), rmw.size)

        yield from self._at(state, rmw.address, first, rmw.size)

    def _store_conditional(self, state: State, store: StoreConditional) -> Iterator[State]:
        cleared = replace(state, reservation=None)
        if state.reservation is not None:
            performing: Access = partial(_successful, store, state.reservation)
            if store.second is not None:
                performing = partial(self._successful_pair, store, state.reservation)
            yield from self._at(cleared, store.address, performing, store.size)
        yield cleared if store.status is None else assign(cleared, store.status, store.failure, NONE)

    def _successful_pair(
        self, store: StoreConditional, reservation: range, state: State, target: Target, taint: Taint
    ) -> Iterator[State]:
        assert store.second is not None
        count = len(numbers(target, 0))
        first = replace(store, status=None)
        second = replace(store, address=Apply("+", (store.address, store.size)), value=store.second)
        for after in _successful(first, reservation[:count], state, target, taint):
            ended = self._at(after, second.address, partial(_successful, second, reservation[count:]), store.size)
            yield from (united(len(state.events), pair) for pair in ended)

    def _fence(self, state: State, fence: Fence) -> Iterator[State]:
        if fence.location is None:
            yield perform(state, PathEvent("F", None, None, None, fence.tags, fence.origin, state.instance))
            if self.endless:
                yield from waiting_at(state, fence, None, len(self.code))
        else:
            yield from self._at(state, fence.location, partial(self._located_fence, fence))

    def _located_fence(self, fence: Fence, state: State, target: Target, taint: Taint) -> Iterator[State]:
        number = len(state.events)
        value, data = (None, NONE) if fence.value is None else read(state, fence.value)
        shown = value if fence.result is None else number + 1
        after = perform(state, access("F", target, shown, fence.tags, fence.origin, state), addr=taint, data=data)
        yield after if fence.result is None else assign(after, fence.result, number + 1, frozenset({number}))
        if self.endless:
            yield from waiting_at(state, fence, target.location, len(self.code))

    def _control(
        self, state: State, following: State, instruction: Jump | Branch | Either, labels: Mapping[str, int]
    ) -> Iterator[State]:
        if isinstance(instruction, Branch):
            yield from self._branch(state, following, instruction, labels)
            return
        if isinstance(instruction, Either):
            yield following
        if isinstance(instruction, Jump):
            following = self._turning(following, instruction, NO_TAGS)
        yield self._jump(state, following, instruction, labels)

    def _jump(self, state: State, following: State, jump: Jump | Branch | Either, labels: Mapping[str, int]) -> State:
        goal = labels[jump.target]
        if goal > state.pc:
            return replace(following, pc=goal)
        if self.spins is not None:
            return self.spins.turned(state, following, jump.origin, goal, self.unroll)
        turns = state.turns.get(goal, 0) + 1
        if turns > self.unroll:
            return replace(following, pc=goal, cut=bounded(jump.origin, self.unroll))
        return replace(following, pc=goal, turns={**state.turns, goal: turns})

    def _turning(self, state: State, instruction: Jump | Branch, tags: Tags) -> State:
        """Perform the event of a branch, or of a jump, which is in no set but that of all events."""
        if not self.branches:
            return state
        kind = "B" if isinstance(instruction, Branch) else "J"
        return perform(state, PathEvent(kind, None, None, None, tags, instruction.origin, state.instance))

    def _branch(self, state: State, following: State, branch: Branch, labels: Mapping[str, int]) -> Iterator[State]:
        condition, taint = read(state, branch.condition)
        scoped = open_scope(self._turning(following, branch, BRANCH), taint, branch.join)
        if self.spins is not None and isinstance(condition, int | Address):
            scoped = self.spins.branched(state, scoped, branch)
        yield from constrain(scoped, apply("!", condition))
        for taken in constrain(scoped, condition):
            yield self._jump(state, taken, branch, labels)


def _way_to_update(rmw: ReadModifyWrite) -> Callable[[ReadModifyWrite, State, Target, Taint], Iterator[State]]:
    if rmw.expected is not None:
        return compare_and_swap
    return at_once if rmw.flavour == "update" else update


def _read_locations(state: State) -> Mapping[int, str]:
    return {i: e.location for i, e in enumerate(state.events) if e.kind in READING and e.location is not None}


def _assigned(state: State, assignment: Assign) -> Iterator[State]:
    match assignment:
        case Assign(target, Apply(_, (condition, *choices)), picks=True):
            yield from _pick(state, target, condition, choices)
        case Assign(target, value):
            yield assign(state, target, *read(state, value))


def _nowhere(target: Target) -> frozenset[str]:
    return frozenset({"invalid_access"} if target.part is None else {"invalid_access", PART + target.part})


def _pick(state: State, target: str, condition: Term, choices: Sequence[Term]) -> Iterator[State]:
    value, taint = read(state, condition)
    for way, chosen in zip(("first", "second"), choices, strict=True):
        result, origins = read(state, chosen)
        for after in constrain(state, value if way == "first" else apply("!", value)):
            yield replace(assign(after, target, result, origins | picked(taint)), way=way)


def _load(load: Load, state: State, target: Target, taint: Taint) -> Iterator[State]:
    reads = numbers(target, len(state.events))
    value = value_read(target, reads.start)
    choices: list[tuple[Tags, Term]] = [(load.tags, 1)]
    if load.zero_tags is not None:
        choices = [(load.tags, apply("!=", value, 0)), (load.zero_tags, apply("==", value, 0))]
    for tags, condition in choices:
        for chosen in constrain(state, condition):
            after = perform_read(chosen, target, tags, load.origin, load.size, taint)
            if load.exclusive:
                earlier = state.reservation if load.joined else None
                after = replace(after, reservation=range(earlier.start, reads.stop) if earlier else reads)
                # Two words are read at once; two doublewords only where the store succeeds, which its atomicity says.
                after = united(earlier.start, after) if earlier and load.size == _WORD else after
            yield after if load.target is None else assign(after, load.target, value, frozenset(reads))


def _store(store: Store, state: State, target: Target, taint: Taint) -> Iterator[State]:
    value, data = read(state, store.value)
    yield perform_write(state, target, value, store.tags, store.origin, store.size, taint, data)


def _successful(
    store: StoreConditional, reservation: range, state: State, target: Target, taint: Taint
) -> Iterator[State]:
    if not _reserved(reservation, state, target):
        return
    value, data = read(state, store.value)
    writes = numbers(target, len(state.events))
    after = perform_write(state, target, value, store.tags, store.origin, store.size, taint, data)
    after = replace(after, lxsx=(*after.lxsx, *zip(reservation, writes, strict=True)))
    if store.status is None:
        yield after
    else:
        yield assign(after, store.status, store.success, frozenset(writes) if store.carries else NONE)


def _reserved(reservation: range, state: State, target: Target) -> bool:
    """Whether the last exclusive load may have been of the target and, where accesses are divided, of its size. (Arm
    leaves open what happens where the sizes differ, and herd7 lets the store fail.)"""
    loaded = [state.events[number] for number in reservation]
    stored: list[str | None] = [part.location for part in target.parts] or [target.location]
    if target.parts and any(event.access != reservation.start for event in loaded):
        return False
    return len(loaded) == len(stored) and all(
        event.location == location or ANYWHERE in (event.location, location)
        for event, location in zip(loaded, stored, strict=True)
    )
