"""``litmus convert``: tests of other tools in our own language."""

from pathlib import Path

import click


@click.command("convert")
@click.argument("paths", nargs=-1, required=True, metavar="FILES...")
@click.option("--to", type=click.Choice(["dsl"]), default="dsl", show_default=True, expose_value=False,
              help="Language.")  # fmt: skip
@click.option("-o", "--output", metavar="DIR|FILE.lit",
              help="A directory for a file for each test, or one file for all [default: standard output].")  # fmt: skip
def command(paths: tuple[str, ...], output: str | None) -> int:
    """Write herd's C/LKMM tests in our own language.

    What is written is compiled and compared with the original: it is the same test, with the same states, and expects
    what the comment Result: expects; or there is an error that names what our own language cannot say.
    """
    from litmus.cli.output import emit
    from litmus.suite.converting import Converter, gathered
    from litmus.suite.evaluation import Settings
    from litmus.suite.files import collect, require_writable
    from litmus.suite.running import answers

    if output is None:
        return int(emit(answers(collect(paths), Converter(), Settings())).status)
    if output.endswith(".lit"):
        require_writable("--output", str(Path(output).parent))
        return int(emit(gathered(answers(collect(paths), Converter(), Settings()), Path(output))).status)
    require_writable("--output", output)
    return int(emit(answers(collect(paths), Converter(Path(output)), Settings())).status)
