"""Tags in macro tables that a model does not know."""

import pytest

from litmus.cat.bell import Annotations
from litmus.errors import LitmusError
from litmus.frontend.macros import parse_macros
from litmus.source import Source
from litmus.suite.macro_tags import faults

KERNEL = Annotations(
    {"Accesses": ("ONCE", "ACQUIRE", "MB"), "Barriers": ("wmb", "MB"), "SRCU": ("srcu-lock",)},
    {
        "R": ((frozenset({"ONCE", "ACQUIRE"}),),),
        "F": ((frozenset({"wmb", "MB"}),),),
        "RMW": ((frozenset({"ONCE"}),),),
        "SRCU": ((frozenset({"srcu-lock"}),),),
    },
)
NONE = Annotations()


def found(text: str, bell: Annotations) -> dict[str, LitmusError]:
    return dict(faults(parse_macros(Source("k.def", text)), bell))


@pytest.mark.parametrize(
    ("body", "bell", "message", "marked", "hint"),
    [
        ("__load{ONCEE}(*X)", KERNEL, "no instruction carries the tag 'ONCEE'", "ONCEE", "did you mean 'ONCE'?"),
        (
            "__load{ acquir }(*X)",
            KERNEL,
            "no instruction carries the tag 'acquir'",
            "acquir",
            "did you mean 'acquire'?",
        ),
        (
            "{ __load{ONCE}(X); __fence{mbb}; }",
            KERNEL,
            "no instruction carries the tag 'mbb'",
            "mbb",
            "did you mean 'mb'?",
        ),
        (
            "__cmpxchg{MBB}(X,1,__load{ONCE}(X))",
            KERNEL,
            "no instruction carries the tag 'MBB'",
            "MBB",
            "did you mean 'MB'?",
        ),
        ("__load{wmb}(X)", KERNEL, "'__load' cannot carry the tag 'wmb'", "wmb", "one of ACQUIRE, ONCE, srcu-lock"),
        ("{ __fence{once}; }", KERNEL, "'__fence' cannot carry the tag 'once'", "once", "one of MB, wmb"),
        ("__load{ONCEE}(*X)", NONE, "no instruction carries the tag 'ONCEE'", "ONCEE", "did you mean 'ONCE'?"),
        (
            "{ __fence{sync_rcu}; }",
            NONE,
            "no instruction carries the tag 'sync",
            "sync_rcu",
            "did you mean 'sync-rcu'?",
        ),
    ],
)
def test_a_tag_that_nothing_declares_is_an_error_at_its_place(body, bell, message, marked, hint):
    errors = found(f"m(X) {body}", bell)
    assert errors["m"].message.startswith(message)
    assert errors["m"].span.text == marked
    assert errors["m"].hint == hint


@pytest.mark.parametrize("bell", [KERNEL, NONE])
@pytest.mark.parametrize(
    "body",
    [
        "__load{once}(*X)",
        "__load{ONCE}(*X)",
        "__load{srcu-lock}(*X)",
        "__xchg{mb}(X, 1)",
        "{ __fence{wmb}; }",
        "{ __lock(X); }",
        "__srcu{srcu-lock}(X)",
    ],
)
def test_tags_match_without_regard_to_case(body, bell):
    assert found(f"m(X) {body}", bell) == {}


def test_the_first_error_of_each_macro_counts():
    text = "a(X) { __load{once}(*X); __load{one}(*X); __load{two}(*X); } b(X) __load{once}(*X) c(X) __load{onc}(*X)"
    assert {name: error.span.text for name, error in found(text, KERNEL).items()} == {"a": "one", "c": "onc"}
