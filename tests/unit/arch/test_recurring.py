"""Threads of assembly that recur have the code that they have anywhere, with origins of their own."""

import pytest

from litmus.arch.compile import compile_for
from litmus.arch.recurring import _mold
from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.program.instruction import Label
from litmus.source import Source

TEXT = """X86 {name}
{{ {init} }}
{head}
 L: MOV EAX,[x] | MOV EAX,[x]    ;
 MOV [{stored}],EAX    | {other}        ;
 CMP EAX,$0     |                ;
 JE L           |                ;
exists (x=1)
"""


def code(text: str) -> list[tuple[object, ...]]:
    (program,) = parse(Source("t.litmus", text))
    found = [i for thread in compile_for(program, "x86").threads for i in thread]
    return [(i, None if isinstance(i, Label) else (i.origin, i.origin.span)) for i in found]


def text(**changes: str) -> str:
    given = {"name": "t", "init": "", "head": " P0 | P1 ;", "stored": "x", "other": "MOV [y],EAX", **changes}
    return TEXT.format(**given)


@pytest.mark.parametrize(
    "other",
    [{"name": "longer"}, {"init": "0:EAX=1;"}, {"init": "int64_t 0:EAX;"}, {"stored": "y"}, {"head": "P0|P1;"}],
)
def test_origins_are_those_of_the_thread_itself(other: dict[str, str]) -> None:
    _mold.cache_clear()
    fresh = code(text(**other))
    _mold.cache_clear()
    code(text())
    known = code(text(**other))
    assert [i for i, _ in known] == [i for i, _ in fresh]
    spans = [place[1] and (place[1].start, place[1].end) for _, place in known if isinstance(place, tuple)]
    assert spans == [place[1] and (place[1].start, place[1].end) for _, place in fresh if isinstance(place, tuple)]


def test_two_threads_of_a_test_may_be_the_same() -> None:
    (program,) = parse(Source("t.litmus", "X86 t\n{ x; }\n P0 | P1 ;\n MFENCE | MFENCE ;\nexists x=0\n"))
    labels = [instruction.origin.label for (instruction,) in compile_for(program, "x86").threads]
    assert labels == ["P0:4", "P1:4"]


def test_an_error_is_of_the_thread_that_it_is_in() -> None:
    def place(given: str) -> str:
        with pytest.raises(LitmusError) as caught:
            code(given)
        return caught.value.render()

    first, second = (
        place(text(other="MOVE [x],$1")),
        place(text(name="longer", head="\n P0 | P1 ;", other="MOVE [x],$1")),
    )
    assert first.startswith("t.litmus:5:19: error: unknown instruction 'MOVE'")
    assert second.startswith("t.litmus:6:19: error: unknown instruction 'MOVE'")
