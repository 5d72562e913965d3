"""``litmus compare``: which tests changed."""

from collections.abc import Iterator
from typing import Any

import click

from litmus.cli.options import chosen_means, chosen_settings, model_options, search_options
from litmus.cli.output import emit, say


@click.command("compare")
@click.argument("before")
@click.argument("after")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@model_options
@search_options
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    before: str,
    after: str,
    paths: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    memory: int | None,
    style: str,
    **options: Any,
) -> int:
    """Tell which tests changed their verdicts or states from BEFORE to AFTER.

    With PATHS, these are two models by name (lkmm@v5.4) or cat files, and the tests in PATHS run under both. Without
    PATHS, they are two files that `litmus run` or `litmus check` wrote with --format json.

    Exits with 0 where all is the same, 1 where something changed, 2 for an error, and 3 where nothing is known to have
    changed, but something is unknown.
    """
    from litmus.suite import changes

    if options["models"]:
        raise click.UsageError("the two models to compare are arguments, not --model")
    options["models"] = (before, after)
    if paths:
        from litmus.engine.base import Ask
        from litmus.suite.evaluation import settled
        from litmus.suite.files import collect
        from litmus.suite.running import answers

        settings = settled(chosen_settings(Ask.STATES, **options))
        work = changes.compare_json if style == "json" else changes.compare_text
        means = chosen_means(jobs, memory, scheduler)
        tally = emit(answers(collect(paths), work, settings, means, kept=True))
    else:
        tally = emit(_of_files(before, after, style))
    status = tally.status if tally.interrupted else changes.require_something(tally.findings, tally.errors)
    if style == "text":
        say(changes.summary(tally.findings, tally.errors) + "\n")
    return int(status)


def _of_files(before: str, after: str, style: str) -> Iterator[Any]:
    from pathlib import Path

    from litmus.suite import changes

    return (changes.shown(each, style) for each in changes.between_files(Path(before), Path(after)))
