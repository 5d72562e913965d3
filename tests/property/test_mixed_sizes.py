"""Accesses of several sizes: under SC what happens is what interleaving them over bytes gives; and pieces wider than
bytes lose nothing under the models that know of pieces."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litmus.event import pieces, unfold
from litmus.frontend.dispatch import parse
from litmus.program.program import Program
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.selection import ModelOptions

MIXED = Settings(ModelOptions(variants=("mixed",)))
BYTES = 4
START = 0x04030201
_SUFFIX = {1: "B", 2: "H", 4: ""}


@dataclass(frozen=True)
class Access:
    """A load, or with a ``value`` a store, of ``size`` bytes; with ``swaps`` it is an atomic exchange."""

    size: int
    offset: int
    value: int | None
    swaps: bool = False

    def lines(self, register: int) -> list[str]:
        """The instructions, which use the register and the next two."""
        place = f"X{register + 2}"
        lines = [f"ADD {place},X30,#{self.offset}"]
        if self.value is not None:
            lines.append(f"MOV W{register},#{self.value & 0xFFFF}")
            if self.size == 4:
                lines.append(f"MOVK W{register},#{self.value >> 16},LSL #16")
        if self.swaps:
            return [*lines, f"SWP{_SUFFIX[self.size]} W{register},W{register + 1},[{place}]"]
        if self.value is not None:
            return [*lines, f"STR{_SUFFIX[self.size]} W{register},[{place}]"]
        return [*lines, f"LDR{_SUFFIX[self.size]} W{register + 1},[{place}]"]


def accesses(atomic: bool) -> st.SearchStrategy[Access]:
    """A random access."""

    def placed(size: int) -> st.SearchStrategy[Access]:
        offsets = st.sampled_from(range(0, BYTES, size))
        value = st.integers(0, (1 << 8 * size) - 1)
        plain = st.builds(Access, st.just(size), offsets, st.none() | value)
        return plain | st.builds(Access, st.just(size), offsets, value, st.just(True)) if atomic else plain

    return st.sampled_from(list(_SUFFIX)).flatmap(placed)


def threads(atomic: bool = True) -> st.SearchStrategy[list[list[Access]]]:
    """Two short threads."""
    return st.lists(st.lists(accesses(atomic), min_size=1, max_size=3), min_size=2, max_size=2)


def program(code: list[list[Access]]) -> Program:
    """The test of the threads, which shows everything that they read and what they leave."""
    columns = [[line for n, access in enumerate(t) for line in access.lines(3 * n)] for t in code]
    height = max(map(len, columns))
    rows = [" | ".join(c[i] if i < len(c) else "" for c in columns) for i in range(height)]
    names = [
        f"{t}:X{3 * n + 1}" for t, mine in enumerate(code) for n, a in enumerate(mine) if a.value is None or a.swaps
    ]
    initial = " ".join(f"{t}:X30=x;" for t in range(len(code))) + " ".join(f"uint32_t {name};" for name in names)
    lines = [" | ".join(f"P{t}" for t in range(len(code))), *rows]
    body = "\n".join(f" {line} ;" for line in lines)
    text = (
        f"AArch64 t\n{{ uint32_t x={START}; {initial} }}\n{body}\nlocations [{' '.join(n + ';' for n in names)} x;]\n"
    )
    (found,) = parse(Source("t.litmus", text))
    return found


def states(result) -> set[tuple[int, ...]]:
    """The values of each state, in order."""
    return {tuple(value for _, value in state) for state in result.states}


def interleaved(
    code: list[list[Access]], memory: bytes, read: tuple[tuple[int, ...], ...]
) -> Iterator[tuple[int, ...]]:
    """Every outcome of running the accesses one after the other, in every order that the threads allow."""
    if not any(code):
        yield (*(value for mine in read for value in mine), int.from_bytes(memory, "little"))
    for thread, rest in enumerate(code):
        if rest:
            access = rest[0]
            end = access.offset + access.size
            old, after = int.from_bytes(memory[access.offset : end], "little"), memory
            if access.value is not None:
                after = memory[: access.offset] + access.value.to_bytes(access.size, "little") + memory[end:]
            seen = list(read)
            if access.value is None or access.swaps:
                seen[thread] = (*seen[thread], old)
            yield from interleaved([r[1:] if t == thread else r for t, r in enumerate(code)], after, tuple(seen))


@settings(max_examples=60, deadline=None)
@given(threads())
def test_sc_is_interleaving(code):
    result = evaluate(program(code), "sc", MIXED)
    assert not result.unknown + result.inexact
    assert states(result) == set(interleaved(code, START.to_bytes(BYTES, "little"), ((),) * len(code)))


def _of_bytes(asked: Program, code: object) -> pieces.Layout:
    return replace(pieces.whole(asked, code), granule=1, uniform=True, bounds={"x": tuple(range(BYTES + 1))})


@pytest.mark.parametrize("model", ["sc", "armv8"])
@settings(max_examples=30, deadline=None)
@given(code=threads())
def test_wide_pieces_lose_nothing(model, code):
    asked = program(code)
    wide = evaluate(asked, model, MIXED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unfold, "whole", _of_bytes)
        narrow = evaluate(asked, model, MIXED)
    assert dict(wide.states) == dict(narrow.states)
