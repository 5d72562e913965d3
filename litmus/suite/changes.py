"""What changed between two answers about the same tests: two result files, or two models.

A verdict or a state that one side does not know, because a bound or a time limit was met, is no change and no proof
that there is none: the test is unknown.
"""

import json as reading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError, ParseError, UsageError
from litmus.program.program import Program
from litmus.report import json
from litmus.suite.answer import Answer, failure
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.files import read_source
from litmus.suite.status import Status, worst

ABSENT, UNKNOWN = "absent", "unknown"

Key: TypeAlias = tuple[str, str | None, str | None, int]
"""A test, its variant and its model, and how many of that name come before it."""


@dataclass(slots=True)
class Told:
    """What one side says of a test: how each claim fares, and the final states, None where it does not list them.
    What is not ``complete`` may have more states."""

    claims: dict[str, str] = field(default_factory=dict)
    states: frozenset[str] | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """The differences: claims with how they fared before and after, states that are gone or new."""

    test: str
    model: str | None
    status: Status
    claims: tuple[tuple[str, str, str], ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    note: str = ""


def change(test: str, model: str | None, before: Told, after: Told) -> Change:
    """Return how ``after`` differs from ``before``."""
    names = dict.fromkeys((*before.claims, *after.claims))
    pairs = [(name, before.claims.get(name, ABSENT), after.claims.get(name, ABSENT)) for name in names]
    claims = tuple(pair for pair in pairs if pair[1] != pair[2])
    gone = _less(before, after)
    new = _less(after, before)
    known = any(UNKNOWN not in pair[1:] for pair in claims)
    whole = before.complete and after.complete
    status = Status.FAILED if known or gone or new else Status.OK if whole and not claims else Status.UNKNOWN
    return Change(test, model, status, claims, gone, new, "" if whole else "not complete")


def _less(some: Told, others: Told) -> tuple[str, ...]:
    """The states of one side that the other certainly lacks."""
    if some.states is None or others.states is None or not others.complete:
        return ()
    return tuple(sorted(some.states - others.states))


# ---------------------------------------------------------------------------------------------------------------- lines
def told(document: Mapping[str, Any]) -> Told:
    """Return what a line of ``litmus run --format json`` says."""
    claims = {a["name"] or a["claim"]: _claim(a) for a in document["assertions"]}
    claims |= {f"flag {name}": "set" for name in document["flags"]}
    claims |= {f"undefined, by {name}": "so" for name in document["undefined"]}
    claims |= {"deadlock": "so"} if document["deadlock"] else {}
    states = frozenset(_state(each["state"]) for each in document["states"])
    complete = bool(document["complete"]) and not document["inexact"]
    # with --verdict-only no states are listed, but there are executions
    return Told(claims, states if states or document["executions"] == 0 else None, complete)


def _claim(assertion: Mapping[str, Any]) -> str:
    if assertion["verdict"] == UNKNOWN:
        return UNKNOWN
    asks = assertion["quantifier"] == "exists"
    return str(assertion["observation"]) if asks else f"{assertion['observation']}, {assertion['verdict']}"


def _state(state: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}={value}" for name, value in sorted(state.items())) or "(nothing is observed)"


def read_results(path: Path) -> dict[Key, Told]:
    """Return what a file says that ``litmus run`` or ``litmus check`` wrote with ``--format json``.

    Raises:
        UsageError: where it cannot be read.
        ParseError: at the first line that is none of theirs.
    """
    source = read_source(path)
    found: dict[Key, Told] = {}
    seen: Counter[tuple[object, ...]] = Counter()
    offset = 0
    for text in source.text.splitlines(keepends=True):
        if text.strip():
            try:
                _take(reading.loads(text), found, seen)
            except (ValueError, LookupError, TypeError, AttributeError):
                place = source.span(offset, offset + len(text.rstrip()))
                hint = "`litmus run` and `litmus check` write them with --format json"
                raise ParseError("not a result of a test", place, hint=hint) from None
        offset += len(text)
    return found


def _take(document: Mapping[str, Any], found: dict[Key, Told], seen: Counter[tuple[object, ...]]) -> None:
    """Take a line; of a check there is one for each assertion, and one for each error: what has one is unknown."""
    if document.keys() & {"error", "warning"}:
        if "error" in document:
            where = (document["file"] or "(no file)", None, None)
            found[(*where, seen[where])] = Told({"error": document["error"]}, complete=False)
            seen[where] += 1
        return
    about = document["test"], document["variant"], document["model"]
    if "assertions" in document:
        found[(*about, seen[about])] = told(document)
        seen[about] += 1
        return
    one = (*about, document["assertion"])
    entry = found.setdefault((*about, seen[one]), Told())
    seen[one] += 1
    verdict = document["verdict"]
    name = document["assertion"] or document["expected"]
    entry.claims[name] = verdict if verdict == UNKNOWN else f"{document['found'].split(',')[0]}, {verdict}"
    entry.complete &= verdict != UNKNOWN


def between_files(one: Path, other: Path) -> Iterator[Change]:
    """Yield a change for each test of two result files. Where each is about one model, and not about the same, tests
    are compared across models.

    Raises:
        LitmusError: as `read_results`.
    """
    before, after = _across(read_results(one), read_results(other))
    for key in dict.fromkeys((*before, *after)):
        name = f"{key[0]}/{key[1]}" if key[1] else key[0]
        if key not in before or key not in after:
            yield Change(name, key[2], Status.FAILED, note=f"only in {one if key in before else other}")
        else:
            yield change(name, key[2], before[key], after[key])


def _across(before: dict[Key, Told], after: dict[Key, Told]) -> tuple[dict[Key, Told], dict[Key, Told]]:
    models = [{model for _, _, model, _ in side if model is not None} for side in (before, after)]
    if [len(each) for each in models] != [1, 1] or models[0] == models[1]:
        return before, after
    return _of_any_model(before), _of_any_model(after)


def _of_any_model(side: dict[Key, Told]) -> dict[Key, Told]:
    return {(test, variant, None, number): told for (test, variant, _, number), told in side.items()}


# -------------------------------------------------------------------------------------------------------------- answers
def compare_text(program: Program, settings: Settings) -> Iterator[Answer]:
    """What changes from the first to the second model, for people. A `suite.answer.Command`."""
    yield from _between_models(program, settings, "text")


def compare_json(program: Program, settings: Settings) -> Iterator[Answer]:
    """The same as an object on a line. A `suite.answer.Command`."""
    yield from _between_models(program, settings, "json")


def _between_models(program: Program, settings: Settings, style: str) -> Iterator[Answer]:
    try:
        before, after = (_evaluated(program, model, settings) for model in settings.models.names)
    except LitmusError as error:
        yield failure(error)
        return
    yield shown(change(program.title, None, before, after), style)


def _evaluated(program: Program, model: str, settings: Settings) -> Told:
    document = json.outcome(evaluate(program, model, settings))
    assert isinstance(document, Mapping)
    return told(document)


def shown(found: Change, style: str) -> Answer:
    """Return the answer that a change is; what did not change is not printed."""
    lines = _lines(found) if style == "text" else json.line(_document(found))
    return Answer(lines if found.status is not Status.OK else "", status=found.status, findings=(found.status,))


def _lines(found: Change) -> str:
    about = f"{found.test} under {found.model}" if found.model else found.test
    lines = [f"{about}: {_word(found)}" + (f" ({found.note})" if found.note else "")]
    lines += [f"  {name}: {before} -> {after}" for name, before, after in found.claims]
    lines += [f"  - {state}" for state in found.gone]
    lines += [f"  + {state}" for state in found.new]
    return "".join(f"{line}\n" for line in lines)


def _word(found: Change) -> str:
    return "changed" if found.status is Status.FAILED else "unknown" if found.status is Status.UNKNOWN else "the same"


def _document(found: Change) -> json.Json:
    return {
        "test": found.test,
        "model": found.model,
        "change": _word(found),
        "note": found.note or None,
        "claims": [{"name": name, "before": before, "after": after} for name, before, after in found.claims],
        "gone": list(found.gone),
        "new": list(found.new),
    }


def summary(statuses: Sequence[Status], errors: int) -> str:
    """Return a line that counts the tests that changed."""
    counts = f"{statuses.count(Status.FAILED)} changed, {statuses.count(Status.UNKNOWN)} unknown"
    line = f"{len(statuses)} compared: {counts}, {statuses.count(Status.OK)} the same"
    return f"{line}; {errors} error{'' if errors == 1 else 's'}" if errors else line


def require_something(statuses: Sequence[Status], errors: int) -> Status:
    """Return the status of a comparison.

    Raises:
        UsageError: where nothing was compared.
    """
    if not statuses and not errors:
        raise UsageError("there is nothing to compare")
    return worst((*statuses, Status.ERROR) if errors else statuses)
