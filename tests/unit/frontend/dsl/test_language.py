"""What each construct of the language becomes."""

import pytest

from litmus.frontend.dsl.parse import parse
from litmus.program.primitive import PRIMITIVES
from litmus.program.printer import print_program
from litmus.program.program import Program, Quantifier
from litmus.program.spelling import Spelling
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
from litmus.program.term import Address, Apply, FinalLocation, FinalRegister
from litmus.program.types import INT, TYPES, Type
from litmus.source import Source

SHARED = """litmus "t"
int x = 1; int y; atomic_t a; int *p = &x; spinlock_t l; int arr[3] = {1, -2};
struct node { int v; struct node *next; } n = { 7, NULL }, m;
struct page { atomic_t _mapcount = 1; page_flag Pin, Locked = 1; int c[2]; } page, other = { .Pin = 1, .Locked = 0 };
struct page *cur = page;
struct node nodes[2] = { { 1 }, { .next = &m } };
"""
X, ARR = Static(Address("x")), Address("arr")
NODE = Type("struct node", 8, signed=False, pointer=1)


def programs(text: str) -> tuple[Program, ...]:
    return parse(Source("t.lit", text))


def one(items: str) -> Program:
    """Return the only program of the shared state with ``items``."""
    (program,) = programs(SHARED + items)
    return program


def body(code: str, before: str = "") -> tuple[Statement, ...]:
    """Return the statements of one thread."""
    return one(f"{before}\nthread A {{ {code} }}").threads[0].body


def value(code: str, before: str = "") -> Expression:
    """Return an expression of a thread in which `q` and `n1` are a local and a pointer."""
    *_, statement = body(f"int q = 0; struct node *n1 = NULL; r = {code};", before)
    assert isinstance(statement, Assignment)
    return statement.value


# ---------------------------------------------------------------------------------------------- shared state
def test_locations() -> None:
    locations = {location.name: location for location in one("thread A { }").locations}
    assert {name: location.initial for name, location in locations.items()} == {
        "x": 1,
        "y": 0,
        "a": 0,
        "p": Address("x"),
        "l": 0,
        "arr[0]": 1,
        "arr[1]": -2,
        "arr[2]": 0,
        "n->v": 7,
        "n->next": 0,
        "m->v": 0,
        "m->next": 0,
        "page->_mapcount": 1,
        "page->flags": 2,
        "page->c[0]": 0,
        "page->c[1]": 0,
        "other->_mapcount": 1,
        "other->flags": 1,
        "other->c[0]": 0,
        "other->c[1]": 0,
        "cur": Address("page"),
        "nodes[0].v": 1,
        "nodes[0].next": 0,
        "nodes[1].v": 0,
        "nodes[1].next": Address("m"),
    }
    assert locations["page->flags"].bits == (("Pin", 0), ("Locked", 1))
    assert locations["page->flags"].address == Address("page", 8)
    assert locations["page->flags"].type == TYPES["unsigned long"]
    assert locations["nodes[1].next"].address == Address("nodes", 24)
    assert locations["arr[2]"].address == Address("arr", 8)


@pytest.mark.parametrize(
    ("declaration", "type_name", "initial"),
    [
        ("u8 z = 255", "u8", 255),
        ("s8 z = 255", "s8", -1),
        ("unsigned z = -1", "unsigned", 0xFFFFFFFF),
        ("unsigned long int z = 0x10UL", "unsigned long", 16),
        ("long unsigned z = 010", "unsigned long", 8),
        ("const volatile short z", "short", 0),
        ("bool z = true", "bool", 1),
        ("atomic_t z = ATOMIC_INIT(3)", "atomic_t", 3),
        ("struct srcu_struct z", "struct srcu_struct", 0),
        ("signed char z = -128", "signed char", -128),
        ("int z = 1 + 2 * 3 - (4 << 1)", "int", -1),
    ],
)
def test_types_and_initial_values(declaration: str, type_name: str, initial: int) -> None:
    (program,) = programs(f'litmus "t" {declaration}; thread A {{ }}')
    (location,) = program.locations
    assert (location.type, location.initial) == (TYPES[type_name], initial)


