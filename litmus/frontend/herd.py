"""A herd file in assembly as a Program."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from litmus.arch.assembly import register_names
from litmus.dataclass import replace
from litmus.errors import LitmusError, ParseError, UnknownNameError
from litmus.frontend.assembly import parse_threads
from litmus.frontend.beyond import name_beyond, reject_beyond
from litmus.frontend.combine import combine, known_location
from litmus.frontend.condition import Final, Observables, parse_final
from litmus.frontend.faults import Faults
from litmus.frontend.initial import Initial, RegisterInit, as_kept, mentioned, parse_initial, reject_threads
from litmus.frontend.sections import Sections
from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.syntax import AsmMemory, AsmSymbol, Assembly
from litmus.program.term import Address, FinalLocation, FinalRegister, Term
from litmus.source import Span

Canonical = Callable[[str], str | None]

_MODELS = {
    Dialect.AARCH64: "armv8",
    Dialect.PPC: "power",
    Dialect.RISCV: "riscv",
    Dialect.X86: "x86",
    Dialect.X86_64: "x86",
}


def read_assembly(dialect: Dialect, sections: Sections) -> Program:
    """Return the test that the sections of an assembly file describe.

    Raises:
        LitmusError: where it cannot be read. What is beyond all models is named before any other reason.
    """
    reject_beyond(dialect, sections)
    try:
        return _read(dialect, sections)
    except LitmusError as error:
        raise name_beyond(dialect, sections) or error from None


def _read(dialect: Dialect, sections: Sections) -> Program:
    faults = Faults()
    initial = parse_initial(sections.init, sections.init_text, faults)
    try:
        code = parse_threads(dialect, sections.program, sections.program_text)
    except LitmusError as error:
        faults.add(error)
        faults.conclude()
        raise
    canonical = _canonical_names(dialect)
    with faults.kept():
        reject_threads(initial.registers, len(code))
    registers = [*_canonical_registers(initial, canonical, faults), *_symbolic_registers(initial, code)]
    locations = {name: place for name, place in initial.locations.items() if not name.startswith("%")}
    values = [r.value for r in registers] + [location.initial for location in locations.values()]
    for location in mentioned((*values, *_symbols(code)), locations, initial.arrays):
        locations[location.name] = location
    names = _observables(initial, locations, len(code), canonical)
    final = parse_final(sections.final, sections.final_text, names, faults)
    doubts = faults.conclude()
    threads = tuple(_thread(index, body, registers, final) for index, body in enumerate(code))
    places = tuple(_placed(location, initial) for location in locations.values())
    return combine(sections, dialect, places, threads, final, _MODELS[dialect], doubts)


def _canonical_registers(initial: Initial, canonical: Canonical, faults: Faults) -> Iterator[RegisterInit]:
    given: set[tuple[int, str]] = set()
    for register in initial.registers:
        try:
            known = _canonical_init(register, canonical)
            _reject_second(known, given)
        except LitmusError as error:
            faults.add(error)
        else:
            yield known


def _reject_second(register: RegisterInit, given: set[tuple[int, str]]) -> None:
    """Raise where a register is given a value that has one."""
    place = (register.thread, register.name)
    if register.value is not None and place in given:
        raise ParseError(f"'{register.thread}:{register.name}' is given a value twice", register.span)
    if register.value is not None:
        given.add(place)


def _symbolic_registers(initial: Initial, code: Sequence[Sequence[Assembly]]) -> Iterator[RegisterInit]:
    """Yield the registers without a number that the initial state names (``%p=x``), for each thread that uses them."""
    for name, place in initial.locations.items():
        for thread, body in enumerate(code) if name.startswith("%") else ():
            if any(used.removeprefix("X").removeprefix("W") == name for s in body for used in register_names(s)):
                kind = None if name in initial.untyped else place.type
                assert place.span is not None
                yield RegisterInit(thread, f"%{name}", kind, place.initial, place.span)


def _placed(location: Location, initial: Initial) -> Location:
    return as_kept(replace(location, typed=location.typed and location.name not in initial.untyped))


def _canonical_names(dialect: Dialect) -> Canonical:
    """Return how a dialect names registers; only its own module is imported."""
    match dialect:
        case Dialect.AARCH64:
            from litmus.arch.aarch64 import canonical
        case Dialect.PPC:
            from litmus.arch.ppc import canonical
        case Dialect.RISCV:
            from litmus.arch.riscv import canonical
        case Dialect.X86_64:
            from litmus.arch.x86 import canonical_64 as canonical
        case _:
            from litmus.arch.x86 import canonical
    return canonical


def _thread(index: int, body: tuple[Assembly, ...], registers: Iterable[RegisterInit], final: Final) -> Thread:
    mine = [r for r in registers if r.thread == index]
    types = {r.name: r.type for r in mine if r.type is not None}
    types |= {t.register: kind for t, kind in final.types if isinstance(t, FinalRegister) and t.thread == index}
    values = {r.name: r.value for r in mine if r.value is not None}
    return Thread(f"P{index}", body, values, types)


def _canonical_init(register: RegisterInit, canonical: Canonical) -> RegisterInit:
    name = _register(canonical, register.name, register.span)
    return RegisterInit(register.thread, name, register.type, register.value, register.span)


def _canonical(canonical: Canonical, name: str, span: Span) -> str | None:
    try:
        return canonical(name)
    except KeyError:
        raise UnknownNameError(f"'{name}' is not a register of this architecture", span) from None


def _register(canonical: Canonical, name: str, span: Span) -> str:
    known = _canonical(canonical, name, span)
    if known is None:
        raise LitmusError(f"the register '{name}' is always zero", span)
    return known


def _symbols(code: Iterable[Iterable[Assembly]]) -> Iterator[Address]:
    """Yield the locations that instructions name (x86: ``[x]``)."""
    for body in code:
        for statement in body:
            for operand in statement.operands:
                if isinstance(operand, AsmMemory) and isinstance(operand.base, AsmSymbol):
                    yield Address(operand.base.name)


def _observables(initial: Initial, locations: dict[str, Location], count: int, canonical: Canonical) -> Observables:
    def register(thread: int, name: str, span: Span) -> FinalRegister:
        if thread >= count:
            raise UnknownNameError(f"there is no thread P{thread}: the program has {count}", span)
        return FinalRegister(thread, _canonical(canonical, name, span) or name)

    def location(name: str, span: Span) -> Term:
        return FinalLocation(known_location(name, locations, span))

    def address(value: Address, span: Span) -> Address:
        known_location(value.symbol, {place.address.symbol: place for place in locations.values()}, span)
        return value

    def elements(name: str) -> tuple[str, ...]:
        known = (place.name for place in locations.values() if place.address.symbol == name)
        return tuple(known) if name in initial.arrays else ()

    return Observables(register, register, location, address, initial.arrays, elements)
