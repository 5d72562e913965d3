"""Condition flags, kept as the two numbers that the last flag-setting instruction worked on.

A condition is a term over the two that depends on how the flags were set: by a subtraction, by an addition or from a
result alone. Which of these reaches an instruction is found from the control flow of the thread; where several do, or
none, there is no one term and the condition is an error. Terms, and not the flags themselves, so that comparing two
addresses for equality stays possible. Sources: Arm ARM, C6.2 (AddWithCarry, ConditionHolds); Intel SDM volume 1, 3.4.3
and appendix B.
"""

from collections.abc import Callable, Mapping, Sequence

from litmus.dataclass import dataclass
from litmus.program.syntax import AsmRegister, AsmSymbol, Assembly
from litmus.program.term import Apply, Register, Term

LEFT, RIGHT = "%left", "%right"
"""The two numbers, each in the signed range of the width. What is set from a result alone leaves the second unused."""

SUBTRACTED, ADDED, RESULT = "subtracted", "added", "result"


@dataclass(frozen=True, slots=True)
class Setting:
    """How an instruction sets the flags: from what, in how many bits, and whether the carry is among them.

    ``shows`` are the conditions that can be told; None stands for all.
    """

    mode: str
    bits: int
    carry: bool = True
    shows: frozenset[str] | None = None


Settings = frozenset[Setting | None]
"""What may have set the flags last; None stands for nothing at all."""

_L, _R = Register(LEFT), Register(RIGHT)
_NEVER = Apply("&", (_L, 0))
"""False, and yet dependent on what set the flags."""

CARRY = frozenset({"CS", "CC", "HI", "LS"})
"""The conditions that look at the carry."""


def opposite(term: Term) -> Term:
    """Return the negation of a condition."""
    return Apply("!", (term,))


def _both(one: Term, other: Term) -> Term:
    return Apply("&&", (one, other))


def _with_opposites(positive: Mapping[str, Term]) -> dict[str, Term]:
    pairs = {"EQ": "NE", "LT": "GE", "GT": "LE", "MI": "PL", "VS": "VC", "CS": "CC", "HI": "LS"}
    return dict(positive) | {pairs[name]: opposite(term) for name, term in positive.items()}


def _subtracted(bits: int) -> dict[str, Term]:
    exact = Apply("-", (_L, _R))
    result = Apply(f"s{bits}", (exact,))
    # Numbers in the signed range of fewer bits keep their unsigned order in 64 bits.
    left, right = Apply("u64", (_L,)), Apply("u64", (_R,))
    orders = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
    table: dict[str, Term] = {name: Apply(operator, (_L, _R)) for name, operator in orders.items()}
    unsigned = {"CS": ">=", "HS": ">=", "CC": "<", "LO": "<", "HI": ">", "LS": "<="}
    table |= {name: Apply(operator, (left, right)) for name, operator in unsigned.items()}
    table |= {"MI": Apply("<", (result, 0)), "PL": Apply(">=", (result, 0))}
    return table | {"VS": Apply("!=", (result, exact)), "VC": Apply("==", (result, exact))}


def _added(bits: int) -> dict[str, Term]:
    exact = Apply("+", (_L, _R))
    result = Apply(f"s{bits}", (exact,))
    # The sign of the exact sum is N xor V; the sum that is cut is less than an operand where a carry left it.
    less, equal = Apply("<", (exact, 0)), Apply("==", (result, 0))
    carry = Apply("<", (Apply(f"u{bits}", (exact,)), Apply(f"u{bits}", (_L,))))
    positive: dict[str, Term] = {"EQ": equal, "LT": less, "GT": _both(opposite(equal), opposite(less))}
    positive |= {"MI": Apply("<", (result, 0)), "VS": Apply("!=", (result, exact)), "CS": carry}
    return _with_opposites(positive | {"HI": _both(carry, opposite(equal))})


def _result() -> dict[str, Term]:
    orders = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "MI": "<", "PL": ">="}
    signed: dict[str, Term] = {name: Apply(operator, (_L, 0)) for name, operator in orders.items()}
    never: dict[str, Term] = dict.fromkeys(("VS", "CS", "HI"), _NEVER)
    return _with_opposites(never) | signed


def condition(name: str, setting: Setting) -> Term:
    """Return the truth of an AArch64 condition (other than AL) after flags were set so."""
    alias = {"HS": "CS", "LO": "CC"}.get(name, name)
    match setting.mode:
        case "subtracted":
            return _subtracted(setting.bits)[alias]
        case "added":
            return _added(setting.bits)[alias]
    return _result()[alias]


def reaching(
    body: Sequence[Assembly], sets: Callable[[Assembly], Setting | None], leaves: Callable[[Assembly], bool]
) -> list[Settings]:
    """Return what may have set the flags last before each statement.

    ``leaves`` tells the jumps that are always taken; the last operand of a jump is a word that labels a statement.
    """
    labels = {statement.label: i for i, statement in enumerate(body) if statement.label is not None}
    found: list[set[Setting | None]] = [set() for _ in range(len(body) + 1)]
    work: list[tuple[int, Setting | None]] = [(0, None)]
    while work:
        place, setting = work.pop()
        if place >= len(body) or setting in found[place]:
            continue
        found[place].add(setting)
        after = sets(body[place]) or setting
        work.extend((following, after) for following in _following(body[place], place, labels, leaves))
    return [frozenset(settings) for settings in found]


def _following(
    statement: Assembly, place: int, labels: Mapping[str, int], leaves: Callable[[Assembly], bool]
) -> list[int]:
    word = statement.operands[-1] if statement.operands else None
    targets = [labels[word.name]] if isinstance(word, AsmSymbol | AsmRegister) and word.name in labels else []
    return targets if leaves(statement) else [*targets, place + 1]
