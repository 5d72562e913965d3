"""``litmus graph``: what a test compiles to, and one execution of it, as a picture."""

from pathlib import Path
from typing import Any

import click

from litmus.cli.options import chosen_models, model_options
from litmus.cli.output import say


@click.command("graph")
@click.argument("file", metavar="FILE")
@model_options
@click.option("--test", "wanted", metavar="NAME", help="Only this test or test/variant of the file.")
@click.option("--unroll", type=click.IntRange(1), metavar="N", help="Turns of each loop.")
@click.option("--format", "style", type=click.Choice(["dot", "svg"]), default="dot", show_default=True,
              help="What is printed where there is no -o.")  # fmt: skip
@click.option("-o", "--output", metavar="DIR", help="Write NAME.dot and NAME.svg there instead of printing.")
def command(file: str, wanted: str | None, unroll: int | None, style: str, output: str | None, **models: Any) -> int:
    """Draw the event graph of a test: events, po, dependencies, and the rf, co and fr of one execution.

    The execution is one that shows the test's first condition where the model allows it. Without --model the first
    model of the test is used.
    """
    from litmus.suite.evaluation import Settings, settled
    from litmus.suite.files import require_writable
    from litmus.suite.picture import picture
    from litmus.suite.selection import models_of

    if output is not None:
        require_writable("--output", output)
    settings = settled(Settings(chosen_models(**models), unroll))
    for program in chosen(file, wanted):
        for doubt in program.doubts:
            click.echo(doubt.render("warning"), err=True)
        for model in models_of(program, settings.models.names)[: None if settings.models.names else 1]:
            drawn = picture(program, model, settings)
            if output is None:
                say({"dot": drawn.dot, "svg": drawn.svg}[style])
            else:
                from litmus.suite.files import write

                for suffix, text in (("dot", drawn.dot), ("svg", drawn.svg)):
                    say(f"{write(Path(output) / f'{drawn.name}.{suffix}', text)}\n")
    return 0


def chosen(file: str, wanted: str | None) -> list[Any]:
    """Return the tests in ``file``, or the one that is wanted.

    Raises:
        LitmusError: where the file is wrong or has no such test.
    """
    from litmus.errors import UsageError, did_you_mean
    from litmus.suite.answer import programs
    from litmus.suite.files import mentions

    found = programs(Path(file), *mentions("command line", file))
    if wanted is None:
        return list(found)
    named = [program for program in found if program.title == wanted]
    if not named:
        hint = did_you_mean(wanted, [program.title for program in found])
        raise UsageError(f"no test '{wanted}' in '{file}'", *mentions("--test", wanted), hint=hint)
    return named
