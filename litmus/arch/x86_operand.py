"""x86 operands: register names and widths, memory, and how values of 8 to 64 bits pass through them.

Values are in the signed range of the instruction's width; memory keeps bytes and halves as their bits. Writing the low
byte or half of a register leaves the rest of it. Source: Intel SDM volume 1, 3.4.1.
"""

import re
from collections.abc import Callable
from itertools import zip_longest

from litmus.arch.assembly import Bank, Line, add, clipped
from litmus.program.instruction import Assign, Instruction, Load, Store
from litmus.program.syntax import AsmImmediate, AsmMemory, AsmRegister, AsmSymbol, Assembly
from litmus.program.term import Address, Apply, Register, Term

_LETTERED = re.compile(r"([re]?)([a-d])x|([a-d])l|([re]?)([sd]i|[sb]p)|([sd]i|[sb]p)l")
_NUMBERED = re.compile(r"(r(?:8|9|1[0-5]))([dwb]?)")
_SUFFIXED = re.compile(
    r"(?:lock )?(?:mov|xchg|cmp|test|add|sub|and|or|xor|inc|dec|xadd|cmpxchg|neg|not|s[ha][lr]|bt[src]?|nop)([bwlq])"
)
_SETS_BYTE = re.compile(r"set[a-z]+")
_BYTE = 8
_SCALES = frozenset({"1", "2", "4", "8"})
_SUFFIXES = {"b": 8, "w": 16, "l": 32, "q": 64}
_PREFIXES = {"": 16, "e": 32, "r": 64}
_WORD = 32
_PLAIN: frozenset[str] = frozenset()


def _described(name: str) -> tuple[str, int]:
    """Return the name of the 64-bit register that ``name`` is or is the low part of, and how many bits it is.

    Raises KeyError for what is no register, and for the second byte of one.
    """
    if known := _NUMBERED.fullmatch(name.lower()):
        return known[1], {"d": 32, "w": 16, "b": 8}.get(known[2], 64)
    known = _LETTERED.fullmatch(name.lower())
    if known is None:
        raise KeyError(name)
    wide, letter, low_letter, prefix, index, low_index = known.groups()
    if low_letter or low_index:
        return f"r{low_letter}x" if low_letter else f"r{low_index}", 8
    return (f"r{letter}x", _PREFIXES[wide]) if letter else (f"r{index}", _PREFIXES[prefix])


def width(name: str) -> int:
    """Return how many bits a register name speaks of."""
    return _described(name)[1]


def canonical(name: str) -> str:
    """Return a 32-bit register's name in capitals. Raises KeyError for what is none, and for a part of one."""
    return _whole(name, _of_word)


def canonical_64(name: str) -> str:
    """Return ``rax`` for ``RAX`` and ``eax``. Raises KeyError for what is no register, and for 8 and 16-bit parts."""
    return _whole(name, _of_quad)


def _whole(name: str, named_by: Callable[[str], str]) -> str:
    if width(name) < _WORD:
        raise KeyError(name)
    return named_by(name)


def _of_word(name: str) -> str:
    """``EAX`` for ``eax``, ``ax`` and ``al``."""
    known, size = _described(name)
    if size > _WORD or _NUMBERED.fullmatch(known):
        raise KeyError(name)
    return f"E{known[1:].upper()}"


def _of_quad(name: str) -> str:
    """``rax`` for ``RAX``, ``eax``, ``ax`` and ``al``."""
    return _described(name)[0]


def _is_word(name: str) -> bool:
    """Whether a name shows at most 32 bits."""
    return width(name) <= _WORD


def accumulator(statement: Assembly) -> str:
    """Return the name of the register that ``CMPXCHG`` of the statement's width compares with."""
    return {8: "al", 16: "ax", 32: "eax", 64: "rax"}[bits(statement)]


def _implied(statement: Assembly) -> tuple[str, ...]:
    return (accumulator(statement),) if "cmpxchg" in statement.mnemonic.lower() else ()


BANK = Bank(_of_word, _is_word, _implied)
BANK_64 = Bank(_of_quad, _is_word, _implied)


def bits(statement: Assembly) -> int:
    """Return the width of an instruction: of its suffix or its registers, 32 where it has neither."""
    if _SETS_BYTE.fullmatch(statement.mnemonic.lower()):
        return _BYTE
    suffix = _SUFFIXED.fullmatch(statement.mnemonic.lower())
    if suffix:
        return _SUFFIXES[suffix[1]]
    names = [operand.name for operand in statement.operands if isinstance(operand, AsmRegister)]
    return next((width(name) for name in names if _known(name)), _WORD)


