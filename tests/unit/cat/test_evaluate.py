"""Expressions, against results worked out by hand over the structure in conftest.py."""

from collections.abc import Callable

import pytest

from litmus.errors import LitmusError, ModelError, UnknownNameError

Value = Callable[..., object]
EVENTS = set(range(7))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("po", {(2, 6), (2, 3), (6, 3), (4, 5)}),
        ("rf", {(3, 4), (0, 5)}),
        ("co", {(0, 2), (1, 3)}),
        ("po | rf", {(2, 6), (2, 3), (6, 3), (4, 5), (3, 4), (0, 5)}),
        ("po & (W * W)", {(2, 3)}),
        ("po \\ (W * W)", {(2, 6), (6, 3), (4, 5)}),
        ("po ; rf", {(2, 4), (6, 4)}),
        ("po ; rf ; po", {(2, 5), (6, 5)}),
        ("po ; rf \\ rf", set()),
        ("(po ; rf) \\ rf", {(2, 4), (6, 4)}),
        ("rf^-1", {(4, 3), (5, 0)}),
        ("rf^-1 ; co", {(5, 2)}),
        ("fr", {(5, 2)}),
        ("(po | rf)+", {(2, 6), (2, 3), (6, 3), (4, 5), (3, 4), (0, 5), (2, 4), (2, 5), (6, 4), (6, 5), (3, 5)}),
        ("(po | rf)+ & (IW * _)", {(0, 5)}),
        ("[R]", {(4, 4), (5, 5)}),
        ("[R]?", {(e, e) for e in EVENTS}),
        ("rf*", {(e, e) for e in EVENTS} | {(3, 4), (0, 5)}),
        ("rf?", {(e, e) for e in EVENTS} | {(3, 4), (0, 5)}),
        ("R | F", {4, 5, 6}),
        ("R & M", {4, 5}),
        ("M \\ IW", {2, 3, 4, 5}),
        ("~M", {6}),
        ("~(_ * M)", {(e, 6) for e in EVENTS}),
        ("_ & R", {4, 5}),
        ("R | (_ & W)", {0, 1, 2, 3, 4, 5}),
        ("_ \\ M", {6}),
        ("_ \\ rf & (R * R)", {(i, j) for i in EVENTS for j in EVENTS}),
        ("(_ \\ rf) & (_ * R) & (W * _)", {(w, r) for w in range(4) for r in (4, 5)} - {(3, 4), (0, 5)}),
        ("_ ; rf", {(e, r) for e in EVENTS for r in (4, 5)}),
        ("[_]", {(e, e) for e in EVENTS}),
        ("IW * F", {(0, 6), (1, 6)}),
        ("0", set()),
        ("0?", {(e, e) for e in EVENTS}),
        ("{}*", {(e, e) for e in EVENTS}),
        ("~{} & F", {6}),
        ("domain(rf)", {0, 3}),
        ("range(po)", {6, 3, 5}),
        ("domain rf | range rf", {0, 3, 4, 5}),
        ("fencerel(F)", {(2, 3)}),
        ("fencerel(Wmb)", {(2, 3)}),
        ("po-loc", set()),
        ("rfe", {(3, 4), (0, 5)}),
        ("rfi", set()),
        ("coe", {(0, 2), (1, 3)}),
        ("fre", {(5, 2)}),
        ("FW", {2, 3}),
        ("co0", {(0, 2), (1, 3)}),
        ("id", {(e, e) for e in EVENTS}),
        ("singlestep(po)", {(2, 6), (6, 3), (4, 5)}),
        ("ctrlcfence(po, F)", {(2, 3)}),
        ("emptyset", set()),
        ("Rmb", set()),
    ],
)
def test_operators(value: Value, expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("let a = rf in a ; [R]", {(3, 4), (0, 5)}),
        ("let a = rf and b = co in a | b", {(3, 4), (0, 5), (0, 2), (1, 3)}),
        ("let rf = co in let co = rf in co", {(0, 2), (1, 3)}),
        ("let (a, b) = (rf, co) in b", {(0, 2), (1, 3)}),
        ("let f(r) = r ; r in f(po | rf)", {(2, 3), (2, 4), (6, 4), (3, 5)}),
        ("let f r = r^-1 in f rf", {(4, 3), (5, 0)}),
        ("let f(a, b) = a \\ b in f(po, rf)", {(2, 6), (2, 3), (6, 3), (4, 5)}),
        ("let f a = fun b -> a | b in f rf co", {(3, 4), (0, 5), (0, 2), (1, 3)}),
        ("(fun x -> x ; x) | rf", None),
        ("let g = fun (a, _) -> a in g(rf, co)", {(3, 4), (0, 5)}),
        ("let f() = rf in f()", {(3, 4), (0, 5)}),
        ("let f _ = rf in f co", {(3, 4), (0, 5)}),
        ("let R = W in let f x = x & R in let R = F in f M", {0, 1, 2, 3}),
        ("try rf with co", {(3, 4), (0, 5)}),
        ("try nothing-like-that with co", {(0, 2), (1, 3)}),
        ("try rf & R with co", {(0, 2), (1, 3)}),
        ("try fail(rf) with co", {(0, 2), (1, 3)}),
        ("try (try fail 0 with fail 0) with rf", {(3, 4), (0, 5)}),
        ("if R = R then rf else co", {(3, 4), (0, 5)}),
        ("if IW = W then rf else co", {(0, 2), (1, 3)}),
        ("if po & rf = 0 then rf else co", {(3, 4), (0, 5)}),
        ("if IW subset W then rf else co", {(3, 4), (0, 5)}),
        ("if W subset IW then rf else co", {(0, 2), (1, 3)}),
        ("if {} subset W then rf else co", {(3, 4), (0, 5)}),
        ('if "here" then rf else co', {(3, 4), (0, 5)}),
        ('if "HERE" && not "there" then rf else co', {(3, 4), (0, 5)}),
        ('if "there" || not "here" then rf else unknown-name | co', None),
        ('if "here" then rf else unknown-name', {(3, 4), (0, 5)}),
    ],
)
def test_bindings_and_choices(value: Value, expression: str, expected: object) -> None:
    if expected is None:
        with pytest.raises(LitmusError):
            value(expression, variants=["here"])
    else:
        assert value(expression, variants=["here"]) == expected


