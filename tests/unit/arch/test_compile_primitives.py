"""Every ordering class of primitive, on every target: the events that it comes to."""

import pytest

from litmus.arch.catalogue import recipes
from litmus.arch.compile import TARGETS, CompileOptions, compile_for
from litmus.errors import ParseError, UnknownNameError, UnsupportedError
from litmus.program.instruction import Assume, Branch, Fence, Instruction, Load, ReadModifyWrite, Store
from litmus.program.primitive import PRIMITIVES, Parameter
from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.syntax import Call, Constant, Evaluate, Expression, Local, Member, Static
from litmus.program.term import Address, Apply, Register
from litmus.program.types import TYPES
from litmus.source import Source

X = Address("x")
PAGE = Address("page")


def program(*calls: Call, type_: str = "int") -> Program:
    locations = (
        Location("x", X, TYPES[type_]),
        Location("page->flags", Address("page", 8), TYPES["unsigned long"], bits=(("Dirty", 3), ("Locked", 5))),
    )
    body = tuple(Evaluate(call, text=call.name) for call in calls)
    return Program("t", Dialect.DSL, locations, (Thread("P0", body, types={"r": TYPES["int"]}),))


def code(call: Call, target: str, **options: str) -> tuple[Instruction, ...]:
    return compile_for(program(call), target, options=CompileOptions(**options)).threads[0]


def words(tags: frozenset[str]) -> str:
    return "+".join(sorted(tags - {"RMW"}))


def shown(instructions: tuple[Instruction, ...]) -> str:
    """The events in order: ``R[tags]``, ``W[tags]``, ``F[tag]``, ``U[read/write]`` with ``?failed`` if conditional."""
    events = []
    for instruction in instructions:
        match instruction:
            case Load(tags=tags):
                events.append(f"R[{words(tags)}]")
            case Store(tags=tags):
                events.append(f"W[{words(tags)}]")
            case Fence(tags):
                events.append(f"F[{words(tags)}]")
            case ReadModifyWrite():
                failed = "" if instruction.condition is None else f"?{words(instruction.failed_tags)}"
                events.append(f"U[{words(instruction.read_tags)}/{words(instruction.write_tags)}{failed}]")
            case Branch():
                events.append("B")
            case Assume():
                events.append("A")
    return " ".join(events)


def arguments(name: str) -> tuple[Expression, ...]:
    """Arguments that fit a primitive."""
    fitting: dict[str, Expression] = {
        "ptr": Static(X),
        "local": Local("r"),
        "condition": Constant(1),
        "flags": Local("flags"),
        "nr": Constant(2),
    }
    return tuple(fitting.get(parameter, Constant(1)) for parameter in recipes()[name].parameters)


