"""What final values look like through the types that a test declares, and what constants mean beside them.

A register or a location shows as many bits as its type has, signed or not as the type is; what has no type is an
``int``. A number that a herd file compares with it stands for the bits that it has in them: of an ``int``, 4294967295
and -1 are one value (herdtools7 7.58 compares under the type's mask).
"""

from collections.abc import Callable, Mapping
from operator import is_

from litmus.arch.final_condition import final_conditions
from litmus.program.program import Dialect, Program
from litmus.program.term import Apply, FinalLocation, FinalRegister, Term, wrap
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
        """Return the term with the constants as they are meant, itself where they are so."""
        if not isinstance(term, Apply):
            return term
        operator, operands = term.operator, term.operands
        if operator in ("==", "!=") and isinstance(operands[1], int):
            number = self._fitted(operands[0], operands[1])
            return term if number == operands[1] else Apply(operator, (operands[0], number))
        meant = tuple([self.term(operand) for operand in operands])
        return term if all(map(is_, meant, operands)) else Apply(operator, meant)

    def _fitted(self, place: Term, number: int) -> Term:
        kind = self._type(place)
        return number if kind is None or kind.pointer else wrap(number, 8 * kind.size, kind.signed)

    def _type(self, place: Term) -> Type | None:
        if isinstance(place, FinalRegister):
            return self.threads[place.thread].types.get(place.register, self.default)
        return self.locations.get(place.name) if isinstance(place, FinalLocation) else None
