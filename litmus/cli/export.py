"""``litmus export``: tests for other tools."""

from pathlib import Path

import click

ALIASES = {"aarch64": "armv8", "arm64": "armv8", "x86_64": "x86", "ppc": "power", "powerpc": "power"}
ARCHITECTURES = ("lkmm", "armv8", "x86", "power", "riscv")
ALL = "all"


@click.command("export")
@click.argument("paths", nargs=-1, metavar="FILES...")
@click.option("--to", type=click.Choice(["herd"]), default="herd", show_default=True, expose_value=False, help="Tool.")
@click.option("--arch", type=click.Choice([*ARCHITECTURES, *ALIASES, ALL]), default="lkmm", show_default=True,
              metavar="ARCH", help="What the exported test is written for: lkmm is herd's C, armv8 (aarch64), "
              "x86 (x86_64), power (ppc) and riscv are assembly; all is a folder for each, and a manifest that says "
              "what could not be written.")  # fmt: skip
@click.option("--lower", is_flag=True, help="Write what herd's C has no words for as something else that means the "
              "same, which the file states: a bit operation as atomic_fetch_or() and the like, a wait as its last "
              "turn.")  # fmt: skip
@click.option("--split-bits", is_flag=True, help="As --lower, and each bit of a word that bit operations are about is "
              "a location of its own. That is weaker than the word, which the file states.")  # fmt: skip
@click.option("--retry", is_flag=True, help="Let the assembly wait, and try store-conditionals that fail again, in "
              "loops. Else such executions are left out, which changes no states.")  # fmt: skip
@click.option("--lse", is_flag=True, help="For armv8: updates are single instructions (LSE), not LL/SC.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
              help="Time for the answer of one test; without an answer a file has no comment `Result:`.")  # fmt: skip
@click.option("-o", "--output", metavar="DIR", default="generated", show_default=True, help="Where to write to.")
@click.option("--check", metavar="DIR", help="Write nothing: say which files of a DIR that --arch all wrote are out of "
              "date, with exit status 1 where some are. FILES stand in for the recorded ones.")  # fmt: skip
def command(
    paths: tuple[str, ...], arch: str, lower: bool, split_bits: bool, retry: bool, lse: bool,
    timeout: float | None, output: str, check: str | None,
) -> int:  # fmt: skip
    """Write tests as .litmus files that herd7 reads and answers alike.

    Each assertion of each test and variant becomes a file, called test+variant.assertion.litmus. What herd's C, or the
    assembly, cannot say is an error that names it. Files in assembly go into a folder of DIR that is called like the
    architecture.
    """
    from litmus.cli.output import emit
    from litmus.errors import UsageError
    from litmus.export.file import Lower
    from litmus.suite.collection import Recipe, check_collection, write_collection
    from litmus.suite.evaluation import Settings
    from litmus.suite.exporting import Exporter, Form
    from litmus.suite.files import collect, require_writable
    from litmus.suite.running import answers

    settings = Settings(seconds=timeout, lse=lse)
    if check is not None:
        return int(emit(check_collection(Path(check), paths, settings)).status)
    if not paths:
        raise UsageError("which files?", hint="litmus export FILES...")
    require_writable("--output", output)
    form = Form(retry, Lower.BITS if split_bits else Lower.EQUAL if lower else Lower.NOTHING)
    if arch == ALL:
        return int(emit(write_collection(Recipe(paths, form, lse), Path(output), settings)).status)
    exporter = Exporter(Path(output), ALIASES.get(arch, arch), form)
    return int(emit(answers(collect(paths), exporter, settings)).status)
