"""Statements of the portable language: control flow becomes labels, jumps and branches."""

from collections.abc import Iterator, Sequence

from litmus.arch.emitter import Emitter
from litmus.arch.expression import Expressions
from litmus.arch.ranges import convert
from litmus.dataclass import dataclass, field, replace
from litmus.errors import LitmusError, ParseError, ProgramErrors, UnknownNameError, did_you_mean
from litmus.program.instruction import Mark, Origin
from litmus.program.syntax import (
    Access,
    Assembly,
    Assignment,
    Await,
    Binary,
    Block,
    Call,
    Constant,
    Declare,
    Evaluate,
    Expression,
    Goto,
    If,
    Leave,
    Local,
    Loop,
    Statement,
)
from litmus.program.term import Term


@dataclass(frozen=True, slots=True)
class Exits:
    """The labels that ``break``, ``continue`` and ``return`` go to."""

    finish: str
    leave: str | None = None
    proceed: str | None = None

    def target(self, how: str) -> str | None:
        """Return the label of a way to leave."""
        return {"return": self.finish, "break": self.leave, "continue": self.proceed}[how]


@dataclass(frozen=True, slots=True)
class Statements:
    """Appends the code of statements to ``emitter``; ``thread`` names events that have no label of their own."""

    emitter: Emitter
    expressions: Expressions
    thread: str
    labels: frozenset[str]
    """The labels that some ``goto`` names."""
    errors: list[LitmusError] = field(default_factory=list)

    def block(self, statements: Sequence[Statement], exits: Exits) -> None:
        """Append statements in order; each that is wrong leaves an error in ``errors``."""
        for statement in statements:
            if statement.label is not None and statement.label in self.labels:
                self.emitter.place(f"goto.{statement.label}")
            self.emitter.origin = self.origin(statement)
            try:
                self._statement(statement, exits)
            except ProgramErrors as several:
                self.errors.extend(several.errors)
            except LitmusError as error:
                self.errors.append(error)

    def origin(self, statement: Statement) -> Origin:
        """Return what events of a statement are called, and its text."""
        span = statement.span
        text = statement.text or (span.text.splitlines()[0] if span is not None and span.text else "")
        line = span.line if span is not None else 0
        return Origin(statement.label or f"{self.thread}:{line}", text, span)

    def _statement(self, statement: Statement, exits: Exits) -> None:
        match statement:
            case Assignment():
                self._assignment(statement)
            case Evaluate():
                self._evaluate(statement)
            case Declare(name, type_):
                self.emitter.types.setdefault(name, type_)
            case If():
                self._if(statement, exits)
            case Loop():
                self._loop(statement, exits)
            case Leave(how):
                self._leave(statement, exits.target(how))
            case Goto(target):
                self.emitter.jump(f"goto.{target}")
            case Block(body, inlined):
                self._nested(body, inlined, exits)
            case Await():
                self._await(statement)
            case Assembly(mnemonic):
                raise ParseError(f"assembly ('{mnemonic}') in a thread of C", statement.span)

    def _assignment(self, statement: Assignment) -> None:
        match statement.target:
            case Local(name):
                if statement.declares is not None:
                    self.emitter.types.setdefault(name, statement.declares)
                type_ = self.emitter.types.get(name)
                self.emitter.assign(name, self.expressions.converted(statement.value, type_))
            case Access(address):
                pointer, value = self.expressions.operands(address, statement.value)
                type_ = self.expressions.pointee(address, pointer)
                converted = convert(value.term, type_, self.emitter.types)
                self.expressions.realiser.plain_store(pointer.term, converted)

    def _evaluate(self, statement: Evaluate) -> None:
        if isinstance(statement.value, Call):
            self.expressions.call(statement.value)
        else:
            self.expressions.value(statement.value)

    def _leave(self, statement: Leave, target: str | None) -> None:
        if target is None:
            raise ParseError(f"'{statement.how}' outside a loop", statement.span)
        self.emitter.jump(target)

    def _nested(self, body: Sequence[Statement], inlined: str | None, exits: Exits) -> None:
        if inlined is None:
            self.block(body, exits)
            return
        end = self.emitter.label("return")
        self.block(body, Exits(end))
        self.emitter.place(end)

    def _if(self, statement: If, exits: Exits) -> None:
        other, end = self.emitter.label("else"), self.emitter.label("endif")
        condition = self.expressions.term(statement.condition)
        join = _join(statement, exits) or end
        self.emitter.unless(condition, other if statement.otherwise else end, join)
        self.block(statement.then, exits)
        if statement.otherwise:
            self.emitter.jump(end)
            self.emitter.place(other)
            self.block(statement.otherwise, exits)
        self.emitter.place(end)

    def _loop(self, statement: Loop, exits: Exits) -> None:
        head, end, proceed = (self.emitter.label(name) for name in ("loop", "endloop", "continue"))
        inside = replace(exits, leave=end, proceed=proceed)
        origin = self.emitter.origin
        self.emitter.place(head)
        if statement.test_first:
            self._tests(statement.condition, end)
        self.block(statement.body, inside)
        self.emitter.place(proceed)
        self.block(statement.step, exits)
        self.emitter.origin = origin
        if statement.test_first:
            self.emitter.jump(head)
        else:
            self._again(self.expressions.term(self._first_tests(statement.condition, end)), head, end)
        self.emitter.place(end)

    def _tests(self, condition: Expression, end: str) -> None:
        self._test(self.expressions.term(self._first_tests(condition, end)), end)

    def _first_tests(self, condition: Expression, end: str) -> Expression:
        """Append the tests of all but the last of conditions that are joined by ``&&``, and return that. Each leaves
        the loop by itself, so that one that counts is told from those that wait."""
        match condition:
            case Binary("!=", Binary("&&") as joined, Constant(0)):
                return self._first_tests(joined, end)
            case Binary("&&", left, right):
                self._tests(left, end)
                return self._first_tests(right, end)
        return condition

    def _test(self, condition: Term, end: str) -> None:
        if not (isinstance(condition, int) and condition):
            self.emitter.unless(condition, end, end)

    def _again(self, condition: Term, head: str, end: str) -> None:
        if not isinstance(condition, int):
            self.emitter.branch(condition, head, end)
        elif condition:
            self.emitter.jump(head)

    def _await(self, statement: Await) -> None:
        head = self.emitter.label("await")
        if statement.how == "await":
            self.emitter.place(head)
        condition = self.expressions.term(statement.condition)
        match statement.how:
            case "await":
                self.emitter.wait(head, condition)
            case "assume":
                self.emitter.assume(condition)
            case _:
                skip = self.emitter.label("fine")
                self.emitter.unless(condition, skip, skip)
                self.emitter.add(Mark("bug", self.emitter.origin))
                self.emitter.place(skip)


