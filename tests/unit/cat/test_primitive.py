"""The functions that the language provides."""

from collections.abc import Callable

import pytest

from litmus.cat.order import linear_extensions
from litmus.relation import bits

Value = Callable[..., object]

UNION = "let union s = fold (fun (r, k) -> r | k) (s, 0)"
SETS = "let events s = fold (fun (e, k) -> e | k) (s, {})"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("as_transitive(po | rf) & (W * R)", {(2, 4), (2, 5), (3, 4), (3, 5), (0, 5)}),
        ("inter_transitive(po | rf, W * R)", {(2, 4), (2, 5), (3, 4), (3, 5), (0, 5)}),
        ("different-values(rf)", set()),
        ("different-values(po)", {(2, 6), (6, 3), (4, 5)}),
        ("different-values(loc & (IW * W))", {(0, 2), (1, 3)}),
        ("fromto(F)", {(2, 3)}),
        ("fromto(R)", set()),
        ("same-oa(W * W)", set()),
        ("union (map (fun s -> s * s) (classes-loc (W \\ IW)))", {(2, 2), (3, 3)}),
        ("union (map (fun s -> s * s) (classes-loc W)) \\ id", {(0, 2), (2, 0), (1, 3), (3, 1)}),
        ("events (classes-loc _)", {0, 1, 2, 3, 4, 5}),
        ("union (map (fun s -> s * s) (classes(rf | po))) & (W * R)", {(0, 4), (0, 5), (2, 4), (2, 5), (3, 4), (3, 5)}),
        ("union (linearisations(W \\ IW, 0))", {(2, 3), (3, 2)}),
        ("union (linearisations(W \\ IW, po))", {(2, 3)}),
        ("union (linearisations(W \\ IW, po | rf ; po))", {(2, 3)}),
        ("union (linearisations(W \\ IW, (W \\ IW) * (W \\ IW)))", set()),
        ("union (linearisations(W \\ IW, rf | rf^-1))", set()),
        ("union (linearisations(W \\ IW, IW * IW))", {(2, 3), (3, 2)}),
        ("union (linearisations({}, 0))", set()),
        ("delift(lift(classes-loc W, po))", {(a, b) for a in (0, 2) for b in (1, 3)}),
        ("deliftinter(po, lift(classes-loc W, po))", {(2, 3)}),
        ("delift(lift(classes-loc W, po) ; lift(classes-loc W, po^-1)) & (IW * IW)", {(0, 0)}),
        ("delift(lift(classes-loc W, po)^-1) & (IW * IW)", {(1, 0)}),
        ("delift(lift(classes-loc W, po) \\ lift(classes-loc W, po))", set()),
        ("delift(lift({}, po))", set()),
        ("union (map delift (linearisations(classes-loc W, lift(classes-loc W, po)))) & (IW * IW)", {(0, 1)}),
        ("bisimulation(po, loc & (R * R))", {(4, 4), (5, 5)}),
        ("bisimulation(rf, IW * IW)", {(0, 0), (1, 1)}),
        ("bisimulation(0, IW * IW)", {(0, 0), (0, 1), (1, 0), (1, 1)}),
        ("tag2events('wmb)", {6}),
        ("tag2instrs('wmb)", {6}),
        ("tag2fenced('wmb)", {(2, 3)}),
        ("tag2scope('system)", {(4, 5)}),
        ("loc2events('x)", {0, 2, 5}),
        ("loc2events('z)", set()),
        ("range(domain(0) * W)", set()),
        ("partition W", None),
    ],
)
def test_primitives(value: Value, expression: str, expected: object) -> None:
    before = f"{UNION} {SETS} enum T = 'wmb || 'system || 'x || 'z let system = po & (R * R)"
    if expected is None:
        assert value(f"events (map (fun s -> s) ({expression}))", before=before) == {0, 1, 2, 3}
    else:
        assert value(expression, before=before) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("union (generate_cos(co0))", {(0, 2), (1, 3)}),
        ("union (generate_orders(M, 0)) & (W * R)", {(0, 5), (2, 5), (1, 4), (3, 4)}),
        ("union (cross {{rf, co}, {po}})", {(0, 2), (1, 3), (3, 4), (0, 5), (2, 6), (2, 3), (6, 3), (4, 5)}),
        ("union (cross {{rf}, {}})", set()),
        ("union (cross {})", set()),
        ("if cross {} = {0} then R else W", {4, 5}),
        ("if cross {{rf}, {co, po}} = {rf | co, po | rf} then R else W", {4, 5}),
        ("if cross {{}} = {} then R else W", {4, 5}),
    ],
)
def test_cross(value: Value, expression: str, expected: object) -> None:
    assert value(expression, before=f'include "cross.cat" {UNION}') == expected


def test_linear_extensions_counts() -> None:
    everything, n = 0b1111, 4
    chains = bits.from_pairs([(0, 1), (2, 3)], n)
    orders = list(linear_extensions(everything, chains, n))
    assert len(orders) == len(set(orders)) == 6
    assert all(order & chains == chains and bits.acyclic(order, n) for order in orders)
    assert all(len(list(bits.pairs(order, n))) == 6 for order in orders)


def test_linear_extensions_follow_paths_through_other_events() -> None:
    n = 3
    path = bits.from_pairs([(2, 1), (1, 0)], n)
    assert list(linear_extensions(0b101, path, n)) == [bits.from_pairs([(2, 0)], n)]
