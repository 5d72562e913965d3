"""Random Programs of the DSL, and random text made from examples."""

from dataclasses import replace

from hypothesis import strategies as st

from litmus.arch.final_condition import folded, literal
from litmus.program.program import DEFAULT_MODELS, Assertion, Dialect, Location, Program, Quantifier, Thread
from litmus.program.syntax import (
    Access,
    Assignment,
    Await,
    Binary,
    Block,
    Call,
    Cast,
    Conditional,
    Constant,
    Declare,
    Element,
    Evaluate,
    Expression,
    Goto,
    If,
    Leave,
    Local,
    Loop,
    Member,
    Placeholder,
    Statement,
    Static,
    Unary,
)
from litmus.program.term import Address, FinalLocation, FinalRegister, Term, apply
from litmus.program.types import INT, TYPES, Field, Struct, Type

POINTER = Type("struct node", 8, signed=False, pointer=1)
NODE = Struct("node", (Field("v", INT, 0), Field("next", POINTER, 8), Field("c", TYPES["u8"], 16, 3)), 24)
PAGE = Struct(
    "page", (Field("count", TYPES["atomic_t"], 0), Field("flags", TYPES["unsigned long"], 8)), 16, ("Pin", "Locked")
)
# Names that the grammar uses as words elsewhere.
X, Y, ON = Address("x"), Address("source"), Address("on")
ARRAY, NODE_AT = Address("arr"), Address("n")
FLAGS = Address("page", 8)
INTEGERS = (X, Y, ON, Address("arr", 4), Address("arr", 8), Address("n", 0), Address("n", 17))
LOCALS = {"r": INT, "filter": TYPES["u64"], "pn": POINTER}


def locations() -> st.SearchStrategy[tuple[Location, ...]]:
    small = st.integers(-100, 100)
    flags = st.integers(0, 3)

    def build(values: list[int], bits: int, target: Address) -> tuple[Location, ...]:
        a, b, c, d, e, f = values
        return (
            Location("x", X, INT, a),
            Location("source", Y, TYPES["s64"], b),
            Location("on", ON, TYPES["u8"], abs(c)),
            *(Location(f"arr[{i}]", Address("arr", 4 * i), INT, v) for i, v in enumerate((d, e, 0))),
            Location("n->v", Address("n"), INT, f),
            Location("n->next", Address("n", 8), POINTER, target),
            *(Location(f"n->c[{i}]", Address("n", 16 + i), TYPES["u8"]) for i in range(3)),
            Location("page->count", Address("page"), TYPES["atomic_t"], 1),
            Location("page->flags", FLAGS, TYPES["unsigned long"], bits, bits=(("Pin", 0), ("Locked", 1))),
            Location("q", Address("q"), POINTER, target),
            Location("l", Address("l"), TYPES["spinlock_t"]),
        )

    return st.builds(build, st.lists(small, min_size=6, max_size=6), flags, st.sampled_from([Address("n"), 0]))


def expressions() -> st.SearchStrategy[Expression]:
    leaf = st.one_of(
        st.builds(Constant, st.integers(-5, 300)),
        st.sampled_from([Local("r"), Local("filter"), *(Access(Static(a)) for a in INTEGERS)]),
        st.just(Access(Member(Local("pn"), "v", 0))),
    )
    return st.recursive(leaf, _larger, max_leaves=8)


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    signs = "+ - * / % & | ^ << >> == != < <= > >= && ||".split()
    no_constant = inner.filter(lambda e: not isinstance(e, Constant))
    return st.one_of(
        st.builds(Unary, st.sampled_from("!~"), inner),
        st.builds(Unary, st.just("-"), no_constant),
        st.builds(Binary, st.sampled_from(signs), inner, inner),
        st.builds(Conditional, inner, inner, inner),
        st.builds(Cast, st.sampled_from([TYPES["u8"], TYPES["unsigned long"], INT]), inner),
        st.builds(lambda i: Access(Element(Static(ARRAY), i, 4)), no_constant),
        st.builds(lambda i: Access(Element(Member(Access(Static(Address("q"))), "c", 16), i, 1)), inner),
        _calls(inner),
    )


