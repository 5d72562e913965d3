"""Operations of C11 as events that carry what herd7's C11 models ask for (herd/CSem.ml, herd/CAction.ml): the order of
each atomic access or fence (``RLX CON ACQ REL ACQ_REL SC``), ``A`` on the accesses, ``RMW`` and ``X`` on updates, each
of which is one event. Plain accesses carry nothing, whatever the type of the location: herd7 does not make an access to
an ``atomic_int`` atomic.

An order that C does not allow on an operation (a load that releases) is taken as it is, as by herd7.
"""

from collections.abc import Callable, Sequence

from litmus.arch.emitter import Emitter, Value, fold
from litmus.arch.inference import pointed_to
from litmus.arch.lowering import Lowering, Row
from litmus.arch.ranges import convert
from litmus.dataclass import dataclass
from litmus.errors import ParseError, UnknownNameError, UnsupportedError, did_you_mean
from litmus.program.c11 import OPERATIONS, ORDERS, Kind, Operation, calls
from litmus.program.instruction import Either, Fence, Load, ReadModifyWrite, Store, Tags
from litmus.program.macros import Macro, MacroCall, MacroParameter, MacroTable
from litmus.program.program import Program
from litmus.program.syntax import Call, Constant, Expression
from litmus.program.term import Register, Term
from litmus.program.types import INT

TAGS = ("RLX", "CON", "ACQ", "REL", "ACQ_REL", "SC")
"""The tag of each memory order, by its number."""
SEQ_CST = TAGS.index("SC")
ATOMIC = "A"
UPDATE = frozenset({"RMW", "X"})
LOCK = frozenset({"LK", "LS"})
"""Locking a mutex succeeds always (``LS``), as in herd7 7.58."""
UNLOCK = frozenset({"UL"})
PLAIN: Tags = frozenset()

SHORT_FOR_SEQ_CST = "memory_order_seq_cst"
"""What a macro adds to make the form of an operation with an order of the one without."""

Evaluate = Callable[..., Sequence[Value]]
"""Evaluates expressions, which are not in sequence with each other."""


def plain_lowering() -> Lowering:
    """Return how plain accesses are lowered: without tags. Kernel primitives have no rows."""
    rows = {f"{section}.plain": Row("ISO C 7.17, herd/CAction.ml") for section in ("load", "store")}
    return Lowering("c11", rows)


def require_iso(program: Program, table: MacroTable) -> None:
    """Reject a program that uses a macro which says anything but what ISO C does.

    herd7's ``c11.def`` has the operations without an order, as those with ``memory_order_seq_cst``.

    Raises:
        UnsupportedError: at the first call of such a macro.
    """
    for call in (call for thread in program.threads for call in calls(thread.body)):
        macro = table.macros.get(call.name)
        if macro is not None and not _says_iso(macro):
            message = f"'{call.name}' of {table.name} is not what it is in C11, and a macro table cannot change that"
            raise UnsupportedError(message, call.span)


def _says_iso(macro: Macro) -> bool:
    operation = OPERATIONS.get(macro.name)
    bodies = (*macro.statements, *((macro.value,) if macro.value is not None else ()))
    wanted = (*macro.parameters, *[SHORT_FOR_SEQ_CST] * (2 if operation and operation.kind is Kind.COMPARE else 1))
    match bodies:
        case (MacroCall(name, None, arguments),) if operation is not None and name == f"{macro.name}_explicit":
            return [a.name for a in arguments if isinstance(a, MacroParameter)] == [*wanted]
    return False


