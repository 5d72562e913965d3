"""How observables, values and conditions are written: as the DSL writes them (``page_mkclean.pinned``, ``&x``,
``a && b``), or as herd does (``1:pinned``, ``[x]``, ``a /\\ b``)."""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from types import MappingProxyType
from typing import TypeAlias, TypeGuard

from litmus.dataclass import dataclass
from litmus.engine.base import State
from litmus.program.literal import literal_text
from litmus.program.program import Assertion, Dialect, Program, Quantifier
from litmus.program.term import THIN_AIR, Address, Apply, FinalLocation, FinalRegister, Register, Term, Value

C_LEVELS = MappingProxyType(
    {
        "=>": 1, "||": 2, "&&": 3, "|": 4, "^": 5, "&": 6, "==": 7, "!=": 7, "<": 8, "<=": 8, ">": 8, ">=": 8,
        "<<": 9, ">>": 9, "+": 10, "-": 10, "*": 11, "/": 11, "%": 11,
    }
)  # fmt: skip
"""How tightly C's binary operators bind; implication, which C lacks, binds least."""

HERD_WORDS = MappingProxyType({"=>": "=>", "||": "\\/", "&&": "/\\"})
HERD_PARENTHESES = frozenset({("=>", "||"), ("=>", "&&"), ("&&", "||"), ("&&", "=>"), ("||", "=>")})
"""Pairs (outer, inner) of operators where herd writes parentheses (``is_paren`` in lib/constrGen.ml of herdtools7):
more than its precedences need, but none on the left in ``(a => b) => c``, which reads back as something else."""

CLAIMS = MappingProxyType(
    {
        Quantifier.FORBID: "~exists",
        Quantifier.ALLOW: "exists",
        Quantifier.EXISTS: "exists",
        Quantifier.REQUIRE: "forall",
    }
)
"""Quantifiers by their herd words."""


Key: TypeAlias = list[tuple[int, int, str]]


def address_text(program: Program, address: Address) -> str:
    """Return the name of what is at ``address``, without ``&``: the object's own at its start, else the location's."""
    if address.offset == 0:
        return address.symbol
    known = (location.name for location in program.locations if location.address == address)
    return next(known, f"{address.symbol}+{address.offset}")


def _nothing_known(value: Address) -> str:
    """Return how a value out of thin air is written: ``S13``, as by herd7, whose numbers are others."""
    return value.symbol.removeprefix(THIN_AIR).strip() or f"S{value.offset}"


