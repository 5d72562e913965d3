"""Loops that only wait: turns after which a thread stands where it stood before and has changed nothing.

Such a turn is left out of every execution, and no final state is lost. Let E be an execution with such a turn and E'
the same without the events of the turn: E' is an execution of the program, since the thread goes on from the same place
with the same values; and the models that ship allow E' if they allow E, because taking away reads and fences takes away
edges and adds none (docs/models.md says why that holds of each). What E' would not show is a data race with a read of
the turn: so where a read could race, one such turn of a loop is kept, and as a race is between two events of different
threads, no more is needed.

An update that writes back what it has read, as a failed test-and-set does, changes nothing either. In E' others read
what it has read itself. One such turn of a loop is kept too, for the reads of its own thread.

A place of the code is compared with itself: it is live registers that count, so that a value which the next turn
overwrites does not tell two turns apart.
"""

from collections.abc import Iterable, Sequence

from litmus.dataclass import dataclass, replace
from litmus.event.domain import ANYWHERE, Domains, possible
from litmus.event.loop import Jumping, Loops, loops_of, registers_of
from litmus.event.path import PathEvent
from litmus.event.state import NONE, State
from litmus.program.instruction import Branch, Instruction, Origin, Store
from litmus.program.program import Program
from litmus.program.term import Address, FinalRegister, ReadValue, Term, apply, holds, leaves

PLAIN = "Plain"
"""The tag of accesses that may race."""

SECTIONS = frozenset(
    {"Rcu-lock", "Rcu-unlock", "Sync-rcu", "Srcu-lock", "Srcu-unlock", "Sync-srcu", "After-unlock-lock"}
)
"""Events that a model counts or matches with each other: a turn that performs one is not left out."""


BOUND = "unroll_bound_reached"
"""The mark of paths that a bound on the turns of a loop has cut."""

BOUNDED = "bounded: "
"""What the mark begins with that such a path has beside it, and that says which loop it was."""

MOST_COUNTED = 256
"""How many turns of loops that count a path may have beside those that the bound allows."""


@dataclass(frozen=True, slots=True)
class Spins:
    """Recognises the turns of a thread's loops that only wait, and those that are counted.

    ``watched`` are the locations that a read may race on, None for all of them. ``domains`` are the values that
    locations may hold, None as long as they are not known.
    """

    loops: Loops
    watched: frozenset[str] | None = frozenset()
    domains: Domains | None = None

    def arrived(self, state: State) -> State | None:
        """Return the state, with the visit noted, when it comes to a place of the code; None where what it did since
        an earlier visit was to wait, and need not be followed."""
        registers = self.loops.live.get(state.pc)
        if registers is None:
            return state
        visits = state.visits.get(state.pc, ())
        if any(self._waited(earlier, state, registers) for earlier in visits):
            head = self.loops.heads[state.pc]
            if head in state.idle or not self._shows(state.events[len(visits[0].events) :]):
                return None
            state = replace(state, idle=state.idle | {head})
        return replace(state, visits={**state.visits, state.pc: (*visits, state)})

    def since(self, state: State) -> State:
        """Return where the turn began after which a state has not :meth:`arrived`."""
        registers = self.loops.live[state.pc]
        return next(e for e in reversed(state.visits[state.pc]) if self._waited(e, state, registers))

    def _waited(self, earlier: State, state: State, registers: Sequence[str]) -> bool:
        """Whether a thread that has come from ``earlier`` is as if it had not moved, but for what it has read."""
        return (
            earlier.marks == state.marks
            and earlier.reservation == state.reservation
            and earlier.operands == state.operands
            and all(_kept(earlier, state, register) for register in registers)
            and set(earlier.scopes) <= set(state.scopes)
            and self._silent(state, len(earlier.events))
        )

    def _silent(self, state: State, first: int) -> bool:
        """Whether the events from ``first`` on write nothing, or only back what the same update has read."""
        pairs = {write: read for read, write in (*state.amo, *state.lxsx)}
        for number, event in enumerate(state.events[first:], first):
            if event.kind not in "RF" and not (number in pairs and self._writes_back(state, pairs[number], number)):
                return False
            if event.tags & SECTIONS:
                return False
        return True

    def _writes_back(self, state: State, read: int, write: int) -> bool:
        """Whether an update writes what it has read, whatever that may be on this path."""
        value, old = state.events[write].value, ReadValue(read)
        if value is None or self.domains is None:
            return False
        changed: Term = apply("!=", value, old)
        for constraint in state.constraints:
            if old in leaves(constraint):
                changed = apply("&&", constraint, changed)
        locations = {i: e.location for i, e in enumerate(state.events) if e.kind == "R" and e.location is not None}
        found = possible(changed, locations, self.domains)
        return found is not None and not any(holds(each) for each in found)

    def _shows(self, events: Iterable[PathEvent]) -> bool:
        """Whether a turn may have shown what no other one does: a race, or a write that its own thread reads."""
        return any(event.kind == "W" or (event.kind == "R" and self._exposed(event)) for event in events)

    def _exposed(self, event: PathEvent) -> bool:
        return PLAIN in event.tags or self.watched is None or event.location in {*self.watched, ANYWHERE}

    def branched(self, state: State, after: State, branch: Branch) -> State:
        """Return the state ``after`` a branch whose condition is constant, with a note of what it has counted: the turn
        of a loop counts if what would have left it compares other constants than last time."""
        left = self.loops.exits.get(state.pc)
        if left is None:
            return after
        compared = [state.values.get(register, 0) for register in sorted(registers_of(branch.condition))]
        constants = tuple(value for value in compared if isinstance(value, int | Address))
        if len(constants) < len(compared) or state.counts.get(state.pc) == constants:
            return after
        return replace(after, counting=after.counting | left, counts={**after.counts, state.pc: constants})

    def turned(self, state: State, after: State, origin: Origin, goal: int, unroll: int) -> State:
        """Return the state ``after`` a jump from the place of ``state`` back to ``goal``, marked to be cut there if
        that is a turn more than the bound allows, unless it is one that only waited.

        A turn that is counted does not use up the bound, and loops inside of a loop begin anew with each of its turns.
        """
        outside = {head: number for head, number in state.turns.items() if not goal < head <= state.pc}
        idle = frozenset(head for head in state.idle if not goal < head <= state.pc)
        following = replace(after, pc=goal, turns=outside, idle=idle, counting=after.counting - {goal})
        if goal in after.counting and state.counted < MOST_COUNTED:
            return replace(following, counted=state.counted + 1)
        number = outside.get(goal, 0) + 1
        if number > unroll + (goal in idle):
            turns = unroll if state.counted < MOST_COUNTED else f"{MOST_COUNTED} or more"
            return replace(following, cut=bounded(origin, turns))
        return replace(following, turns={**outside, goal: number})


