"""The body of a thread in herd's C.

herd's C is smaller than ours (herdtools7, lib/CParser.mly and linux-kernel.def): it has no ``&& || ! ~ ?: << >> %``,
and its loops are only unrolled: they are refused.
"""

from collections.abc import Sequence

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


@dataclass(slots=True)
class Body:
    """Writes the statements of one thread on its sheet."""

    sheet: Sheet
    expressions: Expressions
    _branches: int = 0

    def write(self, statements: Sequence[Statement]) -> None:
        """Write ``statements``, the last of which may be a return.

        Raises:
            UnsupportedError: at what herd's C cannot say.
        """
        match statements:
            case (*rest, Leave("return")):
                self._block(rest)
            case _:
                self._block(statements)

    def _block(self, statements: Sequence[Statement]) -> None:
        for index, statement in enumerate(statements):
            start = len(self.sheet.lines)
            if isinstance(statement, Await) and statement.how == "await":
                self._await(statement, statements[index + 1 :])
                self._label(start, statement)
                return
            self._statement(statement)
            self._label(start, statement)

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
                self._assume(condition)
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

    def _assume(self, condition: Expression) -> None:
        """An execution in which this is false does not count: what `filter` says of the end of the test."""
        kept = self.sheet.temporary("assumed", 1)
        self.sheet.line(f"{kept} = {self.expressions.value(condition).text};")
        self.sheet.kept.append(kept)
        self.sheet.notes["assume"] = "assume(c) as a condition on a register that filters executions"

    def _await(self, statement: Await, rest: Sequence[Statement]) -> None:
        """Only the turn that finds the condition true is seen: what follows depends on it, executions without it do not
        count."""
        if self._branches:
            raise UnsupportedError("herd's C has no equal of an await inside another statement", statement.span)
        held = self.sheet.temporary("awaited")
        self.sheet.line(f"{held} = {self.expressions.awaited(statement.condition)};")
        self.sheet.kept.append(held)
        self.sheet.notes["await"] = "await(c) as its last turn, with what follows in an if, in executions that pass it"
        if rest:
            self.sheet.line(f"if ({held}) {{")
            with self.sheet.indented():
                self._block(rest)
            self.sheet.line("}")


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
