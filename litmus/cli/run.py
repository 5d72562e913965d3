"""``litmus run``: all outcomes of tests."""

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from litmus.cli.options import chosen_means, chosen_settings, model_options, search_options
from litmus.cli.output import emit

if TYPE_CHECKING:
    from litmus.suite.answer import Command


@click.command("run")
@click.argument("paths", nargs=-1, required=True, metavar="FILES...")
@model_options
@search_options
@click.option("--format", "style", type=click.Choice(["text", "herd", "json"]), default="text", show_default=True,
              help="herd: the text that herd7 prints; json: one object a line.")  # fmt: skip
@click.option("--counts", is_flag=True, help="Print how many executions end in each state.")
@click.option("--verdict-only", is_flag=True,
              help="Print only whether each condition holds never, sometimes or always.")  # fmt: skip
@click.option("--timelines", is_flag=True, help="Print the executions, one of each kind, as columns of steps.")
@click.option("--proof", metavar="DIR",
              help="Write what the SAT engine refutes, Never or Always, as formulas with DRAT proofs.")  # fmt: skip
def command(
    paths: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    memory: int | None,
    style: str,
    counts: bool,
    verdict_only: bool,
    timelines: bool,
    proof: str | None,
    **options: Any,
) -> int:
    """Enumerate all outcomes of tests.

    FILES are .lit and .litmus files, directories, globs, or @FILE with a path on each line. Without --model a .lit file
    runs under its own models and a .litmus file under the model of its dialect: C under lkmm, AArch64 under armv8, PPC
    under power, RISCV under riscv, X86 under x86.

    Where there are many executions and nothing asks for their number, a solver finds one for each state instead of
    enumerating them, and they are not counted.

    With --proof each test under each model gets a folder DIR/TEST@MODEL: index.json says which formulas refute which
    claim, and for each there is the formula (.cnf), the proof (.drat) and what its variables mean (.map.json). Where
    there is nothing to prove, because an execution shows the condition and another one the contrary, there is an error.

    Exits with 0 when all outcomes are known, 2 for an error in a file or model (the others still run), 3 if a bound or
    a time limit kept some unknown.
    """
    from litmus.dataclass import replace
    from litmus.engine.base import Ask, Keep
    from litmus.suite.evaluation import settled
    from litmus.suite.files import collect
    from litmus.suite.running import answers

    if timelines and style != "text":
        raise click.UsageError("--timelines is a text; it cannot be combined with --format " + style)
    ask = Ask(_asked(options["engine"], counts or timelines, style == "herd", verdict_only))
    settings = replace(chosen_settings(ask, **options), keep=Keep.ALL if timelines else Keep.NONE)
    settings = settled(settings)
    if proof is not None:
        _require_provable(options["engine"], style, counts or timelines)
        work = _proving(proof)
    else:
        work = _printing(style, counts=counts, timelines=timelines)
    means = chosen_means(jobs, memory, scheduler, writes=proof is not None)
    tally = emit(answers(collect(paths), work, settings, means, kept=proof is None))
    return int(tally.status)


def _proving(folder: str) -> "Command":
    from pathlib import Path

    from litmus.suite.files import require_writable
    from litmus.suite.proving import prove_to

    require_writable("--proof", folder)
    return partial(prove_to, folder=Path(folder))


def _printing(style: str, *, counts: bool, timelines: bool) -> "Command":
    if timelines:
        from litmus.suite.picture import run_timelines

        return run_timelines
    from litmus.suite import command as commands

    plain: Command = partial(commands.run_text, counts=counts)
    return {"text": plain, "herd": commands.run_herd, "json": commands.run_json}[style]


def _require_provable(engine: str, style: str, listed: bool) -> None:
    """Raise where what is asked for does not go with proofs, which are of verdicts by the SAT engine."""
    if engine == "explicit":
        raise click.UsageError(
            "--proof is of what the SAT engine refutes; it cannot be combined with --engine explicit"
        )
    if style != "text" or listed:
        raise click.UsageError("--proof prints verdicts as text, and no executions")


def _asked(engine: str, listed: bool, herd: bool, verdict_only: bool) -> str:
    """Return what has to be found for what is printed: ``listed`` is what --counts and --timelines print."""
    if verdict_only and listed:
        raise click.UsageError("--verdict-only leaves out what --counts and --timelines print")
    if verdict_only:
        return "verdict"
    if engine == "sat" and (listed or herd):
        raise click.UsageError("--engine sat does not count executions, as --counts, --timelines and --format herd do")
    return "counts" if listed or herd else "states"
