"""Primitives by a macro table: the events that herd7's semantics gives to each intrinsic."""

import pytest

from litmus.arch.compile import CompileOptions, compile_for
from litmus.errors import LitmusError, ModelError, ParseError, UnknownNameError, UnsupportedError, UsageError
from litmus.program.instruction import Assign, Assume, Branch, Fence, Instruction, Load, ReadModifyWrite, Store
from litmus.program.macros import (
    Macro,
    MacroBinary,
    MacroCall,
    MacroConstant,
    MacroDereference,
    MacroExpression,
    MacroOperator,
    MacroParameter,
    MacroTable,
)
from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.syntax import Assignment, Binary, Call, Constant, Evaluate, Expression, Local, Static
from litmus.program.term import Address, Apply, Register
from litmus.program.types import TYPES

X, V, W = MacroParameter("X"), MacroParameter("V"), MacroParameter("W")
PLUS, MINUS = MacroOperator("+"), MacroOperator("-")


def intrinsic(name: str, tag: str | None, *arguments: MacroExpression) -> MacroCall:
    return MacroCall(f"__{name}", tag, arguments)


def value(name: str, parameters: str, body: MacroExpression) -> Macro:
    return Macro(name, tuple(parameters.split()), (), body)


def effect(name: str, parameters: str, *body: MacroExpression) -> Macro:
    return Macro(name, tuple(parameters.split()), body)


def table(full: str, once: str, noreturn: str | None) -> MacroTable:
    macros = (
        value("READ_ONCE", "X", intrinsic("load", once, X)),
        value("atomic_read", "X", MacroCall("READ_ONCE", None, (MacroDereference(X),))),
        effect("WRITE_ONCE", "X V", intrinsic("store", once, X, V)),
        effect("smp_store_mb", "X V", intrinsic("store", once, X, V), intrinsic("fence", full)),
        value("xchg", "X V", intrinsic("xchg", full, X, V)),
        value("xchg_acquire", "X V", intrinsic("xchg", "acquire" if full == "mb" else "ACQUIRE", X, V)),
        value("cmpxchg", "X V W", intrinsic("cmpxchg", full, X, V, W)),
        effect("atomic_inc", "X", intrinsic("atomic_op", noreturn, X, PLUS, MacroConstant(1))),
        value("atomic_fetch_add", "V X", intrinsic("atomic_fetch_op", full, X, PLUS, V)),
        value(
            "atomic_dec_and_test",
            "X",
            MacroBinary("==", intrinsic("atomic_op_return", full, X, MINUS, MacroConstant(1)), MacroConstant(0)),
        ),
        value("atomic_add_unless", "X V W", intrinsic("atomic_add_unless", full, X, V, W)),
        effect("spin_lock", "X", intrinsic("lock", None, X)),
        effect("spin_unlock", "X", intrinsic("unlock", None, X)),
        value("spin_trylock", "X", intrinsic("trylock", None, X)),
        value("spin_is_locked", "X", intrinsic("islocked", None, X)),
        value("srcu_read_lock", "X", intrinsic("srcu", "srcu-lock", X)),
        effect("srcu_read_unlock", "X V", intrinsic("srcu", "srcu-unlock", X, V)),
        effect("synchronize_srcu", "X", intrinsic("srcu", "sync-srcu", X)),
        effect("odd", "", intrinsic("frob", None)),
        value("wordless", "", intrinsic("fence", full)),
        effect("bare", "X V", intrinsic("atomic_op", full, X, V, V)),
        value("free", "X", MacroParameter("Y")),
    )
    return MacroTable("linux-kernel.def", {macro.name: macro for macro in macros})


NEW, OLD = table("MB", "ONCE", "NORETURN"), table("mb", "once", None)


def compiled(name: str, *numbers: int, macros: MacroTable = NEW, variant: str = "lkmmv2") -> tuple[Instruction, ...]:
    given = tuple(Constant(n) for n in numbers)
    place = Static(Address("x"))
    arguments: tuple[Expression, ...] = (*given, place) if name == "atomic_fetch_add" else (place, *given)
    arguments = tuple(reversed(arguments)) if "bit" in name else arguments
    body = Evaluate(Call(name, () if name in ("odd", "wordless", "smp_wmb") else arguments))
    return _compile(body, macros, variant)


