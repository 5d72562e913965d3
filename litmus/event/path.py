"""Symbolic execution of one thread: every control path, with the events that it performs.

Values stay symbolic in what reads return. A register carries its value and its taint, the reads (and, where the
architecture says so, store-conditionals) that it depends on by syntax; the two are kept apart because ``r ^ r`` is 0 and
still depends on ``r``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from litmus.program.instruction import (
    Assign,
    Assume,
    Branch,
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
from litmus.program.term import (
    Address,
    Leaf,
    ReadValue,
    Register,
    Term,
    UndefinedOperation,
    apply,
    holds,
    leaves,
    substitute,
)

Taint = frozenset[int]
NONE: Taint = frozenset()


@dataclass(frozen=True, slots=True)
class PathEvent:
    """An event of a path. ``instance`` numbers the executed instruction that it belongs to."""

    kind: str
    location: str | None
    address: Address | None
    value: Term | None
    tags: Tags
    origin: Origin
    instance: int


@dataclass(frozen=True, slots=True)
class Step:
    """One executed instruction and the events ``first`` up to, not including, ``end`` that it performed."""

    instruction: Instruction
    instance: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Path:
    """One control path of a thread; events, and pairs of them, are numbered from 0; ``constraints`` must be non-zero.

    ``trace`` is what was executed; the relations between register events are filled by `event.registers` on demand.
    """

    events: tuple[PathEvent, ...]
    addr: tuple[tuple[int, int], ...]
    data: tuple[tuple[int, int], ...]
    ctrl: tuple[tuple[int, int], ...]
    amo: tuple[tuple[int, int], ...]
    lxsx: tuple[tuple[int, int], ...]
    constraints: tuple[Term, ...]
    registers: Mapping[str, Term]
    marks: frozenset[str]
    trace: tuple[Step, ...] = ()
    iico_data: tuple[tuple[int, int], ...] = ()
    iico_ctrl: tuple[tuple[int, int], ...] = ()
    rf_reg: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One possible meaning of an address term: the location, on condition that ``constraint`` is non-zero.

    ``location`` None stands for an access outside every object.
    """

    address: Address | None
    location: str | None
    constraint: Term


Resolve = Callable[[Term, Mapping[int, str]], Sequence[Target]]
"""Gives the possible targets of an address term, from the term and the locations of the path's reads."""


