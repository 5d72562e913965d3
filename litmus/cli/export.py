"""``litmus export``: tests for other tools."""

from pathlib import Path

import click

ALIASES = {"aarch64": "armv8", "arm64": "armv8", "x86_64": "x86", "ppc": "power", "powerpc": "power"}
ARCHITECTURES = ("lkmm", "armv8", "x86", "power", "riscv")


@click.command("export")
@click.argument("paths", nargs=-1, required=True, metavar="FILES...")
@click.option("--to", type=click.Choice(["herd"]), default="herd", show_default=True, expose_value=False, help="Tool.")
@click.option("--arch", type=click.Choice([*ARCHITECTURES, *ALIASES]), default="lkmm", show_default=True,
              metavar="ARCH", help="What the exported test is written for: lkmm is herd's C, armv8 (aarch64), "
              "x86 (x86_64), power (ppc) and riscv are assembly.")  # fmt: skip
@click.option("--retry", is_flag=True, help="Let the assembly wait, and try store-conditionals that fail again, in "
              "loops. Else such executions are left out, which changes no states.")  # fmt: skip
@click.option("--lse", is_flag=True, help="For armv8: updates are single instructions (LSE), not LL/SC.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
              help="Time for the answer of one test; without an answer a file has no comment `Result:`.")  # fmt: skip
@click.option("-o", "--output", metavar="DIR", default="generated", show_default=True, help="Where to write to.")
def command(paths: tuple[str, ...], arch: str, retry: bool, lse: bool, timeout: float | None, output: str) -> int:
    """Write tests as .litmus files that herd7 reads and answers alike.

    Each assertion of each test and variant becomes a file. What herd's C, or the assembly, cannot say is an error that
    names it. Files in assembly go into a folder of DIR that is called like the architecture.
    """
    from functools import partial

    from litmus.cli.output import emit
    from litmus.suite.answer import answers
    from litmus.suite.evaluation import Settings
    from litmus.suite.exporting import Destination, export_to
    from litmus.suite.files import collect, require_writable

    require_writable("--output", output)
    destination = Destination(Path(output), ALIASES.get(arch, arch), retry)
    tally = emit(
        answers(collect(paths), partial(export_to, destination=destination), Settings(seconds=timeout, lse=lse))
    )
    return int(tally.status)
