"""The types of expressions before they are compiled, and of the locals that a thread does not declare.

A local without a declaration has the type that C's usual arithmetic conversions give to everything that is assigned to
it: at least ``int``, ``u64`` where a ``u64`` is, a pointer where an address is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from litmus.arch.catalogue import recipes
from litmus.arch.page_flag import as_bit_operation
from litmus.arch.ranges import POINTER_SIZE, Types, common, promoted
from litmus.dataclass import dataclass
from litmus.program.c11 import nodes
from litmus.program.program import Program, Thread
from litmus.program.syntax import (
    Access,
    Assignment,
    Binary,
    Call,
    Cast,
    Conditional,
    Constant,
    Declare,
    Element,
    Expression,
    Local,
    Member,
    Placeholder,
    Statement,
    Static,
    Unary,
)
from litmus.program.term import Address
from litmus.program.types import INT, TYPES, Type

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_TRUTHS = COMPARISONS | {"&&", "||"}
SHIFTS = frozenset({"<<", ">>"})
_INT_RANGE = range(-(1 << 31), 1 << 31)


def location_type(program: Program, address: Address) -> Type | None:
    """Return the declared type of the location at an address."""
    return next((loc.type for loc in program.locations if loc.address == address), None)


def field_type(program: Program, name: str, offset: int) -> Type | None:
    """Return the type of the field ``name`` at ``offset``, where all the objects that have one agree."""
    found = {
        loc.type
        for loc in program.locations
        if loc.address.offset == offset and re.split(r"->|\.", loc.name)[-1] == name
    }
    return found.pop() if len(found) == 1 else None


def constant_type(number: int) -> Type:
    """Return the type of a literal: ``int`` where it fits, as in C, else 64 bits."""
    return INT if number in _INT_RANGE else TYPES["long"] if number < 1 << 63 else TYPES["u64"]


def operation_type(operator: str, left: Type | None, right: Type | None) -> Type:
    """Return the type that a binary operator computes in."""
    return promoted(left) if operator in SHIFTS else common(left, right)


def pointer_to(type_: Type | None) -> Type | None:
    """Return the type of the address of something of a type."""
    return None if type_ is None else Type(type_.name, POINTER_SIZE, signed=False, pointer=type_.pointer + 1)


def pointed_to(type_: Type | None) -> Type | None:
    """Return the type of what a pointer points to."""
    if type_ is None or not type_.pointer:
        return None
    if type_.pointer > 1:
        return Type(type_.name, POINTER_SIZE, signed=False, pointer=type_.pointer - 1)
    return TYPES.get(type_.name)


@dataclass(frozen=True, slots=True)
class Inference:
    """Tells the types of a thread's expressions; ``locals`` are those of its variables, as far as they are known."""

    program: Program
    locals: Types

    def of(self, expression: Expression) -> Type | None:
        """Return the type of an expression, None where it is unknown."""
        match expression:
            case Constant(number):
                return constant_type(number)
            case Local(name):
                return self.locals.get(name)
            case Static(address):
                return pointer_to(location_type(self.program, address))
            case Access(address):
                return self.pointee(address)
            case Member(_, name, offset):
                return pointer_to(field_type(self.program, name, offset))
            case Element(base):
                return self.of(base)
            case Cast(type_):
                return type_
            case Call():
                return self._call(expression)
            case Placeholder():
                return None
        return self._operation(expression)

    def _operation(self, expression: Unary | Binary | Conditional) -> Type | None:
        match expression:
            case Unary(operator, operand):
                return INT if operator == "!" else promoted(self.of(operand))
            case Binary(operator) if operator in _TRUTHS:
                return INT
            case Binary(operator, left, right):
                return operation_type(operator, self.of(left), self.of(right))
            case Conditional(_, positive, negative):
                return common(self.of(positive), self.of(negative))

    def pointee(self, address: Expression) -> Type | None:
        """Return the type of what an address expression points to."""
        match address:
            case Member(_, name, offset):
                return field_type(self.program, name, offset)
            case Static(where):
                return location_type(self.program, where)
            case Element(Static(where), Constant(index), size):
                return location_type(self.program, Address(where.symbol, where.offset + index * size))
            case _:
                return pointed_to(self.of(address))

    def _call(self, call: Call) -> Type | None:
        operation = as_bit_operation(call, self.program) or call
        recipe = recipes().get(operation.name)
        if recipe is None or recipe.result is None:
            return None
        if recipe.type != "*ptr":
            return TYPES[recipe.type]
        return self.pointee(operation.arguments[recipe.parameters.index("ptr")])


def local_types(program: Program, thread: Thread) -> Mapping[str, Type | None]:
    """Return the types of a thread's locals: those declared, and those that what is assigned gives."""
    declared = dict(_declared(thread.body)) | dict(thread.types)
    known: dict[str, Type | None] = dict(declared)
    assigned = [pair for pair in _assigned(thread.body) if pair[0] not in declared]
    for _ in range(len(assigned) + 1):
        inference = Inference(program, known)
        found = dict(known)
        for name, value in assigned:
            type_ = inference.pointee(value.address) if isinstance(value, Access) else inference.of(value)
            found[name] = common(found.get(name), type_)
        if found == known:
            break
        known = found
    return known


def _declared(body: Sequence[Statement]) -> Iterator[tuple[str, Type]]:
    for node in nodes(tuple(body)):
        match node:
            case Declare(name, type_) | Assignment(Local(name), _, Type() as type_):
                yield name, type_


def _assigned(body: Sequence[Statement]) -> Iterator[tuple[str, Expression]]:
    """Yield each local that is set, with what it is set to."""
    for node in nodes(tuple(body)):
        match node:
            case Assignment(Local(name), value):
                yield name, value
            case Call(call, (where, Local(name), *_)) if "try_cmpxchg" in call:
                yield name, Access(where)
