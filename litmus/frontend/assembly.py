"""The threads of a herd file in assembly: a table with a column for each thread, one instruction a cell."""

from functools import lru_cache
from typing import TypeAlias

from litmus.dataclass import dataclass
from litmus.errors import LitmusError, ParseError
from litmus.frontend.grammar import Node, extent, grammar, parse, span_of
from litmus.frontend.initial import number
from litmus.frontend.machine import Machine
from litmus.frontend.tree import Token
from litmus.program.program import Dialect
from litmus.program.syntax import (
    AsmImmediate,
    AsmMemory,
    AsmRegister,
    AsmSymbol,
    Assembly,
    AssemblyOperand,
)
from litmus.source import Source, Span

_GRAMMARS = {
    Dialect.AARCH64: "asm/aarch64.lark",
    Dialect.PPC: "asm/ppc.lark",
    Dialect.RISCV: "asm/riscv.lark",
    Dialect.X86: "asm/x86.lark",
    Dialect.X86_64: "asm/x86_64.lark",
}


def parse_threads(dialect: Dialect, section: Span, text: str) -> tuple[tuple[Assembly, ...], ...]:
    """Return the code of each thread, in order. ``text`` is that of ``section`` with comments blanked."""
    known = _by_cells(dialect, section) if text == section.text else None
    return _as_a_whole(dialect, section, text) if known is None else known


def _parser(dialect: Dialect) -> Machine:
    return grammar(("asm/rows.lark", _GRAMMARS[dialect]), ("program",))


# ------------------------------------------------------------------------------------------------------- cell by cell
# The cells of many tests are the same few texts. Each is parsed as a table of its own, once, and put to its place where
# it is met again. What is wrong shows only in the whole: then that is parsed, for the error as it is.


@dataclass(frozen=True, slots=True)
class _Piece:
    """A label or an instruction of a cell; where it starts and ends is counted from the first word of the cell."""

    mnemonic: str
    operands: tuple[AssemblyOperand, ...]
    label: str | None
    start: int
    end: int
    text: str


_LONGEST = 1000
"""Characters of a row that is worth remembering."""

_Code: TypeAlias = tuple[tuple[Assembly, ...], ...]


def _by_cells(dialect: Dialect, section: Span) -> _Code | None:
    """Return the code of each thread, None where the table is not one that can be read cell by cell."""
    head, *rows = section.text.split(";")
    count = _columns(dialect, head) if rows and len(max(head, *rows, key=len)) < _LONGEST else 0
    if not count or rows[-1].strip():
        return None
    source, place = section.source, section.start + len(head) + 1
    threads: list[list[Assembly]] = [[] for _ in range(count)]
    for row in rows[:-1]:
        cells = row.split("|")
        if len(cells) != count:
            return None
        for code, cell in zip(threads, cells, strict=True):
            text = cell.lstrip()
            pieces = _pieces(dialect, text.rstrip()) if text else ()
            if pieces is None:
                return None
            start = place + len(cell) - len(text)
            code += [
                Assembly(p.mnemonic, p.operands, p.label, Span(source, start + p.start, start + p.end), p.text)
                for p in pieces
            ]
            place += len(cell) + 1
    return tuple(map(tuple, threads))


@lru_cache(maxsize=256)
def _columns(dialect: Dialect, head: str) -> int:
    """Return how many threads a head is of, 0 where it is none."""
    section = Source("", f"{head};").span(0, len(head) + 1)
    try:
        tree = parse(_parser(dialect), "program", section)
        (heads,) = tree.children
        assert not isinstance(heads, Token)
        _check_heads(heads, section)
    except (LitmusError, ValueError):
        return 0
    return len(heads.children)


@lru_cache(maxsize=4096)
def _pieces(dialect: Dialect, text: str) -> tuple[_Piece, ...] | None:
    """Return what a cell consists of, None where that is an error."""
    head = "P0;"
    section = Source("", f"{head}{text};").span(0, len(head) + len(text) + 1)
    try:
        (code,) = _as_a_whole(dialect, section, section.text)
    except LitmusError:
        return None
    return tuple(_piece(statement, len(head)) for statement in code)


def _piece(statement: Assembly, before: int) -> _Piece:
    span = statement.span
    assert span is not None
    start, end = span.start - before, span.end - before
    return _Piece(statement.mnemonic, statement.operands, statement.label, start, end, statement.text)


# -------------------------------------------------------------------------------------------------------- as a whole
def _as_a_whole(dialect: Dialect, section: Span, text: str) -> _Code:
    tree = parse(_parser(dialect), "program", section, text)
    heads, *rows = tree.children
    assert not isinstance(heads, Token)
    _check_heads(heads, section)
    threads: list[list[Assembly]] = [[] for _ in heads.children]
    for row in rows:
        assert not isinstance(row, Token)
        cells = [cell for cell in row.children if not isinstance(cell, Token)]
        if len(cells) != len(threads):
            message = f"a row of {_count(len(cells), 'cell')} for {_count(len(threads), 'thread')}"
            raise ParseError(message, extent(row, section))
        for code, cell in zip(threads, cells, strict=True):
            if cell.children:
                _read_cell(cell, section, code)
    return tuple(tuple(code) for code in threads)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _check_heads(heads: Node, section: Span) -> None:
    for index, head in enumerate(heads.children):
        if str(head) != f"P{index}":
            raise ParseError(f"expected thread P{index}", extent(head, section))


def _read_cell(cell: Node, section: Span, code: list[Assembly]) -> None:
    for part in cell.children:
        if isinstance(part, Token):
            code.append(Assembly("", label=part[:-1].rstrip(), span=span_of(part, section), text=str(part)))
        else:
            code.append(_instruction(part, section))


def _instruction(node: Node, section: Span) -> Assembly:
    words = [str(t) for t in node.children if isinstance(t, Token) and t.type in ("PREFIX", "MNEMONIC")]
    operands = tuple(_operand(child, section) for child in node.children[len(words) :])
    span = _instruction_span(node, section)
    return Assembly(" ".join(words), operands, span=span, text=span.text)


def _instruction_span(node: Node, section: Span) -> Span:
    """Return the place of an instruction: up to the end of its cell, as a closing bracket leaves no token."""
    first = node.children[0]
    assert isinstance(first, Token)
    start = section.start + (first.start_pos or 0)
    source = section.source.text
    end = min((e for e in (source.find("|", start), source.find(";", start)) if e >= 0), default=len(source))
    return Span(section.source, start, start + len(source[start:end].rstrip()))


def _operand(node: Node | Token, section: Span) -> AssemblyOperand:
    if isinstance(node, Token):
        return _word(node)
    words = [_word(child) for child in node.children if isinstance(child, Token)]
    base = next((w for w in words if not isinstance(w, AsmImmediate)), None)
    if base is None:
        raise ParseError("an address in figures is no location", extent(node, section))
    words.remove(base)
    return AsmMemory(base, tuple(words))


def _word(token: Token) -> AsmRegister | AsmImmediate | AsmSymbol:
    match token.type:
        case "REGISTER":
            return AsmRegister(token.lstrip("%"))
        case "SCALE":
            return AsmSymbol(str(number(token)))
        case "SYMBOLIC":
            return AsmRegister(str(token))
        case "IMMEDIATE":
            return AsmImmediate(number(token.lstrip("#$")))
    return AsmSymbol(str(token))
