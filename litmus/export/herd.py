"""A program as a ``.litmus`` file in herd's C, for herd7 with the kernel's model.

The rules are those of herdtools7's C parser and of klitmus7 (herd/CParser, lib/CLexer.mll, litmus/KSkel.ml): pointer
parameters of one type in all threads, locks not in the initial state, variables declared at the top of the body.
"""

from collections.abc import Iterator, Mapping, Sequence, Set

from litmus.arch.inference import Inference, local_types
from litmus.engine.final import readable
from litmus.errors import UnsupportedError
from litmus.export.body import Body
from litmus.export.computed import Computed
from litmus.export.condition import Conditions, Observed
from litmus.export.expression import Expressions
from litmus.export.file import QUANTIFIERS, Exported, Lower, render, stem_of, written_by
from litmus.export.identifier import identifiers
from litmus.export.interval import Interval, intervals
from litmus.export.knowledge import Knowledge
from litmus.export.number import literal
from litmus.export.pointer import POINTER
from litmus.export.sheet import Sheet
from litmus.program.program import Assertion, Dialect, Location, Program, Thread
from litmus.program.syntax import (
    Assignment,
    Await,
    Block,
    Declare,
    If,
    Local,
    Statement,
)
from litmus.program.term import Address, FinalLocation, FinalRegister, Term, leaves
from litmus.program.types import INT, Type
from litmus.source import Span

ATOMIC = frozenset({"atomic_t", "atomic64_t", "atomic_long_t", "refcount_t"})
LOCKS = {"spinlock_t": "spinlock_t", "raw_spinlock_t": "spinlock_t", "struct mutex": "spinlock_t"}
SRCU = "struct srcu_struct"


def export(
    program: Program,
    assertion: Assertion,
    result: str | None = None,
    *,
    lower: Lower = Lower.EQUAL,
    remarks: Sequence[str] = (),
) -> Exported:
    """Return the test with one assertion. A claim that something never is, or can be, becomes the question ``exists``;
    what the answer is expected to be goes into the comment ``Result:`` (``result``), as the kernel's tests have it.
    What herd's C has no words for becomes what ``lower`` says; ``remarks`` are said of the test beside that.

    Raises:
        UnsupportedError: at what herd's C cannot express.
    """
    if program.dialect not in (Dialect.DSL, Dialect.C):
        raise UnsupportedError(f"{program.dialect} assembly cannot be exported as C", program.span)
    if assertion.reserved:
        raise UnsupportedError(f"herd's conditions have no '{assertion.reserved}'", assertion.span)
    name = stem_of(program, assertion)
    return Exported(
        f"{name}.litmus", render("herd.litmus.j2", _Export(program, lower, remarks).fields(assertion, name, result))
    )


