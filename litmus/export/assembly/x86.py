"""x86-64: what single instructions look like, source first. Source: Intel SDM, volume 2.

Dependencies order nothing on x86, so that comparisons are branches. herd7 has neither ``xadd`` nor ``sub``, ``neg``,
``shr``, and of the locked instructions ``add``, ``xor``, ``xchg`` and ``cmpxchg``; other updates are loops of the last.
Its ``cmpxchg`` orders nothing where the comparison fails, unlike the machine's: it is used only to write, the old value
where the kernel's fails.
"""

from typing import ClassVar

from litmus.export.assembly.lines import Operand, use
from litmus.export.assembly.machine import Machine
from litmus.export.assembly.memory import Access
from litmus.export.assembly.possible import Possible
from litmus.export.assembly.sheet import Piece
from litmus.program.instruction import Instruction, ReadModifyWrite
from litmus.program.term import WRAPS, Address, Apply, Term, leaves

_NAMES = {"+": "add", "&": "and", "|": "or", "^": "xor"}
_SIZES = {1: "b", 2: "w", 4: "l", 8: "q"}
_JUMPS = {"==": "je", "!=": "jne", "<=": "jle", ">=": "jge"}
_OLD = "accumulator"
_WORD = 4


def spelt(machine: str, view: str) -> str:
    """Return a register under the name of its low bytes, as many as ``view`` says."""
    if machine[1:].isdigit():
        return "%" + machine + {"b": "b", "w": "w", "l": "d"}.get(view, "") if view else machine
    stem = machine[1:]
    low = f"{stem[0]}l" if stem.endswith("x") else f"{stem}l"
    names = {"b": low, "w": stem, "l": f"e{stem}", "q": machine}
    return "%" + names[view] if view else machine


