"""Bytes and halves of x86 registers in memory accesses, by the Intel SDM."""

import pytest

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.engine.judge import check
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.term import FinalLocation, FinalRegister
from litmus.source import Source

INITIAL = "int64_t 0:rax=-256; int64_t 0:rbx=0x1ff; 0:rdx=x;"


def _ends(declared: str, line: str) -> tuple[object, ...]:
    locations = "locations [0:rax; 0:rbx; x;]"
    text = f"X86_64 t\n{{ {declared}; {INITIAL} }}\n P0 ;\n {line} ;\n{locations}\nforall (true)"
    (program,) = parse(Source("t.litmus", text))
    compiled = compile_for(program, "x86")
    result = check(program, unfold(program, compiled.threads, "x86", 2), load_model("x86"))
    assert not result.inexact
    (state,) = result.states
    found = {of.register if isinstance(of, FinalRegister) else "x": value for of, value in state}
    assert all(isinstance(of, FinalRegister | FinalLocation) for of, _ in state)
    return found["rax"], found["rbx"], found["x"]


@pytest.mark.parametrize(
    ("declared", "line", "expected"),
    [
        ("uint8_t x=200", "movb (%rdx),%al", (-56, 0x1FF, 200)),
        ("uint8_t x=200", "movb %bl,(%rdx)", (-256, 0x1FF, 255)),
        ("int8_t x=200", "addb %bl,(%rdx)", (-256, 0x1FF, -57)),
        ("int8_t x=-128", "lock decb (%rdx)", (-256, 0x1FF, 127)),
        ("uint16_t x=0xffff", "xchgw %bx,(%rdx)", (-256, 0xFFFF, 0x1FF)),
        ("uint16_t x=0xffff", "lock xaddw %bx,(%rdx)", (-256, 0xFFFF, 0x1FE)),
        ("uint8_t x=0", "lock cmpxchgb %bl,(%rdx)", (-256, 0x1FF, 255)),
        ("uint8_t x=200", "lock cmpxchgb %bl,(%rdx)", (-56, 0x1FF, 200)),
        ("uint16_t x=0xff00", "lock cmpxchgw %bx,(%rdx)", (-256, 0x1FF, 0x1FF)),
        ("uint32_t x=0xffffff00", "lock cmpxchgl %ebx,(%rdx)", (-256, 0x1FF, 0x1FF)),
        ("int64_t x=5", "lock cmpxchgq %rbx,(%rdx)", (5, 0x1FF, 5)),
        ("int64_t x=-256", "lock cmpxchgq %rbx,(%rdx)", (-256, 0x1FF, 0x1FF)),
        ("int64_t x=-1", "lock cmpxchgq %rbx,(%rdx)", (-1, 0x1FF, -1)),
    ],
)
def test_accesses(declared: str, line: str, expected: tuple[int, ...]) -> None:
    assert _ends(declared, line) == expected
