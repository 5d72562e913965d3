"""Tests written with the atomic operations of C11."""

import pytest

from litmus.errors import UnknownNameError, UnsupportedError, UsageError
from litmus.frontend.dispatch import parse
from litmus.program.c11 import first_c11_call
from litmus.program.program import Program
from litmus.program.syntax import Call, Constant, Evaluate, Static
from litmus.program.term import Address
from litmus.source import Source
from litmus.suite.selection import models_of


def body(statement: str) -> Program:
    text = "C one\n{ }\nP0(atomic_int *x, _Atomic int *y) {\n  " + statement + "\n}\nexists (x=0)\n"
    (program,) = parse(Source("test.litmus", text))
    return program


def test_a_memory_order_is_a_constant() -> None:
    (statement,) = body("atomic_store_explicit(x, 1, memory_order_release);").threads[0].body
    arguments = (Static(Address("x")), Constant(1), Constant(3))
    assert isinstance(statement, Evaluate)
    assert statement.value == Call("atomic_store_explicit", arguments)


def test_a_misspelt_memory_order_has_a_hint() -> None:
    with pytest.raises(UnknownNameError) as caught:
        body("atomic_thread_fence(memory_order_aquire);")
    assert "memory_order_acquire" in str(caught.value.hint)


def test_one_test_speaks_one_language() -> None:
    with pytest.raises(UnsupportedError, match="'WRITE_ONCE' is a primitive of the Linux kernel"):
        body("atomic_store(x, 1); WRITE_ONCE(*y, 1);")


def test_names_that_both_have_are_the_kernels_where_nothing_else_is_c11() -> None:
    assert first_c11_call(body("int r = atomic_fetch_add(1, x);")) is None
    assert first_c11_call(body("int r = atomic_fetch_add_explicit(x, 1, memory_order_relaxed);")) is not None


def test_a_test_in_c11_has_no_model_of_its_own() -> None:
    with pytest.raises(UsageError) as caught:
        models_of(body("atomic_store(x, 1);"), ())
    assert "--model" in str(caught.value.hint)
