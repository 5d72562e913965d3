"""Threads of assembly that recur: the tests of a corpus are put together from few threads, under other names and at
other places. The code of equal threads differs in the origins of its instructions alone, so that it is made once."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

from litmus.arch.assembly import origin_of
from litmus.dataclass import dataclass, replace
from litmus.program.instruction import Instruction, Label, Origin, Recurring
from litmus.program.program import Thread
from litmus.program.syntax import Statement
from litmus.program.term import Address
from litmus.program.types import Type

Compile: TypeAlias = Callable[[Thread], tuple[Instruction, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Mold:
    """Instructions, each with the number of the statement that it comes from, None where that is the thread."""

    code: tuple[tuple[Instruction, int | None], ...]


def compiled(thread: Thread, compile_thread: Compile) -> tuple[Instruction, ...]:
    """Return what ``compile_thread`` makes of a thread of assembly.

    Raises:
        LitmusError: as ``compile_thread`` does. Errors are not remembered, and told of this very thread.
    """
    if any(statement.span is None for statement in thread.body):
        return compile_thread(thread)
    mold = _mold(compile_thread, thread.body, tuple(thread.registers.items()), tuple(thread.types.items()))
    if mold is None:
        return compile_thread(thread)
    code = Recurring(_placed(mold, thread))
    code.mold = mold
    return code


@lru_cache(maxsize=1024)
def _mold(
    compile_thread: Compile,
    body: tuple[Statement, ...],
    registers: tuple[tuple[str, int | Address], ...],
    types: tuple[tuple[str, Type], ...],
) -> _Mold | None:
    """Return the code, None where two statements have one place, so that origins do not tell them apart."""
    numbers = {statement.span: number for number, statement in enumerate(body)}
    if len(numbers) < len(body):
        return None
    code = compile_thread(Thread("", body, dict(registers), dict(types)))
    return _Mold(tuple((i, None if isinstance(i, Label) else numbers.get(i.origin.span)) for i in code))


def _placed(mold: _Mold, thread: Thread) -> Iterable[Instruction]:
    whole = Origin(thread.name, "", thread.span)
    origins = [origin_of(statement, thread) for statement in thread.body]
    for instruction, number in mold.code:
        if isinstance(instruction, Label):
            yield instruction
        else:
            yield replace(instruction, origin=whole if number is None else origins[number])
