"""Options that several commands share."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from litmus.store import nothing_kept
from litmus.suite.selection import MIXED, TARGETS, ModelOptions

if TYPE_CHECKING:
    from litmus.engine.base import Ask
    from litmus.suite.evaluation import Settings
    from litmus.suite.running import Means

Function = TypeVar("Function", bound=Callable[..., Any])


def _together(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def model_options(function: Function) -> Function:
    """Add what says which models: --model and what a cat file of somebody's own needs."""
    return _together(
        click.option(
            "-m", "--model", "models", multiple=True, metavar="MODEL",
            help="A model by name (see `litmus models`; lkmm@v5.4 for a version) or a .cat file. Repeatable.",
        ),
        click.option("-I", "search", multiple=True, metavar="DIR", help="Where cat files are looked for. Repeatable."),
        click.option("--bell", metavar="FILE", help="The bell file of the cat model."),
        click.option("--macros", metavar="FILE.def", help="Macro definitions that C tests are read with."),
        click.option(
            "--conf", "configuration", metavar="FILE.cfg",
            help="A herd configuration: its model, bell, macros, variant, unroll and timeout.",
        ),
        click.option(
            "--target", type=click.Choice(sorted(TARGETS)), metavar="ARCH",
            help="What kernel C is compiled for under a cat file [default: what the file is about].",
        ),
        click.option(
            "--variant", "variants", multiple=True, metavar="WORD",
            help='What `if "WORD"` in cat asks for; `mixed` is also --mixed.',
        ),
        click.option(
            "--mixed", is_flag=True,
            help="Assembly tests may access parts of what they declare: accesses of several sizes that overlap.",
        ),
    )(function)  # fmt: skip


def search_options(function: Function) -> Function:
    """Add the bounds on the work."""
    return _together(
        click.option(
            "-j", "--jobs", type=click.IntRange(1), metavar="N",
            help="Files that run at a time [default: as many as there are processors].",
        ),
        click.option(
            "--scheduler", metavar="ADDRESS",
            help="Run tests over a Dask cluster: the address of its scheduler (litmuskit[distributed]).",
        ),
        click.option(
            "--memory", type=click.IntRange(1), metavar="MB", callback=_bytes,
            help="Memory for one file; what takes more is unknown, and the others go on.",
        ),
        click.option(
            "--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
            help="Time for one test under one model; what is not finished then is unknown.",
        ),
        click.option(
            "--unroll", type=click.IntRange(1), metavar="N",
            help="Turns of each loop [default: what the test says, else 2].",
        ),
        click.option(
            "--bitops", type=click.Choice(["ordered", "pre-6.0"]),
            help="What test_and_set_bit() and its like order where the bit has its value already: everything "
            "(ordered), or nothing, as in generic code before Linux 6.0 (pre-6.0) "
            "[default: what the test says, else ordered].",
        ),
        click.option(
            "--lse", is_flag=True,
            help="Make arm64's updates of LSE instructions (ldadd, cas …) instead of LL/SC.",
        ),
        click.option(
            "--strict", is_flag=True,
            help="Make errors of warnings: of what a test says that a kernel compiler would not take.",
        ),
        click.option(
            "--engine", type=click.Choice(["auto", "explicit", "sat"]), default="auto", show_default=True,
            help="explicit enumerates all executions, sat asks a solver for those that tell something new, auto "
            "begins with the former and goes over to the latter.",
        ),
        click.option(
            "--no-cache", is_flag=True, expose_value=False, callback=_keep_nothing,
            help="Neither read nor keep answers, compiled models and grammars on disk.",
        ),
    )(function)  # fmt: skip


def _bytes(context: click.Context, option: click.Parameter, megabytes: int | None) -> int | None:
    """Return how many bytes that is.

    Raises:
        click.BadParameter: where nothing keeps a process from taking more.
    """
    if megabytes is not None and not sys.platform.startswith("linux"):
        raise click.BadParameter("memory is only bounded on Linux", context, option)
    return None if megabytes is None else megabytes * 2**20


def _keep_nothing(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """Turn off what is kept on disk until the command has ended."""
    if asked:
        context.with_resource(nothing_kept())


def chosen_means(jobs: int | None, memory: int | None, scheduler: str | None, *, writes: bool = False) -> "Means":
    """Return what the options say of how tests are run; ``writes`` says that running them writes files.

    Raises:
        click.UsageError: where that does not go with a cluster.
    """
    from litmus.suite.running import Means

    if scheduler is not None and jobs is not None:
        raise click.UsageError("--jobs is about this machine; with --scheduler the cluster says how many run at a time")
    if scheduler is not None and writes:
        raise click.UsageError("--scheduler runs tests elsewhere, where no files of yours are written")
    return Means(jobs, memory, scheduler)


def chosen_models(
    models: tuple[str, ...],
    search: tuple[str, ...],
    bell: str | None,
    macros: str | None,
    configuration: str | None,
    variants: tuple[str, ...],
    target: str | None,
    mixed: bool,
) -> ModelOptions:
    """Return what the options say of models."""
    words = (*variants, MIXED) if mixed else variants
    return ModelOptions(models, search, bell, macros, configuration, words, target)


def chosen_settings(
    ask: "Ask",
    *,
    timeout: float | None,
    unroll: int | None,
    bitops: str | None,
    lse: bool,
    strict: bool,
    engine: str,
    **models: Any,
) -> "Settings":
    """Return what the options of a command say of an evaluation that ``ask`` is asked of."""
    from litmus.engine.base import EngineName
    from litmus.suite.evaluation import Settings

    return Settings(
        chosen_models(**models), unroll, timeout, bitops=bitops, strict=strict, lse=lse, ask=ask,
        engine=EngineName(engine),
    )  # fmt: skip
