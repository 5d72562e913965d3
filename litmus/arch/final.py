"""Register values as a thread leaves them: cut to the type that the test declares for each.

A register without a type is an ``int``, as herd7 takes it, and its 32 low bits are shown as a signed number. The
conversions that cannot change a value, as far as the thread alone tells, are left out.
"""

from collections.abc import Iterable, Iterator, Sequence

from litmus.dataclass import replace
from litmus.program.instruction import (
    Assign,
    Fence,
    Instruction,
    Load,
    Origin,
    ReadModifyWrite,
    Store,
    StoreConditional,
)
from litmus.program.program import Thread
from litmus.program.term import Address, Apply, Register, Term, wrap
from litmus.program.types import INT

_NARROWING = frozenset({"s8", "u8", "s16", "u16", "s32"})
_TRUTHS = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||", "!"})
_BITWISE = frozenset({"&", "|", "^", "~"})
_WORD = 4


def convert_finals(thread: Thread, code: Sequence[Instruction], wide: frozenset[str]) -> Iterator[Instruction]:
    """Yield what converts, at the end of a thread, the registers whose value may be out of the range of their type."""
    small = _small(thread, code)
    origin = Origin(thread.name, "", thread.span)
    for name in sorted({name for name, _ in _written(code) if not name.startswith("%")} | set(thread.registers)):
        declared = thread.types.get(name, INT)
        conversion = f"{'s' if declared.signed else 'u'}{8 * declared.size}"
        if (
            declared.pointer
            or conversion == ("s64" if name in wide else "s32")
            or (conversion == "s32" and name in small)
        ):
            continue
        if name not in wide and declared.size > _WORD:
            conversion = "u32"  # written as a word, so that the upper half is zero
        yield Assign(name, Apply(conversion, (Register(name),)), origin)


def without_idle(thread: Thread, code: Sequence[Instruction]) -> Iterator[Instruction]:
    """Yield the instructions, stored words taken as they are from registers that hold nothing else."""
    small = _small(thread, code)
    for instruction in code:
        match instruction:
            case Store(value=value) | StoreConditional(value=value):
                yield replace(instruction, value=_as_is(value, small))
            case ReadModifyWrite(new=new):
                yield replace(instruction, new=_as_is(new, small))
            case _:
                yield instruction


def _as_is(term: Term, small: frozenset[str]) -> Term:
    match term:
        case Apply("s32", (Register(name) as register,)) if name in small:
            return register
        case Apply(operator, operands):
            return Apply(operator, tuple(_as_is(operand, small) for operand in operands))
    return term


def _small(thread: Thread, code: Sequence[Instruction]) -> frozenset[str]:
    """Return the registers that never hold a number outside the signed range of 32 bits."""
    written = list(_written(code))
    small = {name for name, _ in written} | {
        leaf for leaf, value in thread.registers.items() if _fits(value, frozenset())
    }
    small -= {name for name, value in thread.registers.items() if not _fits(value, frozenset())}
    while large := {name for name, value in written if name in small and not _fits(value, frozenset(small))}:
        small -= large
    return frozenset(small)


def _fits(value: Term | None, small: Iterable[str]) -> bool:
    match value:
        case int():
            return wrap(value, 32, True) == value
        case Address():
            return True
        case Register(name):
            return name in small
        case Apply("ite", (_, positive, negative)):
            return _fits(positive, small) and _fits(negative, small)
        case Apply(operator, operands) if operator in _BITWISE:
            return all(_fits(operand, small) for operand in operands)
        case Apply(operator):
            return operator in _NARROWING or operator in _TRUTHS
    return False


def _written(code: Iterable[Instruction]) -> Iterator[tuple[str, Term | None]]:
    """Yield each register that is written with a term in the range of what is written, None where it may be any."""
    for instruction in code:
        match instruction:
            case Assign(target, value, _):
                yield target, value
            case Load(target=str() as target, size=size):
                yield target, 0 if size <= _WORD else None
            case ReadModifyWrite(old=old, size=size):
                yield old.name, 0 if size <= _WORD else None
            case StoreConditional(status=str() as target):
                yield target, 0
            case Fence(result=str() as target):
                yield target, None
