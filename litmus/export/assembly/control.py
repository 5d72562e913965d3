"""Where a comparison may be a branch, in a dialect that has no other for addresses, with nothing more ordered by it.

On machines all that follows a branch depends on it. Where the code has branched on the same values before, or does so
before anything else happens, or nothing happens any more, one more branch adds nothing. What it computes then depends
by control on what it would depend on by data: the two differ for addresses, and for what the same thread reads back
(*Arm ARM*, B2.3; *The RISC-V Instruction Set Manual*, volume I, RVWMO; for Power J. Alglave and others, *Herding cats*,
TOPLAS 2014).
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from litmus.dataclass import dataclass
from litmus.export.assembly.possible import Knowledge
from litmus.program.instruction import Assign, Branch, Instruction, Jump, Label, Load, Mark, ReadModifyWrite, Store
from litmus.program.term import Address, Apply, Register, Term, leaves

LOOPED = "lxsx"
"""The updates that are loops, which branch on their conditions."""


@dataclass(frozen=True, slots=True)
class Control:
    """The branches of the ``code`` of a thread."""

    thread: int
    knowledge: Knowledge
    code: Sequence[Instruction]

    def settles(self, at: int, condition: Term) -> bool:
        """Whether what is assigned at a place may come from a branch on a condition."""
        assignment = self.code[at]
        if not isinstance(assignment, Assign) or not self._only_data(assignment.target, frozenset()):
            return False
        return self._last(at) or self.decided(at, condition) is not None or self._after(at, assignment.target)

    def _last(self, at: int) -> bool:
        """Whether nothing happens any more."""
        labels = {i.name for i in self.code[at + 1 :] if isinstance(i, Label)}
        for instruction in self.code[at + 1 :]:
            match instruction:
                case Assign() | Label() | Mark():
                    continue
                case Branch(_, target) | Jump(target) if target in labels:
                    continue
            return False
        return True

    def decided(self, at: int, condition: Term) -> int | None:
        """Return the place of the branch on the condition, on the same values, by which every way to a place has come;
        None where there is none."""
        asked, labels = plain(condition), set[str]()
        used = {leaf.name for leaf in leaves(condition) if isinstance(leaf, Register)}
        for place in reversed(range(at)):
            match self.code[place]:
                case ReadModifyWrite(flavour=flavour, condition=found) if flavour == LOOPED and found is not None:
                    if plain(found) == asked:
                        return place if self._entered_from(labels, place, at) else None
                case Branch(found) if plain(found) == asked:
                    return place if self._entered_from(labels, place, at) else None
                case Label(name):
                    labels.add(name)
            if used & set(_assigned(self.code[place])):
                return None
        return None

    def decides(self, at: int, condition: Term) -> bool:
        """Whether what a branch at a place finds is asked for again."""
        later = (place for place in range(at + 1, len(self.code)) if plain(condition) in map(plain, self._asked(place)))
        return any(self.decided(place, condition) == at for place in later)

    def _asked(self, place: int) -> Iterator[Term]:
        """The conditions at a place."""
        match self.code[place]:
            case Branch(condition) | ReadModifyWrite(condition=Apply() as condition):
                yield condition
            case Assign(_, value):
                yield from _parts(value)

    def _entered_from(self, labels: set[str], first: int, last: int) -> bool:
        jumps = (place for place, i in enumerate(self.code) if isinstance(i, Branch | Jump) and i.target in labels)
        return all(first <= place < last for place in jumps)

    def _after(self, at: int, target: str) -> bool:
        """Whether what is assigned is branched upon before anything else happens."""
        for instruction in self.code[at + 1 :]:
            match instruction:
                case Branch(condition):
                    return Register(target) in leaves(condition)
                case Assign(other) if other != target:
                    continue
            return False
        return False

    def _only_data(self, target: str, seen: frozenset[str]) -> bool:
        """Whether a variable is branched upon, copied, and stored where this thread does not read, and no more."""
        register = Register(target)
        for instruction in self.code:
            match instruction:
                case Branch() | Label() | Jump():
                    continue
                case Assign(other, value) if register not in leaves(value) or other in (target, *seen):
                    continue
                case Assign(other):
                    if not self._only_data(other, seen | {target}):
                        return False
                case Store(address, value):
                    if register in leaves(address) or (register in leaves(value) and self._reads(address)):
                        return False
                case ReadModifyWrite(address=address, new=new, flavour=flavour, condition=condition):
                    asked = () if flavour == LOOPED or condition is None else leaves(condition)
                    if register in chain(leaves(address), leaves(new), asked):
                        return False
                case _ if any(register in leaves(term) for term in _terms(instruction)):
                    return False
        return True

    def _reads(self, address: Term) -> bool:
        """Whether the thread may read what it stores at an address."""
        written = self.knowledge.targets(self.thread, address)
        reads = (i for i in self.code if isinstance(i, Load | ReadModifyWrite))
        return any(written & self.knowledge.targets(self.thread, read.address) for read in reads)


def _assigned(instruction: Instruction) -> Iterator[str]:
    match instruction:
        case Assign(target) | Load(str() as target):
            yield target
        case ReadModifyWrite(old):
            yield old.name


def _terms(instruction: Instruction) -> Iterator[Term]:
    fields = (getattr(instruction, name, None) for name in ("address", "value", "condition", "location"))
    return (term for term in fields if isinstance(term, Register | Apply))


def _parts(term: Term) -> Iterator[Term]:
    yield term
    if isinstance(term, Apply):
        for operand in term.operands:
            yield from _parts(operand)


def plain(condition: Term) -> tuple[Term, Term] | Term:
    """Return what is compared, as long as it does not matter with which outcome."""
    match condition:
        case Apply("!", (inner,)):
            return plain(inner)
        case Apply("==" | "!=", (left, right)):
            return left, right
        case Register() | Address():
            return condition, 0
    return condition