# What each primitive is on lkmm, x86, armv8, power and riscv.
TABLE = {
    "READ_ONCE": ("R[Once]", "R[]", "R[]", "R[]", "R[]"),
    "WRITE_ONCE": ("W[Once]", "W[]", "W[]", "W[]", "W[]"),
    "smp_load_acquire": ("R[Acquire]", "R[]", "R[A]", "R[] F[LWSYNC]", "R[] F[Fence.r.rw]"),
    "smp_store_release": ("W[Release]", "W[]", "W[L]", "F[LWSYNC] W[]", "F[Fence.rw.w] W[]"),
    "smp_store_mb": ("W[Once] F[Mb]", "U[X/X]", "W[] F[DMB.ISH]", "W[] F[SYNC]", "W[] F[Fence.rw.rw]"),
    "rcu_assign_pointer": ("W[Release]", "W[]", "W[L]", "F[LWSYNC] W[]", "F[Fence.rw.w] W[]"),
    "rcu_dereference": ("R[Once]", "R[]", "R[]", "R[]", "R[]"),
    "cpu_relax": ("F[Barrier]", "", "", "", ""),
    "smp_cond_load_relaxed": ("R[Once] B", "R[] B", "R[] B", "R[] B", "R[] B"),
    "smp_cond_load_acquire": ("R[Acquire] B", "R[] B", "R[A] B", "R[] B F[LWSYNC]", "R[] B F[Fence.r.r]"),
    "barrier": ("F[Barrier]", "", "", "", ""),
    "smp_mb": ("F[Mb]", "F[MFENCE]", "F[DMB.ISH]", "F[SYNC]", "F[Fence.rw.rw]"),
    "mb": ("F[Mb]", "F[MFENCE]", "F[DMB.ISH]", "F[SYNC]", "F[Fence.rw.rw]"),
    "smp_rmb": ("F[Rmb]", "", "F[DMB.ISHLD]", "F[LWSYNC]", "F[Fence.r.r]"),
    "smp_wmb": ("F[Wmb]", "", "F[DMB.ISHST]", "F[LWSYNC]", "F[Fence.w.w]"),
    "smp_mb__before_atomic": ("F[Before-atomic]", "", "F[DMB.ISH]", "F[SYNC]", "F[Fence.rw.rw]"),
    "smp_mb__after_atomic": ("F[After-atomic]", "", "F[DMB.ISH]", "F[SYNC]", "F[Fence.rw.rw]"),
    "smp_mb__after_spinlock": ("F[After-spinlock]", "", "F[DMB.ISH]", "F[SYNC]", "F[Fence.rw.rw]"),
    "smp_mb__after_unlock_lock": ("F[After-unlock-lock]", "", "", "F[SYNC]", "F[Fence.rw.rw]"),
    "rcu_read_lock": ("F[Rcu-lock]", "", "", "", ""),
    "rcu_read_unlock": ("F[Rcu-unlock]", "", "", "", ""),
    "atomic_inc": ("U[Noreturn/Once]", "U[X/X]", "U[X/X]", "U[X/X]", "U[/]"),
    "atomic_fetch_add_relaxed": ("U[Once/Once]", "U[X/X]", "U[X/X]", "U[X/X]", "U[/]"),
    "xchg_acquire": ("U[Acquire/Once]", "U[X/X]", "U[A+X/X]", "U[X/X] F[LWSYNC]", "U[/] F[Fence.r.rw]"),
    "xchg_release": ("U[Once/Release]", "U[X/X]", "U[X/L+X]", "F[LWSYNC] U[X/X]", "F[Fence.rw.w] U[/]"),
    "xchg": ("U[Mb/Mb]", "U[X/X]", "U[X/L+X] F[DMB.ISH]", "F[SYNC] U[X/X] F[SYNC]", "U[AcqRel/AcqRel]"),
    "atomic_dec_and_test": ("U[Mb/Mb]", "U[X/X]", "U[X/L+X] F[DMB.ISH]", "F[SYNC] U[X/X] F[SYNC]", "U[AcqRel/AcqRel]"),
    "cmpxchg_relaxed": ("U[Once/Once?Once]", "U[X/X]", "U[X/X?X]", "U[X/X?X]", "U[X/X?X]"),
    "cmpxchg": (
        "U[Mb/Mb?Once]",
        "U[X/X]",
        "U[X/L+X?X] B F[DMB.ISH]",
        "F[SYNC] U[X/X?X] B F[SYNC]",
        "U[X/Rel+X?X] B F[Fence.rw.rw]",
    ),
    "try_cmpxchg_acquire": (
        "U[Acquire/Once?Once]",
        "U[X/X]",
        "U[A+X/X?A+X]",
        "U[X/X?X] B F[LWSYNC]",
        "U[X/X?X] B F[Fence.r.rw]",
    ),
    "atomic_add_unless": (
        "U[Mb/Mb?Once]",
        "U[X/X?]",
        "U[X/L+X?] B F[DMB.ISH]",
        "F[SYNC] U[X/X?X] B F[SYNC]",
        "U[X/Rel+X?X] B F[Fence.rw.rw]",
    ),
    "refcount_inc": ("U[Once/Once]", "U[X/X]", "U[X/X]", "U[X/X]", "U[/]"),
    "refcount_dec_and_test": (
        # The last one, which reads 1, or another one; both go on to the test of what was read.
        "U[Acquire/Release] A U[Once/Release] A B F[Rmb]",
        "U[X/X] B",
        "U[X/L+X] B F[DMB.ISHLD]",
        "F[LWSYNC] U[X/X] B F[LWSYNC]",
        "F[Fence.rw.w] U[/] B F[Fence.r.r]",
    ),
    # Where it gives up it has only looked: no fence before, where it is one on release.
    "refcount_dec_not_one": (
        "U[Once/Release?Once]",
        "U[X/X?]",
        "U[X/L+X?]",
        "F[LWSYNC] U[X/X?] A U[X/X?] A",
        "F[Fence.rw.w] U[X/X?] A U[X/X?] A",
    ),
    "test_bit": ("R[Once]", "R[]", "R[]", "R[]", "R[]"),
    "set_bit": ("U[Noreturn/Once]", "U[X/X]", "U[X/X]", "U[X/X]", "U[/]"),
    "__set_bit": ("R[Plain] W[Plain]", "R[] W[]", "R[] W[]", "R[] W[]", "R[] W[]"),
    "test_and_set_bit": ("U[Mb/Mb]", "U[X/X]", "U[X/L+X] F[DMB.ISH]", "F[SYNC] U[X/X] F[SYNC]", "U[AcqRel/AcqRel]"),
    "test_and_set_bit_lock": (
        "U[Acquire/Once?Once]",
        "U[X/X]",
        "U[A+X/X?]",
        "U[X/X] F[LWSYNC]",
        "U[Acq/Acq]",
    ),
    "clear_bit_unlock": ("U[Once/Release]", "U[X/X]", "U[X/L+X]", "F[LWSYNC] U[X/X]", "U[Rel/Rel]"),
    "lock_page": ("U[Acquire/Once] A", "U[X/X] A", "U[A+X/X] A", "U[X/X] F[LWSYNC] A", "U[Acq/Acq] A"),
    "spin_lock": ("U[LKR/LKW] A", "U[X/X] A", "U[A+X/X] A", "U[X/X] F[LWSYNC] A", "U[X/X] F[Fence.r.rw] A"),
    "spin_unlock": ("W[UL]", "W[]", "W[L]", "F[LWSYNC] W[]", "F[Fence.rw.w] W[]"),
    "spin_trylock": (
        "U[LKR/LKW?LF]",
        "U[X/X?]",
        "U[A+X/X?]",
        "U[X/X?X] B F[LWSYNC]",
        "U[X/X?] B F[Fence.r.rw]",
    ),
    # The kernel looks before it tries: what fails is a plain read everywhere, on x86 no locked instruction.
    "write_trylock": (
        "U[Acquire/Once?Once]",
        "U[X/X?]",
        "U[A+X/X?]",
        "U[X/X?] B F[LWSYNC]",
        "U[X/X?] B F[Fence.r.rw]",
    ),
    "mutex_trylock": (
        "U[Acquire/Once?Once]",
        "U[X/X?]",
        "U[A+X/X?]",
        "U[X/X?] B F[LWSYNC]",
        "U[X/X?] B F[Fence.r.rw]",
    ),
    "spin_is_locked": ("R[RL]", "R[]", "R[]", "R[]", "R[]"),
    "read_lock": ("U[Acquire/Once] A", "U[X/X] A", "U[A+X/X] A", "U[X/X] F[LWSYNC] A", "U[/] F[Fence.r.rw] A"),
    "mutex_lock": ("U[Acquire/Once] A", "U[X/X] A", "U[A+X/X] A", "U[X/X] F[LWSYNC] A", "U[X/X] F[Fence.r.rw] A"),
    "mutex_unlock": ("U[Once/Release]", "U[X/X]", "U[X/L+X]", "F[LWSYNC] U[X/X]", "F[Fence.rw.w] U[X/X]"),
}


