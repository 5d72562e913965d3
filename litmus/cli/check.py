"""``litmus check``: tests against their expectations."""

from typing import Any

import click

from litmus.cli.options import chosen_models, model_options, search_options
from litmus.cli.output import emit, say


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="PATHS...")
@model_options
@search_options
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--matrix", is_flag=True, help="A table for each test: every condition under every model.")
def command(
    paths: tuple[str, ...],
    jobs: int | None,
    memory: int | None,
    timeout: float | None,
    unroll: int | None,
    bitops: str | None,
    lse: bool,
    strict: bool,
    engine: str,
    style: str,
    matrix: bool,
    **models: Any,
) -> int:
    """Hold tests to their expectations under every model they name.

    PATHS are .lit and .litmus files, directories, globs, or @FILE with a path on each line. For each test and variant a
    line for each assertion says what was expected and found, and under which models; whatever does not hold has a line
    for each model, with the details. A .litmus file is held to its `Result:` comment where it has one (Never,
    Sometimes, Always, DEADLOCK, Maybe; DATARACE), else to its ~exists or forall. Maybe expects nothing: it does not
    fail, and does not count as holding.

    With --matrix there is a table for each test instead: a row for each condition, a column for each model, also
    those that the test does not name. The verdict is about the condition; where the test expects nothing it is in
    parentheses, where an expectation is missed it has a '!'. Rows are marked where lkmm allows what no architecture
    does (weaker), and where it forbids what one of them allows (STRONGER: the model or a lowering is wrong).

    Exits with 0 only if every expectation holds, 1 if one fails, 2 for an error in a file or model, 3 if something
    stayed unknown.
    """
    from litmus.engine.base import Ask, EngineName
    from litmus.suite.answer import answers
    from litmus.suite.evaluation import Settings, settled
    from litmus.suite.files import collect

    settings = settled(
        Settings(
            chosen_models(**models), unroll, timeout, bitops=bitops, strict=strict, lse=lse,
            ask=Ask.VERDICT, engine=EngineName(engine),
        )
    )  # fmt: skip
    if matrix:
        from litmus.suite.comparison import matrix_json as as_json
        from litmus.suite.comparison import matrix_text as as_text
    else:
        from litmus.suite.command import check_json as as_json
        from litmus.suite.command import check_text as as_text
    work = as_json if style == "json" else as_text
    tally = emit(answers(collect(paths), work, settings, jobs, memory=memory, kept=True))
    if style == "text":
        from litmus.suite.expectation import summary

        say(summary(tally.findings, tally.errors, tally.vacuous) + "\n")
    return int(tally.status)
