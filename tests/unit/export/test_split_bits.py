"""Bits as locations of their own: what is weaker then, what stays, and where it cannot be."""

import pytest

from litmus.errors import UnsupportedError
from litmus.export.file import Exported, Lower
from litmus.export.split_bits import split_bits
from litmus.frontend.dispatch import parse
from litmus.program.term import Apply, FinalLocation
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.exporting import MODELS, Form, exports

TEST = """litmus "t"
models lkmm, x86, armv8, power, riscv;
struct page {{ page_flag Pin = 1, Locked; int more; }} page, other;
struct page *p = &other;
unsigned long flags = 2;
int nr = 0;
thread A {{ {one} }}
thread B {{ set_bit(0, &flags); bool s = TestClearPagePin(page); }}
allow some: {condition};
"""

SAME_WORD = """litmus "t"
models lkmm, x86, armv8, power, riscv;
unsigned long flags = 0;
thread A { set_bit(0, &flags); bool one = test_bit(1, &flags); }
thread B { set_bit(1, &flags); bool two = test_bit(0, &flags); }
forbid neither: !A.one && !B.two;
allow  both:    A.one && B.two && test_bit(0, &flags) && test_bit(1, &flags);
"""


def program(text):
    (found,) = parse(Source("t.lit", text))
    return found


def test_each_bit_that_is_used_has_a_location():
    split = split_bits(program(TEST.format(one="set_bit(3, &flags);", condition="test_bit(1, &flags) && B.s")))
    names = {location.name: location.initial for location in split.program.locations}
    assert [names[f"flags.{bit}"] for bit in (0, 1, 3)] == [0, 1, 0]
    assert names["page->flags.Pin"] == 1
    assert {"flags", "page->flags", "page->flags.Locked"}.isdisjoint(names)
    assert "other->flags" in names
    assert split.program.assertions[0].condition.operands[0] == FinalLocation("flags.1")
    assert [remark.partition(", is")[0] for remark in split.remarks] == [
        "Weaker than the source: what is one word there, flags",
        "Weaker than the source: what is one word there, page->flags",
    ]


def test_a_program_without_bits_is_as_it_was():
    source = program('litmus "t" int x; thread A { WRITE_ONCE(x, 1); } allow one: x == 1;')
    assert split_bits(source).program is source
    assert split_bits(source).remarks == ()


@pytest.mark.parametrize(
    ("one", "condition", "message", "text"),
    [
        ("unsigned long r = READ_ONCE(flags);", "B.s", "'flags' is used as a whole here", "flags"),
        ("WRITE_ONCE(page->flags, 0);", "B.s", "'page->flags' is used as a whole here", "page->flags"),
        ("unsigned long *r = &flags;", "B.s", "'flags' is used as a whole here", "flags"),
        ("int r = 0;", "flags == 3", "'flags' is used as a whole here", None),
        ("int r = 0;", "page->flags != 0", "'page->flags' is used as a whole here", None),
        ("int r = READ_ONCE(nr); set_bit(r, &flags);", "B.s", "a bit that is chosen at run time", None),
        ("struct page *q = READ_ONCE(p); SetPagePin(q);", "B.s", "a word that is chosen at run time", None),
        (
            "struct page *q = READ_ONCE(p); unsigned long r = READ_ONCE(q->flags);",
            "B.s",
            "'page->flags' may be used as a whole here",
            None,
        ),
    ],
)
def test_what_is_about_the_word_is_an_error_that_names_it(one, condition, message, text):
    with pytest.raises(UnsupportedError, match=message) as raised:
        split_bits(program(TEST.format(one=one, condition=condition)))
    assert raised.value.span is not None
    if text is not None:
        assert raised.value.span.text == text


def files(text, lower):
    for model in MODELS:
        for found in exports(program(text), Settings(), model, Form(lower=lower)):
            assert isinstance(found, Exported)
            yield model, found


def test_a_bit_more_is_possible_and_the_files_say_so():
    """Bits of one word are coherent, so that one of two is seen, but on x86, where no read passes a locked update."""
    word = {(model, file.file): file.text for model, file in files(SAME_WORD, Lower.EQUAL)}
    apart = {(model, file.file): file.text for model, file in files(SAME_WORD, Lower.BITS)}
    for model in MODELS:
        assert " * Result: Never\n" in word[model, "t.neither.litmus"]
        weaker = " * Result: Sometimes\n" in apart[model, "t.neither.litmus"]
        assert weaker == (model != "x86")
        assert (" * In the source: Never.\n" in apart[model, "t.neither.litmus"]) == weaker
        assert "Weaker than the source: what is one word there, flags" in apart[model, "t.both.litmus"]
        assert "In the source" not in apart[model, "t.both.litmus"]
        assert "Weaker" not in word[model, "t.neither.litmus"]


def test_the_files_have_the_result_that_they_state():
    for model, file in files(SAME_WORD, Lower.BITS):
        (back,) = parse(Source(file.file, file.text))
        (tally,) = evaluate(back, model, Settings()).tallies
        assert f" * Result: {tally.observation}\n" in file.text


def test_a_bit_of_a_condition_alone_is_one():
    split = split_bits(program(TEST.format(one="int r = 0;", condition="!(flags >> 1 & 1)")))
    assert split.program.assertions[0].condition == Apply("!", (FinalLocation("flags.1"),))