def _known(name: str) -> bool:
    try:
        return bool(_described(name))
    except KeyError:
        return False


def check_width(line: Line) -> None:
    """Raise where a register is not as wide as the instruction."""
    for operand in line.operands:
        if isinstance(operand, AsmRegister) and line.target_of(operand.name) is not None:
            _check_register(line, operand.name)


def _check_register(line: Line, name: str) -> None:
    if width(name) != bits(line.statement):
        raise line.unsupported("'{}' has a register of another width")


def wrapped(line: Line, value: Term) -> Term:
    """Return a result that may leave the range of the instruction's width, cut to it."""
    return clipped(f"s{bits(line.statement)}", value)


def stored(line: Line, value: Term) -> Term:
    """Return a value as memory keeps it."""
    size = bits(line.statement)
    return clipped(f"u{size}", value) if size < _WORD else value


def widened(line: Line, scratch: str) -> tuple[Instruction, ...]:
    """Return what brings the bits that memory had, in a scratch register, into the range of the instruction's width."""
    if bits(line.statement) >= _WORD:
        return ()
    return (Assign(scratch, wrapped(line, Register(scratch)), line.origin),)


def named(line: Line, name: str) -> Term:
    """Return the value of a register by its name."""
    known = line.target_of(name)
    if known is not None and width(name) < _WORD:
        return Apply(f"s{width(name)}", (Register(known),))
    return line.value_of(name)


def register(line: Line, index: int) -> Term:
    """Return the value of a register operand."""
    return named(line, line.name(index))


def term(line: Line, index: int) -> Term:
    """Return the value of a register or an immediate."""
    return register(line, index) if isinstance(line.operand(index), AsmRegister) else line.term(index)


def merged(line: Line, name: str, value: Term) -> Term:
    """Return what the whole register holds once ``value`` is written to the low part that ``name`` is."""
    size = width(name)
    rest = Apply("&", (Register(line.target_of(name) or ""), ~((1 << size) - 1)))
    return Apply("|", (rest, clipped(f"u{size}", value)))


def put(line: Line, index: int, value: Term) -> tuple[Instruction, ...]:
    """Return the assignment to a register operand."""
    name = line.name(index)
    known = line.target_of(name)
    return line.assign(known, merged(line, name, value)) if width(name) < _WORD else line.put(index, value)


def address(line: Line, memory: AsmMemory) -> Term:
    """Return the address of a memory operand."""
    match memory.base:
        case AsmSymbol(name):
            base: Term = Address(name)
        case AsmRegister(name):
            base = _pointer(line, name)
    for part, scale in zip_longest(memory.parts, memory.parts[1:]):
        if not isinstance(part, AsmSymbol):
            base = add(base, _added(line, part, scale))
    return base


def _added(line: Line, part: object, scale: object) -> Term:
    if not isinstance(part, AsmRegister):
        return _number(line, part)
    index = _pointer(line, part.name)
    if not isinstance(scale, AsmSymbol):
        return index
    if scale.name not in _SCALES:
        raise line.error("an index is scaled by 1, 2, 4 or 8")
    return index if scale.name == "1" else Apply("*", (index, int(scale.name)))


def _pointer(line: Line, name: str) -> Term:
    if line.target_of(name) and width(name) < _WORD:
        raise line.unsupported("'{}' has an address in a part of a register")
    return line.value_of(name)


def _number(line: Line, part: object) -> int:
    value = getattr(part, "value", None)
    if value is None:
        raise line.error("an address is made of registers and numbers")
    return int(value)


def source(line: Line, index: int, scratch: str) -> tuple[tuple[Instruction, ...], Term]:
    """Return what reads a source operand, and its value."""
    match line.operand(index):
        case AsmMemory() as memory:
            return (load(line, scratch, memory), *widened(line, scratch)), Register(scratch)
        case AsmSymbol(name):  # `MOV EAX,x` in the 32-bit dialect: the address of x
            return (), Address(name)
        case AsmImmediate(number):
            return (), wrapped(line, number)
    return (), term(line, index)


def load(line: Line, target: str | None, memory: AsmMemory) -> Instruction:
    """Return the load of a memory operand."""
    return Load(target, address(line, memory), _PLAIN, line.origin, size=bits(line.statement) // 8)


def write(line: Line, index: int, result: Term) -> tuple[Instruction, ...]:
    """Return what writes a register or memory operand."""
    match line.operand(index):
        case AsmMemory() as memory:
            size = bits(line.statement) // 8
            return (Store(address(line, memory), stored(line, result), _PLAIN, line.origin, size=size),)
    return put(line, index, result)
