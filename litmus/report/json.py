"""Results as JSON: one object on a line for each test and model, so that long runs can be read as they go.

The fields are part of the interface: they are added to, never renamed.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from litmus.engine.base import Ask, Result, State, Tally
from litmus.program.term import Value
from litmus.report.naming import DslNaming, HerdNaming, naming, observable

Json: TypeAlias = "Mapping[str, Json] | list[Json] | str | int | float | bool | None"


def line(document: Json) -> str:
    """Return ``document`` on one line."""
    import json

    return json.dumps(document, ensure_ascii=False) + "\n"


def outcome(result: Result) -> Json:
    """Return all outcomes of one test under one model."""
    names = naming(result.program)
    return {
        "test": result.program.name,
        "variant": result.program.variant,
        "model": result.model,
        "dialect": str(result.program.dialect),
        "states": [
            {"state": shown, "executions": _counted(result, count)}
            for shown, (_, count) in zip(_states(names, result.states), result.states.items(), strict=True)
        ]
        if result.ask is not Ask.VERDICT
        else [],
        "executions": _counted(result, result.executions),
        "candidates": result.candidates,
        "assertions": [_assertion(names, tally) for tally in result.tallies],
        "flags": {flag: _counted(result, number) for flag, number in result.flags.items()},
        "undefined": {name: _counted(result, number) for name, number in result.undefined.items()},
        "complete": not result.unknown,
        "unknown": list(result.unknown),
        "inexact": list(result.inexact),
        "bound_reached": result.bound_reached,
        "deadlock": result.deadlock,
        "engines": [str(engine) for engine in result.engines],
        "seconds": round(result.seconds, 6),
    }


def states(result: Result) -> Json:
    """Return the states of one test under one model, without numbers."""
    names = naming(result.program)
    return [*_states(names, result.states)]


def _counted(result: Result, number: int) -> int | None:
    """Return a number of executions, None where they were not counted."""
    return number if result.counted else None


def _states(names: DslNaming | HerdNaming, states: Iterable[State]) -> Iterator[Json]:
    """Yield what is observed by name. States hold the same observables in the same places: these are named once."""
    named: list[tuple[str, int]] | None = None
    for state in states:
        if named is None:
            named = [(names.observable(of), place) for place, (of, _) in enumerate(state) if observable(of)]
        yield {name: _value(names, state[place][1]) for name, place in named}


def _value(names: DslNaming | HerdNaming, value: Value) -> Json:
    return value if isinstance(value, int) else names.value(value)


def _assertion(names: DslNaming | HerdNaming, tally: Tally) -> Json:
    return {
        "name": tally.assertion.name,
        "claim": names.claim(tally.assertion),
        "quantifier": str(tally.assertion.quantifier),
        "observation": str(tally.observation),
        "positive": tally.positive if tally.counted else None,
        "negative": tally.negative if tally.counted else None,
        "verdict": str(tally.verdict),
        "reason": tally.reason,
    }