# ---------------------------------------------------------------------------------------------- expressions
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x", Access(X)),
        ("&x", X),
        ("*p", Access(Access(Static(Address("p"))))),
        ("arr", Static(ARR)),
        ("arr[1]", Access(Static(Address("arr", 4)))),
        ("arr[q]", Access(Element(Static(ARR), Local("q"), 4))),
        ("&arr[q]", Element(Static(ARR), Local("q"), 4)),
        ("arr + 1", Static(Address("arr", 4))),
        ("p + q", Element(Access(Static(Address("p"))), Local("q"), 4)),
        ("page", Static(Address("page"))),
        ("&page->c[1]", Static(Address("page", 20))),
        ("page.c[q]", Access(Element(Static(Address("page", 16)), Local("q"), 4))),
        ("cur->c[1]", Access(Element(Member(Access(Static(Address("cur"))), "c", 16), Constant(1), 4))),
        ("n1->next->v", Access(Member(Access(Member(Local("n1"), "next", 8)), "v", 0))),
        ("(*n1).v", Access(Member(Local("n1"), "v", 0))),
        ("nodes[q].v", Access(Member(Element(Static(Address("nodes")), Local("q"), 16), "v", 0))),
        ("-3", Constant(-3)),
        ("- -3", Constant(3)),
        ("-q", Unary("-", Local("q"))),
        ("PG_Locked", Constant(1)),
        ("(u8)q", Cast(TYPES["u8"], Local("q"))),
        ("1 + 2 * q", Binary("+", Constant(1), Binary("*", Constant(2), Local("q")))),
        ("q - 1 - 2", Binary("-", Binary("-", Local("q"), Constant(1)), Constant(2))),
        ("q | 1 & 2", Binary("|", Local("q"), Binary("&", Constant(1), Constant(2)))),
        ("q << 1 < 2", Binary("<", Binary("<<", Local("q"), Constant(1)), Constant(2))),
        ("READ_ONCE(x)", Call("READ_ONCE", (X,))),
        ("READ_ONCE(*p)", Call("READ_ONCE", (Access(Static(Address("p"))),))),
        ("smp_load_acquire(&x)", Call("smp_load_acquire", (X,))),
        ("try_cmpxchg(&x, &q, 1)", Call("try_cmpxchg", (X, Local("q"), Constant(1)))),
        (
            "smp_cond_load_acquire(&x, VAL == 1)",
            Call("smp_cond_load_acquire", (X, Binary("==", Placeholder(), Constant(1)))),
        ),
        ("PagePin(page)", Call("test_bit", (Constant(0), Static(Address("page", 8))))),
        (
            "TestClearPageLocked(cur)",
            Call("test_and_clear_bit", (Constant(1), Member(Access(Static(Address("cur"))), "flags", 8))),
        ),
        ("trylock_page(page)", Call("trylock_page", (Constant(1), Static(Address("page", 8))))),
        ("q ? 1:q", Conditional(Local("q"), Constant(1), Local("q"))),
    ],
)
def test_expressions(code: str, expected: Expression) -> None:
    assert value(code) == expected


@pytest.mark.parametrize(
    "name", ["source", "on", "filter", "init", "drop", "thread", "variant", "models", "inline", "await"]
)
def test_words_of_the_grammar_are_names_elsewhere(name: str) -> None:
    text = f'litmus "t" int {name}; thread A {{ {name} = 1; r = {name}; }} forbid f: {name} == 1 on lkmm;'
    (program,) = programs(text)
    assert program.threads[0].body[0] == Assignment(Access(Static(Address(name))), Constant(1))


# ---------------------------------------------------------------------------------------------- statements
def test_statements() -> None:
    q = Local("q")
    code = """
        int q;
        q = 5;
        [L] q += 2;
        q++;
        if (q) goto L; else return;
        while (q) { break; }
        do { continue; } while (q);
        for (q = 0; q < 3; ++q) ;
        for (;;) break;
        await (x == 1); assume (q); BUG_ON(q); WARN_ON(q);
        [M] ;
        again: smp_mb();
        { }
    """
    add = Assignment(q, Binary("+", q, Constant(1)))
    assert body(code) == (
        Declare("q", INT),
        Assignment(q, Constant(5)),
        Assignment(q, Binary("+", q, Constant(2)), label="L"),
        add,
        If(q, (Goto("L"),), (Leave("return"),)),
        Loop(q, (Leave("break"),)),
        Loop(q, (Leave("continue"),), test_first=False),
        Assignment(q, Constant(0)),
        Loop(Binary("<", q, Constant(3)), (), step=(add,)),
        Loop(Constant(1), (Leave("break"),)),
        Await(Binary("==", Access(X), Constant(1))),
        Await(q, "assume"),
        Await(q, "BUG_ON"),
        Await(q, "WARN_ON"),
        Block((), label="M"),
        Evaluate(Call("smp_mb", ()), label="again"),
        Block(()),
    )


