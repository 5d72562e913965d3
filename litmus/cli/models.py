"""``litmus models``: what there is to ask."""

import click


@click.command("models")
def command() -> int:
    """List the memory models and where their definitions come from."""
    from litmus.cli.output import say
    from litmus.report.text import columns
    from litmus.suite.catalogue import catalogue

    for line in columns([(entry.name, entry.title, entry.source) for entry in catalogue()]):
        say(f"{line}\n")
    return 0
