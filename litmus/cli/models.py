"""``litmus models``: what there is to ask."""

import click


@click.command("models")
def command() -> int:
    """List the memory models and where their definitions come from."""
    from litmus.report.text import columns
    from litmus.suite.catalogue import catalogue

    for line in columns([(entry.name, entry.title, entry.source) for entry in catalogue()]):
        click.echo(line)
    return 0
