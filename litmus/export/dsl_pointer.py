"""Integers that hold nothing but addresses, as pointers.

Herd's C keeps addresses in an ``intptr_t`` or ``int`` where it likes; a kernel developer would have declared a pointer,
and our own language wants one where an address is used. What is said here is a proposal: `export.equivalence` is asked
whether the test is still the same.
"""

from collections.abc import Iterator
from typing import TypeAlias

from litmus.arch.inference import Inference, local_types, pointer_to
from litmus.dataclass import dataclass, field, replace
from litmus.export.rewriting import rewritten
from litmus.program.c11 import nodes
from litmus.program.program import Dialect, Program, Thread
from litmus.program.syntax import (
    Access,
    Assignment,
    Binary,
    Call,
    Cast,
    Constant,
    Declare,
    Expression,
    Local,
    Static,
    Unary,
)
from litmus.program.term import Address, Apply, FinalLocation, FinalRegister, Term
from litmus.program.types import Type

Place: TypeAlias = Address | tuple[int, str]
"""A location by its address, or a variable by the number of its thread and its name."""

_LOADS = ("READ_ONCE", "smp_load_acquire", "rcu_dereference", "rcu_dereference_raw", "rcu_access_pointer")
_STORES = ("WRITE_ONCE", "smp_store_release", "smp_store_mb", "rcu_assign_pointer", "RCU_INIT_POINTER")
_EXCHANGES = tuple(
    f"{name}{order}" for name in ("xchg", "cmpxchg") for order in ("", "_relaxed", "_acquire", "_release")
)
_COMPARISONS = ("==", "!=")
_LOGICAL = ("&&", "||")


def with_pointers(program: Program) -> Program:
    """Return a test in herd's C whose locations and variables are pointers where they hold addresses only."""
    program = _uniform(program)
    flow = _Flow(program)
    for number, thread in enumerate(program.threads):
        flow.thread(number, thread)
    flow.states()
    return _retyped(program, flow.types())


def _uniform(program: Program) -> Program:
    """Return a test in which locations that it only mentions are what most others are."""
    declared = [location.type for location in program.locations if location.declared and not location.type.pointer]
    if not declared:
        return program
    usual = max(declared, key=declared.count)
    changed = (x if x.declared else replace(x, type=usual) for x in program.locations)
    return replace(program, locations=tuple(changed))