EVEN = """let rec even s = match s with || {} -> R || _ ++ es -> odd es end
and odd s = match s with || {} -> W || _ ++ es -> even es end in """


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # The first and the rest of a set and of a relation
        ("match R with || {} -> W || e ++ es -> es end", {5}),
        ("match R with || {} -> W || e ++ es -> {e} end", {4}),
        ("match Rmb with || {} -> F || e ++ es -> es end", {6}),
        ("match {} with || e ++ es -> es || {} -> F end", {6}),
        ("match po with || {} -> 0 || p ++ ps -> p ++ 0 end", {(2, 3)}),
        ("match po with || {} -> 0 || p ++ ps -> ps end", {(2, 6), (4, 5), (6, 3)}),
        ("match po with || {} -> 0 || p ++ ps -> p^-1 ++ 0 end", {(3, 2)}),
        ("match W with || {} -> {} || a | e ++ b -> a end", {0, 1}),
        ("match W with || {} -> {} || a | e ++ b -> {e} end", {2}),
        ("match W with || {} -> {} || a | e ++ b -> b end", {3}),
        ("match rf with || {} -> 0 || p ++ _ -> [domain(p ++ 0)] end", {(0, 0)}),
        # Building sets
        ("match R with || {} -> {} || e ++ es -> (e, e) ++ 0 end", {(4, 4)}),
        ("match R with || {} -> {} || e ++ es -> e ++ W end", {0, 1, 2, 3, 4}),
        ("match R with || {} -> {} || e ++ es -> {e} * F end", {(4, 6)}),
        ("match R with || {} -> {} || e ++ es -> e * F end", {(4, 6)}),
        ("match R with || {} -> {} || e ++ es -> [e] end", {(4, 4)}),
        (
            "match {rf, co} with || {} -> 0 || r ++ rs -> match rs with || {} -> 0 || s ++ _ -> r | s end end",
            {(3, 4), (0, 5), (0, 2), (1, 3)},
        ),
        (
            "match {rf} | {rf, co} with || {} -> 0 || r ++ rs -> match rs with || {} -> r || s ++ _ -> s end end",
            {(0, 2), (1, 3)},
        ),
        ("match {rf, co} \\ {rf} with || {} -> 0 || r ++ rs -> r end", {(0, 2), (1, 3)}),
        ("match {rf, co} & {co} with || {} -> 0 || r ++ rs -> r end", {(0, 2), (1, 3)}),
        ("if co in {rf, co} then R else W", {4, 5}),
        ("if po in {rf, co} then R else W", {0, 1, 2, 3}),
        ("if {rf, co} = {co, rf} then R else W", {4, 5}),
        ("if {rf} subset {rf, co} then R else W", {4, 5}),
        ("if {0} = {{}} then R else W", {4, 5}),
        ("match R with || {} -> {} || e ++ es -> if e in R then F else W end", {6}),
        ("match rf with || {} -> {} || p ++ ps -> if p in po then F else R end", {4, 5}),
        ("match W with || {} -> {} || p | e ++ q -> if (e, e) in IW * R then F else R end", {4, 5}),
        ("match po with || {} -> {} || p ++ q -> let (a, b) = p in if (b, a) in q^-1 then F else R end", {4, 5}),
        # Functions over sets
        ("map (fun e -> e) R", {4, 5}),
        ("fold (fun (r, k) -> r | k) (map (fun p -> p ++ 0) rf, 0)", {(3, 4), (0, 5)}),
        ("fold (fun (e, k) -> [e] | k) (W, 0)", {(0, 0), (1, 1), (2, 2), (3, 3)}),
        (
            "let rec size s = match s with || {} -> 0 || e ++ es -> (e, e) ++ size es end in size M",
            {(e, e) for e in range(6)},
        ),
        (EVEN + "even M", {4, 5}),
        (EVEN + "odd M", {0, 1, 2, 3}),
    ],
)
def test_sets_taken_apart(value: Value, expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("let rec a = po | rf | (a ; a) in a & (W * R)", {(2, 4), (2, 5), (3, 4), (3, 5), (0, 5)}),
        ("let rec a = rf | (a ; po) in a", {(3, 4), (0, 5), (3, 5)}),
        ("let rec a = rf | b and b = a ; po in b", {(3, 5)}),
        ("let rec s = F | domain([_] ; po ; [s]) in s", {2, 6}),
        ("let rec s = F and r = [s] ; po in r", {(6, 3)}),
        ("let rec a = a in a", set()),
        ("let rec a = b and b = a in a", set()),
        ("let rec a = a & rf in a", set()),
        ("let rec (a, b) = (rf | b, a ; po) in b", {(3, 5)}),
        ("let rec f x = x ; r and r = rf | f rf in r", {(3, 4), (0, 5)}),
        # Not monotone: herd7's order of evaluation decides, as in the matching of critical sections
        ("let rec free = R \\ domain(taken) and taken = taken | ([free] ; po) in free", {5}),
        ("let rec a = po & ~a in a", set()),
        ("let rec a = (_ * _) \\ a in a", set()),
        ("let rec a = rf \\ b and b = po \\ a in a", {(3, 4), (0, 5)}),
        ("let rec a = po \\ b and b = a in b", set()),
        ("let rec a = b \\ rf and b = co | (rf \\ a) in b", {(0, 2), (1, 3), (3, 4), (0, 5)}),
        ("let rec a = R and b = ~a in b", {0, 1, 2, 3, 6}),
        ("let rec a = rf and b = ~a & a^-1 in b", {(4, 3), (5, 0)}),
        # A recursion that takes itself apart
        ("let rec s = match s with || {} -> F || e ++ es -> s | IW end in s", {0, 1, 6}),
    ],
)
def test_recursion(value: Value, expression: str, expected: object) -> None:
    assert value(expression) == expected