@dataclass(frozen=True, slots=True)
class _State:
    """Where the execution of a path stands; every step makes a new one, so that forks share their past."""

    pc: int
    values: Mapping[str, Term]
    taints: Mapping[str, Taint]
    events: tuple[PathEvent, ...] = ()
    addr: tuple[tuple[int, int], ...] = ()
    data: tuple[tuple[int, int], ...] = ()
    ctrl: tuple[tuple[int, int], ...] = ()
    amo: tuple[tuple[int, int], ...] = ()
    lxsx: tuple[tuple[int, int], ...] = ()
    constraints: tuple[Term, ...] = ()
    scopes: tuple[tuple[str | None, Taint], ...] = ()
    """Open control dependencies: the label that ends each (None: nothing does) and the reads it starts from."""
    turns: Mapping[str, int] = field(default_factory=dict)
    reservation: int | None = None
    marks: frozenset[str] = frozenset()
    instance: int = 0
    trace: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadExplorer:
    """Explores the control paths of one thread's code."""

    code: tuple[Instruction, ...]
    registers: Mapping[str, Term]
    resolve: Resolve
    unroll: int

    def paths(self) -> Iterator[Path]:
        """Yield every path, in a fixed order: fall-through before jump, success before failure."""
        labels = {i.name: pc for pc, i in enumerate(self.code) if isinstance(i, Label)}
        stack = [_State(0, dict(self.registers), {})]
        while stack:
            state = stack.pop()
            if state.pc >= len(self.code):
                yield _finished(state)
                continue
            stack.extend(reversed(list(self._traced(state, self.code[state.pc], labels))))

    def _traced(self, state: _State, instruction: Instruction, labels: Mapping[str, int]) -> Iterator[_State]:
        first = len(state.events)
        for after in self._step(state, instruction, labels):
            step = Step(instruction, state.instance + 1, first, len(after.events))
            yield replace(after, trace=(*after.trace, step))

    def _step(self, state: _State, instruction: Instruction, labels: Mapping[str, int]) -> Iterator[_State]:
        following = replace(state, pc=state.pc + 1, instance=state.instance + 1)
        # Events are numbered with the instance that follows: any number that differs between instructions will do.
        match instruction:
            case Label(name):
                scopes = tuple(s for s in state.scopes if s[0] != name) if state.scopes else ()
                yield replace(following, scopes=scopes)
            case Assign(target, value, _):
                yield _assign(following, target, *_read(state, value))
            case Load():
                yield from self._load(following, instruction)
            case Store():
                yield from self._store(following, instruction)
            case ReadModifyWrite():
                yield from self._read_modify_write(following, instruction)
            case StoreConditional():
                yield from self._store_conditional(following, instruction)
            case Fence():
                yield from self._fence(following, instruction)
            case Jump(target, _):
                yield self._jump(state, following, target, labels)
            case Branch():
                yield from self._branch(state, following, instruction, labels)
            case Assume(condition, _, control):
                yield from _assumed(following, condition, control)
            case Mark(mark, _):
                yield replace(following, marks=following.marks | {mark})

    def _targets(self, state: _State, address: Term) -> Iterator[tuple[_State, Target, Taint]]:
        """Fork over what the address may be; an access outside every object ends the path with a mark."""
        value, taint = _read(state, address)
        locations = {i: e.location for i, e in enumerate(state.events) if e.kind == "R" and e.location is not None}
        for target in self.resolve(value, locations):
            for constrained in _constrain(state, target.constraint):
                if target.location is None:
                    marks = constrained.marks | {"invalid_access"}
                    yield replace(constrained, pc=len(self.code), marks=marks), target, taint
                else:
                    yield constrained, target, taint

    def _load(self, state: _State, load: Load) -> Iterator[_State]:
        for after, target, taint in self._targets(state, load.address):
            if target.location is None:
                yield after
                continue
            number = len(after.events)
            event = PathEvent(
                "R", target.location, target.address, ReadValue(number), load.tags, load.origin, state.instance
            )
            after = _perform(after, event, addr=taint)
            if load.exclusive:
                after = replace(after, reservation=number)
            yield after if load.target is None else _assign(after, load.target, ReadValue(number), frozenset({number}))

    def _store(self, state: _State, store: Store) -> Iterator[_State]:
        for after, target, taint in self._targets(state, store.address):
            if target.location is None:
                yield after
                continue
            value, data = _read(after, store.value)
            event = PathEvent("W", target.location, target.address, value, store.tags, store.origin, state.instance)
            yield _perform(after, event, addr=taint, data=data)

    def _read_modify_write(self, state: _State, rmw: ReadModifyWrite) -> Iterator[_State]:
        for after, target, taint in self._targets(state, rmw.address):
            if target.location is None:
                yield after
                continue
            yield from self._updates(after, rmw, target, taint)

    def _updates(self, state: _State, rmw: ReadModifyWrite, target: Target, taint: Taint) -> Iterator[_State]:
        number = len(state.events)
        known = _assign(state, rmw.old.name, ReadValue(number), frozenset({number}))
        condition, origins = (1, NONE) if rmw.condition is None else _read(known, rmw.condition)
        read = PathEvent(
            "R", target.location, target.address, ReadValue(number), rmw.read_tags, rmw.origin, state.instance
        )
        # A compare-and-swap made of LL/SC branches on the comparison; one instruction or primitive does not.
        branches = origins if rmw.condition is not None and rmw.flavour == "lxsx" else NONE
        for success in _constrain(known, condition):
            value, data = _read(success, rmw.new)
            write = PathEvent("W", target.location, target.address, value, rmw.write_tags, rmw.origin, state.instance)
            # The old value reaches the write inside the instruction where the new one is computed from it.
            done = _open_scope(_perform(success, read, addr=taint), branches)
            done = _perform(done, write, addr=taint, data=data)
            pair = (number, number + 1)
            if rmw.flavour == "lxsx":
                yield replace(done, lxsx=(*done.lxsx, pair))
            else:
                yield replace(done, amo=(*done.amo, pair))
        for failure in _constrain(known, apply("!", condition)):
            failed = replace(read, tags=rmw.failed_tags)
            yield _open_scope(_perform(failure, failed, addr=taint), branches)

    def _store_conditional(self, state: _State, store: StoreConditional) -> Iterator[_State]:
        reservation = state.reservation
        cleared = replace(state, reservation=None)
        if reservation is not None:
            for after, target, taint in self._targets(cleared, store.address):
                if target.location is None:
                    yield after
                elif target.location == state.events[reservation].location:
                    yield self._successful(after, store, target, taint, reservation)
        if store.status is None:
            yield cleared
        else:
            yield _assign(cleared, store.status, store.failure, NONE)

    def _successful(
        self, state: _State, store: StoreConditional, target: Target, taint: Taint, reservation: int
    ) -> _State:
        value, data = _read(state, store.value)
        number = len(state.events)
        event = PathEvent("W", target.location, target.address, value, store.tags, store.origin, state.instance)
        after = _perform(state, event, addr=taint, data=data)
        after = replace(after, lxsx=(*after.lxsx, (reservation, number)))
        if store.status is None:
            return after
        return _assign(after, store.status, store.success, frozenset({number}) if store.carries else NONE)

    def _fence(self, state: _State, fence: Fence) -> Iterator[_State]:
        if fence.location is None:
            yield _perform(state, PathEvent("F", None, None, None, fence.tags, fence.origin, state.instance))
            return
        for after, target, taint in self._targets(state, fence.location):
            if target.location is None:
                yield after
                continue
            number = len(after.events)
            value, data = (None, NONE) if fence.value is None else _read(after, fence.value)
            cookie = number + 1
            shown = cookie if fence.result is not None else value
            event = PathEvent("F", target.location, target.address, shown, fence.tags, fence.origin, state.instance)
            after = _perform(after, event, addr=taint, data=data)
            yield after if fence.result is None else _assign(after, fence.result, cookie, frozenset({number}))

    def _jump(self, state: _State, following: _State, target: str, labels: Mapping[str, int]) -> _State:
        goal = labels[target]
        if goal > state.pc:
            return replace(following, pc=goal)
        turns = state.turns.get(target, 0) + 1
        if turns > self.unroll:
            return replace(following, pc=len(self.code), marks=following.marks | {"unroll_bound_reached"})
        return replace(following, pc=goal, turns={**state.turns, target: turns})

    def _branch(self, state: _State, following: _State, branch: Branch, labels: Mapping[str, int]) -> Iterator[_State]:
        condition, taint = _read(state, branch.condition)
        scoped = _open_scope(following, taint, branch.join)
        yield from _constrain(scoped, apply("!", condition))
        for taken in _constrain(scoped, condition):
            yield self._jump(state, taken, branch.target, labels)


