"""Where the symbolic execution of a thread stands, and the small steps that change it.

Values stay symbolic in what reads return. A register carries its value and its taint, the reads (and, where the
architecture says so, store-conditionals) that it depends on by syntax; the two are kept apart because ``r ^ r`` is 0
and still depends on ``r``. A read n that decided which value a register got, and gave none of it, is in the taint as
``~n``: such pick dependencies order less (Arm ARM, B2.3.6).
"""

from collections.abc import Iterator, Mapping

from litmus.dataclass import dataclass, field, replace
from litmus.event.path import Path, PathEvent, Step, Wait
from litmus.program.term import Address, Apply, Leaf, Register, Term, Value, holds, leaves, substitute

Taint = frozenset[int]
NONE: Taint = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """Where the execution of a path stands; every step makes a new one, so that forks share their past."""

    pc: int
    values: Mapping[str, Term]
    taints: Mapping[str, Taint]
    events: tuple[PathEvent, ...] = ()
    addr: tuple[tuple[int, int], ...] = ()
    data: tuple[tuple[int, int], ...] = ()
    ctrl: tuple[tuple[int, int], ...] = ()
    pick_addr: tuple[tuple[int, int], ...] = ()
    pick_data: tuple[tuple[int, int], ...] = ()
    pick_ctrl: tuple[tuple[int, int], ...] = ()
    amo: tuple[tuple[int, int], ...] = ()
    lxsx: tuple[tuple[int, int], ...] = ()
    constraints: tuple[Term, ...] = ()
    scopes: tuple[tuple[str | None, Taint], ...] = ()
    """Open control dependencies: the label that ends each (None: nothing does) and the reads it starts from."""
    turns: Mapping[int, int] = field(default_factory=dict)
    """How often the path has gone back to each place."""
    cut: str | None = None
    """The mark that says which loop would need more turns than the bound allows, once it does."""
    visits: Mapping[int, tuple["State", ...]] = field(default_factory=dict)
    """The states in which the path came to each of the places at which turns are compared (`event.spin`)."""
    idle: frozenset[int] = frozenset()
    """The beginnings of the loops of which a turn is kept that only waited."""
    counting: frozenset[int] = frozenset()
    """The beginnings of the loops whose present turn has been decided by a count."""
    counted: int = 0
    """How many turns have been decided by a count."""
    counts: Mapping[int, tuple[Value, ...]] = field(default_factory=dict)
    """What each branch that leaves a loop, or not, by constants last compared."""
    reservation: range | None = None
    """The events of the last exclusive load, until a store-conditional."""
    marks: frozenset[str] = frozenset()
    instance: int = 0
    trace: tuple[Step, ...] = ()
    way: str = ""
    """In which of several ways the last instruction was executed, where its events do not show it."""
    operands: tuple[tuple[int, ...], ...] = ()
    """Where the events of each operand begin, of the operators that are being computed."""
    unordered: tuple[tuple[int, int], ...] = ()
    """Pairs of events of different operands."""
    wait: Wait | None = None
    """Where the thread waits for ever, once it does."""


def finished(state: State) -> Path:
    """Return the path that ends here."""
    return Path(
        state.events,
        state.addr,
        state.data,
        state.ctrl,
        state.pick_addr,
        state.pick_data,
        state.pick_ctrl,
        state.amo,
        state.lxsx,
        state.constraints,
        state.values,
        state.marks,
        state.trace,
        unordered=state.unordered,
        wait=state.wait,
    )


def read(state: State, term: Term) -> tuple[Term, Taint]:
    """Return the value and the taint of an instruction's term."""

    def lookup(leaf: Leaf) -> Term | None:
        return state.values.get(leaf.name, 0) if isinstance(leaf, Register) else None

    taint: Taint = NONE
    for leaf in leaves(term):
        if isinstance(leaf, Register):
            taint = taint | state.taints.get(leaf.name, NONE)
    return substitute(term, lookup), taint


def assign(state: State, register: str, value: Term, taint: Taint) -> State:
    """Set a register."""
    return replace(state, values={**state.values, register: value}, taints={**state.taints, register: taint})


def perform(state: State, event: PathEvent, addr: Taint = NONE, data: Taint = NONE) -> State:
    """Append an event with its dependencies: address and data as given, control from the open scopes."""
    number = len(state.events)
    controls = frozenset(read for _, taint in state.scopes for read in taint)
    after = replace(
        state,
        events=(*state.events, event),
        addr=(*state.addr, *_to(number, addr)),
        data=(*state.data, *_to(number, data)),
        ctrl=(*state.ctrl, *_to(number, controls)),
    )
    if all(read >= 0 for read in (*addr, *data, *controls)):
        return after
    return replace(
        after,
        pick_addr=(*state.pick_addr, *_to(number, _picks(addr))),
        pick_data=(*state.pick_data, *_to(number, _picks(data))),
        pick_ctrl=(*state.pick_ctrl, *_to(number, _picks(controls))),
    )


def _to(number: int, taint: Taint) -> Iterator[tuple[int, int]]:
    return ((read, number) for read in sorted(taint) if read >= 0)


def _picks(taint: Taint) -> Taint:
    return frozenset(~read for read in taint if read < 0)


def picked(taint: Taint) -> Taint:
    """Return the taint of what was picked by something with ``taint``."""
    return frozenset(min(read, ~read) for read in taint)


def operands(state: State, step: str) -> State:
    """Begin the first operand of an operator, the next one, or (``done``) what comes after all of them."""
    number = len(state.events)
    if step == "first":
        return replace(state, operands=(*state.operands, (number,)))
    *outer, starts = state.operands
    if step == "next":
        return replace(state, operands=(*outer, (*starts, number)))
    ends = (*starts[1:], number)
    bounds = zip(starts, ends, strict=True)
    pairs = ((i, j) for start, end in bounds for i in range(start, end) for j in range(end, number))
    return replace(state, operands=tuple(outer), unordered=(*state.unordered, *pairs))


def open_scope(state: State, taint: Taint, join: str | None = None) -> State:
    """Make what follows, up to the label ``join``, depend by control on the tainting reads."""
    return replace(state, scopes=(*state.scopes, (join, taint))) if taint else state


def constrain(state: State, condition: Term) -> Iterator[State]:
    """Yield the state with the condition added, unless it is known to be false or contradicts an earlier one."""
    condition = _plain(condition)
    if isinstance(condition, int | Address):
        if holds(condition):
            yield state
    elif condition in state.constraints:
        yield state
    elif _plain(Apply("!", (condition,))) not in state.constraints:
        yield replace(state, constraints=(*state.constraints, condition))


_OPPOSITE = {"==": "!=", "!=": "=="}


def _plain(condition: Term) -> Term:
    """Return a condition in the one form of those that are negated more than once, or a comparison in other words."""
    match condition:
        case Apply("!", (Apply("!", (inner,)),)):
            return _plain(inner)
        case Apply("!", (Apply(("==" | "!=") as operator, operands),)):
            return Apply(_OPPOSITE[operator], operands)
    return condition


def assumed(state: State, condition: Term) -> Iterator[State]:
    """Yield the state with the condition assumed, unless it is known to be false."""
    value, _ = read(state, condition)
    yield from constrain(state, value)
