"""Control flow, types and dependencies of compiled statements."""

import pytest

from litmus.arch.compile import CompileOptions, compile_for
from litmus.arch.inference import local_types
from litmus.errors import LitmusError, ParseError, ProgramErrors, UnknownNameError, UnsupportedError, UsageError
from litmus.program.instruction import Assign, Assume, Branch, Defined, Instruction, Jump, Label, Load, Mark, Store
from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.syntax import (
    Access,
    Assembly,
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
from litmus.program.term import Address, Apply, Register, leaves
from litmus.program.types import TYPES, Type
from litmus.source import Source

X, Y = Address("x"), Address("y")
TYPED = {"i": TYPES["int"], "u": TYPES["u32"], "b": TYPES["bool"], "c": TYPES["u8"], "p": Type("int", 8, False, 1)}


def compiled(*body: Statement, target: str = "lkmm", dialect: Dialect = Dialect.DSL) -> tuple[Instruction, ...]:
    locations = (Location("x", X), Location("y", Y, TYPES["u8"]), Location("s->f", Address("s", 4), TYPES["u8"]))
    program = Program("t", dialect, locations, (Thread("P0", body, types=TYPED),))
    return compile_for(program, target).threads[0]


def read(place: Address = X) -> Call:
    return Call("READ_ONCE", (Static(place),))


def write(value: int = 1) -> Statement:
    return Evaluate(Call("WRITE_ONCE", (Static(X), Constant(value))))


def flow(instructions: tuple[Instruction, ...]) -> str:
    """The code in short, labels numbered by first appearance."""
    names: dict[str, str] = {}

    def name(label: str | None) -> str:
        return "-" if label is None else names.setdefault(label, str(len(names)))

    words = []
    for instruction in instructions:
        match instruction:
            case Load():
                words.append("R")
            case Store():
                words.append("W")
            case Label(label):
                words.append(f"{name(label)}:")
            case Jump(target):
                words.append(f"goto {name(target)}")
            case Branch(_, target, _, join):
                words.append(f"if {name(target)} until {name(join)}")
            case Assume():
                words.append("assume")
            case Mark(mark):
                words.append(mark)
    return "; ".join(words)


def test_if_ends_its_control_dependency_on_lkmm_only() -> None:
    body = (If(read(), (write(),)), write())
    assert flow(compiled(*body)) == "R; if 0 until 0; W; 0:; W; 1:"
    assert flow(compiled(*body, target="armv8")) == "R; if 0 until -; W; 0:; W; 1:"


def test_if_else() -> None:
    body = If(read(), (write(1),), (write(2),))
    assert flow(compiled(body)) == "R; if 0 until 1; W; goto 1; 0:; W; 1:; 2:"


def test_what_follows_an_early_return_depends_on_it() -> None:
    """As though it stood in an else: the dependency ends where the ways meet, at the end of the function."""
    body = (If(read(), (Leave("return"),)), write())
    assert flow(compiled(*body)) == "R; if 0 until 1; goto 1; 0:; W; 1:"
    inlined = (Block(body, "f"), write())
    assert flow(compiled(*inlined)) == "R; if 0 until 1; goto 1; 0:; W; 1:; W; 2:"


def test_loops_and_how_they_are_left() -> None:
    body = (If(read(), (Leave("continue"),)), If(read(), (Leave("break"),)), write())
    assert flow(compiled(Loop(read(), body))) == (
        "0:; R; if 1 until 1; R; if 2 until 3; goto 3; 2:; R; if 4 until 1; goto 1; 4:; W; 3:; goto 0; 1:; 5:"
    )
    assert flow(compiled(Loop(read(), (write(),), test_first=False))) == "0:; W; 1:; R; if 0 until 2; 2:; 3:"
    assert flow(compiled(Loop(Constant(1), (write(),)))) == "0:; W; 1:; goto 0; 2:; 3:"
    assert flow(compiled(Loop(Constant(0), (write(),), test_first=False))) == "0:; W; 1:; 2:; 3:"


def test_each_of_several_conditions_leaves_a_loop() -> None:
    both = Binary("&&", read(), read(Y))
    for condition in (both, Binary("!=", both, Constant(0))):
        assert flow(compiled(Loop(condition, (write(),)))) == (
            "0:; R; if 1 until 1; R; if 1 until 1; W; 2:; goto 0; 1:; 3:"
        )
        assert flow(compiled(Loop(condition, (write(),), test_first=False))) == (
            "0:; W; 1:; R; if 2 until 2; R; if 0 until 2; 2:; 3:"
        )


def test_goto_forwards_and_backwards() -> None:
    again = If(read(), (Goto("again"),))
    first = Evaluate(Call("WRITE_ONCE", (Static(X), Constant(1))), label="again")
    assert flow(compiled(first, again)) == "0:; W; R; if 1 until 0; goto 0; 1:; 2:"


def test_await_assume_and_bugs() -> None:
    assert flow(compiled(Await(read()))) == "0:; R; if 0 until -; 1:"
    assert flow(compiled(Await(read(), "assume"))) == "R; assume; 0:"
    assert flow(compiled(Await(read(), "BUG_ON"), write())) == "R; if 0 until 0; bug; 0:; W; 1:"


def test_short_circuit_branches_only_around_memory() -> None:
    both = Binary("&&", read(), read(Y))
    assert flow(compiled(Assignment(Local("i"), both))) == "R; if 0 until 0; R; 0:; 1:"
    pure = Binary("&&", read(), Binary("==", Local("u"), Constant(1)))
    assert flow(compiled(Assignment(Local("i"), pure))) == "R; 0:"


def test_the_result_of_a_short_circuit_mentions_both_sides() -> None:
    code = compiled(Assignment(Local("i"), Binary("||", read(), read(Y))))
    assigned = [i.value for i in code if isinstance(i, Assign) and i.target == "%2"]
    assert assigned == [
        Apply("!=", (Register("%1"), 0)),
        Apply("||", (Register("%2"), Register("%3"))),
    ]


def test_a_condition_is_kept_while_its_variable_changes() -> None:
    attempt = Call("try_cmpxchg", (Static(X), Local("i"), Constant(1)))
    code = compiled(Assignment(Local("b"), Binary("&&", Binary("==", Local("i"), Constant(0)), attempt)))
    assigned = [i for i in code if isinstance(i, Assign)]
    changed = [i.target for i in assigned].index("i")
    assert Register("i") not in [leaf for i in assigned[changed + 1 :] for leaf in leaves(i.value)]


def test_dependencies_survive_folding() -> None:
    """``i ^ i`` is 0 and depends on ``i``."""
    code = compiled(Evaluate(Call("WRITE_ONCE", (Static(X), Binary("^", Local("i"), Local("i"))))))
    assert isinstance(code[0], Store)
    assert code[0].value == Apply("^", (Register("i"), Register("i")))


@pytest.mark.parametrize(
    ("target", "value", "term"),
    [
        ("c", Constant(300), 44),
        ("c", Local("c"), Register("c")),
        ("c", Local("i"), Apply("u8", (Register("i"),))),
        ("i", Local("c"), Register("c")),
        ("i", Binary("+", Local("i"), Constant(1)), Apply("s32", (Apply("+", (Register("i"), 1)),))),
        ("i", Binary("&", Local("c"), Constant(7)), Apply("&", (Register("c"), 7))),
        ("b", Local("i"), Apply("!=", (Register("i"), 0))),
        ("b", Binary("<", Local("i"), Constant(3)), Apply("<", (Register("i"), 3))),
        ("u", Binary("-", Local("u"), Constant(1)), Apply("u32", (Apply("-", (Register("u"), 1)),))),
        ("i", Binary("<", Local("u"), Constant(-1)), Apply("<", (Register("u"), 0xFFFFFFFF))),
        ("i", Unary("-", Constant(3)), -3),
        ("i", Cast(TYPES["u8"], Local("i")), Apply("u8", (Register("i"),))),
        ("p", Static(X), X),
        ("p", Element(Static(X), Constant(2), 4), Address("x", 8)),
        ("p", Member(Local("p"), "f", 4), Apply("+", (Register("p"), 4))),
        ("new", Binary("+", Local("i"), Constant(1)), Apply("s32", (Apply("+", (Register("i"), 1)),))),
        (
            "new",
            Binary("+", Local("u"), Local("i")),
            Apply("u32", (Apply("+", (Register("u"), Apply("u32", (Register("i"),)))),)),
        ),
        (
            "i",
            Binary("<", Binary("+", Local("i"), Constant(1)), Local("i")),
            Apply("<", (Apply("s32", (Apply("+", (Register("i"), 1)),)), Register("i"))),
        ),
    ],
)
def test_assigned_values_have_the_type_of_their_target(target: str, value: Expression, term: object) -> None:
    code = compiled(Assignment(Local(target), value))
    assert isinstance(code[0], Assign)
    assert code[0].value == term


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ((Constant(1), Local("c")), "int"),
        ((Constant(1), Local("u")), "u32"),
        ((Local("u"), Cast(TYPES["long"], Constant(0))), "long"),
        ((Constant(0), Cast(TYPES["u64"], Constant(0)), Local("i")), "u64"),
        ((Constant(0), read(Y)), "int"),
        ((Binary("+", Local("n"), Local("u")),), "u32"),
    ],
)
def test_a_local_without_declaration_has_the_type_of_all_it_is_assigned(
    values: tuple[Expression, ...], type_: str
) -> None:
    body = tuple(Assignment(Local("n"), value) for value in values)
    thread = Thread("P0", body, types=TYPED)
    program = Program("t", Dialect.DSL, (Location("y", Y, TYPES["u8"]),), (thread,))
    assert local_types(program, thread)["n"] == TYPES[type_]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Binary("/", Constant(1), Constant(0)), "division by zero"),
        (Binary("%", Local("i"), Constant(0)), "remainder by zero"),
        (Binary("<<", Constant(1), Constant(100)), "shift of 32 bits by 100"),
        (Binary(">>", Local("c"), Constant(-1)), "shift of 32 bits by -1"),
        (Binary("<<", Cast(TYPES["u64"], Local("c")), Constant(64)), "shift of 64 bits by 64"),
        (Binary("/", Constant(-(1 << 31)), Constant(-1)), "overflows"),
        (Binary("&&", Constant(1), Binary("/", Local("i"), Constant(0))), "division by zero"),
    ],
)
def test_constants_that_mean_nothing_in_c_are_errors(value: Expression, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        compiled(Assignment(Local("i"), value))


@pytest.mark.parametrize(
    ("value", "conditions"),
    [
        (Binary("/", Local("i"), Constant(2)), []),
        (Binary("/", Local("u"), Local("u")), ["!="]),
        (Binary("/", Local("i"), Local("c")), ["!="]),
        (Binary("%", Local("i"), Local("i")), ["!=", "||"]),
        (Binary("<<", Local("i"), Binary("&", Local("c"), Constant(31))), []),
        (Binary(">>", Local("i"), Local("c")), ["&&"]),
        (Conditional(Local("c"), Binary("/", Constant(8), Local("c")), Constant(0)), ["||"]),
        (Binary("&&", Constant(0), Binary("/", Constant(8), Constant(0))), []),
    ],
)
def test_what_may_mean_nothing_in_c_is_checked_as_it_runs(value: Expression, conditions: list[str]) -> None:
    found = [i.condition for i in compiled(Assignment(Local("i"), value)) if isinstance(i, Defined)]
    assert [c.operator for c in found if isinstance(c, Apply)] == conditions


def _on_bit(number: Expression, word: str) -> tuple[Instruction, ...]:
    """Compile ``test_and_set_bit(number, &word)`` for a word of the type ``word``."""
    place = Location("word", Address("word"), TYPES[word])
    call = Call("test_and_set_bit", (number, Static(place.address)))
    thread = Thread("P0", (Evaluate(call),), types=TYPED)
    return compile_for(Program("t", Dialect.DSL, (place,), (thread,)), "sc").threads[0]


@pytest.mark.parametrize(
    ("word", "number", "width"),
    [("int", 32, "32 bits"), ("u8", 9, "8 bits"), ("u64", 64, "64 bits"), ("bool", 1, "1 bit"), ("int", -1, "32 bits")],
)
def test_a_bit_that_its_word_does_not_have_is_an_error(word: str, number: int, width: str) -> None:
    with pytest.raises(UnsupportedError, match=f"bit {number} is outside its word of {width}$"):
        _on_bit(Constant(number), word)
    with pytest.raises(ParseError, match="not an address"):
        _on_bit(Static(X), word)


@pytest.mark.parametrize(
    ("word", "number", "checked"),
    [
        ("int", Constant(31), False),
        ("u8", Constant(7), False),
        ("int", Binary("&", Local("c"), Constant(31)), False),
        ("int", Local("c"), True),
        ("u64", Local("i"), True),
    ],
)
def test_a_bit_whose_number_is_known_as_it_runs_is_checked_then(word: str, number: Expression, checked: bool) -> None:
    problems = [i.problem for i in _on_bit(number, word) if isinstance(i, Defined)]
    width = 8 * TYPES[word].size
    assert problems == ([f"a bit outside its word of {width} bits"] if checked else [])


def test_a_declaration_gives_a_type() -> None:
    for declared in (
        (Assignment(Local("n"), Constant(300), TYPES["u8"]),),
        (Declare("n", TYPES["u8"]), Assignment(Local("n"), Constant(300))),
    ):
        assert [i.value for i in compiled(*declared) if isinstance(i, Assign)] == [44]


def test_plain_accesses() -> None:
    code = compiled(Assignment(Access(Static(Y)), Binary("+", Access(Static(Y)), Constant(255))))
    load, store = code[:2]
    assert isinstance(load, Load)
    assert isinstance(store, Store)
    assert load.tags == store.tags == {"Plain"}
    assert store.value == Apply("u8", (Apply("+", (Register("%1"), 255)),))


def test_a_field_wraps_though_its_object_is_not_known() -> None:
    code = compiled(Assignment(Access(Member(Local("p"), "f", 4)), Constant(257)))
    assert isinstance(code[0], Store)
    assert code[0].value == 1


def test_conditional_with_memory_on_one_side() -> None:
    code = compiled(Assignment(Local("i"), Conditional(Local("c"), read(), Constant(2))))
    assert flow(code) == "if 0 until 1; R; goto 1; 0:; 1:; 2:"


def test_val_is_what_was_read() -> None:
    condition = Binary("==", Placeholder(), Constant(3))
    code = compiled(Evaluate(Call("smp_cond_load_relaxed", (Static(X), condition))))
    assert isinstance(code[2], Branch)
    assert code[2].condition == Apply("!", (Apply("==", (Register("%1"), 3)),))
    assert isinstance(code[0], Label)
    assert (code[2].target, code[2].join) == (code[0].name, None)


def test_events_are_named_by_their_statement() -> None:
    source = Source("t.lit", "first\nWRITE_ONCE(x, 1);")
    labelled = Evaluate(Call("READ_ONCE", (Static(X),)), label="L", text="READ_ONCE(x);")
    unlabelled = Evaluate(Call("WRITE_ONCE", (Static(X), Constant(1))), span=source.span(6, 23))
    one, other = compiled(labelled, unlabelled)[:2]
    assert isinstance(one, Load)
    assert isinstance(other, Store)
    assert (one.origin.label, one.origin.text) == ("L", "READ_ONCE(x);")
    assert (other.origin.label, other.origin.text) == ("P0:2", "WRITE_ONCE(x, 1);")


@pytest.mark.parametrize(
    ("statement", "error", "message"),
    [
        (Leave("break"), ParseError, "'break' outside a loop"),
        (Goto("nowhere"), UnknownNameError, "label 'nowhere' is on no statement"),
        (Assignment(Local("i"), Call("smp_mb", ())), ParseError, "'smp_mb' returns nothing"),
        (Assignment(Local("i"), Placeholder()), ParseError, "VAL stands only"),
        (Assembly("STR"), ParseError, "assembly"),
        (Assignment(Local("i"), Unary("~", Static(X))), LitmusError, "'~' means nothing for these addresses"),
        (
            Evaluate(Call("try_cmpxchg", (Static(X), Constant(0), Constant(1)))),
            UnsupportedError,
            "the address of a local variable",
        ),
    ],
)
def test_errors(statement: Statement, error: type[LitmusError], message: str) -> None:
    with pytest.raises(error, match=message):
        compiled(statement)


def test_every_error_is_reported() -> None:
    wrong = Evaluate(Call("nonsense", ()))
    with pytest.raises(ProgramErrors) as caught:
        compiled(wrong, If(Constant(1), (wrong,)), Leave("continue"))
    assert len(caught.value.errors) == 3


def test_targets_and_options_are_checked() -> None:
    program = Program("t", Dialect.DSL, (), ())
    with pytest.raises(UsageError, match="unknown target 'lkm'"):
        compile_for(program, "lkm")
    with pytest.raises(UsageError, match="unknown bit operations"):
        CompileOptions(bitops="new")


def test_assembly_is_for_its_own_model() -> None:
    with pytest.raises(UnsupportedError, match="AArch64 assembly is for the model armv8, not for power"):
        compiled(target="power", dialect=Dialect.AARCH64)
