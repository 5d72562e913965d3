"""From a program as it was written to flat code for one target."""

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module

from litmus.arch.c11 import C11Operations, plain_lowering, require_iso
from litmus.arch.compiled import CompiledProgram
from litmus.arch.emitter import Emitter
from litmus.arch.expression import Expressions
from litmus.arch.inference import local_types
from litmus.arch.lowering import Lowering, load_lowering
from litmus.arch.macro import LKMMV1, LKMMV2, MacroExpander
from litmus.arch.macro_lowering import lowering_of
from litmus.arch.realise import Realiser
from litmus.arch.recurring import Compile, compiled
from litmus.arch.statement import Exits, Statements, goto_labels
from litmus.dataclass import dataclass
from litmus.deadline import NEVER, Deadline
from litmus.errors import LitmusError, ProgramErrors, UnsupportedError, UsageError, did_you_mean
from litmus.program.c11 import first_c11_call, first_kernel_call
from litmus.program.instruction import Instruction, Origin
from litmus.program.macros import MacroTable
from litmus.program.program import Dialect, Program, Thread
from litmus.program.types import Type

TARGETS = ("lkmm", "x86", "armv8", "power", "riscv", "sc")
"""What the primitives of the kernel are compiled for."""

C11 = "c11"
"""What the atomic operations of C11 are compiled for."""

STRUCTURED = frozenset({"lkmm", C11})
"""Targets that are C: a control dependency ends where the branches of its statement meet, as herd7 has it."""

ASSEMBLY = {
    Dialect.AARCH64: ("armv8", "aarch64"),
    Dialect.PPC: ("power", "ppc"),
    Dialect.RISCV: ("riscv", "riscv"),
    Dialect.X86: ("x86", "x86"),
    Dialect.X86_64: ("x86", "x86"),
}
"""Dialect -> the target whose tags it speaks of, and the module of `arch` that knows its instructions."""

LL_SC, LSE = ATOMICS = ("ll/sc", "lse")
"""What arm64 makes updates of."""

FINISH = "finish"


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """``bitops``: ``ordered`` (test_and_set_bit() is always fully ordered, as since Linux 6.0) or ``pre-6.0`` (generic
    code leaves a bit alone, unordered, that has its value already). ``variant``: how herd7 reads the tags of a macro
    table, ``lkmmv2`` or ``lkmmv1``. ``deadline``: when to stop. ``atomics``: what arm64 makes updates of,
    ``ll/sc`` or ``lse``."""

    bitops: str = "ordered"
    variant: str = LKMMV2
    deadline: Deadline = NEVER
    atomics: str = LL_SC

    def __post_init__(self) -> None:
        _check("bit operations", self.bitops, ("ordered", "pre-6.0"))
        _check("variant", self.variant, (LKMMV1, LKMMV2))
        _check("atomics", self.atomics, ATOMICS)


def _check(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise UsageError(f"unknown {what} '{given}': one of {', '.join(known)}", hint=did_you_mean(given, known))


def compile_for(
    program: Program, target: str, *, macros: MacroTable | None = None, options: CompileOptions | None = None
) -> CompiledProgram:
    """Return the program as flat code for ``target``. ``macros`` (lkmm only) says what primitives are, in place of
    the built-in table; for C11 it may say again what they are.

    Raises:
        LitmusError: where the program is wrong, or says what the target cannot express; every error of the program.
        OutOfTime: where the deadline of the options passes.
    """
    options = options or CompileOptions()
    _check("target", target, (*TARGETS, C11))
    if program.dialect in ASSEMBLY:
        return CompiledProgram(program, target, _assembly(program, target, options.deadline))
    if macros is not None and target not in ("lkmm", C11):
        raise UsageError(f"a macro table is for the target lkmm, not for {target}")
    _check_language(program, target)
    if macros is not None and target == C11:
        require_iso(program, macros)
        macros = None
    errors: list[LitmusError] = []
    threads = tuple(_thread(program, t, target, macros, options, errors) for t in program.threads)
    if errors:
        different = list(dict.fromkeys(errors))
        raise different[0] if len(different) == 1 else ProgramErrors(different)
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
    emitter = Emitter(program, target in STRUCTURED, _types(program, thread), origin, deadline=options.deadline)
    realiser = Realiser(emitter, _lowering(target, macros, options), options.bitops)
    expander = _expander(emitter, target, macros, options)
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


def _types(program: Program, thread: Thread) -> dict[str, Type | None]:
    """Herd's C takes what is not declared as it comes; in the DSL it has a type nevertheless."""
    return dict(local_types(program, thread) if program.dialect is Dialect.DSL else thread.types)


def _lowering(target: str, macros: MacroTable | None, options: CompileOptions) -> Lowering:
    if macros is not None:
        return lowering_of(macros, options.variant)
    lse = target == "armv8" and options.atomics == LSE
    return plain_lowering() if target == C11 else load_lowering("armv8-lse" if lse else target)


def _expander(
    emitter: Emitter, target: str, macros: MacroTable | None, options: CompileOptions
) -> MacroExpander | C11Operations | None:
    """Return what calls mean, None where they are the kernel's primitives by the built-in table."""
    if target == C11:
        return C11Operations(emitter)
    return None if macros is None else MacroExpander(emitter, macros, options.variant)


def _check_language(program: Program, target: str) -> None:
    """Reject the operations of C11 under models of anything else, and the kernel's primitives under models of C11."""
    foreign = first_kernel_call(program) if target == C11 else first_c11_call(program)
    if foreign is not None:
        whose = "a primitive of the Linux kernel" if target == C11 else "an operation of C11"
        raise UnsupportedError(f"'{foreign.name}' is {whose}, which cannot be compiled for {target}", foreign.span)


def _assembly(program: Program, target: str, deadline: Deadline) -> tuple[tuple[Instruction, ...], ...]:
    native, module = ASSEMBLY[program.dialect]
    if target not in (native, "sc"):
        raise UnsupportedError(f"{program.dialect} assembly is for the model {native}, not for {target}", program.span)
    compile_thread = _thread_compiler(program.dialect, module)

    def compile_one(thread: Thread) -> tuple[Instruction, ...]:
        deadline.check()
        return compiled(thread, compile_thread)

    return tuple(compile_one(thread) for thread in program.threads)


@cache
def _thread_compiler(dialect: Dialect, module: str) -> Compile:
    found: Callable[..., tuple[Instruction, ...]] = import_module(f"litmus.arch.{module}").compile_thread
    return partial(found, dialect=dialect) if module == "x86" else found