@dataclass(slots=True)
class _Flow:
    """From where each place gets its values: other places, addresses of locations, and ``numbers`` what else."""

    program: Program
    sources: dict[Place, set[Place]] = field(default_factory=dict)
    targets: dict[Place, set[Address]] = field(default_factory=dict)
    numbers: set[Place] = field(default_factory=set)
    number: int = 0

    def thread(self, number: int, thread: Thread) -> None:
        """Follow the values in a thread."""
        self.number = number
        for register, value in thread.registers.items():
            self._constant((number, register), value)
        for node in nodes(thread.body):
            self._node(node)

    def states(self) -> None:
        """Follow what the initial state sets and what conditions compare with."""
        for location in self.program.locations:
            self._constant(location.address, location.initial)
        by_name = {location.name: location.address for location in self.program.locations}
        for term in (a.condition for a in self.program.assertions):
            for place, value in _compared(term):
                where = by_name[place.name] if isinstance(place, FinalLocation) else (place.thread, place.register)
                self._constant(where, value)

    def _constant(self, place: Place, value: Term) -> None:
        if isinstance(value, Address):
            self.targets.setdefault(place, set()).add(value)
        elif value != 0:
            self.numbers.add(place)

    def _node(self, node: object) -> None:
        match node:
            case Assignment(target, value):
                for place in self._places(target):
                    self._from(place, value)
            case Call():
                self._call(node)
            case Binary(operator, left, right) if operator in _COMPARISONS:
                for one, other in ((left, right), (right, left)):
                    for place in self._places(one):
                        self._from(place, other)
            case Binary(operator, left, right) if operator not in _LOGICAL:
                self.numbers.update(self._places(left), self._places(right))
            case Unary(operator, operand) if operator != "!":
                self.numbers.update(self._places(operand))

    def _call(self, call: Call) -> None:
        match call.arguments:
            case (address, *values) if call.name in (*_STORES, *_EXCHANGES):
                for place in self._at(address):
                    for value in values:
                        self._from(place, value)
            case _ if call.name not in _LOADS:
                for argument in call.arguments:
                    if isinstance(argument, Static):
                        self.numbers.add(argument.address)

    def _from(self, place: Place, value: Expression) -> None:
        match value:
            case Cast(type_, inner) if type_.size >= 8:
                self._from(place, inner)
            case Static(address):
                self.targets.setdefault(place, set()).add(address)
            case Constant(0):
                pass
            case Call(name, (address, *_)) if name in (*_LOADS, *_EXCHANGES):
                self._copied(place, self._at(address))
            case Local() | Access():
                self._copied(place, self._places(value))
            case _:
                self.numbers.add(place)

    def _copied(self, place: Place, sources: list[Place]) -> None:
        if not sources:
            self.numbers.add(place)
        self.sources.setdefault(place, set()).update(sources)

    def _places(self, value: Expression) -> list[Place]:
        """Return what holds the value of an expression, nothing where it is computed."""
        match value:
            case Local(name):
                return [(self.number, name)]
            case Access(address):
                return self._at(address)
            case Call(name, (address, *_)) if name in (*_LOADS, *_EXCHANGES):
                return self._at(address)
            case Cast(_, inner):
                return self._places(inner)
        return []

    def _at(self, address: Expression) -> list[Place]:
        """Return the locations at an address, where that is told by the text."""
        match address:
            case Static(where):
                return [where]
            case Cast(_, inner):
                return self._at(inner)
        return []

    def types(self) -> dict[Place, Type]:
        """Return the types of the places that hold addresses only, all of one type."""
        self._spread()
        known: dict[Place, Type] = {location.address: location.type for location in self.program.locations}
        found: dict[Place, Type] = {}
        for _ in range(len(self.targets) + 1):
            before = dict(found)
            for place, targets in self.targets.items():
                kinds = {pointer_to(known.get(target)) for target in targets}
                if place not in self.numbers and len(kinds) == 1 and (kind := kinds.pop()) and kind.pointer <= _DEEPEST:
                    found[place] = known[place] = kind
            if found == before:
                break
        return found

    def _spread(self) -> None:
        """Let addresses go where values go. The news that there are numbers goes back as well: what is copied to an
        integer is one."""
        before = None
        while before != (before := self._size()):
            for place, sources in self.sources.items():
                for source in sources:
                    self.targets.setdefault(place, set()).update(self.targets.get(source, ()))
                    if self.numbers & {place, source}:
                        self.numbers |= {place, source}

    def _size(self) -> tuple[int, int]:
        return len(self.numbers), sum(map(len, self.targets.values()))


_DEEPEST = 3


def _compared(term: Term) -> Iterator[tuple[FinalRegister | FinalLocation, Term]]:
    match term:
        case Apply("==" | "!=", (FinalRegister() | FinalLocation() as place, other)):
            yield place, other
        case Apply(_, operands):
            for operand in operands:
                yield from _compared(operand)


# -------------------------------------------------------------------------------------------------------------- types
def _retyped(program: Program, types: dict[Place, Type]) -> Program:
    locations = tuple(replace(x, type=types.get(x.address, x.type)) for x in program.locations)
    typed = replace(program, locations=locations)
    threads = tuple(_thread(typed, number, types) for number in range(len(program.threads)))
    return replace(typed, threads=threads)


def _thread(program: Program, number: int, types: dict[Place, Type]) -> Thread:
    thread = program.threads[number]

    def declared(node: object) -> object:
        match node:
            case Declare(name) if (number, name) in types:
                return replace(node, type=types[number, name])
            case Assignment(Local(name), _, Type()) if (number, name) in types:
                return replace(node, declares=types[number, name])
        return node

    known = {name: types.get((number, name), type_) for name, type_ in thread.types.items()}
    changed = replace(thread, body=rewritten(thread.body, declared), types=known)
    inference = Inference(program, local_types(replace(program, dialect=Dialect.DSL), changed))

    def uncast(node: object) -> object:
        match node:
            case Cast(type_, operand) if type_.pointer and inference.of(operand) == type_:
                return operand
        return node

    return replace(changed, body=rewritten(changed.body, uncast))
