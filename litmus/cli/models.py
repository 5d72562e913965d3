"""``litmus models``: what there is to ask."""

import click


@click.command("models")
def command() -> int:
    """List the memory models and where their definitions come from.

    Of a model that has versions, each release that changed it is listed with what changed; one between two of them is
    like the one before it.
    """
    from litmus.cli.output import say
    from litmus.report.text import columns
    from litmus.suite.catalogue import catalogue

    entries = tuple(catalogue())
    for line in columns([(entry.name, entry.title, entry.source) for entry in entries]):
        say(f"{line}\n")
    for entry in entries:
        if entry.releases:
            say(f"\nReleases that changed {entry.name}; any other is like the last one before it:\n")
        for line in columns(entry.releases):
            say(f"{line}\n")
    return 0
