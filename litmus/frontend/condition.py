"""What a herd file asks of final states, as terms, and the same in herd's own words.

Precedences and the printed form are herd's (lib/stateParser.mly and lib/constrGen.ml of herdtools7): ``or`` binds
weakest, then ``and``, then ``=>``, then ``not``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from litmus.dataclass import dataclass
from litmus.errors import ParseError
from litmus.frontend.faults import Faults
from litmus.frontend.grammar import Branch, Node, extent, grammar, parse, span_of
from litmus.frontend.initial import literal, named_type, number, pointer_to, register_reference, scalar
from litmus.frontend.outline import PLAIN, atom_of, outline_of
from litmus.frontend.tree import Token
from litmus.program.program import ArrayView, Quantifier
from litmus.program.term import Address, Apply, FinalLocation, FinalRegister, Term
from litmus.program.types import INT, Type
from litmus.source import Span

_QUANTIFIERS = {
    "exists": Quantifier.EXISTS,
    "final": Quantifier.EXISTS,
    "forall": Quantifier.REQUIRE,
    "~exists": Quantifier.FORBID,
    "notexists": Quantifier.FORBID,
}
_KEYWORDS = {
    Quantifier.EXISTS: "exists",
    Quantifier.ALLOW: "exists",
    Quantifier.REQUIRE: "forall",
    Quantifier.FORBID: "~exists",
}


@dataclass(frozen=True, slots=True)
class Observables:
    """How names in a condition become terms; each function raises where nothing has the name."""

    register: Callable[[int, str, Span], FinalRegister]
    listed: Callable[[int, str, Span], FinalRegister]
    """As ``register``, for what `locations` lists: what is never assigned may be looked at there, it is 0."""
    location: Callable[[str, Span], Term]
    address: Callable[[Address, Span], Address]
    arrays: Mapping[str, Type]
    elements: Callable[[str], tuple[str, ...]] = lambda _: ()
    """The locations that an array is made of, in order; none where the name is of no array."""


@dataclass(frozen=True, slots=True)
class Final:
    """A parsed final part. ``types`` are those that `locations` gives to what it lists."""

    quantifier: Quantifier
    condition: Term
    filter: Term | None
    observed: tuple[Term, ...]
    types: tuple[tuple[Term, Type], ...]
    span: Span
    views: tuple[ArrayView, ...] = ()
    """The arrays that are looked at as a whole."""


def parse_final(section: Span, text: str, names: Observables, faults: Faults) -> Final:
    """Parse a final part. With no condition the test asks whether all states are final: ``forall (true)``. What is
    wrong goes to ``faults``."""
    tree = outline_of(text)
    if tree is None and text.strip():
        with faults.kept():
            tree = parse(grammar(("herd.lark",), ("init", "final")), "final", section, text)
    reader = _Reader(section, text, names, faults)
    quantifier, condition, span = Quantifier.REQUIRE, _TRUE, section
    restriction: Term | None = None
    observed: list[tuple[Term, Type | None]] = []
    for child in tree.children if tree else ():
        assert not isinstance(child, Token)
        match child.data:
            case "claim":
                quantifier, condition, span = *reader.claim(child), extent(child, section)
            case "filter":
                restriction = reader.term(child.children[0])
            case "locations":
                for item in child.children:
                    with faults.kept():
                        observed += reader.observed(item)
    terms = tuple(term for term, _ in observed)
    types = tuple((t, k) for t, k in observed if k is not None)
    return Final(quantifier, condition, restriction, terms, types, span, reader.views())


_TRUE: Term = 1


class _Reader:
    def __init__(self, section: Span, text: str, names: Observables, faults: Faults) -> None:
        self.section = section
        self.text = text
        self.names = names
        self.faults = faults
        self._whole: dict[str, tuple[str, ...]] = {}
        self._apart: set[str] = set()
        self._plain: dict[str, Term] = {}

    def views(self) -> tuple[ArrayView, ...]:
        """Return the arrays that were looked at as a whole, with the elements that were also named one by one."""
        return tuple(
            ArrayView(name, elements, frozenset(self._apart.intersection(elements)))
            for name, elements in self._whole.items()
        )

    def claim(self, node: Node) -> tuple[Quantifier, Term]:
        first, *rest = node.children
        if isinstance(first, Token) and first.type == "QUANTIFIER":
            return _QUANTIFIERS["".join(first.split())], self.term(rest[0])
        return Quantifier.EXISTS, self.term(first)

    def term(self, node: Branch) -> Term:
        """Return the truth of a condition's syntax tree."""
        if isinstance(node, Token):
            return int(node == "true") if node.type != PLAIN else self._blotted(node)
        match node.data:
            case "atom":
                with self.faults.kept():
                    return self._atom(node)
                return 0
            case "conjunction":
                return balanced("&&", [self.term(child) for child in node.children])
            case "disjunction":
                return balanced("||", [self.term(child) for child in node.children])
            case "implication":
                left, right = node.children
                return Apply("=>", (self.term(left), self.term(right)))
            case _:
                return Apply("!", (self.term(node.children[0]),))

    def _blotted(self, blot: Token) -> Term:
        """Return the atom in whose place an outline has a blot."""
        text = self.text[blot.start_pos : blot.end_pos]
        known = self._plain.get(text)
        if known is None:
            section, (node, before) = self.section, atom_of(text)
            self.section = Span(section.source, section.start + blot.start_pos - before, section.end)
            with self.faults.kept():
                known = self._plain[text] = self._atom(node)
            self.section = section
        return 0 if known is None else known

    def _atom(self, node: Node) -> Term:
        left, operator, right = node.children
        sign = "==" if operator in ("=", "==") else "!="
        if not isinstance(right, Token) and right.data == "elements":
            equal = balanced("&&", list(self._all_equal(left, right)))
            return equal if sign == "==" else Apply("!", (equal,))
        return Apply(sign, (self.place(left), self._operand(right)))

    def _all_equal(self, left: Branch, right: Node) -> Iterator[Term]:
        places = self._array(left)
        if len(places) != len(right.children):
            message = f"{len(right.children)} values for {len(places) or 'no'} elements"
            raise ParseError(message, extent(right, self.section))
        for place, value in zip(places, right.children, strict=True):
            yield Apply("==", (self.names.location(place, extent(left, self.section)), self._operand(value)))

    def _array(self, node: Branch) -> tuple[str, ...]:
        """Return the elements of the array that a node names on its own; none where it names none."""
        if isinstance(node, Token) or node.data != "location":
            return ()
        name = str(node.children[0])
        elements = self.names.elements(name)
        if elements:
            self._whole[name] = elements
        return elements

    def _operand(self, node: Branch) -> Term:
        if isinstance(node, Token):
            return literal(node, self.section) if node.type == "NUMBER" else self.place(node)
        if node.data == "location_target":
            return self.place(node)
        value = scalar(node, self.names.arrays, self.section)
        return self.names.address(value, extent(node, self.section)) if isinstance(value, Address) else value

    def place(self, node: Branch) -> Term:
        """Return the observable that a register reference, a location or an array element names."""
        span = extent(node, self.section)
        if isinstance(node, Token):
            return self.names.register(*register_reference(node), span)
        name, *index = (str(child) for child in node.children)
        name = f"{name}[{number(index[0])}]" if index else name
        self._apart.add(name)
        return self.names.location(name, span)

    def observed(self, node: Branch) -> Iterator[tuple[Term, Type | None]]:
        """Yield what an item of `locations` lists, with the type that it gives: an array is all its elements."""
        assert not isinstance(node, Token)
        place, *rest = node.children
        if elements := self._array(place):
            yield from ((self.names.location(name, extent(place, self.section)), None) for name in elements)
        else:
            yield self._typed(place, rest)

    def _typed(self, place: Branch, rest: Sequence[Branch]) -> tuple[Term, Type | None]:
        words = [token for token in rest if isinstance(token, Token) and token.type == "NAME"]
        stars = len(rest) - len(words)
        term = self._listed(place)
        if not words:
            return term, pointer_to(INT, stars) if stars else None
        return term, named_type((str(w) for w in words), span_of(words[0], self.section), stars)

    def _listed(self, place: Branch) -> Term:
        if isinstance(place, Token):
            return self.names.listed(*register_reference(place), span_of(place, self.section))
        return self.place(place)


