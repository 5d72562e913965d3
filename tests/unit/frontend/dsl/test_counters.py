"""Counters are structs in C: their own primitives take them whole, all else takes the integer in them."""

import pytest

from litmus.engine.base import Verdict
from litmus.errors import ProgramErrors
from litmus.frontend.dsl.parse import parse
from litmus.program.printer import print_program
from litmus.program.program import Program
from litmus.program.syntax import Call, Evaluate, Static
from litmus.program.term import Address
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

SHARED = """litmus "t"
int x; u8 small; atomic_t a = 1; atomic64_t b; atomic_long_t c; refcount_t ref = 3;
unsigned long word; atomic_t list[2];
struct page { atomic_t count; refcount_t ref; } page; struct page *cur = page; atomic_t *pa = &a;
define twice(counter) = atomic_read(&counter) + atomic_read(&counter);
function get(counter) { atomic_inc(counter); }
"""


def read(body: str, claim: str = "allow seen: x == 0;") -> Program:
    (program,) = parse(Source("t.lit", f"{SHARED}thread A {{ {body} }}\n{claim}\n"))
    return program


ACCEPTED = """
atomic_inc(&a);
atomic64_inc(&c);
atomic_long_inc(&b);
atomic_inc(&ref.refs);
atomic_inc(&list[1]);
atomic_inc(pa);
atomic_inc(&cur->count);
refcount_inc(&cur->ref);
get(&a);
r = twice(a);
r = twice(cur->count);
r = READ_ONCE(a.counter);
WRITE_ONCE(cur->count.counter, 3);
a.counter = 3;
a.counter++;
pa->counter += 1;
(*pa).counter ^= 1;
r = xchg(&a.counter, 1);
r = cmpxchg(&cur->ref.refs.counter, 0, 9);
smp_store_release(&list[x].counter, 1);
set_bit(3, &a.counter);
int *q = &a.counter; *q = 1;
r = atomic_cond_read_acquire(&a, VAL);
atomic_long_or(1, (atomic_long_t *)&word);
r = refcount_inc_not_zero((refcount_t *)&a);
r = atomic_fetch_dec_release((atomic_t *)&cur->ref);
"""


@pytest.mark.parametrize("body", ACCEPTED.strip().splitlines())
def test_accepted_and_read_back(body: str) -> None:
    program = read(body)
    assert parse(Source("t.lit", print_program(program))) == (program,)


OWN = "cannot be used on '{}', an atomic_t"
REFUSED = [
    ("atomic_inc(&small);", "atomic_inc() needs an atomic_t, '&small' is of type u8"),
    ("atomic_inc(&x);", "atomic_inc() needs an atomic_t, '&x' is of type int"),
    ("atomic64_inc(&a);", "atomic64_inc() needs an atomic64_t, '&a' is of type atomic_t"),
    ("atomic_inc(&ref);", "atomic_inc() needs an atomic_t, '&ref' is of type refcount_t"),
    ("refcount_inc(&a);", "refcount_inc() needs a refcount_t, '&a' is of type atomic_t"),
    ("atomic_inc(&pa);", "atomic_inc() needs an atomic_t, '&pa' is of type atomic_t *"),
    ("WRITE_ONCE(a, 1);", "WRITE_ONCE() " + OWN.format("a")),
    ("r = READ_ONCE(*pa);", "READ_ONCE() " + OWN.format("*pa")),
    ("r = smp_load_acquire(&a);", "smp_load_acquire() " + OWN.format("&a")),
    ("r = xchg(&a, 1);", "xchg() " + OWN.format("&a")),
    ("set_bit(1, &a);", "set_bit() " + OWN.format("&a")),
    ("r = a;", "'a' is an atomic_t: only its own primitives may use it"),
    ("a = 3;", "'a' is an atomic_t: only its own primitives may use it"),
    ("a++;", "'a' is an atomic_t: only its own primitives may use it"),
    ("if (ref) ;", "'ref' is a refcount_t: only its own primitives may use it"),
    ("get(a);", "'a' is an atomic_t: only its own primitives may use it"),
    ("r = a.count;", "unknown field 'count' of atomic_t"),
    ("r = (struct page)x;", "nothing can be converted to struct page, only to integers and pointers"),
    ("r = (atomic_t)x;", "nothing can be converted to atomic_t, only to integers and pointers"),
    ("atomic_t l;", "a local of type atomic_t is not supported"),
    ("int *l = &a; atomic_inc(l);", "atomic_inc() needs an atomic_t, 'l' is of type int"),
    ("l = &a; r = *l;", "'*l' is an atomic_t: only its own primitives may use it"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED)
def test_refused(body: str, message: str) -> None:
    with pytest.raises(ProgramErrors) as caught:
        read(body)
    assert [error.message for error in caught.value.errors] == [message]


def test_the_hint_names_the_way_in() -> None:
    with pytest.raises(ProgramErrors) as caught:
        read("r = ref;")
    assert caught.value.errors[0].hint == "refcount_read() and the like, or '.refs.counter'"


def test_what_is_cast_is_the_location_itself() -> None:
    (statement,) = read("atomic_long_inc((atomic_long_t *)&word);").threads[0].body
    assert statement == Evaluate(Call("atomic_long_inc", (Static(Address("word")),)))


def test_the_primitive_says_how_the_location_is_used() -> None:
    """As an unsigned word it would never be negative."""
    claim = "require negative: A.r == 1 && word == 0xffffffffffffffff;"
    program = read("bool r = atomic_long_add_negative(-1, (atomic_long_t *)&word);", claim)
    assert evaluate(program, "sc", Settings()).tallies[0].verdict is Verdict.HOLDS


def test_conditions_may_go_in() -> None:
    program = read("atomic_inc(&a);", "require all: a == 2 && a.counter == 2 && page->ref.refs.counter == 0;")
    assert evaluate(program, "sc", Settings()).tallies[0].verdict is Verdict.HOLDS
