"""Locals that are read where nothing has been assigned to them on some way there: what C leaves undefined.

A way is one of the text: conditions that are not constant may be true or false, whatever came before.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from litmus.dataclass import dataclass, field
from litmus.program.primitive import PRIMITIVES, Parameter
from litmus.program.syntax import (
    Access,
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
    Statement,
    Unary,
)

Known: TypeAlias = frozenset[str] | None
"""The locals that have been assigned on every way to a point; None where no way leads there."""

START: Known = frozenset()


def unassigned(body: Sequence[Statement]) -> tuple[Local, ...]:
    """Return the uses of locals in a thread that some way reaches before an assignment, in order of the text."""
    flow = _Flow()
    while True:
        before = dict(flow.labels)
        flow.reads.clear()
        flow.block(body, START)
        if flow.labels == before:
            return tuple(flow.reads)


def _meet(*ways: Known) -> Known:
    reaching = [way for way in ways if way is not None]
    return frozenset.intersection(*reaching) if reaching else None


def _with(known: Known, name: str) -> Known:
    return None if known is None else known | {name}


@dataclass(slots=True)
class _Flow:
    labels: dict[str, Known] = field(default_factory=dict)
    """What is known where a ``goto`` leads to a label."""
    exits: list[dict[str, Known]] = field(default_factory=lambda: [{}])
    """What is known where ``return``, ``break`` and ``continue`` lead, of the constructs around."""
    reads: list[Local] = field(default_factory=list)

    def block(self, body: Iterable[Statement], known: Known) -> Known:
        """Return what is known after statements."""
        for statement in body:
            if statement.label is not None:
                known = _meet(known, self.labels.get(statement.label))
            known = self._statement(statement, known)
        return known

    def _statement(self, statement: Statement, known: Known) -> Known:
        match statement:
            case Assignment(target, value):
                known = self._read(value, known)
                return _with(known, target.name) if isinstance(target, Local) else self._read(target.address, known)
            case Declare(name):
                return None if known is None else known - {name}
            case Evaluate(value) | Await(value):
                return self._read(value, known)
            case If():
                return self._if(statement, known)
            case Loop():
                return self._loop(statement, known)
            case Block(body, inlined):
                return self._block(body, inlined, known)
            case Goto(target):
                self.labels[target] = _meet(known, self.labels.get(target))
                return None
            case Leave(how):
                self.exits[-1][how] = _meet(known, self.exits[-1].get(how))
                return None
        return known

    def _if(self, statement: If, known: Known) -> Known:
        known = self._read(statement.condition, known)
        then = self.block(statement.then, _unless(statement.condition, 0, known))
        otherwise = self.block(statement.otherwise, _unless(statement.condition, 1, known))
        return _meet(then, otherwise)

    def _loop(self, statement: Loop, known: Known) -> Known:
        """A turn only adds to what was known before it, but for declarations in it, which begin anew in each."""
        self.exits.append(dict(self.exits[-1], **{"break": None, "continue": None}))
        if statement.test_first:
            known = self._read(statement.condition, known)
        after = _unless(statement.condition, 1, known) if statement.test_first else None
        turn = self.block(statement.body, _unless(statement.condition, 0, known) if statement.test_first else known)
        turn = self.block(statement.step, _meet(turn, self.exits[-1]["continue"]))
        if not statement.test_first:
            after = _unless(statement.condition, 1, self._read(statement.condition, turn))
        inside = self.exits.pop()
        if "return" in inside:
            self.exits[-1]["return"] = inside["return"]
        return _meet(after, inside["break"])

    def _block(self, body: Sequence[Statement], inlined: str | None, known: Known) -> Known:
        if inlined is None:
            return self.block(body, known)
        self.exits.append({})
        known = self.block(body, known)
        return _meet(known, self.exits.pop().get("return"))

    def _read(self, expression: Expression, known: Known) -> Known:
        """Note the locals that an expression reads; return what is known after it."""
        match expression:
            case Local(name):
                if known is not None and name not in known:
                    self.reads.append(expression)
            case Access(inner) | Member(inner) | Unary(_, inner) | Cast(_, inner):
                return self._read(inner, known)
            case Binary(("&&" | "||"), left, right):
                known = self._read(left, known)
                self._read(right, known)
            case Binary(_, left, right) | Element(left, right):
                return self._read(right, self._read(left, known))
            case Conditional(condition, positive, negative):
                known = self._read(condition, known)
                return _meet(self._read(positive, known), self._read(negative, known))
            case Call():
                return self._call(expression, known)
        return known

    def _call(self, call: Call, known: Known) -> Known:
        for argument in call.arguments:
            known = self._read(argument, known)
        for local in _outputs(call):
            known = _with(known, local)
        return known


def _outputs(call: Call) -> Iterator[str]:
    """The locals that a primitive sets."""
    parameters = PRIMITIVES[call.name].parameters if call.name in PRIMITIVES else ()
    for parameter, argument in zip(parameters, call.arguments, strict=False):
        if parameter is Parameter.LOCAL and isinstance(argument, Local):
            yield argument.name


def _unless(condition: Expression, truth: int, known: Known) -> Known:
    """What is known where a condition is not ``truth``: nothing leads there where it always is."""
    match condition:
        case Constant(value) if bool(value) == bool(truth):
            return None
    return known
