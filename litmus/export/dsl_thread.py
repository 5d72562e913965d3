"""The body of a thread in herd's C as our own language has it.

There every variable has a value before it is read, and is declared with its type; only what has the type of a pointer
is an address.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set

from litmus.arch.inference import Inference, local_types
from litmus.dataclass import replace
from litmus.export.equivalence import Renaming
from litmus.export.rewriting import rewritten
from litmus.frontend.dsl.assigned import unassigned
from litmus.program.c11 import nodes
from litmus.program.primitive import PRIMITIVES, Guard, Parameter, counters
from litmus.program.program import Dialect, Program, Thread
from litmus.program.syntax import (
    Access,
    Assignment,
    Binary,
    Block,
    Call,
    Cast,
    Constant,
    Declare,
    Expression,
    If,
    Local,
    Loop,
    Statement,
    Static,
)
from litmus.program.term import Address, FinalRegister, Value, leaves
from litmus.program.types import COUNTERS, INT, TYPES, Type

_LOCATIONS = (Parameter.LVALUE, Parameter.ADDRESS)


def translated(program: Program, number: int, names: Renaming) -> Thread:
    """Return a thread of ``program`` as our own language has it, its names changed."""
    thread = program.threads[number]
    inferred = local_types(replace(program, dialect=Dialect.DSL), thread)
    types = {name: type_ and _counted(type_) for name, type_ in inferred.items()}
    pointed = _Pointers(Inference(program, types), _pointer_type(program))
    body = rewritten(rewritten(thread.body, _tested_whole), pointed.changed)
    initial = _initial(program, number, body)
    body = tuple(_without_declarations(body, frozenset(initial)))
    undeclared = {name: type_ for name, type_ in types.items() if type_ is not None and name not in thread.types}
    body = tuple(_declared(body, {name: type_ for name, type_ in undeclared.items() if name not in initial}))
    start = (_started(name, value, types.get(name) or INT) for name, value in initial.items())
    body = rewritten((*start, *body), _renamer(number, names))
    return replace(thread, body=body, registers={}, types={}, parameters=())


def _tested_whole(node: object) -> object:
    """Return a loop whose condition is one test, as in herd's C: our own language leaves a loop at each part of it."""
    match node:
        case Loop(Binary("&&") as condition):
            return replace(node, condition=Binary("!=", condition, Constant(0), condition.span))
    return node


def _counted(type_: Type) -> Type:
    """Return the type of what a counter counts: what its primitives return."""
    while type_.name in COUNTERS and not type_.pointer:
        type_ = TYPES[COUNTERS[type_.name][1]]
    return type_


def _started(name: str, value: Value, type_: Type) -> Statement:
    constant: Expression = Constant(value) if isinstance(value, int) else Static(value)
    return Assignment(Local(name), constant, type_)


# ------------------------------------------------------------------------------------------------------- first values
def _initial(program: Program, number: int, body: Sequence[Statement]) -> Mapping[str, Value]:
    """Return the variables that have a value before anything is assigned to them, or are looked at though nothing ever
    is: what the initial state gives them, else 0 as herd7 has it."""
    thread = program.threads[number]
    read = (local.name for local in unassigned(body))
    never = (name for name in _looked_at(program, number) if name not in _assigned(body))
    return {name: thread.registers.get(name, 0) for name in dict.fromkeys((*thread.registers, *read, *never))}


def _looked_at(program: Program, number: int) -> Iterator[str]:
    terms = [*program.observed, *(a.condition for a in program.assertions)]
    if program.filter is not None:
        terms.append(program.filter)
    for leaf in (leaf for term in terms for leaf in leaves(term)):
        if isinstance(leaf, FinalRegister) and leaf.thread == number:
            yield leaf.register


def _assigned(body: Sequence[Statement]) -> Set[str]:
    found = set()
    for node in nodes(tuple(body)):
        match node:
            case Assignment(Local(name)):
                found.add(name)
            case Call(call, (_, Local(name), *_)) if "try_cmpxchg" in call:
                found.add(name)
    return found


