"""What a herd file claims, as assertions of our own language.

The annotation ``Result:`` is what is expected where there is one, as the kernel's judgelitmus script has it
(tools/memory-model/scripts): an observation, that there are no executions at all, and whether there is a data race.
"""

from collections.abc import Iterator
from functools import reduce

from litmus.engine.goals import observables
from litmus.errors import UnsupportedError
from litmus.export.equivalence import links
from litmus.frontend.condition import balanced
from litmus.program.c11 import calls, nodes
from litmus.program.program import Assertion, Program, Quantifier
from litmus.program.syntax import Access, Call, Loop
from litmus.program.term import Apply, Term, leaves, substitute

OUTCOME, OTHERWISE, ENDS = "outcome", "otherwise", "ends"
_CLAIMED = {"Never": Quantifier.FORBID, "Sometimes": Quantifier.ALLOW, "Always": Quantifier.REQUIRE}
_LONG = 64
"""Parts of a condition: as deep as text may be nested, with room to spare."""
_MAYBE, _DEADLOCK, _RACE = "Maybe", "DEADLOCK", "DATARACE"


def claims(program: Program) -> tuple[Assertion, ...]:
    """Return the assertions that expect of a test what ``litmus check`` expects of the herd file.

    Raises:
        UnsupportedError: at an annotation that predicts nothing there is.
    """
    words = (program.result or "").split()
    if program.result is not None and words[:1] not in ([word] for word in (*_CLAIMED, _MAYBE, _DEADLOCK)):
        raise UnsupportedError(f"the comment 'Result: {program.result}' predicts nothing", program.result_span)
    (asked,) = program.assertions
    conditions = () if program.unconditional else tuple(_conditions(asked, words))
    return (*conditions, *_reserved(program, words))


def _conditions(asked: Assertion, words: list[str]) -> Iterator[Assertion]:
    """A data race that is predicted forgives any observation: the condition is a question then."""
    if not words:
        yield Assertion(asked.quantifier, OUTCOME, asked.condition)
        return
    quantifier = _CLAIMED.get(words[0], Quantifier.EXISTS) if _RACE not in words else Quantifier.EXISTS
    yield Assertion(quantifier, OUTCOME, asked.condition)
    if quantifier is Quantifier.ALLOW:
        yield Assertion(quantifier, OTHERWISE, Apply("!", (asked.condition,)))


def _reserved(program: Program, words: list[str]) -> Iterator[Assertion]:
    if _RACE in words:
        yield _about(Quantifier.ALLOW, "data_race")
    elif words and words[0] != _DEADLOCK and _may_race(program):
        yield _about(Quantifier.FORBID, "data_race")
    if _DEADLOCK in words:
        yield _about(Quantifier.REQUIRE, "deadlock")
    elif _MAYBE in words and _may_wait(program):
        yield Assertion(Quantifier.ALLOW, ENDS, 1)


def _about(quantifier: Quantifier, reserved: str) -> Assertion:
    return Assertion(quantifier, reserved, 1, reserved)


def _may_race(program: Program) -> bool:
    """Whether there is a plain access at all."""
    bodies = [thread.body for thread in program.threads]
    plain = any(isinstance(node, Access) for body in bodies for node in nodes(body))
    return plain or any(call.name.startswith("__") for body in bodies for call in calls(body))


def _may_wait(program: Program) -> bool:
    """Whether anything waits for something: what has no execution at all has no other outcome either."""
    found = [node for thread in program.threads for node in nodes(thread.body)]
    names = [node.name for node in found if isinstance(node, Call)]
    waits = any("lock" in name or "cond" in name or "synchronize" in name for name in names)
    return waits or any(isinstance(node, Loop) for node in found)


def printed(condition: Term) -> Term:
    """Return a condition whose chains of ``&&`` and ``||`` need no parentheses, but for very long ones."""
    match condition:
        case Apply(("&&" | "||") as operator, _):
            parts = [printed(part) for part in links(operator, condition)]
            if len(parts) > _LONG:
                return balanced(operator, parts)
            return reduce(lambda left, right: Apply(operator, (left, right)), parts)
        case Apply(operator, operands):
            return Apply(operator, tuple(printed(operand) for operand in operands))
    return condition


def unseen(program: Program) -> Iterator[Term]:
    """Yield what states show because a condition mentions it that is decided without (``r1 == r1``)."""
    decided = (substitute(assertion.condition, lambda _: None) for assertion in program.assertions)
    seen = {*program.observed, *(leaf for condition in decided for leaf in leaves(condition))}
    return (term for term in observables(program) if term not in seen)
