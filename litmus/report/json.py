"""Results as JSON: one object on a line for each test and model, so that long runs can be read as they go.

The fields are part of the interface: they are added to, never renamed.
"""

import json
from collections.abc import Mapping
from typing import TypeAlias

from litmus.engine.base import Result, State, Tally
from litmus.report.naming import DslNaming, HerdNaming, naming, observable

Json: TypeAlias = "Mapping[str, Json] | list[Json] | str | int | float | bool | None"


def line(document: Json) -> str:
    """Return ``document`` on one line."""
    return json.dumps(document, ensure_ascii=False) + "\n"


def outcome(result: Result) -> Json:
    """Return all outcomes of one test under one model."""
    names = naming(result.program)
    return {
        "test": result.program.name,
        "variant": result.program.variant,
        "model": result.model,
        "dialect": str(result.program.dialect),
        "states": [{"state": _state(names, state), "executions": count} for state, count in result.states.items()],
        "executions": result.executions,
        "candidates": result.candidates,
        "assertions": [_assertion(names, tally) for tally in result.tallies],
        "flags": dict(result.flags),
        "undefined": dict(result.undefined),
        "complete": not result.unknown,
        "unknown": list(result.unknown),
        "inexact": list(result.inexact),
        "bound_reached": result.bound_reached,
        "deadlock": result.deadlock,
        "seconds": round(result.seconds, 6),
    }


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
        "positive": tally.positive,
        "negative": tally.negative,
        "verdict": str(tally.verdict),
        "reason": tally.reason,
    }
