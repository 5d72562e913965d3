"""``litmus check``: tests against their expectations."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from litmus.cli.options import chosen_means, chosen_settings, model_options, search_options
from litmus.cli.output import emit, say
from litmus.errors import LitmusError

if TYPE_CHECKING:
    from litmus.suite.answer import Command
    from litmus.suite.evaluation import Settings
    from litmus.suite.running import Means
    from litmus.suite.status import Status

FORMATS = ("text", "json", "junit", "sarif", "github", "tap", "herd")


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@model_options
@search_options
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--output", "outputs", multiple=True, metavar="FORMAT=FILE", help="Write a format to a file besides. Repeatable."
)
@click.option("--baseline", metavar="FILE", help="Deviations that are known: shown, but no failures.")
@click.option(
    "--update",
    is_flag=True,
    help="Write what is found: to the baseline where there is one, else to the Result: comments of .litmus files.",
)
@click.option("--settings", "project", metavar="FILE", help="A litmus.toml [default: the nearest above].")
@click.option("--no-settings", is_flag=True, help="Read no litmus.toml or pyproject.toml.")
@click.option("--proof", metavar="DIR", help="Write what no execution does as formulas with DRAT proofs.")
@click.option("--matrix", is_flag=True, help="A table for each test: every condition under every model.")
def command(
    paths: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    memory: int | None,
    style: str,
    outputs: tuple[str, ...],
    baseline: str | None,
    update: bool,
    project: str | None,
    no_settings: bool,
    proof: str | None,
    matrix: bool,
    **options: Any,
) -> int:
    """Hold tests to their expectations under every model they name.

    PATHS are .lit and .litmus files, directories, globs, or @FILE with a path on each line; without any, those that
    litmus.toml names, or [tool.litmus] in pyproject.toml, in the current directory or the nearest above it. For each
    test and variant a line for each assertion says what was expected and found, and under which models; whatever does
    not hold has a line for each model, with the details. A .litmus file is held to its `Result:` comment where it has
    one (Never, Sometimes, Always, DEADLOCK, Maybe; DATARACE), else to its ~exists or forall. Maybe expects nothing: it
    does not fail, and does not count as holding. docs/ci.md describes formats, baselines and litmus.toml.

    With --matrix there is a table for each test instead: a row for each condition, a column for each model, also
    those that the test does not name. The verdict is about the condition; where the test expects nothing it is in
    parentheses, where an expectation is missed it has a '!', or a '~' where a baseline knows. Rows are marked where
    lkmm allows what no architecture does (weaker), and where it forbids what one of them allows (STRONGER: the model or
    a lowering is wrong).

    With --proof each test under each model gets a folder DIR/TEST@MODEL where an answer rests on the absence of
    executions: a forbid that no execution shows, a require that none fails, an allow that is missed.

    Exits with 0 only if every expectation holds, 1 if one fails, 2 for an error in a file or model, 3 if something
    stayed unknown.
    """
    from litmus.engine.base import Ask
    from litmus.suite.files import project_file

    settings = chosen_settings(Ask.VERDICT, **options)
    means = chosen_means(jobs, memory, scheduler, writes=proof is not None)
    if proof is not None:
        _require_provable(options["engine"], matrix, update, proof)
    found = None if no_settings else project or project_file()
    if found or outputs or baseline or update or matrix or style != "text":
        from litmus.cli.outputs import Asked, checked

        asked = Asked(paths, style, outputs, baseline, update, matrix, means, proof)
        return int(checked(asked, settings, found))
    return int(_printed(paths, settings, means, proof))


def _require_provable(engine: str, matrix: bool, update: bool, folder: str) -> None:
    """Raise where what is asked for does not go with proofs, or they cannot be written."""
    from litmus.suite.files import require_writable

    if engine == "explicit":
        raise click.UsageError(
            "--proof is of what the SAT engine refutes; it cannot be combined with --engine explicit"
        )
    if matrix or update:
        raise click.UsageError(f"--proof cannot be combined with --{'matrix' if matrix else 'update'}")
    require_writable("--proof", folder)


def _printed(paths: tuple[str, ...], settings: "Settings", means: "Means", proof: str | None) -> "Status":
    """Check tests and print what is found: what most ask for, and what imports least."""
    if not paths:
        raise click.UsageError("Missing argument 'PATHS...', and no litmus.toml says what to check.")
    from litmus.suite.command import check_text
    from litmus.suite.evaluation import settled
    from litmus.suite.expectation import summary
    from litmus.suite.files import collect
    from litmus.suite.running import answers

    settings = settled(settings)
    work: Command = check_text
    if proof is not None:
        from litmus.suite.proving import ProvingCheck

        work = ProvingCheck(Path(proof), check_text)
    items: Iterable[Path | LitmusError] = collect(paths)
    if sys.stdout.isatty():
        from litmus.cli.outputs import with_bar

        tally = with_bar(items, lambda items: answers(items, work, settings, means, kept=proof is None))
    else:
        tally = emit(answers(items, work, settings, means, kept=proof is None))
    say(summary(tally.findings, tally.errors, tally.vacuous, tally.kinds) + "\n")
    return tally.status
