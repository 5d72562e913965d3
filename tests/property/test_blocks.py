"""Candidates that are judged together are those that are accepted one by one."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from test_engine_explicit import RandomModel, _all, _program, familiar_models, models, threads, updates

import litmus.engine.block.search as block_search
from litmus.deadline import NEVER
from litmus.engine.base import Ask
from litmus.engine.basis import basis_of
from litmus.engine.block.block import Block
from litmus.engine.block.search import BlockSearch, fits
from litmus.engine.block.space import Space
from litmus.engine.candidate import Candidates
from litmus.engine.explicit import Enumerator, choice_of
from litmus.engine.goals import goals_of
from litmus.event.structure import EventStructure
from litmus.event.unfold import unfold
from litmus.program.instruction import Instruction
from litmus.relation import bits


@pytest.fixture(autouse=True, scope="module")
def _everything_in_blocks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_search, "SMALLEST", 1)
        yield


def _accepted(
    structure: EventStructure, model: RandomModel, limit: int, *, any_order: bool = False
) -> list[tuple[int, int]]:
    candidates = Candidates(structure)
    found: list[tuple[int, int]] = []
    goals = goals_of(structure.program, Ask.COUNTS)
    for instance in model.sketches(basis_of(structure)):
        bounds = ((0, candidates.rf_may), (candidates.co_must, candidates.co_may))
        choice = choice_of(instance, *bounds, NEVER)
        if not choice.compiled.possible:
            continue
        search = BlockSearch(candidates, choice, goals, NEVER, lambda _: None, 1, any_order, limit)
        for block in search.run():
            if isinstance(block, Block):
                rf, co = block.choices.rf(), block.choices.co()
                found += [(rf.at(i), co.at(i)) for i in bits.members(block.accepted)]
                example = block.example(block.accepted)
                assert (example.reads_from, example.coherence) == found[-block.accepted.bit_count()]
            else:
                enumerator = Enumerator(model)
                found += [(a.reads_from, a.coherence) for a in enumerator._complete(candidates, choice, *block[:2])]
    return sorted(found)


@settings(max_examples=150, deadline=None)
@given(st.lists(threads(), min_size=1, max_size=3), models, st.sampled_from([1, 4, 64, 4096]))
def test_blocks_hold_exactly_the_accepted_candidates(
    code: list[tuple[Instruction, ...]], model: RandomModel, limit: int
) -> None:
    for structure in unfold(_program(len(code)), code, "sc", 1):
        if len(structure.events) <= 9 and fits(Candidates(structure)):
            assert _accepted(structure, model, limit) == sorted(_all(structure, model))


@settings(max_examples=60, deadline=None)
@given(st.lists(updates, min_size=2, max_size=3), familiar_models, st.sampled_from([1, 16, 4096]))
def test_blocks_hold_exactly_the_accepted_updates(
    code: list[tuple[Instruction, ...]], model: RandomModel, limit: int
) -> None:
    for structure in unfold(_program(len(code)), code, "sc", 1):
        if len(structure.events) <= 9 and fits(Candidates(structure)):
            assert _accepted(structure, model, limit) == sorted(_all(structure, model))


@settings(max_examples=150, deadline=None)
@given(st.lists(threads(), min_size=1, max_size=3), st.one_of(models, familiar_models), st.sampled_from([1, 64, 4096]))
def test_one_order_is_found_for_each_rf_that_has_one(
    code: list[tuple[Instruction, ...]], model: RandomModel, limit: int
) -> None:
    for structure in unfold(_program(len(code)), code, "sc", 1):
        if len(structure.events) <= 9 and fits(Candidates(structure)):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(block_search, "orders_of", lambda *_: None)
                found = _accepted(structure, model, limit, any_order=True)
            every = list(_all(structure, model))
            assert set(found) <= set(every)
            assert {rf for rf, _ in found} == {rf for rf, _ in every}


@settings(max_examples=100, deadline=None)
@given(st.lists(updates, min_size=2, max_size=3), familiar_models)
def test_one_order_is_found_for_each_rf_of_updates(code: list[tuple[Instruction, ...]], model: RandomModel) -> None:
    for structure in unfold(_program(len(code)), code, "sc", 1):
        if len(structure.events) <= 9 and fits(Candidates(structure)):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(block_search, "orders_of", lambda *_: None)
                found = _accepted(structure, model, 4096, any_order=True)
            every = list(_all(structure, model))
            assert set(found) <= set(every)
            assert {rf for rf, _ in found} == {rf for rf, _ in every}


@given(st.lists(st.integers(1, 4), max_size=5))
def test_each_combination_has_one_option_of_each_choice(sizes: list[int]) -> None:
    space = Space(tuple(sizes))
    for combination in range(space.size):
        taken = [[o for o, t in enumerate(tables) if t >> combination & 1] for tables in space.options()]
        assert taken == [[option] for option in space.taken(combination)]
        assert len(taken) == len(sizes)
