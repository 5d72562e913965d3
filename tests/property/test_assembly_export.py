"""Tests exported as assembly have the final states of their source, as our own reading of the assembly finds them."""

import importlib.util
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from types import ModuleType

import pytest
from hypothesis import given, settings

from litmus.arch.compile import LL_SC, LSE, CompileOptions, compile_for
from litmus.errors import UnsupportedError
from litmus.export.assembly.export import AssemblyExport, export_assembly
from litmus.frontend.dispatch import parse
from litmus.program.program import Assertion, Program, Quantifier
from litmus.program.term import Address, FinalLocation, FinalRegister, Term, Value
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

MACHINES = ("armv8", "x86", "power", "riscv")
ANYTHING = Assertion(Quantifier.EXISTS, "", 1)
State = frozenset[tuple[Term, Value]]


def _beside(name: str) -> ModuleType:
    """Load a module beside this file: tests are no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


marked = _beside("test_lowering_is_sound")
widths = _beside("width_programs")


class Both:
    """A test, and what it is exported to for a machine."""

    def __init__(self, program: Program, machine: str, retry: bool = False, *, lse: bool = False) -> None:
        self.settings = Settings(lse=lse)
        self.program = program if program.assertions else replace(program, assertions=(ANYTHING,))
        self.machine = machine
        options = CompileOptions(atomics=LSE if lse else LL_SC)
        compiled = compile_for(self.program, machine, options=options)
        (assertion,) = self.program.assertions
        self.text = export_assembly(compiled, assertion, retry=retry).text
        self.export = AssemblyExport(compiled, retry=retry)
        self.export.fields(assertion)
        (self.back,) = parse(Source("t.litmus", self.text))

    def source_states(self) -> set[State]:
        found = evaluate(self.program, self.machine, self.settings).states
        return {frozenset((of, value) for of, value in state if of in self.program.observed) for state in found}

    def exported_states(self) -> set[State]:
        spell = self.export.target.spell
        terms: dict[Term, Term] = {
            FinalRegister(thread, spell(machine, "")): FinalRegister(thread, name)
            for (thread, name), machine in self.export.registers.items()
        }
        names = {exported: name for name, exported in self.export.layout.locations.items()}
        terms |= {FinalLocation(exported): FinalLocation(name) for exported, name in names.items()}
        addresses = {here.address: there.address for here in self.back.locations for there in self.program.locations
                     if names.get(here.name) == there.name}  # fmt: skip

        def meant(value: Value) -> Value:
            return addresses[value] if isinstance(value, Address) else value

        found = evaluate(self.back, self.machine, self.settings).states
        wanted = self.program.observed
        return {frozenset((terms[of], meant(v)) for of, v in state if terms.get(of) in wanted) for state in found}

    def compare(self) -> None:
        assert self.exported_states() == self.source_states(), self.text


@pytest.mark.parametrize("machine", MACHINES)
@settings(max_examples=12, deadline=None)
@given(program=marked.programs())
def test_primitives_have_the_states_of_their_source(machine: str, program: Program) -> None:
    Both(program, machine).compare()


def text(number: int) -> str:
    source: str = widths.program(Random(number))
    return source.replace("models lkmm;", "models armv8, x86, power, riscv;")


@pytest.mark.parametrize("machine", MACHINES)
def test_computations_have_the_states_of_their_source_or_are_refused(machine: str) -> None:
    told = Counter[bool]()
    for number in range(24):
        (program,) = parse(Source("t.lit", text(number)))
        try:
            both = Both(program, machine)
        except UnsupportedError:
            told[False] += 1
            continue
        both.compare()
        told[True] += 1
    assert told[True] > 0


LINKS = {
    "data": "WRITE_ONCE(TO, (r ^ r) + 1);",
    "truth": "WRITE_ONCE(TO, (r == r) || (r > 5));",
    "choice": "WRITE_ONCE(TO, r > 7 ? 3 : 1);",
    "address": "p = &TO + (r & 0); WRITE_ONCE(*p, 1);",
    "control": "if (r > 5) { d = 1; } WRITE_ONCE(TO, 1);",
    "both sides": "if (r || r < 9) { WRITE_ONCE(TO, 1); }",
    "nothing": "d = r ^ r; WRITE_ONCE(TO, 1);",
    "comparison": "await (r < 9); WRITE_ONCE(TO, 1);",
    "assumption": "assume (r < 9); WRITE_ONCE(TO, 1);",
    "failure": "d = cmpxchg_relaxed(&z, r + 1, 2); WRITE_ONCE(TO, 1);",
    "success": "d = cmpxchg_relaxed(&z, r & 0, 2); WRITE_ONCE(TO, 1);",
}


def linked(link: str, to: str) -> str:
    return LINKS[link].replace("TO", to)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("link", list(LINKS))
def test_dependencies_are_those_of_the_source(link: str, machine: str) -> None:
    """Load buffering tells whether what a thread reads is ordered before what it writes."""
    (program,) = parse(
        Source(
            "t.lit",
            'litmus "LB" models armv8, x86, power, riscv; int x; int y; int z;'
            f"thread A {{ r = READ_ONCE(x); {linked(link, 'y')} }}"
            f"thread B {{ r = READ_ONCE(y); {linked('data', 'x')} }}"
            "exists e: A.r == 1 && B.r == 1; locations A.r, B.r, x, y, z;",
        )
    )
    Both(program, machine).compare()


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("retry", [True, False])
def test_store_conditionals_that_are_tried_again_add_no_states(retry: bool, machine: str) -> None:
    (program,) = parse(
        Source(
            "t.lit",
            'litmus "retry" models armv8, x86, power, riscv; atomic_t x; int y;'
            "thread A { r = atomic_cmpxchg_relaxed(&x, 0, 1); WRITE_ONCE(y, 1); }"
            "thread B { r = READ_ONCE(y); atomic_set(&x, r + 2); }"
            "exists e: A.r == 1 && B.r == 1; locations A.r, B.r, x, y;",
        )
    )
    Both(program, machine, retry).compare()


@pytest.mark.parametrize("machine", MACHINES)
def test_what_follows_an_update_depends_on_its_store_conditional_where_the_loop_looks_at_it(machine: str) -> None:
    (program,) = parse(
        Source(
            "t.lit",
            'litmus "MP" models armv8, x86, power, riscv; int x; int y;'
            "thread A { r = cmpxchg_relaxed(&x, 0, 1); WRITE_ONCE(y, 1); }"
            "thread B { r = READ_ONCE(y); p = &x + (r & 0); s = READ_ONCE(*p); }"
            "exists e: B.r == 1 && B.s == 0; locations A.r, B.r, B.s;",
        )
    )
    both = Both(program, machine)
    both.compare()
    (found,) = evaluate(program, machine, Settings()).tallies
    assert bool(found.positive) == (machine in ("armv8", "power"))


UPDATES = {
    "r = atomic_fetch_add(2, &c);": "LDADDAL",
    "r = 0; atomic_inc(&c);": "STADD",
    "r = atomic_fetch_and_acquire(5, &c);": "LDCLRA",
    "r = atomic_fetch_andnot_release(1, &c);": "LDCLRL",
    "r = atomic_xchg_relaxed(&c, 4);": "SWP",
    "r = atomic_cmpxchg(&c, 0, 7);": "CASAL",
    "r = atomic_cmpxchg_acquire(&c, 1, 7);": "CASA",
    "r = atomic_cmpxchg_relaxed(&c, s, s + 1);": "CAS",
    "r = atomic_sub_return_release(3, &c);": "LDADDL",
    "r = test_and_set_bit(2, &f);": "LDSETAL",
}


@pytest.mark.parametrize("update", list(UPDATES))
def test_single_instructions_have_the_states_of_their_source(update: str) -> None:
    (program,) = parse(
        Source(
            "t.lit",
            'litmus "LB" models armv8; int x; int y; atomic_t c; unsigned long f;'
            f"thread A {{ s = READ_ONCE(x); {update} WRITE_ONCE(y, 1); }}"
            "thread B { s = READ_ONCE(y); smp_mb(); atomic_set(&c, s); WRITE_ONCE(x, 1); }"
            "exists e: A.s == 1 && B.s == 1; locations A.r, A.s, B.s, x, y, c, f;",
        )
    )
    both = Both(program, "armv8", lse=True)
    assert f"{UPDATES[update]} " in both.text
    both.compare()


@pytest.mark.parametrize("machine", MACHINES)
def test_structs_that_pointers_lead_into_have_the_states_of_their_source(machine: str) -> None:
    (program,) = parse(
        Source(
            "t.lit",
            'litmus "st" models armv8, x86, power, riscv; struct node { int v; struct node *next; };'
            "struct node a; struct node b; struct node *head = &a;"
            "thread A { b.v = 1; WRITE_ONCE(b.next, &a); smp_store_release(&head, &b); }"
            "thread B { p = READ_ONCE(head); r = READ_ONCE(p->v); q = READ_ONCE(p->next); }"
            "exists e: B.p == &b && B.r == 0; locations B.p, B.q, B.r, a.v, b.v, head;",
        )
    )
    both = Both(program, machine)
    both.compare()
    assert "int64_t b[2]" in both.text
