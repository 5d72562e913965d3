"""What is converted to our own language has the states of the original, each in as many executions."""

import sys
from pathlib import Path
from random import Random

from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "differential"))

from conversion import outcomes, renamed
from generator import kernel

from litmus.errors import UnsupportedError
from litmus.export.dsl import as_dsl
from litmus.frontend.dispatch import parse
from litmus.source import Source


def same(text: str) -> None:
    (original,) = parse(Source("t.litmus", text))
    (converted,) = parse(Source("t.lit", as_dsl(original)))
    assert renamed(outcomes(original)) == outcomes(converted), text


@given(st.integers(0, 1 << 32))
@settings(max_examples=25)
def test_random_tests(seed: int) -> None:
    same(kernel.test(Random(seed), "t"))


def _statements(depth: int) -> st.SearchStrategy[str]:
    """Integers of several types, undeclared and unassigned variables, and control flow."""
    locals_ = st.sampled_from(["r", "s", "u", "p"])
    atoms = st.sampled_from(["r", "s", "u", "1", "-1", "300", "READ_ONCE(*x)", "*y", "READ_ONCE(*w)"])
    values = atoms | st.builds("({} {} {})".format, atoms, st.sampled_from(["+", "-", "&", "==", "<", "&&"]), atoms)
    simple = (
        st.builds("{} = {};".format, locals_.filter(lambda name: name != "p"), values)
        | st.builds("WRITE_ONCE(*{}, {});".format, st.sampled_from(["x", "w"]), values)
        | st.builds("*y = {};".format, values)
        | st.sampled_from(["smp_mb();", "p = z;", "if (p) r = READ_ONCE(*(int *)p);", "atomic_inc(z);"])
    )
    if not depth:
        return simple
    inner = st.lists(_statements(depth - 1), max_size=2).map(" ".join)
    return simple | st.builds("if ({}) {{ {} }} else {{ {} }}".format, values, inner, inner)


LAST = "r = READ_ONCE(*x);\n"
"""What is assigned somewhere is a variable, though it be read before."""
BODIES = st.lists(_statements(1), min_size=1, max_size=4).map("\n".join)
HEAD = "(int *x, u8 *y, long *w, int *z)\n{\nlong s; u8 u; int *p;\n"


@given(BODIES, BODIES)
@example("*y = READ_ONCE(*w);", "WRITE_ONCE(*w, *y);")
@settings(max_examples=40)
def test_integers_and_control_flow(one: str, other: str) -> None:
    bodies = "".join(f"P{number}{HEAD}{body}\n{LAST}}}\n" for number, body in enumerate((one, other)))
    shown = "locations [0:r; 0:s; 0:u; 1:r; 1:s; 1:p; x; y; w; z]"
    try:
        same(f"C t\n{{ u8 y = 200; 1:r = 7; }}\n{bodies}{shown}\nexists (0:u=-1)")
    except UnsupportedError:
        # What a variable holds is reckoned without regard to order: r = r + r, and it may be of any size.
        reject()


def test_differences_would_be_seen() -> None:
    (one,) = parse(Source("t.litmus", "C t\n{}\nP0(int *x) { *x = 1; }\nexists (x=1)"))
    (other,) = parse(Source("t.lit", 'litmus "t" models lkmm; int x; thread P0 { x = 2; } exists q: x == 1;'))
    assert renamed(outcomes(one)) != outcomes(other)
