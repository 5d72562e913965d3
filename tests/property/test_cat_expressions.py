"""Random cat expressions against a naive evaluator over sets of pairs, at every moment of interpretation."""

from collections.abc import Callable
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from litmus.cat.load import load_model
from litmus.relation import bits
from litmus.relation.model import Basis
from litmus.relation.node import Sort
from litmus.relation.solve import evaluate

N = 4
EVENTS = range(N)
Pairs = frozenset[tuple[int, int]]
Events = frozenset[int]
World = dict[str, Pairs | Events]

SETS = ("R", "W", "F")
STATIC = ("po", "addr", "loc")
RELATIONS = (*STATIC, "rf", "co")
FULL: Pairs = frozenset((i, j) for i in EVENTS for j in EVENTS)
IDENTITY: Pairs = frozenset((i, i) for i in EVENTS)


def compose(r: Pairs, s: Pairs) -> Pairs:
    return frozenset((a, d) for a, b in r for c, d in s if b == c)


def closure(r: Pairs) -> Pairs:
    while not compose(r, r) <= r:
        r |= compose(r, r)
    return r


Term = tuple[str, Callable[[World], frozenset]]  # type: ignore[type-arg]


def name(word: str) -> Term:
    return word, lambda world: world[word]


set_names = st.sampled_from(SETS).map(name)
relation_names = st.sampled_from(RELATIONS).map(name)


def sets(inner: st.SearchStrategy[Term], relations: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda t: (f"({t[0][0]} | {t[1][0]})", lambda w: t[0][1](w) | t[1][1](w))),
        st.tuples(inner, inner).map(lambda t: (f"({t[0][0]} & {t[1][0]})", lambda w: t[0][1](w) & t[1][1](w))),
        st.tuples(inner, inner).map(lambda t: (f"({t[0][0]} \\ {t[1][0]})", lambda w: t[0][1](w) - t[1][1](w))),
        inner.map(lambda t: (f"(~{t[0]})", lambda w: frozenset(EVENTS) - t[1](w))),
        relations.map(lambda t: (f"domain({t[0]})", lambda w: frozenset(a for a, _ in t[1](w)))),
        relations.map(lambda t: (f"range({t[0]})", lambda w: frozenset(b for _, b in t[1](w)))),
    )


def relations(inner: st.SearchStrategy[Term], events: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda t: (f"({t[0][0]} | {t[1][0]})", lambda w: t[0][1](w) | t[1][1](w))),
        two.map(lambda t: (f"({t[0][0]} & {t[1][0]})", lambda w: t[0][1](w) & t[1][1](w))),
        two.map(lambda t: (f"({t[0][0]} \\ {t[1][0]})", lambda w: t[0][1](w) - t[1][1](w))),
        two.map(lambda t: (f"({t[0][0]} ; {t[1][0]})", lambda w: compose(t[0][1](w), t[1][1](w)))),
        inner.map(lambda t: (f"({t[0]})^-1", lambda w: frozenset((b, a) for a, b in t[1](w)))),
        inner.map(lambda t: (f"({t[0]})+", lambda w: closure(t[1](w)))),
        inner.map(lambda t: (f"({t[0]})*", lambda w: closure(t[1](w)) | IDENTITY)),
        inner.map(lambda t: (f"({t[0]})?", lambda w: t[1](w) | IDENTITY)),
        inner.map(lambda t: (f"(~({t[0]}))", lambda w: FULL - t[1](w))),
        events.map(lambda t: (f"[{t[0]}]", lambda w: frozenset((e, e) for e in t[1](w)))),
        st.tuples(events, events).map(
            lambda t: (f"({t[0][0]} * {t[1][0]})", lambda w: frozenset((a, b) for a in t[0][1](w) for b in t[1][1](w)))
        ),
        inner.map(lambda t: (f"(let rec x = {t[0]} | (x ; po) in x)", lambda w: least(t[1](w), w["po"]))),
        two.map(
            lambda t: (
                f"(let f(a, b) = (a ; b) | a in f({t[0][0]}, {t[1][0]}))",
                lambda w: compose(t[0][1](w), t[1][1](w)) | t[0][1](w),
            )
        ),
    )