@pytest.mark.parametrize("name", TABLE)
def test_events(name: str) -> None:
    found = tuple(
        shown(code(Call(name, arguments(name)), target)) for target in ("lkmm", "x86", "armv8", "power", "riscv")
    )
    assert found == TABLE[name]


LSE = {
    "atomic_add": "U[NoRet/]",
    "set_bit": "U[NoRet/]",
    "atomic_fetch_add_relaxed": "U[/]",
    "atomic_fetch_add_acquire": "U[A/]",
    "atomic_fetch_add_release": "U[/L]",
    "atomic_add_return": "U[A/L]",
    "xchg": "U[A/L]",
    "test_and_set_bit": "U[A/L]",
    "test_and_set_bit_lock": "U[A/?]",
    "clear_bit_unlock": "U[/L]",
    "cmpxchg_relaxed": "U[/?]",
    "cmpxchg_acquire": "U[A/?A]",
    "cmpxchg_release": "U[/L?]",
    "cmpxchg": "U[A/L?A]",
    "atomic_add_unless": "U[A/L?]",
    "spin_lock": "U[A/] A",
    "spin_trylock": "U[A/?]",
    "smp_store_release": "W[L]",
}


@pytest.mark.parametrize("name", LSE)
def test_lse(name: str) -> None:
    """Updates of one instruction, and no barrier behind those that are fully ordered."""
    instructions = code(Call(name, arguments(name)), "armv8", atomics="lse")
    assert shown(instructions) == LSE[name]
    assert all(i.flavour == "amo" for i in instructions if isinstance(i, ReadModifyWrite))


