"""A program as an assembly ``.litmus`` file, for herd7 with the model of an architecture.

The threads are the instructions that the kernel's primitives come to (models/lowering), as `arch.compile` has them and
as our own answers are computed from.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import zip_longest

from litmus.arch.compiled import CompiledProgram
from litmus.arch.inference import local_types
from litmus.dataclass import dataclass
from litmus.engine.final import readable
from litmus.errors import UnsupportedError
from litmus.export.assembly.aarch64 import AArch64
from litmus.export.assembly.aarch64 import spelt as aarch64_name
from litmus.export.assembly.machine import MADE_UP, Machine
from litmus.export.assembly.memory import Layout
from litmus.export.assembly.possible import Interval, possible_values
from litmus.export.assembly.ppc import Power
from litmus.export.assembly.riscv import RiscV
from litmus.export.assembly.sheet import Line, Use, allocate
from litmus.export.assembly.x86 import X86
from litmus.export.assembly.x86 import spelt as x86_name
from litmus.export.condition import Conditions, Observed
from litmus.export.file import QUANTIFIERS, Exported, render, stem_of, written_by
from litmus.program.instruction import ReadModifyWrite, Store
from litmus.program.program import Assertion, Dialect, Location
from litmus.program.term import Address, FinalLocation, FinalRegister, Leaf, Register, Term, leaves, substitute
from litmus.program.types import INT, Type
from litmus.source import Span

_WORD: Interval = (-(1 << 31), (1 << 31) - 1)
_PLACE = re.compile(r"(\d+):<([^>]*)>")
"""A register of the source, before it has a machine register."""


@dataclass(frozen=True, slots=True)
class Target:
    """A dialect: the machine that writes it, how its registers are spelt, and its template."""

    machine: type[Machine]
    spell: Callable[[str, str], str]
    template: str


def _as_it_is(machine: str, _view: str) -> str:
    return machine


TARGETS: Mapping[str, Target] = {
    "armv8": Target(AArch64, aarch64_name, "aarch64.litmus.j2"),
    "x86": Target(X86, x86_name, "x86_64.litmus.j2"),
    "power": Target(Power, _as_it_is, "ppc.litmus.j2"),
    "riscv": Target(RiscV, _as_it_is, "riscv.litmus.j2"),
}
"""By what programs are compiled for."""


def export_assembly(
    compiled: CompiledProgram,
    assertion: Assertion,
    result: str | None = None,
    *,
    unroll: int = 2,
    retry: bool = False,
    remarks: Sequence[str] = (),
) -> Exported:
    """Return a compiled test with one assertion, as `export.herd.export` does for herd's C.

    With ``retry`` a store-conditional that fails is tried again, and so is what waits. Else the executions in which one
    fails are left out: the states are those of the others, as a try that fails writes nothing, and what it reads does
    not reach the last one. ``remarks`` are said of the test beside what is written otherwise.

    Raises:
        UnsupportedError: at what the dialect, or herd7, cannot express.
    """
    program = compiled.program
    if program.dialect not in (Dialect.DSL, Dialect.C):
        raise UnsupportedError(f"{program.dialect} assembly is what it is: it cannot be exported", program.span)
    if not program.threads:
        raise UnsupportedError("herd7 reads no assembly without a thread", program.span)
    if assertion.reserved:
        raise UnsupportedError(f"herd's conditions have no '{assertion.reserved}'", assertion.span)
    name = stem_of(program, assertion)
    fields = AssemblyExport(compiled, unroll, retry=retry).fields(assertion, remarks)
    fields |= {"name": name, "result": result}
    return Exported(f"{name}.litmus", render(TARGETS[compiled.target].template, fields))


class AssemblyExport:
    """A compiled program as assembly; ``registers`` gives the machine register of each variable of the source."""

    def __init__(self, compiled: CompiledProgram, unroll: int = 2, *, retry: bool = False) -> None:
        self.program = program = compiled.program
        self.target = TARGETS[compiled.target]
        self.knowledge = possible_values(program, compiled.threads, unroll)
        even = frozenset(self._written_through_pointers(compiled)) if self.target.machine.even else frozenset[Address]()
        self.layout = Layout(program, self.knowledge, narrow=self.target.machine.narrow, even=even)
        self.registers: dict[tuple[int, str], str] = {}
        self.retry = retry
        self.machines = [self._machine(number, compiled) for number in range(len(program.threads))]
        self.types = [self._types(number) for number in range(len(program.threads))]

    def _written_through_pointers(self, compiled: CompiledProgram) -> Iterator[Address]:
        """The locations that are written at addresses known at run time only."""
        for thread, code in enumerate(compiled.threads):
            for instruction in code:
                match instruction:
                    case Store(address) | ReadModifyWrite(address=address) if not isinstance(address, Address):
                        yield from self.knowledge.targets(thread, address)

    @property
    def retries(self) -> int:
        """How many updates may fail and be tried again."""
        return sum(machine.retries for machine in self.machines)

    def _machine(self, number: int, compiled: CompiledProgram) -> Machine:
        machine = self.target.machine(number, self.knowledge, self.layout, retry=self.retry)
        machine.write(compiled.threads[number])
        for register in self.program.threads[number].registers:
            machine.own(register)
        return machine

    def _types(self, number: int) -> Mapping[str, Type | None]:
        thread = self.program.threads[number]
        return local_types(self.program, thread) if self.program.dialect is Dialect.DSL else thread.types

    def fields(self, assertion: Assertion, remarks: Sequence[str] = ()) -> dict[str, object]:
        """Return what a template says, but for the name and the result."""
        mentioned: set[Term] = set()

        def name_of(term: FinalRegister | FinalLocation) -> str:
            mentioned.add(term)
            self._check(term)
            return self._observable(term)

        known = Observed(name_of, self._type, self._values, self._address, readable(self.program))
        writer = Conditions(known, self._computed, assertion.span)
        condition = writer.text(assertion.condition)
        kept = [] if self.program.filter is None else [f"({writer.text(self.program.filter)})"]
        listed = [f"{self._observable(term)};" for term in self._seen(assertion, mentioned)]
        for number, machine in enumerate(self.machines):
            done = machine.end()
            kept = [*([f"{number}:<{done}>=1"] if done else []), *(f"{number}:<{f}>=0" for f in machine.kept), *kept]
        columns = self._columns()
        return {
            "doc": self.program.doc.replace('"', "'") if self.program.doc else None,
            "origin": written_by(self.program, assertion),
            "remarks": [*remarks, *self._remarks()],
            "initial": [*self.layout.initial(), *self._initial()],
            "rows": list(_rows(columns)),
            "locations": self._placed(" ".join(listed)),
            "filter": self._placed(" /\\ ".join(kept)),
            "quantifier": QUANTIFIERS[assertion.quantifier],
            "condition": self._placed(condition),
        }

    # ----------------------------------------------------------------------------------------------------- conditions
    def _observable(self, term: FinalRegister | FinalLocation) -> str:
        match term:
            case FinalRegister(thread, register):
                self.machines[thread].own(register)
                return f"{thread}:<{register}>"
            case FinalLocation(name):
                return self.layout.locations[name]

    def _check(self, term: FinalRegister | FinalLocation) -> None:
        type_, values = self._type(term), self._values(term)
        if type_.size > INT.size and values is not None and not (_WORD[0] <= values[0] and values[1] <= _WORD[1]):
            raise UnsupportedError("a condition of herd's on a number of more than 32 bits", self.program.span)

    def _type(self, term: FinalRegister | FinalLocation) -> Type:
        match term:
            case FinalRegister(thread, register):
                return self.types[thread].get(register) or INT
            case FinalLocation(name):
                return self._location(name).type

    def _location(self, name: str) -> Location:
        return next(location for location in self.program.locations if location.name == name)

    def _values(self, term: FinalRegister | FinalLocation) -> Interval | None:
        match term:
            case FinalRegister(thread, register):
                found = self.knowledge.of(thread, Register(register))
            case FinalLocation(name):
                found = self.knowledge.content([self._location(name).address])
        return None if found.addresses else found.numbers

    def _address(self, address: Address) -> str:
        return self.layout.value_of(address, self.program.span)

    def _computed(self, thread: int, term: Term, span: Span | None) -> str:
        """Let a thread compute a term over its registers when it ends."""
        machine = self.machines[thread]

        def local(leaf: Leaf) -> Term | None:
            return Register(leaf.register) if isinstance(leaf, FinalRegister) else None

        exact = substitute(readable(self.program)(term), local)
        for leaf in leaves(exact):
            if isinstance(leaf, Register):
                machine.own(leaf.name)
        name = f"!condition.{len(machine.sheet.fixed)}"
        machine.sheet.fixed[name] = None
        found = machine.register(exact, name)
        if found != name:
            machine.move(name, found)
        return f"<{name}>"

    def _seen(self, assertion: Assertion, mentioned: Set[Term]) -> Iterator[FinalRegister | FinalLocation]:
        """What states show of the source, but for what the condition mentions, which herd7 shows by itself."""
        for term in dict.fromkeys((*self.program.observed, *leaves(assertion.condition))):
            if isinstance(term, FinalRegister | FinalLocation) and term not in mentioned:
                yield term

    # ------------------------------------------------------------------------------------------------------ the parts
    def _columns(self) -> list[list[str]]:
        columns = []
        for number, machine in enumerate(self.machines):
            thread = self.program.threads[number]
            mapping = allocate(machine.sheet, machine.registers, thread.span)
            self.registers |= {(number, virtual): register for virtual, register in mapping.items()}
            columns.append([f"P{number}", *self._text(machine.sheet.needed(), mapping)])
        return columns

    def _text(self, lines: Sequence[Line], mapping: Mapping[str, str]) -> Iterator[str]:
        for line in lines:
            if line.label is not None:
                yield f"{line.label}:"
                continue
            spelt = (self.target.spell(mapping[p.register], p.view) if isinstance(p, Use) else p for p in line.pieces)
            yield "".join(spelt)

    def _placed(self, text: str) -> str:
        """Put machine registers where registers of the source are mentioned."""
        return _PLACE.sub(lambda m: f"{m[1]}:{self.target.spell(self.registers[int(m[1]), m[2]], '')}", text)

    def _initial(self) -> Iterator[str]:
        """Addresses in registers, what the source gives to its own, and the types of those that need one."""
        for number, machine in enumerate(self.machines):
            given = self.program.threads[number].registers
            for virtual, content in machine.sheet.fixed.items():
                register = f"{number}:{self.registers[number, virtual]}"
                if content is not None:
                    yield f"{register}={content};"
                elif given.get(virtual, 0) != 0:
                    yield f"{register}={self._content(given[virtual])};"
                elif (wide := self._wide(number, virtual)) is not None:
                    yield f"{wide} {register};"

    def _content(self, value: int | Address) -> str:
        return self._address(value) if isinstance(value, Address) else str(value)

    def _wide(self, number: int, register: str) -> str | None:
        """The type of a variable that an ``int`` does not show; other registers are zero or one."""
        values = self.knowledge.known.get((number, register))
        if values is None or values.numbers is None or values.within(*_WORD) or values.addresses:
            return None
        type_ = self.types[number].get(register) or INT
        return ("int" if type_.signed else "uint") + ("32_t" if type_.size <= INT.size else "64_t")

    def _remarks(self) -> Iterator[str]:
        for number, thread in enumerate(self.program.threads):
            known = {v: r for (n, v), r in self.registers.items() if n == number and v[0] not in MADE_UP}
            held = ", ".join(f"{register} is {name}" for name, register in known.items())
            yield f"P{number} is {thread.name}{': ' if held else ''}{held}."
        if self.retries and not self.retry:
            yield "Written otherwise: executions in which a store-conditional or a cmpxchg fails are left out."
        for name, exported in self.layout.locations.items():
            if name != exported:
                yield f"{exported} is {name}."
        for location in self.program.locations:
            if location.address in self.layout.widened:
                name = self.layout.locations[location.name]
                yield f"Written otherwise: {name} has 64 bits, as the other parts of its object."
        for location in filter(self.layout.evened, self.program.locations):
            name = self.layout.locations[location.name]
            yield f"Written otherwise: {name} has 64 bits, as the pointers that it is reached by."
        for location in filter(self.layout.narrowed, self.program.locations):
            name = self.layout.locations[location.name]
            yield f"Written otherwise: {name} has 32 bits, which hold all its values, instead of 64."


def _rows(columns: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in columns]
    for cells in zip_longest(*columns, fillvalue=""):
        yield " " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " ;"