def test_long_recursion_in_tail_position_needs_no_stack(value: Value) -> None:
    turns = "let rec go (s, t, n) = match s with || {} -> n || _ ++ es -> go (es, t, n) end in "
    nested = turns + "fold (fun (e, k) -> go (W * W, k, k)) (_ * _, R)"
    assert value(nested) == {4, 5}


def test_equations_are_solved_in_the_order_of_their_text(value: Value) -> None:
    """a follows b one turn late, so that neither stops; from b to a they would settle at {}."""
    with pytest.raises(ModelError, match="recursion of 'a' and 'b' does not settle"):
        value("let rec a = b and b = po \\ b in a")
    assert value("let rec b = po \\ b and a = b in a") == set()


@pytest.mark.parametrize("before", ["", "if R = {} then 0 else "])
def test_a_recursion_that_goes_round_in_a_ring_is_an_error(value: Value, before: str) -> None:
    """The first event, then the second, then the first …; whether or not the interpreter must take sets apart."""
    ring = "let ring = (IW * IW) \\ id"
    step = "range([x] ; ring) | (domain(ring \\ po) & domain([IW] ; co ; [range([W] ; po)])) \\ domain(_ * x)"
    with pytest.raises(ModelError, match="recursion of 'x' does not settle") as caught:
        value(f"let rec x = {before}{step} in x", before=ring)
    assert caught.value.span is not None
    assert caught.value.span.location().startswith("test.cat:2:")


