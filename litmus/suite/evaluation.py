"""One program under one model: compiled, unfolded, enumerated."""

from dataclasses import dataclass, field
from functools import lru_cache

from litmus.engine.base import Keep, Limits, Result
from litmus.program.program import Program
from litmus.relation.model import Model
from litmus.suite.selection import ModelOptions, for_model, target_of

UNROLL = 2
"""Turns of a loop where neither the command line nor the test says; herd7's default too."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says of an evaluation. ``unroll`` None leaves the bound to the test."""

    models: ModelOptions = field(default_factory=ModelOptions)
    unroll: int | None = None
    seconds: float | None = None
    keep: Keep = Keep.NONE


def evaluate(program: Program, model: str, settings: Settings) -> Result:
    """Return what ``model`` allows of ``program``, with the assertions that apply under it.

    Raises:
        LitmusError: where the model is unknown or wrong, or the program uses what its target cannot express.
    """
    from litmus.arch.compile import compile_for
    from litmus.engine.judge import check
    from litmus.event.unfold import unfold

    asked = for_model(program, model)
    target = target_of(asked, model, settings.models.target)
    compiled = compile_for(asked, target)
    unroll = settings.unroll or program.unroll or UNROLL
    structures = unfold(asked, compiled.threads, target, unroll)
    limits = Limits(unroll=unroll, seconds=settings.seconds, keep=settings.keep)
    return check(asked, structures, open_model(model, settings.models), limits)


@lru_cache(maxsize=64)
def open_model(name: str, options: ModelOptions) -> Model:
    """Return the model called ``name``, or defined by the cat file ``name``. Models are kept: loading one takes longer
    than most tests.

    Raises:
        UsageError: where there is no such model.
        ModelError: where its text is wrong.
    """
    from litmus.cat.load import load_model

    return load_model(name)


def require_models(options: ModelOptions) -> None:
    """Open every model that the command line names, so that a wrong one is one error, not one for each test.

    Raises:
        LitmusError: as `open_model`.
    """
    for name in options.names:
        open_model(name, options)
