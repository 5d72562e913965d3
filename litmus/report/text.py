"""What people read: outcomes of a test, and how its expectations fare."""

from collections.abc import Iterator, Sequence

from litmus.engine.base import Ask, Observation, Result, Tally, Verdict
from litmus.program.program import Quantifier
from litmus.report.naming import DslNaming, HerdNaming, naming


def outcomes(result: Result, counts: bool = False) -> Iterator[str]:
    """Yield the lines that tell all outcomes of one test under one model; with ``counts``, how many executions end in
    each state."""
    names = naming(result.program)
    yield f"{result.program.title} under {result.model}"
    if result.ask is not Ask.VERDICT:
        so_far = " so far" if result.out_of_time else ""
        yield f"  {_count(len(result.states), 'state')}{so_far}, {_executions(result, result.executions)}"
        yield from (f"    {line}" for line in _states(result, names, counts))
    yield from (f"  {line}" for line in columns([_told(result, tally) for tally in result.tallies]))
    yield from (f"  flag {flag}: {_executions(result, number)}" for flag, number in sorted(result.flags.items()))
    for name, number in sorted(result.undefined.items()):
        yield f"  undefined, by {name}: {_executions(result, number)}"
    if result.deadlock:
        yield "  DEADLOCK: no execution ends"
    yield from (f"  incomplete: {reason}" for reason in result.unknown)
    yield from (f"  inexact: {reason}" for reason in result.inexact)


def _states(result: Result, names: DslNaming | HerdNaming, counts: bool) -> Iterator[str]:
    width = max((len(str(number)) for _, number in result.states.items()), default=1)
    for state, number in names.counted(result.states.items()):
        count = f"{number:>{width}}x  " if counts else ""
        yield f"{count}{state or '(nothing is observed)'}"


def _executions(result: Result, number: int) -> str:
    return _count(number, "execution") if result.counted else "executions not counted"


def _told(result: Result, tally: Tally) -> tuple[str, ...]:
    claim = naming(result.program).claim(tally.assertion)
    question = tally.assertion.quantifier is Quantifier.EXISTS and tally.verdict is not Verdict.UNKNOWN
    verdict = "" if question else str(tally.verdict)
    if result.program.unconditional:
        verdict = "the test has no condition that could fail"
    observed = seen(result, tally)
    return claim, f"{observed} ({tally.share})" if tally.share else observed, verdict


def seen(result: Result, tally: Tally) -> str:
    """Return how often a condition holds; where the search was not finished, and more of it could say otherwise, how
    often it did so far."""
    settled = not result.out_of_time or tally.observation is Observation.SOMETIMES
    return str(tally.observation) if settled else f"{tally.observation} so far"


def found_so_far(result: Result, most: int) -> Iterator[str]:
    """Yield lines with the states that were found before the time limit, ``most`` of them at most."""
    names = naming(result.program)
    yield f"{_count(len(result.states), 'state')} found so far{':' if result.states else ''}"
    states = [state for state, _ in names.counted(result.states.items())]
    yield from (f"  {state or '(nothing is observed)'}" for state in states[:most])
    if len(states) > most:
        yield f"  and {len(states) - most} more"


def columns(rows: Sequence[Sequence[str]], gap: str = "  ") -> Iterator[str]:
    """Yield the rows as lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield gap.join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