class _Export:
    """What the parts of one file have in common."""

    def __init__(self, program: Program, lower: Lower, remarks: Sequence[str]) -> None:
        self.program = program
        self.lower = lower
        self.remarks = remarks
        by_name = identifiers(location.name for location in program.locations)
        self.names = {location.address: by_name[location.name] for location in program.locations}
        self.by_name = by_name
        self.intervals = intervals(program)
        self.kinds = {location.address: _type(location) for location in program.locations}
        self._write()
        other = frozenset[Address]().union(*(sheet.other for sheet in self.sheets), self._pointed_at())
        atomic = frozenset[Address]().union(*(sheet.own for sheet in self.sheets)) - other
        self.kinds |= {address: "int" for address in other if self.kinds.get(address) == "atomic_t"}
        self.kinds |= {address: "atomic_t" for address in atomic if self.kinds[address] == "int"}
        self._write()

    def _pointed_at(self) -> Iterator[Address]:
        """What variables point to at first."""
        registers = (value for thread in self.program.threads for value in thread.registers.values())
        initial = (location.initial for location in self.program.locations)
        return (value for value in (*registers, *initial) if isinstance(value, Address))

    def _write(self) -> None:
        self.threads = [self._expressions(number) for number in range(len(self.program.threads))]
        self.sheets = [expressions.sheet for expressions in self.threads]

    def _expressions(self, number: int) -> Expressions:
        thread = self.program.threads[number]
        locals_ = identifiers(_locals(thread), self.names.values())
        sheet = Sheet(self.names, locals_, {*self.names.values(), *locals_.values()}, self.kinds, self.lower)
        types = local_types(self.program, thread) if self.program.dialect is Dialect.DSL else thread.types
        expressions = Expressions(sheet, Knowledge(number, Inference(self.program, types), self.intervals))
        Body(sheet, expressions).write(thread.body)
        return expressions

    def fields(self, assertion: Assertion, name: str, result: str | None) -> Mapping[str, object]:
        """Return what the template says."""
        mentioned: set[Term] = set()

        def name_of(term: FinalRegister | FinalLocation) -> str:
            mentioned.add(term)
            return self._observable(term)

        known = Observed(name_of, self._type, self._values, self._address, readable(self.program))
        writer = Conditions(known, self._computed, assertion.span)
        condition = writer.text(assertion.condition)
        kept = [f"not ({thread}:{held}=0)" for thread, sheet in enumerate(self.sheets) for held in sheet.kept]
        if self.program.filter is not None:
            kept.append(f"({writer.text(self.program.filter)})")
        return {
            "name": name,
            "doc": self.program.doc.replace('"', "'") if self.program.doc else None,
            "result": result,
            "origin": written_by(self.program, assertion),
            "remarks": list(self._remarks()),
            "initial": list(self._initial()),
            "threads": [self._thread(index) for index in range(len(self.sheets))],
            "locations": " ".join(f"{self._listed(term)};" for term in self._seen(assertion, mentioned)),
            "filter": " /\\ ".join(kept),
            "quantifier": QUANTIFIERS[assertion.quantifier],
            "condition": condition,
        }

    # --------------------------------------------------------------------------------------------------- conditions
    def _observable(self, term: FinalRegister | FinalLocation) -> str:
        match term:
            case FinalRegister(thread, register):
                return f"{thread}:{self.sheets[thread].locals.get(register, register)}"
            case FinalLocation(name):
                return self.by_name[name]

    def _type(self, term: FinalRegister | FinalLocation) -> Type:
        match term:
            case FinalRegister(thread, register):
                return self.threads[thread].knowledge.variable(register)[0] or INT
            case FinalLocation(name):
                return next(location.type for location in self.program.locations if location.name == name)

    def _address(self, address: Address) -> str:
        if address in self.names:
            return self.names[address]
        raise UnsupportedError(f"nothing declared is at {address.symbol}+{address.offset}", self.program.span)

    def _values(self, term: FinalRegister | FinalLocation) -> Interval | None:
        type_ = self._type(term)
        match term:
            case FinalRegister(thread, register):
                found = self.threads[thread].knowledge.variable(register)[1]
            case FinalLocation(name):
                place = next(location.address for location in self.program.locations if location.name == name)
                found = self.intervals.get(place)
        beyond = found is not None and found[0] < 0 and not type_.signed
        return None if type_.pointer or beyond else found

    def _computed(self, thread: int, term: Term, span: Span | None) -> str:
        return Computed(self.sheets[thread], self.threads[thread].knowledge).compute(term, span)

    def _seen(self, assertion: Assertion, mentioned: Set[Term]) -> Iterator[FinalRegister | FinalLocation]:
        """What states show of the source, but for what the condition mentions, which herd7 shows by itself."""
        for term in dict.fromkeys((*self.program.observed, *leaves(assertion.condition))):
            if isinstance(term, FinalRegister | FinalLocation) and term not in mentioned:
                yield term

    def _listed(self, term: FinalRegister | FinalLocation) -> str:
        match term:
            case FinalRegister(thread, register):
                declared = self.program.threads[thread].types.get(register, INT)
                return f"{self._observable(term)} int*" if declared.pointer else self._observable(term)
            case _:
                return self._observable(term)

    # --------------------------------------------------------------------------------------------------- the parts
    def _initial(self) -> Iterator[str]:
        """Locks and SRCU domains are zero by themselves, and herd7 knows no size for them."""
        for location in self.program.locations:
            kind, name = self.kinds[location.address], self.names[location.address]
            if isinstance(location.initial, Address):
                yield f"{kind}{name} = &{self._address(location.initial)};"
                continue
            initial = literal(location.initial, location.type, location.span).text
            if kind == "atomic_t":
                yield f"atomic_t {name} = ATOMIC_INIT({initial});"
            elif kind not in ("spinlock_t", SRCU):
                yield f"{kind}{'' if kind.endswith('*') else ' '}{name} = {initial};"

    def _thread(self, index: int) -> Mapping[str, object]:
        sheet = self.sheets[index]
        if not sheet.lines:
            sheet.lines.append(f"\t{sheet.temporary('unused')} = 0;")
        declarations = [*self._declarations(index)]
        used = [location for location in self.program.locations if location.address in sheet.used]
        return {
            "parameters": [_parameter(self.kinds[location.address], self.names[location.address]) for location in used],
            "declarations": declarations,
            "lines": sheet.lines,
        }

    def _declarations(self, index: int) -> Iterator[str]:
        """Declarations at the top of the body; what is not set on every path begins as 0."""
        thread, sheet = self.program.threads[index], self.sheets[index]
        waits = any(isinstance(s, Await) and s.how == "await" for s in thread.body)
        set_here = (s.target for s in thread.body if isinstance(s, Assignment) and not waits)
        certain = {target.name for target in set_here if isinstance(target, Local)} - thread.registers.keys()
        for local in dict.fromkeys(_locals(thread)):
            pointer = "*" if thread.types.get(local, INT).pointer else ""
            initial = "" if local in certain else f" = {self._begins(index, local)}"
            yield f"int {pointer}{sheet.locals[local]}{initial};"
        for name, number in sheet.temporaries.items():
            kind = sheet.pointers.get(name, "int ")
            yield f"{kind}{name} = {number};"

    def _begins(self, index: int, local: str) -> str:
        """Return what a variable holds at first: in herd's C the initial state may tell."""
        thread = self.program.threads[index]
        match thread.registers.get(local, 0):
            case Address() as address:
                return self.sheets[index].name(address, thread.span)
            case number:
                return literal(number, thread.types.get(local, INT), thread.span).text

    # ------------------------------------------------------------------------------------------------------ remarks
    def _remarks(self) -> Iterator[str]:
        yield from self.remarks
        threads = [f"P{i} is {t.name}" for i, t in enumerate(self.program.threads) if t.name != f"P{i}"]
        if threads:
            yield f"Threads: {', '.join(threads)}."
        for location in self.program.locations:
            name = self.names[location.address]
            if name != location.name:
                flags = "".join(f", bit {bit} is {flag}" for flag, bit in location.bits)
                yield f"{name} is {location.name}{flags}."
        for note in dict.fromkeys(note for sheet in self.sheets for note in sheet.notes.values()):
            yield f"Written otherwise: {note}."
        if any(a.reserved == "data_race" for a in self.program.assertions):
            yield "Whether there is a data race is told by herd7's flag."


def _locals(thread: Thread) -> Iterator[str]:
    yield from thread.types
    yield from thread.registers
    yield from _assigned(thread.body)


def _assigned(body: Sequence[Statement]) -> Iterator[str]:
    """The variables that statements set or declare."""
    for statement in body:
        match statement:
            case Assignment(Local(name)) | Declare(name):
                yield name
            case If(_, then, otherwise):
                yield from _assigned((*then, *otherwise))
            case Block(inside):
                yield from _assigned(inside)


def _type(location: Location) -> str:
    """The type of a location in the exported file: with a star and no space for a pointer."""
    declared = location.type
    if declared.pointer or isinstance(location.initial, Address):
        return POINTER
    if declared.name in ATOMIC or location.bits:
        return "atomic_t"
    if declared.name in LOCKS:
        return LOCKS[declared.name]
    if declared.name in (SRCU, "rwlock_t"):
        return declared.name
    return "int"


def _parameter(kind: str, name: str) -> str:
    return f"{kind}*{name}" if kind.endswith("*") else f"{kind} *{name}"
