"""Locals that some way through a thread reads before it assigns them."""

import pytest

from litmus.errors import LitmusError, ProgramErrors
from litmus.frontend.dispatch import parse
from litmus.source import Source

TEXT = """litmus "t"
int x;
function some(a) {{ if (a) return 1; }}
function each(a) {{ if (a) return 1; return 2; }}
thread A {{ {body} }}
"""


def errors(body: str) -> tuple[LitmusError, ...]:
    """The errors of a thread."""
    try:
        parse(Source("t.lit", TEXT.format(body=body)))
    except ProgramErrors as found:
        return found.errors
    return ()


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("int r; x = r;", ["r"]),
        ("if (READ_ONCE(x)) r = 1; x = r;", ["r"]),
        ("if (READ_ONCE(x)) r = 1; else r = 2; x = r;", []),
        ("if (READ_ONCE(x)) { r = 1; } else return; x = r;", []),
        ("int r = 0; if (READ_ONCE(x)) r = 1; x = r;", []),
        ("r++; s = r;", ["r"]),
        ("while (READ_ONCE(x)) { r = 1; } x = r;", ["r"]),
        ("do { r = READ_ONCE(x); } while (!r); x = r;", []),
        ("do { if (READ_ONCE(x)) continue; r = 1; } while (r); x = 1;", ["r"]),
        ("for (;;) { r = READ_ONCE(x); if (r) break; } x = r;", []),
        ("while (1) { if (READ_ONCE(x)) break; r = 1; } x = r;", ["r"]),
        ("for (i = 0; i < 2; i = i + s) { s = 1; }", []),
        ("for (i = 0; i < s; i++) { s = 1; }", ["s"]),
        ("L: if (READ_ONCE(x)) { r = 1; goto L; } x = r;", ["r"]),
        ("goto M; x = r; M: r = 1; x = r;", []),
        ("if (READ_ONCE(x)) goto M; r = 1; M: x = r;", ["r"]),
        ("while (READ_ONCE(x)) { int r; x = r; r = 1; }", ["r"]),
        ("if (READ_ONCE(x) && r) x = 1; r = 1;", ["r"]),
        ("s = READ_ONCE(x) ? r : 1; r = 1;", ["r"]),
        ("try_cmpxchg(&x, &old, 1); x = old;", ["old"]),
        ("int old = 0; try_cmpxchg(&x, &old, 1); x = old;", []),
        ("r = some(x);", ["some(x)"]),
        ("r = each(x);", []),
        ("await (r); r = 1;", ["r"]),
        ("x = r; x = r; r = 1;", ["r"]),
        ("return; x = r; r = 1;", []),
    ],
)
def test_reads(body: str, wrong: list[str]) -> None:
    found = errors(body)
    assert [error.span.text for error in found if error.span] == wrong
    assert all("may be read before" in e.message or "may have no value" in e.message for e in found)


def test_a_variant_may_take_the_value_away() -> None:
    text = (
        'litmus "t" int x; thread A { [L] r = 1; x = r; int s = r; s = 2; } variant v { drop L; before L { int r; } }'
    )
    with pytest.raises(ProgramErrors) as found:
        parse(Source("t.lit", text))
    assert found.value.errors[0].message == "'r' may be read before it is assigned in variant 'v'"
