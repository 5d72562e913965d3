"""Symbolic execution of one thread: events, dependencies, forks."""

from litmus.event.unfold import thread_paths, unfold
from litmus.program.instruction import (
    Assign,
    Assume,
    Branch,
    Instruction,
    Jump,
    Label,
    Load,
    Mark,
    Origin,
    ReadModifyWrite,
    Store,
    StoreConditional,
)
from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.term import Address, Apply, ReadValue, Register

HERE = Origin("l", "statement")
X, Y, P = Address("x"), Address("y"), Address("p")
PLAIN: frozenset[str] = frozenset()
A, B = Register("a"), Register("b")


def _program(threads: int, pointer: Address = X) -> Program:
    locations = (Location("x", X), Location("y", Y), Location("p", P, initial=pointer))
    return Program("t", Dialect.DSL, locations, tuple(Thread(str(i), ()) for i in range(threads)))


def _paths(*code: Instruction, unroll: int = 2):  # type: ignore[no-untyped-def]
    return thread_paths(_program(1), [code], unroll)[0]


def _load(target: str, address: object) -> Load:
    return Load(target, address, PLAIN, HERE)  # type: ignore[arg-type]


def _store(address: object, value: object) -> Store:
    return Store(address, value, PLAIN, HERE)  # type: ignore[arg-type]


def test_a_dependency_survives_a_value_that_folds_away() -> None:
    (path,) = _paths(_load("a", X), Assign("b", Apply("^", (A, A)), HERE), _store(Y, B))
    assert path.events[1].value == 0
    assert path.data == ((0, 1),)


def test_an_address_dependency_goes_to_the_access_and_not_to_data() -> None:
    (path,) = _paths(_load("a", X), _load("b", Apply("+", (Y, Apply("^", (A, A))))))
    assert path.addr == ((0, 1),)
    assert path.data == ()


def test_a_branch_forks_and_controls_what_follows_for_good() -> None:
    code = (_load("a", X), Branch(A, "end", HERE), _store(Y, 1), Label("end"), _store(Y, 2))
    fallen, jumped = thread_paths(_program(2), [code, (_store(X, 1),)], 2)[0]
    assert [e.value for e in fallen.events[1:]] == [1, 2]
    assert fallen.ctrl == ((0, 1), (0, 2))
    assert [e.value for e in jumped.events[1:]] == [2]
    assert jumped.ctrl == ((0, 1),)


def test_a_structured_branch_controls_up_to_its_join() -> None:
    code = (_load("a", X), Branch(A, "end", HERE, join="end"), _store(Y, 1), Label("end"), _store(Y, 2))
    fallen, jumped = thread_paths(_program(2), [code, (_store(X, 1),)], 2)[0]
    assert fallen.ctrl == ((0, 1),)
    assert jumped.ctrl == ()


def test_a_branch_on_a_known_value_does_not_fork() -> None:
    assert len(_paths(Assign("a", 1, HERE), Branch(A, "end", HERE), _store(Y, 1), Label("end"))) == 1


def test_a_path_that_no_value_allows_is_dropped() -> None:
    paths = _paths(_load("a", X), Branch(Apply("==", (A, 7)), "end", HERE), Label("end"))
    assert len(paths) == 1


def test_branches_that_justify_each_other_are_kept() -> None:
    # Out of thin air by control: each thread writes 1 only where it read the other's 1. A model decides, not we.
    first = (_load("a", X), Branch(A, "yes", HERE), Jump("end", HERE), Label("yes"), _store(Y, 1), Label("end"))
    second = (_load("a", Y), Branch(A, "yes", HERE), Jump("end", HERE), Label("yes"), _store(X, 1), Label("end"))
    assert [len(paths) for paths in thread_paths(_program(2), [first, second], 2)] == [2, 2]


def test_a_loop_is_cut_at_the_bound_and_says_so() -> None:
    spin = (Label("again"), _load("a", X), Branch(Apply("==", (A, 0)), "again", HERE))
    paths = thread_paths(_program(2), [spin, (_store(X, 1),)], 2)[0]
    assert [len(p.events) for p in paths] == [1, 2, 3, 3]
    assert ["unroll_bound_reached" in p.marks for p in paths] == [False, False, False, True]