# ------------------------------------------------------------------------------------------------------- declarations
def _without_declarations(body: Sequence[Statement], names: Set[str]) -> Iterator[Statement]:
    """Yield statements that do not declare ``names`` any more."""
    for statement in body:
        match statement:
            case Declare(name, label=label) if name in names:
                if label is not None:
                    yield Block((), label=label, span=statement.span)
            case Assignment(Local(name)) if name in names:
                yield replace(statement, declares=None)
            case If(_, then, otherwise):
                inner = tuple(_without_declarations(then, names)), tuple(_without_declarations(otherwise, names))
                yield replace(statement, then=inner[0], otherwise=inner[1])
            case Loop(_, inside) | Block(inside):
                yield replace(statement, body=tuple(_without_declarations(inside, names)))
            case _:
                yield statement


def _declared(body: Sequence[Statement], missing: Mapping[str, Type]) -> Iterator[Statement]:
    """Yield statements that declare the variables of ``missing``: where they are first assigned if that is not inside
    of another statement, else first of all."""
    first: dict[int, str] = {}
    for name in missing:
        place = next((i for i, statement in enumerate(body) if _mentions(statement, name)), 0)
        match body[place]:
            case Assignment(Local(target), value) if target == name and not _mentions(value, name):
                first[place] = name
            case _:
                yield Declare(name, missing[name])
    for place, statement in enumerate(body):
        if place in first and isinstance(statement, Assignment):
            yield replace(statement, declares=missing[first[place]])
        else:
            yield statement


def _mentions(node: object, name: str) -> bool:
    return any(isinstance(part, Local) and part.name == name for part in nodes(node))


# ----------------------------------------------------------------------------------------------------------- pointers
class _Pointers:
    """Casts what is used as an address and has a type that is none."""

    def __init__(self, inference: Inference, pointer: Type) -> None:
        self._inference = inference
        self._pointer = pointer

    def changed(self, node: object) -> object:
        """Return a node whose addresses are cast; nodes inside it are already."""
        match node:
            case Access(address):
                return replace(node, address=self._address(address))
            case Call(name, arguments) if name in PRIMITIVES:
                kinds = PRIMITIVES[name].parameters
                pairs = zip(kinds, arguments[: len(kinds)], strict=False)
                cast = [self._address(a, wanted(name)) if kind in _LOCATIONS else a for kind, a in pairs]
                return replace(node, arguments=(*cast, *arguments[len(kinds) :]))
        return node

    def _address(self, address: Expression, types: tuple[str, ...] = ()) -> Expression:
        """Return an address for what takes that of one of ``types``, or of plain data: of what is inside counters."""
        type_ = self._inference.of(address)
        if isinstance(address, Constant) or (type_ is not None and not type_.pointer):
            return Cast(replace(self._pointer, name=types[0]) if types else self._pointer, address)
        if isinstance(address, Static) or type_ is None or type_.pointer > 1:
            return address
        if types:
            return address if type_.name in types else Cast(replace(type_, name=types[0]), address)
        return (
            Cast(replace(type_, name=_counted(TYPES[type_.name]).name), address) if type_.name in COUNTERS else address
        )


def wanted(name: str) -> tuple[str, ...]:
    """Return the types that a primitive takes the address of, by its name; none where it takes plain data."""
    primitive = PRIMITIVES.get(name)
    if primitive is None or primitive.guard is Guard.DATA:
        return counters(name)
    return (primitive.guard, "raw_spinlock_t") if primitive.guard is Guard.SPINLOCK else (primitive.guard,)


def _pointer_type(program: Program) -> Type:
    """Return the type of pointers to what most locations are whose address another holds at first, else most of all."""
    kinds = {location.address: location.type for location in program.locations}
    held = [kinds[x.initial] for x in program.locations if isinstance(x.initial, Address) and x.initial in kinds]
    found = [type_ for type_ in held or kinds.values() if not type_.pointer]
    base = max(found, key=found.count, default=INT)
    return Type(base.name, 8, signed=False, pointer=1)


# -------------------------------------------------------------------------------------------------------------- names
def _renamer(number: int, names: Renaming) -> Callable[[object], object]:
    def change(node: object) -> object:
        match node:
            case Local(name):
                return replace(node, name=names.local(number, name))
            case Declare(name):
                return replace(node, name=names.local(number, name))
            case Address():
                return names.address(node)
        return node

    return change
