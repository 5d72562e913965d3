"""Whether two programs are the same test: the same code for the kernel's model, and the same questions about it.

Both are compiled, and the code is compared instruction by instruction, with the names of one put in the places of the
other's. Equal code has the same event structures, and so the same executions, states and counts under every model.
Before, each is simplified by what is known of it alone: a conversion to a type that every value has which comes there
changes nothing, and to assign a constant first of all is to begin with it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest

from litmus.arch.compile import compile_for
from litmus.dataclass import dataclass, fields, replace
from litmus.engine.final import readable, shown_as
from litmus.engine.goals import observables
from litmus.export.value_range import Ranges, ranges
from litmus.program.instruction import Assign, Branch, Defined, Either, Instruction, Jump, Label, Origin
from litmus.program.program import Assertion, Program
from litmus.program.term import (
    Address,
    Apply,
    FinalLocation,
    FinalRegister,
    Register,
    Term,
    Value,
    substitute,
)
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class Renaming:
    """What things of one program are called in another: symbols of locations, and the variables of each thread."""

    symbols: Mapping[str, str]
    locals: Sequence[Mapping[str, str]]

    def address(self, address: Address) -> Address:
        """Return an address by its new symbol."""
        return Address(self.symbols.get(address.symbol, address.symbol), address.offset)

    def location(self, name: str) -> str:
        """Return the new name of a location; elements of arrays keep their index."""
        symbol, bracket, index = name.partition("[")
        return self.symbols.get(symbol, symbol) + bracket + index

    def local(self, thread: int, name: str) -> str:
        """Return the new name of a variable."""
        return self.locals[thread].get(name, name)

    def term(self, term: Term, thread: int = 0) -> Term:
        """Return a term with its leaves renamed; registers are those of ``thread``."""
        match term:
            case Address():
                return self.address(term)
            case Register(name):
                return Register(self.local(thread, name))
            case FinalRegister(number, name):
                return FinalRegister(number, self.local(number, name))
            case FinalLocation(name):
                return FinalLocation(self.location(name))
            case Apply(operator, operands):
                return Apply(operator, tuple(self.term(operand, thread) for operand in operands))
        return term


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two programs differ: ``what`` names it, ``span`` is its place in the first."""

    what: str
    span: Span | None


def difference(one: Program, other: Program, names: Renaming) -> Difference | None:
    """Return the first place in which ``other`` is another test than ``one``, None where it is the same.

    Raises:
        LitmusError: where one of them does not compile.
    """
    first, second = _Compiled.of(one), _Compiled.of(other)
    memory = {names.address(address): names.term(value) for address, value in first.memory.items()}
    if memory != second.memory:
        return Difference("the initial state", one.span)
    found = (_in_thread(number, first, second, names) for number in range(len(one.threads)))
    return next((d for d in (*found, _in_questions(first, second, names)) if d is not None), None)


@dataclass(frozen=True, slots=True)
class _Compiled:
    program: Program
    threads: tuple[tuple[Instruction, ...], ...]
    ranges: Ranges

    @classmethod
    def of(cls, program: Program) -> "_Compiled":
        threads = compile_for(program, "lkmm").threads
        return cls(program, threads, ranges(program, threads))

    @property
    def memory(self) -> dict[Address, Value]:
        return {location.address: location.initial for location in self.program.locations}

    def code(self, number: int) -> tuple[dict[str, Value], list[Instruction]]:
        """Return what a thread's registers hold at first, but 0, and its code after that, simplified."""
        thread, code = self.program.threads[number], self.threads[number]
        initial, rest = _started(code)
        known = {**thread.registers, **initial}
        return {name: value for name, value in known.items() if value != 0}, [self._simple(number, i) for i in rest]

    def _simple(self, number: int, instruction: Instruction) -> Instruction:
        return _mapped(instruction, lambda term: self.ranges.simplified(number, term))

    def question(self, term: Term) -> Term:
        """Return what a condition says, by its exact value."""
        exact = readable(self.program)(term)
        return _flat(substitute(self.ranges.simplified(0, exact), lambda _: None))

    def shown(self, term: Term) -> str | None:
        """Return the conversion that shows a location and may change what it holds."""
        if not isinstance(term, FinalLocation):
            return None
        conversion = shown_as(self.program).get(term.name)
        return None if conversion is None or self.ranges.fits(0, term, conversion) else conversion