def test_recursion_over_all_orders_of_six_events_is_not_too_deep(value: Value) -> None:
    every = "let rec un s = match s with || {} -> 0 || x ++ xs -> x | un xs end in un (linearisations(M, 0))"
    assert value(every) == {(i, j) for i in range(6) for j in range(6) if i != j}


@pytest.mark.parametrize(
    "text",
    [
        "let rec f x = f x in f rf",
        "let rec f x = f x | rf in f rf",
        "let rec f x = try (f x | rf) with f x in f rf",
        "let rec f x = let (a, b) = (f x, x) in a | b in f rf",
        "let rec f x = map f {x} in f rf",
    ],
)
def test_endless_recursion_is_an_error(value: Value, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("litmus.cat.evaluate._TURN_LIMIT", 1000)
    with pytest.raises(ModelError, match="recursion does not end"):
        value(text)


BELL = "enum Colour = 'red || 'green || 'blue  enum Size = 'small || 'large"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("match 'red with || 'green -> R || 'red -> W end", {0, 1, 2, 3}),
        ("match 'blue with || 'green -> R || _ -> F end", {6}),
        ("let f c = match c with || 'red -> R || 'green -> W || 'blue -> F end in f 'blue", {6}),
        ("if 'red in Colour then R else W", {4, 5}),
        ("if 'red in {'green, 'blue} then R else W", {0, 1, 2, 3}),
        ("if ~{'red, 'green} = {'blue} then R else W", {4, 5}),
        ("if Colour \\ 'red = {'green, 'blue} then R else W", {4, 5}),
        ("if 'red | 'green | 'blue = Colour then R else W", {4, 5}),
        ("if 'red = 'green then R else W", {0, 1, 2, 3}),
        ("let rec f = 'red | f in if f = {'red} then R else W", {4, 5}),
        ("if (_ \\ {'red}) & Colour = {'blue, 'green} then R else W", {4, 5}),
    ],
)
def test_tags(value: Value, expression: str, expected: object) -> None:
    assert value(expression, before=BELL) == expected


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("rf & R", "intersection of a relation and a set of events", "rf & R"),
        ("R ; rf", "a relation is due here, but this is a set of events", "R"),
        ("[rf]", "a set of events is due here, but this is a relation", "rf"),
        ("R * rf", "a set of events is due here, but this is a relation", "rf"),
        ("R+", "a relation is due here, but this is a set of events", "R"),
        ("R^-1", "a relation is due here, but this is a set of events", "R"),
        ("~fencerel", "a set or a relation is due here, but this is the function fencerel", "fencerel"),
        ("rf | (rf, co)", "a set or a relation is due here, but this is a tuple (a relation, a relation)", "(rf, co)"),
        ("rf \\ map", "a set or a relation is due here, but this is the function map", "map"),
        ("fencerel rf", "a set of events is due here, but this is a relation", "fences"),
        ("rf co", "a function is due here, but this is a relation", "rf"),
        ("nodetour(rf, co)", "3 values are due here, but this is a tuple (a relation, a relation)", None),
        ("let (a, b) = rf in a", "2 values are due here, but this is a relation", None),
        ("domain R", "a relation is due here, but this is a set of events", "R"),
        ("fail rf", "the model fails on a relation", "rf"),
        ("match rfx with || {} -> 0 || e ++ es -> es end", "unknown name 'rfx'", "rfx"),
        ("match 'red with || 'green -> R end", "no clause matches the tag 'red", "'red"),
        ("match R with || 'green -> R end", "a tag is due here, but this is a set of events", "R"),
        ("match 'red with || {} -> 0 || e ++ es -> es end", "a set is due here, but this is the tag 'red", "'red"),
        ("match _ with || {} -> 0 || e ++ es -> es end", "'_' cannot be matched", "_"),
        ("'purple", "no enumeration has the tag 'purple", "'purple"),
        ("'red | 'small", "union of a set of tags of Colour and a set of tags of Size", "'red | 'small"),
        ("R ++ rf", "a pair of events is due here, but this is a set of events", "R"),
        ("rf ++ R", "an event is due here, but this is a relation", "rf"),
        ("{rf, R}", "a set of sets of events cannot hold a relation", "{rf, R}"),
        ("_ ++ {}", "'_' cannot be an element of a set", "_"),
        ("if R = rf then R else R", "a set of events and a relation cannot be compared", "R = rf"),
        ("if R in R then R else R", "a set is due here, but this is a set of events", "R"),
        ("lift(R, rf)", "a set of sets of events and a relation is due here", "(R, rf)"),
        ("linearisations(R)", "a set and a relation is due here, but this is a set of events", "(R)"),
        ("tag2scope 'red", "no relation for the tag 'red: the test has no scope tree", "'red"),
        ("tag2events 'red", "no set of events 'Red' for the tag 'red", "'red"),
        ("let rec f = (f, f) in f", "recursion over a tuple", None),
        # herd7 stops in the same places: {} and _ do not tell sets of events from relations
        ("let rec a = ~a in a", "the recursion of 'a' starts from '_'", "a = ~a"),
        ("let rec a = rf | ~a in a", "the recursion of 'a' starts from '_'", "a = rf | ~a"),
        ("let rec b = a and a = ~b in a", "the recursion of 'a' starts from '_'", "a = ~b"),
        ("let rec a = ~a | (match a with || {} -> 0 || e ++ es -> es end) in a", "the recursion of 'a' starts", None),
    ],
)
def test_errors_point_at_their_place(value: Value, text: str, message: str, marked: str | None) -> None:
    with pytest.raises((ModelError, UnknownNameError)) as caught:
        value(text, before=BELL)
    assert caught.value.message.startswith(message)
    assert caught.value.span is not None
    assert caught.value.span.source.name in ("test.cat", "models/stdlib.cat")
    if marked is not None:
        assert caught.value.span.text.strip("()") == marked.strip("()")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Acquir", "did you mean 'Acquire'?"),
        ("po_loc", "did you mean 'po-loc'?"),
        ("fencrel(F)", "did you mean 'fencerel'?"),
        ("domian(rf)", "did you mean 'domain'?"),
        ("let mine = rf in mime", "did you mean 'mine'?"),
        ("qqqqqq", None),
    ],
)
def test_unknown_names_get_the_nearest_known_one(value: Value, text: str, hint: str | None) -> None:
    with pytest.raises(UnknownNameError) as caught:
        value(text)
    assert caught.value.hint == hint


def test_an_error_in_a_function_says_where_it_was_called(run: Callable[..., object]) -> None:
    with pytest.raises(ModelError) as caught:
        run("let twice r = r ; r\nlet bad = twice(R)\nempty bad as e")
    assert caught.value.span is not None
    assert caught.value.span.location() == "test.cat:1:15"
    assert caught.value.hint == "in a call at test.cat:2:11"


def test_definitions_that_nothing_uses_are_not_evaluated(run: Callable[..., object]) -> None:
    assert run("let unused = nothing-like-that let used = rf empty used as e") is not None