def _calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    place = st.sampled_from([Static(X), Static(Y), Member(Local("pn"), "v", 0)])
    bit = st.sampled_from([Constant(0), Constant(1), Local("r")])
    flag_call = st.sampled_from(["test_bit", "test_and_set_bit", "test_and_clear_bit", "trylock_page"])
    return st.one_of(
        st.builds(lambda p: Call("READ_ONCE", (p,)), place),
        st.builds(lambda p, v: Call("xchg_release", (p, v)), place, inner),
        st.builds(lambda v: Call("atomic_fetch_add", (v, Static(Address("page")))), inner),
        st.builds(lambda p, v: Call("try_cmpxchg", (p, Local("r"), v)), place, inner),
        st.builds(lambda name, b: Call(name, (b, Static(FLAGS))), flag_call, bit),
        st.builds(lambda c: Call("smp_cond_load_acquire", (Static(X), Binary("==", Placeholder(), c))), inner),
    )


def statements(loops: bool = False, depth: int = 2) -> st.SearchStrategy[tuple[Statement, ...]]:
    value = expressions()
    target = st.sampled_from([Local("r"), Local("filter"), Access(Static(X)), Access(Member(Local("pn"), "v", 0))])
    kinds: list[st.SearchStrategy[Statement]] = [
        st.builds(Assignment, target, value),
        st.builds(
            Assignment, st.just(Local("pn")), st.sampled_from([Static(Address("n")), Access(Static(Address("q")))])
        ),
        st.builds(Evaluate, _calls(value)),
        st.sampled_from([Evaluate(Call("smp_mb", ())), Evaluate(Call("spin_lock", (Static(Address("l")),)))]),
        st.sampled_from([Evaluate(Call("clear_bit", (Constant(0), Static(FLAGS)))), Leave("return"), Goto("?")]),
        st.builds(Await, value, st.sampled_from(["await", "assume", "WARN_ON"])),
    ]
    if loops:
        kinds.append(st.sampled_from([Leave("break"), Leave("continue")]))
    if depth:
        kinds += _compound(value, loops, depth - 1)
    return st.lists(st.one_of(kinds), max_size=4).map(tuple)


def _compound(value: st.SearchStrategy[Expression], loops: bool, depth: int) -> list[st.SearchStrategy[Statement]]:
    inner, turn = statements(loops, depth), statements(True, depth)
    step = st.builds(Assignment, st.just(Local("r")), value)
    return [
        st.builds(If, value, inner, inner),
        st.builds(Loop, value, turn, st.booleans()),
        st.builds(Loop, value, turn, st.just(True), st.tuples(step)),
        st.builds(Block, inner),
        st.builds(Block, statements(False, depth), st.just("helper")),
    ]