@dataclass(frozen=True, slots=True)
class DslNaming:
    """The DSL's way of writing. Page flags have their names, unless words are to be ``raw``."""

    program: Program
    raw: bool = False

    def observable(self, term: FinalRegister | FinalLocation) -> str:
        """Return ``thread.local`` or the location's name."""
        match term:
            case FinalRegister(thread, register):
                return f"{self.program.threads[thread].name}.{register}"
            case FinalLocation(name):
                return name

    def value(self, value: Value) -> str:
        """Return a number, or ``&`` and a name."""
        if isinstance(value, Address) and value.symbol.startswith(THIN_AIR):
            return _nothing_known(value)
        return f"&{address_text(self.program, value)}" if isinstance(value, Address) else str(value)

    def term(self, term: Term, above: int = 0) -> str:
        """Return a term in C syntax, with the parentheses it needs below an operator that binds as ``above``."""
        flag = self._flag(term)
        return flag if flag is not None else self._term(term, above)

    def _flag(self, term: Term) -> str | None:
        """Return ``PagePin(page)`` where a term is a page flag, as the condition's author wrote it."""
        match term:
            case Apply("&", (Apply(">>", (FinalLocation(name), int(number))), 1)):
                pass
            case Apply("&", (FinalLocation(name), 1)):
                number = 0
            case _:
                return None
        return next((flag for flag, bit in self._flags(name) if bit == number), None)

    def _flags(self, name: str) -> tuple[tuple[str, int], ...]:
        """Return the page flags of the word called ``name``, each with its bit."""
        known = () if self.raw else self.program.locations
        word = next((location for location in known if location.name == name), None)
        object_ = name.removesuffix("flags").removesuffix("->").removesuffix(".")
        return tuple((f"Page{flag}({object_})", bit) for flag, bit in word.bits) if word else ()

    def _term(self, term: Term, above: int) -> str:
        literal = literal_text(term)
        if literal is not None:
            return literal
        match term:
            case int() | Address():
                return self.value(term)
            case FinalRegister() | FinalLocation():
                return self.observable(term)
            case Apply("ite", (condition, positive, negative)):
                return f"({self.term(condition)} ? {self.term(positive)} : {self.term(negative)})"
            case Apply(operator, (left, right)):
                level = C_LEVELS[operator]
                text = f"{self.term(left, level)} {operator} {self.term(right, level + 1)}"
                return f"({text})" if level < above else text
            case Apply("neg", (operand,)):
                return f"-{self.term(operand, 12)}"
            case Apply(("!" | "~") as operator, (operand,)):
                return f"{operator}{self.term(operand, 12)}"
            case Apply(operator, (operand,)):
                return f"({operator}){self.term(operand, 12)}"
            case Register(name):
                return name
            case _:
                return str(term)

    def claim(self, assertion: Assertion) -> str:
        """Return ``forbid name: condition``."""
        name = f" {assertion.name}" if assertion.name else ""
        return f"{assertion.quantifier}{name}: {assertion.reserved or self.term(assertion.condition)}"

    def state(self, state: State) -> str:
        """Return ``a=1; b=0``."""
        held = (part for of, value in state if observable(of) for part in self.held(of, value))
        return "; ".join(f"{name}={value}" for name, value in held)

    def held(self, of: FinalRegister | FinalLocation, value: Value) -> Iterator[tuple[str, str]]:
        """Yield what something holds by name: a word of page flags flag by flag, unless other bits are set too."""
        flags = self._flags(of.name) if isinstance(of, FinalLocation) else ()
        if flags and isinstance(value, int) and not value & ~sum(1 << bit for _, bit in flags):
            yield from ((flag, str(value >> bit & 1)) for flag, bit in flags)
        else:
            yield self.observable(of), self.value(value)

    def key(self, state: State) -> Key:
        """Return what states are sorted by."""
        return _by_value(state)

    def counted(self, states: Iterable[tuple[State, int]]) -> Iterator[tuple[str, int]]:
        """Yield states in order, each with its number."""
        ordered = sorted(states, key=lambda item: self.key(item[0]))
        return ((self.state(state), number) for state, number in ordered)


def observable(term: Term) -> TypeGuard[FinalRegister | FinalLocation]:
    """Whether ``term`` is something a state can hold."""
    return isinstance(term, FinalRegister | FinalLocation)


