"""Threads that recur have the paths that they have anywhere, with origins of their own."""

import pytest

from litmus.arch.compile import compile_for
from litmus.arch.recurring import _mold
from litmus.event.path import Path
from litmus.event.recurring import _known
from litmus.event.unfold import thread_paths
from litmus.frontend.dispatch import parse
from litmus.source import Source, Span

TEXT = """X86_64 {name}
{{ {init} }}
{head}
 L: movl (x),%eax      | movl $1,(x)     ;
 movl $1,({stored})    | {other}         ;
 cmpl $0,%eax          | movl (%rcx),%ebx ;
 je L                  | lock xaddl %ebx,(x) ;
{locations}
exists (1:rbx=1)
"""

PLAIN = {
    "name": "t",
    "init": "1:rcx=y;",
    "head": " P0 | P1 ;",
    "stored": "x",
    "other": "movl $1,(y)",
    "locations": "",
}


def paths(unroll: int = 2, **changes: str) -> list[list[Path]]:
    (program,) = parse(Source(changes.get("name", "t"), TEXT.format(**{**PLAIN, **changes})))
    found = thread_paths(program, compile_for(program, "x86").threads, unroll)
    return [list(choice) for choice in found]


def places(choices: list[list[Path]]) -> list[tuple[str, int, int] | None]:
    """The places of all events and steps, which are no part of what makes paths equal."""
    found: list[Span | None] = []
    for path in (path for choice in choices for path in choice):
        found += [event.origin.span for event in path.events]
        found += [getattr(getattr(step.instruction, "origin", None), "span", None) for step in path.trace]
    return [span and (span.source.name, span.start, span.end) for span in found]


def forget() -> None:
    _mold.cache_clear()
    _known.cache_clear()


@pytest.mark.parametrize(
    "other",
    [
        {"name": "longer"},
        {"head": "P0|P1;"},
        {"init": "1:rcx=x;"},
        {"init": "int64_t y; 1:rcx=y;"},
        {"init": "1:rcx=1;"},
        {"init": ""},
        {"init": "x=y; 1:rcx=y;"},
        {"stored": "y"},
        {"other": "mfence"},
        {"unroll": 3},
    ],
)
def test_paths_are_those_of_the_thread_itself(other: dict[str, str | int]) -> None:
    forget()
    fresh = paths(**other)
    forget()
    paths()
    known = paths(**other)
    assert known == fresh
    assert places(known) == places(fresh)
    assert all(place is None or place[0] == other.get("name", "t") for place in places(known))


def test_what_is_known_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    first = paths()
    monkeypatch.setattr("litmus.event.explore.ThreadExplorer.paths", None)
    assert paths(name="longer") != []
    assert [[path.constraints for path in choice] for choice in paths(name="other")] == [
        [path.constraints for path in choice] for choice in first
    ]


def test_addresses_that_mean_something_else_are_explored_anew() -> None:
    """The same registers and code, but what they point to is an element of an array."""
    forget()
    array, alone = paths(init="int x[2]; 1:rcx=x;", stored="y"), paths(init="1:rcx=x;", stored="y")
    assert {event.location for choice in array for path in choice for event in path.events} == {"x[0]", "y"}
    assert {event.location for choice in alone for path in choice for event in path.events} == {"x", "y"}
