"""The sub-commands of ``litmus``. None is imported before it is run."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

from litmus import __version__

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "check": "Hold tests to their expectations under every model they name.",
        "run": "Enumerate all outcomes of tests.",
        "compare": "Tell which tests changed between two result files, models or releases.",
        "bench": "Time tests.",
        "graph": "Draw the event graph of a test.",
        "export": "Write a test for another tool.",
        "convert": "Write herd's C tests in our own language.",
        "models": "List the memory models and where they come from.",
    }
)
"""Sub-commands with their summaries. The module of a command is imported when it is run, not before."""

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EPILOG = (
    "Exit status: 0 all is well, 1 an expectation failed, 2 an error in what was given, 3 something stayed unknown."
)


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports ``litmus.cli.<name>`` for the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"litmus.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is none of the name given."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from litmus.errors import did_you_mean

            hint = did_you_mean(args[0], COMMANDS)
            ctx.fail(f"No such command '{args[0]}'" + (f", {hint}" if hint else "."))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings=CONTEXT, epilog=EPILOG)
@click.version_option(__version__, prog_name="litmus", message="%(prog)s %(version)s")
def main() -> None:
    """Litmus tests for weak memory models: simulated, checked, explained.

    Tests are .lit files (kernel C with labels) or herd's .litmus files.
    """
