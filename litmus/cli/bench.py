"""``litmus bench``: what answering tests takes."""

import time
from typing import TYPE_CHECKING, Any

import click

from litmus.cli.options import chosen_means, chosen_settings, model_options, search_options
from litmus.cli.output import emit, say

if TYPE_CHECKING:
    from litmus.cli.output import Tally


@click.command("bench")
@click.argument("paths", nargs=-1, required=True, metavar="FILES...")
@model_options
@search_options
@click.option("--format", "style", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option("--counts", is_flag=True, help="Count all executions, as `litmus run --counts` does.")
@click.option("--verdict-only", is_flag=True, help="Find only whether each condition holds never, sometimes or always.")
def command(
    paths: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    memory: int | None,
    style: str,
    counts: bool,
    verdict_only: bool,
    **options: Any,
) -> int:
    """Time tests: a row for each test and model.

    FILES are as for `litmus run`, and so is what is done: all final states are found, or with --verdict-only only the
    verdicts, or with --counts every execution.

    seconds go from compiling the test to its answer; reading files and models is in the total at the end only. events
    are those of the largest of the event structures, of which there is one for each choice of control paths. candidates
    are the complete candidate executions that were judged. answer says how often the condition holds, or of several
    assertions how many hold. A test that is not finished within --timeout is unknown, and the others still run.

    Exits with 0 when all is known, 2 for an error in a file or model, 3 if a bound or a time limit kept something
    unknown.
    """
    from litmus.engine.base import Ask
    from litmus.suite import timing
    from litmus.suite.evaluation import settled
    from litmus.suite.files import collect
    from litmus.suite.running import answers

    if verdict_only and counts:
        raise click.UsageError("--verdict-only does not count executions, as --counts does")
    if counts and options["engine"] == "sat":
        raise click.UsageError("--engine sat does not count executions, as --counts does")
    ask = Ask.VERDICT if verdict_only else Ask.COUNTS if counts else Ask.STATES
    settings = settled(chosen_settings(ask, **options))
    work = {"text": timing.bench_text, "json": timing.bench_json, "csv": timing.bench_csv}[style]
    started = time.monotonic()
    say(timing.HEADINGS[style])
    means = chosen_means(jobs if jobs or scheduler else 1, memory, scheduler)
    tally = emit(answers(collect(paths), work, settings, means))
    if style == "text":
        say(_total(tally, time.monotonic() - started))
    return int(tally.status)


def _total(tally: "Tally", seconds: float) -> str:
    from litmus.suite.status import Status

    unknown = tally.findings.count(Status.UNKNOWN)
    number = len(tally.findings)
    parts = [f"{number} answer{'' if number == 1 else 's'} in {seconds:.3f} s"]
    parts += [f"{unknown} unknown"] if unknown else []
    parts += [f"{tally.errors} error{'' if tally.errors == 1 else 's'}"] if tally.errors else []
    return "; ".join(parts) + "\n"
