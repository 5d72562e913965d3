"""The body of a thread in herd's C.

herd's C is smaller than ours (herdtools7, lib/CParser.mly and linux-kernel.def): it has no ``&& || ! ~ ?: << >> %``,
and its loops are only unrolled: they are refused.
"""

from collections.abc import Sequence
from types import MappingProxyType

from litmus.dataclass import dataclass
from litmus.errors import UnsupportedError
from litmus.export.expression import Expressions
from litmus.export.identifier import RESERVED
from litmus.export.number import negated, read
from litmus.export.sheet import Sheet
from litmus.program.syntax import (
    Access,
    Assignment,
    Await,
    Binary,
    Block,
    Call,
    Declare,
    Evaluate,
    Expression,
    Goto,
    If,
    Leave,
    Local,
    Loop,
    Statement,
    Unary,
)
from litmus.program.types import Type
from litmus.source import Span

WAITS = MappingProxyType(
    {
        "smp_cond_load_relaxed": "READ_ONCE",
        "smp_cond_load_acquire": "smp_load_acquire",
        "atomic_cond_read_relaxed": "atomic_read",
        "atomic_cond_read_acquire": "atomic_read_acquire",
    }
)
"""What waits for a value, by the read that it ends with."""


@dataclass(slots=True)
class Body:
    """Writes the statements of one thread on its sheet."""

    sheet: Sheet
    expressions: Expressions
    _branches: int = 0
    _followed: int = 0
    """How many of the statements around what is written are followed by others."""

    def write(self, statements: Sequence[Statement]) -> None:
        """Write ``statements``, the last of which may be a return.

        Raises:
            UnsupportedError: at what herd's C cannot say.
        """
        self._block(statements)

    def _block(self, statements: Sequence[Statement]) -> None:
        for index, statement in enumerate(statements):
            start, rest = len(self.sheet.lines), statements[index + 1 :]
            ended = self._with_rest(statement, rest)
            if not ended:
                self._followed += bool(rest)
                self._statement(statement)
                self._followed -= bool(rest)
            self._label(start, statement)
            if ended:
                return

    def _with_rest(self, statement: Statement, rest: Sequence[Statement]) -> bool:
        """Write a statement that decides whether what follows it is executed, with what follows; return whether it is
        such a one. What is between an ``if`` that returns and the end of the thread goes into both its branches."""
        match statement:
            case Await(_, "await"):
                self._await(statement, rest)
                return True
            case Assignment(Local() as target, Call(name) as call) if name in WAITS:
                self._wait(call, target, rest)
                return True
            case Evaluate(Call(name) as call) if name in WAITS:
                self._wait(call, None, rest)
                return True
            case If(condition, then, otherwise) if rest and not self._followed and _returns(statement):
                self.sheet.notes["return"] = "a return, with what it leaves out in the other branch"
                self._if(condition, (*then, *rest), (*otherwise, *rest))
                return True
            case Block(body) if rest and not self._followed and _returns(statement):
                self._block((*body, *rest))
                return True
            case Leave("return"):
                return not self._followed
        return False

    def _label(self, line: int, statement: Statement) -> None:
        label = statement.label
        if label and line < len(self.sheet.lines) and label not in RESERVED:
            self.sheet.lines[line] += f" /* [{label}] */"

    def _statement(self, statement: Statement) -> None:
        match statement:
            case Assignment(Local(name), value):
                type_ = self.expressions.knowledge.variable(name)[0]
                self.expressions.assign(self.sheet.local(name, statement.span), value, type_)
            case Assignment(Access(address), value):
                right = self.expressions.converted(value, self._width(address))
                self.sheet.line(f"{self.expressions.content(address)} = {right};")
            case Evaluate(value):
                self.expressions.effect(value)
            case Declare():
                pass
            case If(condition, then, otherwise):
                self._if(condition, then, otherwise)
            case Block(body):
                self.write(body)
            case Await(condition, "assume"):
                self._assume(condition, statement.span)
            case Loop() | Goto() | Leave() | Await():
                raise UnsupportedError(f"herd's C has no equal of this: {_kind(statement)}", statement.span)
            case _:
                raise UnsupportedError("assembly cannot be exported as C", statement.span)

    def _width(self, address: Expression) -> Type | None:
        """Return the type of the location at an address, which must be one that herd7 can hold."""
        type_, values = self.expressions.knowledge.content(address)
        read("", type_, values, address.span)
        return type_

    def _if(self, condition: Expression, then: Sequence[Statement], otherwise: Sequence[Statement]) -> None:
        """Short-circuit operators become nested ifs, which have the same control dependencies."""
        match condition:
            case Unary("!", operand):
                if not then and not otherwise:
                    self.expressions.effect(operand)
                else:
                    self._if(operand, otherwise, then)
            case Binary("&&", left, right):
                self.sheet.notes["&&"] = "a && b as nested if"
                self._if(left, (If(right, tuple(then), tuple(otherwise), span=condition.span),), otherwise)
            case Binary("||", left, right):
                self.sheet.notes["||"] = "a || b as nested if"
                self._if(left, then, (If(right, tuple(then), tuple(otherwise), span=condition.span),))
            case _:
                self._simple_if(condition, then, otherwise)

    def _simple_if(self, condition: Expression, then: Sequence[Statement], otherwise: Sequence[Statement]) -> None:
        number = self.expressions.value(condition)
        if not then and not otherwise:
            return
        if not then:
            number, then, otherwise = negated(number), otherwise, ()
        self.sheet.line(f"if ({number.text}) {{")
        self._inside(then)
        if otherwise:
            self.sheet.line("} else {")
            self._inside(otherwise)
        self.sheet.line("}")

    def _inside(self, statements: Sequence[Statement]) -> None:
        start = len(self.sheet.lines)
        self._branches += 1
        with self.sheet.indented():
            self._block(statements)
            if len(self.sheet.lines) == start:
                self.sheet.line(f"{self.sheet.temporary('unused')} = 0;")
        self._branches -= 1

    def _assume(self, condition: Expression, span: Span | None) -> None:
        """An execution in which this is false does not count: what `filter` says of the end of the test."""
        note = "assume(c) as a condition on a register that filters executions"
        self.sheet.lowered("assume", note, span)
        kept = self.sheet.temporary("assumed", 1)
        self.sheet.line(f"{kept} = {self.expressions.value(condition).text};")
        self.sheet.kept.append(kept)

    def _await(self, statement: Await, rest: Sequence[Statement]) -> None:
        """Only the turn that finds the condition true is seen: what follows depends on it, executions without it do not
        count."""
        self._require_end("an await", statement.span)
        note = "await(c) as its last turn, with what follows in an if, in executions that pass it"
        self.sheet.lowered("await", note, statement.span)
        held = self._held()
        self.sheet.line(f"{held} = {self.expressions.awaited(statement.condition)};")
        self._guarded(held, rest)

    def _wait(self, call: Call, target: Local | None, rest: Sequence[Statement]) -> None:
        """A read that is repeated until it finds what it waits for: its last turn. After an acquire what follows the
        statement around it need not depend on the read, by which it is ordered in any case."""
        load = WAITS[call.name]
        if not load.endswith("_acquire"):
            self._require_end(f"{call.name}()", call.span)
        pointer, condition = call.arguments
        note = f"{call.name}(p, c) as {load}(p), in executions in which c is true of what it reads"
        self.sheet.lowered(f"{call.name}()", note, call.span)
        held = self._held()
        told = self.expressions.waited(Call(load, (pointer,), call.span), condition, target)
        self.sheet.line(f"{held} = {told};")
        self._guarded(held, rest)

    def _require_end(self, what: str, span: Span | None) -> None:
        if self._followed:
            raise UnsupportedError(f"herd's C has no equal of {what} inside another statement that others follow", span)

    def _held(self) -> str:
        """A variable that has to be true in the end, as it is where it is not set."""
        held = self.sheet.temporary("awaited", int(self._branches > 0))
        self.sheet.kept.append(held)
        return held

    def _guarded(self, held: str, rest: Sequence[Statement]) -> None:
        if rest:
            self.sheet.line(f"if ({held}) {{")
            self._inside(rest)
            self.sheet.line("}")


def _returns(statement: Statement) -> bool:
    match statement:
        case Leave("return"):
            return True
        case If(_, then, otherwise):
            return any(map(_returns, (*then, *otherwise)))
        case Block(body):
            return any(map(_returns, body))
    return False


def _kind(statement: Statement) -> str:
    match statement:
        case Loop():
            return "a loop"
        case Goto():
            return "a goto"
        case Leave(how):
            return f"'{how}' before the end"
        case Await(_, how):
            return how
        case _:
            return type(statement).__name__
