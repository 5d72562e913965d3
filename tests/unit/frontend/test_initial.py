"""Initial states: locations, registers, types and values."""

import pytest

from litmus.errors import LitmusError
from litmus.frontend.faults import Faults
from litmus.frontend.initial import Initial, parse_initial
from litmus.program.term import Address
from litmus.program.types import INT, TYPES, Type
from litmus.source import Source


def initial(text: str) -> Initial:
    source = Source("t", text)
    faults = Faults()
    found = parse_initial(source.span(0, len(text)), text, faults)
    faults.conclude()
    return found


@pytest.mark.parametrize(
    ("text", "name", "kind", "value"),
    [
        ("x=1;", "x", INT, 1),
        ("x", "x", INT, 0),
        ("[x]=0x10", "x", INT, 16),
        ("x = -3;", "x", INT, -3),
        ("x=y", "x", INT, Address("y")),
        ("x=&y", "x", INT, Address("y")),
        ("uint64_t x;", "x", TYPES["uint64_t"], 0),
        ("volatile int x = 010;", "x", INT, 10),
        ("atomic_t x = ATOMIC_INIT(5);", "x", TYPES["atomic_t"], 5),
        ("int *x = &y;", "x", Type("int", 8, False, 1), Address("y")),
        ("int **x", "x", Type("int", 8, False, 2), 0),
        ("*x = y", "x", Type("int", 8, False, 1), Address("y")),
        ("struct srcu_struct x", "x", TYPES["struct srcu_struct"], 0),
        ("spinlock_t x;;", "x", TYPES["spinlock_t"], 0),
    ],
)
def test_location(text: str, name: str, kind: Type, value: object) -> None:
    location = initial(text).locations[name]
    assert (location.type, location.initial, location.declared) == (kind, value, True)


@pytest.mark.parametrize(
    ("text", "thread", "name", "kind", "value"),
    [
        ("0:X1=x;", 0, "X1", None, Address("x")),
        ("P1 : EAX = 3", 1, "EAX", None, 3),
        ("uint64_t 1:X3;", 1, "X3", TYPES["uint64_t"], None),
        ("int *1:a0 = &z", 1, "a0", Type("int", 8, False, 1), Address("z")),
    ],
)
def test_register(text: str, thread: int, name: str, kind: Type | None, value: object) -> None:
    (register,) = initial(text).registers
    assert (register.thread, register.name, register.type, register.value) == (thread, name, kind, value)


def test_array() -> None:
    found = initial("uint16_t a[3] = {1, 2}; int *p = &a[2];")
    assert [(place.name, place.address, place.initial) for place in found.locations.values()] == [
        ("a[0]", Address("a", 0), 1),
        ("a[1]", Address("a", 2), 2),
        ("a[2]", Address("a", 4), 0),
        ("p", Address("p"), Address("a", 4)),
    ]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("x=1; x=2", "'x' is declared twice", "x=2"),
        ("imt x;", "unknown type 'imt'", "imt"),
        ("int a[1] = {1, 2};", "2 values for the 1 of 'a'", "1, 2"),
        ("p = &b[1]", "'b' is not an array", "b[1"),
        ("x==1", "unexpected '='", "="),
        ("x=", "unexpected end", "="),
    ],
)
def test_errors(text: str, message: str, place: str) -> None:
    with pytest.raises(LitmusError) as caught:
        initial(text)
    assert caught.value.message == message
    assert caught.value.span is not None
    assert caught.value.span.text == place


def test_an_unknown_type_suggests_a_known_one() -> None:
    with pytest.raises(LitmusError) as caught:
        initial("imt x;")
    assert caught.value.hint == "did you mean 'int'?"


def test_an_array_that_is_too_long_is_an_error() -> None:
    with pytest.raises(LitmusError, match="more than 4096 elements"):
        initial("int a[999999999999999999992] = {1, 2}; int *p = &a[1];")
    assert len(initial("int a[4096];").locations) == 4096