@pytest.mark.parametrize("name", sorted(recipes()))
@pytest.mark.parametrize("target", TARGETS)
def test_every_primitive_compiles_or_says_why_not(name: str, target: str) -> None:
    try:
        instructions = code(Call(name, arguments(name)), target)
    except UnsupportedError:
        assert target != "lkmm"
        assert "sr" in name or "synchronize" in name
    else:
        assert all(i.origin.label for i in instructions if hasattr(i, "origin"))


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_recipes_have_the_parameters_that_frontends_check(name: str) -> None:
    roles = {Parameter.LVALUE: "ptr", Parameter.ADDRESS: "ptr"}
    roles |= {Parameter.CONDITION: "condition", Parameter.LOCAL: "local"}
    recipe = recipes()[name]
    assert len(recipe.parameters) == len(PRIMITIVES[name].parameters)
    for ours, theirs in zip(recipe.parameters, PRIMITIVES[name].parameters, strict=True):
        assert roles.get(theirs, ours) == ours
        assert theirs in roles or ours not in roles.values()
    assert (recipe.result is None) == (PRIMITIVES[name].result.value == "nothing")


def update(name: str, *given: Expression, type_: str = "int") -> ReadModifyWrite:
    found = compile_for(program(Call(name, given), type_=type_), "lkmm").threads[0][0]
    assert isinstance(found, ReadModifyWrite)
    return found


def test_flavours() -> None:
    xchg, cmpxchg = Call("xchg", (Static(X), Constant(1))), Call("cmpxchg", (Static(X), Constant(0), Constant(1)))
    kinds = {}
    for target in TARGETS:
        for call in (xchg, cmpxchg):
            (found,) = (i for i in code(call, target) if isinstance(i, ReadModifyWrite))
            kinds[target, call.name] = found.flavour
    assert {key for key, flavour in kinds.items() if flavour == "lxsx"} == {
        ("armv8", "xchg"),
        ("armv8", "cmpxchg"),
        ("power", "xchg"),
        ("power", "cmpxchg"),
        ("riscv", "cmpxchg"),
    }


def test_operands_come_in_the_kernels_order() -> None:
    was = Register("%1")
    assert update("atomic_sub", Constant(3), Static(X)).new == Apply("s32", (Apply("-", (was, 3)),))
    assert update("atomic_andnot", Constant(4), Static(X)).new == Apply("&", (was, ~4))
    add_unless = update("atomic_add_unless", Static(X), Constant(2), Constant(7))
    assert add_unless.condition == Apply("!=", (was, 7))
    assert add_unless.new == Apply("s32", (Apply("+", (was, 2)),))
    assert update("cmpxchg", Static(X), Constant(4), Constant(5)).condition == Apply("==", (was, 4))
    assert update("set_bit", Constant(4), Static(X)).new == Apply("|", (was, 16))


def test_a_failed_x86_compare_and_exchange_writes_back() -> None:
    (found,) = (i for i in code(Call("cmpxchg", arguments("cmpxchg")), "x86") if isinstance(i, ReadModifyWrite))
    assert found.new == Apply("ite", (Apply("==", (found.old, 1)), 1, found.old))


def test_updates_wrap_to_the_type_of_the_location() -> None:
    assert update("xchg", Static(X), Constant(300), type_="u8").new == 44
    grown = update("atomic64_add", Constant(1), Static(X), type_="atomic64_t").new
    assert grown == Apply("s64", (Apply("+", (Register("%1"), 1)),))


@pytest.mark.parametrize(
    ("target", "events"), [("lkmm", "U[Mb/Mb?Once]"), ("armv8", "U[X/L+X?] B F[DMB.ISH]"), ("x86", "U[X/X]")]
)
def test_bit_operations_before_linux_6(target: str, events: str) -> None:
    call = Call("test_and_set_bit", arguments("test_and_set_bit"))
    assert shown(code(call, target, bitops="pre-6.0")) == events
    change = Call("test_and_change_bit", arguments("test_and_change_bit"))
    assert shown(code(change, target, bitops="pre-6.0")) == shown(code(change, target))


def test_a_skipped_test_and_set_bit_is_no_update() -> None:
    """The early return is an ordinary read: smp_mb__before_atomic() does not speak of it."""
    (found,) = (
        i
        for i in code(Call("test_and_set_bit", arguments("test_and_set_bit")), "lkmm", bitops="pre-6.0")
        if isinstance(i, ReadModifyWrite)
    )
    assert found.failed_tags == {"Once"}
    assert found.read_tags == {"Mb", "RMW"}