def _compile(body: Evaluate | Assignment, macros: MacroTable, variant: str) -> tuple[Instruction, ...]:
    locations = (Location("x", Address("x"), TYPES["int"], bits=(("Pin", 0),)),)
    program = Program("t", Dialect.C, locations, (Thread("P0", (body,)),))
    return compile_for(program, "lkmm", macros=macros, options=CompileOptions(variant=variant)).threads[0]


def words(tags: frozenset[str]) -> str:
    return "+".join(sorted(tags))


def shown(instructions: tuple[Instruction, ...]) -> str:
    events = []
    for i in instructions:
        match i:
            case Load():
                events.append(f"R[{words(i.tags)}]")
            case Store():
                events.append(f"W[{words(i.tags)}]")
            case Fence():
                events.append(f"F[{words(i.tags)}]")
            case ReadModifyWrite():
                failed = "" if i.condition is None else f"?{words(i.failed_tags)}"
                guards = "".join(f"{tag} " for tag in i.guards)
                events.append(f"U[{guards}{words(i.read_tags)}/{words(i.write_tags)}{failed}]")
            case Branch():
                events.append("B")
            case Assume():
                events.append("A")
    return " ".join(events)


@pytest.mark.parametrize(
    ("name", "numbers", "new", "old"),
    [
        ("READ_ONCE", (), "R[ONCE]", "R[Once]"),
        ("atomic_read", (), "R[ONCE]", "R[Once]"),
        ("WRITE_ONCE", (1,), "W[ONCE]", "W[Once]"),
        ("smp_store_mb", (1,), "W[ONCE] F[MB]", "W[Once] F[Mb]"),
        ("xchg", (1,), "U[MB+RMW/MB+RMW]", "U[Mb Once+RMW/Once+RMW]"),
        ("xchg_acquire", (1,), "U[ACQUIRE+RMW/ACQUIRE+RMW]", "U[Acquire+RMW/Once+RMW]"),
        ("cmpxchg", (0, 1), "U[MB+RMW/MB+RMW?MB+RMW]", "U[Mb Once+RMW/Once+RMW?Once+RMW]"),
        ("atomic_inc", (), "U[NORETURN+RMW/NORETURN+RMW]", "U[Noreturn+RMW/Once+RMW]"),
        ("atomic_fetch_add", (2,), "U[MB+RMW/MB+RMW]", "U[Mb Once+RMW/Once+RMW]"),
        ("spin_lock", (), "U[LKR/LKW] A", "U[LKR/LKW] A"),
        ("spin_trylock", (), "U[LKR/LKW?LF]", "U[LKR/LKW?LF]"),
        ("spin_unlock", (), "W[UL]", "W[UL]"),
        ("spin_is_locked", (), "R[RL]", "R[RL]"),
        ("synchronize_srcu", (), "F[Sync-srcu]", "F[Sync-srcu]"),
    ],
)
def test_events(name: str, numbers: tuple[int, ...], new: str, old: str) -> None:
    assert shown(compiled(name, *numbers)) == new
    assert shown(compiled(name, *numbers, macros=OLD, variant="lkmmv1")) == old


def test_values() -> None:
    body = Assignment(Local("r"), Call("atomic_dec_and_test", (Static(Address("x")),)))
    update, assign = _compile(body, NEW, "lkmmv2")[:2]
    assert isinstance(update, ReadModifyWrite)
    assert isinstance(assign, Assign)
    assert assign.value == Apply("==", (Apply("s32", (Apply("-", (Register("%1"), 1)),)), 0))
    unless = compiled("atomic_add_unless", 2, 7)[0]
    assert isinstance(unless, ReadModifyWrite)
    assert unless.condition == Apply("!=", (Register("%1"), 7))
    assert unless.new == Apply("s32", (Apply("+", (Register("%1"), 2)),))


def test_old_tables_leave_add_unless_to_the_tool() -> None:
    assert shown(compiled("atomic_add_unless", 1, 2, macros=MacroTable("def", {}), variant="lkmmv1")) == (
        "U[Mb Once+RMW/Once+RMW?Once+RMW]"
    )


