"""One program under one model: compiled, unfolded, enumerated."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from litmus.dataclass import dataclass, field
from litmus.deadline import NEVER, Deadline, OutOfTime, deadline_in
from litmus.engine.base import Ask, EngineName, Keep, Limits, Result
from litmus.errors import UsageError
from litmus.event.structure import SAME_ACCESS, EventStructure
from litmus.program.program import Dialect, Program
from litmus.relation.model import Model
from litmus.suite.opening import macros_for, open_model, require_models
from litmus.suite.selection import TARGETS, ModelOptions, base_name, for_model, is_mixed, mention, tag_reading
from litmus.suite.step import evaluating, given_up
from litmus.suite.target import target_of
from litmus.suite.trace import trace
from litmus.suite.vocabulary import require_accesses_in_pieces, require_vocabulary

_BRANCHING = frozenset({Dialect.AARCH64, Dialect.PPC, Dialect.RISCV})
"""The dialects whose branches are events in herd7: in C and on x86 they are not."""

UNROLL = 2
"""Turns of a loop where neither the command line nor the test says; herd7's default too."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says of an evaluation. ``unroll`` None leaves the bound to the test."""

    models: ModelOptions = field(default_factory=ModelOptions)
    unroll: int | None = None
    seconds: float | None = None
    keep: Keep = Keep.NONE
    bitops: str | None = None
    """How a test_and_set_bit() that changes nothing orders, see `arch.compile.CompileOptions`; None: as the test
    says."""
    strict: bool = False
    """Whether what a test is only warned about is an error."""
    lse: bool = False
    """Whether arm64's updates are LSE instructions."""
    ask: Ask = Ask.COUNTS
    engine: EngineName = EngineName.AUTO


Watch: TypeAlias = Callable[[Iterator[EventStructure]], Iterator[EventStructure]]


def _unwatched(found: Iterator[EventStructure]) -> Iterator[EventStructure]:
    return found


def settled(settings: Settings) -> Settings:
    """Return ``settings`` with what their configuration file says, once everything that they name has been opened.

    Raises:
        LitmusError: as `suite.configuration.configured`, and where a model or a macro table is wrong.
    """
    if settings.models.configuration is not None:
        from litmus.suite.configuration import configured

        settings = configured(settings)
    require_models(settings.models)
    return settings


def evaluate(program: Program, model: str, settings: Settings, watch: Watch = _unwatched) -> Result:
    """Return what ``model`` allows of ``program``, with the assertions that apply under it.

    ``watch`` sees the event structures on their way to the engine. The time limit bounds everything from compiling the
    program on. Where that was ended from outside before, the result is that of no time at all.

    Raises:
        LitmusError: where the model is unknown or wrong, or the program uses what its target cannot express.
    """
    from litmus.engine.judge import check

    asked, turns = for_model(program, model), _unroll(program, settings)
    if given_up(program.title, model):
        limits = Limits(turns, Deadline(settings.seconds), settings.keep, settings.ask)
        result = check(asked, iter(_late, None), _opened(program, model, settings.models), limits)
    else:
        with evaluating(program.title, model, settings.seconds):
            opened = _opened(program, model, settings.models)
            limits = Limits(turns, deadline_in(settings.seconds), settings.keep, settings.ask, settings.engine)
            found = watch(structures(asked, model, settings, limits.deadline))
            endless = structures(asked, model, settings, limits.deadline, endless=True)
            result = check(asked, found, opened, limits, endless)
    trace().hurried |= result.out_of_time
    return result


def _late() -> EventStructure:
    raise OutOfTime


def _opened(program: Program, model: str, options: ModelOptions) -> Model:
    """Open a model; that there is no such one is said where the test names it."""
    try:
        return open_model(model, options)
    except UsageError as error:
        if error.span is None and not options.names:
            error.span = mention(program, model)
        raise


def structures(
    program: Program, model: str, settings: Settings, deadline: Deadline = NEVER, *, endless: bool = False
) -> Iterator[EventStructure]:
    """Yield the event structures of ``program`` compiled for ``model``, or with ``endless`` those in which a thread
    waits for ever. Nothing is done before the first is asked for.

    Raises:
        LitmusError: where the program uses what the target cannot express.
        OutOfTime: where the deadline passes.
    """
    from litmus.arch.compile import LL_SC, LSE, CompileOptions, compile_for
    from litmus.event.unfold import unfold

    require_vocabulary(program, model)
    target = target_of(program, model, settings.models)
    macros = macros_for(model, settings.models)
    bitops = settings.bitops or dict(program.info).get("bitops", "ordered")
    atomics = LSE if settings.lse else LL_SC
    options = CompileOptions(bitops, tag_reading(settings.models), deadline, atomics)
    compiled = compile_for(program, target, macros=macros, options=options)
    registers = bool(getattr(open_model(model, settings.models), "catdep", False))
    unroll = _unroll(program, settings)
    # The models that ship do not look at branches, nor at locations that nothing accesses; those of other people may.
    others = base_name(model) not in TARGETS
    mixed = is_mixed(program, settings.models)
    found = unfold(
        program,
        compiled.threads,
        target,
        unroll,
        registers=registers,
        branches=others and program.dialect in _BRANCHING,
        untouched=others,
        mixed=mixed,
        # Tests of herd's dialects are unrolled as herd7 does it; and the argument is about the models that ship.
        spins=program.dialect is Dialect.DSL and not others,
        endless=endless,
        deadline=deadline,
    )
    for structure in found:
        if mixed and SAME_ACCESS in structure.relations:
            require_accesses_in_pieces(program, model, settings.models)
        yield structure


def _unroll(program: Program, settings: Settings) -> int:
    return settings.unroll or program.unroll or UNROLL