def test_the_text_of_statements_is_kept() -> None:
    first, second = body("[C1]  bool  q = TestClearPagePin(page);\n if (q &&\n x) smp_mb();")
    assert (first.text, second.text) == ("bool q = TestClearPagePin(page)", "if (q && x)")
    assert first.span is not None
    assert first.span.text == "bool  q = TestClearPagePin(page)"


def test_a_local_that_first_holds_an_address_is_a_pointer() -> None:
    thread = one("thread A { q = &n; r = q->v; s = READ_ONCE(x); }").threads[0]
    assert thread.types == {"q": NODE}
    assert thread.body[0] == Assignment(Local("q"), Static(Address("n")), NODE)


def test_threads() -> None:
    program = one("thread A on CPU2 { } thread B[2] { r = this; } forbid f: B.1.r == 0;")
    assert [(t.name, t.cpu) for t in program.threads] == [("A", "CPU2"), ("B.0", None), ("B.1", None)]
    assert program.threads[2].body == (Assignment(Local("r"), Constant(1)),)
    assert program.assertions[0].condition == Apply("==", (FinalRegister(2, "r"), 0))


# ---------------------------------------------------------------------------------------------- defines and functions
def test_a_define_is_hygienic() -> None:
    define = "define sum(q) = q + x;"
    assert value("sum(q * 2)", define) == Binary("+", Binary("*", Local("q"), Constant(2)), Access(X))


def test_a_function_is_inlined_with_labels_and_locals_of_its_own() -> None:
    function = "function pin(pg) { [G] atomic_inc(&pg->_mapcount); int r = 1; return r; }"
    statements = body("q = pin(page); q2 = pin(other); r = 2;", function)
    inlined = [s for s in statements if isinstance(s, Block)]
    assert [block.inlined for block in inlined] == ["pin", "pin"]
    assert [block.body[0].label for block in inlined] == ["G", "G_2"]
    assert inlined[0].body[1:] == (
        Assignment(Local("pin_r"), Constant(1), INT),
        Assignment(Local("pin_return"), Local("pin_r")),
    )
    assert statements[1] == Assignment(Local("q"), Local("pin_return"))


def test_a_function_evaluates_its_arguments_once() -> None:
    statements = body("f(READ_ONCE(x));", "function f(v) { WRITE_ONCE(y, v + v); }")
    assert statements[0] == Assignment(Local("f_v"), Call("READ_ONCE", (X,)))
    assert isinstance(statements[1], Block)


def test_a_function_is_called_only_where_the_operands_before_it_say_so() -> None:
    function = "function f(v) { smp_mb(); return v; }"
    start, branch, use = body("r = x && f(1);", function)
    assert start == Assignment(Local("condition"), Constant(0))
    assert isinstance(branch, If)
    assert branch.condition == Access(X)
    assert use == Assignment(Local("r"), Local("condition"))


def test_a_function_in_the_condition_of_a_loop_is_called_each_turn() -> None:
    (loop,) = body("while (f(1)) smp_wmb();", "function f(v) { smp_mb(); return v; }")
    assert isinstance(loop, Loop)
    assert loop.condition == Constant(1)
    inlined, stop, inner = loop.body
    assert isinstance(inlined, Block)
    assert stop == If(Unary("!", Local("f_return")), (Leave("break"),))
    assert inner == Evaluate(Call("smp_wmb", ()))


def test_an_included_file_brings_structs_defines_and_functions() -> None:
    library = Source("lib.lit", "struct s { int v; } hidden; define two() = 2; function f() { smp_mb(); } thread Z { }")
    text = 'litmus "t" include "lib.lit"; struct s q; thread A { f(); r = q->v + two(); }'
    (program,) = parse(Source("t.lit", text), {"lib.lit": library}.__getitem__)
    assert [location.name for location in program.locations] == ["q->v"]
    assert [thread.name for thread in program.threads] == ["A"]


