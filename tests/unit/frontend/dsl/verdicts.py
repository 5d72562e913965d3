"""What tests in the language come to, for the tests of its specification."""

from collections.abc import Iterator

from litmus.engine.base import Result, Tally, Verdict
from litmus.frontend.dsl.parse import parse
from litmus.program.program import Program
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate


def results(text: str, files: dict[str, str] | None = None) -> Iterator[tuple[Program, str, Result]]:
    """Yield what each test and variant in a text comes to under each of its models."""
    for program in parse(Source("t.lit", text), lambda name: Source(name, (files or {})[name])):
        for model in program.models:
            yield program, model, evaluate(program, model, Settings())


def tallies(text: str, files: dict[str, str] | None = None) -> list[tuple[str, str, Tally]]:
    """Return the names of the tests and models, with what comes of each assertion."""
    return [(p.title, m, tally) for p, m, result in results(text, files) for tally in result.tallies]


def wrong(text: str, files: dict[str, str] | None = None) -> list[tuple[str, str, str | None, Verdict]]:
    """Return the assertions that do not hold."""
    found = tallies(text, files)
    assert found, "nothing is asserted"
    return [(title, model, t.assertion.name, t.verdict) for title, model, t in found if t.verdict is not Verdict.HOLDS]