def _finished(state: _State) -> Path:
    return Path(
        state.events,
        state.addr,
        state.data,
        state.ctrl,
        state.amo,
        state.lxsx,
        state.constraints,
        state.values,
        state.marks,
        state.trace,
    )


def _read(state: _State, term: Term) -> tuple[Term, Taint]:
    """Return the value and the taint of an instruction's term."""

    def lookup(leaf: Leaf) -> Term | None:
        return state.values.get(leaf.name, 0) if isinstance(leaf, Register) else None

    taint: Taint = NONE
    for leaf in leaves(term):
        if isinstance(leaf, Register):
            taint = taint | state.taints.get(leaf.name, NONE)
    return substitute(term, lookup), taint


def _assign(state: _State, register: str, value: Term, taint: Taint) -> _State:
    return replace(state, values={**state.values, register: value}, taints={**state.taints, register: taint})


def _perform(state: _State, event: PathEvent, addr: Taint = NONE, data: Taint = NONE) -> _State:
    number = len(state.events)
    controls = {read for _, taint in state.scopes for read in taint}
    return replace(
        state,
        events=(*state.events, event),
        addr=(*state.addr, *((read, number) for read in sorted(addr))),
        data=(*state.data, *((read, number) for read in sorted(data))),
        ctrl=(*state.ctrl, *((read, number) for read in sorted(controls))),
    )


def _open_scope(state: _State, taint: Taint, join: str | None = None) -> _State:
    return replace(state, scopes=(*state.scopes, (join, taint))) if taint else state


def _constrain(state: _State, condition: Term) -> Iterator[_State]:
    """Yield the state with the condition added, unless the condition is known to be false."""
    match condition:
        case int() | Address():
            if holds(condition):
                yield state
        case _:
            yield replace(state, constraints=(*state.constraints, condition))


def _assumed(state: _State, condition: Term, control: bool) -> Iterator[_State]:
    value, taint = _read(state, condition)
    yield from _constrain(_open_scope(state, taint) if control else state, value)


__all__ = ["Path", "PathEvent", "Resolve", "Target", "ThreadExplorer", "UndefinedOperation"]
