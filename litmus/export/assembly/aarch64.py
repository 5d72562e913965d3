"""AArch64: what single instructions look like. Source: Arm ARM, C6."""

from typing import ClassVar

from litmus.export.assembly.lines import Operand, registers, use
from litmus.export.assembly.machine import Machine
from litmus.export.assembly.memory import Access
from litmus.export.assembly.possible import Possible
from litmus.export.assembly.sheet import Piece, Use
from litmus.program.instruction import ReadModifyWrite
from litmus.program.term import WRAPS, Apply, Term, leaves

_OPERATIONS = {"+": "ADD", "-": "SUB", "&": "AND", "|": "ORR", "^": "EOR"}
_CONDITIONS = {"==": "EQ", "!=": "NE", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE"}
_SUFFIX = {1: "B", 2: "H", 4: "", 8: ""}
_EXTENSION = {8: "B", 16: "H", 32: "W"}
_ATOMICS = {"+": "ADD", "-": "ADD", "&": "CLR", "|": "SET", "^": "EOR"}
_HALF = 16
_ARITHMETIC = "+-"


def spelt(machine: str, view: str) -> str:
    """Return a register under one of its names."""
    return f"W{machine[1:]}" if view == "w" else machine


class AArch64(Machine):
    """A thread of AArch64."""

    dialect = "AArch64"
    even = True
    registers = registers("X", range(29))
    acquiring = frozenset({"A", "DMB.ISH", "DMB.ISHLD"})
    immediates: ClassVar[tuple[int, int]] = (0, 4095)

    def constant(self, into: str, number: int) -> None:
        if -(1 << _HALF) <= number < 1 << _HALF:
            self.line("MOV ", use(into), f",#{number}")
            return
        word = number & ((1 << 64) - 1)
        halves = [(shift, word >> shift & 0xFFFF) for shift in range(0, 64, _HALF)]
        first, *rest = [(shift, half) for shift, half in halves if half] or halves[:1]
        self.line("MOVZ ", use(into), f",#{first[1]}{_shifted(first[0])}")
        for shift, half in rest:
            self.line("MOVK ", use(into), f",#{half}{_shifted(shift)}")

    def move(self, into: str, source: str) -> None:
        self.line("MOV ", use(into), ",", use(source))

    def compute(self, operator: str, into: str, left: str, right: Operand) -> None:
        if isinstance(right, int) and operator not in _ARITHMETIC and right != 1:
            right = self._in_register(right)
        self.line(f"{_OPERATIONS[operator]} ", use(into), ",", use(left), ",", _second(right))

    def _in_register(self, number: int) -> str:
        into = self.sheet.temporary()
        self.constant(into, number)
        return into

    def shift(self, operator: str, into: str, value: str, amount: Operand) -> None:
        self.line("LSL " if operator == "<<" else "ASR ", use(into), ",", use(value), ",", _second(amount))

    def extend(self, into: str, source: str, bits: int, signed: bool) -> None:
        if signed:
            self.line(f"SXT{_EXTENSION[bits]} ", use(into), ",", use(source, "w"))
        else:
            name = "MOV " if bits == 32 else f"UXT{_EXTENSION[bits]} "
            self.line(name, use(into, "w"), ",", use(source, "w"))

    def nonzero(self, into: str, value: str, known: Possible) -> None:
        sign = self.sheet.temporary()
        self.line("NEG ", use(sign), ",", use(value))
        if known.negative:
            self.line("ORR ", use(sign), ",", use(sign), ",", use(value))
        self.line("LSR ", use(into), ",", use(sign), ",#63")

    def less(self, into: str, left: str, right: str) -> None:
        difference = self.sheet.temporary()
        self.line("SUB ", use(difference), ",", use(left), ",", use(right))
        self.line("LSR ", use(into), ",", use(difference), ",#63")

    def branch(self, comparison: str, left: str, right: Operand, label: str) -> None:
        if right == 0 and comparison in ("==", "!="):
            self.line("CBZ " if comparison == "==" else "CBNZ ", use(left), f",{label}", jumps=label)
            return
        self.line("CMP ", use(left), ",", _second(right))
        self.line(f"B.{_CONDITIONS[comparison]} {label}", jumps=label)

    def jump(self, label: str) -> None:
        self.line(f"B {label}", jumps=label)

    def load(self, into: str, access: Access, tags: frozenset[str]) -> None:
        size, ordered = access.kind.size, tags & {"A", "Q"}
        if ordered:
            access = self.whole(access)
        if access.content.negative and size < 8 and not ordered:
            self.line(f"LDRS{_SUFFIX[size] or 'W'} ", use(into), ",", *_place(access))
            return
        name = "LDAR" if "A" in tags else "LDAPR" if "Q" in tags else "LDR"
        self.line(f"{name}{_SUFFIX[size]} ", _sized(into, size), ",", *_place(access))
        if ordered and size < 8:
            self.restored(into, access)

    def store(self, value: str, access: Access, tags: frozenset[str]) -> None:
        size, name = access.kind.size, "STLR" if "L" in tags else "STR"
        access = self.whole(access) if "L" in tags else access
        self.line(f"{name}{_SUFFIX[size]} ", _sized(value, size), ",", *_place(access))

    def fence(self, tag: str) -> None:
        self.line(tag.replace(".", " "))

    def update(self, rmw: ReadModifyWrite, access: Access) -> None:
        if rmw.flavour == "lxsx":
            self.reserved(rmw, access)
            return
        access = self.whole(access)
        self.stored(rmw.new, access)
        order = ("A" if "A" in rmw.read_tags else "") + ("L" if "L" in rmw.write_tags else "")
        if rmw.condition is not None:
            self._compare_and_swap(rmw, rmw.condition, order, access)
            return
        name, operand = self._combined(rmw, rmw.new)
        end, source = f"{order}{_SUFFIX[access.kind.size]} ", _sized(self.register(operand), access.kind.size)
        if "NoRet" in rmw.read_tags and name != "SWP":
            self.line(f"ST{name}{end}", source, ",", *_place(access))
            return
        old = _sized(rmw.old.name, access.kind.size)
        self.line(f"{name if name == 'SWP' else f'LD{name}'}{end}", source, ",", old, ",", *_place(access))
        self.restored(rmw.old.name, access)

    def _compare_and_swap(self, rmw: ReadModifyWrite, condition: Term, order: str, access: Access) -> None:
        match condition:
            case Apply("==", (old, expected)) if old == rmw.old:
                found = self.register(expected)
            case _:
                raise self.error("this update is a loop around a CAS in the kernel, which only LL/SC is written for")
        name, size = rmw.old.name, access.kind.size
        self.move(name, found)
        new = _sized(self.register(rmw.new), size)
        self.line(f"CAS{order}{_SUFFIX[size]} ", _sized(name, size), ",", new, ",", *_place(access))
        self.restored(name, access)

    def _combined(self, rmw: ReadModifyWrite, new: Term) -> tuple[str, Term]:
        """The operation of an atomic instruction, and what it combines with what is read."""
        match new:
            case Apply(operator, (inner,)) if operator in WRAPS:
                return self._combined(rmw, inner)
            case Apply("&", (old, Apply("~", (operand,)))) if old == rmw.old and rmw.old not in leaves(operand):
                return "CLR", operand
            case Apply(operator, (old, operand)) if (
                old == rmw.old and operator in _ATOMICS and rmw.old not in leaves(operand)
            ):
                turned = {"-": "neg", "&": "~"}.get(operator)
                return _ATOMICS[operator], operand if turned is None else _applied(turned, operand)
        if rmw.old in leaves(new):
            raise self.error("what is written here is computed from what is read in a way that no LSE instruction has")
        return "SWP", new

    def reserve(self, into: str, access: Access, tags: frozenset[str]) -> None:
        size = access.kind.size
        self.line(f"{'LDAXR' if 'A' in tags else 'LDXR'}{_SUFFIX[size]} ", _sized(into, size), ",", *_place(access))

    def restored(self, name: str, access: Access) -> None:
        if access.kind.size < 8:
            super().restored(name, access)

    def conditional(self, value: str, access: Access, tags: frozenset[str], again: str) -> None:
        size, status = access.kind.size, self.sheet.temporary()
        name = f"{'STLXR' if 'L' in tags else 'STXR'}{_SUFFIX[size]} "
        self.line(name, use(status, "w"), ",", _sized(value, size), ",", *_place(access))
        self.line("CBNZ ", use(status, "w"), f",{again}", jumps=again)


def _applied(operator: str, operand: Term) -> Term:
    if isinstance(operand, int):
        return -operand if operator == "neg" else ~operand
    return Apply(operator, (operand,))


def _shifted(shift: int) -> str:
    return f", LSL #{shift}" if shift else ""


def _second(operand: Operand) -> Piece:
    return f"#{operand}" if isinstance(operand, int) else use(operand)


def _sized(register: str, size: int) -> Use:
    return use(register, "" if size == 8 else "w")


def _place(access: Access) -> tuple[Piece, ...]:
    return ("[", use(access.base), f",#{access.offset}]" if access.offset else "]")