def bounded(origin: Origin, turns: int | str) -> str:
    """Return the mark of a path that goes no further than the bound lets a loop turn."""
    return f"{BOUNDED}loop at {origin.label} unrolled {turns} time{'' if turns == 1 else 's'}"


def spins_of(
    program: Program, threads: Sequence[Sequence[Instruction]], target: str, every: bool
) -> Sequence[Spins | None]:
    """Return, for each thread, what recognises the turns of its loops: of ``every`` loop or only of those that wait by
    the word of the language. None where there is no such loop."""
    found = [_loops(program, thread, code, waiting=not every) for thread, code in enumerate(threads)]
    watched = _racing_locations(program, threads) if target == "lkmm" else frozenset()
    return [Spins(loops, watched) if loops.live else None for loops in found]


def _loops(program: Program, thread: int, code: Sequence[Instruction], *, waiting: bool) -> Loops:
    if not any(isinstance(instruction, Jumping) for instruction in code):
        return Loops()  # as most threads have none, without a look at what is observed
    return loops_of(code, _observed(program, thread), waiting)


def _observed(program: Program, thread: int) -> frozenset[str]:
    """Return the registers of a thread that conditions, the filter or the list of locations mention."""
    terms = [*program.observed, *(assertion.condition for assertion in program.assertions)]
    if program.filter is not None:
        terms.append(program.filter)
    found = (leaf for term in terms for leaf in leaves(term))
    return frozenset(leaf.register for leaf in found if isinstance(leaf, FinalRegister) and leaf.thread == thread)


def _racing_locations(program: Program, threads: Sequence[Sequence[Instruction]]) -> frozenset[str] | None:
    """Return the locations that plain accesses of the code write, None where an address is not a constant."""
    names = {location.address: location.name for location in program.locations}
    stores = [i for code in threads for i in code if isinstance(i, Store) and PLAIN in i.tags]
    addresses = [store.address for store in stores]
    if not all(isinstance(address, Address) and address in names for address in addresses):
        return None
    return frozenset(names[address] for address in addresses if isinstance(address, Address))


def _kept(earlier: State, state: State, register: str) -> bool:
    """Whether a register has its value still, and depends on no less than it did."""
    same = earlier.values.get(register, 0) == state.values.get(register, 0)
    return same and earlier.taints.get(register, NONE) <= state.taints.get(register, NONE)
