"""What final values look like through the types that a test declares, and what constants mean beside them.

A register or a location shows as many bits as its type has, signed or not as the type is; what has no type is an
``int``. A number that a herd file compares with it stands for the bits that it has in them: of an ``int``, 4294967295
and -1 are one value (herdtools7 7.58 compares under the type's mask).
"""

from collections.abc import Callable, Mapping

from litmus.arch.final_condition import final_conditions
from litmus.program.program import Dialect, Program
from litmus.program.term import Apply, FinalLocation, FinalRegister, Term, apply
from litmus.program.types import INT, Type


def shown_as(program: Program) -> Mapping[str, str]:
    """Return the conversion that shows the value of each location as its type does, but of pointers."""
    return {location.name: conversion(location.type) for location in program.locations if not location.type.pointer}


def conversion(kind: Type) -> str:
    """Return the name of the conversion to an integer type."""
    return f"{'s' if kind.signed else 'u'}{8 * kind.size}"


def readable(program: Program) -> Callable[[Term], Term]:
    """Return what gives the term that a condition of a program stands for, to be computed exactly.

    The DSL computes as C does; herd's dialects take constants into the range of what they are compared with.
    """
    return final_conditions(program).meaning if program.dialect is Dialect.DSL else _Reader(program).term


class _Reader:
    def __init__(self, program: Program) -> None:
        self.locations = {location.name: location.type for location in program.locations}
        self.threads = program.threads
        self.default = None if program.dialect is Dialect.C else INT

    def term(self, term: Term) -> Term:
        match term:
            case Apply(("==" | "!=") as operator, (place, int(number))):
                return Apply(operator, (place, self._fitted(place, number)))
            case Apply(operator, operands):
                return Apply(operator, tuple(self.term(operand) for operand in operands))
        return term

    def _fitted(self, place: Term, number: int) -> Term:
        kind = self._type(place)
        return number if kind is None or kind.pointer else apply(conversion(kind), number)

    def _type(self, place: Term) -> Type | None:
        match place:
            case FinalLocation(name):
                return self.locations.get(name)
            case FinalRegister(thread, register):
                return self.threads[thread].types.get(register, self.default)
        return None