def test_page_flag_accessors_work_on_the_flags_word() -> None:
    (found,) = (i for i in code(Call("TestClearPageDirty", (Static(PAGE),)), "lkmm") if isinstance(i, ReadModifyWrite))
    assert found.address == Address("page", 8)
    assert found.new == Apply("&", (found.old, ~8))
    (lock, _, _) = code(Call("lock_page", (Static(PAGE),)), "lkmm")
    assert isinstance(lock, ReadModifyWrite)
    assert lock.new == Apply("|", (lock.old, 32))
    by_number = Call("lock_page", (Constant(5), Member(Static(PAGE), "flags", 8)))
    assert shown(code(by_number, "lkmm")) == "U[Acquire/Once] A"


def test_null_is_published_without_order_on_hardware() -> None:
    call = Call("rcu_assign_pointer", (Static(X), Constant(0)))
    assert [shown(code(call, target)) for target in ("lkmm", "armv8", "power")] == ["W[Release]", "W[]", "W[]"]


def test_srcu_pairs_through_the_cookie() -> None:
    lock = compile_for(program(Call("srcu_read_lock", (Static(X),))), "lkmm").threads[0][0]
    assert isinstance(lock, Load)
    assert lock.tags == {"Srcu-lock"}
    unlock = compile_for(program(Call("srcu_read_unlock", (Static(X), Local("r")))), "lkmm").threads[0][0]
    assert isinstance(unlock, Store)
    assert unlock.tags == {"Srcu-unlock"}
    assert unlock.value == Register("r")
    sync = compile_for(program(Call("synchronize_srcu", (Static(X),))), "lkmm").threads[0][0]
    assert isinstance(sync, Fence)
    assert sync.tags == {"Sync-srcu"}
    assert sync.location == X


def test_is_locked_is_one_of_two_events() -> None:
    load = code(Call("spin_is_locked", (Static(X),)), "lkmm")[0]
    assert isinstance(load, Load)
    assert load.tags == {"RL"}
    assert load.zero_tags == frozenset({"RU"})


def spanned(text: str, name: str, *given: Expression) -> Call:
    return Call(name, given, Source("t.lit", text).span(0, len(text)))


def test_an_unknown_primitive_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        compile_for(program(spanned("smp_wbm()", "smp_wbm")), "lkmm")
    assert caught.value.render() == (
        "t.lit:1:1: error: unknown primitive 'smp_wbm' (did you mean 'smp_wmb'?)\n  smp_wbm()\n  ^^^^^^^"
    )


def test_a_wrong_number_of_arguments() -> None:
    with pytest.raises(ParseError, match=r"'xchg' takes 2 arguments \(ptr, value\), not 1"):
        compile_for(program(spanned("xchg(&x)", "xchg", Static(X))), "lkmm")


@pytest.mark.parametrize("target", ["x86", "armv8", "power", "riscv", "sc"])
@pytest.mark.parametrize("name", ["synchronize_rcu", "srcu_read_lock", "synchronize_srcu"])
def test_what_is_no_instruction_is_refused(name: str, target: str) -> None:
    with pytest.raises(UnsupportedError, match=f"'{name}' cannot be expressed on {target}") as caught:
        code(Call(name, arguments(name)), target)
    assert caught.value.hint == "it can on lkmm"


GRACE = {
    *("synchronize_rcu", "synchronize_rcu_expedited", "synchronize_srcu", "synchronize_srcu_expedited"),
    *("srcu_read_lock", "srcu_read_unlock", "srcu_down_read", "srcu_up_read", "smp_mb__after_srcu_read_unlock"),
}


def refusal(name: str, target: str) -> str | None:
    """Return the hint of the error where a target cannot express a primitive."""
    try:
        code(Call(name, arguments(name)), target)
    except UnsupportedError as error:
        return error.hint or error.message
    return None


@pytest.mark.parametrize("target", TARGETS)
def test_every_primitive_is_compiled_or_refused_with_the_models_that_can(target: str) -> None:
    refused = {name: hint for name in sorted(PRIMITIVES) if (hint := refusal(name, target)) is not None}
    assert refused == ({} if target == "lkmm" else dict.fromkeys(GRACE, "it can on lkmm"))


def test_a_bit_outside_the_word_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="bit 64"):
        code(Call("set_bit", (Constant(64), Static(X))), "lkmm")
