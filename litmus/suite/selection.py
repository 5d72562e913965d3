"""Which models a test runs under, and which of its assertions they are asked about."""

from collections.abc import Iterator
from types import MappingProxyType

from litmus.dataclass import dataclass, replace
from litmus.errors import UsageError
from litmus.program.c11 import first_c11_call
from litmus.program.program import Assertion, Dialect, Program
from litmus.source import Span

OWN_MODEL = MappingProxyType(
    {
        Dialect.C: "lkmm",
        Dialect.AARCH64: "armv8",
        Dialect.PPC: "power",
        Dialect.RISCV: "riscv",
        Dialect.X86: "x86",
        Dialect.X86_64: "x86",
    }
)
"""The model that a herd file runs under where none is named; for assembly also its target."""

TARGETS = frozenset({"sc", "x86", "armv8", "power", "riscv", "lkmm"})
"""What `arch.compile` compiles the kernel's C for, each with a model of that name."""


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What the command line says of models. ``names`` are shipped models (``lkmm``, ``lkmm@v5.4``) or paths of cat
    files; the rest applies to cat files: the search path of ``include``, a bell file, macro definitions, a herd
    configuration that names all of these, and the words that ``if "variant"`` tests."""

    names: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    bell: str | None = None
    macros: str | None = None
    configuration: str | None = None
    variants: tuple[str, ...] = ()
    target: str | None = None


MIXED = "mixed"
"""The variant under which assembly tests may access parts of what they declare."""


def is_mixed(program: Program, options: ModelOptions) -> bool:
    """Whether the accesses of ``program`` are divided where they overlap in part: where the options or, as herd7 takes
    it, a ``Variant=`` line of the test ask for that, and there are sizes that can differ."""
    stated = (word for key, value in program.info if key.casefold() == "variant" for word in value.split(","))
    asked = MIXED in map(str.casefold, options.variants) or MIXED in (word.strip().casefold() for word in stated)
    return asked and program.dialect not in (Dialect.DSL, Dialect.C)


def tag_reading(options: ModelOptions) -> str:
    """Return how the tags of a macro table are read: ``lkmmv2`` where that variant is asked for, else as herd7 does."""
    return "lkmmv2" if "lkmmv2" in options.variants else "lkmmv1"


def heading(program: Program) -> Span | None:
    """Return where the test begins with its name, for messages about the test as a whole."""
    if program.span is None:
        return None
    source = program.span.source
    start = max(source.text.rfind(program.name, 0, program.span.start + len(program.name) + 10), 0)
    return source.span(start, start + len(program.name))


def mention(program: Program, model: str) -> Span | None:
    """Return where the test names a model, or the test itself where it does not."""
    head = heading(program)
    if head is None:
        return None
    start = head.source.text.find(model, head.end)
    return head if start < 0 else head.source.span(start, start + len(model))


def base_name(model: str) -> str:
    """Return the name of a model without its version: ``lkmm`` for ``lkmm@v5.4``."""
    return model.split("@", 1)[0]


def models_of(program: Program, requested: tuple[str, ...]) -> tuple[str, ...]:
    """Return the models that ``program`` runs under: the requested, else its own and those that an ``on`` names.

    Raises:
        UsageError: where nothing is requested for a test in C11, for which no model is shipped.
    """
    if requested:
        return requested
    if program.dialect is Dialect.C and first_c11_call(program) is not None:
        message = f"'{program.title}' uses the atomic operations of C11, for which no model ships"
        raise UsageError(message, heading(program), hint="name a cat file of a C11 model with --model")
    if program.dialect is not Dialect.DSL:
        return (OWN_MODEL[program.dialect],)
    named = (model for assertion in program.assertions for model in assertion.models or ())
    return tuple(dict.fromkeys((*program.models, *named)))


def for_model(program: Program, model: str) -> Program:
    """Return ``program`` with the assertions that apply under ``model``: for each name the one that mentions the model
    in its ``on``, else the one without an ``on``, where the model is one of the test's or was asked for."""
    return replace(program, assertions=tuple(_applicable(program, model)))


def _applicable(program: Program, model: str) -> Iterator[Assertion]:
    def nearness(assertion: Assertion) -> int:
        """How closely an assertion speaks of the model: by its own name, by that without a version, or of any."""
        if assertion.models is None:
            return 1
        return 3 if model in assertion.models else 2 if base_name(model) in assertion.models else 0

    nearest: dict[str, int] = {}
    for assertion in program.assertions:
        nearest[assertion.name] = max(nearest.get(assertion.name, 1), nearness(assertion))
    for assertion in program.assertions:
        if nearness(assertion) == nearest[assertion.name]:
            yield assertion
