"""What a model makes of rf and co for operations on locks must be what the engine chose."""

from collections.abc import Callable
from typing import Any

import pytest

from litmus.relation import bits
from litmus.relation.model import Basis, Check, Instance
from litmus.relation.solve import evaluate

N = 7
# 0 initialises the lock; thread 0 takes (1, 2) and releases it (3), thread 1 takes (4, 5) and releases it (6).
PO = bits.from_pairs([(1, 2), (1, 3), (2, 3), (4, 5), (4, 6), (5, 6)], N)
BASIS = Basis(
    universe=N,
    sets={
        "R": 0b0010010, "W": 0b1101101, "M": 0b1111111, "IW": 1, "LKR": 0b0010010, "LKW": 0b0100100, "UL": 0b1001000,
    },
    relations={
        "po": PO,
        "rmw": bits.from_pairs([(1, 2), (4, 5)], N),
        "loc": bits.cartesian(127, 127, N),
        "int": PO | bits.inverse(PO, N) | bits.identity(N) & ~1,
        "ext": bits.cartesian(14, 113, N) | bits.cartesian(113, 14, N),
    },
    location=lambda event: "l",
)  # fmt: skip

# A model in the manner of the kernel's lock.cat: it orders the takers, and derives from that where the rest stands.
MODEL = """
let W = W | LKW
include "cos.cat"
let section = [LKW] ; po ; [UL]
let co = (co | section | (section^-1 ; co))+
let rf = rf | ([IW | UL] ; singlestep(co) ; rmw^-1)
empty 0 as nothing
"""


def passes(instance: Instance, rf: int, co: int) -> bool:
    for axiom in instance.axioms:
        (value,) = evaluate(instance.graph, (axiom.node,), {"rf": rf, "co": co})
        holds = bits.acyclic(value, N) if axiom.check is Check.ACYCLIC else value == 0
        if holds == axiom.negated:
            return False
    return True


def order(*events: int) -> int:
    return bits.from_pairs(((a, b) for i, a in enumerate(events) for b in events[i + 1 :]), N)


@pytest.mark.parametrize(
    ("rf", "co", "possible"),
    [
        ([(0, 1), (3, 4)], (0, 2, 3, 5, 6), True),
        ([(6, 1), (0, 4)], (0, 5, 6, 2, 3), True),
        ([(0, 1), (0, 4)], (0, 2, 3, 5, 6), False),
        ([(0, 1), (3, 4)], (0, 5, 6, 2, 3), False),
        ([(0, 1), (3, 4)], (0, 2, 5, 3, 6), False),
        ([(0, 1), (3, 4)], (0, 2, 3, 6, 5), False),
        ([(0, 1), (2, 4)], (0, 2, 3, 5, 6), False),
    ],
)
def test_agreement(load: Callable[..., Any], rf: list[tuple[int, int]], co: tuple[int, ...], possible: bool) -> None:
    (instance,) = load(MODEL).instances(BASIS)
    assert instance.coherence is None
    assert passes(instance, bits.from_pairs(rf, N), order(*co)) == possible


def test_without_locks_nothing_is_asked(load: Callable[..., Any], structure: Basis) -> None:
    (instance,) = load(MODEL).instances(structure)
    assert all(instance.graph.value(axiom.node) == 0 for axiom in instance.axioms)


def test_a_model_that_leaves_rf_alone_is_left_alone(load: Callable[..., Any]) -> None:
    (instance,) = load("let co = co+ acyclic co as order").instances(BASIS)
    assert [axiom.name for axiom in instance.axioms] == ["order"]
