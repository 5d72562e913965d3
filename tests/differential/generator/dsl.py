"""Random tests in the language of .lit files: rings of two or three threads that share a location each with the next,
which is the form of everything that a weak memory model is about, made with primitives drawn from all that there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from litmus.program.primitive import PRIMITIVES, Guard, Parameter, Primitive, Yield, counters

NAMES = ("x", "y", "z")
TYPES = {"int": "atomic_", "s64": "atomic64_", "long": "atomic_long_"}
"""The types of locations, each with the counters that fit it."""

_PAIRED = ("lock_page", "trylock_page", "unlock_page", "bit_spin_")
"""What is of use in pairs only."""
_BITS = ("_bit", "_bit_lock", "_bit_unlock", "_bit_acquire")
FENCES = ("smp_mb", "smp_rmb", "smp_wmb", "smp_mb__before_atomic", "smp_mb__after_atomic", "barrier")


def _fits(primitive: Primitive, type_: str) -> bool:
    """Whether a primitive accesses a location of that type (and nothing of another size)."""
    name = primitive.name
    if primitive.guard is not Guard.DATA or not primitive.parameters or name.startswith(_PAIRED):
        return False
    if name.startswith(tuple(TYPES.values())):
        return name.startswith(TYPES[type_]) and (type_ == "long" or not name.startswith("atomic_long_"))
    if name.startswith("refcount_"):
        return type_ == "int"
    return type_ != "int" if name.endswith(_BITS) else True


ACCESSES = {
    (type_, reads): tuple(
        primitive
        for primitive in PRIMITIVES.values()
        if _fits(primitive, type_) and (primitive.result is not Yield.NOTHING) == reads
    )
    for type_ in TYPES
    for reads in (True, False)
}
"""The primitives that access a location of a type, by whether they return something."""

SIMPLE = {
    True: ("READ_ONCE", "READ_ONCE", "smp_load_acquire"),
    False: ("WRITE_ONCE", "WRITE_ONCE", "smp_store_release"),
}
LOCKS = {
    "spinlock_t": ("spin_lock", "spin_unlock", "spin_trylock"),
    "rwlock_t": ("write_lock", "write_unlock", "write_trylock"),
    "struct mutex": ("mutex_lock", "mutex_unlock", "mutex_trylock"),
}


PLAIN = 0.04
"""How often an access is plain: one that races is enough to make a test worthless."""


@dataclass(slots=True)
class Writer:
    """A thread under construction. ``places`` are the locations, with their types; ``last`` is the register that was
    read into last."""

    rng: Random
    places: dict[str, str]
    declared: list[str] = field(default_factory=list)
    last: str | None = None

    def register(self, type_: str, value: int = 0) -> str:
        """Declare a local."""
        name = f"r{len(self.declared)}"
        self.declared.append(f"{type_} {name} = {value};")
        return name

    def value(self) -> str:
        """Return something small to store or compare with, now and then what was read."""
        if self.last is not None and self.rng.random() < 0.3:
            return self.rng.choice((self.last, f"({self.last} & 0) + 1", f"{self.last} + 1"))
        return str(self.rng.choice((1, 1, 1, 2, 0)))

    def simple(self, place: str) -> str:
        """Return a marked access without any order."""
        return f"{self._kept()} = READ_ONCE({place});" if self.rng.random() < 0.5 else f"WRITE_ONCE({place}, 1);"

    def access(self, place: str) -> str:
        """Return a statement that accesses ``place`` and keeps what it returns."""
        reads = self.rng.random() < 0.5
        if self.rng.random() < PLAIN:
            return f"{self._kept()} = {place};" if reads else f"{place} = {self.value()};"
        simple = [PRIMITIVES[name] for name in SIMPLE[reads]]
        known = ACCESSES[self.places[_base(place)], reads]
        call = self._call(self.rng.choice(simple if self.rng.random() < 0.5 else known), place)
        return f"{self._kept()} = {call};" if reads else f"{call};"

    def _kept(self) -> str:
        self.last = self.register("long")
        return self.last

    def _call(self, primitive: Primitive, place: str) -> str:
        return f"{primitive.name}({', '.join(self._argument(primitive, p, place) for p in primitive.parameters)})"

    def _argument(self, primitive: Primitive, parameter: Parameter, place: str) -> str:
        match parameter:
            case Parameter.LVALUE:
                return place
            case Parameter.ADDRESS:
                own = counters(primitive.name)
                return f"({own[0]} *)&{place}" if own else f"&{place}"
            case Parameter.CONDITION:
                return self.rng.choice(("VAL != 0", "VAL < 9", "VAL == 1"))
            case Parameter.LOCAL:
                return f"&{self.register(self.places[_base(place)], self.rng.choice((0, 0, 1)))}"
            case Parameter.VALUE:
                return str(self.rng.choice((0, 0, 1))) if primitive.name.endswith(_BITS) else self.value()


def _base(place: str) -> str:
    """Return the location that ``x[r0 & 0]`` is."""
    return place if place in NAMES else f"{place[0]}[0]"


def _link(rng: Random) -> list[str]:
    return [f"{rng.choice(FENCES)}();"] if rng.random() < 0.5 else []


def _steps(thread: Writer, first: str, second: str) -> list[str]:
    """Two accesses or three, with something between them that may order."""
    rng = thread.rng
    steps = [thread.access(first)]
    if rng.random() < 0.3:
        steps += [*_link(rng), thread.access(rng.choice((first, second, *thread.places)))]
    return [*steps, *_link(rng), *_last(thread, second)]


def _last(thread: Writer, place: str) -> list[str]:
    rng, known = thread.rng, thread.last
    if known is not None and place not in NAMES and rng.random() < 0.5:
        place = f"{place[0]}[{known} & 0]"
    last = thread.access(place)
    if known is None or rng.random() < 0.5:
        return [last]
    condition, fence = f"{known} {rng.choice(('==', '!='))} {rng.choice((0, 1))}", f"{rng.choice(FENCES)}();"
    forms = (
        [f"if ({condition}) {{ {last} }}"],
        [f"if ({condition}) {{ {last} }} else {{ {fence} {last} }}"],
        [f"if ({condition}) {{ {fence} }}", last],
    )
    return rng.choice(forms)


def _ordered(thread: Writer, first: str, second: str) -> list[str]:
    """Two accesses that are kept in order whatever they are, so that it all depends on the other threads."""
    return [thread.simple(first), "smp_mb();", thread.simple(second)]


def _locked(rng: Random, steps: Sequence[str], lock: str) -> list[str]:
    """Put some of the steps into critical sections."""
    take, leave, attempt = (f"{name}(&l)" for name in LOCKS[lock])
    spin, middle = lock == "spinlock_t" and rng.random() < 0.5, rng.randint(0, len(steps) - 1)
    before, after = steps[:middle], steps[middle:]
    between = ["smp_mb__after_unlock_lock();"] if spin else []
    behind = ["smp_mb__after_spinlock();"] if spin else []
    forms = (
        [f"{take};", *before, f"{leave};", f"{take};", *between, *after, f"{leave};"],
        [*before, f"{take};", *behind, *after, f"{leave};"],
        [*before, f"if ({attempt}) {{ {' '.join(after)} {leave}; }}"],
        [f"{take};", *before, f"{leave};", *after],
        list(steps),
    )
    return rng.choice(forms)


def test(rng: Random, name: str) -> str:
    """Return a test. The same state of ``rng`` gives the same one."""
    count = rng.choice((2, 2, 2, 3))
    names = [f"{name}[0]" if rng.random() < 0.3 else name for name in NAMES[:count]]
    places = {name: rng.choice(list(TYPES)) for name in names}
    lock = rng.choice((None, None, None, *LOCKS))
    objects = [f"{type_} {place.replace('0', '2')};" for place, type_ in places.items()]
    threads = []
    tried = rng.randrange(2 * count)  # one thread, and all others in order; or everybody
    for number, first in enumerate(names):
        thread = Writer(rng, places)
        form = _steps if number == tried or tried >= count else _ordered
        steps = form(thread, first, names[(number + 1) % count])
        body = [*thread.declared, *(_locked(rng, steps, lock) if lock else steps)]
        threads.append("\n    ".join((f"thread T{number} {{", *body)) + "\n}\n")
    lines = (f'litmus "{name}"', *objects, *([f"{lock} l;"] if lock else []), f"locations {', '.join(names)};", "")
    return "\n".join((*lines, *threads))
