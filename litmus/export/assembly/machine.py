"""What the dialects of assembly share: how portable instructions become lines."""

from collections import Counter
from collections.abc import Iterator

from litmus.dataclass import replace
from litmus.export.assembly.control import Control
from litmus.export.assembly.memory import Access
from litmus.export.assembly.possible import Possible
from litmus.export.assembly.values import Values
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
    ReadModifyWrite,
    Store,
)
from litmus.program.term import Address, Apply, Register, Term, leaves

MADE_UP = "%?&!"
"""What the names of virtual registers begin with that are no variables of the source: results of the compiler's,
intermediate values, addresses, and what is asked at the end."""

WAITING = "await."
"""What the labels begin with to which goes what waits."""


class Machine(Values):
    """Writes the code of one thread in a dialect."""

    def write(self, code: tuple[Instruction, ...]) -> None:
        """Write the code of the thread.

        Raises:
            UnsupportedError: at what the dialect, or herd7, cannot say.
        """
        self.code = code = tuple(_direct(code))
        self.read = _read(code)
        for at, instruction in enumerate(code):
            self.at = at
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

    def settles(self, condition: Term) -> bool:
        return self._control().settles(self.at, condition)

    def _control(self) -> Control:
        return Control(self.thread, self.knowledge, self.code)

    def known_same(self, condition: Apply) -> str | None:
        control = self._control()
        before = control.decided(self.at, condition)
        if before in self.compared:
            return self.compared.setdefault(self.at, self.compared[before])
        if not control.decides(self.at, condition):
            return None
        into, done = self.sheet.temporary(), self.sheet.label()
        left, right = condition.operands
        self.constant(into, 1)
        self.branch_on_addresses("==", left, right, done)
        self.constant(into, 0)
        self.sheet.place(done)
        self.compared[self.at] = into
        return into

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

    def access(self, address: Term) -> Access:
        """Return how memory at an address is accessed."""
        targets = self.knowledge.targets(self.thread, address)
        found = self.knowledge.content(targets)
        kind = self.layout.kind(targets, self.origin.span)
        match address:
            case Address():
                return Access(*self.base(address), kind, found)
            case Apply("+", (base, int(offset))) | Apply("+", (int(offset), base)) if abs(offset) < 1 << 8:
                return Access(self.register(base), self.step(base, offset), kind, found)
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