class X86(Machine):
    """A thread of x86-64."""

    dialect = "X86_64"
    registers = ("rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rbp")
    immediates: ClassVar[tuple[int, int]] = (-(1 << 31), (1 << 31) - 1)

    _spoilt = False
    """Whether a comparison has used the accumulator."""

    def ordered(self, condition: Term, before: tuple[Instruction, ...]) -> bool:
        """Branches order nothing."""
        return True

    def constant(self, into: str, number: int) -> None:
        self.line(f"movq ${number},", use(into, "q"))

    def move(self, into: str, source: str) -> None:
        self.line("movq ", use(source, "q"), ",", use(into, "q"))

    def compute(self, operator: str, into: str, left: str, right: Operand) -> None:
        if operator == "-":
            self._subtract(into, left, right)
            return
        if right == into:  # the operation is symmetric
            left, right = into, left
        if left != into:
            self.move(into, left)
        suffix = "" if operator == "&" else "q"  # herd7 has no andq
        self.line(f"{_NAMES[operator]}{suffix} ", _second(right), ",", use(into, "q"))

    def _subtract(self, into: str, left: str, right: Operand) -> None:
        if isinstance(right, int):
            self.compute("+", into, left, -right)
            return
        negated = self.sheet.temporary()
        self.negate(negated, right)
        self.compute("+", into, left, negated)

    def negate(self, into: str, value: str) -> None:
        self.compute("^", into, value, -1)
        self.compute("+", into, into, 1)

    def shift(self, operator: str, into: str, value: str, amount: Operand) -> None:
        if operator != "<<" or not isinstance(amount, int) or amount > 16:
            raise self.error("this shift is nothing that herd7's X86_64 computes")
        self.move(into, value)
        for _ in range(amount):
            self.line("addq ", use(into, "q"), ",", use(into, "q"))

    def extend(self, into: str, source: str, bits: int, signed: bool) -> None:
        self.compute("&", into, source, self.operand((1 << bits) - 1))
        if signed:
            self.compute("^", into, into, self.operand(1 << bits - 1))
            self.compute("+", into, into, self.operand(-(1 << bits - 1)))

    def _compare(self, into: str, comparison: str, left: Term, right: Term) -> None:
        """Without dependencies to keep, a comparison is a branch, of addresses too."""
        self._by_branch_into(into, Apply(comparison, (left, right)))

    def _go(self, comparison: str, left: Term, right: Term, label: str) -> None:
        """herd7 compares addresses by a ``cmpxchg`` of registers only: ``cmp`` asks which is the greater one, too."""
        if not (self.possible(left).addresses or self.possible(right).addresses) or comparison not in ("==", "!="):
            super()._go(comparison, left, right, label)
            return
        compared, known = self.sheet.temporary(), self.register(left)
        other = self.register(right)
        self.move(compared, known)
        self.sheet.named[_OLD] = "rax"
        self.move(_OLD, other)
        self._spoilt = True
        self.line("cmpxchgq ", use(compared, "q"), ",", use(known, "q"))
        self.line(f"{_JUMPS[comparison]} {label}", jumps=label)

    def _by_branch_into(self, into: str, condition: Term) -> None:
        done, result = self.sheet.label(), self.sheet.temporary()
        self.constant(result, 1)
        self.go(condition, done)
        self.constant(result, 0)
        self.sheet.place(done)
        self.move(into, result)

    def choose(self, into: str, condition: Term, positive: Term, negative: Term) -> None:
        result, done = self.sheet.temporary(), self.sheet.label()
        self._set(result, positive)
        self.go(condition, done)
        self._set(result, negative)
        self.sheet.place(done)
        self.move(into, result)

    def _set(self, into: str, value: Term) -> None:
        found = self.register(value, into)
        if found != into:
            self.move(into, found)

    def nonzero(self, into: str, value: str, known: Possible) -> None:
        done = self.sheet.label()
        result = self.sheet.temporary()
        self.constant(result, 1)
        self.branch("!=", value, 0, done)
        self.constant(result, 0)
        self.sheet.place(done)
        self.move(into, result)

    def less(self, into: str, left: str, right: str) -> None:
        raise AssertionError("comparisons are branches")

    def branch(self, comparison: str, left: str, right: Operand, label: str) -> None:
        if comparison in _JUMPS:
            self.line("cmpq ", _second(right), ",", use(left, "q"))
            self.line(f"{_JUMPS[comparison]} {label}", jumps=label)
            return
        skip = self.sheet.label()  # herd7 has no jl and no jg
        self.branch(">=" if comparison == "<" else "<=", left, right, skip)
        self.jump(label)
        self.sheet.place(skip)

    def jump(self, label: str) -> None:
        self.line(f"jmp {label}", jumps=label)

    def load(self, into: str, access: Access, tags: frozenset[str]) -> None:
        size = access.kind.size
        if size >= _WORD:
            self._loaded(into, size, access)
        else:  # a narrow move keeps the other bits
            found = self.sheet.temporary()
            self.constant(found, 0)
            self._loaded(found, size, access)
            self.move(into, found)
        self.restored(into, access)

    def _loaded(self, into: str, size: int, access: Access) -> None:
        self.line(f"mov{_SIZES[size]} ", *self._place(access), ",", use(into, _SIZES[size]))

    def restored(self, name: str, access: Access) -> None:
        if access.kind.size <= _WORD and access.content.negative:
            bits = 8 * access.kind.size
            self.compute("^", name, name, self.operand(1 << bits - 1))
            self.compute("+", name, name, self.operand(-(1 << bits - 1)))

    def store(self, value: str, access: Access, tags: frozenset[str]) -> None:
        size = _SIZES[access.kind.size]
        self.line(f"mov{size} ", use(value, size), ",", *self._place(access))

    def fence(self, tag: str) -> None:
        self.line(tag.lower())

    def update(self, rmw: ReadModifyWrite, access: Access) -> None:
        self.stored(rmw.new, access)
        unread = rmw.old.name not in self.read
        match _unwrapped(rmw.new):
            case new if rmw.condition is None and rmw.old not in leaves(new):
                self._exchange(rmw.old.name, self.register(rmw.new), access)
            case Apply(("+" | "^") as operator, (old, operand)) if (
                unread and rmw.condition is None and old == rmw.old and rmw.old not in leaves(operand)
            ):
                size = _SIZES[access.kind.size]
                changed = use(self.register(operand), size)
                self.line(f"lock {_NAMES[operator]}{size} ", changed, ",", *self._place(access))
            case _:
                self._swap(rmw, access)

    def _exchange(self, old: str, new: str, access: Access) -> None:
        size = _SIZES[access.kind.size]
        given = self.sheet.temporary()
        self.move(given, new)
        self.line(f"xchg{size} ", use(given, size), ",", *self._place(access))
        if access.kind.size < _WORD:
            self.compute("&", given, given, (1 << 8 * access.kind.size) - 1)
        self.restored(given, access)
        self.move(old, given)

    def _swap(self, rmw: ReadModifyWrite, access: Access) -> None:
        """A compare-and-exchange that is tried again with what it found."""
        self.sheet.named[_OLD] = "rax"
        again, done, size = self.retrying(), self.sheet.label(), _SIZES[access.kind.size]
        old = rmw.old.name
        self.load(_OLD, access, frozenset())
        if self.retry:
            self.sheet.place(again)
            self._whole_number(access)
        self.move(old, _OLD)
        self._spoilt = False
        if rmw.condition is not None:
            self.go(rmw.condition, done, where=False)
        new = use(self.register(rmw.new), size)
        if self._spoilt:
            self.move(_OLD, old)
        self.line(f"lock cmpxchg{size} ", *self._place(access), ",", new)
        self.line(f"jne {again}", jumps=again)
        self.sheet.place(done)

    def _whole_number(self, access: Access) -> None:
        """What a compare-and-exchange found has no sign yet; where it has one already, this does nothing."""
        if access.content.negative and access.kind.size <= _WORD:
            self.extend(_OLD, _OLD, 8 * access.kind.size, True)

    def access(self, address: Term) -> Access:
        """Name what has a name."""
        if isinstance(address, Address) and "[" not in (name := self.layout.name(address, self.origin.span)):
            places = frozenset({address})
            kind = self.layout.kind(places, self.origin.span)
            return Access("", 0, kind, self.knowledge.content(places), name)
        return super().access(address)

    def _place(self, access: Access) -> tuple[Piece, ...]:
        if access.symbol is not None:
            return (f"({access.symbol})",)
        return (f"{access.offset or ''}(", use(access.base, "q"), ")")


def _unwrapped(term: Term) -> Term:
    match term:
        case Apply(operator, (inner,)) if operator in WRAPS:
            return _unwrapped(inner)
    return term


def _second(operand: Operand) -> Piece:
    return f"${operand}" if isinstance(operand, int) else use(operand, "q")