@dataclass(frozen=True, slots=True)
class C11Operations:
    """Appends what calls of C11 operations do to ``emitter``."""

    emitter: Emitter

    def call(self, call: Call, evaluate: Evaluate) -> Value | None:
        """Append an operation with its arguments, and return its value, if it has one.

        Raises:
            LitmusError: where it is no operation of C11, or has wrong arguments.
        """
        operation = OPERATIONS.get(call.name)
        if operation is None:
            hint = did_you_mean(call.name, OPERATIONS)
            raise UnknownNameError(f"'{call.name}' is not an atomic operation of C11", call.span, hint=hint)
        _check_count(call, operation)
        tags = _tags(call, operation)
        if operation.kind is Kind.COMPARE:
            return self._compare(operation, call.arguments, tags, evaluate)
        return self._perform(operation, tags[0], evaluate(*call.arguments[: len(operation.parameters)]))

    def _perform(self, operation: Operation, tag: str, arguments: Sequence[Value]) -> Value | None:
        emitter, access = self.emitter, frozenset({ATOMIC, tag})
        match operation.kind:
            case Kind.LOAD:
                return self._load(arguments[0], access)
            case Kind.STORE:
                self._store(arguments[0], arguments[1].term, access)
            case Kind.EXCHANGE:
                return self._update(arguments[0], arguments[1].term, access)
            case Kind.FETCH:
                return self._fetch(operation.operator, arguments[0], arguments[1], access)
            case Kind.LOCK | Kind.UNLOCK:
                tags = LOCK if operation.kind is Kind.LOCK else UNLOCK
                emitter.add(Fence(tags, emitter.origin, arguments[0].term))
            case _:
                emitter.fences((tag,))
        return None

    def _load(self, pointer: Value, tags: Tags) -> Value:
        type_ = pointed_to(pointer.type)
        target = self.emitter.register(type_)
        self.emitter.add(Load(target.name, pointer.term, tags, self.emitter.origin))
        return Value(target, type_)

    def _store(self, pointer: Value, value: Term, tags: Tags) -> None:
        converted = convert(value, pointed_to(pointer.type), self.emitter.types)
        self.emitter.add(Store(pointer.term, converted, tags, self.emitter.origin))

    def _fetch(self, operator: str, pointer: Value, operand: Value, tags: Tags) -> Value:
        old = self.emitter.register(pointed_to(pointer.type))
        return self._update(pointer, fold(operator, old, operand.term), tags, old)

    def _update(self, pointer: Value, new: Term, tags: Tags, old: Register | None = None) -> Value:
        emitter, type_ = self.emitter, pointed_to(pointer.type)
        old = old or emitter.register(type_)
        new = convert(new, type_, emitter.types)
        carried = tags | UPDATE
        emitter.add(ReadModifyWrite(old, pointer.term, new, carried, carried, emitter.origin, flavour="update"))
        return Value(old, type_)

    def _compare(
        self, operation: Operation, arguments: Sequence[Expression], tags: Sequence[str], evaluate: Evaluate
    ) -> Value:
        """A comparison that fails is a load and a plain store of what it found, one that succeeds an update; which of
        the two happens is guessed, and the values must agree."""
        emitter = self.emitter
        object_, expected = evaluate(*arguments[:2])
        success, failure = (frozenset({ATOMIC, tag}) for tag in tags)
        result, done, equal = emitter.register(INT), emitter.label("compared"), emitter.label("equal")
        wanted = self._load(expected, PLAIN)
        emitter.add(Either(equal, emitter.origin))
        found = self._load(object_, failure)
        if not operation.weak:
            emitter.assume(fold("!=", found.term, wanted.term))
        self._store(expected, found.term, PLAIN)
        emitter.assign(result.name, 0)
        emitter.jump(done)
        emitter.place(equal)
        (desired,) = evaluate(arguments[2])
        old = self._update(object_, desired.term, success)
        emitter.assume(fold("==", old.term, wanted.term))
        emitter.assign(result.name, 1)
        emitter.place(done)
        return Value(result, INT)


def _check_count(call: Call, operation: Operation) -> None:
    orders = ("order",) if operation.orders == 1 else ("success", "failure")[: operation.orders]
    names = (*operation.parameters, *orders)
    if len(call.arguments) != len(names):
        plural = "" if len(names) == 1 else "s"
        message = f"'{call.name}' takes {len(names)} argument{plural} ({', '.join(names)}), not {len(call.arguments)}"
        raise ParseError(message, call.span)


def _tags(call: Call, operation: Operation) -> Sequence[str]:
    """Return the tags of the memory orders; there are two for a comparison, one for anything else."""
    if operation.orders:
        return [TAGS[_order(call, argument)] for argument in call.arguments[-operation.orders :]]
    return [TAGS[SEQ_CST]] * 2


def _order(call: Call, argument: Expression) -> int:
    match argument:
        case Constant(number) if 0 <= number < len(TAGS):
            return number
    message = f"an argument of '{call.name}' must be a memory order here: one of {', '.join(ORDERS)}"
    raise ParseError(message, argument.span or call.span)
