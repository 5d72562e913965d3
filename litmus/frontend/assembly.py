"""The threads of a herd file in assembly: a table with a column for each thread, one instruction a cell."""

from litmus.errors import ParseError
from litmus.frontend.grammar import Node, extent, grammar, parse, span_of
from litmus.frontend.initial import number
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
from litmus.source import Span

_GRAMMARS = {
    Dialect.AARCH64: "asm/aarch64.lark",
    Dialect.PPC: "asm/ppc.lark",
    Dialect.RISCV: "asm/riscv.lark",
    Dialect.X86: "asm/x86.lark",
    Dialect.X86_64: "asm/x86_64.lark",
}


def parse_threads(dialect: Dialect, section: Span, text: str) -> tuple[tuple[Assembly, ...], ...]:
    """Return the code of each thread, in order. ``text`` is that of ``section`` with comments blanked."""
    tree = parse(grammar(("asm/rows.lark", _GRAMMARS[dialect]), ("program",)), "program", section, text)
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
