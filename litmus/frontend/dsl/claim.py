"""Assertions: which claim holds for which model after overriding."""

from collections.abc import Iterable

from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError
from litmus.frontend.dsl.condition import Conditions
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.report import Report
from litmus.program.program import Assertion, Quantifier
from litmus.program.term import Term

RESERVED = ("data_race", "deadlock", "bug", "unroll_bound_reached")
KNOWN_MODELS = ("lkmm", "x86", "armv8", "power", "riscv", "sc")


@dataclass(frozen=True, slots=True)
class Claim:
    """One assertion as stated. ``models`` None: no `on`. ``level`` orders who overrides whom."""

    quantifier: Quantifier
    name: str
    condition: Term
    reserved: str | None
    models: tuple[str, ...] | None
    level: int
    node: Node


def model_name(node: Node, report: Report) -> str:
    """Return the model that a word or string names; an unknown one is reported."""
    name = node.parts[0].word.strip('"')
    base = name.split("@", 1)[0]
    if base not in KNOWN_MODELS and not base.endswith(".cat"):
        report.unknown("model", base, node.span, KNOWN_MODELS)
    return name


@dataclass(slots=True)
class Claims:
    """Reads the assertions of a test or variant, whose models are ``models``."""

    conditions: Conditions
    models: tuple[str, ...]
    report: Report
    _known: dict[str, tuple[Term, str | None]] = field(default_factory=lambda: {name: (1, name) for name in RESERVED})

    def assertions(self, inherited: Iterable[Node], own: Iterable[Node]) -> tuple[Assertion, ...]:
        """Return what is claimed after overriding.

        A claim of a variant (``own``) overrides the inherited ones of its name, one with `on` overrides one without,
        each for the models that it speaks of.
        """
        own = tuple(own)
        anew = {node.parts[1].word for node in own if node.parts[2].present and not node.parts[3].present}
        # What is said anew for every model need not make sense as it was said: edits may have dropped a register.
        kept = (node for node in inherited if node.parts[1].word not in anew)
        stated = [*(self._claim(node, 0) for node in kept), *(self._claim(node, 2) for node in own)]
        found = [claim for claim in stated if claim is not None]
        return tuple(_resolved(found, self.models, self.report))

    def _claim(self, node: Node, level: int) -> Claim | None:
        quantifier, name, condition, on = node.parts
        if condition.present:
            self._known[name.word] = _meaning(condition, self.conditions, self.report)
        elif name.word not in self._known:
            self.report.unknown("assertion", name.word, name.span, self._known, ": give it a condition")
            return None
        named = _models(on, self.models, self.report) if on.present else None
        meaning = self._known[name.word]
        return Claim(Quantifier(quantifier.word), name.word, *meaning, named, level + on.present, node)


def _meaning(condition: Node, conditions: Conditions, report: Report) -> tuple[Term, str | None]:
    match condition:
        case Node("name", (word,)) if word.word in RESERVED and word.word not in conditions.world.objects:
            return 1, word.word
    try:
        return conditions.term(condition), None
    except LitmusError as error:
        report.add(error)
        return 1, None


def _models(on: Node, models: tuple[str, ...], report: Report) -> tuple[str, ...]:
    named: list[str] = []
    for part in on.parts:
        if part.parts[0].word == "all":
            named += models
        else:
            named.append(model_name(part, report))
    return tuple(dict.fromkeys(named))


def _resolved(found: list[Claim], models: tuple[str, ...], report: Report) -> Iterable[Assertion]:
    named: dict[str, list[Claim]] = {}
    for claim in found:
        named.setdefault(claim.name, []).append(claim)
    for claim in found:
        rivals = [c for c in named[claim.name] if c is not claim]
        _contradictions(claim, rivals, report)
        left = _left(claim, rivals, models)
        if left is None or left:
            yield Assertion(claim.quantifier, claim.name, claim.condition, claim.reserved, left, claim.node.span)


def _left(claim: Claim, rivals: list[Claim], models: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the models for which ``claim`` is not overridden (None: it is not limited at all)."""
    stronger = [c for c in rivals if c.level > claim.level]
    if any(c.models is None for c in stronger):
        return ()
    taken = {model for c in stronger for model in c.models or ()}
    if claim.models is None and not stronger:
        return None
    return tuple(m for m in (models if claim.models is None else claim.models) if m not in taken)


def _contradictions(claim: Claim, rivals: list[Claim], report: Report) -> None:
    """Two claims of one name and one strength must not speak of the same model."""
    for other in rivals:
        if other.level != claim.level or other.node.span.start >= claim.node.span.start:
            continue
        both = set(claim.models or ()) & set(other.models or ())
        if claim.models is None or both:
            where = f" on {', '.join(sorted(both))}" if both else ""
            line = other.node.span.line
            report.wrong(f"'{claim.name}' is already asserted{where}", claim.node.parts[1].span, f"on line {line}")
