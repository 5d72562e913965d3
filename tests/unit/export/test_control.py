"""Comparisons of addresses as branches, where that orders nothing more."""

import pytest

from litmus.arch.compile import compile_for
from litmus.errors import UnsupportedError
from litmus.export.assembly.export import export_assembly
from litmus.frontend.dispatch import parse
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

MACHINES = ("armv8", "riscv")
TEST = """litmus "t"
models armv8, power, riscv;
int x, y, z;
int *p = &x;
int *s;
thread A {{ int *q = READ_ONCE(p); bool r = 0; int t = 0; {body} }}
thread B {{ WRITE_ONCE(z, 1); smp_wmb(); WRITE_ONCE(p, &y); }}
exists e: A.r && A.t == 0;
"""


def answered(machine, body):
    """What we find of the source, and of the file read back."""
    (program,) = parse(Source("t.lit", TEST.format(body=body)))
    text = export_assembly(compile_for(program, machine), program.assertions[0]).text
    (back,) = parse(Source("t.litmus", text))
    found = [evaluate(one, machine, Settings()).tallies[0].observation for one in (program, back)]
    return str(found[0]), str(found[1])


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("r = q == &y;", "Sometimes"),
        ("if (q == &y) t = READ_ONCE(z); r = q == &y;", "Sometimes"),
        ("r = q == &y; if (r) t = READ_ONCE(z);", "Sometimes"),
        ("r = q == &y; if (r) { smp_rmb(); t = READ_ONCE(z); }", "Never"),
        ("r = q != &x; if (!r) t = 2; else { smp_rmb(); t = READ_ONCE(z); }", "Never"),
        ("if (q == &y) { r = q == &y; smp_rmb(); t = READ_ONCE(z); }", "Never"),
        ("t = READ_ONCE(z); int *u = q == &y ? q : &x; r = u != &x;", "Sometimes"),
        ("if (q == &y) { int *u = q == &y ? q : &x; WRITE_ONCE(s, u); r = 1; }", "Sometimes"),
    ],
)
def test_where_the_code_branches_on_it_anyway(machine, body, expected):
    assert answered(machine, body) == (expected, expected)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("r = q == &y; t = READ_ONCE(z);", "comparison of"),  # the read would depend on it
        ("r = q == &y; q = READ_ONCE(p); if (q == &y) t = 1; t = READ_ONCE(z);", "comparison of"),
        ("if (q == &y) t = 1; q = READ_ONCE(p); r = q == &y; t = READ_ONCE(z);", "comparison of"),
        ("if (q == &y) WRITE_ONCE(x, q == &y); r = 1;", "comparison of"),
        ("if (q == &y) { WRITE_ONCE(s, q == &x ? &y : q); r = 1; }", "choice between"),
        ("if (q == &y) { int *u = q == &x ? &x : q; t = READ_ONCE(*u); r = 1; }", "choice between"),
        ("if (t) goto over; if (q == &x) t = 1; over: r = q == &x; t = READ_ONCE(z);", "comparison of"),
        (
            "if (q == &y) r = READ_ONCE(z); int *u = q == &y ? q : &x; WRITE_ONCE(s, u); q = READ_ONCE(s);",
            "choice between",
        ),
    ],
)
def test_where_it_would_order_more_it_is_an_error(machine, body, what):
    with pytest.raises(UnsupportedError, match=f"a {what} pointers"):
        answered(machine, body)


def test_what_is_known_of_two_addresses_is_not_asked_again():
    """An update compares, and what follows it looks at what it found."""
    source = TEST.format(body="r = try_cmpxchg(&p, &q, &y); if (r) t = 1; smp_mb();")
    (program,) = parse(Source("t.lit", source))
    text = export_assembly(compile_for(program, "armv8"), program.assertions[0]).text
    assert text.count("CMP ") == 1
    assert answered("armv8", "r = try_cmpxchg(&p, &q, &y); if (!r) t = 1; smp_mb();") == ("Sometimes", "Sometimes")


def test_null_is_no_address_to_subtract_from():
    """herd7 stops where CMP compares an address with NULL."""
    body = "int *u = READ_ONCE(s); if (u == q) { r = 1; WRITE_ONCE(s, q); }"
    (program,) = parse(Source("t.lit", TEST.format(body=body)))
    text = export_assembly(compile_for(program, "armv8"), program.assertions[0]).text
    assert text.index("CBZ") < text.index("CMP")
    assert answered("armv8", body) == ("Never", "Never")


def test_power_compares_no_addresses():
    with pytest.raises(UnsupportedError, match="a comparison of two addresses is nothing that herd7's PPC computes"):
        answered("power", "if (q == &y) r = 1;")
