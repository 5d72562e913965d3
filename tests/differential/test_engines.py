"""The engines agree on random tests, under the models of the architectures and under random ones."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import engines

pytest.importorskip("pysat")


@pytest.mark.parametrize("models", [False, True])
@pytest.mark.parametrize("arch", engines.GENERATORS)
def test_engines_agree(arch, models):
    tally, found = engines.compare(arch, 15, 3, models)
    assert not found
    assert tally.compared > tally.refused
