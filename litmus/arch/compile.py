"""From a program as it was written to flat code for one target."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from litmus.arch.compiled import CompiledProgram
from litmus.arch.emitter import Emitter
from litmus.arch.expression import Expressions
from litmus.arch.lowering import load_lowering
from litmus.arch.macro import LKMMV1, LKMMV2, MacroExpander
from litmus.arch.realise import Realiser
from litmus.arch.statement import Exits, Statements, goto_labels
from litmus.errors import LitmusError, ProgramErrors, UnsupportedError, UsageError, did_you_mean
from litmus.program.instruction import Instruction, Origin
from litmus.program.macros import MacroTable
from litmus.program.program import Dialect, Program, Thread

TARGETS = ("lkmm", "x86", "armv8", "power", "riscv", "sc")

ASSEMBLY = {
    Dialect.AARCH64: ("armv8", "aarch64"),
    Dialect.PPC: ("power", "ppc"),
    Dialect.RISCV: ("riscv", "riscv"),
    Dialect.X86: ("x86", "x86"),
    Dialect.X86_64: ("x86", "x86"),
}
"""Dialect -> the target whose tags it speaks of, and the module of `arch` that knows its instructions."""

FINISH = "finish"


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """``bitops``: ``ordered`` (test_and_set_bit() is always fully ordered, as since Linux 6.0) or ``pre-6.0`` (generic
    code leaves a bit alone, unordered, that has its value already). ``variant``: how herd7 reads the tags of a macro
    table, ``lkmmv2`` or ``lkmmv1``."""

    bitops: str = "ordered"
    variant: str = LKMMV2

    def __post_init__(self) -> None:
        _check("bit operations", self.bitops, ("ordered", "pre-6.0"))
        _check("variant", self.variant, (LKMMV1, LKMMV2))


def _check(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise UsageError(f"unknown {what} '{given}': one of {', '.join(known)}", hint=did_you_mean(given, known))


def compile_for(
    program: Program, target: str, *, macros: MacroTable | None = None, options: CompileOptions | None = None
) -> CompiledProgram:
    """Return the program as flat code for ``target``. ``macros`` (lkmm only) says what primitives are, in place of
    the built-in table.

    Raises:
        LitmusError: where the program is wrong, or says what the target cannot express; every error of the program.
    """
    _check("target", target, TARGETS)
    if program.dialect in ASSEMBLY:
        return CompiledProgram(program, target, _assembly(program, target))
    if macros is not None and target != "lkmm":
        raise UsageError(f"a macro table is for the target lkmm, not for {target}")
    errors: list[LitmusError] = []
    threads = tuple(_thread(program, t, target, macros, options or CompileOptions(), errors) for t in program.threads)
    if errors:
        raise errors[0] if len(errors) == 1 else ProgramErrors(errors)
    return CompiledProgram(program, target, threads)


def _thread(
    program: Program,
    thread: Thread,
    target: str,
    macros: MacroTable | None,
    options: CompileOptions,
    errors: list[LitmusError],
) -> tuple[Instruction, ...]:
    origin = Origin(thread.name, "", thread.span)
    emitter = Emitter(program, target == "lkmm", dict(thread.types), origin)
    realiser = Realiser(emitter, load_lowering(target), options.bitops)
    expander = None if macros is None else MacroExpander(emitter, macros, options.variant)
    expressions = Expressions(emitter, realiser, expander)
    try:
        statements = Statements(emitter, expressions, thread.name, goto_labels(thread.body))
    except LitmusError as error:
        errors.append(error)
        return ()
    statements.block(thread.body, Exits(FINISH))
    emitter.place(FINISH)
    errors.extend(statements.errors)
    return tuple(emitter.code)


def _assembly(program: Program, target: str) -> tuple[tuple[Instruction, ...], ...]:
    native, module = ASSEMBLY[program.dialect]
    if target not in (native, "sc"):
        raise UnsupportedError(f"{program.dialect} assembly is for the model {native}, not for {target}", program.span)
    compile_thread: Callable[..., tuple[Instruction, ...]] = import_module(f"litmus.arch.{module}").compile_thread
    extra = (program.dialect,) if module == "x86" else ()
    return tuple(compile_thread(thread, *extra) for thread in program.threads)
