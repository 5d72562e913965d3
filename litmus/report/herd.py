"""The text that herd7 prints for a test (herdtools7 7.58, herd/top_herd.ml), so that mcompare7, mdiff7 and the kernel's
scripts can read ours."""

from collections.abc import Iterator
from types import MappingProxyType

from litmus.engine.base import Ask, Result, Tally
from litmus.program.program import Dialect, Program, Quantifier
from litmus.report.naming import HerdNaming

KINDS = MappingProxyType(
    {
        Quantifier.EXISTS: "Allowed",
        Quantifier.ALLOW: "Allowed",
        Quantifier.FORBID: "Forbidden",
        Quantifier.REQUIRE: "Required",
    }
)


def herd(result: Result) -> Iterator[str]:
    """Yield one block for each assertion (herd knows one a test; several are told apart as ``test/assertion``)."""
    several = len(result.tallies) > 1
    for tally in result.tallies:
        name = f"{result.program.title}/{tally.assertion.name}" if several else result.program.title
        lines = _observed(result, tally, name) if result.ask is Ask.VERDICT else _block(result, tally, name)
        yield "".join(f"{line}\n" for line in lines)


def _observed(result: Result, tally: Tally, name: str) -> Iterator[str]:
    """What the kernel's scripts look at where only the verdict is asked for; a deadlock is ``Never 0 0`` to them."""
    yield from (f"Flag {flag}" for flag in sorted(result.flags))
    yield f"Observation {name} {tally.observation}{'' if result.executions else ' 0 0'}"


def _block(result: Result, tally: Tally, name: str) -> Iterator[str]:
    naming = HerdNaming(result.program)
    forbidden = tally.assertion.quantifier is Quantifier.FORBID
    witnesses = (tally.negative, tally.positive) if forbidden else (tally.positive, tally.negative)
    yield f"Test {name} {KINDS[tally.assertion.quantifier]}"
    yield f"States {len(result.states)}"
    yield from (f"{state};" if state else "" for state in naming.states(result.states))
    yield f"{'Loop ' if result.bound_reached else ''}{_clause(result, tally)}"
    yield "Witnesses"
    yield f"Positive: {witnesses[0]} Negative: {witnesses[1]}"
    if result.undefined:
        yield "Flag *undef*"
    yield from (f"Flag {flag}" for flag in sorted(result.flags))
    yield f"Condition {naming.claim(tally.assertion)}"
    yield f"Observation {name} {tally.observation} {tally.positive} {tally.negative}"
    yield f"Time {name} {result.seconds:.2f}"
    if digest := hash_of(result.program):
        yield f"Hash={digest}"
    yield ""


def hash_of(program: Program) -> str | None:
    """Return the hash that herd7 gives the test, None where we cannot tell."""
    stated = next((value for key, value in program.info if key.lower() == "hash"), None)
    if stated is not None or program.dialect is not Dialect.C:
        return stated
    from litmus.report.digest import computed_hash  # imports hashlib, which takes as long as ten tests of assembly

    return computed_hash(program)


def _clause(result: Result, tally: Tally) -> str:
    if result.undefined:
        return "Undef"
    return "Ok" if clause_holds(tally) else "No"


def clause_holds(tally: Tally) -> bool:
    """herd's Ok: whether the clause is true of the executions found (``forall`` of none is)."""
    match tally.assertion.quantifier:
        case Quantifier.FORBID:
            return tally.positive == 0
        case Quantifier.REQUIRE:
            return tally.negative == 0
        case _:
            return tally.positive > 0
