"""What the dialects of assembly share: how portable instructions become lines.

Every register holds a number as 64 bits in two's complement, whatever its C type. Nothing is computed early, and
nothing that the portable code computes from registers is branched upon instead: a value depends on the reads that it
depends on there, and what follows a branch on those that the branch looks at.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar

from litmus.errors import UnsupportedError
from litmus.export.assembly.memory import Access, Layout
from litmus.export.assembly.possible import Interval, Knowledge, Possible
from litmus.export.assembly.sheet import Piece, Sheet, Use
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
)
from litmus.program.term import WRAPS, Address, Apply, Register, Term, leaves

MADE_UP = "%?&!"
"""What the names of virtual registers begin with that are no variables of the source: results of the compiler's,
intermediate values, addresses, and what is asked at the end."""

WAITING = "await."
"""What the labels begin with to which goes what waits."""

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
TURNED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

Operand = str | int
"""A virtual register, or a number that an instruction takes as it is."""


class Machine(ABC):
    """Writes the code of one thread in a dialect. A subclass says what single instructions look like."""

    dialect: ClassVar[str]
    registers: ClassVar[tuple[str, ...]]
    """The machine registers there are to use."""
    range: ClassVar[Interval] = (-(1 << 63), (1 << 63) - 1)
    """The numbers with which herd7 computes as the machine does."""
    immediates: ClassVar[Interval] = (0, 4095)
    acquiring: ClassVar[frozenset[str]] = frozenset()
    """The tags of reads, and of fences, that order a read before all that follows."""
    narrow: ClassVar[bool] = False
    """Whether herd7 has atomic updates of 32 bits only."""

    def __init__(self, thread: int, knowledge: Knowledge, layout: Layout, *, retry: bool = False) -> None:
        self.thread = thread
        self.knowledge = knowledge
        self.layout = layout
        self.sheet = Sheet(thread)
        self.origin = Origin("", "")
        self.kept: list[str] = []
        """Registers that must hold 0 at the end (``filter``)."""
        self.stop: str | None = None
        """The label behind the last instruction of an execution that came to its end."""
        self.read: frozenset[str] = frozenset()
        self.retries = 0
        self.retry = retry
        """Whether what waits, and a store-conditional that fails, is tried again; else such executions are left out."""

    # ------------------------------------------------------------------------------------------- single instructions
    @abstractmethod
    def constant(self, into: str, number: int) -> None:
        """``into = number``."""

    @abstractmethod
    def move(self, into: str, source: str) -> None:
        """``into = source``."""

    @abstractmethod
    def compute(self, operator: str, into: str, left: str, right: Operand) -> None:
        """``into = left operator right`` for ``+ - & | ^``; a number on the right is one of `immediates`."""

    @abstractmethod
    def shift(self, operator: str, into: str, value: str, amount: Operand) -> None:
        """``into = value operator amount`` for ``<<`` and ``>>``."""

    @abstractmethod
    def extend(self, into: str, source: str, bits: int, signed: bool) -> None:
        """The low ``bits`` of a register as a number."""

    @abstractmethod
    def nonzero(self, into: str, value: str, known: Possible) -> None:
        """``into = value != 0``, without a branch."""

    @abstractmethod
    def less(self, into: str, left: str, right: str) -> None:
        """``into = left < right``, without a branch."""

    @abstractmethod
    def branch(self, comparison: str, left: str, right: Operand, label: str) -> None:
        """Go to ``label`` where ``left comparison right``; a number on the right is one of `immediates`."""

    @abstractmethod
    def jump(self, label: str) -> None:
        """Go to ``label``."""

    @abstractmethod
    def load(self, into: str, access: Access, tags: frozenset[str]) -> None:
        """Read memory."""

    @abstractmethod
    def store(self, value: str, access: Access, tags: frozenset[str]) -> None:
        """Write memory."""

    @abstractmethod
    def fence(self, tag: str) -> None:
        """A fence."""

    @abstractmethod
    def update(self, rmw: ReadModifyWrite, access: Access) -> None:
        """An atomic update."""

    # -------------------------------------------------------------------------------------------------- values
    def error(self, message: str) -> UnsupportedError:
        """Return the error for what cannot be said, at the statement at hand."""
        return UnsupportedError(message, self.origin.span)

    def line(self, *pieces: Piece, jumps: str | None = None) -> None:
        """Append an instruction."""
        self.sheet.line(*pieces, jumps=jumps)

    def possible(self, term: Term) -> Possible:
        """Return what a term may be, which must be something that herd7 can compute with."""
        found = self.knowledge.of(self.thread, term)
        low, high = self.range
        if found.numbers is not None and not Possible(found.numbers).within(low, high):
            bits = f"numbers below {low} or above {high}, with which herd7's {self.dialect} does not compute"
            raise self.error(f"a value here may need {bits}")
        return found

    def register(self, term: Term, into: str | None = None) -> str:
        """Return a virtual register that holds a term: one that holds it already, else ``into`` or a new one."""
        match term:
            case Register(name):
                return name
            case Address():
                return self.base(term)
            case int():
                self.possible(term)
                target = into or self.sheet.temporary()
                self.constant(target, term)
                return target
            case Apply(operator, (value,)) if operator in WRAPS and self.possible(value).within(*_range_of(operator)):
                return self.register(value, into)
            case Apply(operator, operands):
                target = into or self.sheet.temporary()
                self._apply(target, operator, operands, term)
                return target
        raise AssertionError(term)

    def operand(self, term: Term) -> Operand:
        """Return a term as the second operand of an instruction."""
        if isinstance(term, int) and self.immediates[0] <= term <= self.immediates[1]:
            return term
        return self.register(term)

    def base(self, address: Address) -> str:
        """Return the register that holds an address from the start."""
        name = self.layout.name(address, self.origin.span)
        self.sheet.fixed[f"&{name}"] = name
        return f"&{name}"

    def _apply(self, into: str, operator: str, operands: tuple[Term, ...], whole: Term) -> None:
        self.possible(whole)
        for operand in operands:
            self.possible(operand)
        match operator, operands:
            case ("&", (Apply(">>", (value, int(amount))), 1)) | ("&", (1, Apply(">>", (value, int(amount))))):
                self._bit(into, value, amount)
            case (("+" | "-" | "&" | "|" | "^"), (left, right)):
                self._binary(operator, into, left, right)
            case (("<<" | ">>"), (value, amount)):
                self.shift(
                    operator, into, self.register(value), amount if isinstance(amount, int) else self.register(amount)
                )
            case "*", (left, right):
                self._times(into, left, right)
            case "neg", (value,):
                self.negate(into, self.register(value))
            case "~", (value,):
                self._binary("^", into, value, -1)
            case "!", (value,):
                self._compare(into, "==", value, 0)
            case _, (left, right) if operator in COMPARISONS:
                self._compare(into, operator, left, right)
            case (("&&" | "||"), (left, right)):
                self.compute("&" if operator == "&&" else "|", into, self.truth(left), self.truth(right))
            case "ite", (condition, positive, negative):
                self.choose(into, condition, positive, negative)
            case _, (value,) if operator in WRAPS:
                self._convert(into, operator, value)
            case _:
                raise self.error(f"'{operator}' is no instruction of {self.dialect} that herd7 has")

    def _binary(self, operator: str, into: str, left: Term, right: Term) -> None:
        if isinstance(left, int) and operator in "+&|^":
            left, right = right, left
        if operator == "-" and isinstance(right, int) and self.immediates[0] <= -right <= self.immediates[1]:
            operator, right = "+", -right
        self.compute(operator, into, self.register(left), self.operand(right))

    def negate(self, into: str, value: str) -> None:
        """``into = -value``."""
        zero = self.register(0)
        self.compute("-", into, zero, value)

    def _bit(self, into: str, value: Term, amount: int) -> None:
        """One bit, as a number."""
        masked = Apply("&", (value, 1 << amount))
        self.nonzero(into, self.register(masked), self.possible(masked))

    def _times(self, into: str, left: Term, right: Term) -> None:
        if isinstance(left, int):
            left, right = right, left
        if isinstance(right, int) and right > 0 and right & (right - 1) == 0:
            self.shift("<<", into, self.register(left), right.bit_length() - 1)
            return
        raise self.error(f"this multiplication is no instruction of {self.dialect} that herd7 has")

    def _convert(self, into: str, operator: str, value: Term) -> None:
        bits, signed = WRAPS[operator]
        if bits == 64:
            raise self.error(f"a conversion to {'' if signed else 'un'}signed 64 bits that changes the value")
        self.extend(into, self.register(value), bits, signed)

    def _compare(self, into: str, comparison: str, left: Term, right: Term) -> None:
        if self.possible(left).addresses or self.possible(right).addresses:
            raise self.error("a comparison of pointers, but as a condition, is nothing that herd7 computes")
        if comparison in ("==", "!="):
            difference: Term = left if right == 0 else Apply("^", (left, right))
            self._truth_of(into, comparison == "!=", lambda target: self._nonzero(target, difference))
        else:
            one, other = (left, right) if comparison in ("<", ">=") else (right, left)
            registers = self.register(one), self.register(other)
            self._truth_of(into, comparison in ("<", ">"), lambda target: self.less(target, *registers))

    def _nonzero(self, into: str, term: Term) -> None:
        known = self.possible(term)
        if known.within(0, 1):
            self.move(into, self.register(term))
        else:
            self.nonzero(into, self.register(term), known)

    def _truth_of(self, into: str, positive: bool, compute: Callable[[str], None]) -> None:
        if positive:
            compute(into)
            return
        other = self.sheet.temporary()
        compute(other)
        self.compute("^", into, other, self.operand(1))

    def truth(self, term: Term) -> str:
        """Return a register that holds whether a term is not 0."""
        if self.possible(term).within(0, 1):
            return self.register(term)
        into = self.sheet.temporary()
        self._compare(into, "!=", term, 0)
        return into

    def choose(self, into: str, condition: Term, positive: Term, negative: Term) -> None:
        """``into = condition ? positive : negative``, which depends on all three."""
        if self.possible(positive).addresses or self.possible(negative).addresses:
            raise self.error("a choice between pointers is nothing that herd7 computes")
        mask, both, part = (self.sheet.temporary() for _ in range(3))
        self.negate(mask, self.truth(condition))
        other = self.register(negative)
        self.compute("^", both, self.register(positive), other)
        self.compute("&", part, both, mask)
        self.compute("^", into, part, other)

    # ---------------------------------------------------------------------------------------------- control
    def go(self, condition: Term, label: str, *, where: bool = True) -> None:
        """Go to ``label`` where the truth of ``condition`` is ``where``; what follows depends on the condition."""
        match condition:
            case int() | Address():
                if bool(condition != 0) == where:
                    self.jump(label)
            case Apply("!", (inner,)):
                self.go(inner, label, where=not where)
            case Apply(comparison, (left, right)) if comparison in COMPARISONS:
                self._go(comparison if where else OPPOSITE[comparison], left, right, label)
            case _:
                self.branch("!=" if where else "==", self._told(condition), 0, label)

    def _go(self, comparison: str, left: Term, right: Term, label: str) -> None:
        self.possible(left), self.possible(right)
        if isinstance(left, int):
            comparison, left, right = TURNED[comparison], right, left
        self.branch(comparison, self.register(left), self.operand(right), label)

    def _told(self, condition: Term) -> str:
        """Return a register for a condition that is branched upon, in which pointers may be compared by branches: what
        follows depends on them in any case."""
        match condition:
            case Apply(("&&" | "||") as operator, (left, right)):
                into = self.sheet.temporary()
                self.compute("&" if operator == "&&" else "|", into, self._told_truth(left), self._told_truth(right))
                return into
        return self.register(condition)

    def _told_truth(self, condition: Term) -> str:
        match condition:
            case Apply(operator, operands) if operator in (*COMPARISONS, "!"):
                if any(self.possible(operand).addresses for operand in operands):
                    return self._by_branch(condition)
            case Apply("&&" | "||"):
                return self._told(condition)
            case _ if self.possible(condition).addresses:
                return self._by_branch(condition)
        return self.truth(condition)

    def _by_branch(self, condition: Term) -> str:
        into, done = self.sheet.temporary(), self.sheet.label()
        self.constant(into, 1)
        self.go(condition, done)
        self.constant(into, 0)
        self.sheet.place(done)
        return into

    # ------------------------------------------------------------------------------------------ instructions
    def write(self, code: tuple[Instruction, ...]) -> None:
        """Write the code of the thread.

        Raises:
            UnsupportedError: at what the dialect, or herd7, cannot say.
        """
        code = tuple(_direct(code))
        self.read = _read(code)
        for at, instruction in enumerate(code):
            if not isinstance(instruction, Label):
                self.origin = instruction.origin
            self._instruction(instruction, code[:at])

    def end(self) -> str | None:
        """Write what stands behind everything; return the register that holds 1 where an execution came to its end,
        None where all do."""
        if self.stop is None:
            return None
        done = "!done"
        self.sheet.fixed[done] = None
        self.constant(done, 1)
        self.sheet.place(self.stop)
        return done

    def stopping(self) -> str:
        """Return the label of where executions go that are none."""
        self.stop = self.stop or self.sheet.label()
        return self.stop

    def _instruction(self, instruction: Instruction, before: tuple[Instruction, ...]) -> None:
        match instruction:
            case Assign(target, value):
                self._assign(target, value)
            case Load(target, address, tags):
                self.load(target or self.sheet.temporary(), self.access(address), tags)
                self.own(target or "%")
            case Store(address, value, tags):
                access = self.access(address)
                self.stored(value, access)
                self.store(self.register(value), access, tags)
            case ReadModifyWrite(guards=(), expected=None):
                self.update(instruction, self.access(instruction.address))
            case Fence(tags, location=None):
                self.fence(next(iter(tags)))
            case Label(name):
                self.sheet.place(self.sheet.label(name))
            case Jump(target):
                self.jump(self.sheet.label(target))
            case Branch(condition, target) if target.startswith(WAITING) and not self.retry:
                self.go(condition, self.stopping())
            case Branch(condition, target):
                self.go(condition, self.sheet.label(target))
            case Assume(condition=condition):
                self._assume(condition, self.ordered(condition, before))
            case Defined(condition, problem):
                if self.knowledge.of(self.thread, condition) != Possible((1, 1)):
                    raise self.error(f"assembly has no word for what C leaves undefined, which may be here: {problem}")
            case Mark():
                pass
            case _:
                raise self.error(f"this is nothing that {self.dialect} can say")

    def _assign(self, target: str, value: Term) -> None:
        """What is set may be needed to compute what it is set to."""
        used = any(leaf == Register(target) for leaf in leaves(value))
        found = self.register(value, None if used or isinstance(value, Register | Address) else target)
        if found != target:
            self.move(target, found)
        self.own(target)

    def own(self, name: str) -> None:
        """Give a variable of the source a machine register for good."""
        if name[0] not in MADE_UP:
            self.sheet.fixed.setdefault(name, None)

    def ordered(self, condition: Term, before: tuple[Instruction, ...]) -> bool:
        """Whether a branch on the condition orders nothing more: what it looks at was just read by an update that is
        ordered before all that follows, as those that take locks are."""
        fences: set[str] = set()
        for instruction in reversed(before):
            match instruction:
                case Fence(tags):
                    fences |= tags
                case ReadModifyWrite(old):
                    looks = {leaf for leaf in leaves(condition) if isinstance(leaf, Register)} <= {old}
                    return looks and bool(self.acquiring & (fences | instruction.read_tags))
                case _:
                    return False
        return False

    def _assume(self, condition: Term, control: bool) -> None:
        if control:
            self.go(condition, self.stopping(), where=False)
            return
        failed = f"!failed.{len(self.kept)}"
        self.sheet.fixed[failed] = None
        self.kept.append(failed)
        self.register(Apply("!", (condition,)), failed)

    # ----------------------------------------------------------------------------------------------------- memory
    def access(self, address: Term) -> Access:
        """Return how memory at an address is accessed."""
        targets = self.knowledge.targets(self.thread, address)
        found = self.knowledge.content(targets)
        kind = self.layout.kind(targets, self.origin.span)
        match address:
            case Address():
                return Access(self.base(address), 0, kind, found)
            case Apply("+", (base, int(offset))) | Apply("+", (int(offset), base)) if abs(offset) < 1 << 8:
                return Access(self.register(base), offset, kind, found)
        return Access(self.register(address), 0, kind, found)

    def stored(self, value: Term, access: Access) -> None:
        """Check that a location can hold what is stored."""
        low, high = access.kind.bounds
        found = self.possible(value)
        if found.numbers is not None and not Possible(found.numbers).within(low, high):
            raise self.error(f"a value is stored here that its {8 * access.kind.size} bits may not hold")
        if found.addresses and access.kind.size < 8:
            raise self.error(f"an address is stored here in {8 * access.kind.size} bits")

    def whole(self, access: Access) -> Access:
        """Return the access with its address in a register alone."""
        if not access.offset:
            return access
        base = self.sheet.temporary()
        self.compute("+", base, access.base, self.operand(access.offset))
        return Access(base, 0, access.kind, access.content)

    def restored(self, name: str, access: Access) -> None:
        """Make what was read into a register without its sign a number again."""
        if access.content.negative:
            self.extend(name, name, 8 * access.kind.size, True)

    def reserved(self, rmw: ReadModifyWrite, access: Access) -> None:
        """A load-reserve, what computes the new value, and a store-conditional that is tried again where it fails."""
        access = self.whole(access)
        again, done = self.retrying(), self.sheet.label()
        old = rmw.old.name
        if rmw.condition is not None and rmw.failed_tags - {"X"} != rmw.read_tags - {"X"}:
            self.load(old, access, rmw.failed_tags - {"X"})
            self.go(rmw.condition, done, where=False)
        if self.retry:
            self.sheet.place(again)
        self.reserve(old, access, rmw.read_tags)
        self.restored(old, access)
        if rmw.condition is not None:
            self.go(rmw.condition, done, where=False)
        self.stored(rmw.new, access)
        self.conditional(self.register(rmw.new), access, rmw.write_tags, again)
        if rmw.condition is not None:
            self.sheet.place(done)

    def retrying(self) -> str:
        """Return the label of where an update goes that fails."""
        self.retries += 1
        return self.sheet.label() if self.retry else self.stopping()

    def reserve(self, into: str, access: Access, tags: frozenset[str]) -> None:
        """Read memory and take a reservation."""
        raise NotImplementedError

    def conditional(self, value: str, access: Access, tags: frozenset[str], again: str) -> None:
        """Write memory if the reservation holds, else go to ``again``."""
        raise NotImplementedError


def _read(code: tuple[Instruction, ...]) -> frozenset[str]:
    """The registers that some instruction uses, but an update its own."""
    found: set[str] = set()
    for instruction in code:
        for term in _terms(instruction):
            own = instruction.old if isinstance(instruction, ReadModifyWrite) else None
            found |= {leaf.name for leaf in leaves(term) if isinstance(leaf, Register) and leaf != own}
    return frozenset(found)


def _direct(code: tuple[Instruction, ...]) -> Iterator[Instruction]:
    """The code, with what is read only to be put into a variable read into that."""
    uses = Counter(leaf for i in code for term in _terms(i) for leaf in leaves(term))
    left_out: set[int] = set()
    for at, instruction in enumerate(code):
        following = next((i for i, other in enumerate(code[at + 1 :], at + 1) if not isinstance(other, Fence)), None)
        match instruction, code[following] if following is not None else None:
            case Load(str() as name), Assign(target, Register(source)) if name == source and uses[Register(name)] == 1:
                yield replace(instruction, target=target)
                left_out |= {following} if following is not None else set()
            case _ if at not in left_out:
                yield instruction


def _terms(instruction: Instruction) -> list[Term]:
    fields = (getattr(instruction, name, None) for name in ("address", "value", "new", "condition"))
    return [term for term in fields if isinstance(term, int | Address | Register | Apply)]


def _range_of(conversion: str) -> Interval:
    bits, signed = WRAPS[conversion]
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def registers(prefix: str, numbers: range) -> tuple[str, ...]:
    """Return machine registers by number."""
    return tuple(f"{prefix}{number}" for number in numbers)


def use(name: str, view: str = "") -> Use:
    """Return a mention of a virtual register."""
    return Use(name, view)