def _started(code: Sequence[Instruction]) -> tuple[dict[str, Value], Sequence[Instruction]]:
    """Return the constants that a thread assigns to variables before anything else, and its code after that."""
    found: dict[str, Value] = {}
    for number, instruction in enumerate(code):
        match instruction:
            case Assign(target, (int() | Address()) as value, _):
                found[target] = value
            case _:
                return found, code[number:]
    return found, ()


def _mapped(instruction: Instruction, change: Callable[[Term], Term]) -> Instruction:
    """Return an instruction with its terms changed, and without its origin."""
    changed = {f.name: change(value) for f in fields(instruction) if _is_term(value := getattr(instruction, f.name))}
    return replace(instruction, **changed)  # type: ignore[arg-type]


def _is_term(value: object) -> bool:
    return isinstance(value, Address | Register | Apply) or type(value) is int


def _in_thread(number: int, one: _Compiled, other: _Compiled, names: Renaming) -> Difference | None:
    (begun, code), (expected, other_code) = one.code(number), other.code(number)
    if {names.local(number, name): names.term(value) for name, value in begun.items()} != expected:
        return Difference("the initial state", one.program.span)
    for left, right in zip_longest(code, other_code):
        if left is None or right is None or _renamed(left, number, names) != _without_origin(right):
            return _at(left, one)
    return None


def _at(instruction: Instruction | None, compiled: _Compiled) -> Difference:
    origin: Origin | None = getattr(instruction, "origin", None)
    if origin is None:
        return Difference("a thread", compiled.program.span)
    return Difference(f"'{origin.text}'", origin.span)


_TARGETS = ("target", "old", "status", "result")


def _renamed(instruction: Instruction, number: int, names: Renaming) -> Instruction:
    changed = _without_origin(_mapped(instruction, lambda term: names.term(term, number)))
    if isinstance(instruction, Label | Jump | Branch | Either):
        return changed
    targets = {f: names.local(number, t) for f in _TARGETS if isinstance(t := getattr(changed, f, None), str)}
    return replace(changed, **targets)  # type: ignore[arg-type]


_NOWHERE = Origin("", "")


def _without_origin(instruction: Instruction) -> Instruction:
    if isinstance(instruction, Label):
        return instruction
    if isinstance(instruction, Defined):
        return Defined(instruction.condition, "", _NOWHERE)  # the problem names its place
    return replace(instruction, origin=_NOWHERE)


# ----------------------------------------------------------------------------------------------------- final states
def _in_questions(one: _Compiled, other: _Compiled, names: Renaming) -> Difference | None:
    """Compare the conditions, and what states show."""
    for left, right in zip_longest(one.program.assertions, other.program.assertions):
        if left is None or right is None or _claim(left, one, names) != _claim(right, other):
            return Difference("the condition", left.span if left else one.program.span)
    filters = [c.program.filter if c.program.filter is None else c.question(c.program.filter) for c in (one, other)]
    if (filters[0] if filters[0] is None else names.term(filters[0])) != filters[1]:
        return Difference("the filter", one.program.span)
    shown = {names.term(o): one.shown(o) for o in observables(one.program)}
    if shown != {o: other.shown(o) for o in observables(other.program)}:
        return Difference("what states show", one.program.span)
    return None


def _claim(assertion: Assertion, compiled: _Compiled, names: Renaming | None = None) -> tuple[object, ...]:
    asked = compiled.question(assertion.condition)
    return assertion.quantifier, assertion.reserved, asked if names is None else names.term(asked)


def _flat(term: Term) -> Term:
    """Return a term whose chains of ``&&`` and ``||`` lean to the right, however they were grouped."""
    match term:
        case Apply(("&&" | "||") as operator, _):
            *parts, result = (_flat(part) for part in links(operator, term))
            for part in reversed(parts):
                result = Apply(operator, (part, result))
            return result
        case Apply(operator, operands):
            return Apply(operator, tuple(_flat(operand) for operand in operands))
    return term


def links(operator: str, term: Term) -> Iterator[Term]:
    """Yield what a chain of one operator joins."""
    match term:
        case Apply(found, (left, right)) if found == operator:
            yield from links(operator, left)
            yield from links(operator, right)
        case _:
            yield term
