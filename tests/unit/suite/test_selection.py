"""Which models, which target, which assertions."""

import pytest

from litmus.errors import UsageError
from litmus.frontend.dispatch import parse
from litmus.program.program import Assertion, Dialect, Program, Quantifier
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.selection import ModelOptions, for_model, heading, mention, models_of, tag_reading


def assertion(name, quantifier=Quantifier.FORBID, on=None):
    return Assertion(quantifier, name, 1, models=on)


def program(*assertions, dialect=Dialect.DSL, models=("lkmm", "x86")):
    return Program("t", dialect, (), (), assertions, models=models)


@pytest.mark.parametrize(
    ("dialect", "model"),
    [("C", "lkmm"), ("AArch64", "armv8"), ("PPC", "power"), ("RISCV", "riscv"), ("X86", "x86"), ("X86_64", "x86")],
)
def test_the_model_follows_the_dialect(dialect, model):
    assert models_of(program(dialect=Dialect(dialect)), ()) == (model,)


def test_models_of_our_own_language_are_those_of_the_test_and_of_on():
    assert models_of(program(assertion("a", on=("sc", "x86"))), ()) == ("lkmm", "x86", "sc")


def test_requested_models_stand():
    assert models_of(program(), ("sc",)) == ("sc",)


def test_on_overrides_by_name_and_model():
    general, special = assertion("a"), assertion("a", Quantifier.ALLOW, ("lkmm",))
    test = program(general, special, assertion("b"))
    assert [a.quantifier for a in for_model(test, "lkmm").assertions] == [Quantifier.ALLOW, Quantifier.FORBID]
    assert [a.quantifier for a in for_model(test, "x86").assertions] == [Quantifier.FORBID, Quantifier.FORBID]


def test_a_version_of_a_model_is_that_model():
    special = assertion("a", Quantifier.ALLOW, ("lkmm",))
    assert for_model(program(assertion("a"), special), "lkmm@v5.4").assertions == (special,)


def test_tags_are_read_as_herd_does():
    assert tag_reading(ModelOptions()) == "lkmmv1"
    assert tag_reading(ModelOptions(variants=("lkmmv2",))) == "lkmmv2"


def test_a_program_without_a_place_has_no_heading():
    assert heading(program()) is None


def test_a_version_in_on_is_nearer_than_its_model():
    own, base = assertion("a", Quantifier.ALLOW, ("lkmm@v5.4",)), assertion("a", Quantifier.REQUIRE, ("lkmm",))
    test = program(assertion("a"), base, own)
    assert for_model(test, "lkmm@v5.4").assertions == (own,)
    assert for_model(test, "lkmm@v6.0").assertions == for_model(test, "lkmm").assertions == (base,)
    assert "lkmm@v5.4" in models_of(test, ())


def test_where_a_test_names_a_model():
    text = 'litmus "t"\nmodels lkmm;\nint x;\nthread A { x = 1; }\nallow a: x == 1;\nforbid a on lkmm@v9.4;\n'
    (parsed,) = parse(Source("t.lit", text))
    assert mention(parsed, "lkmm@v9.4").location() == "t.lit:6:13"
    assert mention(parsed, "x86") == heading(parsed)
    with pytest.raises(UsageError, match="is not known") as caught:
        evaluate(parsed, "lkmm@v9.4", Settings())
    assert caught.value.span == mention(parsed, "lkmm@v9.4")