# ---------------------------------------------------------------------------------------------- conditions
@pytest.mark.parametrize(
    ("condition", "spelt"),
    [
        ("A.r == 1 && x == 2", "A.r == 1 && x == 2"),
        ("0:r=1 /\\ x=2", "A.r == 1 && x == 2"),
        ("0:r=1 \\/ ~([x]=2)", "A.r == 1 || !(x == 2)"),
        ("not (x = 1)", "!(x == 1)"),
        ("~x == 1", "~x == 1"),
        ("A.r == 1 => x == 1 => y == 1", "A.r == 1 => x == 1 => y == 1"),
        ("p == &x", "p == &x"),
        ("cur == page", "cur == page"),
        ("cur == &page->c[1]", "cur == &page->c[1]"),
        ("PagePin(page) && !PageLocked(other)", "PagePin(page) && !PageLocked(other)"),
        ("page.flags == 1", "page->flags == 1"),
        ("arr[1] + arr[2] * 3 == 4", "arr[1] + arr[2] * 3 == 4"),
        ("nodes[1].v", "nodes[1].v"),
        ("atomic_read(&a) == 1", "a == 1"),
        ("(x ? y : 1) == 2", "(x ? y : 1) == 2"),
        ("1 == 1", "1"),
        ("NULL == 0 && true", "1"),
    ],
)
def test_conditions(condition: str, spelt: str) -> None:
    program = one(f"thread A {{ r = 1; }} forbid f: {condition};")
    assert Spelling(program).term(program.assertions[0].condition) == spelt


def test_a_page_flag_is_one_bit() -> None:
    program = one("thread A { } forbid f: PageLocked(page);")
    flag = Apply("&", (Apply(">>", (FinalLocation("page->flags"), 1)), 1))
    assert program.assertions[0].condition == flag


def claims(program: Program) -> list[tuple[str, str, tuple[str, ...] | None]]:
    return [(a.quantifier.value, a.name, a.models) for a in program.assertions]


def test_on_overrides() -> None:
    items = "thread A { } models lkmm, sc, x86; forbid f: x == 1; allow f on sc; require g: x == 1 on all; allow h: y;"
    assert claims(one(items)) == [
        ("forbid", "f", ("lkmm", "x86")),
        ("allow", "f", ("sc",)),
        ("require", "g", ("lkmm", "sc", "x86")),
        ("allow", "h", None),
    ]


def test_reserved_conditions() -> None:
    program = one("thread A { } forbid data_race; allow stuck: deadlock on sc;")
    assert [(a.name, a.reserved) for a in program.assertions] == [("data_race", "data_race"), ("stuck", "deadlock")]


def test_bug_on_implies_that_bugs_are_forbidden() -> None:
    program = one("thread A { if (x) BUG_ON(y); }")
    assert [(a.quantifier, a.reserved) for a in program.assertions] == [(Quantifier.FORBID, "bug")]
    assert claims(one("thread A { BUG_ON(y); } allow bug on sc;")) == [("allow", "bug", ("sc",))]
    assert claims(one("thread A { WARN_ON(y); }")) == []


# ---------------------------------------------------------------------------------------------- variants
def variant(edits: str, items: str = "") -> Program:
    """Return the variant of a test with threads A and B."""
    threads = "thread A { [L1] x = 1; [L2] smp_wmb(); [L3] y = 1; } thread B { [L1] r = y; [M] smp_rmb(); q = x; }"
    _, found = programs(f"{SHARED}{threads} {items} variant v {{ {edits} }}")
    assert found.variant == "v"
    return found


@pytest.mark.parametrize(
    ("edits", "lines"),
    [
        ("drop L2;", ["[L1] x = 1;", "[L3] y = 1;"]),
        ("drop A.L1;", ["[L2] smp_wmb();", "[L3] y = 1;"]),
        ("replace L2 { smp_mb(); }", ["[L1] x = 1;", "[L2] smp_mb();", "[L3] y = 1;"]),
        ("replace L2 { [K] smp_mb(); barrier(); }", ["[L1] x = 1;", "[K] smp_mb();", "barrier();", "[L3] y = 1;"]),
        ("before L2 { barrier(); }", ["[L1] x = 1;", "barrier();", "[L2] smp_wmb();", "[L3] y = 1;"]),
        ("after L2 { barrier(); }", ["[L1] x = 1;", "[L2] smp_wmb();", "barrier();", "[L3] y = 1;"]),
        ("swap L2, L3;", ["[L1] x = 1;", "[L3] y = 1;", "[L2] smp_wmb();"]),
        ("drop L2; before L2 { mb(); } after L2 { rmb(); }", ["[L1] x = 1;", "mb();", "rmb();", "[L3] y = 1;"]),
    ],
)
def test_edits(edits: str, lines: list[str]) -> None:
    program = variant(edits)
    assert [line.strip() for line in Spelling(program).block(program.threads[0].body, 0)] == lines