def _labelled(body: tuple[Statement, ...], flags: list[bool]) -> tuple[Statement, ...]:
    """Put labels before some statements, and let every `goto` name one of them (or be an `smp_mb()`)."""
    names: list[str] = []

    def visit(statements_: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(within(s) for s in statements_)

    def within(statement: Statement) -> Statement:
        if flags[len(names) % len(flags)]:
            names.append(f"L{len(names)}")
            statement = replace(statement, label=names[-1])
        match statement:
            case If(_, then, otherwise):
                return replace(statement, then=visit(then), otherwise=visit(otherwise))
            case Loop(_, inner) | Block(inner):
                return replace(statement, body=visit(inner))
        return statement

    def aim(statement: Statement) -> Statement:
        match statement:
            case Goto(label=label) if names:
                return Goto(names[0], label)
            case Goto(label=label):
                return Evaluate(Call("smp_mb", ()), label)
            case If(_, then, otherwise):
                return replace(statement, then=tuple(map(aim, then)), otherwise=tuple(map(aim, otherwise)))
            case Loop(_, inner) | Block(inner):
                return replace(statement, body=tuple(map(aim, inner)))
        return statement

    return tuple(map(aim, visit(body)))


def threads() -> st.SearchStrategy[tuple[Thread, ...]]:
    start: tuple[Statement, ...] = (
        Declare("r", INT),
        Assignment(Local("filter"), Constant(0), LOCALS["filter"]),
        Assignment(Local("pn"), Static(Address("n")), POINTER),
        Assignment(Local("r"), Constant(0)),
    )
    body = st.builds(_labelled, statements(), st.lists(st.booleans(), min_size=1, max_size=5))
    cpus = st.sampled_from([None, "CPU0"])

    def build(bodies: list[tuple[tuple[Statement, ...], str | None]]) -> tuple[Thread, ...]:
        names = ("P0", "drop", "T.0")
        return tuple(Thread(n, start + b, types=LOCALS, cpu=c) for n, (b, c) in zip(names, bodies, strict=False))

    return st.lists(st.tuples(body, cpus), min_size=1, max_size=3).map(build)


def terms() -> st.SearchStrategy[Term]:
    leaf = st.one_of(
        st.integers(-3, 300),
        st.sampled_from([-(1 << 31), -(1 << 63), literal(7, TYPES["u32"]), literal(-7, TYPES["s64"])]),
        st.sampled_from([FinalRegister(0, "r"), FinalRegister(0, "filter"), FinalLocation("x"), FinalLocation("on")]),
        st.sampled_from(
            [FinalLocation("arr[1]"), apply("==", FinalLocation("q"), Address("n")), FinalLocation("n->c[2]")]
        ),
        st.sampled_from([apply("&", apply(">>", FinalLocation("page->flags"), i), 1) for i in range(3)]),
    )
    signs = "+ - * & | ^ == != < <= > >= && || =>".split()
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(folded, st.sampled_from(["!", "neg"]), inner),
            st.builds(folded, st.sampled_from(signs), inner, inner),
            st.builds(folded, st.sampled_from("/ % << >>".split()), inner, st.integers(1, 31)),
            st.builds(folded, st.just("ite"), inner, inner, inner),
        ),
        max_leaves=6,
    )


def assertions() -> st.SearchStrategy[tuple[Assertion, ...]]:
    on = st.sampled_from([None, ("lkmm",), ("sc", "x86")])

    def build(found: list[tuple[Quantifier, Term, tuple[str, ...] | None]]) -> tuple[Assertion, ...]:
        told = (Assertion(q, f"a{i}", t, None, m) for i, (q, t, m) in enumerate(found))
        return (*told, Assertion(Quantifier.FORBID, "data_race", 1, "data_race"))

    return st.lists(st.tuples(st.sampled_from(Quantifier), terms(), on), max_size=3).map(build)


def programs() -> st.SearchStrategy[Program]:
    text = st.text(st.sampled_from('ab "\\\n\té;'), max_size=6)
    return st.builds(
        Program,
        name=text,
        dialect=st.just(Dialect.DSL),
        locations=locations(),
        threads=threads(),
        assertions=assertions(),
        filter=st.one_of(st.none(), terms()),
        observed=st.lists(terms(), max_size=2).map(tuple),
        models=st.sampled_from([DEFAULT_MODELS, ("sc",), ("lkmm", "lkmm@v5.4")]),
        variant=st.sampled_from([None, "v", "filter"]),
        doc=st.one_of(st.none(), text),
        source=st.one_of(st.none(), text),
        unroll=st.sampled_from([None, 1, 7]),
        info=st.sampled_from([(), (("bitops", "pre-6.0"),)]),
        structs=st.just((NODE, PAGE)),
        objects=st.just((("n", "node"), ("page", "page"))),
    )