def balanced(operator: str, operands: Sequence[Term]) -> Term:
    """Return the operands joined by an associative operator in a tree of logarithmic depth: they can be hundreds."""
    if len(operands) == 1:
        return operands[0]
    middle = (len(operands) + 1) // 2
    return Apply(operator, (balanced(operator, operands[:middle]), balanced(operator, operands[middle:])))


def print_condition(quantifier: Quantifier, condition: Term) -> str:
    """Return an assertion as herd prints it: ``exists ([x]=1 /\\ 0:r1=0)``."""
    return f"{_KEYWORDS[quantifier]} ({print_term(condition)})"


def print_term(term: Term) -> str:
    """Return a condition as herd prints it between the parentheses: ``[x]=1 /\\ 0:r1=0``."""
    return _print(term, "")


_SIGNS = {"&&": " /\\ ", "||": " \\/ ", "=>": " => "}
_PARENTHESES = frozenset({("=>", "||"), ("=>", "&&"), ("&&", "||"), ("&&", "=>"), ("||", "=>")})
"""Pairs (outer, inner) of operators where herd writes parentheses, more than its precedences need; but it
writes none in `(a => b) => c`, which reads back as something else."""


def _print(term: Term, outer: str) -> str:
    match term:
        case Apply(("&&" | "||" | "=>") as operator, (left, right)):
            text = _print(left, operator) + _SIGNS[operator] + _print(right, operator)
            return f"({text})" if (outer, operator) in _PARENTHESES else text
        case Apply("!", (operand,)):
            return f"not ({_print(operand, '')})"
        case Apply("!=", (left, right)):
            return f"not ({_value(left)}={_value(right)})"
        case Apply("==", (left, right)):
            return f"{_value(left)}={_value(right)}"
        case 0 | 1:
            return "true" if term else "false"
    raise ParseError(f"herd cannot write the condition {term}")


def _value(term: Term) -> str:
    match term:
        case FinalRegister(thread, register):
            return f"{thread}:{register}"
        case FinalLocation(name):
            return name if name.endswith("]") else f"[{name}]"
        case Address(symbol, offset):
            return f"{symbol}+{offset}" if offset else symbol
        case int():
            return str(term)
    raise ParseError(f"herd cannot write the value {term}")
