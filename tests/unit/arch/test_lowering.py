"""The lowering tables: those shipped are in order, and what is wrong with one is said."""

import re

import pytest

from litmus.arch.catalogue import recipes
from litmus.arch.compile import TARGETS
from litmus.arch.lowering import load_lowering, parse_lowering
from litmus.arch.recipe import Barrier, Read, Step, Update, When, Write
from litmus.errors import ModelError
from litmus.resources import model_source
from litmus.source import Source


@pytest.mark.parametrize("target", TARGETS)
def test_shipped_tables_name_a_source_in_every_row(target: str) -> None:
    assert all(row.source for row in load_lowering(target).rows.values())


def named(steps: tuple[Step, ...]) -> set[str]:
    rows = set()
    for step in steps:
        match step:
            case Read(row):
                rows.add(f"load.{row}")
            case Write(row):
                rows.add(f"store.{row}")
            case Update(section, row):
                rows.add(f"{section}.{row}")
            case Barrier(row):
                rows.add(f"fence.{row}")
            case When(_, inner):
                rows |= named(inner)
    return rows


@pytest.mark.parametrize("target", TARGETS)
def test_every_row_that_recipes_name_is_there(target: str) -> None:
    wanted = set().union(*(named(recipe.steps) for recipe in recipes().values()))
    assert wanted <= set(load_lowering(target).rows)


def test_a_row_takes_over_from_another() -> None:
    row = load_lowering("armv8").row("cmpxchg", "full")
    assert row.read == {"X"}
    assert row.write == {"X", "L"}
    assert row.after == ("DMB.ISH",)
    assert row.flavour == "lxsx"


TEXT = model_source("lowering/power.toml").text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('target = "power"', 'target = "arm"', 'does not say target = "power"'),
        ("[store]", "[stores]", r"unknown section 'stores' \(did you mean 'store'\?\)"),
        ("noreturn = {", "noretrun = {", "unknown row 'op.noretrun'"),
        ("smp_wmb = {", "# smp_wmb = {", "row 'fence.smp_wmb' is missing"),
        ('emit = ["SYNC"]', 'emits = ["SYNC"]', "unknown key 'emits' in row 'fence.smp_mb'"),
        ('emit = ["SYNC"]', 'emit = ["SYNCH"]', r"power has no tag 'SYNCH'.*did you mean 'SYNC'"),
        ('emit = ["SYNC"]', 'emit = "SYNC"', "'emit' of row 'fence.smp_mb' is not a list"),
        ('flavour = "lxsx"', 'flavour = "llsc"', "'flavour' of row 'op.noreturn' cannot be 'llsc'"),
        ('same = "fence.smp_rmb"', 'same = "fence.smp_rmp"', "which is not there"),
        ('relaxed = { same = "op.noreturn"', 'relaxed = { same = "op.relaxed"', "the same as itself"),
        ('once = { same = "load.plain" }', "once = {}", "row 'load.once' does not name its source"),
        ("[load]", "[load", "is not TOML"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(ModelError) as caught:
        parse_lowering(Source("power.toml", TEXT.replace(old, new, 1)), "power")
    assert re.search(message, caught.value.render())


def test_errors_point_at_the_row() -> None:
    with pytest.raises(ModelError) as caught:
        parse_lowering(Source("power.toml", TEXT.replace('emit = ["SYNC"]', 'emit = ["SINC"]')), "power")
    assert caught.value.span is not None
    assert caught.value.span.text == "smp_mb"


def test_a_table_may_have_another_as_its_base() -> None:
    plain, lse = load_lowering("armv8"), load_lowering("armv8-lse")
    assert lse.target == "armv8"
    assert lse.row("fence", "smp_mb") == plain.row("fence", "smp_mb")
    assert lse.row("op", "full") != plain.row("op", "full")
    assert lse.row("lock", "spin").read == {"A"}  # the same as a row that is different here
