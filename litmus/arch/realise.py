"""Turns the recipe of a primitive into a target's instructions, as its lowering table says."""

from collections.abc import Callable
from typing import TypeAlias

from litmus.arch.emitter import Emitter, Value, fold
from litmus.arch.lowering import ALWAYS, Lowering, Row, able
from litmus.arch.ranges import convert
from litmus.arch.recipe import Barrier, Let, Read, Recipe, Require, SetLocal, Step, Update, When, Write, choose
from litmus.dataclass import dataclass, replace
from litmus.errors import UnsupportedError
from litmus.program.instruction import Either, Fence, Load, ReadModifyWrite, Store
from litmus.program.syntax import Call
from litmus.program.term import Apply, Register, Term
from litmus.program.types import TYPES, Type

_Fenced: TypeAlias = tuple[ReadModifyWrite, tuple[str, ...]]
"""An update, and the fences before it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One use of a primitive: the call, its evaluated arguments by parameter, and what ``ptr`` points to."""

    call: Call
    arguments: dict[str, Term]
    pointee: Type | None
    local: str | None = None
    """The local variable that was passed by address."""
    until: Callable[[Value], Term] | None = None
    """Evaluates the condition argument for a value of ``VAL``."""


@dataclass(frozen=True, slots=True)
class Realiser:
    """Appends to ``emitter`` what recipes come to under ``lowering``; ``bitops`` as in `compile.CompileOptions`."""

    emitter: Emitter
    lowering: Lowering
    bitops: str

    def perform(self, recipe: Recipe, operation: Operation) -> Value | None:
        """Append the instructions of a primitive and return its value, if it has one."""
        roles = dict(operation.arguments)
        self._steps(recipe.steps, roles, operation)
        if recipe.result is None:
            return None
        type_ = operation.pointee if recipe.type == "*ptr" else TYPES[recipe.type]
        return Value(convert(instantiate(recipe.result, roles), type_, self.emitter.types), type_)

    def plain_load(self, address: Term, type_: Type | None) -> Value:
        """Append a plain load and return what it reads."""
        row = self.lowering.row("load", "plain")
        target = self.emitter.register(type_)
        self.emitter.add(Load(target.name, address, row.tags, self.emitter.origin))
        return Value(target, type_)

    def plain_store(self, address: Term, value: Term) -> None:
        """Append a plain store."""
        self.emitter.add(Store(address, value, self.lowering.row("store", "plain").tags, self.emitter.origin))

    def _steps(self, steps: tuple[Step, ...], roles: dict[str, Term], operation: Operation) -> None:
        for step in steps:
            self._step(step, roles, operation)

    def _step(self, step: Step, roles: dict[str, Term], operation: Operation) -> None:
        emitter = self.emitter
        match step:
            case Read():
                self._read(step, roles, operation)
            case Write():
                self._write(step, roles, operation)
            case Update():
                self._update(step, roles, operation)
            case Barrier(name, located):
                for tag in self._row("fence", name, operation).emit:
                    emitter.add(Fence(frozenset({tag}), emitter.origin, roles["ptr"] if located else None))
            case Require(condition):
                emitter.assume(instantiate(condition, roles), waits=True)
            case When(condition, steps):
                skip = emitter.label("skip")
                emitter.unless(instantiate(condition, roles), skip, skip)
                self._steps(steps, roles, operation)
                emitter.place(skip)
            case Let(name, value):
                kept = emitter.register(TYPES["bool"])
                emitter.assign(kept.name, instantiate(value, roles))
                roles[name] = kept
            case SetLocal(value):
                self._set_local(instantiate(value, roles), operation)

    def _set_local(self, value: Term, operation: Operation) -> None:
        name = operation.local
        assert name is not None  # the parameter that the recipe declares has been checked
        self.emitter.assign(name, convert(value, self.emitter.types.get(name), self.emitter.types))

    def _row(self, section: str, name: str, operation: Operation) -> Row:
        row = self.lowering.row(section, name)
        if row.unsupported is not None:
            message = f"'{operation.call.name}' cannot be expressed on {self.lowering.target}: {row.unsupported}"
            others = [target for target in able(section, name) if target != self.lowering.target]
            hint = f"it can on {', '.join(others)}" if others else None
            raise UnsupportedError(message, operation.call.span, hint=hint)
        return row

    def _read(self, step: Read, roles: dict[str, Term], operation: Operation) -> None:
        row, emitter = self._row("load", step.row, operation), self.emitter
        was, head = emitter.register(operation.pointee), emitter.label("await")
        if step.until:
            emitter.place(head)
        emitter.fences(row.before)
        emitter.add(Load(was.name, roles["ptr"], row.tags, emitter.origin, zero_tags=row.zero_tags))
        if step.until:
            assert operation.until is not None  # the parameter that the recipe declares has been checked
            emitter.wait(head, operation.until(Value(was, operation.pointee)))
        emitter.fences(row.after)
        roles["was"] = was

    def _write(self, step: Write, roles: dict[str, Term], operation: Operation) -> None:
        row, emitter = self._row("store", step.row, operation), self.emitter
        value = convert(instantiate(step.value, roles), operation.pointee, emitter.types)
        if row.null is not None and value == 0:
            row = self._row("store", row.null, operation)
        if row.exchange is not None:
            section, _, name = row.exchange.partition(".")
            self._update(Update(section, name, step.value), roles, operation)
            return
        emitter.fences(row.before)
        emitter.add(Store(roles["ptr"], value, row.tags, emitter.origin))
        emitter.fences(row.after)

    def _update(self, step: Update, roles: dict[str, Term], operation: Operation) -> None:
        row, emitter = self._row(step.section, step.row, operation), self.emitter
        was = emitter.register(operation.pointee)
        roles["was"] = was
        new = convert(instantiate(step.new, roles), operation.pointee, emitter.types)
        roles["now"] = new
        condition = self._condition(step, row, roles)
        if condition is not None and row.failure_writes:
            new, condition = choose(condition, new, was), None
        address, tags = roles["ptr"], (row.read, row.write)
        update = ReadModifyWrite(was, address, new, *tags, emitter.origin, condition, row.failed, row.flavour)
        update = replace(update, guards=row.guards, carries=row.carries)
        if step.acquired is not None and row.acquired:
            acquired = instantiate(step.acquired, roles)
            self._either(acquired, (replace(update, read_tags=row.acquired), row.before), (update, row.before))
        elif row.looks and condition is not None:
            self._either(condition, (update, row.before), (update, ()))
        else:
            emitter.fences(row.before)
            emitter.add(update)
        self._after(row, condition)

    def _either(self, condition: Term, holding: _Fenced, failing: _Fenced) -> None:
        """Append an update with the fences before it, which are others where a condition on what it reads holds."""
        emitter = self.emitter
        other, met = emitter.label("other"), emitter.label("met")
        emitter.add(Either(other, emitter.origin))
        for (update, fences), wanted, next_ in ((holding, condition, other), (failing, fold("!", condition), met)):
            emitter.fences(fences)
            emitter.add(update)
            emitter.assume(wanted)
            if next_ == other:
                emitter.jump(met)
            emitter.place(next_)

    def _condition(self, step: Update, row: Row, roles: dict[str, Term]) -> Term | None:
        if step.condition is not None:
            return instantiate(step.condition, roles)
        if step.shortcut is not None and row.shortcut in (ALWAYS, self.bitops):
            return instantiate(step.shortcut, roles)
        return None

    def _after(self, row: Row, condition: Term | None) -> None:
        """Append the fences that follow an update; one that fails branches past them."""
        if condition is None or not row.after:
            self.emitter.fences(row.after)
            return
        skip = self.emitter.label("skip")
        self.emitter.unless(condition, skip, skip)
        self.emitter.fences(row.after)
        self.emitter.place(skip)


def instantiate(term: Term, roles: dict[str, Term]) -> Term:
    """Return a recipe's term with its roles filled in, computed where constant."""
    match term:
        case Register(name):
            return roles[name]
        case Apply(operator, operands):
            return fold(operator, *(instantiate(o, roles) for o in operands))
    return term
