"""Power: what single instructions look like. Source: Power ISA v3.1, book I.

herd7 has none of ``neg``, ``nor``, ``slw``, ``srawi``, ``cmpd`` and ``ldarx``, and computes with more than 32 bits
where the machine does not: numbers are kept below 2^30.
"""

from typing import ClassVar

from litmus.export.assembly.lines import Operand, registers, use
from litmus.export.assembly.machine import Machine
from litmus.export.assembly.memory import Access
from litmus.export.assembly.possible import Possible
from litmus.export.assembly.sheet import Piece
from litmus.program.instruction import ReadModifyWrite

_NAMES = {"+": "add", "-": "sub", "&": "and", "|": "or", "^": "xor"}
_IMMEDIATE = {"+": "addi", "|": "ori", "^": "xori"}
_BRANCHES = {"==": "beq", "!=": "bne", "<": "blt", "<=": "ble", ">": "bgt", ">=": "bge"}
_FENCES = {"SYNC": "sync", "LWSYNC": "lwsync", "EIEIO": "eieio", "ISYNC": "isync"}
_LOADS = {1: "lbz", 2: "lhz", 4: "lwz", 8: "ld"}
_STORES = {1: "stb", 2: "sth", 4: "stw", 8: "std"}
_WORD = 4


class Power(Machine):
    """A thread of Power."""

    dialect = "PPC"
    registers = registers("r", range(1, 32))
    range: ClassVar[tuple[int, int]] = (-(1 << 30), (1 << 30) - 1)
    acquiring = frozenset({"SYNC", "LWSYNC"})
    immediates: ClassVar[tuple[int, int]] = (-(1 << 15), (1 << 15) - 1)
    narrow = True

    def constant(self, into: str, number: int) -> None:
        if -(1 << 15) <= number < 1 << 15:
            self.line("li ", use(into), f",{number}")
            return
        self.line("lis ", use(into), f",{number >> 16}")
        if number & 0xFFFF:
            self.line("ori ", use(into), ",", use(into), f",{number & 0xFFFF}")

    def move(self, into: str, source: str) -> None:
        self.line("mr ", use(into), ",", use(source))

    def compute(self, operator: str, into: str, left: str, right: Operand) -> None:
        if isinstance(right, int) and operator == "-" and right != -(1 << 15):
            operator, right = "+", -right
        if isinstance(right, int) and operator in _IMMEDIATE and (right >= 0 or operator == "+"):
            self.line(f"{_IMMEDIATE[operator]} ", use(into), ",", use(left), f",{right}")
            return
        other = self.sheet.temporary() if isinstance(right, int) else right
        if isinstance(right, int):
            self.constant(other, right)
        self.line(f"{_NAMES[operator]} ", use(into), ",", use(left), ",", use(other))

    def shift(self, operator: str, into: str, value: str, amount: Operand) -> None:
        if operator != "<<" or not isinstance(amount, int) or amount > 14:
            raise self.error("this shift is nothing that herd7's PPC computes")
        self.line("mulli ", use(into), ",", use(value), f",{1 << amount}")

    def extend(self, into: str, source: str, bits: int, signed: bool) -> None:
        if (bits, signed) == (32, True):
            self.line("extsw ", use(into), ",", use(source))
            return
        if bits == 32:
            raise self.error("a conversion to unsigned 32 bits that changes the value")
        self.compute("&", into, source, self.register((1 << bits) - 1))
        if signed:
            sign = self.register(1 << bits - 1)
            self.compute("^", into, into, sign)
            self.compute("-", into, into, sign)

    def nonzero(self, into: str, value: str, known: Possible) -> None:
        sign = self.sheet.temporary()
        self.negate(sign, value)
        if known.negative:
            self.compute("|", sign, sign, value)
        self._sign(into, sign)

    def _sign(self, into: str, value: str) -> None:
        """The highest of 32 bits, as a number."""
        self.line("rlwinm ", use(into), ",", use(value), ",1,31,31")

    def less(self, into: str, left: str, right: str) -> None:
        difference = self.sheet.temporary()
        self.compute("-", difference, left, right)
        self._sign(into, difference)

    def branch(self, comparison: str, left: str, right: Operand, label: str) -> None:
        if isinstance(right, int):
            self.line("cmpwi ", use(left), f",{right}")
        else:
            self.line("cmpw ", use(left), ",", use(right))
        self.line(f"{_BRANCHES[comparison]} {label}", jumps=label)

    def branch_on_same(self, one: str, other: str, label: str) -> None:
        raise self.error("a comparison of two addresses is nothing that herd7's PPC computes")

    def jump(self, label: str) -> None:
        self.line(f"b {label}", jumps=label)

    def load(self, into: str, access: Access, tags: frozenset[str]) -> None:
        size = access.kind.size
        name = "lwa" if size == _WORD and access.content.negative else _LOADS[size]
        self.line(f"{name} ", use(into), ",", *_place(access))
        if size < _WORD:
            self.restored(into, access)

    def store(self, value: str, access: Access, tags: frozenset[str]) -> None:
        self.line(f"{_STORES[access.kind.size]} ", use(value), ",", *_place(access))

    def fence(self, tag: str) -> None:
        self.line(_FENCES[tag])

    def update(self, rmw: ReadModifyWrite, access: Access) -> None:
        if access.kind.size != _WORD:
            raise self.error(f"an atomic update of {8 * access.kind.size} bits is nothing that herd7's PPC knows")
        self.reserved(rmw, access)

    def reserve(self, into: str, access: Access, tags: frozenset[str]) -> None:
        self.line("lwarx ", use(into), ",r0,", use(access.base))

    def conditional(self, value: str, access: Access, tags: frozenset[str], again: str) -> None:
        self.line("stwcx. ", use(value), ",r0,", use(access.base))
        self.line(f"bne {again}", jumps=again)


def _place(access: Access) -> tuple[Piece, ...]:
    return (f"{access.offset}(", use(access.base), ")")
