"""Final conditions in herd's syntax, whose atoms only say that a register or a location has a value."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from litmus.errors import UnsupportedError
from litmus.program.program import Location, Program
from litmus.program.term import (
    Address,
    Apply,
    FinalLocation,
    FinalRegister,
    Leaf,
    Term,
    Value,
    holds,
    leaves,
    substitute,
)
from litmus.source import Span

CONNECTIVES = {"&&": "/\\", "||": "\\/", "=>": "=>"}
NEGATIONS = {"==": "!=", "!=": "=="}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Writes conditions. ``observable`` names registers and locations, ``value`` constants; ``computed`` gives the name
    of a register that holds a term over the registers of one thread at the thread's end."""

    program: Program
    observable: Callable[[FinalRegister | FinalLocation], str]
    value: Callable[[Value], str]
    computed: Callable[[int, Term], str]
    span: Span | None

    def text(self, term: Term) -> str:
        """Return ``term`` as a condition, without outer parentheses.

        Raises:
            UnsupportedError: where it compares memory in a way that herd's conditions cannot.
        """
        match term:
            case int() | Address():
                return "true" if holds(term) else "false"
            case Apply("!", (operand,)):
                return self._negated(operand)
            case Apply(operator, (left, right)) if operator in CONNECTIVES:
                return f"{self._operand(left, operator)} {CONNECTIVES[operator]} {self._operand(right, operator)}"
            case Apply(("==" | "!=") as operator, (left, right)) if _is_atom(left, right):
                equal = f"{self._leaf(left)}={self._leaf(right)}"
                return equal if operator == "==" else f"not ({equal})"
            case FinalRegister() | FinalLocation():
                return f"not ({self.observable(term)}=0)"
            case _:
                return self._reduced(term)

    def _operand(self, term: Term, above: str) -> str:
        text = self.text(term)
        nested = isinstance(term, Apply) and term.operator in CONNECTIVES and term.operator != above
        return f"({text})" if nested or " \\/ " in text else text

    def _negated(self, term: Term) -> str:
        match term:
            case FinalRegister() | FinalLocation():
                return f"{self.observable(term)}=0"
            case Apply(operator, operands) if operator in NEGATIONS:
                return self.text(Apply(NEGATIONS[operator], operands))
            case _:
                return f"not ({self.text(term)})"

    def _leaf(self, term: Term) -> str:
        match term:
            case FinalRegister() | FinalLocation():
                return self.observable(term)
            case int() | Address():
                return self.value(term)
            case _:
                raise AssertionError(term)

    def _reduced(self, term: Term) -> str:
        """A term that herd has no words for: computed by its thread where it is about one thread's registers, written
        out over all values of the word where it is about page flags."""
        found = list(dict.fromkeys(leaves(term)))
        threads = {leaf.thread for leaf in found if isinstance(leaf, FinalRegister)}
        if len(threads) == 1 and all(isinstance(leaf, FinalRegister) for leaf in found):
            return f"not ({(thread := threads.pop())}:{self.computed(thread, term)}=0)"
        words = [self._flags(leaf) for leaf in found]
        if all(words):
            return self._cases(term, found, [word for word in words if word])
        raise UnsupportedError("herd's conditions cannot compute with final values of memory", self.span)

    def _flags(self, leaf: Leaf) -> Location | None:
        if not isinstance(leaf, FinalLocation):
            return None
        return next((known for known in self.program.locations if known.name == leaf.name and known.bits), None)

    def _cases(self, term: Term, found: list[Leaf], words: list[Location]) -> str:
        """The values of the words for which ``term`` holds. All flags of a word are declared: there are no others."""
        cases = []
        for values in product(*(range(1 << 1 + max(bit for _, bit in word.bits)) for word in words)):
            chosen = dict(zip(found, values, strict=True))
            result = substitute(term, chosen.get)
            if isinstance(result, Value) and holds(result):
                cases.append(" /\\ ".join(f"{self._leaf(leaf)}={value}" for leaf, value in chosen.items()))
        return " \\/ ".join(cases) if cases else "false"


def _is_atom(left: Term, right: Term) -> bool:
    """Whether herd has the comparison: of an observable with a constant, or with another observable."""
    return isinstance(left, FinalRegister | FinalLocation) and not isinstance(right, Apply)