def test_edits_reach_into_functions() -> None:
    text = "function f() { [G] smp_wmb(); } thread A { f(); f(); } variant v { drop G; }"
    _, program = programs(SHARED + text)
    assert program.threads[0].body == (Block((), "f"), Block((), "f"))


def test_threads_and_initial_values_of_variants() -> None:
    program = variant("add thread C[2] { x = 2; } drop thread A; init x = 5; init PagePin(page) = 1; init arr = { 9 };")
    assert [thread.name for thread in program.threads] == ["B", "C.0", "C.1"]
    initial = {location.name: location.initial for location in program.locations}
    assert [initial[name] for name in ("x", "page->flags", "arr[0]", "arr[1]")] == [5, 3, 9, 0]


def test_initial_values_of_bool_are_converted_as_c_does() -> None:
    declared = """litmus "t"
    bool b = 5; _Bool wide = 256; bool negative = -1; bool pointer = &b; bool none = NULL; bool many[3] = {2, 0, 8};
    struct s { bool f; bool d = 7; } o = { 4 }, other = { .f = 0, .d = 0 };
    thread A { r = b; }"""
    base, found = programs(declared + " variant v { init b = 0; init none = 9; init other.f = 2; }")
    assert {location.name: location.initial for location in base.locations} == {
        **dict.fromkeys(("b", "wide", "negative", "pointer", "many[0]", "many[2]", "o->f", "o->d"), 1),
        **dict.fromkeys(("none", "many[1]", "other->f", "other->d"), 0),
    }
    changed = {location.name: location.initial for location in found.locations}
    assert [changed[name] for name in ("b", "none", "other->f", "other->d")] == [0, 1, 1, 0]


def test_assertions_are_inherited_and_overridden() -> None:
    items = "forbid f: B.r && !B.q; allow g: B.r; allow h: B.q on sc;"
    program = variant("drop L2; allow f on lkmm, power; forbid h: B.q == 7; allow k: x == 1;", items)
    assert claims(program) == [
        ("forbid", "f", ("x86", "armv8", "riscv")),
        ("allow", "g", None),
        ("allow", "f", ("lkmm", "power")),
        ("forbid", "h", None),
        ("allow", "k", None),
    ]


def test_header_of_variants() -> None:
    items = 'doc "one" "two"; source "lkml"; unroll 3; filter x; locations x, A.z; bitops pre_6_0;'
    threads = "thread A { z = 1; }"
    base, found = programs(f"{SHARED}{threads} {items} variant v {{ unroll 4; filter y; models sc; bitops current; }}")
    assert (base.doc, base.source, base.unroll, base.info) == ("one two", "lkml", 3, (("bitops", "pre-6.0"),))
    assert base.observed == (FinalLocation("x"), FinalRegister(0, "z"))
    assert (found.unroll, found.models, found.info) == (4, ("sc",), ())
    assert found.filter == Apply("&&", (FinalLocation("x"), FinalLocation("y")))


def test_what_is_said_anew_replaces_what_would_not_make_sense() -> None:
    test = 'litmus "t" int x; thread A { [L] r = READ_ONCE(x); } allow s: A.r == 0; '
    text = test + "variant v { drop L; require s: x == 0; }"
    _, found = parse(Source("t.lit", text))
    assert [(a.quantifier, a.name) for a in found.assertions] == [(Quantifier.REQUIRE, "s")]


def test_versions_are_models() -> None:
    (found,) = parse(
        Source("t.lit", 'litmus "t" models lkmm, lkmm@v5.4; int x; thread A { x = 1; } allow s: x on lkmm@v6.1;')
    )
    assert (found.models, found.assertions[0].models) == (("lkmm", "lkmm@v5.4"), ("lkmm@v6.1",))
    assert parse(Source("t.lit", print_program(found))) == (found,)


# ---------------------------------------------------------------------------------------------- primitives
def test_the_primitives_are_those_that_targets_know() -> None:
    from litmus.arch.catalogue import recipes

    known = recipes()
    assert set(PRIMITIVES) == set(known)
    for name, primitive in PRIMITIVES.items():
        assert len(primitive.parameters) == len(known[name].parameters), name
        assert (primitive.result == "nothing") == (known[name].result is None), name
