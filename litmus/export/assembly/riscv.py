"""RISC-V: what single instructions look like. Source: The RISC-V Instruction Set Manual, volume I.

herd7 has no ``sltu``, ``srai`` and ``mul``, and leaves out the sign of what atomic instructions return.
"""

from typing import ClassVar

from litmus.export.assembly.lines import Operand, registers, use
from litmus.export.assembly.machine import Machine
from litmus.export.assembly.memory import Access
from litmus.export.assembly.possible import Possible
from litmus.export.assembly.sheet import Piece
from litmus.program.instruction import ReadModifyWrite
from litmus.program.term import WRAPS, Apply, Term, leaves

_NAMES = {"+": "add", "-": "sub", "&": "and", "|": "or", "^": "xor"}
_WIDTH = {1: "b", 2: "h", 4: "w", 8: "d"}
_FENCES = {"Fence.tso": "fence.tso", "Fence.i": "fence.i"}
_ORDER = {frozenset[str](): "", frozenset({"Acq"}): ".aq", frozenset({"Rel"}): ".rl", frozenset({"AcqRel"}): ".aq.rl"}
_AMOS = {"+": "amoadd", "-": "amoadd", "&": "amoand", "|": "amoor", "^": "amoxor"}
_WORD = 4


class RiscV(Machine):
    """A thread of RISC-V."""

    dialect = "RISCV"
    registers = registers("x", range(5, 32))
    acquiring = frozenset({"Acq", "AcqRel", "Fence.r.rw", "Fence.rw.rw"})
    immediates: ClassVar[tuple[int, int]] = (-2048, 2047)

    def constant(self, into: str, number: int) -> None:
        self.line("li ", use(into), f",{number}")

    def move(self, into: str, source: str) -> None:
        self.line("mv ", use(into), ",", use(source))

    def compute(self, operator: str, into: str, left: str, right: Operand) -> None:
        if isinstance(right, int) and operator == "-":
            operator, right = "+", -right
        name = _NAMES[operator] + ("i" if isinstance(right, int) else "")
        self.line(f"{name} ", use(into), ",", use(left), ",", _second(right))

    def negate(self, into: str, value: str) -> None:
        self.line("sub ", use(into), ",x0,", use(value))

    def shift(self, operator: str, into: str, value: str, amount: Operand) -> None:
        if operator == ">>":
            raise self.error("a shift to the right is nothing that herd7's RISCV computes, but of a single bit")
        name = "slli " if isinstance(amount, int) else "sll "
        self.line(name, use(into), ",", use(value), ",", _second(amount))

    def extend(self, into: str, source: str, bits: int, signed: bool) -> None:
        if (bits, signed) == (32, True):
            self.line("sext.w ", use(into), ",", use(source))
            return
        mask = self.sheet.temporary()
        self.constant(mask, (1 << bits) - 1)
        self.compute("&", into, source, mask)
        if signed:
            sign = self.sheet.temporary()
            self.constant(sign, 1 << bits - 1)
            self.compute("^", into, into, sign)
            self.compute("-", into, into, sign)

    def nonzero(self, into: str, value: str, known: Possible) -> None:
        if not known.negative:
            self.line("slt ", use(into), ",x0,", use(value))
            return
        below = self.sheet.temporary()
        self.line("slt ", use(below), ",", use(value), ",x0")
        above = self.sheet.temporary()
        self.line("slt ", use(above), ",x0,", use(value))
        self.compute("|", into, below, above)

    def less(self, into: str, left: str, right: str) -> None:
        self.line("slt ", use(into), ",", use(left), ",", use(right))

    def branch_on_addresses(self, comparison: str, left: Term, right: Term, label: str) -> None:
        """herd7 compares any two values by ``beq`` and ``bne``."""
        self.branch(comparison, self.register(left), self.register(right), label)

    def branch(self, comparison: str, left: str, right: Operand, label: str) -> None:
        other = self._register(right)
        names = {"==": "beq", "!=": "bne", "<": "blt", ">=": "bge"}
        if comparison in names:
            self.line(f"{names[comparison]} ", use(left), ",", other, f",{label}", jumps=label)
        else:
            name = "blt" if comparison == ">" else "bge"
            self.line(f"{name} ", other, ",", use(left), f",{label}", jumps=label)

    def _register(self, operand: Operand) -> Piece:
        if operand == 0:
            return "x0"
        return use(self.register(operand) if isinstance(operand, int) else operand)

    def jump(self, label: str) -> None:
        self.line(f"j {label}", jumps=label)

    def load(self, into: str, access: Access, tags: frozenset[str]) -> None:
        size = access.kind.size
        unsigned = size < _WORD or (size == _WORD and not access.kind.signed)
        self.line(f"l{_WIDTH[size]}{'u' if unsigned else ''} ", use(into), ",", *_place(access))
        self.restored(into, access)

    def restored(self, name: str, access: Access) -> None:
        if access.kind.size <= _WORD:
            super().restored(name, access)

    def store(self, value: str, access: Access, tags: frozenset[str]) -> None:
        self.line(f"s{_WIDTH[access.kind.size]} ", use(value), ",", *_place(access))

    def fence(self, tag: str) -> None:
        self.line(_FENCES.get(tag) or f"fence {','.join(tag.split('.')[1:])}")

    def update(self, rmw: ReadModifyWrite, access: Access) -> None:
        if access.kind.size < _WORD:
            raise self.error(f"an atomic update of {8 * access.kind.size} bits is no instruction of RISC-V")
        if rmw.flavour == "lxsx":
            self.reserved(rmw, access)
            return
        if rmw.condition is not None:
            raise self.error("a conditional update is no instruction of RISC-V")
        name, operand = self._amo(rmw, rmw.new)
        access = self.whole(access)
        self.stored(rmw.new, access)
        end = f".{_WIDTH[access.kind.size]}{_ORDER[rmw.read_tags]} "
        self.line(f"{name}{end}", use(rmw.old.name), ",", operand, ",", *_plain(access))
        self.restored(rmw.old.name, access)

    def _amo(self, rmw: ReadModifyWrite, new: Term) -> tuple[str, Piece]:
        """The instruction, and the register that it combines with what is read."""
        match new:
            case Apply(operator, (inner,)) if operator in WRAPS:
                return self._amo(rmw, inner)
            case Apply(operator, (old, operand)) if (
                old == rmw.old and operator in _AMOS and rmw.old not in leaves(operand)
            ):
                operand = (
                    (-operand if isinstance(operand, int) else Apply("neg", (operand,))) if operator == "-" else operand
                )
                return _AMOS[operator], self._register(self.register(operand) if operand != 0 else 0)
        if rmw.old in leaves(new):
            raise self.error("what is written here is computed from what is read in a way that no AMO of RISC-V has")
        return "amoswap", self._register(self.register(new) if new != 0 else 0)

    def reserve(self, into: str, access: Access, tags: frozenset[str]) -> None:
        order = _ORDER[tags - {"X"}]
        self.line(f"lr.{_WIDTH[access.kind.size]}{order} ", use(into), ",", *_plain(access))

    def conditional(self, value: str, access: Access, tags: frozenset[str], again: str) -> None:
        status, order = self.sheet.temporary(), _ORDER[tags - {"X"}]
        self.line(f"sc.{_WIDTH[access.kind.size]}{order} ", use(status), ",", use(value), ",", *_plain(access))
        self.line("bne ", use(status), f",x0,{again}", jumps=again)


def _second(operand: Operand) -> Piece:
    return str(operand) if isinstance(operand, int) else use(operand)


def _place(access: Access) -> tuple[Piece, ...]:
    return (f"{access.offset}(", use(access.base), ")")


def _plain(access: Access) -> tuple[Piece, ...]:
    return ("(", use(access.base), ")")
