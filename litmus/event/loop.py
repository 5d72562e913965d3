"""The form of a thread's code where it loops: where turns begin and part, what is still needed there, what leaves."""

from collections.abc import Iterator, Mapping, Sequence

from litmus.dataclass import dataclass, field
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
    ReadModifyWrite,
    Store,
    StoreConditional,
)
from litmus.program.term import Register, Term, leaves


@dataclass(frozen=True, slots=True)
class Loops:
    """What is known of the loops of one thread's code.

    ``live`` has the places at which turns can be compared, the beginnings of loops and the ways of the branches inside
    them, with the registers whose values matter there; ``heads`` has where the innermost loop around each begins;
    ``exits`` has the branches one way of which leads out of loops, with the beginnings of those.
    """

    live: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    heads: Mapping[int, int] = field(default_factory=dict)
    exits: Mapping[int, frozenset[int]] = field(default_factory=dict)


Jumping = Jump | Branch | Either

WAITING = "await"
"""What the labels begin with that loops go back to which wait by the word of the language."""


def loops_of(code: Sequence[Instruction], observed: frozenset[str], waiting: bool = False) -> Loops:
    """Return the loops in ``code``, at whose end the registers in ``observed`` matter; with ``waiting`` only those that
    wait by the word of the language."""
    labels = {instruction.name: pc for pc, instruction in enumerate(code) if isinstance(instruction, Label)}
    back = [(i.target, pc) for pc, i in enumerate(code) if isinstance(i, Jumping) and labels[i.target] <= pc]
    spans = [(labels[target], pc) for target, pc in back if not waiting or target.startswith(WAITING)]
    if not spans:
        return Loops()
    live = _live(code, labels, observed)
    places = _places(code, labels, spans)
    heads = {pc: max(head for head, end in spans if head <= pc <= end) for pc in places}
    return Loops({pc: tuple(sorted(live[pc])) for pc in places}, heads, _exits(code, labels, spans))


def registers_of(*terms: Term | None) -> frozenset[str]:
    """Return the registers that terms mention."""
    found = (leaf for term in terms if term is not None for leaf in leaves(term))
    return frozenset(leaf.name for leaf in found if isinstance(leaf, Register))


def _places(code: Sequence[Instruction], labels: Mapping[str, int], spans: Sequence[tuple[int, int]]) -> frozenset[int]:
    """The beginnings of loops, and where the branches inside them lead."""
    ways = {
        way
        for head, end in spans
        for pc in range(head, end + 1)
        if isinstance(code[pc], Branch | Either)
        for way in _successors(code, labels, pc)
        if head <= way <= end
    }
    return frozenset({head for head, _ in spans} | ways)


def _exits(
    code: Sequence[Instruction], labels: Mapping[str, int], spans: Sequence[tuple[int, int]]
) -> Mapping[int, frozenset[int]]:
    left: dict[int, frozenset[int]] = {}
    for head, end in spans:
        for pc in range(head, end + 1):
            ways = _successors(code, labels, pc) if isinstance(code[pc], Branch) else ()
            if any(_leaves(code, labels, way, (head, end)) for way in ways):
                left[pc] = left.get(pc, frozenset()) | {head}
    return left


def _leaves(code: Sequence[Instruction], labels: Mapping[str, int], pc: int, span: tuple[int, int]) -> bool:
    """Whether from a place all goes straight out of a loop."""
    head, end = span
    while head <= pc <= end:
        following = list(_successors(code, labels, pc))
        if len(following) != 1 or following[0] <= pc:
            return False
        pc = following[0]
    return True


def _successors(code: Sequence[Instruction], labels: Mapping[str, int], pc: int) -> Iterator[int]:
    match code[pc]:
        case Jump(target):
            yield labels[target]
        case Branch(target=target) | Either(target=target):
            yield labels[target]
            yield pc + 1
        case _:
            yield pc + 1


def _live(code: Sequence[Instruction], labels: Mapping[str, int], observed: frozenset[str]) -> list[frozenset[str]]:
    """Return, for each place of the code, the registers whose values there can still be seen: used before they are
    assigned again, or observed at the end."""
    live = [frozenset[str]() for _ in code] + [observed]
    changed = True
    while changed:
        changed = False
        for pc in range(len(code) - 1, -1, -1):
            after = frozenset[str]().union(*(live[way] for way in _successors(code, labels, pc)))
            before = after if _idle(code[pc], after) else (after - _assigned(code[pc])) | _used(code[pc])
            changed, live[pc] = changed or before != live[pc], before
    return live


def _idle(instruction: Instruction, after: frozenset[str]) -> bool:
    """Whether this only counts on in a register that nobody reads: ``n++`` does not need ``n``."""
    match instruction:
        case Assign(target, value):
            return target not in after and registers_of(value) <= {target}
    return False


def _assigned(instruction: Instruction) -> frozenset[str]:
    match instruction:
        case Assign(target) | Load(target) | StoreConditional(target) | Fence(result=target):
            return frozenset({target} if target is not None else ())
        case ReadModifyWrite(old):
            return frozenset({old.name})
    return frozenset()


def _used(instruction: Instruction) -> frozenset[str]:
    match instruction:
        case Assign(_, value) | Assume(value) | Branch(value) | Defined(value):
            return registers_of(value)
        case Load(_, address):
            return registers_of(address)
        case Store(address, value) | StoreConditional(_, address, value):
            return registers_of(address, value)
        case ReadModifyWrite(old, address, new, condition=condition, expected=expected):
            return registers_of(address, expected) | (registers_of(new, condition) - {old.name})
        case Fence(location=location, value=value):
            return registers_of(location, value)
    return frozenset()
