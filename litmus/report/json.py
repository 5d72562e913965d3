"""Results as JSON: one object on a line for each test and model, so that long runs can be read as they go.

The fields are part of the interface: they are added to, never renamed.
"""

from collections.abc import Mapping
from typing import TypeAlias

from litmus.engine.base import Ask, Result, State, Tally
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
            {"state": _state(names, state), "executions": _counted(result, count)}
            for state, count in (result.states.items() if result.ask is not Ask.VERDICT else ())
        ],
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
    return [_state(names, state) for state in result.states]


def _counted(result: Result, number: int) -> int | None:
    """Return a number of executions, None where they were not counted."""
    return number if result.counted else None


def _state(names: DslNaming | HerdNaming, state: State) -> Json:
    return {
        names.observable(of): value if isinstance(value, int) else names.value(value)
        for of, value in state
        if observable(of)
    }


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
