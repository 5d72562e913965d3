"""Which frontend reads a text: told by the file's name and the first word."""

import re
from collections.abc import Callable

from litmus.errors import ParseError, UnsupportedError, did_you_mean
from litmus.program.macros import MacroTable
from litmus.program.program import Dialect, Program
from litmus.source import Source

_OURS = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*litmus\s*\"", re.DOTALL)
"""How a text in our own language begins."""

_DIALECTS = {
    "C": Dialect.C,
    "AArch64": Dialect.AARCH64,
    "PPC": Dialect.PPC,
    "RISCV": Dialect.RISCV,
    "X86": Dialect.X86,
    "X86_64": Dialect.X86_64,
}
_UNREADABLE = frozenset({"ARM", "MIPS", "LISA", "CPP", "JAVA", "BPF", "ASL", "PTX", "VULKAN", "OPENCL"})


def parse(
    source: Source, include_reader: Callable[[str], Source] | None = None, macros: MacroTable | None = None
) -> tuple[Program, ...]:
    """Return the tests in ``source``: one for a herd file, one or more (variants apart) for one in our own language.

    ``include_reader`` gives the text that an ``include`` of our own language names; ``macros`` what the primitives of
    a C test are, where that is not the kernel's own meaning.

    Raises:
        LitmusError: at whatever is wrong, with its place.
    """
    try:
        if _in_our_language(source):
            from litmus.frontend.dsl.parse import parse as parse_dsl

            return parse_dsl(source, include_reader)
        return (_parse_herd(source, macros),)
    except RecursionError:
        raise ParseError("brackets or operators are nested too deeply", source.span(0, 1)) from None


def _in_our_language(source: Source) -> bool:
    if source.name.endswith(".lit"):
        return True
    return not source.name.endswith(".litmus") and _OURS.match(source.text) is not None


def _parse_herd(source: Source, macros: MacroTable | None) -> Program:
    from litmus.frontend.sections import split

    sections = split(source)
    dialect = _DIALECTS.get(sections.arch)
    if dialect is Dialect.C:
        from litmus.frontend.c.read import read_c
        from litmus.frontend.c.scope import kernel_signature
        from litmus.frontend.macros import macro_signature

        return read_c(sections, kernel_signature if macros is None else macro_signature(macros))
    if dialect is not None:
        from litmus.frontend.herd import read_assembly

        return read_assembly(dialect, sections)
    start = source.text.index(sections.arch)
    span = source.span(start, start + len(sections.arch))
    if sections.arch.upper() in _UNREADABLE:
        raise UnsupportedError(f"tests for {sections.arch} are not supported", span)
    raise ParseError(f"unknown architecture '{sections.arch}'", span, hint=did_you_mean(sections.arch, _DIALECTS))
