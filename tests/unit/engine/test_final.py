"""How final values show through the types that herd files declare, and what they compare equal with.

Each row was compared with herd7 7.58.
"""

import pytest

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.engine.base import Result
from litmus.engine.judge import check
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.term import FinalLocation, FinalRegister, Value
from litmus.source import Source

TARGETS = {"AArch64": "armv8", "RISCV": "riscv", "PPC": "power", "X86": "x86", "X86_64": "x86", "C": "lkmm"}


def _result(text: str) -> Result:
    (program,) = parse(Source("t.litmus", text))
    target = TARGETS[program.dialect]
    compiled = compile_for(program, target)
    return check(program, unfold(program, compiled.threads, target, 2), load_model(target))


def _state(text: str) -> dict[str, Value]:
    result = _result(text)
    assert not result.inexact
    (state,) = result.states
    names = {of: of.register if isinstance(of, FinalRegister) else of.name for of, _ in state
             if isinstance(of, FinalRegister | FinalLocation)}  # fmt: skip
    return {names[of]: value for of, value in state if of in names}


@pytest.mark.parametrize(
    ("declared", "initial", "shown"),
    [
        ("int", "4294967295", -1),
        ("int", "0x8000000000000001", 1),
        ("", "2147483648", -2147483648),
        ("uint32_t", "-1", 4294967295),
        ("uint8_t", "300", 44),
        ("uint8_t", "-1", 255),
        ("int8_t", "200", -56),
        ("int16_t", "65535", -1),
        ("uint64_t", "-1", 18446744073709551615),
        ("uint64_t", "0xffffffffffffffff", 18446744073709551615),
        ("int64_t", "0xffffffffffffffff", -1),
    ],
)
@pytest.mark.parametrize("dialect", ["AArch64", "PPC", "RISCV"])
def test_untouched_locations_show_their_type(dialect: str, declared: str, initial: str, shown: int) -> None:
    state = _state(f"{dialect} t\n{{ {declared} x={initial}; }}\n P0 ;\n L: ;\nexists (x=0)")
    assert state == {"x": shown}


@pytest.mark.parametrize(
    ("dialect", "initial", "line", "shown"),
    [
        ("AArch64", "uint8_t x; 0:X1=x; 0:X0=-1;", "STRB W0,[X1]", 255),
        ("AArch64", "int8_t x; 0:X1=x; 0:X0=-1;", "STRB W0,[X1]", -1),
        ("AArch64", "uint32_t x; 0:X1=x; 0:X0=-1;", "STR W0,[X1]", 4294967295),
        ("AArch64", "uint64_t x; 0:X1=x; 0:X0=-1;", "STR X0,[X1]", 18446744073709551615),
        ("AArch64", "0:X1=x; 0:X0=0x123456789;", "STR X0,[X1]", 0x23456789),
        ("RISCV", "uint8_t x; 0:x5=x; 0:x6=-1;", "sb x6,0(x5)", 255),
        ("RISCV", "int8_t x; 0:x5=x; 0:x6=-1;", "sb x6,0(x5)", -1),
        ("PPC", "uint16_t x; 0:r1=x; 0:r2=-1;", "sth r2,0(r1)", 65535),
        ("X86_64", "uint64_t x; 0:rcx=x; 0:rax=-1;", "movq %rax,(%rcx)", 18446744073709551615),
    ],
)
def test_written_locations_show_their_type(dialect: str, initial: str, line: str, shown: int) -> None:
    assert _state(f"{dialect} t\n{{ {initial} }}\n P0 ;\n {line} ;\nexists (x=0)") == {"x": shown}


@pytest.mark.parametrize(
    ("line", "register", "shown"),
    [
        ("LDRB W2,[X1]", "uint64_t 0:X2", 44),
        ("LDRSB W2,[X3]", "uint32_t 0:X2", 4294967240),
        ("LDRSB X2,[X3]", "int64_t 0:X2", -56),
        ("LDADDB W0,W2,[X1]", "int 0:X2", 44),
    ],
)
def test_reads_see_the_initial_value_cut_to_its_type(line: str, register: str, shown: int) -> None:
    initial = f"uint8_t x=300; int8_t y=200; 0:X1=x; 0:X3=y; 0:X0=1; {register};"
    assert _state(f"AArch64 t\n{{ {initial} }}\n P0 ;\n {line} ;\nexists (0:X2=0)") == {"X2": shown}


@pytest.mark.parametrize(
    "condition",
    [
        "x=4294967295", "x=-1", "x=0xffffffff", "x=0xfffffffffffffffe \\/ x=0xffffffffffffffff",
        "y=255", "y=-1", "y=511", "z=-1", "z=255", "z=511", "q=-1", "q=18446744073709551615",
        "0:X0=-1", "0:X0=4294967295", "0:X0=0xffffffffffffffff", "0:X4=255", "0:X4=-1",
    ],
)  # fmt: skip
def test_constants_are_compared_in_the_bits_of_the_type(condition: str) -> None:
    initial = "int x=-1; uint8_t y=255; int8_t z=-1; uint64_t q=-1; 0:X0=-1; uint8_t 0:X4=255;"
    (tally,) = _result(f"AArch64 t\n{{ {initial} }}\n P0 ;\n L: ;\nexists ({condition})").tallies
    assert (tally.positive, tally.negative) == (1, 0)


def test_c_converts_initial_values_as_assignments_do() -> None:
    text = "C t\n{ int8_t x=200; bool b=7; }\nP0(int8_t *x, bool *b) { int r0 = READ_ONCE(*x); int r1 = *b; }"
    assert _state(f"{text}\nexists (0:r0=0 /\\ 0:r1=0 /\\ x=0)") == {"r0": -56, "r1": 1, "x": -56}


def test_the_filter_compares_as_the_condition_does() -> None:
    text = "AArch64 t\n{ uint8_t x=255; }\n P0 ;\n L: ;\nfilter (x=-1)\nexists (x=255)"
    assert _result(text).executions == 1
