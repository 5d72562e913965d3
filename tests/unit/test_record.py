"""Classes of `litmus.dataclass` do what the standard library's do."""

import copy
import dataclasses
import pickle
from typing import Any, ClassVar

import pytest

from litmus.record import dataclass, field, fields, is_dataclass, replace


def shapes(dataclass: Any, field: Any) -> tuple[type, ...]:
    """The same classes, made by either library."""

    @dataclass(frozen=True, slots=True)
    class Frozen:
        """Of every kind of field."""

        a: int
        b: "tuple[int, ...]" = ()
        c: str = field(default="c", compare=False, repr=False)
        d: list[int] = field(default_factory=list, hash=False)
        e: int = field(init=False, default=7)
        f: dict[str, int] = field(init=False, default_factory=dict, compare=False)
        limit: ClassVar[int] = 3

        def double(self) -> int:
            """Use a field."""
            return 2 * self.a

    @dataclass(slots=True)
    class Mutable:
        """Sets a field itself."""

        a: int = 1
        b: int = field(init=False, repr=False)

        def __post_init__(self) -> None:
            self.b = self.a + 1

    @dataclass(slots=True)
    class Longer(Mutable):
        """Has more fields than its base."""

        z: str = "z"

    @dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        """Can be sorted."""

        a: int
        b: int = 0

    @dataclass(frozen=True, slots=True, eq=False)
    class Same:
        """Is only itself."""

        a: int

    @dataclass(frozen=True, slots=True)
    class Own:
        """Compares its own way, and has no hash of its own."""

        a: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own) and abs(self.a) == abs(other.a)

    @dataclass(frozen=True, slots=True)
    class Empty:
        """Without fields."""

    return Frozen, Mutable, Longer, Ordered, Same, Own, Empty


OURS = shapes(dataclass, field)
THEIRS = shapes(dataclasses.dataclass, dataclasses.field)


def answers(classes: tuple[type, ...]) -> list[Any]:
    """What is observed of the classes, errors included."""
    frozen, mutable, longer, ordered, same, own, empty = classes

    def tried(work: Any) -> Any:
        try:
            found = work()
        except (TypeError, AttributeError) as error:
            return type(error).__name__
        return found if isinstance(found, (bool, int, str, tuple, list, set)) else repr(found)

    one = frozen(1, (2,), d=[3])
    return [
        tried(work)
        for work in (
            lambda: repr(one).partition(".<locals>.")[2],
            lambda: one == frozen(1, (2,), "other", [3]),
            lambda: one == frozen(1, (3,), "c", [3]),
            lambda: one == (1, (2,), "c", [3]),
            lambda: hash(one) == hash(frozen(1, (2,), d=[4])),
            lambda: hash(one) == hash(frozen(2, (2,))),
            lambda: setattr(one, "a", 2),
            lambda: delattr(one, "a"),
            lambda: one.double(),
            lambda: frozen.limit,
            lambda: frozen(),
            lambda: frozen(1, 2, 3, 4, 5),
            lambda: frozen(a=1, e=2),
            lambda: frozen(1).d is frozen(1).d,
            lambda: frozen.__match_args__,
            lambda: [f.name for f in dataclasses.fields(frozen)],
            lambda: [(f.name, f.init, f.repr, f.compare) for f in dataclasses.fields(one)],
            lambda: dataclasses.is_dataclass(frozen),
            lambda: dataclasses.replace(one, a=5).a,
            lambda: dataclasses.asdict(one),
            lambda: hasattr(one, "__dict__"),
            lambda: (copy.copy(one) == one, copy.deepcopy(one) == one),
            lambda: (mutable(4).b, mutable(a=5).b, mutable().a),
            lambda: hash(mutable()),
            lambda: [longer(2, "y").b, longer().z, longer.__match_args__, longer(1) == mutable(1)],
            lambda: min(ordered(2), ordered(1, 5), ordered(1, 3)).b,
            lambda: (ordered(1) < ordered(2), ordered(1) >= ordered(1), ordered(1) > ordered(1, 1)),
            lambda: ordered(1) < 3,
            lambda: (same(1) == same(1), len({same(1), same(1)})),
            lambda: own(1) == own(-1),
            lambda: hash(own(1)) == hash(own(1)),
            lambda: (empty() == empty(), len({empty(), empty()})),
            lambda: frozen.__doc__,
            lambda: frozen.__slots__ == tuple("abcdef"),
        )
    ]


def test_they_answer_as_the_standard_library_does():
    assert answers(OURS) == answers(THEIRS)
    assert answers(OURS) == answers(THEIRS)  # once every method is in its place


@dataclass(frozen=True, slots=True)
class Sent:
    """Goes from process to process."""

    a: int
    b: str = "b"


def test_matching():
    match Sent(1, "c"):
        case Sent(a, b):
            assert (a, b) == (1, "c")


def test_pickling():
    assert pickle.loads(pickle.dumps(Sent(1))) == Sent(1)


def test_our_own_helpers():
    frozen = OURS[0]
    one = frozen(1)
    assert [f.name for f in fields(one)] == list("abcdef")
    assert is_dataclass(frozen)
    assert is_dataclass(one)
    assert not is_dataclass(1)
    assert replace(one, b=(1,)) == frozen(1, (1,))
    with pytest.raises(TypeError):
        replace(one, nothing=1)


def test_only_with_slots():
    with pytest.raises(TypeError, match="without slots"):
        dataclass(slots=False)


def test_an_error_names_what_was_called():
    with pytest.raises(TypeError, match=r"Sent\.__init__\(\) missing 1 required positional argument: 'a'"):
        Sent()