@pytest.mark.parametrize(
    ("name", "new", "old"),
    [
        ("set_bit", "U[NORETURN+RMW/NORETURN+RMW]", "U[Noreturn+RMW/Once+RMW]"),
        ("test_and_set_bit", "U[MB+RMW/MB+RMW]", "U[Mb Once+RMW/Once+RMW]"),
        ("test_and_set_bit_lock", "U[ACQUIRE+RMW/ACQUIRE+RMW?ONCE]", "U[Acquire+RMW/Once+RMW?Once]"),
        ("test_bit", "R[ONCE]", "R[Once]"),
        ("atomic64_read", "R[ONCE]", "R[Once]"),
        ("refcount_inc", "U[ONCE+RMW/ONCE+RMW]", "U[Once+RMW/Once+RMW]"),
        ("atomic_inc_not_zero", "U[MB+RMW/MB+RMW?MB+RMW]", "U[Mb Once+RMW/Once+RMW?Once+RMW]"),
        ("mutex_lock", "U[ACQUIRE+RMW/ACQUIRE+RMW] A", "U[Acquire+RMW/Once+RMW] A"),
        ("raw_spin_lock_irqsave", "U[LKR/LKW] A", "U[LKR/LKW] A"),
        ("srcu_down_read", "F[Srcu-lock]", "F[Srcu-lock]"),
        ("SetPagePin", "U[NORETURN+RMW/NORETURN+RMW]", "U[Noreturn+RMW/Once+RMW]"),
    ],
)
def test_what_a_table_leaves_out_has_the_events_that_its_words_give(name: str, new: str, old: str) -> None:
    place = Static(Address("x"))
    arguments: tuple[Expression, ...] = (Constant(1), place) if "bit" in name else (place,)
    body = Evaluate(Call(name, arguments))
    assert shown(_compile(body, NEW, "lkmmv2")) == new
    assert shown(_compile(body, OLD, "lkmmv1")) == old


def test_a_location_is_as_wide_as_its_type() -> None:
    """The address of an int is eight bytes and unsigned; the int is not."""
    negative = Assignment(Local("r"), Binary("<", Call("READ_ONCE", (Static(Address("x")),)), Constant(0)))
    assert next(i.value for i in _compile(negative, NEW, "lkmmv2") if isinstance(i, Assign)) == Apply(
        "<", (Register("%1"), 0)
    )
    store = compiled("WRITE_ONCE", 1 << 32)[0]
    assert isinstance(store, Store)
    assert store.value == 0


def test_srcu_events_carry_the_cookie() -> None:
    lock, unlock = compiled("srcu_read_lock")[0], compiled("srcu_read_unlock", 5)[0]
    assert isinstance(lock, Fence)
    assert isinstance(unlock, Fence)
    assert lock.result is not None
    assert unlock.value == 5
    assert lock.location == unlock.location == Address("x")


@pytest.mark.parametrize(
    ("name", "numbers", "error", "message"),
    [
        ("set_bot", (1,), UnknownNameError, "unknown primitive 'set_bot'"),
        ("smp_wmb", (), UnsupportedError, "'smp_wmb' cannot be expressed on lkmm: 'linux-kernel.def' has no tag 'wmb'"),
        ("clear_bit_unlock", (1,), UnsupportedError, "has no tag 'release'"),
        ("xchg", (), ParseError, r"'xchg' takes 2 \(X, V\) arguments, not 1"),
        ("odd", (), ModelError, "unknown intrinsic '__frob'"),
        ("bare", (1,), ModelError, "wants its operator"),
        ("free", (), ModelError, "'Y' is not a parameter"),
    ],
)
def test_errors(name: str, numbers: tuple[int, ...], error: type[LitmusError], message: str) -> None:
    with pytest.raises(error, match=message):
        compiled(name, *numbers)


def test_macros_are_for_lkmm() -> None:
    with pytest.raises(UsageError, match="for the target lkmm"):
        compile_for(Program("t", Dialect.C, (), ()), "x86", macros=NEW)