def test_an_endless_loop_without_events_is_cut_too() -> None:
    (path,) = _paths(Label("again"), Jump("again", HERE))
    assert path.marks == {"unroll_bound_reached", "bounded: loop at l unrolled 2 times"}


def test_an_update_relates_its_read_and_its_write() -> None:
    (path,) = _paths(ReadModifyWrite(A, X, Apply("+", (A, 1)), PLAIN, PLAIN, HERE))
    assert [e.kind for e in path.events] == ["R", "W"]
    assert path.amo == ((0, 1),)
    assert path.data == ((0, 1),)


def test_a_conditional_update_forks_into_success_and_failure() -> None:
    swap = ReadModifyWrite(
        A, X, 5, frozenset({"Mb"}), PLAIN, HERE, condition=Apply("==", (A, 0)), failed_tags=frozenset({"Once"})
    )
    done, failed = thread_paths(_program(2), [(swap,), (_store(X, 1),)], 2)[0]
    assert [e.kind for e in done.events] == ["R", "W"]
    assert [(e.kind, e.tags) for e in failed.events] == [("R", frozenset({"Once"}))]


def test_a_store_conditional_pairs_with_its_reservation_or_fails() -> None:
    code = (
        Load("a", X, PLAIN, HERE, exclusive=True),
        StoreConditional("s", X, 1, PLAIN, HERE, carries=True),
        _store(Y, Register("s")),
    )
    done, failed = _paths(*code)
    assert done.lxsx == ((0, 1),)
    assert done.events[2].value == 0
    assert done.data == ((1, 2),)
    assert failed.events[1].value == 1
    assert failed.data == ()


def test_a_store_conditional_without_reservation_fails() -> None:
    (path,) = _paths(StoreConditional("s", X, 1, PLAIN, HERE))
    assert path.events == ()
    assert path.registers["s"] == 1


def test_an_assumption_is_a_constraint() -> None:
    (path,) = _paths(_load("a", P), Assume(Apply("!=", (A, 0)), HERE))
    assert path.constraints == (Apply("!=", (ReadValue(0), 0)),)


def test_a_false_assumption_leaves_no_path() -> None:
    assert _paths(Assume(0, HERE)) == []


def test_marks_are_kept() -> None:
    (path,) = _paths(Mark("bug", HERE))
    assert path.marks == {"bug"}


def test_a_pointer_is_followed_to_every_object_that_it_may_hold() -> None:
    reader = (_load("a", P), _load("b", A))
    writer = (_store(P, Y),)
    targets = {p.events[1].location for p in thread_paths(_program(2), [reader, writer], 2)[0]}
    assert targets == {"x", "y"}


def test_an_access_outside_every_object_is_marked() -> None:
    reader = (_load("a", P), _load("b", A))
    writer = (_store(P, 0),)
    marks = [p.marks for p in thread_paths(_program(2), [reader, writer], 2)[0]]
    assert marks == [frozenset(), {"invalid_access"}]


def test_structures_number_initial_writes_first_and_shift_the_rest() -> None:
    (structure,) = unfold(_program(2), [(_store(X, 1),), (_load("a", X), _store(Y, A))], "lkmm", 2)
    assert [(e.thread, e.kind, e.location) for e in structure.events] == [
        (-1, "W", "x"),
        (-1, "W", "y"),
        (0, "W", "x"),
        (1, "R", "x"),
        (1, "W", "y"),
    ]
    assert structure.events[4].value == ReadValue(3)
    assert structure.relations["data"] == 1 << (3 * 5 + 4)


def test_one_instruction_is_one_point_of_program_order_on_hardware_only() -> None:
    code = [(ReadModifyWrite(A, X, 1, PLAIN, PLAIN, HERE),)]
    (wide,) = unfold(_program(1), code, "lkmm", 2)
    (narrow,) = unfold(_program(1), code, "x86", 2)
    assert wide.relations["po"] == 1 << (1 * 3 + 2)
    assert narrow.relations["po"] == 0
