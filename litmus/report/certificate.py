"""Proofs as files: the formula for checkers (DIMACS), the proof (DRAT, in which every step is RUP), and what each
variable means. The fields of the JSON files are part of the interface: they are added to, never renamed."""

import json
from collections.abc import Iterable, Iterator, Mapping

from litmus.dataclass import dataclass
from litmus.engine.sat.formula import Part, Reason
from litmus.engine.sat.meaning import Asked, Content, Edge, Meaning, Outcome, sure_edges
from litmus.engine.sat.proof import Refutation
from litmus.event.structure import INIT, Event
from litmus.program.program import Program
from litmus.program.term import Leaf, ReadValue, Register, Term, Value, substitute
from litmus.relation import bits
from litmus.report.json import Json
from litmus.report.naming import DslNaming, naming, observable

WIDEST = 200
"""How long a line of a comment is at most: checkers read them into buffers of their own."""

RELATIONS = ("po", "addr", "data", "ctrl", "rmw")
"""The relations of an event structure that a map lists; they are constants of the formula."""

READING = (
    "A literal is a variable of the formula, or its negation as a negative number. Edges and values that are not "
    "listed are in no execution, those under 'sure' are in every one. The literal of a relation is true wherever the "
    "relation holds, only there, or exactly there. Variables that are not listed belong to the clauses of the part "
    "that they are new in."
)


def dimacs(found: Refutation, title: str) -> str:
    """Return the formula, with comments that say which clauses are there for which reason."""
    formula = found.formula
    comments = [title, found.question.text, *_summaries(formula.parts)]
    lines = [f"c {' '.join(comment.split())}"[:WIDEST] for comment in comments]
    lines.append(f"p cnf {formula.variables} {len(formula.written)}")
    lines += (" ".join(map(str, (*clause, 0))) for clause in formula.written)
    return "\n".join(lines) + "\n"


def _summaries(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        first, last = part.clauses
        if first <= last:
            yield f"clauses {first} to {last}: {part.reason}: {part.text}"


def drat(found: Refutation) -> str:
    """Return the steps of the proof: clauses that follow, and ``d`` before those that are not needed any more."""
    return "\n".join(found.proof) + "\n"


def count(found: Refutation, reason: Reason) -> int:
    """Return how many clauses are there for a reason."""
    return sum(part.clauses[1] - part.clauses[0] + 1 for part in found.formula.parts if part.reason is reason)


@dataclass(frozen=True, slots=True)
class Map:
    """What the variables of a formula mean, in the words of the test."""

    program: Program
    found: Refutation

    def text(self) -> str:
        """Return the map as JSON, with one entry on a line."""
        found, n = self.found, self.found.candidates.n
        return listing(
            {
                "format": "litmuskit map of a formula",
                "version": 1,
                "how_to_read": READING,
                "question": found.question.text,
                "events": [self._event(event) for event in found.candidates.structure.events],
                "constraints": [self._term(constraint) for constraint in found.candidates.structure.constraints],
                "relations": self._relations(),
                "sure": {
                    "rf": [list(edge) for edge in sure_edges(found.rf, n)],
                    "co": [list(edge) for edge in sure_edges(found.co, n)],
                },
                "parts": [_part(part) for part in found.formula.parts],
                "variables": [self._variable(meaning) for meaning in found.meanings],
            }
        )

    def _event(self, event: Event) -> Json:
        span = event.origin.span
        return {
            "event": event.number,
            "thread": None if event.thread == INIT else self._thread(event.thread),
            "kind": event.kind,
            "location": event.location,
            "tags": [*sorted(event.tags)],
            "value": None if event.value is None else self._term(event.value),
            "text": "initial write" if event.thread == INIT else event.origin.text,
            "line": None if span is None else span.source.position(span.start)[0],
        }

    def _thread(self, number: int) -> str:
        return self.program.threads[number].name

    def _relations(self) -> Mapping[str, Json]:
        known, n = self.found.candidates.structure.relations, self.found.candidates.n
        return {name: [list(pair) for pair in bits.pairs(known.get(name, 0), n)] for name in RELATIONS}

    def _variable(self, meaning: Meaning) -> Json:
        match meaning:
            case Edge(literal, relation, origin, target):
                return {
                    "literal": literal,
                    "kind": relation,
                    "from": origin,
                    "to": target,
                    "meaning": f"{self._short(origin)} -{relation}-> {self._short(target)}",
                }
            case Content(literal, event, reads, value):
                kind, text = ("reads", self._value(value)) if reads else ("writes", self._value(value))
                return {
                    "literal": literal,
                    "kind": kind,
                    "event": event,
                    "value": text,
                    "meaning": f"{self._short(event)} {kind} {text}",
                }
            case Outcome(literal, of, value):
                name = naming(self.program).observable(of) if observable(of) else str(of)
                text = self._value(value)
                return {"literal": literal, "kind": "final", "of": name, "value": text, "meaning": f"{name} = {text}"}
            case Asked(literal, text):
                return {"literal": literal, "kind": "asked", "meaning": f"{text} is true"}
            case _:
                holds = "exactly" if meaning.wherever and meaning.only else "only" if meaning.only else "wherever"
                return {
                    "literal": meaning.literal,
                    "kind": "relation",
                    "name": meaning.name,
                    "events": list(meaning.events),
                    "true": holds,
                }

    def _short(self, number: int) -> str:
        event = self.found.candidates.structure.events[number]
        if event.thread == INIT:
            return f"[{number}] {event.location} initially"
        return f"[{number}] {self._thread(event.thread)}: {event.kind} {event.location}"

    def _value(self, value: Value) -> str:
        return naming(self.program).value(value)

    def _term(self, term: Term) -> str:
        def named(leaf: Leaf) -> Term | None:
            return Register(f"[{leaf.event}]") if isinstance(leaf, ReadValue) else None

        return DslNaming(self.program).term(substitute(term, named))


def _part(part: Part) -> Json:
    return {
        "reason": str(part.reason),
        "text": part.text,
        "clauses": list(part.clauses),
        "variables": list(part.variables),
    }


def listing(document: Mapping[str, Json]) -> str:
    """Return an object as JSON in which each entry of its lists has a line of its own."""
    fields = (f"{json.dumps(name)}: {_listed(value)}" for name, value in document.items())
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _listed(value: Json) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in value) + "\n]"
