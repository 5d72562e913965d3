"""Names, values and conditions as they are written."""

import pytest

from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.term import Address, Apply, FinalLocation, FinalRegister, apply
from litmus.report.naming import DslNaming, HerdNaming, naming

PROGRAM = Program(
    "t",
    Dialect.DSL,
    (
        Location("x", Address("x")),
        Location("page->_mapcount", Address("page")),
        Location("page->f", Address("page", 4)),
    ),
    (Thread("GUP", ()), Thread("B.0", ())),
)
R, S, X = FinalRegister(0, "r"), FinalRegister(1, "s"), FinalLocation("x")
IS = {term: apply("==", term, 1) for term in (R, S, X)}


@pytest.mark.parametrize(
    ("term", "dsl", "herd"),
    [
        (R, "GUP.r", "not (0:r=0)"),
        (Apply("!", (R,)), "!GUP.r", "0:r=0"),
        (IS[X], "x == 1", "[x]=1"),
        (apply("==", S, Address("page", 4)), "B.0.s == &page->f", "1:s=page->f"),
        (apply("==", S, Address("page")), "B.0.s == &page", "1:s=page"),
        (apply("!=", R, 2), "GUP.r != 2", "not (0:r=2)"),
        (Apply("&&", (IS[R], Apply("||", (IS[S], IS[X])))), "GUP.r == 1 && (B.0.s == 1 || x == 1)",
         "0:r=1 /\\ (1:s=1 \\/ [x]=1)"),
        (Apply("||", (Apply("&&", (IS[R], IS[S])), IS[X])), "GUP.r == 1 && B.0.s == 1 || x == 1",
         "0:r=1 /\\ 1:s=1 \\/ [x]=1"),
        (Apply("!", (Apply("||", (IS[R], IS[S])),)), "!(GUP.r == 1 || B.0.s == 1)", "not (0:r=1 \\/ 1:s=1)"),
        (Apply("=>", (IS[R], IS[S])), "GUP.r == 1 => B.0.s == 1", "0:r=1 => 1:s=1"),
        (1, "1", "true"),
        (0, "0", "false"),
        (Apply("-", (Apply("-", (R, S)), Apply("-", (R, 1)))), "GUP.r - B.0.s - (GUP.r - 1)", None),
    ],
)  # fmt: skip
def test_conditions(term, dsl, herd):
    assert DslNaming(PROGRAM).term(term) == dsl
    if herd is not None:
        assert HerdNaming(PROGRAM).term(term) == herd


def _joined(outer, inner):
    return Apply(outer, (Apply(inner, (IS[R], IS[S])), Apply(inner, (IS[S], IS[X]))))


@pytest.mark.parametrize(
    ("outer", "inner", "text"),
    [
        ("=>", "&&", "(0:r=1 /\\ 1:s=1) => (1:s=1 /\\ [x]=1)"),
        ("=>", "||", "(0:r=1 \\/ 1:s=1) => (1:s=1 \\/ [x]=1)"),
        ("=>", "=>", "0:r=1 => 1:s=1 => 1:s=1 => [x]=1"),
        ("&&", "&&", "0:r=1 /\\ 1:s=1 /\\ 1:s=1 /\\ [x]=1"),
        ("&&", "||", "(0:r=1 \\/ 1:s=1) /\\ (1:s=1 \\/ [x]=1)"),
        ("&&", "=>", "(0:r=1 => 1:s=1) /\\ (1:s=1 => [x]=1)"),
        ("||", "&&", "0:r=1 /\\ 1:s=1 \\/ 1:s=1 /\\ [x]=1"),
        ("||", "||", "0:r=1 \\/ 1:s=1 \\/ 1:s=1 \\/ [x]=1"),
        ("||", "=>", "(0:r=1 => 1:s=1) \\/ (1:s=1 => [x]=1)"),
    ],
)
def test_parentheses_are_those_that_herd_prints(outer, inner, text):
    """herd7 7.58 prints all of these so, whatever its precedences need."""
    assert HerdNaming(PROGRAM).term(_joined(outer, inner)) == text
    assert HerdNaming(PROGRAM).term(Apply("!", (_joined(outer, inner),))) == f"not ({text})"


def test_states():
    state = ((X, 1), (FinalRegister(1, "r2"), Address("x")), (FinalRegister(0, "r"), -1))
    assert DslNaming(PROGRAM).state(state) == "x=1; B.0.r2=&x; GUP.r=-1"
    assert HerdNaming(PROGRAM).state(state) == "0:r=-1; 1:r2=x; [x]=1"


def test_the_test_decides():
    assert isinstance(naming(PROGRAM), DslNaming)
    assert isinstance(naming(Program("t", Dialect.C, (), ())), HerdNaming)


WORD = FinalLocation("page->flags")
FLAGS = Program(
    "t",
    Dialect.DSL,
    (
        Location("page->flags", Address("page"), bits=(("Pin", 0), ("Locked", 2))),
        Location("pool[1].flags", Address("pool", 8), bits=(("Dirty", 0),)),
    ),
    (Thread("A", ()),),
)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Apply("&", (WORD, 1)), "PagePin(page)"),
        (Apply("!", (Apply("&", (Apply(">>", (WORD, 2)), 1)),)), "!PageLocked(page)"),
        (Apply("==", (Apply("&", (WORD, 1)), 0)), "PagePin(page) == 0"),
        (Apply("&", (Apply(">>", (WORD, 1)), 1)), "page->flags >> 1 & 1"),
        (Apply("&", (WORD, 2)), "page->flags & 2"),
        (Apply("&", (FinalLocation("pool[1].flags"), 1)), "PageDirty(pool[1])"),
    ],
)
def test_page_flags_are_called_by_their_names(term, text):
    assert DslNaming(FLAGS).term(term) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4, "PagePin(page)=0; PageLocked(page)=1"),
        (0, "PagePin(page)=0; PageLocked(page)=0"),
        (8, "page->flags=8"),
        (-1, "page->flags=-1"),
        (2, "page->flags=2"),
    ],
)
def test_words_of_flags_are_shown_flag_by_flag(value, text):
    assert DslNaming(FLAGS).state(((WORD, value),)) == text
    assert HerdNaming(FLAGS).state(((WORD, value),)) == f"[page->flags]={value}"
