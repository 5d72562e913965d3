"""Random tests are tests that we read, and where there is a herd7, answers agree with its on a few of them."""

import shutil
import sys
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import against_herd

from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.selection import ModelOptions


@pytest.mark.parametrize("arch", against_herd.GENERATORS)
def test_random_tests_are_tests(arch):
    for number in range(20):
        text = against_herd.GENERATORS[arch].test(Random(f"{arch}/{number}"), "t")
        (program,) = parse(Source("t.litmus", text))
        assert not evaluate(program, against_herd.MODELS[arch], Settings()).unknown, text


@pytest.mark.parametrize("arch", against_herd.MIXED)
def test_random_tests_with_accesses_of_several_sizes_are_tests(arch):
    settings = Settings(ModelOptions(variants=("mixed",)))
    for number in range(20):
        text = against_herd.MIXED[arch].test(Random(f"{arch}/{number}"), "t")
        (program,) = parse(Source("t.litmus", text))
        result = evaluate(program, against_herd.MODELS[arch.removesuffix("-mixed")], settings)
        assert not result.unknown + result.inexact, text


def test_the_same_seed_gives_the_same_test():
    first, again, other = (against_herd.GENERATORS["ppc"].test(Random(seed), "t") for seed in ("1/2", "1/2", "1/3"))
    assert first == again != other


@pytest.mark.parametrize("arch", against_herd.GENERATORS)
def test_random_models_are_models(arch, tmp_path):
    for number in range(10):
        file = against_herd._written(arch, 1, number, tmp_path, models=True)
        written = against_herd._written_model(arch, 1, number, tmp_path)
        (program,) = parse(Source(str(file), file.read_text()))
        settings = Settings(ModelOptions(target=against_herd.MODELS[arch]))
        assert not evaluate(program, str(written), settings).unknown, file.read_text() + written.read_text()


def test_values_that_nothing_settles_are_numbered_as_they_come():
    first = OUTPUT.replace("0:X0=1; [x]=1;", "0:X0=S5; 0:X1=S5; [x]=S7;")
    second = OUTPUT.replace("0:X0=1; [x]=1;", "0:X0=S1; 0:X1=S1; [x]=S2;")
    assert first != second
    assert list(against_herd.answers(first)) == list(against_herd.answers(second))


OUTPUT = """Test t Allowed
States 2
0:X0=0; [x]=1;
0:X0=1; [x]=1;
Ok
Witnesses
Positive: 1 Negative: 1
Flag data-race
Condition exists (0:X0=1)
Observation t Sometimes 1 1
Time t 0.01
"""


def test_answers_are_read_and_compared():
    ((name, answer),) = against_herd.answers(OUTPUT)
    assert (name, answer.observation, answer.counts, answer.flags) == ("t", "Sometimes", "1 1", {"data-race"})
    assert answer.states == {"0:X0=0 [x]=1", "0:X0=1 [x]=1"}
    assert against_herd.difference(answer, answer) is None
    for changed in (("0:X0=1;", "0:X0=2;"), ("Sometimes 1 1", "Sometimes 1 2"), ("Flag data-race\n", "")):
        ((_, other),) = against_herd.answers(OUTPUT.replace(*changed))
        assert against_herd.difference(other, answer) is not None
    assert against_herd.difference(None, answer) == "no answer"


@pytest.mark.skipif(shutil.which("herd7") is None, reason="there is no herd7")
@pytest.mark.parametrize("arch", ["aarch64", "ppc", "riscv"])
def test_herd_agrees(arch):
    model = {"aarch64": "aarch64.cat", "ppc": "ppc.cat", "riscv": "riscv.cat"}[arch]
    compared, differing = against_herd.compare(arch, 20, 1, f"herd7 -model {model} -timeout 5", None)
    assert compared
    assert not differing
