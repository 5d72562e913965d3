"""What a read or an update turns out to be depends on the value read."""

from litmus.event.unfold import unfold
from litmus.program.instruction import Assume, Instruction, Load, Origin, ReadModifyWrite
from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.term import Address, Apply, Register

X, HERE = Address("x"), Origin("P0:1", "")


def paths(*code: Instruction) -> list[str]:
    program = Program("t", Dialect.C, (Location("x", X),), (Thread("P0", ()),))
    found = unfold(program, (code,), "lkmm", 2)
    return [" ".join(f"{e.kind}[{'+'.join(sorted(e.tags))}]" for e in s.events if e.thread == 0) for s in found]


def load() -> Load:
    return Load("r", X, frozenset({"RL"}), HERE, zero_tags=frozenset({"RU"}))


def test_a_read_of_zero_has_its_own_tags() -> None:
    free = Assume(Apply("==", (Register("r"), 0)), HERE)
    assert paths(load()) == ["R[RU]"]  # nothing ever writes x
    assert paths(load(), free) == ["R[RU]"]


def test_guards_stand_around_an_update_that_is_written() -> None:
    old, once = Register("old"), frozenset({"Once"})
    condition = Apply("==", (old, 0))
    update = ReadModifyWrite(old, X, 1, once, once, HERE, condition, frozenset({"Failed"}), guards=("Mb",))
    assert paths(update, update) == [
        "F[Mb] R[Once] W[Once] F[Mb] F[Mb] R[Once] W[Once] F[Mb]",
        "F[Mb] R[Once] W[Once] F[Mb] R[Failed]",
        "R[Failed] F[Mb] R[Once] W[Once] F[Mb]",
        "R[Failed] R[Failed]",
    ]


def test_contradictory_branches_are_no_path() -> None:
    old, none = Register("old"), frozenset[str]()
    condition = Apply("==", (old, 0))
    update = ReadModifyWrite(old, X, 1, none, none, HERE, condition)
    refused = Assume(Apply("!", (condition,)), HERE)
    assert paths(update, refused) == ["R[]"]
