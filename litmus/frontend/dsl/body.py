"""The body of a thread: statements lowered, functions inlined, the edits of a variant applied on the way."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from litmus.dataclass import replace
from litmus.errors import LitmusError, ParseError, UnsupportedError
from litmus.frontend.dsl.assigned import unassigned
from litmus.frontend.dsl.edit import Edit, Edits
from litmus.frontend.dsl.expression import Expressions
from litmus.frontend.dsl.label import Labels, labels_in, name_of
from litmus.frontend.dsl.locals import Locals
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.parameter import bind
from litmus.frontend.dsl.report import Report
from litmus.frontend.dsl.scope import NO_VALUE, Frame, Registers, Typed
from litmus.frontend.dsl.world import Macro, World
from litmus.program.syntax import (
    Assignment,
    Await,
    Block,
    Constant,
    Evaluate,
    Goto,
    If,
    Leave,
    Local,
    Loop,
    Statement,
    Unary,
)
from litmus.source import Span


class Body:
    """Lowers one thread."""

    def __init__(self, world: World, report: Report, name: str, edits: Edits, this: int | None = None) -> None:
        self.registers = Registers(world.words)
        self._world = world
        self._report = report
        self.thread = name
        self._edits = edits
        self._expressions = Expressions(world, report, self.registers, Frame("thread", name), self._inline)
        self._expressions.this = this
        self._locals = Locals(self._expressions)
        self._sources: list[Node] = []
        self._labels = Labels(name, set(), report)
        self._loops = 0

    def lower(self, block: Node) -> tuple[Statement, ...]:
        """Return the statements of the thread whose body is ``block``."""
        self._labels = Labels(self.thread, {label for label, _ in labels_in(block)}, self._report)
        self._sources.append(block)
        with self._locals.scope():
            body = self._sequence(block.parts)
        self._labels.complain()
        self.registers.complain(self._report, self._world.objects)
        self._unassigned(body)
        return body

    def _unassigned(self, body: tuple[Statement, ...]) -> None:
        """Report the locals that are read before they have a value, each once."""
        unknown = {name for name, _ in self.registers.unknown()}
        seen = {*unknown}
        for local in unassigned(body):
            if local.name not in seen and local.span is not None:
                seen.add(local.name)
                self._report.wrong(*_unassigned_message(local.span))

    # --------------------------------------------------------------------------------------------------- statements
    def _sequence(self, nodes: Iterable[Node]) -> tuple[Statement, ...]:
        return tuple(statement for node in nodes for statement in self._statement(node))

    def _statement(self, node: Node) -> tuple[Statement, ...]:
        """Return what a statement becomes; what is wrong with it is reported and leaves nothing."""
        outer, self._expressions.before = self._expressions.before, []
        try:
            lowered = self._lowered(node)
            return (*self._expressions.before, *lowered)
        except LitmusError as error:
            self._report.add(error)
            self._report.lose(part.word for part in node.walk() if part.kind == "NAME")
            return ()
        finally:
            self._expressions.before = outer

    def _branch(self, node: Node) -> tuple[Statement, ...]:
        """Return the statements that an `if` or a loop governs."""
        with self._locals.scope():
            return self._sequence(node.parts) if node.kind == "block" else self._statement(node)

    def _lowered(self, node: Node) -> tuple[Statement, ...]:
        match node:
            case Node("labelled", (label, inner)):
                return self._labelled(label, inner)
            case Node("block"):
                return (Block(self._branch(node), span=node.span, text="{"),)
            case Node("inline", (name, block)):
                with self._turns(0):
                    return (Block(self._branch(block), name.word, span=node.span, text=_header(node, block)),)
            case Node("empty" | "skipped" | "absent"):
                return ()
            case Node("local", (written, declarators)):
                return self._locals.declare(written, declarators)
            case Node("evaluate" | "assign" | "update" | "step"):
                return self._simple(node)
            case Node("wait", (how, condition)):
                return self._wait(how.word, condition, node)
            case Node("goto", (target,)):
                return (self._goto(target, node),)
            case Node("return", (value,)):
                return self._return(value, node)
            case Node("break" | "continue"):
                if not self._loops:
                    raise ParseError(f"'{node.kind}' outside a loop", node.span)
                return (Leave(node.kind, span=node.span, text=node.text),)
        return self._compound(node)

    def _compound(self, node: Node) -> tuple[Statement, ...]:
        match node:
            case Node("if", (condition, then, otherwise)):
                value = self._expressions.value(condition).expression
                branches = self._branch(then), self._branch(otherwise)
                return (If(value, *branches, span=node.span, text=_header(node, then)),)
            case Node("while", (condition, body)):
                return (self._loop(condition, body, (), node),)
            case Node("do", (body, condition)):
                inner = self._turn(body)
                again = self._repeatable(condition, "the condition of do-while")
                return (Loop(again.expression, inner, False, span=node.span, text=f"do while ({condition.text})"),)
            case Node("for", (first, condition, steps, body)):
                return self._for(first, condition, steps, body, node)
        raise AssertionError(node.kind)

    def _simple(self, node: Node) -> tuple[Statement, ...]:
        match node:
            case Node("evaluate", (value,)):
                return self._evaluate(value, node)
            case Node("assign", (target, value)):
                return (self._locals.assign(target, self._expressions.value(value), node),)
            case Node("update", (target, sign, value)):
                operator = sign.word.removesuffix("=")
                return (self._locals.update(target, operator, self._expressions.value(value), node),)
            case Node("step", (one, other)):
                sign, target = (one, other) if one.kind == "STEP" else (other, one)
                return (self._locals.update(target, sign.word[0], Typed(Constant(1)), node),)
        raise AssertionError(node.kind)

    def _evaluate(self, value: Node, node: Node) -> tuple[Statement, ...]:
        typed = self._expressions.effect(value)
        called = value.parts[0].word if value.kind == "call" else ""
        if typed is NO_VALUE or (called in self._world.functions and isinstance(typed.expression, Local)):
            return ()
        return (Evaluate(typed.expression, span=node.span, text=node.text),)

    def _wait(self, how: str, condition: Node, node: Node) -> tuple[Statement, ...]:
        typed = self._repeatable(condition, "await") if how == "await" else self._expressions.value(condition)
        return (Await(typed.expression, how, span=node.span, text=node.text),)

    def _repeatable(self, condition: Node, place: str) -> Typed:
        """Return a condition that is evaluated anew each turn, so that nothing can run once before it."""
        value, before = self._expressions.apart(condition)
        if before:
            raise UnsupportedError(f"a function of several statements cannot be called in {place}", condition.span)
        return value

    # -------------------------------------------------------------------------------------------------------- loops
    def _loop(self, condition: Node, body: Node, step: tuple[Statement, ...], node: Node) -> Loop:
        text = _header(node, body)
        if not condition.present:
            return Loop(Constant(1), self._turn(body), step=step, span=node.span, text=text)
        value, before = self._expressions.apart(condition)
        inner = self._turn(body)
        if not before:
            return Loop(value.expression, inner, step=step, span=node.span, text=text)
        stop = If(Unary("!", value.expression), (Leave("break"),), span=condition.span, text=text)
        return Loop(Constant(1), (*before, stop, *inner), step=step, span=node.span, text=text)

    def _turn(self, body: Node) -> tuple[Statement, ...]:
        with self._turns(self._loops + 1):
            return self._branch(body)

    @contextmanager
    def _turns(self, loops: int) -> Iterator[None]:
        """Be inside that many loops for a while."""
        outer, self._loops = self._loops, loops
        try:
            yield
        finally:
            self._loops = outer

    def _for(self, first: Node, condition: Node, steps: Node, body: Node, node: Node) -> tuple[Statement, ...]:
        with self._locals.scope():
            start = self._sequence(first.parts if first.kind == "steps" else (first,))
            # The step is written before the body but may use what only the body assigns: names are resolved at the end.
            step = self._sequence(steps.parts)
            if any(not isinstance(s, (Assignment, Evaluate)) for s in step):
                raise UnsupportedError("a function of several statements cannot be called in a step", steps.span)
            loop = self._loop(condition, body, step, node)
            if first.kind != "local":
                return (*start, loop)
            # What the head declares is gone after the loop, so that the next loop can declare it again.
            return (Block((*start, loop), span=node.span, text=loop.text),)

    # ------------------------------------------------------------------------------------------------------- labels
    def _labelled(self, label: Node, inner: Node) -> tuple[Statement, ...]:
        name = name_of(label)
        edit = self._edits.find(self._owners(), name)
        if edit is None:
            return self._with_label(label, self._statement(inner))
        before = self._sequence(s for block in edit.before for s in block.parts)
        after = [s for block in edit.after for s in block.parts]
        return (*before, *self._edited(edit, label, inner), *self._sequence(after))

    def _edited(self, edit: Edit, label: Node, inner: Node) -> tuple[Statement, ...]:
        if edit.dropped:
            return ()
        if edit.replacement is not None:
            return self._replaced(edit.replacement, label)
        if edit.swapped is None:
            return self._with_label(label, self._statement(inner))
        found = next((pair for name, pair in labels_in(self._sources[-1]) if name == edit.swapped), None)
        if found is None:
            raise ParseError(f"'{edit.swapped}' is not beside '{edit.label}'", edit.span, hint="swap within one body")
        other, statement = found
        return self._with_label(other, self._statement(statement))

    def _replaced(self, block: Node, label: Node) -> tuple[Statement, ...]:
        """The first statement of a replacement takes over the label, unless it has one or another has this one."""
        statements = self._sequence(block.parts)
        if not statements or statements[0].label or any(name == name_of(label) for name, _ in labels_in(block)):
            return statements
        return (*self._with_label(label, statements[:1]), *statements[1:])

    def _with_label(self, label: Node, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        name = self._labels.place(label, self._expressions.frame)
        match statements:
            case (only,) if only.label is None:
                return (replace(only, label=name),)
        return (Block(statements, label=name, span=label.span, text=label.text),)

    def _goto(self, target: Node, node: Node) -> Goto:
        return Goto(self._labels.jump(target, self._expressions.frame), span=node.span, text=node.text)

    def _owners(self) -> tuple[str, ...]:
        frame = self._expressions.frame
        thread = self.thread.split(".")[0]
        return (thread, frame.name) if frame.kind == "function" else (thread,)

    # ---------------------------------------------------------------------------------------------------- functions
    def _return(self, value: Node, node: Node) -> tuple[Statement, ...]:
        leave = Leave("return", span=node.span, text=node.text)
        frame = self._expressions.frame
        if not value.present:
            return (leave,)
        if frame.kind != "function":
            raise ParseError("a thread returns no value", value.span)
        typed = self._expressions.value(value)
        if frame.result is None:
            frame.result = self.registers.fresh(f"{frame.name}_return")
        declares = self.registers.assign(frame.result, typed.type)
        result = Local(frame.result, value.span)
        return (Assignment(result, typed.expression, declares, span=node.span, text=node.text), leave)

    def _inline(self, macro: Macro, arguments: tuple[Typed, ...], span: Span) -> Typed:
        frame = Frame("function", macro.name, bind(macro, arguments, self._expressions, span))
        expressions = self._expressions
        with expressions.recursion(macro), expressions.inside(frame), self._source(macro.body):
            match macro.body.parts:
                case (Node("return", (value,)),) if value.present:
                    return expressions.value(value)
            with self._locals.function(), self._turns(0):
                body = self._sequence(macro.body.parts)
        match body:
            case (*rest, Leave("return", None)):
                body = tuple(rest)
        expressions.before.append(Block(body, macro.name, span=span, text=" ".join(span.text.split())))
        if frame.result is None:
            return NO_VALUE
        return Typed(Local(frame.result, span), self.registers.type_of(frame.result))

    @contextmanager
    def _source(self, block: Node) -> Iterator[None]:
        self._sources.append(block)
        try:
            yield
        finally:
            self._sources.pop()


def _unassigned_message(span: Span) -> tuple[str, Span, str]:
    if span.text.isidentifier():
        return f"'{span.text}' may be read before it is assigned", span, "give it a value where it is declared"
    return f"'{span.text}' may have no value", span, "a way through the function returns none"


def _header(node: Node, body: Node) -> str:
    """Return the text of a compound statement up to its body."""
    return " ".join(node.span.source.text[node.span.start : body.span.start].split())