def least(start: Pairs, step: frozenset) -> Pairs:  # type: ignore[type-arg]
    found = start
    while not compose(found, step) <= found:
        found |= compose(found, step)
    return found


simple_sets = st.recursive(set_names, lambda inner: sets(inner, relation_names), max_leaves=4)
terms = st.recursive(relation_names, lambda inner: relations(inner, sets(set_names, inner)), max_leaves=10)

pairs = st.frozensets(st.tuples(st.sampled_from(EVENTS), st.sampled_from(EVENTS)), max_size=7)
events = st.frozensets(st.sampled_from(EVENTS))
worlds = st.fixed_dictionaries({**dict.fromkeys(SETS, events), **dict.fromkeys(RELATIONS, pairs)})


def basis_of(world: World, *, reads_from: bool) -> Basis:
    def relation(word: str) -> int:
        return bits.from_pairs(world[word], N)  # type: ignore[arg-type]

    return Basis(
        N,
        {word: sum(1 << e for e in world[word]) for word in SETS},  # type: ignore[operator]
        {word: relation(word) for word in STATIC},
        lambda event: None,
        reads_from=relation("rf") if reads_from else None,
        final_writes=0 if reads_from else None,
    )


def members(value: int, sort: Sort) -> frozenset:  # type: ignore[type-arg]
    return frozenset(bits.members(value) if sort is Sort.SET else bits.pairs(value, N))


def check(text: str, meaning: Callable[[World], frozenset], world: World, *, concrete: bool) -> None:  # type: ignore[type-arg]
    # A loop over a set that is not empty makes the interpreter go to each structure.
    prefix = "forall e in R | W | F | {} do end " if concrete else ""
    model = load_model("t.cat", read_file={"t.cat": f"{prefix}let answer = {text} empty answer as e"}.get)
    environment = {word: bits.from_pairs(world[word], N) for word in ("rf", "co")}  # type: ignore[arg-type]
    for reads_from in (False, True):
        (instance,) = model.instances(basis_of(world, reads_from=reads_from))
        node = instance.named["answer"]
        (value,) = evaluate(instance.graph, (node,), environment)
        assert members(value, instance.graph.sorts[node]) == meaning(world)


@given(terms, worlds, st.booleans())
def test_relations(term: Term, world: World, concrete: bool) -> None:
    check(*term, world, concrete=concrete)


@given(simple_sets, worlds, st.booleans())
def test_sets(term: Term, world: World, concrete: bool) -> None:
    check(*term, world, concrete=concrete)


OPERATORS = {"|": 1, ";": 3, "\\": 4, "&": 5}


def apply(operator: str, left: Pairs, right: Pairs) -> Pairs:
    match operator:
        case "|":
            return left | right
        case "&":
            return left & right
        case ";":
            return compose(left, right)
        case _:
            return left - right


def by_precedence(operands: list[Pairs], operators: list[str]) -> Pairs:
    """Apply the tightest operators first: of equal ones the leftmost for a difference, else any (they associate)."""
    operands, operators = list(operands), list(operators)
    for operator in sorted(OPERATORS, key=lambda o: -OPERATORS[o]):
        while operator in operators:
            at = operators.index(operator)
            operands[at : at + 2] = [apply(operator, operands[at], operands[at + 1])]
            del operators[at]
    return reduce(lambda left, right: left | right, operands)


@given(st.lists(st.sampled_from(RELATIONS), min_size=1, max_size=7), st.data(), worlds)
def test_precedence(words: list[str], data: st.DataObject, world: World) -> None:
    count = len(words) - 1
    operators = data.draw(st.lists(st.sampled_from(sorted(OPERATORS)), min_size=count, max_size=count))
    text = words[0] + "".join(f" {o} {w}" for o, w in zip(operators, words[1:], strict=True))
    check(text, lambda w: by_precedence([w[x] for x in words], operators), world, concrete=False)  # type: ignore[misc]
