"""Threads of assembly that recur: the tests of a corpus are put together from few threads, under other names and at
other places. The code of equal threads differs in the origins of its instructions alone, so that it is made once."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

from litmus.arch.assembly import origin_of
from litmus.dataclass import replace
from litmus.program.instruction import Instruction, Label, Origin
from litmus.program.program import Thread
from litmus.program.syntax import Statement
from litmus.program.term import Address
from litmus.program.types import Type

Compile: TypeAlias = Callable[[Thread], tuple[Instruction, ...]]

_Code: TypeAlias = tuple[tuple[Instruction, int | None], ...]
"""Instructions, each with the number of the statement that it comes from, None where that is the thread."""


def compiled(thread: Thread, compile_thread: Compile) -> tuple[Instruction, ...]:
    """Return what ``compile_thread`` makes of a thread of assembly.

    Raises:
        LitmusError: as ``compile_thread`` does. Errors are not remembered, and told of this very thread.
    """
    if any(statement.span is None for statement in thread.body):
        return compile_thread(thread)
    code = _code(compile_thread, thread.body, tuple(thread.registers.items()), tuple(thread.types.items()))
    return compile_thread(thread) if code is None else tuple(_placed(code, thread))


@lru_cache(maxsize=1024)
def _code(
    compile_thread: Compile,
    body: tuple[Statement, ...],
    registers: tuple[tuple[str, int | Address], ...],
    types: tuple[tuple[str, Type], ...],
) -> _Code | None:
    """Return the code, None where two statements have one place, so that origins do not tell them apart."""
    numbers = {statement.span: number for number, statement in enumerate(body)}
    if len(numbers) < len(body):
        return None
    code = compile_thread(Thread("", body, dict(registers), dict(types)))
    return tuple((i, None if isinstance(i, Label) else numbers.get(i.origin.span)) for i in code)


def _placed(code: _Code, thread: Thread) -> Iterable[Instruction]:
    whole = Origin(thread.name, "", thread.span)
    origins = [origin_of(statement, thread) for statement in thread.body]
    for instruction, number in code:
        if isinstance(instruction, Label):
            yield instruction
        else:
            yield replace(instruction, origin=whole if number is None else origins[number])
