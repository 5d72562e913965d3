"""A small dose of the fuzzer, the same each time, and what it found in larger ones."""

import sys
from itertools import islice
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from inputs import Input, inputs
from subject import judge

SEED = 2026


def test_a_dose() -> None:
    wrong = {}
    for number, given in islice(inputs(SEED), 300):
        _, finding = judge(given, Random(f"{SEED}/{number}/use"))
        if finding is not None:
            wrong[number] = finding
    assert not wrong


def test_the_same_seed_gives_the_same_input() -> None:
    first, again = ([given for _, given in islice(inputs(1, 40), 5)] for _ in range(2))
    assert first == again


HEAD = 'litmus "f"\nint x; atomic_t a; struct node { int v; } n;\n'
FOUND = {
    "empty blocks in each other": (".litmus", "C t\n{ x=1; }\nP0(int *x)\n{\n int r0; { { } }\n}\nexists (0:r0=1)"),
    "a condition before empty blocks": (
        ".litmus",
        "C t\n{ }\nP0(int *x)\n{\n int r0; if (*x) { {} }\n}\nexists (0:r0=1)",
    ),
    "an address where bits are cleared": (".lit", HEAD + "thread T { atomic_andnot(n, &a); }\nallow s: x == 0;"),
    "a condition converted to a struct": (".lit", HEAD + "thread T { x = 1; }\nallow s: (struct node)x;"),
    "a value converted to a struct": (".lit", HEAD + "thread T { x = (struct node)x + (atomic_t)x; }\nallow s: x;"),
    "an object of nothing": (".lit", 'litmus "f"\nint x; struct q { } y;\nthread T { r = 1; }\nallow s: T.r == 1;'),
    "an include of a name that no file can have": (".cat", f'"m"\ninclude "{"cos.cat" * 100}"\nacyclic po | rf as a\n'),
    "a struct called like a claim": (
        ".lit",
        'litmus "f"\nstruct allow { int v; } page, other; struct allow more;\nthread T { }\nallow s: page->v;',
    ),
    "an array that no memory holds": (
        ".litmus",
        "C t\n{ int a[999999999999999992] = {1}; }\nP0(int *a) { }\nexists (true)",
    ),
    "a test without threads": (".litmus", "C t\n{ int x = 1; }\nexists (x=1)"),
    "a variant called variant": (
        ".lit",
        'litmus "f"\ndoc "d";\nint x;\nthread T { [L] x = 1; }\nallow s: x;\nvariant variant { drop L; }',
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_found_before(name: str) -> None:
    suffix, text = FOUND[name]
    assert judge(Input("found", suffix, text.encode()), Random(1))[1] is None
