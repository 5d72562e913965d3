"""What a test is compiled for under a model.

A shipped model is called like its target. A cat file of somebody's own says by its vocabulary which architecture it is
about: only Power has an ``LWSYNC``. Compiled for another architecture, a test would have none of the events that the
model orders by, and every answer would be wrong; so where the vocabulary leaves a doubt, the user must say.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from litmus.errors import UnsupportedError, UsageError
from litmus.program.c11 import first_c11_call, first_kernel_call
from litmus.program.program import Dialect, Program
from litmus.suite.opening import open_model
from litmus.suite.selection import OWN_MODEL, TARGETS, ModelOptions, base_name, heading

C11 = "c11"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MARKS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "lkmm": _words(
            "Once Acquire Release Noreturn Mb Rmb Wmb Barrier Rcu-lock Rcu-unlock Sync-rcu Srcu-lock Srcu-unlock "
            "Sync-srcu Before-atomic After-atomic After-spinlock After-unlock-lock After-srcu-read-unlock Plain"
        ),
        "x86": _words("MFENCE SFENCE LFENCE"),
        "armv8": _words(
            "Q L NoRet DMB.ISH DMB.ISHLD DMB.ISHST DMB.SY DMB.LD DSB.ISH DSB.ISHLD DSB.ISHST DSB.SY DSB.LD "
            "DMB.OSH DMB.OSHLD DMB.OSHST DMB.NSH DMB.NSHLD DMB.NSHST "
            "DSB.OSH DSB.OSHLD DSB.OSHST DSB.NSH DSB.NSHLD DSB.NSHST"
        ),
        "power": _words("LWSYNC EIEIO ISYNC"),
        "riscv": _words(
            "Fence.rw.rw Fence.rw.w Fence.rw.r Fence.r.rw Fence.r.r Fence.r.w Fence.w.w Fence.w.r Fence.w.rw Fence.tso "
            "Fence.i Acq Rel AcqRel"
        ),
        C11: _words("ACQ REL ACQ_REL RLX CON SC"),
    }
)
"""Sets that only the events of one target are in."""

_SHARED = _words("F A X amo lxsx SYNC DMB.ST DSB.ST ISB")
"""Sets and relations whose members differ from target to target, or that MIPS has too."""

_ARM32 = _words("DMB DSB")
"""Fences of 32-bit Arm, for whose models nothing here can be compiled."""

_STATED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "AArch64": frozenset({"armv8"}),
        "PPC": frozenset({"power"}),
        "RISCV": frozenset({"riscv"}),
        "X86": frozenset({"x86"}),
        "X86_64": frozenset({"x86"}),
    }
)
"""Architectures that a cat file may state in its first line. C is stated by models of C11 and of the kernel alike."""

_ANYTHING = frozenset({"sc"})
"""What a model is about that looks at reads and writes alone: its answers hold of whatever a test is compiled for."""


def target_of(program: Program, model: str, options: ModelOptions) -> str:
    """Return what to compile ``program`` for under ``model``: a name of `TARGETS`, or ``c11``. Assembly and C11 are
    what they are; the kernel's C becomes what the model is about.

    Raises:
        UnsupportedError: where the model is about another architecture or language than the program is written in.
        UsageError: where a cat file does not tell what it is about.
        LitmusError: where the cat file cannot be read.
    """
    meant = _meant(model, options)
    if program.dialect not in (Dialect.DSL, Dialect.C):
        return _own_target(program, model, meant)
    if _is_c11(program, meant):
        return _c11_target(program, model, meant, options)
    return _kernel_target(program, model, meant)


def about(architecture: str | None, vocabulary: frozenset[str]) -> frozenset[str]:
    """Return the targets whose events a model is about that states ``architecture`` and looks at the sets and relations
    in ``vocabulary``; all where it looks at what differs between them, and at nothing that tells which it means; none
    where it states an architecture that is not among them."""
    if architecture not in (None, "C"):
        return _STATED.get(architecture, frozenset())
    if vocabulary & _ARM32:
        return frozenset(_MARKS)
    marked = frozenset(target for target, marks in _MARKS.items() if marks & vocabulary)
    if marked:
        return marked
    return frozenset(_MARKS) if vocabulary & _SHARED else _ANYTHING


def _meant(model: str, options: ModelOptions) -> frozenset[str]:
    """The targets that a model may be about."""
    base = base_name(model)
    if base in TARGETS:
        if base != "sc" and options.target not in (None, base):
            raise UsageError(f"the model '{model}' is not about {options.target}", hint="--target is for cat files")
        return frozenset({options.target or base})
    if options.target is not None:
        return frozenset({options.target})
    if options.bell is not None:
        return frozenset({"lkmm", C11})
    meant = _about_file(model, options)
    return frozenset({"lkmm"}) if options.macros is not None and meant in (_ANYTHING, frozenset(_MARKS)) else meant


@lru_cache(maxsize=64)
def _about_file(model: str, options: ModelOptions) -> frozenset[str]:
    opened = open_model(model, options)
    return about(opened.architecture, opened.vocabulary())


def _own_target(program: Program, model: str, meant: frozenset[str]) -> str:
    own = OWN_MODEL[program.dialect]
    if meant & {"sc", own}:
        return own
    message = f"the model '{model}' is not a model of {program.dialect} assembly, in which '{program.title}' is written"
    raise UnsupportedError(message, heading(program), hint=f"'{own}' and 'sc' are")


def _is_c11(program: Program, meant: frozenset[str]) -> bool:
    """Plain accesses alone are in the language that the model is about."""
    if program.dialect is not Dialect.C:
        return False
    return first_c11_call(program) is not None or (meant == {C11} and first_kernel_call(program) is None)


def _c11_target(program: Program, model: str, meant: frozenset[str], options: ModelOptions) -> str:
    if options.target is None and meant & {"sc", C11}:
        return C11
    other = f"the model '{model}'" if options.target is None else f"the target {options.target}"
    message = f"'{program.title}' uses the atomic operations of C11, which {other} does not know"
    hint = "name a cat file of a C11 model with --model" + (", without --target" if options.target else "")
    raise UnsupportedError(message, heading(program), hint=hint)


def _kernel_target(program: Program, model: str, meant: frozenset[str]) -> str:
    match sorted(meant - {C11}):
        case [target]:
            return target
        case [] if not meant:
            message = f"'{model}' is about an architecture that '{program.title}' cannot be compiled for"
            raise UsageError(message, heading(program), hint="say with --target what to compile it for")
        case []:
            message = f"the model '{model}' is about C11, '{program.title}' about the Linux kernel"
            raise UnsupportedError(message, heading(program), hint="--target says what else to compile it for")
        case several:
            message = f"'{model}' does not tell what to compile '{program.title}' for: {', '.join(several)}"
            raise UsageError(message, heading(program), hint="say it with --target")
