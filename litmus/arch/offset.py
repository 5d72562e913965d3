"""Branches by a distance: ``B .+8``, where every instruction is four bytes, becomes a branch to a label."""

import re
from collections.abc import Sequence

from litmus.dataclass import replace
from litmus.errors import ParseError
from litmus.program.syntax import AsmSymbol, Assembly, AssemblyOperand

_OFFSET = re.compile(r"\.([+-](?:0[xX][0-9a-fA-F]+|[0-9]+))")
_INSTRUCTION = 4


def with_labels(body: Sequence[Assembly]) -> tuple[Assembly, ...]:
    """Return the statements with a label in place of every distance, and the labels where they lead.

    Raises:
        ParseError: where a distance leads between two instructions or out of the thread.
    """
    *places, count = _places(body)
    targets: set[int] = set()
    resolved = [_resolved(statement, place, count, targets) for statement, place in zip(body, places, strict=True)]
    if not targets:
        return tuple(body)
    code: list[Assembly] = []
    for statement, place in zip(resolved, places, strict=True):
        if place in targets:
            targets.remove(place)
            code.append(Assembly("", label=_label(place), span=statement.span))
        code.append(statement)
    return (*code, *(Assembly("", label=_label(place), span=body[-1].span) for place in targets))


def _places(body: Sequence[Assembly]) -> list[int]:
    """Return how many instructions stand before each statement, and before the end."""
    places = [0]
    for statement in body:
        places.append(places[-1] + bool(statement.mnemonic))
    return places


def _label(place: int) -> str:
    return f". {place}"


def _resolved(statement: Assembly, place: int, count: int, targets: set[int]) -> Assembly:
    operands: list[AssemblyOperand] = []
    for index, operand in enumerate(statement.operands):
        if isinstance(operand, AsmSymbol) and (offset := _OFFSET.fullmatch(operand.name)):
            distance = int(offset[1], 0)
            target = place + distance // _INSTRUCTION
            if distance % _INSTRUCTION or not 0 <= target <= count:
                raise ParseError(f"no instruction is at '{operand.name}'", statement.span)
            targets.add(target)
            operands = operands or list(statement.operands)
            operands[index] = AsmSymbol(_label(target))
    return replace(statement, operands=tuple(operands)) if operands else statement