def goto_labels(statements: Sequence[Statement]) -> frozenset[str]:
    """Return the labels that a ``goto`` in a thread names.

    Raises:
        UnknownNameError: where no statement, or more than one, has such a label.
    """
    everything = list(walk(statements))
    labels = [s.label for s in everything if s.label is not None]
    for goto in everything:
        if isinstance(goto, Goto) and labels.count(goto.target) != 1:
            problem = "is on several statements" if goto.target in labels else "is on no statement of this thread"
            hint = did_you_mean(goto.target, labels)
            raise UnknownNameError(f"label '{goto.target}' {problem}", goto.span, hint=hint)
    return frozenset(s.target for s in everything if isinstance(s, Goto))


def walk(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Yield statements and those inside them."""
    for statement in statements:
        yield statement
        match statement:
            case If(_, then, otherwise):
                yield from walk((*then, *otherwise))
            case Loop():
                yield from walk((*statement.body, *statement.step))
            case Block(body):
                yield from walk(body)


def _join(statement: If, exits: Exits) -> str | None:
    """Return where the two ways through an ``if`` meet that one of them leaves early.

    What follows ``if (c) return;`` is run only where ``c`` is zero: it depends on ``c`` as an ``else`` would.
    """
    ways = set(_escapes((*statement.then, *statement.otherwise)))
    for how in ("return", "break", "continue"):
        if how in ways:
            return exits.target(how)
    return min((way for way in ways), default=None)


def _escapes(statements: Sequence[Statement], in_loop: bool = False, in_function: bool = False) -> Iterator[str]:
    """Yield the ways in which statements leave what is around them."""
    for statement in statements:
        match statement:
            case Leave("return") if not in_function:
                yield "return"
            case Leave(("break" | "continue") as how) if not in_loop:
                yield how
            case Goto(target):
                yield f"goto.{target}"
            case If(_, then, otherwise):
                yield from _escapes((*then, *otherwise), in_loop, in_function)
            case Loop(_, body):
                yield from _escapes(body, True, in_function)
            case Block(body, inlined):
                yield from _escapes(body, in_loop, in_function or inlined is not None)
