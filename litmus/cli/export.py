"""``litmus export``: tests for other tools."""

from pathlib import Path

import click


@click.command("export")
@click.argument("paths", nargs=-1, required=True, metavar="FILES...")
@click.option("--to", type=click.Choice(["herd"]), default="herd", show_default=True, expose_value=False, help="Tool.")
@click.option("--arch", type=click.Choice(["lkmm"]), default="lkmm", show_default=True, expose_value=False,
              help="What the exported test is written for: lkmm is herd's C.")  # fmt: skip
@click.option("-o", "--output", metavar="DIR", default="generated", show_default=True, help="Where to write to.")
def command(paths: tuple[str, ...], output: str) -> int:
    """Write tests as .litmus files that herd7 reads and answers alike.

    Each assertion of each test and variant becomes a file. What herd's C cannot say is an error that names it.
    """
    from functools import partial

    from litmus.cli.output import emit
    from litmus.suite.answer import answers
    from litmus.suite.evaluation import Settings
    from litmus.suite.exporting import export_to
    from litmus.suite.files import collect, require_writable

    require_writable("--output", output)
    tally = emit(answers(collect(paths), partial(export_to, folder=Path(output)), Settings()))
    return int(tally.status)