@dataclass(frozen=True, slots=True)
class HerdNaming:
    """herd's way of writing (herdtools7 7.58: globals in brackets)."""

    program: Program

    def observable(self, term: FinalRegister | FinalLocation) -> str:
        """Return ``0:register`` or ``[location]``."""
        match term:
            case FinalRegister(thread, register):
                return f"{thread}:{register}"
            case FinalLocation(name):
                return name if name.endswith("]") else f"[{name}]"

    def value(self, value: Value) -> str:
        """Return a number or a name."""
        if isinstance(value, Address) and value.symbol.startswith(THIN_AIR):
            return _nothing_known(value)
        return address_text(self.program, value) if isinstance(value, Address) else str(value)

    def term(self, term: Term, above: str = "") -> str:
        """Return a condition in herd's syntax, with the parentheses that herd prints below the operator ``above``."""
        match term:
            case Apply("==", (left, right)):
                return f"{self.term(left, '==')}={self.term(right, '==')}"
            case Apply(operator, (left, right)) if operator in HERD_WORDS:
                text = f"{self.term(left, operator)} {HERD_WORDS[operator]} {self.term(right, operator)}"
                return f"({text})" if (above, operator) in HERD_PARENTHESES else text
            case int() | Address():
                return self.value(term) if above == "==" else self._constant(term)
            case FinalRegister() | FinalLocation() if above == "==":
                return self.observable(term)
            case FinalRegister() | FinalLocation():
                return f"not ({self.observable(term)}=0)"
            case Apply("!=", (left, right)):
                return f"not ({self.term(left, '==')}={self.term(right, '==')})"
            case Apply("!", (operand,)) if observable(operand):
                return f"{self.term(operand, '==')}=0"
            case Apply("!", (operand,)):
                return f"not ({self.term(operand)})"
            case _:
                return DslNaming(self.program, raw=True).term(term)

    def _constant(self, value: Value) -> str:
        return "false" if value == 0 else "true" if value == 1 else self.value(value)

    def claim(self, assertion: Assertion) -> str:
        """Return ``exists (condition)``."""
        return f"{CLAIMS[assertion.quantifier]} ({self.term(assertion.condition)})"

    def state(self, state: State) -> str:
        """Return ``0:r0=1; [x]=1;``: registers by thread and name, then locations by name."""
        ordered = self._ordered(state)
        whole = {name for view in self.program.views for name in view.elements if name not in view.apart}
        parts = [f"{self.observable(of)}={self.value(v)}" for of, v in ordered if _name(of) not in whole]
        return "; ".join((*self._arrays(ordered), *parts))

    def _arrays(self, state: Iterable[tuple[FinalRegister | FinalLocation, Value]]) -> Iterator[str]:
        """Yield the arrays that are shown as a whole: ``t={1,2}``."""
        values = {_name(of): self.value(value) for of, value in state}
        for view in self.program.views:
            if not values.keys() >= set(view.elements):
                continue  # only the filter looks at it
            yield f"{view.name}={{{','.join(values[name] for name in view.elements)}}}"

    def held(self, of: FinalRegister | FinalLocation, value: Value) -> Iterator[tuple[str, str]]:
        """Yield what something holds by name, without the brackets that conditions have."""
        yield of.name if isinstance(of, FinalLocation) else self.observable(of), self.value(value)

    def key(self, state: State) -> Key:
        """Return what states are sorted by."""
        return _by_value(self._ordered(state))

    def states(self, states: Iterable[State]) -> Iterator[str]:
        """Yield states in order."""
        return (text for text, _ in self.counted((state, 0) for state in states))

    def counted(self, states: Iterable[tuple[State, int]]) -> Iterator[tuple[str, int]]:
        """Yield states in order, each with its number. They hold the same observables in the same places: these are
        arranged once."""
        if self.program.views:
            ordered = sorted(states, key=lambda item: self.key(item[0]))
            yield from ((self.state(state), number) for state, number in ordered)
            return
        rows: list[tuple[tuple[Value, ...], int]] = []
        named: list[tuple[int, FinalRegister | FinalLocation]] = []
        for state, number in states:
            if not rows:
                named = [(i, of) for i, (of, _) in enumerate(state) if observable(of)]
                named.sort(key=lambda one: self._rank(one[1]))
            rows.append((tuple([state[i][1] for i, _ in named]), number))
        names = [self.observable(of) for _, of in named]
        pattern = "; ".join([f"{name.replace('%', '%%')}=%s" for name in names])
        # Keys cost more memory than the states of a large test: numbers are in order by themselves.
        numbers = all(type(value) is int for row, _ in rows for value in row)
        rows.sort(key=itemgetter(0) if numbers else lambda item: _key(item[0]))
        for row, number in rows:
            yield pattern % tuple([value if type(value) is int else self.value(value) for value in row]), number

    def _ordered(self, state: State) -> list[tuple[FinalRegister | FinalLocation, Value]]:
        known = [(of, value) for of, value in state if isinstance(of, FinalRegister | FinalLocation)]
        return sorted(known, key=lambda pair: self._rank(pair[0]))

    def _rank(self, term: FinalRegister | FinalLocation) -> tuple[int, int, int, str]:
        """Machine registers by their numbers (X2 before X10), the variables of C by their letters."""
        match term:
            case FinalRegister(thread, register):
                length = 0 if self.program.dialect in (Dialect.C, Dialect.DSL) else len(register)
                return 0, thread, length, register
            case FinalLocation(name):
                return 1, 0, 0, name


def _name(of: FinalRegister | FinalLocation) -> str | None:
    return of.name if isinstance(of, FinalLocation) else None


def naming(program: Program) -> DslNaming | HerdNaming:
    """Return the way of writing that the test itself uses."""
    return DslNaming(program) if program.dialect is Dialect.DSL else HerdNaming(program)


def _by_value(assignments: Iterable[tuple[Term, Value]]) -> Key:
    return _key(value for _, value in assignments)


def _key(values: Iterable[Value]) -> Key:
    """Numbers before addresses."""
    return [(0, value, "") if isinstance(value, int) else (1, value.offset, value.symbol) for value in values]
